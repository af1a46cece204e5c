"""Looking outward from a consumer: a wrong order of regions sends supply to the wrong place."""

from seedbed.lifecycle.places import ELSEWHERE, around, distance


def test_a_province_looks_to_its_grid_then_its_macro_region_then_the_nation() -> None:
    assert around("CN-GD") == ("CN-GD", "grid-south", "east", "CN", "RAS", "GLO")


def test_the_place_itself_is_nearest_and_the_world_is_farthest() -> None:
    ranks = [distance("CN-GD", place) for place in ("CN-GD", "CN-GX", "CN-JS", "CN", "CN-SC", "JP", "GLO", "US")]
    assert ranks[0] == 0
    assert ranks[1] < ranks[2] < ranks[3] < ranks[4] < ranks[5] < ranks[6]
    assert ranks[-1] == ELSEWHERE


def test_a_nation_is_supplied_by_its_provinces_before_the_world() -> None:
    assert distance("CN", "CN") < distance("CN", "CN-GD") < distance("CN", "GLO")
