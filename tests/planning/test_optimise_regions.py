"""Provinces in order: their runs together, the order, and what spills over."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.facts import places
from seedbed.planning.optimise.regions import Turns, turns

NAMES = ("guangdong", "guangxi", "gansu")


@pytest.fixture(scope="module")
def found() -> Turns:
    """Vehicles in two neighbours and a place far away."""
    return turns(NAMES, markets=["vehicles"], until=2028)


def test_places_come_by_benefit_per_money_and_join_one_by_one(found):
    assert {t.place for t in found.order} == {places.resolve(n).id for n in NAMES}
    assert all(a.ratio >= b.ratio for a, b in pairwise(found.order))
    first = found.order[0]
    assert first.gained == pytest.approx(first.at_home + first.elsewhere, rel=1e-6)
    assert first.spent == pytest.approx(first.cost, rel=1e-6)
    assert found.together == found.order[-1].gained


def test_a_market_that_learns_helps_places_that_do_nothing(found):
    assert max(abs(t.elsewhere) for t in found.order) > 0
    assert all(abs(t.elsewhere) < abs(t.at_home) for t in found.order)
    assert found.apart == pytest.approx(sum(t.at_home for t in found.order))


def test_the_budget_cuts_the_order_where_the_money_runs_out(found):
    spent = [t.spent for t in found.order]
    assert [t.within for t in found.order] == [s <= found.budget for s in spent]
    assert found.budget == pytest.approx(spent[-1] / 2)


def test_one_place_has_no_order():
    with pytest.raises(InvalidInputError, match=r"^place: one place has no order"):
        turns(["gansu"], markets=["vehicles"], until=2028)


def test_nothing_but_numbers(found):
    for t in found.order:
        assert np.isfinite([t.at_home, t.elsewhere, t.cost, t.gained, t.spent]).all()
