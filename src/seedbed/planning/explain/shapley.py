"""Shares of a joint result, as plain numbers: nothing here knows of markets or policies.

A *game* gives a worth to every set of players. Shapley (1953): a player's share is what it adds, averaged over all
orders in which the players can join; shares add up to the whole (efficiency), equals get equal shares (symmetry),
who adds nothing gets nothing (dummy), and shares of a sum of games are sums of shares (additivity).
Owen (1977) does the same where players form groups that join as a whole: the shares of a group's members add up to
the Shapley value of the group.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

Play = Callable[[Bool[np.ndarray, "N M J"]], Float[np.ndarray, "N M *K"]]


def coalitions(players: int) -> Bool[np.ndarray, "S n"]:
    """All 2ⁿ sets of players; row s holds the bits of s, so row 0 is empty and the last is everybody."""
    return (np.arange(1 << players)[:, None] >> np.arange(players)) & 1 == 1


def shapley(worth: Float[np.ndarray, "S ..."]) -> Float[np.ndarray, "n ..."]:
    """Exact Shapley values from the worth of all 2ⁿ sets, in the order of `coalitions`."""
    players = len(worth).bit_length() - 1
    found = np.zeros((players, *worth.shape[1:]))
    for player in range(players):
        for others, weight in _joined(players, player):
            found[player] += weight * (worth[others | 1 << player] - worth[others])
    return found


def _joined(players: int, player: int) -> list[tuple[int, float]]:
    """(set, weight) of all sets of the others that `player` can join; weights |S|!(n−|S|−1)!/n! sum to one."""
    return [(s, 1 / (players * comb(players - 1, s.bit_count())))
            for s in range(2**players) if not s >> player & 1]


class Shares(NamedTuple):
    """Shares of players J in games M (any further axes K), and their standard error from sampling orders."""

    value: Float[np.ndarray, "M J *K"]
    error: Float[np.ndarray, "M J *K"]


class _Chain(NamedTuple):
    """Members of `group` join the groups `others` one after another: `order` M×L, −1 where a game has fewer."""

    group: int
    others: int
    weight: float
    order: Int[np.ndarray, "M L"]


def owen(play: Play, groups: Int[np.ndarray, "M J"], worth: Float[np.ndarray, "S M *K"], *, samples: int,
         seed: int) -> Shares:
    """Owen values of many games at once, by sampled orders; the sum over a group is exact whatever `samples` is.

    `groups` gives the group of each player (0…n−1, or −1 for one that takes no part), `worth` the worth of all 2ⁿ
    sets of whole groups. `play` returns the worth of sets of players (N sets, each with its own players per game).
    For every group and each set of other groups that it can join, its members join in one drawn order, and in the
    reverse order where the set is the complement (antithetic: what interacts with others early in one comes late in
    the other). `samples` (≥ 2) is the number of such rounds; the error is the deviation between rounds over √samples.
    """
    if samples < 2:
        raise ValueError("at least two rounds are needed for an error")
    draws = np.random.default_rng(seed)
    rounds = np.stack([_round(play, groups, worth, draws) for _ in range(samples)])
    return Shares(rounds.mean(0), rounds.std(0, ddof=1) / np.sqrt(samples))


def _round(play: Play, groups: np.ndarray, worth: np.ndarray, draws: np.random.Generator) -> np.ndarray:
    chains = _chains(groups, len(worth).bit_length() - 1, draws)
    masks = np.concatenate([_masks(chain, groups) for chain in chains])
    played = play(masks)
    found = np.zeros((*groups.shape, *worth.shape[2:]))
    first, game = 0, np.arange(len(groups))
    for chain in chains:
        last = first + chain.order.shape[1] - 1
        path = np.concatenate([worth[None, chain.others], played[first:last],
                               worth[None, chain.others | 1 << chain.group]])
        for step, player in enumerate(chain.order.T):
            joins = player >= 0
            found[game[joins], player[joins]] += chain.weight * (path[step + 1] - path[step])[joins]
        first = last
    return found


def _chains(groups: np.ndarray, count: int, draws: np.random.Generator) -> list[_Chain]:
    """Every group joining every set of others, with antithetic orders for complements."""
    found: list[_Chain] = []
    for group in range(count):
        rest = 2**count - 1 - (1 << group)
        orders: dict[int, np.ndarray] = {}
        for others, weight in _joined(count, group):
            if others not in orders:
                orders[others] = _orders(groups == group, draws)
                orders[rest - others] = orders[others][:, ::-1]
            if orders[others].shape[1]:
                found.append(_Chain(group, others, weight, orders[others]))
    return found


def _orders(member: Bool[np.ndarray, "M J"], draws: np.random.Generator) -> Int[np.ndarray, "M L"]:
    """A random order of each game's members, padded with −1 (anywhere: nobody joins in that step)."""
    longest = int(member.sum(1).max())
    out = np.full((len(member), longest), -1)
    for row, mine in enumerate(member):
        ids = np.flatnonzero(mine)
        out[row, draws.permutation(longest)[: len(ids)]] = draws.permutation(ids)
    return out


def _masks(chain: _Chain, groups: np.ndarray) -> Bool[np.ndarray, "N M J"]:
    """Who is in after each step but the last (that worth is known)."""
    there = (groups >= 0) & ((chain.others >> np.maximum(groups, 0)) & 1 == 1)
    masks: list[np.ndarray] = []
    for player in chain.order.T[:-1]:
        joins = player >= 0
        there = there.copy()
        there[np.flatnonzero(joins), player[joins]] = True
        masks.append(there)
    return np.array(masks, dtype=bool).reshape(-1, *groups.shape)
