"""Places are found by any of their names, and the map of China holds together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.facts import places, read

ALL = places.all_places()


def test_the_nation_has_31_planning_units_and_three_places_without_data() -> None:
    assert len(ALL) == 35
    assert len(places.provinces()) == 31
    without = {place.name.zh for place in ALL if not place.planning_unit and place.id != "CN"}
    assert without == {"香港", "澳门", "台湾"}


@pytest.mark.parametrize(
    "name", ["CN-GD", "cn-gd", "guangdong", "Guangdong", "广东", "广东省", "440000", " 广东 "]
)
def test_a_place_answers_to_all_its_names(name: str) -> None:
    assert places.resolve(name).id == "CN-GD"


@pytest.mark.parametrize("name", ["china", "CN", "nation", "全国", "中国"])
def test_the_nation_answers_to_all_its_names(name: str) -> None:
    assert places.resolve(name).id == "CN"


@pytest.mark.parametrize(("name", "found"), [("Tibet", "CN-XZ"), ("西藏", "CN-XZ"), ("Shaanxi", "CN-SN")])
def test_easily_confused_names_are_kept_apart(name: str, found: str) -> None:
    assert places.resolve(name).id == found
    assert places.resolve("Shanxi").id == "CN-SX"


@given(st.sampled_from(ALL))
def test_every_name_leads_back_to_its_place(place: places.Place) -> None:
    for name in (place.id, place.slug, place.name.zh, place.name.en, place.full_name, place.gb2260):
        assert places.resolve(name) is place


def test_neighbours_are_neighbours_of_each_other() -> None:
    known = {place.id: place for place in ALL}
    for place in ALL:
        assert place.id not in place.neighbours
        for other in place.neighbours:
            assert place.id in known[other].neighbours, f"{place.id} and {other}"


def test_every_planning_unit_can_be_reached_from_every_other() -> None:
    known = {place.id: place for place in ALL}
    seen, wave = {"CN-BJ"}, {"CN-BJ"}
    while wave:
        wave = {other for place in wave for other in known[place].neighbours} - seen
        seen |= wave
    assert {place.id for place in places.provinces()} <= seen


def test_tiles_are_unique_and_keep_north_above_south() -> None:
    tiles = {place.id: place.tile for place in ALL if place.tile}
    assert len(tiles) == 34
    assert len(set(tiles.values())) == 34
    assert tiles["CN-HL"][1] < tiles["CN-BJ"][1] < tiles["CN-GD"][1] < tiles["CN-HI"][1]
    assert tiles["CN-XJ"][0] < tiles["CN-SN"][0] < tiles["CN-SH"][0]


def test_planning_units_have_a_grid_region_and_a_macro_region() -> None:
    for place in places.provinces():
        assert place.grid_region in places.GRID_REGIONS
        assert place.macro_region in places.MACRO_REGIONS


def test_an_unknown_place_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as error:
        places.resolve("guandong")
    assert "guangdong" in error.value.near


def test_unknown_tables_variables_and_places_offer_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as table:
        read("national_vehicle")
    assert "national_vehicles" in table.value.near
    with pytest.raises(UnknownNameError) as variable:
        read("national_power").series("capacity_winds")
    assert "capacity_wind" in variable.value.near
    with pytest.raises(UnknownNameError) as country:
        read("country_power", place="Germny")
    assert "Germany" in country.value.near


def test_a_place_without_data_in_a_table_is_an_error_not_an_empty_answer() -> None:
    with pytest.raises(UnknownNameError):
        read("province_power_capacity", place="香港")


def test_reading_narrows_by_place_year_and_variable() -> None:
    found = read("province_power_capacity", place="青海", year=(2020, 2022), variable="solar")
    assert found.data["year"].to_list() == [2020, 2021, 2022]
    assert set(found.data["place"]) == {"CN-QH"}
    assert found.source.publisher.zh
    assert found.value("solar", "qinghai", 1999) is None


def test_a_catalogue_and_a_monthly_table_have_no_series_by_year() -> None:
    with pytest.raises(InvalidInputError):
        read("report_rule").series("kind")
    with pytest.raises(InvalidInputError):
        read("renewable_utilisation").series("wind", "CN")
    with pytest.raises(InvalidInputError):
        read("report_rule", place="CN")
