"""Stored back-tests: made of facts, complete, and better than a ruler."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest

from seedbed import facts
from seedbed.learning.baselines import exponential, linear, logistic, recent

STORED = json.loads(files("seedbed.learning").joinpath("backtests.json").read_text(encoding="utf-8"))
SCORES = {(s["target"], s["cut"]): s for s in STORED["scores"]}
METHODS = {"seedbed", "pairwise", "linear", "recent line", "exponential", "logistic"}


def truth(name: str, year: int) -> float:
    if name == "nev_share":
        table = facts.read("national_vehicles")
        return 100 * table.series("nev")[year] / table.series("sales")[year]
    variable = f"capacity_{name.removesuffix('_capacity')}"
    table = facts.read("country_power")
    scale = 1e-3 if table.source.variables[variable].unit == "MW" else 1.0
    return table.series(variable, "CN")[year] * scale


def test_the_four_back_tests_are_there():
    assert set(SCORES) == {("nev_share", 2018), ("nev_share", 2020), ("solar_capacity", 2018), ("wind_capacity", 2018)}


@pytest.mark.parametrize("score", SCORES.values(), ids=lambda s: f"{s['target']}-{s['cut']}")
def test_what_a_back_test_calls_truth_is_in_the_facts(score):
    assert score["years"] == list(range(score["cut"] + 1, 2025))
    for year, value in zip(score["years"], score["truth"], strict=True):
        assert value == pytest.approx(truth(score["target"], year), abs=6e-4), year


@pytest.mark.parametrize("score", SCORES.values(), ids=lambda s: f"{s['target']}-{s['cut']}")
def test_stored_errors_follow_from_stored_forecasts(score):
    actual = np.array(score["truth"])
    assert set(score["forecasts"]) == set(score["errors"]) == METHODS
    for method, made in score["forecasts"].items():
        gap = np.abs(np.array(made) - actual)
        error = gap.mean() if score["unit"] == "%" else 100 * (gap / actual).mean()
        assert score["errors"][method] == pytest.approx(error, abs=0.01)


@pytest.mark.parametrize("case", [("nev_share", 2020), ("wind_capacity", 2018)])
@pytest.mark.parametrize("method", ["linear", "exponential", "logistic"])
def test_the_equation_beats_every_curve_for_new_energy_vehicles_and_wind(case, method):
    errors = SCORES[case]["errors"]
    assert errors["seedbed"] < errors[method]


def test_keeping_the_subsidy_would_have_meant_more_new_energy_vehicles():
    stall = STORED["stalls"][0]
    was, kept = (dict(zip(stall["years"], stall[k], strict=True)) for k in ("as_it_was", "without_cut"))
    assert kept[2019] > was[2019]
    assert kept[2020] > was[2020]
    assert [kept[y] for y in (2016, 2017, 2018)] == [was[y] for y in (2016, 2017, 2018)]


def test_the_stall_states_the_observed_shares():
    table = facts.read("national_vehicles")
    for year, value in zip(STORED["stalls"][0]["years"], STORED["stalls"][0]["observed"], strict=True):
        with_exports = 100 * table.series("nev")[year] / table.series("sales")[year]
        assert value == pytest.approx(with_exports, abs=0.6), year


YEARS = np.arange(2010, 2019)
AHEAD = np.arange(2019, 2025)


def test_each_baseline_recovers_its_own_curve():
    np.testing.assert_allclose(linear(YEARS, 3.0 * YEARS - 6000)(AHEAD), 3.0 * AHEAD - 6000)
    np.testing.assert_allclose(recent(YEARS, 3.0 * YEARS - 6000)(AHEAD), 3.0 * AHEAD - 6000)
    np.testing.assert_allclose(exponential(YEARS, np.exp(0.2 * (YEARS - 2010)))(AHEAD), np.exp(0.2 * (AHEAD - 2010)))

    def curve(t):
        return 40 / (1 + np.exp(-0.5 * (t - 2016)))

    np.testing.assert_allclose(logistic(YEARS, curve(YEARS))(AHEAD), curve(AHEAD), rtol=1e-3)
    np.testing.assert_allclose(logistic(YEARS, curve(YEARS), ceiling=40)(AHEAD), curve(AHEAD), rtol=1e-6)


def test_with_the_stall_among_the_data_the_cut_is_what_slows_growth():
    """Trained to 2020: growth over 2018–20 without the cut is more than twice that with it."""
    stall = STORED["stalls"][1]
    assert stall["trained_to"] == 2020
    cut, kept = (stall[k][-1] / stall[k][-3] - 1 for k in ("as_it_was", "without_cut"))
    assert kept > 2 * cut
