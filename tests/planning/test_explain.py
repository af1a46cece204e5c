"""An explanation of a plan: shares add up to what the scenarios differ by, money and tonnes are counted once."""

from __future__ import annotations

import json
from dataclasses import replace

import jax
import numpy as np
import pytest

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.plain import plain
from seedbed.base.years import DECIDE, START
from seedbed.market.arrays import Scenario
from seedbed.market.definition import get
from seedbed.market.ensemble import Indicators
from seedbed.market.world import default_world
from seedbed.planning.explain import Explanation
from seedbed.planning.explain.cost import RATE, annuity, discount, resource_cost
from seedbed.planning.explain.explain import explain, traced
from seedbed.planning.explain.game import OUTCOMES, TESTED, Game, headline, of_ensemble, outcomes
from seedbed.planning.explain.parameters import parameters
from seedbed.planning.explain.sensitivity import SWUNG, sobol
from seedbed.planning.explain.shapley import shapley
from seedbed.planning.explain.trace import Trace, trace
from seedbed.planning.plan import Plan
from seedbed.planning.scenarios import SCENARIOS
from seedbed.policy.instrument import Kind

IMPROVED = SCENARIOS.index("improved_rule")


def _scenario(plan: Plan, name: str) -> Scenario:
    return Scenario(*(part[SCENARIOS.index(name)] for part in plan.case.scenarios(plan.improvement.rule)))


def _tested(plan: Plan) -> np.ndarray:
    """Outcomes of the members that a plan tested: scenario, member, market, outcome, year."""
    axes = ("scenario", "member", "market", "year")
    values = (plan.tested[name].transpose(*axes).values[..., None] for name in Indicators._fields)
    return of_ensemble(Indicators(*values))


def _close(found: np.ndarray, wanted: np.ndarray, rtol: float = 1e-9) -> None:
    """Equal but for rounding of sums of large numbers, by outcome."""
    axes = tuple(i for i in range(wanted.ndim) if i != wanted.ndim - 2)
    scale = np.abs(wanted).max(axes, keepdims=True) + 1e-12
    assert (np.abs(found - wanted) / scale).max() < rtol


def test_kinds_add_up_to_the_difference_of_the_scenarios_in_every_market_and_year(any_plan, path):
    wanted = outcomes(any_plan.case.inputs, path(any_plan))
    assert [a.scenario for a in any_plan.why.attributions] == ["as_is", "report_rule", "improved_rule"]
    for attribution in any_plan.why.attributions:
        row = SCENARIOS.index(attribution.scenario)
        _close(attribution.base, wanted[0])
        _close(attribution.base + attribution.kinds.sum(0), wanted[row])


def test_instruments_add_up_to_their_kind_and_measures_to_the_whole(any_plan):
    why: Explanation = any_plan.why
    kinds = np.array([c.inputs.kind for c in any_plan.case.markets])
    by_kind = np.einsum("mjot,mjk->kmot", why.instruments.value, kinds)
    _close(by_kind, why.main.kinds)
    weight = discount(any_plan.case.years)
    change = why.main.kinds.sum((0, 1))
    assert sum(m.tonnes for m in why.measures) == pytest.approx(float(why.of_kinds("emissions").sum()))
    for name, outcome in (("discounted", "emissions"), ("public", "public_money"), ("social", "resource_cost")):
        total = float(change[OUTCOMES.index(outcome)] @ weight)
        assert sum(getattr(m, name) for m in why.measures) == pytest.approx(total)


def test_every_draw_adds_up_to_what_the_test_of_the_plan_found_for_it(gansu):
    drawn = gansu.why.members.sum(1)
    values = _tested(gansu)[:, : len(drawn)]
    _close(drawn, values[IMPROVED] - values[0], rtol=1e-5)  # the test keeps single precision


def test_years_before_the_decision_owe_nothing_to_the_plan(gansu):
    past = slice(0, DECIDE - START)
    assert (gansu.why.main.kinds[..., past] == 0).all()
    assert (gansu.why.instruments.value[..., past] == 0).all()


def test_a_kind_that_is_left_out_of_a_scenario_gets_nothing(gansu):
    scenario = _scenario(gansu, "report_rule")
    without = np.asarray(gansu.case.inputs.kind)[:, None, :, list(Kind).index(Kind.guidance)] == 0
    rest = scenario._replace(**{name: getattr(scenario, name) * without for name in ("fixed", "by_rule", "least")})
    game = Game(gansu.case, rest, gansu.case.settled)
    found = shapley(game.play(game.of_kinds()))
    later = found[..., DECIDE - START:]
    assert (later[list(Kind).index(Kind.guidance)] == 0).all()
    assert np.abs(later[list(Kind).index(Kind.supporting)]).max() > 0


def test_the_order_of_masks_and_filling_up_batches_change_nothing(gansu):
    game = Game(gansu.case, _scenario(gansu, "as_is"), gansu.case.settled)
    masks = game.of_kinds()[[0, 5, 15, 9, 3]]
    together, turned = game.play(masks), game.play(masks[::-1])
    assert (together == turned[::-1]).all()


def test_headlines_sum_flows_over_the_decided_years_and_take_the_last_of_levels():
    values = np.arange(12.0) * np.ones((len(OUTCOMES), 1))
    found = dict(zip(OUTCOMES, headline(values), strict=True))
    assert found["emissions"] == found["public_money"] == sum(range(2, 12))
    assert found["green_share"] == found["jobs"] == 11.0


def test_discounting_starts_in_the_first_decided_year():
    np.testing.assert_allclose(discount(range(2024, 2029)), [0, 0, 1, 1 / 1.05, 1 / 1.05**2])
    paid = np.array([float(annuity(np.array(10.0)) / (1 + RATE) ** year) for year in range(1, 11)])
    assert paid.sum() == pytest.approx(1.0)


def test_resource_cost_is_what_a_ledger_of_one_market_comes_to(gansu, path):
    """Written a second time, as loops: equipment by year of purchase, upkeep, energy, programmes."""
    row, year = gansu.case.names.index("vehicles"), 2033
    market = jax.tree.map(np.asarray, gansu.case.markets[row].inputs)
    every = path(gansu)
    found = jax.tree.map(lambda x: np.asarray(x)[IMPROVED, row], every)
    t, at = market.setting.technologies, year - START
    cost = 0.0
    for i in range(len(t.price)):
        for bought in range(DECIDE, year + 1):
            if year - bought < t.lifetime[i]:
                units = found.bought[bought - START, 0, :, i].sum() / found.service[bought - START, 0, i]
                cost += units * found.price[bought - START, i] * RATE / (1 - (1 + RATE) ** -t.lifetime[i])
        units = found.stock[at, 0, :, i].sum() / found.service[at, 0, i]
        cost += units * t.om[i]
        cost += found.stock[at, 0, :, i] @ (market.drivers.carrier_price[at] @ t.energy[i])
    for j, strength in enumerate(found.intensity[at, 0]):
        reach = market.levers.coefficient[j] > 0
        units = [x[at, 0] / found.service[at, 0] for x in (found.bought, found.stock)]
        cost += strength * (market.levers.cost_person[j] * market.drivers.population[at, 0]
                            + market.levers.cost_purchase[j] * units[0][reach].sum()
                            + market.levers.cost_stock[j] * units[1][reach].sum())
    assert resource_cost(gansu.case.inputs, every)[IMPROVED, row, at] == pytest.approx(cost)


def test_swings_cover_every_belief_and_demand_moves_emissions_the_way_it_must(any_plan):
    found = {s.factor: s for s in any_plan.why.swings}
    assert set(found) == set(SWUNG)
    row = OUTCOMES.index("emissions")
    centre = float(any_plan.why.of_kinds("emissions").sum())
    demand = found["demand"]
    assert demand.low.sum(0)[row] < centre < demand.high.sum(0)[row]


def test_samples_of_the_sobol_design_are_members_of_the_plan_and_their_indices_are_shares(gansu):
    """Even members are one sample, odd ones the other; a factor that is taken over changes what it should."""
    game = Game(gansu.case, _scenario(gansu, "improved_rule"), gansu.case.settled)
    found = sobol(game, 8, gansu.seed)
    change = headline(_tested(gansu)[IMPROVED] - _tested(gansu)[0])
    for sample, part in enumerate((found.values[0], found.values[1])):
        gap = np.abs(part[:, :-1, : len(TESTED)] - change[sample::2])
        assert (gap / np.abs(change).max((0, 1))).max() < 3e-5  # single precision
    demand, label = (found.values[2 + found.factors.index(f)] for f in ("demand", "label"))
    row = OUTCOMES.index("jobs")
    assert np.abs(demand - found.values[0])[:, :, row].max() > 0
    assert np.abs(label - found.values[0])[:, :, row].max() > 0
    total = found.found.total[:, -1, OUTCOMES.index("emissions")]
    assert (total >= 0).all()
    strong = [found.factors.index(name) for name in ("demand", "label", "effect", "shocks")]
    assert total.max() == pytest.approx(total[strong].max())


def test_the_explanation_is_plain_json(gansu):
    body = json.loads(json.dumps(plain(gansu.why.to_dict()), allow_nan=False))
    assert set(body["kinds"]) == {"as_is", "report_rule", "improved_rule"}
    assert len(body["measures"]) == len(gansu.why.measures)


def _trace(plan: Plan, market: str) -> Trace:
    technology = get(market).technologies[0].id
    return trace(plan.case, _scenario(plan, "improved_rule"), "improved_rule", market, technology, 2030,
                 default_world())


def test_terms_make_the_share_and_the_cost_that_the_simulation_had(gansu, path):
    for row, name in enumerate(gansu.case.names):
        found = _trace(gansu, name)
        count = len(found.compiled.definition.technologies)
        made = np.exp(found.terms.sum(-1))
        made /= made.sum(-1, keepdims=True)
        np.testing.assert_allclose(made, found.share, atol=1e-12)
        np.testing.assert_allclose(found.share, path(gansu).share[IMPROVED, row, 2030 - START, 0, :, :count], atol=1e-9)
        np.testing.assert_allclose(found.costs.sum(-1), found.year.cost[0, :, :count], rtol=1e-12)
        if not (found.inputs.setting.technologies.value_drop > 0).any():
            np.testing.assert_allclose(found.costs[..., -1], 0, atol=1e-9 * np.abs(found.costs).max())


def test_every_parameter_of_every_technology_has_a_source_or_is_a_result(gansu):
    for name in gansu.case.names:
        found = _trace(gansu, name)
        for technology in found.compiled.definition.technologies:
            rows = parameters(replace(found, technology=technology.id))
            assert len({p.term for p in rows}) >= 6
            for p in rows:
                assert np.isfinite(p.value), p
                assert p.unit, p
                assert p.source is not None or p.origin == "simulated" or p.origin.endswith(".remainder"), p


def test_what_cannot_be_explained_is_refused_before_anything_runs():
    with pytest.raises(UnknownNameError, match="scenario"):
        explain("gansu", scenario="no_policy")
    with pytest.raises(UnknownNameError, match="vehicles"):
        explain("gansu", markets=["vehicels"])
    with pytest.raises(InvalidInputError, match="2050"):
        traced("gansu", "vehicles", "bev", year=2050)
    with pytest.raises(InvalidInputError, match="no data"):
        traced("taiwan", "vehicles", "bev")
