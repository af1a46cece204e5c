"""Draws of what is uncertain: one member of an ensemble is one draw of the beliefs of a market."""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from seedbed.base.errors import UnknownNameError
from seedbed.market.arrays import Array, Beliefs
from seedbed.market.beliefs import Prior

PERSISTENCE = 0.6  # of taste shocks from year to year
STAYING = (0.8, 0.9, 0.94, 0.95)  # correlation of ranks in the forecast, year to year: as its simulated paths have it


_OF_KIND = {"parameters": ("joint", "label", "learning"), "process": ("shock", "rank"),
            "world": ("price", "energy", "demand", "elsewhere")}
KINDS = tuple(_OF_KIND)
"""What a band may contain: beliefs about buyers; taste shocks and the forecast's spread; prices and demand outside."""
DRAWS = 128  # of the joint beliefs that a member picks from


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

    @classmethod
    def of(cls, prior: Prior, kinds: Sequence[str] = KINDS) -> Spread:
        """The spreads of one market's prior; what is not of `kinds` (see KINDS) is held at its centre."""
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown:
            raise UnknownNameError("kind of uncertainty", unknown[0], KINDS)
        values = {n: np.asarray(getattr(prior, f"{n}_spread")) for n in ("label", "learning", *_OF_KIND["world"])}
        values |= {"joint": _joint(prior), "shock": np.asarray(prior.shock), "rank": np.asarray(1.0)}
        off = [name for kind, names in _OF_KIND.items() if kind not in kinds for name in names]
        return cls(**{n: jnp.asarray(0.0 * v if n in off else v, dtype=jnp.float64) for n, v in values.items()})


def _joint(prior: Prior) -> np.ndarray:
    """DRAWS deviations, (D, 4): of the posterior where there is one, else independent and mirrored (mean zero)."""
    if prior.joint:
        return np.resize(np.array(prior.joint), (DRAWS, 4))
    odds = prior.beta * (1 - prior.beta)
    scale = np.array([prior.alpha_spread, prior.beta_spread / odds, prior.memory_spread, prior.need_spread])
    half = np.random.default_rng(0).normal(size=(DRAWS // 2, 4)) * scale
    return np.concatenate([half, -half])


def draw(centre: Beliefs, spread: Spread, key: Array) -> Beliefs:
    """One member's beliefs around the centre; what must stay positive moves in logs."""
    pick, dice = jax.random.split(key)
    alpha, beta, memory, need = spread.joint[jax.random.randint(pick, (), 0, DRAWS)]
    years, _, width = centre.shocks.shape
    shapes = (*[()] * 5, centre.price_drift.shape, centre.rank.shape, (years, width))
    sizes = [int(np.prod(shape)) for shape in shapes]
    thrown = jax.random.normal(dice, (sum(sizes),), dtype=jnp.float64)  # all at once: compiled once
    parts = jnp.split(thrown, np.cumsum(sizes)[:-1])
    label, learning, energy, demand, elsewhere, price, ranks, shocks = (
        part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))
    shocks = _remembering(shocks.at[0].set(0.0), [PERSISTENCE] * (years - 1))  # the first year is observed
    shocks = jnp.broadcast_to((spread.shock * shocks)[:, None], centre.shocks.shape)
    ranks = spread.rank * _remembering(ranks, STAYING[: len(ranks) - 1])
    return eqx.tree_at(
        lambda b: (b.alpha, b.beta, b.memory, b.need, b.label_weight, b.learning, b.price_drift, b.energy_drift,
                   b.demand_drift, b.elsewhere_drift, b.shocks, b.rank),
        centre,
        (centre.alpha * jnp.exp(alpha), jax.nn.sigmoid(jnp.log(centre.beta / (1 - centre.beta)) + beta),
         1 + (centre.memory - 1) * jnp.exp(memory), centre.need * jnp.exp(need),
         jnp.maximum(centre.label_weight + spread.label * label, 0.0),
         centre.learning * jnp.exp(spread.learning * learning),
         centre.price_drift + spread.price * price,
         centre.energy_drift + spread.energy * energy,
         centre.demand_drift + spread.demand * demand,
         centre.elsewhere_drift + spread.elsewhere * elsewhere, shocks, ranks))


def _remembering(fresh: Float[Array, "T X"], parts: Sequence[float]) -> Float[Array, "T X"]:
    """A series that begins with the first of `fresh` and keeps `parts` of itself from year to year."""
    def follow(last: Array, new: tuple[Array, Array]) -> tuple[Array, Array]:
        part, value = new
        now = part * last + jnp.sqrt(1 - part**2) * value
        return now, now

    later = jax.lax.scan(follow, fresh[0], (jnp.asarray(parts, dtype=fresh.dtype), fresh[1:]))[1]
    return jnp.concatenate([fresh[:1], later])
