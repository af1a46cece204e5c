"""The tile map of China: 34 equal cells, a schematic grid that shows no boundary."""

from __future__ import annotations

import math
from collections.abc import Mapping

from seedbed.base.errors import UnknownNameError
from seedbed.base.text import Lang
from seedbed.facts.places import Place, all_places
from seedbed.show import theme
from seedbed.show.charts.cells import colour_scale, missing_cell
from seedbed.show.numbers import axis_scale, digits
from seedbed.show.theme import Option
from seedbed.show.words import Label, t

_SHORT = {"Inner Mongolia": "Inner\nMongolia"}


def tile_map(
    values: Mapping[str, float | None],
    *,
    unit: str | Label,
    lang: Lang,
    chosen: str | None = None,
    limits: tuple[float, float] | None = None,
) -> Option:
    """`values` by place id (`CN-GD`) as coloured tiles; places without a value are hatched grey.

    `chosen` is outlined; `limits` fixes the ends of the colour scale (base units). Use `caption` below it.
    Raises `UnknownNameError` for an id that is no provincial unit.
    """
    tiles = [p for p in all_places() if p.tile is not None]
    ids = {p.id for p in tiles}
    for id in [*values, *([chosen] if chosen else [])]:
        if id not in ids:
            raise UnknownNameError("provincial unit", id, ids)
    known = {id: float(v) for id, v in values.items() if v is not None and math.isfinite(v)}
    low, high = limits or (min(known.values(), default=0.0), max(known.values(), default=1.0))
    scale, name = axis_scale([*known.values(), low, high], unit, lang)
    span = (high - low) or 1.0
    cells = [
        _tile(p, known.get(p.id), low, span, scale, lang, p.id == chosen)
        for p in sorted(tiles, key=lambda p: p.id == chosen)
    ]  # the outlined one is drawn last, on top
    columns, rows = (max(p.tile[axis] for p in tiles if p.tile) + 1 for axis in (0, 1))
    hidden = {"show": False, "type": "category"}
    return theme.frame(
        grid={"top": 8, "bottom": 56, "left": 8, "right": 8, "containLabel": False},
        tooltip={"trigger": "item"},
        xAxis=hidden | {"data": [str(i) for i in range(columns)]},
        yAxis=hidden | {"data": [str(i) for i in range(rows)], "inverse": True},
        visualMap=colour_scale(low / scale, high / scale) | _legend(name, low / scale, high / scale),
        series=[
            {
                "type": "heatmap",
                "name": name,
                "data": cells,
                "label": {"show": True, "fontSize": 12},
                "itemStyle": {"borderColor": theme.PAPER, "borderWidth": 3},
            }
        ],
    )


def caption(lang: Lang) -> str:
    """What must stand below every tile map: that it is schematic, and what hatching means."""
    return t("map.schematic", lang) + ("" if lang == "zh" else " ") + t("map.missing", lang)


def _tile(
    place: Place, value: float | None, low: float, span: float, scale: float, lang: Lang, chosen: bool
) -> Option:
    assert place.tile is not None
    x, y = place.tile
    short = place.name[lang]
    short = _SHORT.get(short, short)
    if value is None:
        cell = missing_cell(x, y, short)
    else:
        tone = theme.ink_on((value - low) / span)
        text = f"{{name|{short}}}\n{{value|{digits(value / scale)}}}"
        rich = {
            "name": {"fontSize": 12 if lang == "zh" else 11, "lineHeight": 15, "color": tone},
            "value": {"fontSize": 11, "lineHeight": 14, "color": tone},
        }
        cell = {"value": [x, y, value / scale], "label": {"formatter": text, "color": tone, "rich": rich}}
    cell["name"] = short.replace("\n", " ")
    cell["label"]["fontSize"] = 12 if lang == "zh" else 11
    if chosen:
        cell["itemStyle"] = {**cell.get("itemStyle", {}), "borderColor": "#c2410c", "borderWidth": 3.5}
    return cell


def _legend(name: str, low: float, high: float) -> Option:
    return {
        "orient": "horizontal",
        "left": "center",
        "bottom": 4,
        "itemWidth": 12,
        "itemHeight": 160,
        "text": [f"{digits(high)} {name}".rstrip(), f"{digits(low)} {name}".rstrip()],
        "textStyle": {"color": theme.INK, "fontSize": 12},
        "textGap": 10,
    }
