"""The first years follow what was forecast: shifts of taste that make policy as it is give a member's forecast.

The equation says what policies change; how fast its technologies spread in the next years, all else as it is, is better
known from many regions' history (learning/forecast, scored in docs/forecasts.md). So each member lies somewhere in that
forecast (`Beliefs.rank`), and what the equation misses of it is added to taste. The shifts are found in the reference
world at central beliefs and held: what another world or a drawn belief changes, acts. All scenarios of a member share
these shifts; the last one stays.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from seedbed.market.arrays import Array, Inputs, State, mapped, put
from seedbed.market.contest import Year, step
from seedbed.market.forecasts import SCORES
from seedbed.market.trajectory import anchored, rule_of

CORRECTIONS = 4  # of a year's shift: within 1 % of the forecast
LEAST, MOST = 1e-4, 0.95  # of a year's purchases that a group can take: what demand cannot hold is not followed
LONGEST = 3.0  # utility units that one correction moves


class _Before(NamedTuple):
    """What a year starts from: the state, and purchases and stock of the first year."""

    state: State
    share: Float[Array, "R G"]  # of the first year's purchases
    stock: Float[Array, "R G"]  # service units at its end
    moved: Float[Array, "R G"]  # of the year before


def settled(inputs: Inputs, *, forecast: bool = True) -> Inputs:
    """The beliefs that a run starts from: anchored to the first year and, where there is a `forecast`, steered."""
    found = anchored(inputs)
    return steered(found) if forecast else found


def steered(inputs: Inputs) -> Inputs:
    """Add to anchored inputs the shifts that make the first years under policy as it is follow the forecast.

    In these years the member's place in the forecast stands for the shocks of its market: they are in its spread.
    """
    ahead, shocks = inputs.ahead, inputs.beliefs.shocks
    shifts = _shifts(_usual(inputs))
    early = jnp.where(jnp.arange(len(shocks)) < len(shifts), 1.0, 0.0)[:, None, None]
    own = shocks * (1 - early * ahead.known.max(-1, keepdims=True))
    later = (len(shocks) - len(shifts), *shifts.shape[1:])
    shifts = jnp.concatenate([shifts, jnp.broadcast_to(shifts[-1:], later)])
    return put(lambda i: i.beliefs.shocks, inputs, own + shifts @ ahead.group)


def _usual(inputs: Inputs) -> Inputs:
    """The same market in the first years of the reference world, at central beliefs, anchored there."""
    ahead = inputs.ahead
    central = put(lambda b: b.rank, ahead.beliefs, inputs.beliefs.rank)
    return anchored(put(lambda i: (i.setting.discount, i.drivers, i.beliefs), inputs,
                        (ahead.discount, ahead.drivers, central)))


def _shifts(inputs: Inputs) -> Float[Array, "_ R G"]:
    """The shift of each group in each of these years.

    A year is tried CORRECTIONS times with a shift of each group, and then run.
    """
    groups, known, years = inputs.ahead.group, inputs.ahead.known, len(inputs.drivers.year)
    nothing = jnp.zeros_like(known)
    moves = jnp.concatenate([nothing[None], _moves(inputs)])
    choice = rule_of(inputs)
    order = np.array([0, *np.repeat(np.arange(1, years), CORRECTIONS + 1)])  # the year of each attempt
    last = np.append(order[1:] != order[:-1], True)  # where a year is run

    def attempt(carry: tuple[_Before, Array], xs: tuple[Array, Array]) -> tuple[tuple[_Before, Array], Array]:
        before, shift = carry
        number, run = xs
        now, shock, move = mapped(lambda x: x[number], (inputs.drivers, inputs.beliefs.shocks, moves))
        after, happened = step(inputs, before.state, now, shock + shift @ groups, choice)
        share, opening = _share(groups, happened), number == 0
        wanted = _wanted(inputs, before, after, happened, move)
        others, left = (1 - (part * known).sum(-1, keepdims=True) for part in (wanted, share))
        gap = jnp.log(wanted / share) - jnp.log(others / left)
        better = shift + jnp.clip(gap, -LONGEST, LONGEST) * known
        done = _Before(after, jnp.where(opening, share, before.share),
                       jnp.where(opening, _stock(groups, after), before.stock), move)
        return jax.tree.map(partial(jnp.where, run), (done, shift), (before, better)), shift

    begin = (_Before(inputs.start, nothing, nothing, nothing), nothing)
    return jax.lax.scan(attempt, begin, (jnp.asarray(order), jnp.asarray(last)))[1][last]


def _moves(inputs: Inputs) -> Float[Array, "H R G"]:
    """Where the forecast has each group at the member's rank, against the first year."""

    def at(rank: Array, nodes: Array) -> Array:
        return jnp.interp(rank, jnp.asarray(SCORES), nodes)

    by_place = jax.vmap(jax.vmap(at), in_axes=(None, 0))
    return jax.vmap(by_place)(inputs.beliefs.rank, inputs.ahead.move)


def _share(groups: Array, year: Year) -> Float[Array, "R G"]:
    bought = year.bought.sum(1)
    return jnp.clip(bought @ groups.T / bought.sum(-1, keepdims=True), LEAST, 1 - LEAST / 2)


def _stock(groups: Array, after: State) -> Float[Array, "R G"]:
    return after.stock.sum((1, 2)) @ groups.T


def _wanted(inputs: Inputs, before: _Before, after: State, year: Year, move: Array) -> Float[Array, "R G"]:
    """Part of the year's purchases that the forecast asks for.

    Of purchases it is a share (log odds against the first year); of the stock it is what capacity grows by, at what a
    unit yields now, and what wears out.
    """
    groups, known, setting = inputs.ahead.group, inputs.ahead.known, inputs.setting
    bought = year.bought.sum(1)
    odds = jnp.log(before.share / (1 - before.share)) + move
    useful = (bought * year.service / setting.technologies.service) @ groups.T / jnp.maximum(bought @ groups.T, 1e-12)
    grown = before.stock * (jnp.exp(move) - jnp.exp(before.moved)) * useful
    worn = _stock(groups, before.state) + bought @ groups.T - _stock(groups, after)
    part = jnp.where(setting.by_purchases > 0, jax.nn.sigmoid(odds), (grown + worn) / bought.sum(-1, keepdims=True))
    part = jnp.maximum(part, LEAST)
    return part * jnp.minimum(1.0, MOST / jnp.maximum((part * known).sum(-1, keepdims=True), MOST))
