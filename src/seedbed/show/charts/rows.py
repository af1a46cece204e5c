"""Charts over categories and rows: bars, ranges and flows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from seedbed.base.text import Lang
from seedbed.show import theme
from seedbed.show.charts.parts import Line, on_top, rounded, scaled, top
from seedbed.show.numbers import axis_scale, digits, number
from seedbed.show.theme import Option
from seedbed.show.words import Label, t


@dataclass(frozen=True)
class Range:
    """One row of a range chart: low and high ends, and points on the way by id (a scenario, say)."""

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
            "labelLayout": {"hideOverlap": True},
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


def ranges(rows: Sequence[Range], points: Mapping[str, str], *, unit: str | Label, lang: Lang) -> Option:
    """Low–high bars with points, e.g. the cost range of each measure (a dumbbell chart).

    `points` gives the label of each point id, in the order of the legend.
    """
    every = [v for r in rows for v in (r.low, r.high, *r.points.values())]
    scale, name = axis_scale(every, unit, lang)
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
    for place, (id, label) in enumerate(points.items()):
        data = [rounded(r.points.get(id, math.nan) / scale) for r in rows]
        series.append(
            {
                "type": "scatter",
                "name": label,
                "symbolSize": 12,
                "z": 5,
                "data": data,
                "itemStyle": {
                    "color": theme.colour(id, place),
                    "borderColor": theme.PAPER,
                    "borderWidth": 1.5,
                },
            }
        )
    return theme.frame(
        grid=theme.grid(top=top(name, True), right=40),
        legend=theme.legend(
            [{"name": ends, "icon": "roundRect"}, *({"name": n, "icon": "circle"} for n in points.values())]
        ),
        tooltip={"trigger": "axis"},
        xAxis=theme.value(name) | on_top(name),
        yAxis=theme.category(
            [r.label for r in rows], inverse=True, axisLabel={"width": 190, "overflow": "break"}
        ),
        series=series,
    )


def sankey(
    links: Sequence[tuple[str, str, float]], nodes: Mapping[str, str], *, unit: str | Label, lang: Lang
) -> Option:
    """Flows `(from id, to id, value)`, e.g. public money from kind to market; `nodes` gives their labels."""
    scale, name = axis_scale((v for _, _, v in links), unit, lang)
    drawn = []
    for place, (id, label) in enumerate(nodes.items()):
        total = max(sum(link[2] for link in links if link[end] == id) for end in (0, 1))
        text = {"formatter": f"{label}  {number(total, unit, lang)}"}
        drawn.append({"name": label, "itemStyle": {"color": theme.colour(id, place)}, "label": text})
    series = {
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
        "data": drawn,
        "links": [{"source": nodes[a], "target": nodes[b], "value": rounded(v / scale)} for a, b, v in links],
    }
    return theme.frame(tooltip={"trigger": "item"}, series=[series])


def _labelled(value: float | None) -> Option:
    return {"value": value, "label": {"formatter": "" if value is None else digits(value)}}
