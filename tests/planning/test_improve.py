"""The improved rule: inside its bounds, inside its budget, no worse than the report's."""

from __future__ import annotations

import numpy as np
import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.planning.improve import improve
from seedbed.policy.rule import report_rule


def test_the_improved_rule_stays_between_nothing_and_the_ceiling(any_plan):
    matrix = np.array(any_plan.improvement.rule.matrix())
    assert matrix.shape == (4, 4)
    assert matrix.min() >= 0
    assert matrix.max() <= 1


def test_it_stays_within_the_budget_which_is_by_default_what_the_reports_rule_costs(any_plan):
    found = any_plan.improvement
    assert found.budget == pytest.approx(found.report_cost)
    assert found.totals.public_money <= 1.001 * found.budget


def test_its_objective_is_not_below_that_of_the_reports_rule(any_plan):
    assert any_plan.improvement.gain >= 0
    assert any_plan.improvement.rule.matrix() != report_rule().matrix()


def test_its_slopes_and_effects_are_finite_and_not_all_zero(any_plan):
    found = any_plan.improvement
    assert found.slopes.shape == (4, 4)
    assert found.effects.shape[0] == len(any_plan.case.names)
    for values in (found.slopes, found.effects):
        assert np.isfinite(values).all()
        assert np.abs(values).max() > 0


def test_unused_slots_have_no_effect(gansu):
    for row, market in enumerate(gansu.case.markets):
        unused = [j for j, i in enumerate(market.slots.instruments) if i is None]
        assert np.abs(gansu.improvement.effects[row, unused]).max() == 0


def test_half_the_money_is_respected_and_buys_no_more(gansu):
    told: list[int] = []
    full = gansu.improvement
    half = improve(gansu.case, 0.5 * full.report_cost, lambda done, of: told.append(of))
    assert half.totals.public_money <= 1.001 * half.budget
    assert half.gain <= full.gain * 1.01 + 1  # one in a hundred is what the search resolves from its starts
    assert len(told) == told[0]


def test_a_budget_below_earlier_promises_is_refused_naming_it_and_the_floor(gansu):
    with pytest.raises(InvalidInputError, match=r"^budget: .*promises .* cost [\d.e+]+ CNY.*more than [\d.e+]+ CNY"):
        improve(gansu.case, 1.0)


def test_the_same_case_improves_to_the_same_rule(gansu):
    again = improve(gansu.case, None)
    assert again.rule == gansu.improvement.rule
    assert (again.effects == gansu.improvement.effects).all()
