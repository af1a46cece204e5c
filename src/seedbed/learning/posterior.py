"""The posterior of one market's equation given its history: NUTS as the reference, Laplace for daily use.

The vector is that of `calibrate`: (log α, logit β, log(τ−1), log need, γ…), in units of the prior's spread around its
mean, so that one step size fits all of it. `minus log posterior = calibrate._loss`, gradients are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
from numpyro.infer import MCMC, NUTS

from seedbed.base.years import START
from seedbed.learning.calibrate import LEARNT, Fit, Problem, problem
from seedbed.learning.infer import Method
from seedbed.market.definition import Definition
from seedbed.market.draws import DRAWS

NAMES = ("log_alpha", "logit_beta", "log_memory", "log_need")


@dataclass(frozen=True)
class MarketPosterior:
    """Draws of the vector, (draw, entry), and diagnostics: R-hat and effective size of the first four, divergences."""

    market: str
    method: Method
    vectors: np.ndarray
    diagnostics: dict[str, Any]

    def joint(self, fit: Fit) -> tuple[tuple[float, ...], ...]:
        """`market.draws.DRAWS` deviations of the first four entries from the mode, for members to pick from."""
        rows = np.linspace(0, len(self.vectors) - 1, DRAWS).astype(int)
        return tuple(tuple(round(float(x), 4) for x in row) for row in (self.vectors - fit.vector)[rows, :LEARNT])


def laplace(fit: Fit, *, draws: int = 400, seed: int = 0) -> MarketPosterior:
    """Normal draws around the mode, with the covariance of `calibrate`."""
    rng = np.random.default_rng(seed)
    vectors = rng.multivariate_normal(fit.vector, fit.covariance, size=draws, method="eigh")
    return MarketPosterior(fit.market, "laplace", vectors, {})


def nuts(definition: Definition, start: np.ndarray, *, train_until: int = START, draws: int = 400, warmup: int = 300,
         chains: int = 2, seed: int = 0, progress: bool = False) -> MarketPosterior:
    """NUTS from the mode `start` (Hoffman and Gelman 2014), `chains` chains one after another."""
    posed: Problem = problem(definition, train_until=train_until)
    mean, spread = jnp.asarray(posed.mean), jnp.asarray(posed.spread)

    def potential(unit: jax.Array) -> jax.Array:
        return posed.loss(mean + spread * unit)

    first = jnp.broadcast_to((jnp.asarray(start) - mean) / spread, (chains, len(start)))
    sampler = MCMC(NUTS(potential_fn=potential, target_accept_prob=0.85, max_tree_depth=6), num_warmup=warmup,
                   num_samples=-(-draws // chains), num_chains=chains, chain_method="sequential",
                   progress_bar=progress)
    sampler.run(jax.random.key(seed), init_params=first if chains > 1 else first[0], extra_fields=("diverging",))
    grouped = np.asarray(sampler.get_samples(group_by_chain=True))
    table = numpyro.diagnostics.summary({"vector": grouped})["vector"]
    about = {name: {"r_hat": float(table["r_hat"][i]), "n_eff": float(table["n_eff"][i])}
             for i, name in enumerate(NAMES[:LEARNT])}
    diverged = int(np.sum(np.asarray(sampler.get_extra_fields()["diverging"])))
    vectors = np.asarray(posed.mean + posed.spread * grouped.reshape(-1, grouped.shape[-1]))
    return MarketPosterior(definition.id, "nuts", vectors, {"sites": about, "divergences": diverged, "chains": chains})
