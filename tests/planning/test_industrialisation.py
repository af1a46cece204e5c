"""The industrialisation index and the industry types: published anchors, rules and refusals."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.cli.stage import app
from seedbed.facts import places
from seedbed.planning.industrialisation import (
    IndustrialisationReading,
    income_starts,
    industrialisation,
    score,
    stage_of,
    structure_score,
)
from seedbed.planning.industry_type import industry_type
from seedbed.show.speaker import Speaker
from seedbed.show.stage import index_name, type_reason

STARTS = (1654.0, 3308.0, 6615.0, 12398.0)


@cache
def ranking(year: int) -> list[tuple[str, IndustrialisationReading]]:
    found = [(p.slug, industrialisation(p.id, year=year)) for p in places.provinces()]
    return sorted(found, key=lambda pair: -pair[1].index)


def test_the_nation_of_2015_is_late_second_half_near_the_published_84():
    reading = industrialisation("china", year=2015)
    assert reading.index == pytest.approx(84, abs=3)
    assert (reading.stage, reading.half) == (4, 2)
    assert reading.coverage == pytest.approx(0.78)
    assert index_name(Speaker("en"), reading) == "4-indicator proxy"


def test_the_provinces_of_2015_rank_as_published():
    order = [slug for slug, _ in ranking(2015)]
    assert set(order[:3]) == {"shanghai", "beijing", "tianjin"}
    assert set(order[3:6]) == {"guangdong", "jiangsu", "zhejiang"}
    assert set(order[-4:]) == {"gansu", "guizhou", "yunnan", "guangxi"}


def test_only_the_three_municipalities_are_post_industrial_in_2015():
    assert {slug for slug, r in ranking(2015) if r.stage == 5} == {"shanghai", "beijing", "tianjin"}


@pytest.mark.parametrize("year", range(2014, 2024))
def test_every_province_and_the_nation_have_an_index_or_an_error_that_names_years(year: int):
    for place in (*places.provinces(), places.resolve("china")):
        try:
            reading = industrialisation(place.id, year=year)
        except InvalidInputError as error:
            assert "choose one of 20" in str(error)  # noqa: PT017
        else:
            assert 0 <= reading.index <= 100
            assert 0 < reading.coverage <= 1
            assert all(part.tables for part in reading.components)


def test_a_year_without_data_is_refused_and_never_replaced():
    with pytest.raises(InvalidInputError, match="choose one of 2014"):
        industrialisation("guangdong", year=2012)


def test_three_indicators_are_called_a_proxy_and_say_what_is_missing():
    reading = industrialisation("gansu", year=2023)
    assert index_name(Speaker("zh"), reading) == "3项指标替代指数"
    assert len(reading.missing) == 2
    assert reading.coverage == pytest.approx(0.70)


def test_places_the_structure_rule_overstates_or_understates_carry_a_caution():
    assert "too_high" in industrialisation("xizang", year=2015).cautions
    assert "too_low" in industrialisation("hainan", year=2023).cautions


def test_income_thresholds_are_the_published_row_in_its_base_year_and_rise_with_us_prices():
    assert income_starts(2010) == pytest.approx(STARTS)
    ratio = income_starts(2023)[0] / income_starts(2010)[0]
    assert ratio == pytest.approx(122.27 / 89.63, rel=1e-3)


def test_scores_meet_at_the_thresholds():
    assert [score(x, STARTS)[0] for x in STARTS] == pytest.approx([0, 33, 66, 100])
    assert score(STARTS[0] - 1, STARTS) == (0.0, 1)


def test_a_falling_indicator_is_scored_the_other_way_round():
    assert score(0.283, (0.60, 0.45, 0.30, 0.10)) == (pytest.approx(66 + 33 * 0.017 / 0.20), 4)
    assert score(0.05, (0.60, 0.45, 0.30, 0.10)) == (100.0, 5)


@given(st.floats(100, 50_000), st.floats(100, 50_000))
def test_more_income_never_scores_less(one: float, two: float):
    low, high = sorted((one, two))
    assert score(low, STARTS)[0] <= score(high, STARTS)[0] + 1e-9


@pytest.mark.parametrize(("shares", "stage"), [
    ((0.45, 0.30, 0.25), 1), ((0.30, 0.40, 0.30), 2), ((0.15, 0.50, 0.35), 3),
    ((0.08, 0.50, 0.42), 4), ((0.05, 0.40, 0.55), 5), ((0.14, 0.36, 0.50), 3),
])
def test_the_structure_rule_gives_the_stage_of_the_paper(shares: tuple[float, float, float], stage: int):
    points, found = structure_score(*shares)
    assert found == stage
    assert stage_of(points)[0] == stage


def test_halves_divide_at_the_middle_of_33_points():
    assert [stage_of(x) for x in (0.0, 10.0, 20.0, 40.0, 60.0, 82.4, 82.6, 100.0)] == [
        (1, None), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1), (4, 2), (5, None)]


@pytest.mark.parametrize(("place", "kind"), [
    ("beijing", "urban_services"), ("shanghai", "urban_services"), ("guangdong", "advanced_manufacturing"),
    ("jiangsu", "advanced_manufacturing"), ("zhejiang", "advanced_manufacturing"),
    ("hebei", "heavy_processing"),
    ("shanxi", "energy_base"), ("inner-mongolia", "energy_base"), ("xinjiang", "energy_base"),
    ("heilongjiang", "agriculture_ecology"), ("hainan", "agriculture_ecology"),
])
def test_well_known_provinces_get_the_type_everyone_would_give_them(place: str, kind: str):
    assert industry_type(place, year=2023).id == kind


def test_an_industry_type_names_its_numbers_in_both_languages():
    found = industry_type("shanxi", year=2023)
    assert type_reason(Speaker("zh"), found).startswith("山西2023年属能源基地型")
    assert "thermal power per GDP" in type_reason(Speaker("en"), found)
    assert found.numbers["thermal"] > 2
    assert "province_power_output" in found.tables


def test_every_province_has_a_type_in_2023():
    assert len({industry_type(p.id, year=2023).id for p in places.provinces()}) == 5


def test_the_nation_and_unknown_places_are_refused():
    with pytest.raises(InvalidInputError, match="31 provinces"):
        industry_type("china", year=2023)
    with pytest.raises(UnknownNameError):
        industry_type("atlantis", year=2023)


def test_the_command_shows_stage_type_and_sources():
    result = CliRunner().invoke(app, ["place", "广东", "--year", "2015", "--lang", "zh"])
    assert result.exit_code == 0, result.output
    for text in ("工业化后期后半阶段", "3项指标替代指数", "先进制造型"):
        assert text in result.output
