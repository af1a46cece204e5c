"""Calibration: the most probable beliefs of a market given its history, with the policies then in force.

Maximum a posteriori by gradient (L-BFGS on exact JAX gradients); spreads from the Laplace approximation
(inverse Hessian at the optimum). What is learnt: cost weight α, familiarity exponent β, memory τ, tastes γ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.optimize import minimize

from seedbed.base.errors import InvalidInputError
from seedbed.base.years import FIRST, START
from seedbed.facts import places
from seedbed.learning import evidence
from seedbed.learning.evidence import Asked
from seedbed.market import history
from seedbed.market.arrays import Inputs
from seedbed.market.beliefs import Prior
from seedbed.market.compile import Compiled, compile_market
from seedbed.market.definition import Definition
from seedbed.market.padding import WIDTH
from seedbed.market.programs import program
from seedbed.market.trajectory import Path, run
from seedbed.market.world import default_world
from seedbed.policy.mix import Mix, as_it_is

LEARNT = 4  # entries of the vector before the tastes
GAMMA_SPREAD = 1.5
MEMORY_SPREAD = 0.3  # of log memory
LOGIT_NOISE, SMALL_SHARE_NOISE, SMALL_SHARE = 0.26, 1.4, 0.003
STOCK_NOISE = 0.10
STUDY_WEIGHT = 6.0  # years of a series that one study counts for: it rests on many regions, firms or buyers


@dataclass(frozen=True)
class Target:
    """Observed shares (T×I; NaN where unknown) and their noise, of purchases or of the stock."""

    years: tuple[int, ...]
    share: np.ndarray
    noise: np.ndarray
    of_stock: bool


@dataclass(frozen=True)
class Fit:
    """A calibrated market: centre, spreads, and how well it fits over `years`."""

    market: str
    train_until: int
    years: tuple[int, ...]
    vector: np.ndarray
    covariance: np.ndarray
    observed: np.ndarray  # T×I
    fitted: np.ndarray  # T×I
    loss: float

    def beliefs(self, default: Prior) -> Prior:
        """The fit as a prior for later runs."""
        spread = np.sqrt(np.diag(self.covariance))
        beta = 1 / (1 + np.exp(-self.vector[1]))
        return default.model_copy(update={
            "alpha": float(np.exp(self.vector[0])), "alpha_spread": float(spread[0]), "beta": float(beta),
            "beta_spread": float(spread[1] * beta * (1 - beta)), "memory": float(1 + np.exp(self.vector[2])),
            "need": float(np.exp(self.vector[3])), "need_spread": float(spread[3]),
            "memory_spread": float(spread[2]), "shock": self.shock(), "calibrated": True})

    def shock(self) -> float:
        """Yearly taste shock that residuals of the training years imply (utility units), at least 0.05."""
        known = np.array(self.years) <= self.train_until
        gap = _logit(self.fitted) - _logit(self.observed)
        steps = np.diff(gap[known][3:], axis=0)
        return float(np.clip(np.nanstd(steps) / np.sqrt(2), 0.05, 0.3)) if np.isfinite(steps).any() else 0.12


def _logit(share: np.ndarray) -> np.ndarray:
    clipped = np.clip(share, 1e-7, 1 - 1e-7)
    return np.log(clipped / (1 - clipped))


def target(definition: Definition, until: int) -> Target:
    """What a market's history says: linked facts and listed shares; raises where there is too little."""
    years = np.arange(FIRST, until + 1)
    share = np.full((len(years), WIDTH), np.nan)
    for column, technology in enumerate(definition.technologies):
        known = history.observed_share(definition, technology)
        listed = technology.shares.values if technology.shares else {}
        for row, year in enumerate(years):
            if known.get(int(year), 0.0) > 0:
                share[row, column] = known[int(year)]
            elif listed.get(int(year), 0.0) > 0:
                share[row, column] = listed[int(year)]
    if np.isfinite(share).sum() < 8:
        raise InvalidInputError("has no series long enough to calibrate on.", where=f"{definition.id}.yaml",
                                fix="link technologies to facts with `observed`.")
    of_stock = definition.demand.kind == "stock"
    noise = (np.full_like(share, STOCK_NOISE) + 0.3 * np.exp(-np.nan_to_num(share) / SMALL_SHARE) if of_stock
             else LOGIT_NOISE + SMALL_SHARE_NOISE * np.exp(-np.nan_to_num(share) / SMALL_SHARE))
    return Target(tuple(int(y) for y in years), share, noise, of_stock)


def shares_of(path: Path, of_stock: bool) -> Float[Array, "T I"]:
    """The simulated counterpart of a Target."""
    amount = (path.stock if of_stock else path.bought).sum((1, 2))
    return amount / amount.sum(-1, keepdims=True)


def with_vector(inputs: Inputs, vector: Array) -> Inputs:
    """Put (log α, logit β, log(τ−1), log need, γ…) into the beliefs."""
    gamma = jnp.broadcast_to(vector[4:], inputs.beliefs.gamma.shape)
    return eqx.tree_at(
        lambda i: (i.beliefs.alpha, i.beliefs.beta, i.beliefs.memory, i.beliefs.need, i.beliefs.gamma),
        inputs,
        (jnp.exp(vector[0]), jax.nn.sigmoid(vector[1]), 1 + jnp.exp(vector[2]), jnp.exp(vector[3]), gamma))


def centre(default: Prior) -> tuple[np.ndarray, np.ndarray]:
    """Prior mean and spread of the vector."""
    odds = default.beta * (1 - default.beta)
    mean, spread = np.zeros(LEARNT + WIDTH), np.full(LEARNT + WIDTH, GAMMA_SPREAD)
    mean[:LEARNT] = (np.log(default.alpha), np.log(default.beta / (1 - default.beta)),
                     np.log(default.memory - 1), np.log(default.need))
    spread[:LEARNT] = default.alpha_spread, default.beta_spread / odds, MEMORY_SPREAD, default.need_spread
    return mean, spread


@program
def _loss(vector: Array, inputs: Inputs, share: Array, weight: Array, mean: Array, spread: Array,
          of_stock: Array, questions: Asked | None) -> Array:
    """Minus the log posterior; `weight` is 1/noise² or 0 where unknown or held out, `questions` what studies found."""
    believing = with_vector(inputs, vector)
    if questions is None:
        path, missed = run(believing), jnp.zeros(())
    else:
        path, found = evidence.answers(believing, questions)
        missed = 0.5 * STUDY_WEIGHT * (((found - questions.value) / questions.spread) ** 2).sum()
    made = jnp.where(of_stock, shares_of(path, True), shares_of(path, False))
    made = jnp.clip(made, 1e-9, 1 - 1e-9)
    logit = jnp.log(made / (1 - made)) - jnp.log(share / (1 - share))
    ratio = jnp.log(made) - jnp.log(share)
    gap = jnp.where(of_stock, ratio, logit)
    return missed + 0.5 * (weight * gap**2).sum() + 0.5 * (((vector - mean) / spread) ** 2).sum()


@program
def _gradient(vector: Array, *rest: Any) -> tuple[Array, Array]:
    """The loss and its slope; arguments of `_loss`."""
    return jax.value_and_grad(_loss)(vector, *rest)


simulated = program(run)


def compiled(definition: Definition, until: int, mix: Mix | None = None) -> Compiled:
    """The market in the nation from FIRST on, under the policies as they were."""
    nation = [places.resolve(places.NATION)]
    policies = as_it_is(range(FIRST, until + 1)) if mix is None else mix
    return compile_market(definition, nation, default_world(), start=FIRST, until=until).under(policies)


@dataclass(frozen=True)
class Problem:
    """A market's history as a problem of calibration: `loss(vector)` is minus its log posterior."""

    market: Compiled
    seen: Target
    mean: np.ndarray
    spread: np.ndarray
    arguments: tuple[Any, ...]

    def loss(self, vector: Array) -> Array:
        """Minus the log posterior of a vector, differentiable."""
        return _loss(vector, *self.arguments)

    def both(self, vector: np.ndarray) -> tuple[float, np.ndarray]:
        """The loss and its gradient."""
        value, slope = _gradient(jnp.asarray(vector), *self.arguments)
        return float(value), np.asarray(slope)


def problem(definition: Definition, *, train_until: int, until: int = START, default: Prior | None = None,
            mix: Mix | None = None, choice: str = "logit") -> Problem:
    """The history of `definition` on FIRST…train_until, with the policies of the time up to `until`."""
    market = compiled(definition, until, mix).choosing(choice)
    seen = target(definition, until)
    mean, spread = centre(default or Prior())
    weight = np.where(np.isfinite(seen.share), 1 / seen.noise**2, 0.0)
    weight[np.array(seen.years) > train_until] = 0.0
    share = jnp.asarray(np.nan_to_num(seen.share, nan=0.5))
    wanted = evidence.targets(definition.id, train_until)
    arguments = (market.inputs, share, jnp.asarray(weight), jnp.asarray(mean), jnp.asarray(spread),
                 jnp.asarray(seen.of_stock), evidence.asked(market, wanted) if wanted else None)
    return Problem(market, seen, mean, spread, arguments)


def calibrate(definition: Definition, *, train_until: int, until: int = START, default: Prior | None = None,
              mix: Mix | None = None, choice: str = "logit") -> Fit:
    """Fit a market on FIRST…train_until and simulate on to `until` with the policies of the time."""
    posed = problem(definition, train_until=train_until, until=until, default=default, mix=mix, choice=choice)
    seen = posed.seen
    found = minimize(posed.both, posed.mean, jac=True, method="L-BFGS-B", options={"maxiter": 400})
    covariance = _covariance(posed.both, found.x, posed.spread)
    path = simulated(with_vector(posed.market.inputs, jnp.asarray(found.x)))
    fitted = np.asarray(shares_of(path, seen.of_stock))
    return Fit(definition.id, train_until, seen.years, found.x, covariance, seen.share, fitted,
               float(found.fun))


def _covariance(both: Callable[[np.ndarray], tuple[float, np.ndarray]], x: np.ndarray, spread: np.ndarray,
                step: float = 1e-4) -> np.ndarray:
    """Inverse Hessian by central differences of the exact gradient; never wider than the prior.

    In units of the prior spread every curvature is at least one (the prior's own): a flat or wrongly curved
    direction of the likelihood teaches nothing and keeps the prior.
    """
    rows = [(both(x + step * e)[1] - both(x - step * e)[1]) / (2 * step) for e in np.eye(len(x))]
    hessian = (np.array(rows) + np.array(rows).T) / 2
    values, vectors = np.linalg.eigh(spread[:, None] * hessian * spread)
    scaled = (vectors / np.maximum(values, 1.0)) @ vectors.T
    return spread[:, None] * scaled * spread


def mean_error(fit: Fit, columns: Sequence[int], years: Sequence[int]) -> float:
    """Mean absolute error of the summed share of `columns` over `years`, in share (0.01 = one point)."""
    rows = [fit.years.index(y) for y in years]
    return float(np.mean(np.abs(fit.fitted[rows][:, columns].sum(1) - fit.observed[rows][:, columns].sum(1))))
