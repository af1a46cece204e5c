"""Actions: explicit years, real strengths, one row each, reviews that can be failed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from seedbed.base.years import DECIDE
from seedbed.market.definition import definitions, get
from seedbed.planning.actions import LISTED, PER_KIND, WORTH_DOING, phases
from seedbed.planning.focus import _log_scale
from seedbed.planning.scenarios import SINCE
from seedbed.policy.instrument import library


@pytest.mark.parametrize("until", [2027, 2028, 2030, 2035, 2060])
def test_phases_cover_the_decided_years_once_without_a_gap(until):
    years = [y for a, b in phases(until) for y in range(a, b + 1)]
    assert years == list(range(DECIDE, until + 1))
    assert len(phases(until)) <= 3


def test_every_action_names_explicit_years_inside_the_plan_and_a_strength(any_plan):
    assert any_plan.actions
    for action in any_plan.actions:
        assert [(p.start, p.end) for p in action.phases] == phases(2035)
        assert all(0 <= p.intensity <= 1 for p in action.phases), action
        assert max(p.intensity for p in action.phases) >= WORTH_DOING
        assert action.cost >= 0
        assert np.isfinite(action.effect)


def test_every_action_is_an_instrument_of_the_library_with_its_kind_and_actor(any_plan):
    for action in any_plan.actions:
        instrument = library()[action.instrument]
        assert (action.kind, action.actor) == (instrument.kind.value, instrument.actor)
        assert instrument.status != "ended"
        if action.market is not None:
            assert instrument.reaches(action.market)


def test_actions_belong_to_the_first_two_tiers_and_help(any_plan):
    chosen = {*any_plan.focus.tier("now"), *any_plan.focus.tier("next")}
    for action in any_plan.actions:
        if action.market is not None:
            assert action.market in chosen
            assert action.effect > 0
            assert action.review is not None


def test_no_market_gets_more_of_a_kind_than_the_limit_and_no_row_comes_twice(any_plan):
    rows = [(a.market, a.instrument) for a in any_plan.actions]
    assert len(set(rows)) == len(rows)
    of_market = Counter((a.market, a.kind) for a in any_plan.actions if a.market)
    shared = {a.actor for a in any_plan.actions if a.market is None}
    assert max(of_market.values()) <= PER_KIND
    assert {"government", "enterprise", "finance"} <= shared <= {"government", "enterprise", "finance", "consumer"}


def test_what_is_listed_carries_most_of_the_public_money(any_plan):
    whole = float(any_plan.runs.public_money.sel(scenario="improved_rule", year=SINCE).sum())
    assert sum(a.cost for a in any_plan.actions) >= LISTED * whole


def test_reviews_fall_at_the_end_of_the_first_phase_between_quartiles(any_plan):
    for action in any_plan.actions:
        if action.review is not None:
            assert action.review.year == phases(2035)[0][1]
            assert 0 <= action.review.low <= action.review.high <= 1


def test_only_markets_that_sell_abroad_have_an_export_response(any_plan):
    named = {e.market for e in any_plan.exports}
    nation = any_plan.case.place.slug == "china"
    assert named == {d.id for d in definitions().values() if any(t.export for t in d.technologies)
                     and (nation or d.supply_key)}
    for response in any_plan.exports:
        assert response.today >= 0
        assert response.improved >= response.as_is * 0.9
        assert response.border_carbon == any(t.export and t.export.border_carbon
                                             for t in get(response.market).technologies)
        assert all(library()[i].lever == "market_access" for i in response.instruments)


def test_scores_on_a_log_scale_keep_order_zero_and_gaps():
    found = _log_scale([1e9, 1e6, 0.0, None, 1e7])
    assert found[0] == 1.0
    assert found[2] == 0.0
    assert found[3] is None
    assert found[1] is not None
    assert found[4] is not None
    assert found[1] < found[4] < 1.0
    assert _log_scale([0.0, 0.0]) == [0.0, 0.0]
