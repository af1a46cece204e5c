"""Forecasts from dated history: nothing from the future, the mechanisms they claim, and quantiles that are usable."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed import facts
from seedbed.learning import additions, checks, contest
from seedbed.learning.forecast import capacity, shares
from seedbed.learning.forecast.quantiles import LEVELS, forecast
from seedbed.learning.infer import Posterior, infer, prior
from seedbed.learning.measures import NONE, Measures, Programme, measures, pull
from seedbed.learning.panel import Panel

pytestmark = pytest.mark.xdist_group("forecast")

YEARS = range(2005, 2022)
TOTALS = {
    "world_wind_gw": {y: 60.0 * 1.12 ** (y - 2005) for y in YEARS},
    "china_wind_gw": {y: 2.0 * 1.35 ** (y - 2005) for y in YEARS},
}


@cache
def unlearnt(regions: int) -> Posterior:
    """The prior of the additions model in the place of a posterior: quick, and it knows no region."""
    nothing = Panel("wind_gw", tuple("ABCDEFGHIJ"[:regions]), YEARS, np.full((regions, len(YEARS)), np.nan), TOTALS)
    return Posterior("prior", prior(additions.model, additions.windows(nothing, NONE), draws=capacity.DRAWS), {})


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
    now, then = panel.seen(2018), changed.seen(2018)
    known = [vars(additions.windows(seen, NONE)) for seen in (now, then)]
    assert all(np.array_equal(known[0][k], known[1][k]) for k in known[0] if k != "panel")
    first, second = (capacity.paths(seen, measures(), unlearnt(3), 3) for seen in (now, then))
    assert np.array_equal(first, second)
    assert np.array_equal(capacity.drift(now, 3, LEVELS), capacity.drift(then, 3, LEVELS))
    assert target == "prov_wind_gw" or np.array_equal(forecast(panel, 2018, 3), forecast(changed, 2018, 3))


def test_measures_announced_later_are_not_known() -> None:
    """Poland's closure of May 2016 counts from the origin 2016 on, not at 2015."""
    panel = wind()
    known = replace_programmes(measures(), lambda p: "Poland" in p.regions and p.kind == "closure")
    for origin, same in ((2015, True), (2016, False)):
        seen = panel.seen(origin)
        found = capacity.paths(seen, known, unlearnt(3), 3)
        assert np.allclose(np.median(found[0, 2]) / np.median(found[1, 2]), 1.0, atol=0.02) is same


def replace_programmes(all_of: Measures, keep: object) -> Measures:
    """Only some of the programmes."""
    return Measures(fleet_standards=(), programmes=tuple(p for p in all_of.programmes if keep(p)))  # type: ignore[operator]


def test_a_deadline_pulls_purchases_forward_and_a_contract_adds_only_what_is_beyond_the_usual() -> None:
    rush = Programme(technology="wind", regions=("A",), announced=2019, kind="deadline", first=2020, last=2020,
                     source="x")
    works = Programme(technology="wind", regions=("A",), announced=2018, kind="contract", first=2020, last=2021,
                      capacity=2.0, source="x")
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
    panel = Panel("wind_gw", ("A",), YEARS, values, TOTALS)
    found = capacity.paths(panel, NONE, unlearnt(1), ahead)
    assert found.shape == (1, ahead, capacity.DRAWS * capacity.REPEATS)
    assert (found[:, 0] > series[-1]).all()
    assert (np.diff(found, axis=1) > 0).all()


def test_quantiles_of_a_capacity_rise_with_their_level() -> None:
    found = forecast(wind(), 2018, 2)
    assert found.shape == (3, 2, len(LEVELS))
    assert (np.diff(found, axis=-1) >= 0).all()


def grown() -> Panel:
    """Ten regions that add 0.5 to 5 GW a year with a tenth of noise; the last one adds ever more, twice the trend."""
    rng = np.random.default_rng(5)
    trend = 1.02 ** np.arange(len(YEARS))
    added = np.linspace(0.5, 5, 10)[:, None] * trend * np.exp(rng.normal(0, 0.1, (10, len(YEARS))))
    added[-1] = 0.5 * 1.25 ** np.arange(len(YEARS))
    totals = {"world_wind_gw": dict(zip(YEARS, (30 + np.cumsum(10 * trend)).tolist(), strict=True))}
    return Panel("wind_gw", tuple("ABCDEFGHIJ"), YEARS, 5 + np.cumsum(added, axis=1), totals)


def test_the_additions_model_learns_how_steady_a_panel_is_and_which_region_is_not_like_the_others() -> None:
    panel = grown()
    found = infer(additions.model, additions.windows(panel, NONE), method="nuts", draws=100, warmup=120, seed=2)
    assert found.diagnostics["divergences"] == 0
    assert found.draws["yearly"].mean() < 0.25  # the prior says 0.4
    assert found.draws["lasting"].mean() < 0.5  # the prior says 0.7
    region = found.draws["region"].mean(0)
    assert region.argmax() == len(region) - 1
    assert region[-1] > 1


def test_an_addition_counts_once_its_year_is_seen_and_windows_begin_with_what_was_known_then() -> None:
    panel = grown()
    whole, early = additions.windows(panel, NONE), additions.windows(panel.seen(2018), NONE)
    last = whole.origin == whole.origin.max()
    assert whole.there[last].sum(1).tolist() == [1] * 10
    same = [np.flatnonzero((w.region == 3) & (w.own == early.own[early.region == 3][4]))[0] for w in (whole, early)]
    known = early.there[same[1]] > 0
    assert (whole.added[same[0]][known] == early.added[same[1]][known]).all()


def test_a_year_without_additions_is_far_from_what_was_expected_but_not_infinitely_far() -> None:
    panel = grown()
    values = panel.values.copy()
    values[2, -4:] = values[2, -5]
    found = additions.windows(replace(panel, values=values), NONE)
    assert np.isfinite(found.added).all()
    assert found.added[found.there > 0].min() > np.log(1e-3)


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


def test_the_posterior_predicts_the_steps_it_has_seen_and_the_prior_is_wider(posterior: Posterior) -> None:
    data = contest.steps(electric().seen(2019), measures())
    before, after = (checks.predictive(contest.model, data, site="change", observed=data.change, posterior=p, draws=120)
                     for p in (None, posterior))
    assert after.inside > 0.8
    assert after.predicted < before.predicted
    shifted = checks.predictive(contest.model, data, site="change", observed=data.change + 3, posterior=posterior,
                                draws=120)
    assert shifted.inside < 0.2


def test_a_site_that_the_data_decide_does_not_move_with_its_prior_and_one_they_are_silent_on_does(
        posterior: Posterior) -> None:
    draws = prior(contest.model, contest.steps(electric().seen(2019), measures()), draws=400)
    data = contest.steps(electric().seen(2019), measures())
    free = Posterior("prior", {k: v for k, v in draws.items() if k != "change"}, {})
    learnt, silent = (checks.prior_sensitivity(contest.model, data, posterior=p, sites=["saturation", "pace"])
                      for p in (posterior, free))
    assert learnt["pace"] < 0.15
    assert silent["saturation"] > 0.1


def test_charging_points_are_found_for_countries_and_count_from_the_year_before() -> None:
    data = contest.steps(electric().seen(2021), measures())
    built = contest.charging(data)
    known = [facts.read("country_charging").series(v, "China") for v in ("public_fast", "public_slow")]
    points = {y: sum(k.get(y, 0) for k in known) for y in (2018, 2019, 2020)}
    row = list(data.panel.regions).index("China")
    of = {int(y) + YEARS[0]: b for r, y, b in zip(data.region, data.year, built, strict=True) if r == row}
    change = np.log(points[2020] / points[2019]) - np.log(points[2019] / points[2018])
    assert of[2021] - of[2020] == pytest.approx(change)
