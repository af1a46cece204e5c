"""Posteriors by NumPyro: NUTS as the reference, the Laplace approximation for daily use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import jax
import numpy as np
import numpyro
from numpyro.infer import MCMC, NUTS, SVI, Predictive, Trace_ELBO
from numpyro.infer.autoguide import AutoLaplaceApproximation

jax.config.update("jax_enable_x64", True)  # as in market/arrays.py

Method = Literal["nuts", "laplace"]
STEPS, RATE = 800, 0.03


@dataclass(frozen=True)
class Posterior:
    """Draws of every site, leading axis draw, and how they were made.

    `diagnostics`: by site the largest R-hat and the smallest effective sample size (NUTS only), and `divergences`.
    """

    method: Method | Literal["prior"]
    draws: dict[str, np.ndarray]
    diagnostics: dict[str, Any]

    @property
    def size(self) -> int:
        """Number of draws."""
        return len(next(iter(self.draws.values())))


def infer(model: Callable[..., None], *data: Any, method: Method = "laplace", draws: int = 1000, seed: int = 0,
          chains: int = 1, warmup: int = 400, progress: bool = False) -> Posterior:
    """Posterior of `model(*data)`.

    NUTS (Hoffman and Gelman 2014) runs `chains` chains of draws/chains samples after `warmup`, at a target
    acceptance of 0.9; the Laplace approximation is a normal around the mode in the unconstrained space.
    """
    key = jax.random.key(seed)
    if method == "laplace":
        guide = AutoLaplaceApproximation(model)
        fitted = SVI(model, guide, numpyro.optim.Adam(RATE), Trace_ELBO()).run(
            key, STEPS, *data, progress_bar=progress)
        found = guide.sample_posterior(jax.random.key(seed + 1), fitted.params, *data, sample_shape=(draws,))
        return Posterior("laplace", {k: np.asarray(v) for k, v in found.items()}, {"loss": float(fitted.losses[-1])})
    sampler = MCMC(NUTS(model, target_accept_prob=0.9), num_warmup=warmup, num_samples=-(-draws // chains),
                   num_chains=chains, chain_method="sequential", progress_bar=progress)
    sampler.run(key, *data, extra_fields=("diverging",))
    grouped = sampler.get_samples(group_by_chain=True)
    table = numpyro.diagnostics.summary(grouped)
    extreme = {
        site: {"r_hat": float(np.max(v["r_hat"])), "n_eff": float(np.min(v["n_eff"]))} for site, v in table.items()
    }
    divergences = int(np.sum(np.asarray(sampler.get_extra_fields()["diverging"])))
    return Posterior("nuts", {k: np.asarray(v) for k, v in sampler.get_samples().items()},
                     {"sites": extreme, "divergences": divergences, "chains": chains})


def prior(model: Callable[..., None], *data: Any, draws: int = 1000, seed: int = 0) -> dict[str, np.ndarray]:
    """Draws of every site, observations included, before any data are seen (prior predictive)."""
    found = Predictive(model, num_samples=draws)(jax.random.key(seed), *data)
    return {k: np.asarray(v) for k, v in found.items()}
