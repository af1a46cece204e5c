"""Is a posterior fit for use: predictive checks, and how far it hangs on its priors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpyro import handlers
from numpyro.infer import Predictive

from seedbed.learning.infer import Posterior

BAND = (0.05, 0.95)
POWER = 0.8, 1.25  # of the priors, for the sensitivity


class Check(NamedTuple):
    """An observed site beside what a model predicts of it: part inside the 90 % band, spreads, smallest, largest."""

    inside: float
    observed: float  # standard deviation
    predicted: float  # median over draws of the standard deviation
    low: float  # part of the draws whose smallest value is below the smallest observed
    high: float


def predictive(model: Callable[..., None], *data: Any, site: str, observed: np.ndarray, draws: int = 400,
               posterior: Posterior | None = None, seed: int = 0) -> Check:
    """Prior predictive check of a site, or with `posterior` the posterior's (Gelman et al. 2013, section 6.3)."""
    free = handlers.uncondition(model)
    known = None if posterior is None else {k: v[:draws] for k, v in posterior.draws.items()}
    made = Predictive(free, known, num_samples=draws, return_sites=[site])(jax.random.key(seed), *data)
    values = np.asarray(made[site])
    low, high = np.quantile(values, BAND, axis=0)
    return Check(float(((observed >= low) & (observed <= high)).mean()), float(observed.std()),
                 float(np.median(values.std(-1))), float((values.min(-1) < observed.min()).mean()),
                 float((values.max(-1) > observed.max()).mean()))


def prior_sensitivity(model: Callable[..., None], *data: Any, posterior: Posterior, sites: Sequence[str]
                      ) -> dict[str, float]:
    """How far the mean of each site moves, in posterior deviations, between the priors to the powers of POWER.

    Draws are weighted by powers of their prior density: power-scaling (Kallioinen et al. 2024). Below 0.1 the data
    decide; scaling a prior by 1.25 is like narrowing it by a tenth.
    """
    log_prior = _log_prior(model, *data, posterior=posterior, sites=sites)
    means = []
    for power in POWER:
        weight = np.exp((power - 1) * (log_prior - log_prior.mean()))
        weight /= weight.sum()
        means.append({s: float(weight @ posterior.draws[s]) for s in sites})
    return {s: abs(means[1][s] - means[0][s]) / float(posterior.draws[s].std()) for s in sites}


def _log_prior(model: Callable[..., None], *data: Any, posterior: Posterior, sites: Sequence[str]) -> np.ndarray:
    """Log prior density of the sites at every draw."""

    def one(draw: dict[str, jax.Array]) -> jax.Array:
        seen = handlers.trace(handlers.seed(handlers.substitute(model, draw), jax.random.key(0))).get_trace(*data)
        return jnp.sum(jnp.stack([seen[s]["fn"].log_prob(seen[s]["value"]).sum() for s in sites]))

    return np.asarray(jax.vmap(one)({k: jnp.asarray(v) for k, v in posterior.draws.items()}))
