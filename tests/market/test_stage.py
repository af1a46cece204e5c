"""The life-cycle classifier: known answers from NBS output, and what must hold for any series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from seedbed import facts
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.cli.stage import app
from seedbed.market.stage import THRESHOLDS, StageReading, classify, membership
from seedbed.policy.rule import Stage


def nbs(product: str) -> StageReading:
    return classify(facts.read("national_industry_output").series(product))


def stages(reading: StageReading) -> dict[int, Stage]:
    return dict(zip(reading.years, reading.stages, strict=True))


def chance(reading: StageReading, year: int, stage: Stage) -> float:
    return float(reading.probabilities[reading.years.index(year), list(Stage).index(stage)])


def test_cement_grows_until_its_peak_in_2014_and_declines_in_the_2020s():
    reading = nbs("cement")
    by_year = stages(reading)
    assert {by_year[y] for y in range(1995, 2012)} == {Stage.growth}
    assert by_year[2014] is Stage.maturity
    assert reading.peak == 2014
    assert {by_year[y] for y in range(2021, 2025)} == {Stage.decline}
    assert chance(reading, 2024, Stage.decline) > 0.95


def test_refrigerators_mature_between_2012_and_2015_and_stay_mature():
    reading = nbs("refrigerators")
    turn = {stage: year for year, stage in reading.turns}
    assert 2012 <= turn[Stage.maturity] <= 2015
    assert {s for y, s in stages(reading).items() if y >= 2015} == {Stage.maturity}


def test_pv_cells_are_growing_now_in_spite_of_the_missing_years_2013_and_2014():
    reading = nbs("pv_cells")
    assert reading.now is Stage.growth
    assert chance(reading, 2024, Stage.growth) > 0.9
    assert [y for y, seen in zip(reading.years, reading.observed, strict=True) if not seen] == [2013, 2014]
    assert any(note.key == "stages.note.gap" and (2013, 2014) in note.fields.values() for note in reading.notes)


def test_industrial_robots_turn_from_emergence_to_growth_between_2015_and_2017():
    reading = nbs("industrial_robots")
    assert reading.turns[0] == (2015, Stage.emergence)
    assert reading.now is Stage.growth
    assert 2015 <= reading.turns[1][0] <= 2017


def test_crude_steel_is_mature_from_about_2014_with_a_chance_of_decline_by_2024():
    reading = nbs("crude_steel")
    turn = {stage: year for year, stage in reading.turns}
    assert 2012 <= turn[Stage.maturity] <= 2016
    assert 0.05 < chance(reading, 2024, Stage.decline) < 0.6


def test_new_energy_vehicles_are_growing():
    assert nbs("nev").now is Stage.growth


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.1, 1e6), min_size=6, max_size=30), st.floats(1e-3, 1e3))
def test_probabilities_sum_to_one_and_do_not_depend_on_the_unit(values: list[float], scale: float):
    series = dict(enumerate(values, start=1990))
    first, second = classify(series), classify({y: v * scale for y, v in series.items()})
    np.testing.assert_allclose(first.probabilities.sum(axis=1), 1)
    np.testing.assert_allclose(first.probabilities, second.probabilities, atol=1e-6)


def test_a_logistic_market_passes_the_stages_in_order_where_theory_puts_them():
    years = np.arange(1970, 2021)
    share = 1 / (1 + np.exp(-0.25 * (years - 1995)))
    reading = classify(dict(zip(years.tolist(), share.tolist(), strict=True)), potential=1.0)
    turn = {stage: year for year, stage in reading.turns}
    five_per_cent = 1995 - np.log(19) / 0.25
    assert [s for _, s in reading.turns] == [Stage.emergence, Stage.growth, Stage.maturity]
    assert abs(turn[Stage.growth] - five_per_cent) <= 2
    assert 1995 <= turn[Stage.maturity] <= 2004


def test_noisier_series_give_less_certain_answers():
    years = np.arange(2005, 2025)
    trend = 100 * np.exp(-0.03 * (years - 2005))

    def certainty(noise: float) -> tuple[float, float]:
        readings = []
        for seed in range(8):
            wobble = np.random.default_rng(seed).normal(size=len(years))
            values = trend * np.exp(noise * wobble)
            readings.append(classify(dict(zip(years.tolist(), values.tolist(), strict=True))))
        sure = np.mean([r.probabilities[-3:].max(axis=1).mean() for r in readings])
        return float(sure), float(np.mean([r.growth_se[-1] for r in readings]))

    (quiet, quiet_se), (loud, loud_se) = certainty(0.003), certainty(0.15)
    assert quiet > loud
    assert loud_se > 2 * quiet_se


def test_a_change_of_scope_is_not_read_as_growth():
    series = {y: (100.0 if y < 2015 else 200.0) for y in range(2005, 2025)}
    told, untold = classify(series, breaks=[2015]), classify(series)
    at = told.years.index(2015)
    assert abs(untold.growth[at]) > 0.08
    assert (told.notes[-1].key, told.notes[-1].fields) == ("stages.note.scope", {"years": (2015,)})


def test_zeros_before_the_start_are_left_out_and_a_vanished_market_declines():
    steady = dict.fromkeys(range(2002, 2012), 100.0)
    series = {2000: 0.0, 2001: 0.0} | steady | {2012: 40.0, 2013: 5.0, 2014: 0.0}
    reading = classify(series)
    assert reading.years[0] == 2002
    assert reading.now is Stage.decline


@pytest.mark.parametrize(("series", "message"), [
    ({2020: 1.0, 2021: 2.0}, "give a longer series"),
    (dict.fromkeys(range(2010, 2020), -1.0), "leave the year out"),
    (dict.fromkeys(range(2010, 2020), float("nan")), "year 2010"),
])
def test_a_series_that_cannot_be_read_says_what_to_do(series: dict[int, float], message: str):
    with pytest.raises(InvalidInputError, match=message):
        classify(series)


def test_a_potential_in_another_unit_is_refused():
    with pytest.raises(InvalidInputError, match="unit of the series"):
        classify(dict.fromkeys(range(2010, 2020), 1e6), potential=0.9)


@given(st.floats(0, 1), st.floats(-0.5, 1), st.booleans())
def test_membership_is_a_probability(share: float, growth: float, own: bool):
    cells = membership(np.array(share), np.array(growth), own_growth=own)
    assert (cells >= -1e-12).all()
    assert cells.sum() == pytest.approx(1)


def test_membership_changes_hands_at_the_documented_thresholds():
    t = THRESHOLDS
    share = np.array([t.emergence_share, t.maturity_share, 0.9, 0.9])
    growth = np.array([0.1, 0.0, t.decline_growth, -0.1])
    at = membership(share, growth, own_growth=False)
    assert at[0, 0] == pytest.approx(0.5)
    assert at[1, 1] == pytest.approx(0.5, abs=0.01)
    assert at[2, 2] == pytest.approx(at[2, 3])
    assert at[3, 3] > 0.9


@pytest.mark.parametrize("name", ["cement", "水泥", "vehicles", "pv_cells", "工业机器人"])
def test_the_command_finds_markets_and_products_by_id_and_label(name: str):
    result = CliRunner().invoke(app, ["market", name, "--lang", "zh"])
    assert result.exit_code == 0, result.output
    assert "最可能处于" in result.output


def test_the_command_offers_near_names_for_an_unknown_product():
    result = CliRunner().invoke(app, ["market", "cemment"])
    assert isinstance(result.exception, UnknownNameError)
    assert "cement" in str(result.exception)
