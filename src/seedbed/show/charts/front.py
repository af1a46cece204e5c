"""A front of two objectives: what the best choices reach, joined by a line, and other choices for comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from seedbed.base.text import Lang
from seedbed.show import theme
from seedbed.show.charts.parts import rounded
from seedbed.show.numbers import axis_scale
from seedbed.show.theme import Option
from seedbed.show.words import Label


@dataclass(frozen=True)
class Spot:
    """One choice: its two values in base units and what is written beside it ("" for nothing)."""

    label: str
    x: float
    y: float


def front(
    best: Sequence[Spot],
    others: Sequence[tuple[str, Spot]],
    *,
    name: str,
    axes: tuple[str, str],
    units: tuple[str | Label, str | Label],
    lang: Lang,
) -> Option:
    """The front `best` from left to right as a line called `name`; `others` are `(id, spot)`, coloured by id.

    `axes` name what the horizontal and the vertical axis show, in `units`.
    """
    spots = [*best, *(spot for _, spot in others)]
    (across, x_unit), (up, y_unit) = (
        axis_scale(values, unit, lang)
        for values, unit in zip(([s.x for s in spots], [s.y for s in spots]), units, strict=True)
    )

    def at(spot: Spot, text: str) -> Option:
        label = {"show": bool(text), "formatter": text, "position": "bottom", "color": theme.INK, "fontSize": 11}
        return {"value": [rounded(spot.x / across), rounded(spot.y / up)], "label": label}

    line: Option = {
        "type": "line",
        "name": name,
        "data": [at(s, s.label) for s in sorted(best, key=lambda s: s.x)],
        "symbol": "circle",
        "symbolSize": 7,
        "color": theme.ACCENT,
        "lineStyle": {"width": 2, "color": theme.ACCENT},
        "labelLayout": {"hideOverlap": True},
    }
    marks: list[Option] = [
        {
            "type": "scatter",
            "name": spot.label,
            "data": [at(spot, "")],
            "symbolSize": 13,
            "z": 5,
            "itemStyle": {"color": theme.colour(id, place), "borderColor": theme.PAPER, "borderWidth": 1.5},
        }
        for place, (id, spot) in enumerate(others)
    ]
    shown = [{"name": s["name"], "icon": "circle"} for s in chain([line], marks)]
    under = {"nameLocation": "middle", "nameGap": 28, "nameTextStyle": {"color": theme.MUTED, "fontSize": 12}}
    return theme.frame(
        grid=theme.grid(top=64, right=32, bottom=30),
        legend=theme.legend(shown),
        tooltip={"trigger": "item"},
        xAxis=theme.value(f"{axes[0]} ({x_unit})") | under | {"scale": True},
        yAxis=theme.value(f"{axes[1]} ({y_unit})", scale=True),
        series=[line, *marks],
    )
