"""Forecasts from dated history: nothing from the future, the mechanisms they claim, and quantiles that are usable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.learn import contest
from seedbed.learn.forecast import capacity, shares
from seedbed.learn.forecast.quantiles import LEVELS, forecast
from seedbed.learn.infer import Posterior, infer
from seedbed.learn.measures import NONE, Measures, Programme, measures, pull
from seedbed.learn.panel import Panel

pytestmark = pytest.mark.xdist_group("forecast")

YEARS = range(2005, 2022)
TOTALS = {
    "world_wind_gw": {y: 60.0 * 1.12 ** (y - 2005) for y in YEARS},
    "china_wind_gw": {y: 2.0 * 1.35 ** (y - 2005) for y in YEARS},
}


def wind(target: str = "wind_gw", regions: tuple[str, ...] = ("Poland", "Elsewhere", "Frozen")) -> Panel:
    """Three regions that grow alike, but for the last, which stands still from 2012."""
    grown = np.array([0.5 * 1.2 ** (y - 2005) for y in YEARS])
    still = np.minimum(grown, grown[7])
    return Panel(target, regions, YEARS, np.stack([grown, grown, still]), TOTALS)


@pytest.mark.parametrize("target", ["wind_gw", "prov_wind_gw"])
def test_nothing_dated_after_the_origin_changes_a_forecast(target: str) -> None:
    panel = wind(target)
    later = panel.values.copy()
    later[:, YEARS.index(2018) + 1 :] *= 7.0
    totals = {k: {y: v * (9.0 if y > 2018 else 1.0) for y, v in s.items()} for k, s in TOTALS.items()}
    changed = replace(panel, values=later, totals=totals)
    assert np.array_equal(forecast(panel, 2018, 3), forecast(changed, 2018, 3))


def test_measures_announced_later_are_not_known() -> None:
    """Poland's closure of May 2016 counts from the origin 2016 on, not at 2015."""
    panel = wind()
    known = replace_programmes(measures(), lambda p: "Poland" in p.regions and p.kind == "closure")
    for origin, same in ((2015, True), (2016, False)):
        found = capacity.paths(panel.seen(origin), known, 3)
        assert np.allclose(np.median(found[0, 2]) / np.median(found[1, 2]), 1.0, atol=0.02) is same


def replace_programmes(all_of: Measures, keep: object) -> Measures:
    """Only some of the programmes."""
    return Measures(fleet_standards=(), programmes=tuple(p for p in all_of.programmes if keep(p)))  # type: ignore[operator]


def test_a_deadline_pulls_purchases_forward_and_a_contract_adds_only_what_is_beyond_the_usual() -> None:
    rush = Programme(technology="wind", regions=("A",), announced=2019, kind="deadline", first=2020, last=2020,
                     source="x")  # fmt: skip
    works = Programme(technology="wind", regions=("A",), announced=2018, kind="contract", first=2020, last=2021,
                      capacity=2.0, source="x")  # fmt: skip
    known = Measures(fleet_standards=(), programmes=(rush, works))
    years = range(2020, 2023)
    only = Measures(fleet_standards=(), programmes=(rush,))
    assert pull(only, "wind", "A", False, 2019, years, 1.0, 1.0) == pytest.approx([1.8, 0.87, 1.0])
    assert pull(only, "wind", "A", False, 2018, years, 1.0, 1.0) == pytest.approx([1.0, 1.0, 1.0])
    assert pull(known, "wind", "B", False, 2019, years, 1.0, 1.0) == pytest.approx([1.0, 1.0, 1.0])
    large, small = (pull(known, "wind", "A", False, 2018, years, usual, 1.0)[0] for usual in (10.0, 0.01))
    assert large == pytest.approx(1.0, abs=1e-3)
    assert 0.01 * small == pytest.approx(0.8, rel=0.02)


def test_the_share_that_meets_a_fleet_standard_solves_its_average() -> None:
    """With share s of cars that count w times and emit nothing, the average of the fleet is the target."""
    rule = next(s for s in measures().fleet_standards if s.id == "china")
    for year, weight, target in ((2020, 2.0, 5.0), (2023, 1.6, 4.6)):
        share = rule.asked(2020, year, np.array([0.0]))
        assert share is not None
        level = (rule.combustion or {})[2020]
        assert level * (1 - share[0]) / (1 - share[0] + weight * share[0]) == pytest.approx(target, rel=1e-9)
    assert rule.asked(2016, 2021, np.array([0.0])) is None


@settings(deadline=None, max_examples=15)
@given(st.lists(st.floats(0.02, 40.0), min_size=4, max_size=12), st.integers(1, 5))
def test_capacity_quantiles_rise_with_level_and_stay_positive(history: list[float], ahead: int) -> None:
    series = np.cumsum(history)
    values = np.full((1, len(YEARS)), np.nan)
    values[0, -len(series) :] = series
    found = forecast(Panel("wind_gw", ("A",), YEARS, values, TOTALS), YEARS[-1], ahead)
    assert found.shape == (1, ahead, len(LEVELS))
    assert (np.diff(found, axis=-1) >= 0).all()
    assert (found > 0).all()


def electric(regions: tuple[str, ...] = ("Germany", "France", "Brazil", "China")) -> Panel:
    """Shares that grow by half a log-odd a year, and by one and a half where a standard bites in 2020."""
    rng = np.random.default_rng(3)
    steps = np.full((len(regions), len(YEARS)), 0.5) + rng.normal(0, 0.1, (len(regions), len(YEARS)))
    steps[:2, YEARS.index(2020)] += 1.0
    odds = contest.logit(0.05) + np.cumsum(steps, axis=1) - 2.0
    return Panel("ev_share", regions, YEARS, 100 / (1 + np.exp(-odds)), {})


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    """The contest learnt from `electric` up to 2019, a short chain."""
    data = contest.steps(electric().seen(2019), measures())
    return infer(contest.model, data, method="nuts", draws=120, warmup=120, seed=1)


def test_nuts_finds_the_pace_that_made_the_data(posterior: Posterior) -> None:
    assert posterior.diagnostics["divergences"] == 0
    assert posterior.draws["pace"].mean() == pytest.approx(0.5, abs=0.12)
    assert posterior.draws["noise"].mean() < 0.25


def test_a_fleet_standard_lifts_the_regions_it_holds_in_and_no_others(posterior: Posterior) -> None:
    seen = electric().seen(2019)
    held, free = (np.median(shares.paths(seen, known, posterior, 2, seed=2), axis=-1) for known in (measures(), NONE))
    assert (held[:2, 0] > 1.3 * free[:2, 0]).all()
    assert held[2] == pytest.approx(free[2], rel=0.1)


def test_paths_of_shares_stay_between_nothing_and_all(posterior: Posterior) -> None:
    found = shares.paths(electric().seen(2019), measures(), posterior, 5)
    assert found.min() > 0
    assert found.max() < 100
