"""Soft stage membership inside the simulation: `stage.membership` in JAX, for gradients.

`share` is the green part of purchases, `growth` that of the whole demand, so a market declines only once its
green part is mature: a young green product in a shrinking market (blended cement) is still young.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from seedbed.market.stage import THRESHOLDS


def _logit(share: Array | float) -> Array:
    return jnp.log(share / (1 - jnp.asarray(share)))


def membership(share: Float[Array, " R"], growth: Float[Array, " R"]) -> Float[Array, "R 4"]:
    """Emergence, growth, maturity, decline; rows sum to one (the formula is in `stage.membership`)."""
    t = THRESHOLDS
    x = _logit(jnp.clip(share, 1e-6, 1 - 1e-6))
    emergence = jax.nn.sigmoid((_logit(t.emergence_share) - x) / t.share_softness)
    beyond = jax.nn.sigmoid((x - _logit(t.maturity_share)) / t.share_softness) * (1 - emergence)
    falling = jax.nn.sigmoid((t.decline_growth - growth) / t.decline_softness)
    return jnp.stack([emergence, 1 - emergence - beyond, beyond * (1 - falling), beyond * falling], axis=-1)
