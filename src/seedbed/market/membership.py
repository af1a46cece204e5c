"""Soft membership of a green market in the four life-cycle stages, inside the simulation.

The same thresholds serve the classifier of observed series (`stage`); here they are smooth, so that an
intensity that follows the rule follows the market by itself and gradients flow through it.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


@dataclass(frozen=True)
class StageThresholds:
    """Where stages meet: shares are of the market's potential, growth is a fraction per year."""

    growth_from: float = 0.05  # below: emergence (the 'early adopter' end of Rogers 2003, 2.5 %–16 %)
    maturity_from: float = 0.50  # above: maturity (inflection of a logistic)
    shrinking: float = -0.01  # demand growth below which a mature market declines
    softness_share: float = 0.25  # relative width of the share thresholds (log units)
    softness_growth: float = 0.004


THRESHOLDS = StageThresholds()


def membership(share: Float[Array, " R"], growth: Float[Array, " R"],
               limits: StageThresholds = THRESHOLDS) -> Float[Array, "R 4"]:
    """Emergence, growth, maturity, decline; rows sum to one.

    `share`: green share of purchases relative to its potential; `growth`: yearly growth of demand.
    A market declines only once its green part is mature: a young green product in a shrinking market
    (blended cement) is still young.
    """
    log_share = jnp.log(jnp.maximum(share, 1e-6))
    beyond_start = jax.nn.sigmoid((log_share - jnp.log(limits.growth_from)) / limits.softness_share)
    beyond_growth = jax.nn.sigmoid((log_share - jnp.log(limits.maturity_from)) / limits.softness_share)
    mature = beyond_start * beyond_growth
    falling = jax.nn.sigmoid((limits.shrinking - growth) / limits.softness_growth)
    return jnp.stack([1 - beyond_start, beyond_start - mature, mature * (1 - falling), mature * falling], axis=-1)
