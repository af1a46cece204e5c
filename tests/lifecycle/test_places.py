"""Looking outward from a consumer: a wrong order of regions sends supply to the wrong place."""

from collections import Counter
from pathlib import Path

import pytest

from seedbed import lifecycle
from seedbed.base.datafile import load_yaml
from seedbed.lifecycle.places import ELSEWHERE, around, distance

CONTINENTS = {"RAS": 37, "RME": 13, "RER": 43, "RNA": 3, "RLA": 32, "RAF": 54, "OCE": 14}
"""How many places each has: the 193 members of the United Nations, Hong Kong, Macao and Taiwan."""


def listed() -> dict[str, list[str]]:
    held = load_yaml(Path(lifecycle.__file__).parent / "continents.yaml")
    assert isinstance(held, dict)
    return held["continents"]


def test_a_province_looks_to_its_grid_then_its_macro_region_then_the_nation() -> None:
    assert around("CN-GD") == ("CN-GD", "grid-south", "east", "CN", "RAS", "GLO")


def test_the_place_itself_is_nearest_and_the_world_is_farthest() -> None:
    ranks = [distance("CN-GD", place) for place in ("CN-GD", "CN-GX", "CN-JS", "CN", "CN-SC", "JP", "GLO", "US")]
    assert ranks[0] == 0
    assert ranks[1] < ranks[2] < ranks[3] < ranks[4] < ranks[5] < ranks[6]
    assert ranks[-1] == ELSEWHERE


def test_a_nation_is_supplied_by_its_provinces_before_the_world() -> None:
    assert distance("CN", "CN") < distance("CN", "CN-GD") < distance("CN", "GLO")


def test_a_country_would_have_no_continent_or_two() -> None:
    assert {continent: len(codes) for continent, codes in listed().items()} == CONTINENTS
    codes = Counter(code for codes in listed().values() for code in codes)
    assert set(codes.values()) == {1}
    for continent, countries in listed().items():
        for code in countries:
            assert around(code) == (code, continent, "GLO")


@pytest.mark.parametrize(("code", "continent"), [
    ("TR", "RAS"), ("BR", "RLA"), ("NO", "RER"), ("SA", "RME"), ("ZA", "RAF"), ("AU", "OCE"), ("US-CA", "RNA"),
])
def test_a_supplier_would_lie_on_no_continent(code: str, continent: str) -> None:
    assert around(code)[-2:] == (continent, "GLO")
    assert distance(continent, code) < distance(continent, "GLO")


def test_a_continent_would_lie_in_itself() -> None:
    assert [around(continent) for continent in CONTINENTS] == [(continent, "GLO") for continent in CONTINENTS]
