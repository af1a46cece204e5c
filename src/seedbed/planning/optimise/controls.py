"""The variables: the rule's sixteen numbers, and the intensity of every market, decided year and instrument slot.

Bounds, floors and ramps hold by construction, whatever the variables are: an intensity is policy as it is plus a
deviation that changes by at most `ramp` a year, cut to what is allowed.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from seedbed.market.arrays import Array, Scenario
from seedbed.planning.scenarios import DECIDED

EDGE = 0.02  # a start this close to a bound is moved inside, where slopes live


class Controls(NamedTuple):
    """Unbounded variables; axes: market M, decided year D, slot J."""

    rule: Float[Array, "4 4"]  # logits
    moves: Float[Array, "M D J"]  # where between its least and most of the year an intensity lies, logits


class Frame(NamedTuple):
    """What the variables may do; `scenario` is what happens where they may do nothing."""

    scenario: Scenario
    now: Float[Array, "M D J"]  # intensities under policy as it is
    free: Float[Array, "M J"]  # 1 where the intensity is a variable
    low: Float[Array, "M J"]  # political floors
    high: Float[Array, "M J"]
    ramp: Float[Array, "M J"]  # most change of the deviation from policy as it is, per year
    rule_low: Float[Array, "4 4"]  # political floors of the rule

    def decode(self, controls: Controls) -> Scenario:
        """The scenario that the variables describe."""

        def year(deviation: Array, xs: tuple[Array, Array]) -> tuple[Array, Array]:
            now, move = xs
            low, high = self._reach(now, deviation)
            x = low + (high - low) * jax.nn.sigmoid(move)
            return x - now, x

        by_year = (self.now.swapaxes(0, 1), controls.moves.swapaxes(0, 1))
        free = jax.lax.scan(year, jnp.zeros_like(self.free), by_year)[1].swapaxes(0, 1)
        fixed, ruled, least, _ = self.scenario
        chosen = self.free[:, None]
        rule = self.rule_low + (1 - self.rule_low) * jax.nn.sigmoid(controls.rule)
        return Scenario(fixed.at[:, DECIDED].set(jnp.where(chosen > 0, free, fixed[:, DECIDED])),
                        ruled.at[:, DECIDED].multiply(1 - chosen), least.at[:, DECIDED].multiply(1 - chosen),
                        jnp.broadcast_to(rule, (len(fixed), 4, 4)))

    def encode(self, path: np.ndarray) -> np.ndarray:
        """Moves (M×D×J) that follow a path of intensities as closely as bounds and ramps allow."""
        deviation = np.zeros(self.free.shape)
        out: list[np.ndarray] = []
        for t in range(path.shape[1]):
            low, high = (np.asarray(x) for x in self._reach(jnp.asarray(self.now[:, t]), jnp.asarray(deviation)))
            part = np.clip((path[:, t] - low) / np.maximum(high - low, 1e-12), EDGE, 1 - EDGE)
            deviation = low + (high - low) * part - np.asarray(self.now[:, t])
            out.append(np.log(part / (1 - part)))
        return np.stack(out, axis=1)

    def _reach(self, now: Array, deviation: Array) -> tuple[Array, Array]:
        """Least and most intensity of a year (M×J), given last year's deviation from policy as it is."""
        return (jnp.clip(now + deviation - self.ramp, self.low, self.high),
                jnp.clip(now + deviation + self.ramp, self.low, self.high))
