"""Draws of what is uncertain: one member of an ensemble is one world, and one draw of the beliefs of each market in it.

What comes from outside (energy prices, demand, purchases elsewhere, the price at the border) is drawn once a member and
shared by its markets: their totals move together. What is a market's own is drawn by the market's name. So a member is
the same whatever other markets, scenarios, years or members are run beside it.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, UInt32

from seedbed.base.errors import UnknownNameError
from seedbed.base.years import FIRST, LAST
from seedbed.market.arrays import Array, Beliefs
from seedbed.market.beliefs import Prior
from seedbed.market.beliefs import prior as believed
from seedbed.market.definition import Definition
from seedbed.market.forecasts import AHEAD
from seedbed.market.slots import assign

PERSISTENCE = 0.6  # of taste shocks from year to year
STAYING = (0.8, 0.9, 0.94, 0.95)  # correlation of ranks in the forecast, year to year: as its simulated paths have it


_OF_KIND = {"parameters": ("joint", "label", "learning"), "effects": ("effect", "running"),
            "process": ("shock", "rank"), "world": ("price", "energy", "demand", "elsewhere", "border")}
SHARED = ("energy", "demand", "elsewhere", "border")  # one draw for all markets of a member
KINDS = tuple(_OF_KIND)
"""What a band may contain: beliefs about buyers; what instruments do and cost; taste shocks and the forecast's spread;
prices and demand outside."""
DRAWS = 128  # of the joint beliefs that a member picks from
LONGEST = LAST - FIRST + 1  # years that shocks are thrown for


class Spread(eqx.Module):
    """How uncertain each belief is: one standard deviation, or draws where beliefs hang together (beliefs.Prior)."""

    joint: Float[Array, "D 4"]  # deviations of log alpha, logit beta, log(memory − 1), log need
    label: Float[Array, ""]
    shock: Float[Array, ""]
    rank: Float[Array, ""]  # 1: members spread over the forecast, 0: all follow its median
    learning: Float[Array, ""]
    price: Float[Array, ""]
    energy: Float[Array, ""]
    demand: Float[Array, ""]
    elsewhere: Float[Array, ""]
    border: Float[Array, ""]
    effect: Float[Array, " J"]
    running: Float[Array, " J"]
    instrument: UInt32[Array, " J"]  # whose draws they are: an instrument does and costs the same in all markets
    market: UInt32[Array, ""]  # whose draws they are: a number made from the market's id

    @classmethod
    def of(cls, definition: Definition, kinds: Sequence[str] = KINDS) -> Spread:
        """The spreads of one market; what is not of `kinds` (see KINDS) is held at its centre. Raises as `check`."""
        check(kinds)
        prior = believed(definition)
        values = {n: np.asarray(getattr(prior, f"{n}_spread")) for n in ("label", "learning", *_OF_KIND["world"])}
        held = assign(definition.id).instruments
        values |= {"effect": np.array([i.spread if i else 0.0 for i in held]),
                   "running": np.array([i.cost.spread if i and i.cost else 0.0 for i in held])}
        values |= {"joint": _joint(prior), "shock": np.asarray(prior.shock), "rank": np.asarray(1.0)}
        off = [name for kind, names in _OF_KIND.items() if kind not in kinds for name in names]
        scaled = {n: jnp.asarray(0.0 * v if n in off else v, dtype=jnp.float64) for n, v in values.items()}
        names = np.array([crc32(i.id.encode()) if i else 0 for i in held], dtype=np.uint32)
        mine = jnp.asarray(crc32(definition.id.encode()), dtype=jnp.uint32)
        return cls(**scaled, instrument=jnp.asarray(names), market=mine)


def check(kinds: Sequence[str]) -> None:
    """Raise UnknownNameError for a kind of uncertainty that is not in KINDS."""
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownNameError("kind of uncertainty", kind, KINDS)


def _joint(prior: Prior) -> np.ndarray:
    """DRAWS deviations, (D, 4): of the posterior where there is one, else independent and mirrored (mean zero)."""
    if prior.joint:
        return np.resize(np.array(prior.joint), (DRAWS, 4))
    odds = prior.beta * (1 - prior.beta)
    scale = np.array([prior.alpha_spread, prior.beta_spread / odds, prior.memory_spread, prior.need_spread])
    half = np.random.default_rng(0).normal(size=(DRAWS // 2, 4)) * scale
    return np.concatenate([half, -half])


def member(centre: Beliefs, spread: Spread, key: Array, number: Array) -> Beliefs:
    """The beliefs of one market in member `number` of an ensemble with `key`; what must stay positive moves in logs.

    As many numbers are thrown for a short run as for a long one: a member's years do not change with the horizon.
    """
    mine = jax.random.fold_in(key, number)
    world = dict(zip(SHARED, jax.random.normal(mine, (len(SHARED),), dtype=jnp.float64), strict=True))

    def of_instrument(name: Array) -> Array:
        return jax.random.normal(jax.random.fold_in(mine, name), (2,), dtype=jnp.float64)

    done, paid = jax.vmap(of_instrument, out_axes=1)(spread.instrument)
    pick, dice = jax.random.split(jax.random.fold_in(mine, spread.market))
    alpha, beta, memory, need = spread.joint[jax.random.randint(pick, (), 0, DRAWS)]
    shapes = ((), (), centre.price_drift.shape, (AHEAD, *centre.rank.shape[1:]), (LONGEST, centre.shocks.shape[-1]))
    sizes = [int(np.prod(shape)) for shape in shapes]
    thrown = jax.random.normal(dice, (sum(sizes),), dtype=jnp.float64)  # all at once: compiled once
    parts = jnp.split(thrown, np.cumsum(sizes)[:-1])
    label, learning, price, ranks, shocks = (part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))
    years = len(centre.shocks)
    shocks = _remembering(shocks[:years].at[0].set(0.0), [PERSISTENCE] * (years - 1))  # the first year is observed
    shocks = jnp.broadcast_to((spread.shock * shocks)[:, None], centre.shocks.shape)
    ahead = len(centre.rank)
    ranks = spread.rank * _remembering(ranks[:ahead], STAYING[: ahead - 1])
    drifts = {f"{name}_drift": getattr(centre, f"{name}_drift") + getattr(spread, name) * world[name]
              for name in SHARED}
    return replace(
        centre, **drifts, alpha=centre.alpha * jnp.exp(alpha),
        beta=jax.nn.sigmoid(jnp.log(centre.beta / (1 - centre.beta)) + beta),
        memory=1 + (centre.memory - 1) * jnp.exp(memory), need=centre.need * jnp.exp(need),
        label_weight=centre.label_weight * jnp.exp(spread.label * label),
        effect=centre.effect + spread.effect * done, running=centre.running + spread.running * paid,
        learning=centre.learning * jnp.exp(spread.learning * learning),
        price_drift=centre.price_drift + spread.price * price, shocks=shocks, rank=ranks)


def _remembering(fresh: Float[Array, "T X"], parts: Sequence[float]) -> Float[Array, "T X"]:
    """A series that begins with the first of `fresh` and keeps `parts` of itself from year to year."""
    def follow(last: Array, new: tuple[Array, Array]) -> tuple[Array, Array]:
        part, value = new
        now = part * last + jnp.sqrt(1 - part**2) * value
        return now, now

    later = jax.lax.scan(follow, fresh[0], (jnp.asarray(parts, dtype=fresh.dtype), fresh[1:]))[1]
    return jnp.concatenate([fresh[:1], later])
