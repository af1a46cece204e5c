"""Charts over categories and rows: bars, ranges and flows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from seedbed.labels import Lang
from seedbed.show import theme
from seedbed.show.charts.parts import Line, on_top, rounded, scaled, top
from seedbed.show.numbers import axis_scale, digits, number
from seedbed.show.theme import Option
from seedbed.show.words import Label, t


@dataclass(frozen=True)
class Range:
    """One row of a range chart: low and high ends and any number of named points on the way."""

    label: str
    low: float
    high: float
    points: Mapping[str, float] = field(default_factory=dict)


def bars(
    categories: Sequence[str],
    series: Sequence[Line],
    *,
    unit: str | Label,
    lang: Lang,
    stacked: bool = False,
    horizontal: bool = False,
    labels: bool = True,
) -> Option:
    """Grouped or stacked bars; horizontal ones list categories from the top. `labels` writes the numbers."""
    scale, name = axis_scale(chain.from_iterable(s.values for s in series), unit, lang)
    drawn = []
    for place, s in enumerate(series):
        bar: Option = {
            "type": "bar",
            "name": s.label,
            "barMaxWidth": 22,
            "itemStyle": {"color": theme.colour(s.id, place)},
            "data": [_labelled(v) for v in scaled(s.values, scale)],
            "label": {
                "show": labels and not stacked,
                "fontSize": 11,
                "color": theme.INK,
                "position": "right" if horizontal else "top",
            },
        }
        drawn.append(bar | ({"stack": "whole"} if stacked else {}))
    listed = theme.category(list(categories), inverse=horizontal)
    measure = theme.value(name)
    if horizontal:
        measure |= on_top(name)
        listed["axisLabel"] |= {"width": 190, "overflow": "break"}
    else:
        listed["axisLabel"] |= {"interval": 0, "hideOverlap": False, "width": 90, "overflow": "break"}
    x, y = (measure, listed) if horizontal else (listed, measure)
    return theme.frame(
        grid=theme.grid(top=top(name, len(series) > 1) if horizontal else 56, right=64 if horizontal else 24),
        legend=theme.legend([s.label for s in series]) if len(series) > 1 else {"show": False},
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}},
        xAxis=x,
        yAxis=y,
        series=drawn,
    )


def ranges(rows: Sequence[Range], *, unit: str | Label, lang: Lang) -> Option:
    """Low–high bars with named points, e.g. the cost range of each measure (a dumbbell chart)."""
    every = [v for r in rows for v in (r.low, r.high, *r.points.values())]
    scale, name = axis_scale(every, unit, lang)
    names = list(dict.fromkeys(p for r in rows for p in r.points))
    clear = {"color": "transparent"}
    lows = [rounded(r.low / scale) for r in rows]
    widths = [rounded((r.high - r.low) / scale) for r in rows]
    bar = {"type": "bar", "stack": "range", "stackStrategy": "all", "barWidth": 8, "silent": True}
    ends = t("chart.range", lang)
    series: list[Option] = [
        bar | {"name": "low", "itemStyle": clear, "data": lows, "tooltip": {"show": False}},
        bar
        | {
            "name": ends,
            "itemStyle": {"color": "#b9c9c4", "borderRadius": 4},
            "data": widths,
            "tooltip": {"show": False},
        },
    ]
    for place, point in enumerate(names):
        data = [rounded(r.points.get(point, math.nan) / scale) for r in rows]
        series.append(
            {
                "type": "scatter",
                "name": point,
                "symbolSize": 12,
                "z": 5,
                "data": data,
                "itemStyle": {"color": theme.SERIES[place], "borderColor": theme.PAPER, "borderWidth": 1.5},
            }
        )
    return theme.frame(
        grid=theme.grid(top=top(name, True), right=40),
        legend=theme.legend(
            [{"name": ends, "icon": "roundRect"}, *({"name": n, "icon": "circle"} for n in names)]
        ),
        tooltip={"trigger": "axis"},
        xAxis=theme.value(name) | on_top(name),
        yAxis=theme.category(
            [r.label for r in rows], inverse=True, axisLabel={"width": 190, "overflow": "break"}
        ),
        series=series,
    )


def sankey(links: Sequence[tuple[str, str, float]], *, unit: str | Label, lang: Lang) -> Option:
    """Flows `(from, to, value)` between named nodes, e.g. public money from kind to market."""
    scale, name = axis_scale((v for _, _, v in links), unit, lang)
    nodes = list(dict.fromkeys(chain.from_iterable((a, b) for a, b, _ in links)))
    totals = {
        n: max(sum(v for a, _, v in links if a == n), sum(v for _, b, v in links if b == n)) for n in nodes
    }
    return theme.frame(
        tooltip={"trigger": "item"},
        series=[
            {
                "type": "sankey",
                "name": name,
                "left": 8,
                "right": 190,
                "top": 12,
                "bottom": 12,
                "nodeGap": 14,
                "nodeWidth": 12,
                "emphasis": {"disabled": True},
                "lineStyle": {"color": "gradient", "opacity": 0.35},
                "label": {"color": theme.INK, "fontSize": 12},
                "data": [
                    {
                        "name": n,
                        "itemStyle": {"color": theme.SERIES[i % len(theme.SERIES)]},
                        "label": {"formatter": f"{n}  {number(totals[n], unit, lang)}"},
                    }
                    for i, n in enumerate(nodes)
                ],
                "links": [{"source": a, "target": b, "value": rounded(v / scale)} for a, b, v in links],
            }
        ],
    )


def _labelled(value: float | None) -> Option:
    return {"value": value, "label": {"formatter": "" if value is None else digits(value)}}
