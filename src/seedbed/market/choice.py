"""Choice rules: how utility, familiarity and availability become shares of purchases."""

from __future__ import annotations

from abc import abstractmethod

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


class AbstractChoice(eqx.Module):
    """A rule that returns shares of purchases; rows over technologies sum to one."""

    @abstractmethod
    def __call__(self, utility: Float[Array, "*L I"], familiarity: Float[Array, "*L I"],
                 availability: Float[Array, "*L I"]) -> Float[Array, "*L I"]:
        """Shares of purchases, each 0–1."""


class FamiliarLogit(AbstractChoice):
    """P_i ∝ a_i · f_i^β · exp(v_i): McFadden's logit at β = 0, the replicator of substitution at β = 1."""

    beta: Float[Array, ""]

    def __call__(self, utility: Float[Array, "*L I"], familiarity: Float[Array, "*L I"],
                 availability: Float[Array, "*L I"]) -> Float[Array, "*L I"]:
        return jax.nn.softmax(utility + self.beta * jnp.log(familiarity) + jnp.log(availability), axis=-1)
