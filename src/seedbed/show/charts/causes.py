"""Charts of causes: what makes up a change, what each part costs, and what a result hangs on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from typing import Any

from seedbed.base.text import Lang
from seedbed.show import theme
from seedbed.show.charts.parts import Line, on_top, on_years, rounded, scaled, top
from seedbed.show.numbers import axis_scale, digits
from seedbed.show.theme import Option
from seedbed.show.words import Label, t

RISE = 1.5  # pixels of the cap of an interval
LABELLED = 0.025  # part of a cost curve that a block must take to carry its label
LEGEND = 680  # pixels a legend may take in a line


@dataclass(frozen=True)
class Step:
    """One bar of a waterfall: a change, or a level where `level`; `low` and `high` bound it where known."""

    id: str
    label: str
    value: float
    low: float | None = None
    high: float | None = None
    level: bool = False


def waterfall(steps: Sequence[Step], *, unit: str | Label, lang: Lang) -> Option:
    """Changes one after another from level to level; levels stand on zero, intervals hang on the end of a bar."""
    ends = list(accumulate(((s.value, s.level) for s in steps), lambda a, b: b if b[1] else (a[0] + b[0], False)))
    starts = [0.0 if s.level else before[0] for s, before in zip(steps, [(0.0, True), *ends], strict=False)]
    bounds = [(s.low, s.high) for s in steps if s.low is not None and s.high is not None]
    scale, name = axis_scale([*(e[0] for e in ends), *chain.from_iterable(bounds)], unit, lang)
    bodies, labels, drawn = [], [], []
    for place, (step, start, (end, _)) in enumerate(zip(steps, starts, ends, strict=True)):
        low, high = sorted((start / scale, end / scale))
        style = {"color": theme.colour(step.id, place), "borderColor": theme.colour(step.id, place)}
        style |= {"color0": style["color"], "borderColor0": style["borderColor"]}
        bodies.append({"value": [rounded(start / scale), rounded(end / scale), rounded(low), rounded(high)],
                       "itemStyle": style})
        sign = "+" if step.value > 0 and not step.level else ""
        reach = high if step.high is None else max(high, (start + step.high) / scale)
        labels.append({"value": [place, rounded(reach)], "label": {"formatter": sign + digits(step.value / scale)}})
        if step.low is not None and step.high is not None:
            drawn.append(_interval(place, (start + step.low) / scale, (start + step.high) / scale))
    return theme.frame(
        grid=theme.grid(top=40, right=24),
        tooltip={"trigger": "item"},
        xAxis=theme.category([s.label for s in steps],
                             axisLabel={"interval": 0, "hideOverlap": False, "width": 100, "overflow": "break"}),
        yAxis=theme.value(name),
        series=[{"type": "candlestick", "name": name, "data": bodies, "barWidth": "52%"}, *drawn, _labels(labels)],
    )


def _interval(place: int, low: float, high: float) -> Option:
    return {"type": "line", "data": [[place, rounded(low)], [place, rounded(high)]], "symbol": "rect",
            "symbolSize": [12, RISE], "silent": True, "z": 6, "itemStyle": {"color": theme.INK},
            "lineStyle": {"color": theme.INK, "width": 1}}


def _labels(data: list[Option]) -> Option:
    return {"type": "scatter", "data": data, "symbolSize": 0.1, "silent": True, "z": 7,
            "label": {"show": True, "position": "top", "fontSize": 11, "color": theme.INK}}


def wedge(years: Sequence[int], parts: Sequence[Line], net: str, *, unit: str | Label, lang: Lang) -> Option:
    """Changes against a base over the years, stacked away from zero on either side, and their sum as a line (`net`)."""
    sums = [sum(values) for values in zip(*(p.values for p in parts), strict=True)]
    scale, name = axis_scale(chain(sums, *(p.values for p in parts)), unit, lang)
    areas: list[Option] = []
    for place, part in enumerate(parts):
        tone = theme.colour(part.id, place)
        areas.append({"type": "line", "name": part.label, "stack": "wedge", "showSymbol": False, "color": tone,
                      "data": on_years(years, years, scaled(part.values, scale), part.label),
                      "lineStyle": {"width": 0.6, "color": theme.PAPER}, "areaStyle": {"opacity": 0.85}})
    line: Option = {"type": "line", "name": net, "data": scaled(sums, scale), "showSymbol": False, "z": 5,
                    "color": theme.INK, "lineStyle": {"width": 2, "type": "dashed", "color": theme.INK}}
    entries = [{"name": s["name"], "icon": "roundRect"} for s in (*areas, line)]
    return theme.frame(
        grid=theme.grid(top=36 + 24 * _legend_rows([e["name"] for e in entries])),
        legend=theme.legend(entries),
        tooltip={"trigger": "axis"},
        xAxis=theme.category([str(y) for y in years], boundaryGap=False, axisTick={"show": True}),
        yAxis=theme.value(name),
        series=[*areas, line],
    )


def _legend_rows(names: Sequence[str]) -> int:
    """Lines that a legend needs in a chart of usual width: letters of about 7 pixels, ideographs of 12, and icons."""
    rows, used = 1, 0
    for name in names:
        width = 46 + sum(12 if letter > "\u2e7f" else 7 for letter in name)
        rows, used = (rows + 1, width) if used + width > LEGEND else (rows, used + width)
    return rows


@dataclass(frozen=True)
class Block:
    """One step of a cost curve: `width` along the axis, `height` the filled cost, `mark` a second cost as a line."""

    kind: str
    label: str
    width: float
    height: float
    mark: float


def cost_curve(blocks: Sequence[Block], names: tuple[str, str], *, across: str | Label, up: str | Label, lang: Lang,
               limits: tuple[float, float]) -> Option:
    """Blocks side by side in the order given, labelled where wide enough; beyond `limits` (of `up`) they are cut off.

    `names` are those of the filled cost and of the mark. Kinds give the colours.
    """
    edges = list(accumulate((b.width for b in blocks), initial=0.0))
    wide, unit = axis_scale(edges, across, lang)
    high, name = axis_scale(limits, up, lang)
    drawn: list[Option] = []
    marks: list[list[float | None] | None] = []
    for block, (left, right) in zip(blocks, pairwise(edges), strict=True):
        x0, x1, y = rounded(left / wide), rounded(right / wide), rounded(block.height / high)
        wide_enough = block.width > LABELLED * edges[-1]
        middle = {"value": [rounded((left + right) / 2 / wide), y], "label": {
            "show": wide_enough, "position": "top" if block.height >= 0 else "bottom",
            "formatter": block.label, "fontSize": 11, "color": theme.INK}}
        drawn.append({"type": "line", "name": t(f"kind.{block.kind}", lang), "symbolSize": 0.1, "z": 3,
                      "data": [[x0, 0], [x0, y], middle, [x1, y], [x1, 0]], "color": theme.colour(block.kind, 0),
                      "lineStyle": {"width": 0.8 if wide_enough else 0, "color": theme.PAPER},
                      "areaStyle": {"opacity": 0.85}})
        marks += [[x0, rounded(block.mark / high)], [x1, rounded(block.mark / high)], None]
    line: Option = {"type": "line", "name": names[1], "data": [m or ["-", "-"] for m in marks], "showSymbol": False,
                    "z": 5, "color": theme.INK, "lineStyle": {"width": 2, "color": theme.INK}}
    kinds = [kind for kind in theme.KIND if any(b.kind == kind for b in blocks)]
    entries: list[Any] = [{"name": t(f"kind.{kind}", lang), "icon": "roundRect"} for kind in kinds]
    return theme.frame(
        grid=theme.grid(top=60, bottom=30),
        legend=theme.legend([*entries, {"name": names[1], "icon": "rect"}]),
        tooltip={"trigger": "item"},
        xAxis=theme.value(unit, min=0, max=rounded(edges[-1] / wide), nameLocation="middle", nameGap=28,
                          splitLine={"show": False}, axisLine={"show": True, "lineStyle": {"color": theme.MUTED}},
                          axisLabel={"showMaxLabel": False}) | {"nameTextStyle": {"color": theme.MUTED}},
        yAxis=theme.value(f"{names[0]}  {name}", min=rounded(limits[0] / high), max=rounded(limits[1] / high)),
        series=[*drawn, line],
    )


@dataclass(frozen=True)
class Swing:
    """One row of a tornado: the result with one thing low and high."""

    label: str
    low: float
    high: float


def tornado(rows: Sequence[Swing], centre: float, names: tuple[str, str], *, unit: str | Label, lang: Lang) -> Option:
    """How far a result moves from `centre` as one thing after another goes low and high (`names`), widest on top."""
    ordered = sorted(rows, key=lambda r: -max(abs(r.low - centre), abs(r.high - centre)))
    scale, name = axis_scale(chain.from_iterable((r.low - centre, r.high - centre) for r in ordered), unit, lang)
    sides = zip(names, ([r.low for r in ordered], [r.high for r in ordered]), theme.SERIES, strict=False)
    drawn = [{"type": "bar", "name": side, "barWidth": 14, "barGap": "-100%",
              "itemStyle": {"color": tone, "opacity": 0.85},
              "data": [rounded((v - centre) / scale) for v in values]} for side, values, tone in sides]
    return theme.frame(
        grid=theme.grid(top=top(name, True), right=40),
        legend=theme.legend(list(names)),
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}},
        xAxis=theme.value(name) | on_top(name),
        yAxis=theme.category([r.label for r in ordered], inverse=True, axisLine={"onZero": False},
                             axisLabel={"width": 190, "overflow": "break"}),
        series=drawn,
    )
