"""Pairwise comparison: the share equation of Mercure (2012, Energy Policy 48), which FTT uses, as pure functions.

Whoever replaces a unit of technology j compares it with one other technology i, met in proportion to its share:

    dS_i/dt = Σ_j S_i·S_j·(A_ij·P_ij − A_ji·P_ji)

`A` is the turnover (a year), `P_ij` the part of comparisons that i wins. Axes: technology `I` first, then any
lanes `L` (regions, scenarios), so that a processor works on several lanes at once. Each pair is computed once:
shift d compares every technology with the d-th after it, d = 1 … I/2 around the circle.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from seedbed.market.arrays import Array, mapped
from seedbed.market.preference import Tanh, preference

T = TypeVar("T")

LIMIT_WIDTH = 0.1 / 1.25  # of the share limits, in share


class Cost(NamedTuple):
    """A cost and its standard deviation among buyers, in any unit; a cost of zero means: not on offer."""

    mean: Float[Array, " I *L"]
    spread: Float[Array, " I *L"]


class Limits(NamedTuple):
    """Shares that the system allows at most and needs at least."""

    upper: Float[Array, " I *L"]
    lower: Float[Array, " I *L"]


class Offers(NamedTuple):
    """What the technologies bring into a comparison.

    With `running` (the cost of going on with what one has) the comparison is about scrapping before its time:
    `cost` is then what a challenger costs within the payback time that people ask for.
    """

    cost: Cost
    regulated: Float[Array, " I *L"] | None = None  # 0 free … 1 cannot grow
    limits: Limits | None = None
    running: Cost | None = None


class Turnover(NamedTuple):
    """Turnover by shift d = 1 … I/2 (axis D): from the partner to i, and from i to the partner, a year."""

    gained: Float[Array, " D I *L"]
    lost: Float[Array, " D I *L"]


class _Side(NamedTuple):
    """One side of all comparisons, with what depends on one technology only worked out."""

    share: Array
    cost: Cost  # with the variance in place of the spread
    free: Array | None  # 1 − regulated
    room: Limits | None  # 0 at the limit … 1 far from it
    running: Cost | None


def turnover(rates: Float[Array, " I I *L"]) -> Turnover:
    """`rates[i, j]` (from j to i, a year) by shift; lanes may have length 1 where all have the same rates.

    With even I the last shift meets each pair twice, so half of it is zero.
    """
    count: int = rates.shape[0]
    i, d = np.arange(count), np.arange(1, count // 2 + 1)
    j = (i[None] + d[:, None]) % count
    once = np.where((2 * d[:, None] == count) & (i[None] >= j), 0.0, 1.0).reshape(*j.shape, *[1] * (rates.ndim - 2))
    return Turnover(jnp.asarray(rates[i[None], j] * once), jnp.asarray(rates[j, i[None]] * once))


def regulation(stock: Array, cap: Array) -> Array:
    """How far a cap on the stock holds growth back: 0 far below it, 1 above; cap 0: 1, cap −1: no cap."""
    soft = (1 + jnp.tanh(1.5 + 10 * (stock - cap) / jnp.where(cap > 0, cap, 1.0))) / 2
    return jnp.where(cap > 0, soft, jnp.where(cap < 0, 0.0, 1.0))


def _won(i: _Side, j: _Side, tanh: Tanh) -> tuple[Array, Array]:
    """(P_ij, P_ji): the parts of comparisons that i and j win, after regulation and share limits."""
    if i.running is not None and j.running is not None:
        won = preference(j.running.mean - i.cost.mean, i.cost.spread + j.running.spread, tanh)
        lost = preference(i.running.mean - j.cost.mean, j.cost.spread + i.running.spread, tanh)
        if i.free is not None and j.free is not None:
            won, lost = won * i.free, lost * j.free
    else:
        won = preference(j.cost.mean - i.cost.mean, i.cost.spread + j.cost.spread, tanh)
        if i.free is not None and j.free is not None:
            won = won * i.free * j.free + i.free * (1 - j.free) + (1 - i.free) * (1 - j.free) / 2
        lost = 1 - won
    if i.room is not None and j.room is not None:
        won, lost = won * i.room.upper * j.room.lower, lost * j.room.upper * i.room.lower
    return won, lost


def _moved(i: Array, j: Array, gain: Array) -> Array:
    """What i takes from j: one Runge-Kutta step of dm/dt = (S_i + m)·(S_j − m)·gain for the pair alone."""
    product, gap = i * j, j - i
    half = gain / 2
    first = half * product
    second = half * (product + first * (gap - first))
    third = gain * (product + second * (gap - second))
    fourth = gain * (product + third * (gap - third))
    return (2 * (first + 2 * second + third) + fourth) / 6


def _side(share: Array, offers: Offers) -> _Side:
    on_offer = (share > 0) & (offers.cost.mean != 0)
    running = offers.running
    if running is not None:
        on_offer &= running.mean != 0
        running = Cost(running.mean, running.spread**2)
    room = None
    if offers.limits is not None:
        upper = jnp.tanh((offers.limits.upper - share) / LIMIT_WIDTH)
        room = Limits(upper, (1 + jnp.tanh((share - offers.limits.lower) / LIMIT_WIDTH)) / 2)
    free = None if offers.regulated is None else 1 - offers.regulated
    cost = Cost(offers.cost.mean, offers.cost.spread**2)
    return _Side(jnp.where(on_offer, share, 0.0), cost, free, room, running)


def share_change(share: Float[Array, " I *L"], offers: Offers, rates: Turnover, years: float | Array, *,
                 tanh: Tanh = jnp.tanh) -> Float[Array, " I *L"]:
    """Change of shares over a step of `years` with costs as they are; sums to zero over technologies.

    Pairs in which one has no share, or is not on offer, do not move. Shares stay within 0 and 1 where turnover
    times `years` is at most 1/2. Sources: Mercure (2012); limits and scrapping as in FTT:Power and FTT:Heat.
    """
    lanes = share.shape[1:]
    side, turned = _flat(_side(share, offers), lanes, 1), Turnover(*(years * x for x in _flat(rates, lanes, 2)))
    change: Array = _all_pairs(side, turned, tanh)
    return change.reshape(share.shape)


def _pair(i: _Side, j: _Side, gained: Array, lost: Array, tanh: Tanh) -> Array:
    won, beaten = _won(i, j, tanh)
    return _moved(i.share, j.share, gained * won - lost * beaten)


def _partners(side: T) -> Callable[[Array], T]:
    """For a shift d the technologies that are d further on around the circle."""
    twice = mapped(lambda x: jnp.concatenate([x, x[: len(x) // 2]]), side)
    return lambda d: mapped(lambda x, y: jax.lax.dynamic_slice_in_dim(x, d, len(y)), twice, side)


def _both(total: Array, d: Array, own: Array, partner: Array) -> Array:
    """Add to technologies what is their own and to their partners what is theirs, on a circle that overlaps."""
    total = total.at[: len(own)].add(own)
    theirs = jax.lax.dynamic_slice_in_dim(total, d, len(own)) + partner
    return jax.lax.dynamic_update_slice_in_dim(total, theirs, d, 0)


def _circle(x: Array) -> Array:
    return jnp.zeros((len(x) + len(x) // 2, *x.shape[1:]))


def _closed(total: Array, count: int) -> Array:
    return total[:count].at[: count // 2].add(total[count:])


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _all_pairs(side: _Side, rates: Turnover, tanh: Tanh) -> Array:
    """What each technology gains from all others (I × lanes)."""
    partners = _partners(side)

    def shift(total: Array, at: tuple[Array, Array, Array]) -> tuple[Array, None]:
        d, gained, lost = at
        moved = _pair(side, partners(d), gained, lost, tanh)
        return _both(total, d, moved, -moved), None

    shifts = jnp.arange(1, len(rates.gained) + 1)
    total = jax.lax.scan(shift, _circle(side.share), (shifts, rates.gained, rates.lost))[0]
    return _closed(total, len(side.share))


def _forward(side: _Side, rates: Turnover, tanh: Tanh) -> tuple[Array, tuple[_Side, Turnover]]:
    return _all_pairs(side, rates, tanh), (side, rates)


def _backward(tanh: Tanh, kept: tuple[_Side, Turnover], slope: Array) -> tuple[_Side, Turnover]:
    """The same walk over the shifts for the gradient: pairs are computed again, and nothing is kept of them."""
    side, rates = kept
    partners, slopes = _partners(side), _partners(slope)

    def shift(total: _Side, at: tuple[Array, Array, Array]) -> tuple[_Side, tuple[Array, Array]]:
        d, gained, lost = at

        def pair(i: _Side, j: _Side, won: Array, lost: Array) -> Array:
            return _pair(i, j, won, lost, tanh)

        pull = cast(Callable[[Array], Any], jax.vjp(pair, side, partners(d), gained, lost)[1])
        own, partner, *turned = pull(slope - slopes(d))
        return mapped(lambda t, x, y: _both(t, d, x, y), total, own, partner), (turned[0], turned[1])

    shifts = jnp.arange(1, len(rates.gained) + 1)
    total, turned = jax.lax.scan(shift, jax.tree.map(_circle, side), (shifts, rates.gained, rates.lost))
    return mapped(lambda x: _closed(x, len(slope)), total), Turnover(*turned)


_all_pairs.defvjp(_forward, _backward)


def _flat(tree: T, lanes: tuple[int, ...], leading: int) -> T:
    """All lanes as one axis, or none where all are the same: the compiler then works along it."""

    def flat(x: Array) -> Array:
        size = -1 if any(n > 1 for n in x.shape[leading:]) else 1
        return (jnp.broadcast_to(x, (*x.shape[:leading], *lanes)) if size < 0 else x).reshape(*x.shape[:leading], size)

    return jax.tree.map(flat, tree)


def trajectory(start: Float[Array, " I *L"], cost: Cost, rates: Turnover, *, steps: int = 20,
               tanh: Tanh = jnp.tanh) -> Float[Array, " T I *L"]:
    """Shares at the end of each of T years under given costs, whose T + 1 ends of years lead the axes of `cost`.

    Costs are linear between ends of years. Steps are computed again for the gradient, not kept.
    """

    def step(share: Array, part: Array, before: Cost, after: Cost) -> Array:
        now = mapped(lambda a, b: (1 - part) * a + part * b, before, after)
        return share + share_change(share, Offers(now), rates, 1 / steps, tanh=tanh)

    anew = cast(Callable[[Array, Array, Cost, Cost], Array], jax.checkpoint(step))

    def year(share: Array, ends: tuple[Cost, Cost]) -> tuple[Array, Array]:
        share = jax.lax.scan(lambda s, part: (anew(s, part, *ends), None), share, jnp.arange(steps) / steps)[0]
        return share, share

    lanes = start.shape[1:]
    share, cost, rates = _flat(start, lanes, 1), _flat(cost, lanes, 2), _flat(rates, lanes, 2)
    ends = mapped(lambda x: x[:-1], cost), mapped(lambda x: x[1:], cost)
    found = jax.lax.scan(year, share, ends)[1]
    return found.reshape(len(found), *start.shape)


def held(start: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Lanes of shares (I, L) by how many technologies they hold: pairs (lanes, their technologies in K rows).

    The equation brings no absent technology back, so a group may be computed by itself with only those rows. K is odd,
    because an odd number has no pair twice; a lane that holds one less gets a row of something absent.
    """
    absent = start <= 0
    rows = np.minimum((~absent).sum(0) | 1, len(start))
    order = np.argsort(absent, axis=0, kind="stable")
    return [(lanes := np.flatnonzero(rows == k), order[:k, lanes]) for k in np.unique(rows)]
