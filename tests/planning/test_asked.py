"""What a planner asks of a plan: other prices, and how probably targets are met."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import seedbed as sb
from seedbed.base.errors import InvalidInputError, SeedbedError, UnknownNameError
from seedbed.base.years import LAST, START
from seedbed.market.simulate import simulate
from seedbed.market.world import along, default_world
from seedbed.planning import targets
from seedbed.planning.case import Case
from seedbed.planning.scenarios import SCENARIOS, at
from seedbed.planning.stage import stage

DOOR: Any = sb  # as one without types uses it
YEARS = np.arange(2010, LAST + 1)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(default_world().carrier_price)), st.integers(START + 1, LAST), st.integers(0, 12),
       st.floats(0.1, 50), st.booleans())
def test_a_price_would_change_in_years_that_were_not_named(carrier, first, length, number, times) -> None:
    last = min(first + length, LAST)
    label = default_world().carrier_label[carrier].zh
    world = default_world().priced([f"{label}={'x' if times else ''}{number:.4f}@{first}:{last}"])
    before, after = (along(w.carrier_price[carrier], YEARS) for w in (default_world(), world))
    named = (first <= YEARS) & (last >= YEARS)
    np.testing.assert_allclose(after[~named], before[~named])
    expected = round(number, 4) * before[named] if times else np.full(named.sum(), round(number, 4))
    np.testing.assert_allclose(after[named], expected)
    others = default_world().carrier_price.keys() - {carrier}
    assert all(world.carrier_price[name] == default_world().carrier_price[name] for name in others)


@pytest.mark.parametrize("words", ["petrol", "petrol=9", "petrol=-1@2027", "petrol=9@2020", "petrol=9@2030:2027",
                                   "petrol=nan@2027", "patrol=9@2027", "petrol=9@2027:9999", ""])
def test_a_price_that_cannot_be_meant_is_refused(words: str) -> None:
    with pytest.raises(SeedbedError):
        default_world().priced([words])


def test_dearer_petrol_sells_electric_cars_and_the_result_says_that_it_was_asked_for() -> None:
    usual, dear = (simulate("vehicles", "guangdong", until=2030, price=price)
                   for price in (None, ["petrol=x2@2026:2030"]))
    assert float(dear.dataset.green_share.sel(year=2030).min()) > float(usual.dataset.green_share.sel(year=2030).min())
    assert dear.dataset.attrs["own_prices"] == "petrol=x2@2026:2030"
    assert "own_prices" not in usual.dataset.attrs


@pytest.mark.parametrize("words", [
    "vehicles", "vehicles=0.6", "vehicles=1.6@2030", "vehicles=0@2030", "vehicles=0.6@2020",
    "vehicles=0.6@2040", "vehicels=0.6@2030", "cement=0.5@2030"])
def test_a_target_that_cannot_be_meant_is_refused(words: str) -> None:
    with pytest.raises(SeedbedError):
        targets.asked([words], ["vehicles"], 2035)


def test_targets_have_their_names_and_numbers_in_all_their_forms() -> None:
    assert targets.asked(["汽车=60%@2030", "vehicles = 0.6@2030"], ["vehicles"], 2035) == [("vehicles", 0.6, 2030)] * 2


def test_a_target_is_met_by_the_part_of_the_members_that_reach_it() -> None:
    years = [2025, 2026, 2027, 2028]
    shares = np.zeros((4, 5, 1, 4)) + np.array([0.7, 0.3, 0.5, 0.6])  # what 2025 had does not count
    shares[0, :2, 0, 2] = 0.4
    tested = xr.Dataset({"green_share": (("scenario", "member", "market", "year"), shares)},
                        {"scenario": list(SCENARIOS), "market": ["vehicles"], "year": years})
    (found,) = targets.met(tested, [("vehicles", 0.5, 2027)])
    assert found.chance == {SCENARIOS[0]: 0.6} | dict.fromkeys(SCENARIOS[1:], 1.0)
    assert found.middle[SCENARIOS[0]] == 0.5
    assert found.when == dict.fromkeys(SCENARIOS, 2027)
    (never,) = targets.met(tested, [("vehicles", 0.9, 2028)])
    assert set(never.when.values()) == {None}


def test_what_is_decided_holds_in_every_scenario_but_that_without_policy_and_the_rule_has_the_rest() -> None:
    decided = ["charging_network=0.95@2026:2030", "product_carbon_label=0.4@2028"]
    case = Case.of("gansu", markets=["vehicles"], decided=decided)
    plain = Case.of("gansu", markets=["vehicles"])
    names = case.markets[0].slots.names
    charging, label = names.index("charging_network"), names.index("product_carbon_label")
    mine, usual = case.scenarios(), plain.scenarios()
    for scenario in range(len(SCENARIOS)):
        fixed, ruled = np.asarray(mine.fixed)[scenario, 0], np.asarray(mine.by_rule)[scenario, 0]
        none = SCENARIOS[scenario] == "no_policy"
        assert fixed[at(2026):at(2030) + 1, charging] == pytest.approx(0.0 if none else 0.95)
        assert not ruled[at(2026):at(2030) + 1, charging].any()
        assert fixed[at(2028), label] == pytest.approx(0.0 if none else 0.4)
        others = [j for j in range(len(names)) if j not in (charging, label)]
        assert np.array_equal(fixed[:, others], np.asarray(usual.fixed)[scenario, 0][:, others])
    later = np.asarray(mine.by_rule)[SCENARIOS.index("report_rule"), 0, :, charging]
    assert later[at(2030)] == 0.0 < later[at(2035)], "after the years named the rule decides again"


@pytest.mark.parametrize(("decided", "said"), [
    (["charging_network=0.5@2020"], "2026–2035"), (["charging_network=0.5@2030:2060"], "2026–2035"),
    (["green_steel_premium=0.5@2030"], "does not reach"), (["charging=0.5@2030"], "Unknown instrument"),
    ({"instruments": {"charging_network": {"2030:2031": 7}}}, "outside 0–1"),
    ({"instrumnts": {}}, "key of a mix")])
def test_a_decision_that_cannot_act_is_refused_before_anything_runs(decided: Any, said: str) -> None:
    with pytest.raises((InvalidInputError, UnknownNameError), match=said):
        Case.of("gansu", markets=["vehicles"], decided=decided)


@pytest.mark.parametrize(("price", "said"), [
    ("coal=x1.5@2040:2045", "no year of"), ("petrol=x1.5@2027", "no technology here uses petrol")])
def test_a_price_that_cannot_act_is_refused_wherever_it_is_given(price: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        simulate("cement", "gansu", until=2030, price=[price])
    with pytest.raises(InvalidInputError, match=said):
        Case.of("gansu", markets=["cement"], until=2030, price=[price])
    Case.of("gansu", markets=["cement", "vehicles"], until=2030, price=["petrol=x1.5@2027"])


@pytest.mark.parametrize("year", [1900, 2050])
def test_a_stage_of_a_market_takes_no_year_and_says_so(year: int) -> None:
    with pytest.raises(InvalidInputError, match="whole history"):
        stage("cement", year=year)


@pytest.mark.parametrize(("ask", "parameter"), [
    (lambda: DOOR.simulate(None), "market"), (lambda: DOOR.simulate("cement", [1]), "place"),
    (lambda: DOOR.simulate("cement", []), "place"), (lambda: DOOR.simulate("cement", until="soon"), "until"),
    (lambda: DOOR.simulate("cement", members=2.5), "members"), (lambda: DOOR.simulate("cement", seed=None), "seed"),
    (lambda: DOOR.plan("gansu", members=8.5, markets=["steel"]), "members"),
    (lambda: DOOR.plan("gansu", budget="five"), "budget"), (lambda: DOOR.stage("guangdong", year="x"), "year"),
    (lambda: DOOR.footprint("cement", 10**400), "amount"), (lambda: DOOR.lab("gansu", members=-1), "members")])
def test_a_wrong_type_is_an_error_that_names_the_parameter_before_anything_runs(
        ask: Callable[[], object], parameter: str) -> None:
    with pytest.raises(InvalidInputError) as met:
        ask()
    assert str(met.value.where) == parameter or parameter in str(met.value)


def test_numbers_of_numpy_and_whole_floats_are_numbers_at_the_door() -> None:
    usual = DOOR.simulate("cement", "gansu", until=2026).dataset
    for until in (np.int64(2026), 2026.0):
        assert DOOR.simulate("cement", ("gansu",), until=until).dataset.identical(usual)
