"""Charts of cells: matrices and timelines of actions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seedbed.base.errors import InvalidInputError
from seedbed.base.text import Lang
from seedbed.show import theme
from seedbed.show.charts.parts import Values, floats, on_top, rounded, top
from seedbed.show.numbers import axis_scale, digits, number
from seedbed.show.theme import Option
from seedbed.show.words import Label, t


@dataclass(frozen=True)
class Span:
    """A stretch of an action: years `start` to `end` inclusive, `intensity` 0–1 of the ceiling."""

    start: int
    end: int
    intensity: float = 1.0


@dataclass(frozen=True)
class Action:
    """One row of a timeline: its label, policy kind and spans."""

    label: str
    kind: str
    spans: Sequence[Span]


def heatmap(
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Values] | np.ndarray,
    *,
    unit: str | Label,
    lang: Lang,
    limits: tuple[float, float] | None = None,
    labels: bool = True,
) -> Option:
    """A matrix `values[row][column]` in a sequential colour scale, written in its cells; missing are grey.

    `limits` fixes the ends of the scale (base units); by default the smallest and largest value.
    """
    matrix = [floats(row) for row in values]
    known = [v for row in matrix for v in row if math.isfinite(v)]
    low, high = limits or (min(known, default=0.0), max(known, default=1.0))
    scale, name = axis_scale([*known, low, high], unit, lang)
    cells = []
    for y, row in enumerate(matrix):
        for x, v in enumerate(row):
            if not math.isfinite(v):
                cells.append(missing_cell(x, y, number(None, unit, lang) if labels else ""))
                continue
            level = (v - low) / (high - low) if high > low else 0.0
            label = {
                "formatter": digits(v / scale) + ("%" if name == "%" else ""),
                "color": theme.ink_on(level),
            }
            cells.append({"value": [x, y, rounded(v / scale)], "label": label})
    return theme.frame(
        grid=theme.grid(top=top("" if name == "%" else name, False)),
        tooltip={"trigger": "item"},
        xAxis=theme.category(
            list(columns),
            axisLine={"show": False},
            axisLabel={"interval": 0 if len(columns) < 13 else "auto"},
        )
        | on_top("" if name == "%" else name),
        yAxis=theme.category(
            list(rows), inverse=True, axisLine={"show": False}, axisLabel={"width": 190, "overflow": "break"}
        ),
        visualMap=colour_scale(low / scale, high / scale) | {"show": False},
        series=[_cells(cells, labels) | {"name": name}],
    )


def timeline(actions: Sequence[Action], *, lang: Lang, years: tuple[int, int] | None = None) -> Option:
    """Actions over years, one row each, coloured by policy kind and shaded by intensity."""
    spans = [s for a in actions for s in a.spans]
    if not spans:
        raise InvalidInputError("has no span.", where="timeline", fix="give at least one action a span.")
    first, last = years or (min(s.start for s in spans), max(s.end for s in spans))
    kinds = list(dict.fromkeys(a.kind for a in actions))
    by_kind: dict[str, list[Option]] = {kind: [] for kind in kinds}
    for row, action in enumerate(actions):
        for span in action.spans:
            middle = (max(span.start, first) + min(span.end, last)) // 2
            for year in range(max(span.start, first), min(span.end, last) + 1):
                by_kind[action.kind].append(_year_cell(year - first, row, action.kind, span, year == middle))
    series = [
        _cells(by_kind[k], True) | {"name": t(f"kind.{k}", lang), "itemStyle": {"color": theme.colour(k, 0)}}
        for k in kinds
    ]
    return theme.frame(
        grid=theme.grid(top=top("", True)),
        legend=theme.legend([{"name": s["name"], "icon": "roundRect"} for s in series]),
        tooltip={"trigger": "item"},
        xAxis=theme.category(
            [str(y) for y in range(first, last + 1)],
            position="top",
            axisLabel={"interval": 0 if last - first < 13 else "auto"},
            splitLine={"show": True, "lineStyle": {"color": theme.LINE}},
        ),
        yAxis=theme.category(
            [a.label for a in actions],
            inverse=True,
            axisLine={"show": False},
            axisLabel={"width": 210, "overflow": "break"},
            splitLine={"show": True, "lineStyle": {"color": theme.LINE}},
        ),
        visualMap={
            "show": False,
            "min": 0,
            "max": 1,
            "seriesIndex": [],
            "inRange": {"color": [theme.PAPER, theme.INK]},
        },
        series=series,
    )


def missing_cell(x: int, y: int, text: str) -> Option:
    """A grey hatched cell at (x, y) that stays outside the colour scale."""
    hatch = {
        "symbol": "rect",
        "dashArrayX": [1, 0],
        "dashArrayY": [2, 5],
        "rotation": -0.7853982,
        "color": "rgba(93,107,112,0.22)",
    }
    return {
        "value": [x, y, 0],
        "visualMap": False,
        "itemStyle": {"color": theme.MISSING, "decal": hatch},
        "label": {"formatter": text, "color": theme.MUTED},
    }


def colour_scale(low: float, high: float, colours: Sequence[str] = theme.SEQUENTIAL) -> Option:
    """A continuous colour scale from `low` to `high` (written units)."""
    return {
        "type": "continuous",
        "min": low,
        "max": high if high > low else low + 1,
        "dimension": 2,
        "calculable": False,
        "inRange": {"color": list(colours)},
    }


def _cells(cells: list[Option], labels: bool) -> Option:
    return {
        "type": "heatmap",
        "data": cells,
        "label": {"show": labels, "fontSize": 12},
        "itemStyle": {"borderColor": theme.PAPER, "borderWidth": 2},
    }


def _year_cell(x: int, y: int, kind: str, span: Span, middle: bool) -> Option:
    strength = min(max(span.intensity, 0.0), 1.0)
    label = {
        "show": middle,
        "formatter": f"{strength:.0%}",
        "fontSize": 11,
        "color": theme.PAPER if strength > 0.55 else theme.INK,
    }
    style = {"color": theme.tint(theme.colour(kind, 0), 0.25 + 0.75 * strength)}
    return {"value": [x, y, strength], "visualMap": False, "itemStyle": style, "label": label}
