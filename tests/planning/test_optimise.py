"""The optimiser on a market small enough to try everything: one place, one market, two years to decide."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.years import DECIDE
from seedbed.market.arrays import Scenario
from seedbed.market.simulate import simulate
from seedbed.planning.case import Case
from seedbed.planning.optimise.descend import TOLERANCE, Found, Problem
from seedbed.planning.optimise.ground import Ground, Limits, ground
from seedbed.planning.optimise.objective import DEFAULT, Totals, worth
from seedbed.planning.optimise.optimise import optimise, solve, tail
from seedbed.planning.scenarios import DECIDED, decides
from seedbed.policy.instrument import library

UNTIL = 2027
FIRST = DECIDED.start
CHOSEN = ("charging_network", "nev_purchase_subsidy")
LEVELS = np.linspace(0, 1, 4)


@pytest.fixture(scope="module")
def small() -> Ground:
    """Vehicles in Gansu with two draws, everything free to fall."""
    return ground(Case.of("gansu", markets=["vehicles"], until=UNTIL, floors={"all": 0.0}), (0, 1), 1, lanes=8, group=2)


def slots(on: Ground, names: tuple[str, ...] = CHOSEN) -> list[int]:
    return [on.case.markets[0].slots.names.index(n) for n in names]


def only(problem: Problem, where: list[int]) -> Problem:
    """The problem with the intensities of some slots as its only variables; the others stay as they are."""
    free = np.zeros_like(problem.frame.free)
    free[:, where] = 1
    fixed = np.concatenate([problem.frame.scenario.fixed[:, :FIRST], problem.frame.now], axis=1)
    still = Scenario(fixed, np.zeros_like(fixed), np.zeros_like(fixed), problem.frame.scenario.rule)
    return problem._replace(frame=problem.frame._replace(free=free, scenario=still))


def fixed_at(problem: Problem, where: list[int], values: np.ndarray) -> Problem:
    """An evaluation: intensities of the slots set to `values` (slot × decided year)."""
    fixed = problem.frame.scenario.fixed.copy()
    fixed[0, FIRST:, where] = values
    scenario = problem.frame.scenario._replace(fixed=fixed)
    frame = problem.frame._replace(free=np.zeros_like(problem.frame.free), scenario=scenario)
    return problem._replace(frame=frame, rate=np.float64(0))


def spent(found: Found) -> float:
    return float(np.mean(found.record.totals.public_money))


@pytest.fixture(scope="module")
def grid(small: Ground) -> list[tuple[float, float]]:
    """(gain, public money) of every combination of four levels of two instruments in two years."""
    where = slots(small)
    problem = only(small.problem(members=(0, 1), free=True, limits=Limits(ramp=1.0)), where)
    points = [np.reshape(p, (2, 2)) for p in itertools.product(LEVELS, repeat=4)]
    found = small.solve([fixed_at(problem, where, p) for p in points], 0)
    return [(float(f.gain), spent(f)) for f in found]


@pytest.mark.parametrize("part", [None, 0.3, 0.7])
def test_it_finds_what_trying_everything_finds_with_and_without_a_budget(small, grid, part):
    least, most = min(m for _, m in grid), max(m for _, m in grid)
    budget = None if part is None else least + part * (most - least)
    best = max(g for g, m in grid if budget is None or m <= budget)
    problem = only(small.problem(members=(0, 1), free=True, limits=Limits(budget=budget, ramp=1.0)), slots(small))
    found = small.solve([problem], 120)[0]
    assert found.violation <= TOLERANCE
    assert budget is None or spent(found) <= budget * (1 + TOLERANCE)
    span = max(g for g, _ in grid) - min(g for g, _ in grid)
    assert float(found.gain) >= best - 0.002 * span  # not worse than the grid …
    assert float(found.gain) <= best + 0.1 * span  # … and not far above what lies between its points


def test_the_rule_it_finds_beats_every_rule_that_moves_two_of_its_numbers_and_random_ones(small):
    report = small.problem(members=(0, 1), rate=0.0)
    rules = []
    start = 1 / (1 + np.exp(-report.reference))
    for a, b in itertools.product(np.linspace(0.02, 0.98, 7), repeat=2):
        rules.append(start.copy())
        rules[-1][0, 1], rules[-1][1, 1] = a, b  # mandatory and incentive in growth
    rules += list(np.random.default_rng(1).uniform(0.02, 0.98, (60, 4, 4)))
    tried = small.solve([small.problem(members=(0, 1), rule=r, rate=0.0) for r in rules], 0)
    found = small.solve([small.problem(members=(0, 1))], 120)[0]
    assert float(found.gain) >= max(float(f.gain) for f in tried)


def test_slopes_equal_finite_differences(small):
    problem, step = small.problem(members=(0, 1), rate=0.0), 1e-5
    here = small.solve([problem], 0)[0]
    row, where = 0, slots(small)[0]

    def moved(by: float) -> float:
        fixed = problem.frame.scenario.fixed.copy()
        fixed[row, FIRST + 1, where] += by
        scenario = problem.frame.scenario._replace(fixed=fixed)
        return float(small.solve([problem._replace(frame=problem.frame._replace(scenario=scenario))], 0)[0].gain)

    assert here.slope[row, 1, where] == pytest.approx((moved(step) - moved(-step)) / (2 * step), rel=1e-5)

    def ruled(by: float) -> float:
        rule = 1 / (1 + np.exp(-problem.start.rule))
        rule[2, 1] += by
        return float(small.solve([small.problem(members=(0, 1), rule=rule, rate=0.0)], 0)[0].gain)

    assert here.rule_slope[2, 1] == pytest.approx((ruled(step) - ruled(-step)) / (2 * step), rel=1e-5)


def test_bounds_floors_and_ramps_hold_whatever_the_variables_are(small):
    limits = Limits(floors={"charging_network": 0.6}, ramp=0.1)
    frame = jax.tree.map(jnp.asarray, small.problem(members=(0, 1), free=True, limits=limits).frame)
    floor, rng = slots(small)[0], np.random.default_rng(0)
    for _ in range(20):
        controls = small.problem(members=(0, 1), free=True, limits=limits).start
        scenario = frame.decode(controls._replace(moves=rng.normal(0, 5, controls.moves.shape)))
        x = np.asarray(scenario.fixed)[:, FIRST:]
        assert (np.asarray(scenario.by_rule)[:, FIRST:][:, :, frame.free[0] > 0] == 0).all()
        free = frame.free[:, None] * np.ones_like(x)
        assert (x[free > 0] >= -1e-12).all()
        assert (x[free > 0] <= 1 + 1e-12).all()
        assert x[0, :, floor].min() >= 0.6 - 1e-12
        change = np.abs(np.diff(x - frame.now, axis=1))
        change[:, :, floor] = 0
        assert (change[:, :, frame.free[0] > 0] <= 0.1 + 1e-9).all()


def test_a_start_follows_the_path_it_is_given(small):
    frame = jax.tree.map(jnp.asarray, small.problem(members=(0, 1), free=True, limits=Limits(ramp=1.0)).frame)
    path = np.clip(np.random.default_rng(3).uniform(0.1, 0.9, frame.now.shape), frame.low[:, None], frame.high[:, None])
    moves = frame.encode(path)
    scenario = frame.decode(small.problem(members=(0, 1)).start._replace(moves=moves))
    chosen = (frame.free * (frame.high > 0))[0] > 0
    np.testing.assert_allclose(np.asarray(scenario.fixed)[:, FIRST:][:, :, chosen], path[:, :, chosen], atol=0.02)


def test_a_yearly_budget_and_a_least_adoption_are_kept_and_told(small):
    growth = Totals(*[0.0] * len(Totals._fields))._replace(green_market=1.0)  # wants money, so that limits bind
    free = small.solve([small.problem(members=(0, 1), free=True, weights=growth)], 120)[0]
    assert float(free.record.money.mean(0).max()) > 1.02 * 2.6e9  # what is bound already costs 2.5e9
    found = solve(small, "every", growth, Limits(yearly=2.6e9, adoption={"vehicles": 0.5}), "mean", 120)
    assert found.holds
    assert set(found.kept) == {"yearly", "adoption:vehicles"}
    assert found.kept["yearly"] < 0.05  # it binds
    assert found.gain < float(free.gain)


def test_what_cannot_be_kept_is_reported_broken_and_comes_as_near_as_it_can(small):
    found = solve(small, "every", DEFAULT, Limits(budget=1.0), "mean", 40)
    assert not found.holds
    assert found.kept["budget"] < -1
    cheapest = solve(small, "every", DEFAULT._replace(emissions=0.0, burden=0.0), Limits(), "mean", 40)
    assert float(found.totals.public_money) <= 1.2 * float(cheapest.totals.public_money)


def test_the_mix_simulates_to_the_same_money_and_emissions(small):
    found = solve(small, "every", DEFAULT, Limits(), "mean", 40)
    assert found.intensity.shape == (1, UNTIL - DECIDE + 1, len(small.case.markets[0].slots.names))
    mix = found.mix("vehicles")
    run = simulate("vehicles", ["gansu"], mix, until=UNTIL).dataset.isel(place=0)
    decided = run.sel(year=slice(DECIDE, UNTIL))
    assert mix.intensity("charging_network", DECIDE) == pytest.approx(
        float(decided.intensity.sel(year=DECIDE, instrument="charging_network")), abs=1e-4)
    assert float(decided.public_money.sum()) > 0
    assert found.to_dict()["holds"] is True


def test_the_tail_weighs_all_the_worst_quarter_or_the_worst():
    np.testing.assert_allclose(tail("mean", 4), [0.25] * 4)
    np.testing.assert_allclose(tail("cvar", 8), [0.5, 0.5, 0, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(tail("cvar", 6), [1 / 1.5, 0.5 / 1.5, 0, 0, 0, 0])
    np.testing.assert_allclose(tail("worst", 3), [1, 0, 0])


def test_caution_gives_up_expected_gain_for_the_worst_member(small):
    gains = {}
    for risk in ("mean", "worst"):
        found = solve(small, "every", DEFAULT, Limits(), risk, 120)
        gains[risk] = found
    assert gains["worst"].gain <= gains["mean"].gain
    problem = small.problem(members=(0, 1), free=True, tail=tail("worst", 2))
    kept = small.solve([problem], 120)[0]
    by_member = worth(DEFAULT, kept.record.totals) - worth(DEFAULT, small.base)
    assert float(kept.gain) == pytest.approx(float(np.min(by_member)))


def test_each_objective_alone_moves_its_own_total_the_right_way(small):
    nothing = Totals(*[0.0] * len(Totals._fields))
    base = {k: float(np.mean(getattr(small.base, k))) for k in Totals._fields}
    for name in Totals._fields:
        sign = 1 if name in ("green_market", "jobs") else -1
        weights = nothing._replace(**{name: 1.0})
        found = small.solve([small.problem(members=(0, 1), free=True, weights=weights)], 40)[0]
        reached = float(np.mean(getattr(found.record.totals, name)))
        assert sign * (reached - base[name]) >= -1e-9 * abs(base[name]), name


@pytest.mark.parametrize(("wrong", "error", "said"), [
    ({"variables": "all"}, UnknownNameError, "variables"), ({"risk": "hope"}, UnknownNameError, "attitude to risk"),
    ({"risk": "cvar", "draws": 1}, InvalidInputError, "^draws"),
    ({"floor": {"charging": 0.5}}, UnknownNameError, "charging_network"),
    ({"floor": {"charging_network": 1.5}}, InvalidInputError, "1.5 is no share"),
    ({"until": DECIDE}, InvalidInputError, "^until"),
])
def test_what_cannot_be_optimised_is_refused_before_anything_runs(wrong, error, said):
    with pytest.raises(error, match=said):
        optimise("gansu", **wrong)


def test_every_instrument_that_the_place_decides_on_is_free_and_ended_ones_are_not(small):
    names = small.case.markets[0].slots.names
    for j, name in enumerate(names):
        may = bool(name) and library()[name].status != "ended" and decides(small.case.place, library()[name])
        assert small.standing[0, j] == may
