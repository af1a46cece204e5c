"""Draws of what is uncertain: one member of an ensemble is one draw of the beliefs of a market."""

from __future__ import annotations

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Float

from seedbed.market.arrays import Array, Beliefs
from seedbed.market.beliefs import Prior

PERSISTENCE = 0.6  # of taste shocks from year to year


class Spread(eqx.Module):
    """One standard deviation of each uncertain belief (see beliefs.Prior)."""

    alpha: Float[Array, ""]
    beta: Float[Array, ""]
    need: Float[Array, ""]
    label: Float[Array, ""]
    shock: Float[Array, ""]
    learning: Float[Array, ""]
    price: Float[Array, ""]
    energy: Float[Array, ""]
    demand: Float[Array, ""]
    elsewhere: Float[Array, ""]

    @classmethod
    def of(cls, prior: Prior) -> Spread:
        """The spreads of one market's prior."""
        names = ("alpha", "beta", "need", "label", "shock", "learning", "price", "energy", "demand",
                 "elsewhere")
        values = [prior.shock if n == "shock" else getattr(prior, f"{n}_spread") for n in names]
        return cls(*(jnp.asarray(v, dtype=jnp.float64) for v in values))


def draw(centre: Beliefs, spread: Spread, key: Array) -> Beliefs:
    """One member's beliefs around the centre; logs for what must stay positive."""
    k = jax.random.split(key, 10)
    normal = partial(jax.random.normal, dtype=jnp.float64)
    slope = centre.beta * (1 - centre.beta)
    odds = jnp.log(centre.beta / (1 - centre.beta)) + spread.beta / slope * normal(k[1])
    fresh = normal(k[8], centre.shocks.shape) * spread.shock * jnp.sqrt(1 - PERSISTENCE**2)

    def follow(last: Array, new: Array) -> tuple[Array, Array]:
        now = PERSISTENCE * last + new
        return now, now

    shocks = jax.lax.scan(follow, jnp.zeros(centre.shocks.shape[-1]), fresh)[1]
    return eqx.tree_at(
        lambda b: (b.alpha, b.beta, b.need, b.label_weight, b.learning, b.price_drift, b.energy_drift,
                   b.demand_drift, b.elsewhere_drift, b.shocks),
        centre,
        (centre.alpha * jnp.exp(spread.alpha * normal(k[0])), jax.nn.sigmoid(odds),
         centre.need * jnp.exp(spread.need * normal(k[9])),
         jnp.maximum(centre.label_weight + spread.label * normal(k[2]), 0.0),
         centre.learning * jnp.exp(spread.learning * normal(k[3])),
         centre.price_drift + spread.price * normal(k[4], centre.price_drift.shape),
         centre.energy_drift + spread.energy * normal(k[5]),
         centre.demand_drift + spread.demand * normal(k[6]),
         centre.elsewhere_drift + spread.elsewhere * normal(k[7]), shocks))
