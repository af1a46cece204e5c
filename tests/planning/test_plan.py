"""`plan`: what every plan of every place must hold, and what is refused before anything runs."""

from __future__ import annotations

import json

import jax
import numpy as np
import pytest
import xarray as xr

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.plain import plain
from seedbed.base.years import DECIDE
from seedbed.facts import places
from seedbed.market.definition import definitions
from seedbed.market.ensemble import QUANTILES, Indicators, ensemble
from seedbed.planning.focus import criteria
from seedbed.planning.plan import Plan, plan
from seedbed.planning.runs import members as members_of
from seedbed.planning.scenarios import SCENARIOS, mixes

NO_POLICY, AS_IS, REPORT, IMPROVED = range(4)


def test_it_covers_every_market_year_and_scenario(any_plan):
    assert sorted(any_plan.case.names) == sorted(definitions())
    assert any_plan.years == list(range(2024, 2036))
    assert dict(any_plan.tested.sizes) == {"scenario": len(SCENARIOS), "member": any_plan.members,
                                           "market": len(definitions()), "year": 12}
    assert any_plan.tested.scenario.values.tolist() == list(SCENARIOS)


def test_all_tested_numbers_are_finite_and_shares_are_shares(any_plan):
    for name in Indicators._fields:
        if name != "utilisation":
            assert np.isfinite(any_plan.tested[name]).all(), name
    for name in ("green_share", "green_stock"):
        values = any_plan.tested[name]
        assert values.min() >= 0
        assert values.max() <= 1 + 1e-6


def test_bands_are_ordered_and_hold_their_place_in_the_members(any_plan):
    for indicator in ("green_market", "public_money", "life_cycle_emissions", "jobs"):
        bands = any_plan.bands(indicator)
        assert bands.shape == (4, len(QUANTILES), 12)
        assert (np.diff(bands, axis=1) >= 0).all()
    one = any_plan.bands("green_share", "vehicles")
    values = any_plan.tested.green_share.sel(market="vehicles").median("member")
    np.testing.assert_allclose(one[:, 2], values, rtol=1e-6)


def test_as_it_is_avoids_nothing_against_itself_and_the_report_rule_something(any_plan):
    avoided = any_plan.avoided()
    assert avoided.shape == (4, len(QUANTILES))
    assert (avoided[AS_IS] == 0).all()
    assert (np.diff(avoided, axis=1) >= 0).all()
    assert avoided[REPORT, 2] > avoided[AS_IS, 2] > avoided[NO_POLICY, 2]


def test_no_policy_never_costs_more_than_policy_as_it_is(any_plan):
    money = any_plan.public_money()
    assert (money[NO_POLICY] <= money[AS_IS] + 1).all()
    assert (money >= 0).all()


def test_years_before_the_decision_are_the_same_in_every_scenario(any_plan):
    for name in ("green_share", "public_money", "jobs"):
        past = any_plan.tested[name].sel(year=slice(None, DECIDE - 1))
        assert (past == past.sel(scenario="as_is")).all(), name


def test_four_markets_come_first_four_next_and_the_rest_wait(any_plan):
    tiers = [len(any_plan.focus.tier(t)) for t in ("now", "next", "reserve")]
    assert tiers == [4, 4, len(definitions()) - 8]
    totals = [r.total for r in any_plan.focus.ranked]
    assert totals == sorted(totals, reverse=True)


def test_totals_are_weighted_scores_between_zero_and_one_times_the_confidence_of_the_data(any_plan):
    weights = {k: c.weight for k, c in criteria().criteria.items()}
    assert sum(weights.values()) == pytest.approx(1.0)
    for ranked in any_plan.focus.ranked:
        assert set(ranked.scores) == set(weights)
        known = {k: v for k, v in ranked.scores.items() if v is not None}
        assert all(0 <= v <= 1 for v in known.values()), ranked
        mean = sum(weights[k] * v for k, v in known.items()) / sum(weights[k] for k in known)
        assert ranked.total == pytest.approx(mean * criteria().confidence[definitions()[ranked.market].data])


def test_the_nation_has_no_row_of_its_own_and_a_province_stands_on_one(any_plan):
    assert (any_plan.focus.row is None) == (any_plan.case.place.id == "CN")


def test_stages_of_markets_are_probabilities(any_plan):
    for market in any_plan.markets:
        assert sum(market.stage) == pytest.approx(1.0)
        assert len(market.strength) == len(market.rule_strength) == 4
        assert 0 <= market.green_share <= 1
        assert market.size > 0


def test_four_balances_have_figures_that_can_fail(any_plan):
    found = any_plan.balances
    assert found.years == tuple(range(DECIDE, 2036))
    assert found.pace.shape == (10, 4)
    assert (found.pace >= 0).all()
    assert (found.pace <= 1).all()
    assert found.jump >= np.abs(np.diff(found.pace, axis=0)).max() - 1e-12
    assert found.smooth
    assert found.money_before > 0
    assert found.money_first > 0
    assert found.money_of_gdp is not None
    assert 0 < found.money_of_gdp < 0.2
    assert {s.market for s in found.supply} >= {"vehicles", "electricity"}
    assert all(0 <= s.chance <= 1 and np.isfinite(s.lowest) and s.year in found.years for s in found.supply)
    assert all(q >= 0 for _, q in found.region)
    assert np.isfinite([found.market_gain, found.jobs_gain]).all()


def again(made: Plan, members: int) -> xr.Dataset:
    """Members of the scenarios of a plan, run again."""
    runs = ensemble(*made.case.stacked(made.case.scenarios(made.improvement.rule)), jax.random.key(made.seed), members)
    return members_of(made.case, runs)


def test_the_same_seed_tests_to_the_same_bits(gansu):
    assert again(gansu, gansu.members).identical(gansu.tested)


def test_fewer_members_are_the_first_of_a_plans(gansu):
    assert again(gansu, 8).identical(gansu.tested.sel(member=slice(0, 7)))


def test_every_step_is_told_in_its_order_to_its_end(gansu, told):
    steps = told[gansu.place.place.slug]
    assert list(dict.fromkeys(step for step, _, _ in steps)) == [
        "diagnose", "focus", "mix", "test", "actions", "instruments"]
    assert {step for step, done, of in steps if done == of} == {step for step, _, _ in steps}


def test_plain_data_survives_json_and_says_where_it_comes_from(any_plan):
    body = any_plan.to_dict()
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    assert body["provenance"]["place"] == any_plan.case.place.id
    assert set(body["scenarios"]) == set(SCENARIOS)
    assert set(body["green_share"]) == set(definitions())
    assert len(body["results"]["jobs"]["as_is"]) == len(QUANTILES)


def test_missing_numbers_become_null_and_dataclasses_plain():
    assert plain({"a": (float("nan"), np.array([1.0, np.inf]))}) == {"a": [None, [1.0, None]]}


def test_the_dataset_names_its_axes_and_units(gansu):
    data = gansu.to_xarray()
    assert dict(data.sizes) == {"scenario": 4, "member": 16, "market": len(definitions()), "year": 12}
    assert all(v.attrs["unit"] for v in data.data_vars.values())
    assert data.attrs["place"] == "CN-GS"
    assert data.jobs.attrs["unit"] == "job"


def test_scenarios_differ_only_from_the_year_of_decision():
    made = mixes(places.resolve("china"), 2035)
    assert tuple(made) == SCENARIOS
    for mix in made.values():
        for name, schedule in made["as_is"].schedules.items():
            for year in range(2024, DECIDE):
                assert mix.intensity(name, year) == schedule.get(year, 0.0)
    assert all(year < DECIDE for s in made["no_policy"].schedules.values() for year in s)


def test_a_provinces_rule_leaves_what_the_nation_decides_as_it_is():
    ours, nation = (mixes(places.resolve(name), 2035) for name in ("gansu", "china"))
    for name in ("national_ets", "nev_purchase_tax_exemption", "energy_efficiency_standards"):
        for year in (2030, 2035):
            assert ours["improved_rule"].intensity(name, year) == ours["as_is"].intensity(name, year)
            assert nation["improved_rule"].intensity(name, year) == "rule"
    assert ours["report_rule"].intensity("coal_boiler_phaseout", 2030) == "rule"
    assert ours["report_rule"].intensity("charging_network", 2030) == "rule"


@pytest.mark.parametrize(("wrong", "said"), [
    ({"until": DECIDE}, rf"^until.*{DECIDE} is out of range.*from {DECIDE + 1} to 2060"),
    ({"until": 2061}, r"^until.*2061 is out of range"),
    ({"members": 3}, r"^members.*3 members are too few.*at least 8"),
    ({"budget": -1.0}, r"^budget.*not positive"),
    ({"budget": 0.0}, r"^budget.*not positive"),
    ({"budget": float("nan")}, r"^budget.*not positive"),
])
def test_what_cannot_be_planned_is_refused_naming_the_parameter(wrong, said):
    with pytest.raises(InvalidInputError, match=said):
        plan("gansu", **wrong)


def test_a_place_without_data_is_refused():
    with pytest.raises(InvalidInputError, match=r"Taiwan has no data.*31 mainland provinces"):
        plan("taiwan")


def test_wrong_names_offer_the_nearest():
    with pytest.raises(UnknownNameError, match="gansu"):
        plan("gansoo")
    with pytest.raises(UnknownNameError, match="vehicles"):
        plan("gansu", markets=["vehicels"])
