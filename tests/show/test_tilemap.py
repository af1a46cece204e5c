"""The tile map: 34 units, missing data marked, schematic and said to be so."""

import pytest

from seedbed.base.errors import UnknownNameError
from seedbed.base.text import Lang
from seedbed.facts.places import all_places
from seedbed.show import render
from seedbed.show.tilemap import caption, tile_map


def test_all_34_units_have_a_cell_of_their_own() -> None:
    cells = tile_map({"CN-GD": 0.5}, unit="share", lang="zh")["series"][0]["data"]
    assert len(cells) == 34
    assert len({tuple(c["value"][:2]) for c in cells}) == 34


def test_missing_places_are_hatched_and_outside_the_scale() -> None:
    values = {"CN-GD": 0.5, "CN-BJ": None, "CN-SH": float("nan"), "CN-ZJ": 0.0}
    cells = {c["name"]: c for c in tile_map(values, unit="share", lang="zh")["series"][0]["data"]}
    missing = [name for name, c in cells.items() if c.get("visualMap") is False]
    assert len(missing) == 32
    assert {"北京", "上海", "台湾", "香港", "澳门"} <= set(missing)
    assert cells["浙江"]["value"][2] == 0  # zero is a value


def test_the_chosen_place_alone_is_outlined_and_drawn_last() -> None:
    cells = tile_map({"CN-GD": 0.5}, unit="share", lang="en", chosen="CN-GD")["series"][0]["data"]
    outlined = [c["name"] for c in cells if "borderColor" in c.get("itemStyle", {})]
    assert outlined == ["Guangdong"] == [cells[-1]["name"]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_name_is_drawn(lang: Lang) -> None:
    drawing = render.svg(tile_map({"CN-GD": 0.5, "CN-NM": 0.2}, unit="share", lang=lang))
    for place in all_places():
        if place.tile is not None:
            assert all(word in drawing for word in place.name[lang].split()), place.id
    assert ">50<" in drawing


def test_the_caption_says_it_is_no_map_of_boundaries() -> None:
    assert "不表示行政区域界线" in caption("zh")
    assert "not a map of boundaries" in caption("en")


def test_a_place_that_is_no_province_raises() -> None:
    with pytest.raises(UnknownNameError, match="CN-XX"):
        tile_map({"CN-XX": 1.0}, unit="share", lang="zh")
