"""Charts over years: fans, lines and stacked areas."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from seedbed.base.text import Lang
from seedbed.show import theme
from seedbed.show.charts.parts import Line, Values, floats, on_years, rounded, scaled
from seedbed.show.numbers import axis_scale
from seedbed.show.theme import Option
from seedbed.show.words import Label, t


@dataclass(frozen=True)
class Fan:
    """One scenario: the median and, by probability (0.5, 0.9, …), the bounds; all of equal length."""

    id: str
    label: str
    median: Values
    bands: Mapping[float, tuple[Values, Values]] = field(default_factory=dict)


def fan_chart(
    years: Sequence[int],
    scenarios: Sequence[Fan],
    *,
    unit: str | Label,
    lang: Lang,
    observed: Mapping[int, float] | None = None,
    divider: int | None = None,
) -> Option:
    """Medians with their probability bands, observed years as points, and a line between history and plan.

    `years` may be a part of the observed years' span; `divider` is the last year of history.
    Raises `InvalidInputError` when a series and `years` differ in length.
    """
    observed = observed or {}
    bounds = [side for s in scenarios for pair in s.bands.values() for side in pair]
    scale, name = axis_scale(chain(observed.values(), *bounds, *(s.median for s in scenarios)), unit, lang)
    axis = list(range(min([*years, *observed]), max([*years, *observed]) + 1))
    series: list[Option] = []
    for place, scenario in enumerate(scenarios):
        for probability in sorted(scenario.bands, reverse=True):
            low, high = (
                on_years(axis, years, scaled(v, scale), scenario.label) for v in scenario.bands[probability]
            )
            series += _band(scenario, f"{place}-{probability}", low, high, place)
    for place, scenario in enumerate(scenarios):
        values = on_years(axis, years, scaled(scenario.median, scale), scenario.label)
        series.append(_line(scenario.id, scenario.label, values, place))
    entries: list[Any] = [{"name": s.label, "icon": "roundRect"} for s in scenarios]
    if observed:
        word = t("chart.observed", lang)
        series.append(_points(word, [rounded(observed.get(y, math.nan) / scale) for y in axis]))
        entries.append({"name": word, "icon": "circle"})
    if divider is not None:
        series[-1]["markLine"] = _divider(divider, lang)
    return _over_years(axis, series, entries, name)


def lines(
    years: Sequence[int], series: Sequence[Line], *, unit: str | Label, lang: Lang, divider: int | None = None
) -> Option:
    """Several series over the same years."""
    scale, name = axis_scale(chain.from_iterable(s.values for s in series), unit, lang)
    drawn = [
        _line(s.id, s.label, on_years(years, years, scaled(s.values, scale), s.label), i)
        for i, s in enumerate(series)
    ]
    if divider is not None and drawn:
        drawn[-1]["markLine"] = _divider(divider, lang)
    return _over_years(years, drawn, [{"name": s.label, "icon": "roundRect"} for s in series], name)


def stacked_area(years: Sequence[int], series: Sequence[Line], *, unit: str | Label, lang: Lang) -> Option:
    """Parts of a whole over the years, the first at the bottom."""
    matrix = np.array([floats(s.values) for s in series])
    scale, name = axis_scale(np.nansum(np.abs(matrix), axis=0), unit, lang)
    drawn = []
    for place, s in enumerate(series):
        line = _line(s.id, s.label, on_years(years, years, scaled(s.values, scale), s.label), place)
        line["lineStyle"] = {"width": 0.8, "color": theme.PAPER}
        drawn.append(line | {"stack": "whole", "areaStyle": {"opacity": 0.85}})
    option = _over_years(years, drawn, [{"name": s.label, "icon": "roundRect"} for s in series], name)
    if name == "%":
        option["yAxis"]["max"] = 100 if np.nanmax(np.nansum(matrix, axis=0)) <= 1.0001 else None
    return option


def _over_years(axis: Sequence[int], series: list[Option], entries: list[Any], name: str) -> Option:
    step = next(s for s in (1, 2, 5, 10, 20, 50) if (axis[-1] - axis[0]) / s <= 9)
    ticks = [str(y) for y in axis if y % step == 0]
    return theme.frame(
        grid=theme.grid(),
        legend=theme.legend(entries),
        tooltip={"trigger": "axis"},
        xAxis=theme.category(
            [str(y) for y in axis],
            boundaryGap=False,
            axisLabel={"customValues": ticks},
            axisTick={"show": True, "customValues": ticks},
        ),
        yAxis=theme.value(name),
        series=series,
    )


def _line(id: str, label: str, values: list[float | None], place: int) -> Option:
    tone = theme.colour(id, place)
    return {
        "type": "line",
        "name": label,
        "data": values,
        "showSymbol": False,
        "z": 4,
        "color": tone,
        "lineStyle": {"width": 2.2, "type": theme.SCENARIO_LINE.get(id, "solid"), "color": tone},
    }


def _band(
    scenario: Fan, stack: str, low: list[float | None], high: list[float | None], place: int
) -> list[Option]:
    """Two stacked lines without stroke: the lower bound, and the filled gap up to the upper one."""
    gap = [None if a is None or b is None else rounded(b - a) for a, b in zip(low, high, strict=True)]
    tone = theme.colour(scenario.id, place)
    part = {
        "type": "line",
        "name": scenario.label,
        "stack": stack,
        "stackStrategy": "all",
        "showSymbol": False,
        "silent": True,
        "tooltip": {"show": False},
        "lineStyle": {"opacity": 0},
        "color": tone,
        "z": 2,
    }
    return [part | {"data": low}, part | {"data": gap, "areaStyle": {"color": tone, "opacity": 0.15}}]


def _points(name: str, values: list[float | None]) -> Option:
    return {
        "type": "scatter",
        "name": name,
        "data": values,
        "symbolSize": 6,
        "z": 6,
        "color": theme.INK,
        "itemStyle": {"color": theme.INK},
    }


def _divider(year: int, lang: Lang) -> Option:
    style = {"color": theme.MUTED, "type": "dashed", "width": 1}
    label = {
        "formatter": t("chart.history_plan", lang),
        "color": theme.MUTED,
        "fontSize": 11,
        "position": "end",
    }
    return {
        "silent": True,
        "symbol": "none",
        "lineStyle": style,
        "label": label,
        "data": [{"xAxis": str(year)}],
    }
