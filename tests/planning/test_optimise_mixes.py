"""The finding about the rule, the front and the alternatives of a plan."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from seedbed.base.years import DECIDE
from seedbed.planning.improve import DRAWS, VIEWS
from seedbed.planning.optimise.descend import TOLERANCE
from seedbed.planning.optimise.mixes import CARBON_VALUES, SLACK
from seedbed.planning.optimise.objective import DEFAULT, worth
from seedbed.policy.instrument import Kind
from seedbed.policy.rule import report_rule


def test_the_rule_is_improved_under_every_draw_and_view(any_plan):
    found = any_plan.improvement
    assert found.drawn.shape == (DRAWS, 4, 4)
    assert set(found.views) == set(VIEWS)
    assert found.drawn.std(0).max() > 0.01
    low, high = found.band()
    assert (low <= found.drawn.mean(0) + 1e-9).all()
    assert (found.drawn.mean(0) <= high + 1e-9).all()


def test_a_difference_counts_only_outside_the_band_by_enough_and_holds_only_if_no_view_is_against_it(any_plan):
    report = np.array(report_rule().matrix())
    made = replace(any_plan.improvement, drawn=np.repeat(report[None], DRAWS, 0), views={"buyers": report.copy()})
    assert not made.differs().any()
    made.drawn[:, 1, 1] = np.linspace(0.05, 0.15, DRAWS)  # far below the report's half
    made.drawn[:, 0, 0] = report[0, 0] + np.linspace(-0.1, 0.3, DRAWS)  # the report's value is inside the band
    made.drawn[:, 2, 2] = report[2, 2] + 0.01  # outside, but too little to name
    made.views["buyers"][1, 1] = 0.2
    assert np.argwhere(made.differs()).tolist() == [[1, 1]]
    assert np.argwhere(made.holds()).tolist() == [[1, 1]]
    made.views["buyers"][1, 1] = 0.6
    assert made.against(1, 1) == ["buyers"]
    assert not made.holds().any()


def test_along_the_front_a_higher_carbon_value_never_avoids_less(any_plan):
    front = any_plan.mixes.front
    assert tuple(p.carbon_value for p in front) == CARBON_VALUES
    for lower, higher in pairwise(front):
        assert higher.mix.avoided >= lower.mix.avoided - 1e-6 * abs(lower.mix.avoided)
    for p in front:
        assert p.mix.violation <= TOLERANCE
        assert p.mix.totals.public_money <= any_plan.improvement.budget * (1 + TOLERANCE)


def test_no_point_of_the_front_is_bettered_by_another_at_its_own_carbon_value(any_plan):
    for p in any_plan.mixes.front:
        weights = DEFAULT._replace(emissions=p.carbon_value)
        mine = worth(weights, p.mix.totals)
        assert all(worth(weights, q.mix.totals) <= mine + 1e-9 * abs(mine) for q in any_plan.mixes.front)


def test_free_strengths_gain_at_least_what_the_rule_gains(any_plan):
    base = worth(DEFAULT, any_plan.mixes.base)
    rule = worth(DEFAULT, any_plan.improvement.totals) - base
    assert any_plan.mixes.best.gain >= 0.999 * rule > 0
    assert any_plan.mixes.report.gain == pytest.approx(rule - any_plan.improvement.gain, rel=1e-9)


def test_alternatives_keep_the_gain_and_lean_where_they_say(any_plan):
    found = any_plan.mixes
    assert len(found.alternatives) == 2 * len(Kind)
    for a in found.alternatives:
        kind = [k.value for k in Kind].index(a.kind)
        if a.mix.violation <= TOLERANCE:
            assert a.mix.gain >= (1 - SLACK) * found.best.gain - 0.01 * abs(found.best.gain)
        leaning = a.mix.strength[kind] - found.best.strength[kind]
        assert leaning <= 0.02 if a.least else leaning >= -0.02
        assert all(change > 0 for _, change in a.more)
        assert all(change < 0 for _, change in a.less)
    assert max(a.distance for a in found.alternatives) > 0.02
    for low, high in found.ranges().values():
        assert 0 <= low <= high <= 1


def test_the_schedule_of_the_best_mix_names_every_standing_instrument_and_year(any_plan):
    schedule = any_plan.mixes.schedule
    assert set(schedule) == set(any_plan.case.names)
    for market in any_plan.case.markets:
        for name, strengths in schedule[market.definition.id].items():
            assert name in market.slots.names
            assert len(strengths) == any_plan.until - DECIDE + 1
            assert all(0 <= x <= 1 for x in strengths)
