"""Draws of what is uncertain: one member of an ensemble is one draw of the beliefs of a market."""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from seedbed.errors import UnknownNameError
from seedbed.market.arrays import Array, Beliefs
from seedbed.market.beliefs import Prior

PERSISTENCE = 0.6  # of taste shocks from year to year


KINDS = ("parameters", "process", "world")
"""What a band may contain: beliefs about buyers, taste shocks from year to year, and prices and demand outside."""
_PARAMETERS, _WORLD = ("joint", "label", "learning"), ("price", "energy", "demand", "elsewhere")
DRAWS = 128  # of the joint beliefs that a member picks from


class Spread(eqx.Module):
    """How uncertain each belief is: one standard deviation, or draws where beliefs hang together (beliefs.Prior)."""

    joint: Float[Array, "D 4"]  # deviations of log alpha, logit beta, log(memory − 1), log need
    label: Float[Array, ""]
    shock: Float[Array, ""]
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
        values = {n: np.asarray(prior.shock if n == "shock" else getattr(prior, f"{n}_spread"))
                  for n in ("label", "shock", "learning", *_WORLD)}  # fmt: skip
        values["joint"] = _joint(prior)
        off = [*(_PARAMETERS if "parameters" not in kinds else ()), *(("shock",) if "process" not in kinds else ()),
               *(_WORLD if "world" not in kinds else ())]  # fmt: skip
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
    shapes = (*[()] * 5, centre.price_drift.shape, centre.shocks.shape)
    sizes = [int(np.prod(shape)) for shape in shapes]
    thrown = jax.random.normal(dice, (sum(sizes),), dtype=jnp.float64)  # all at once: compiled once
    parts = jnp.split(thrown, np.cumsum(sizes)[:-1])
    label, learning, energy, demand, elsewhere, price, shocks = (
        part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))
    fresh = shocks * spread.shock * jnp.sqrt(1 - PERSISTENCE**2)

    def follow(last: Array, new: Array) -> tuple[Array, Array]:
        now = PERSISTENCE * last + new
        return now, now

    shocks = jax.lax.scan(follow, jnp.zeros(centre.shocks.shape[-1]), fresh)[1]
    return eqx.tree_at(
        lambda b: (b.alpha, b.beta, b.memory, b.need, b.label_weight, b.learning, b.price_drift, b.energy_drift,
                   b.demand_drift, b.elsewhere_drift, b.shocks),
        centre,
        (centre.alpha * jnp.exp(alpha), jax.nn.sigmoid(jnp.log(centre.beta / (1 - centre.beta)) + beta),
         1 + (centre.memory - 1) * jnp.exp(memory), centre.need * jnp.exp(need),
         jnp.maximum(centre.label_weight + spread.label * label, 0.0),
         centre.learning * jnp.exp(spread.learning * learning),
         centre.price_drift + spread.price * price,
         centre.energy_drift + spread.energy * energy,
         centre.demand_drift + spread.demand * demand,
         centre.elsewhere_drift + spread.elsewhere * elsewhere, shocks))
