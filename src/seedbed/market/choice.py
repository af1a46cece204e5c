"""Choice rules: how utility, familiarity and availability become shares of purchases."""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from seedbed.market.arrays import Beliefs
from seedbed.market.preference import STEEPNESS, preference

SPREAD = STEEPNESS / 2**0.5  # of tastes, in units of utility: small differences then count as in the logit


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
        seen = utility + self.beta * jnp.log(familiarity)
        weight = availability * jnp.exp(seen - jax.lax.stop_gradient(seen.max(-1, keepdims=True)))
        return weight / weight.sum(-1, keepdims=True)


class Pairwise(AbstractChoice):
    """Buyers compare two alternatives, met as often as they are familiar, and take the better (Mercure 2012).

    P_i = 2·w_i·Σ_j w_j·F_ij with w ∝ a·f and F_ij = (1 + tanh(v_i − v_j))/2: at most twice what is seen of i.
    """

    def __call__(self, utility: Float[Array, "*L I"], familiarity: Float[Array, "*L I"],
                 availability: Float[Array, "*L I"]) -> Float[Array, "*L I"]:
        met = availability * familiarity
        met = met / met.sum(-1, keepdims=True)
        better = utility[..., :, None] - utility[..., None, :]
        prefer = preference(better, jnp.full_like(better, 2 * SPREAD**2))
        return 2 * met * jnp.einsum("...ij,...j->...i", prefer, met)


RULES: Mapping[str, Callable[[Beliefs], AbstractChoice]] = {
    "logit": lambda beliefs: FamiliarLogit(beliefs.beta),
    "pairwise": lambda beliefs: Pairwise(),
}
