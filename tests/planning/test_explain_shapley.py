"""Shares of a joint result: known answers, the axioms, and sampled orders against all orders."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.planning.explain.shapley import coalitions, owen, shapley


def worths(players: int, worth) -> np.ndarray:
    """The worth of all sets of `players` in the order of `coalitions`."""
    return np.array([float(worth(set(np.flatnonzero(row).tolist()))) for row in coalitions(players)])


@st.composite
def games(draw, players: int = 4) -> np.ndarray:
    values = draw(st.lists(st.floats(-1e3, 1e3), min_size=2**players, max_size=2**players))
    return np.array(values)


def test_two_left_gloves_and_one_right_glove_share_as_published():
    """Shapley (1953) as told in every textbook: the owner of the scarce glove gets two thirds."""
    pair = worths(3, lambda s: 2 in s and len(s) > 1)
    np.testing.assert_allclose(shapley(pair), [1 / 6, 1 / 6, 2 / 3], atol=1e-15)


def test_an_airport_is_shared_as_littlechild_and_owen_found():
    """Littlechild and Owen (1973): each stretch of the runway is shared by those that need it."""
    cost = worths(3, lambda s: max((8, 11, 13)[i] for i in s) if s else 0)
    np.testing.assert_allclose(shapley(cost), [8 / 3, 8 / 3 + 3 / 2, 8 / 3 + 3 / 2 + 2], atol=1e-12)


@given(games())
@settings(max_examples=50, deadline=None)
def test_shares_add_up_to_the_whole(game):
    assert shapley(game).sum() == pytest.approx(game[-1] - game[0], abs=1e-9)


@given(games(), games())
@settings(max_examples=20, deadline=None)
def test_shares_of_a_sum_are_sums_of_shares(one, other):
    np.testing.assert_allclose(shapley(one + other), shapley(one) + shapley(other), atol=1e-9)


@given(st.floats(-5, 5), st.floats(-5, 5))
@settings(max_examples=20, deadline=None)
def test_equals_get_equal_shares_and_who_adds_nothing_gets_nothing(a, b):
    game = worths(4, lambda s: a * (0 in s) * (1 in s) + b * len(s & {0, 1, 2}) ** 2)
    found = shapley(game)
    assert found[0] == pytest.approx(found[1], abs=1e-12)
    assert found[3] == 0.0


GROUPS = np.array([[0, 0, 0, 1, 1, 2, -1], [0, 1, 1, 1, 2, 2, -1]])  # two games, three groups, one onlooker


def _worth(mask: np.ndarray) -> np.ndarray:
    """A game with pairs and a threshold (last axis: players); two results."""
    x = mask[..., :6].astype(float)
    pairs = x[..., 0] * x[..., 3] * 4 - x[..., 1] * x[..., 2] + x[..., 2] * x[..., 4] * x[..., 5] * 6
    return np.stack([x @ np.arange(1.0, 7.0) + pairs, np.maximum(x.sum(-1) - 2, 0) ** 2], axis=-1)


def _whole() -> np.ndarray:
    return _worth(coalitions(3)[:, np.maximum(GROUPS, 0)] & (GROUPS >= 0))


def _exact(groups: np.ndarray) -> np.ndarray:
    """Owen values by all orders of groups and all orders within them."""
    players = [np.flatnonzero(groups == g).tolist() for g in range(3)]
    found, orders = np.zeros((7, 2)), 0
    for outer in permutations(range(3)):
        for inner in permutations(players[outer[0]]):
            for middle in permutations(players[outer[1]]):
                for last in permutations(players[outer[2]]):
                    mask, before, orders = np.zeros(7, dtype=bool), _worth(np.zeros(7, dtype=bool)), orders + 1
                    for player in (*inner, *middle, *last):
                        mask[player] = True
                        after = _worth(mask)
                        found[player] += after - before
                        before = after
    return found / orders


@pytest.mark.parametrize("seed", [0, 1])
def test_members_of_a_group_share_what_the_group_gets_whatever_the_orders_drawn(seed):
    found = owen(_worth, GROUPS, _whole(), samples=2, seed=seed)
    by_group = shapley(_whole())
    for game in range(2):
        for group in range(3):
            mine = found.value[game, GROUPS[game] == group].sum(0)
            np.testing.assert_allclose(mine, by_group[group, game], atol=1e-12)
    assert (found.value[:, 6] == 0).all()


def test_sampled_orders_come_to_the_mean_over_all_orders_within_their_stated_error():
    found = owen(_worth, GROUPS, _whole(), samples=300, seed=3)
    exact = np.stack([_exact(row) for row in GROUPS])
    assert (np.abs(found.value - exact) <= 4 * found.error + 1e-12).all()
    assert found.error.max() < 0.1
    assert found.error.max() > 0.001


def test_groups_of_one_get_their_shapley_value_without_error():
    alone = np.array([[0, 1, 2, -1, -1, -1, -1]])
    whole = _worth(coalitions(3)[:, np.maximum(alone, 0)] & (alone >= 0))
    found = owen(_worth, alone, whole, samples=2, seed=1)
    np.testing.assert_allclose(found.value[0, :3], shapley(whole)[:, 0], atol=1e-12)
    assert found.error.max() < 1e-12


def test_one_round_says_nothing_of_its_error_and_is_refused():
    with pytest.raises(ValueError, match="two rounds"):
        owen(_worth, GROUPS, _whole(), samples=1, seed=0)
