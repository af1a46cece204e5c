"""A yearly series made ready, and its smooth trend: level and growth in logs with standard errors.

Model (integrated random walk, Harvey 1989, section 2.3.6): with x the logarithm of the series,

    x_t = l_t + e_t,   l_t = l_{t-1} + g_{t-1},   g_t = g_{t-1} + w_t,   e ~ N(0, s_e²), w ~ N(0, s_w²)

s_e and s_w are the maximum of likelihood × a weak log-normal prior, so that five points do not fit themselves
perfectly; l and g come from the Kalman filter and the Rauch–Tung–Striebel smoother. Missing years only widen
the errors. At a change of scope the level may jump freely and the growth carries over.
"""
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from seedbed.base.errors import InvalidInputError
from seedbed.base.text import Message

Array = NDArray[np.float64]

MIN_YEARS = 6
"""Fewest years with a positive value: fewer cannot tell growth from noise."""
PRIOR_NOISE = (0.04, 0.7)
"""Median and log-sd of the yearly noise s_e: national output statistics scatter by a few per cent."""
PRIOR_DRIFT = (0.05, 0.7)
"""Median and log-sd of s_w, how far growth moves in a year."""
FIRST_GROWTH = (0.05, 0.30)
"""Mean and sd of growth before any observation."""
JUMP_SD = 1.0
"""Sd of the free jump of the log level at a change of scope."""

_F = np.array([[1.0, 1.0], [0.0, 1.0]])


@dataclass(frozen=True)
class Trend:
    """Smoothed log level and growth (log points a year) with standard errors, each of shape (years,)."""

    level: Array
    level_se: Array
    growth: Array
    growth_se: Array
    noise: float

    def pace(self, window: int) -> tuple[Array, Array]:
        """Mean growth over `window` years around each year, cut off at the ends, and its standard error.

        A stage lasts years: a boom or slump of a year or two is not one. The error adds those of the two end
        levels as if independent, which errs on the wide side.
        """
        n, half = len(self.level), window // 2
        last = np.minimum(np.maximum(np.arange(n) + half, window), n - 1)
        first = np.maximum(np.minimum(np.arange(n) - half, n - 1 - window), 0)
        span = last - first
        error = np.hypot(self.level_se[last], self.level_se[first])
        return (self.level[last] - self.level[first]) / span, error / span


@dataclass(frozen=True)
class _Pass:
    """One forward pass: predicted and filtered means (n, 2) and covariances (n, 2, 2), log likelihood."""

    predicted: Array
    predicted_cov: Array
    mean: Array
    cov: Array
    loglik: float


def clean(series: Mapping[int, float]) -> tuple[tuple[int, ...], Array, list[Message]]:
    """Consecutive years from the first positive value on, log values with NaN where missing, and notes.

    A zero after the start counts as 1 % of the peak so far. Raises InvalidInputError for fewer than
    `MIN_YEARS` positive values and for negative or non-finite ones.
    """
    for year, value in series.items():
        if not np.isfinite(value) or value < 0:
            raise InvalidInputError(f"value {value} cannot be the size of a market.",
                                    where=f"stage: year {year}",
                                    fix="correct it, or leave the year out when it is not known.")
    started = [y for y in sorted(series) if series[y] > 0]
    if len(started) < MIN_YEARS:
        raise InvalidInputError(f"{len(started)} years with a positive value; a stage needs {MIN_YEARS}.",
                                where="stage: series", fix="give a longer series of yearly values.")
    years = tuple(range(started[0], max(series) + 1))
    floor = 0.01 * np.maximum.accumulate([series.get(y, 0.0) for y in years])
    x = np.array([np.log(series[y] or low) if y in series else np.nan
                  for y, low in zip(years, floor, strict=True)])
    zeros = [y for y in years if series.get(y) == 0]
    gaps = [y for y in years if y not in series]
    notes = (("stages.note.zero", zeros), ("stages.note.gap", gaps))
    return years, x, [Message(key, {"years": tuple(which)}) for key, which in notes if which]


def smooth(x: Array, jumps: Collection[int] = ()) -> Trend:
    """The trend of `x`, log values of consecutive years with NaN where missing; `jumps` are positions.

    `x[0]` must be observed. Returns the smoothed moments given the whole series.
    """
    noise, drift = _scales(x, jumps)
    run = _filter(x, noise, drift, jumps)
    mean, cov = run.mean.copy(), run.cov.copy()
    for t in range(len(x) - 2, -1, -1):
        gain = cast(Array, run.cov[t] @ _F.T @ np.linalg.inv(run.predicted_cov[t + 1]))
        mean[t] += gain @ (mean[t + 1] - run.predicted[t + 1])
        cov[t] += gain @ (cov[t + 1] - run.predicted_cov[t + 1]) @ gain.T
    sd = np.sqrt(np.maximum(np.diagonal(cov, axis1=1, axis2=2), 0.0))
    return Trend(mean[:, 0], sd[:, 0], mean[:, 1], sd[:, 1], noise)


def _scales(x: Array, jumps: Collection[int]) -> tuple[float, float]:
    """The posterior mode of (s_e, s_w)."""
    centre = np.log([PRIOR_NOISE[0], PRIOR_DRIFT[0]])
    width = np.array([PRIOR_NOISE[1], PRIOR_DRIFT[1]])

    def cost(theta: Array) -> float:
        prior = 0.5 * float((((theta - centre) / width) ** 2).sum())
        return prior - _filter(x, float(np.exp(theta[0])), float(np.exp(theta[1])), jumps).loglik

    found = {"xatol": 0.01, "fatol": 0.01, "maxiter": 120}
    best = cast(Any, minimize(cost, centre, method="Nelder-Mead", options=found))
    noise, drift = np.exp(best.x)
    return float(noise), float(drift)


def _filter(x: Array, noise: float, drift: float, jumps: Collection[int]) -> _Pass:
    n = len(x)
    predicted, predicted_cov = np.zeros((n, 2)), np.zeros((n, 2, 2))
    mean, cov = np.zeros((n, 2)), np.zeros((n, 2, 2))
    state, spread, loglik = np.array([x[0], FIRST_GROWTH[0]]), np.diag([1.0, FIRST_GROWTH[1] ** 2]), 0.0
    for t in range(n):
        if t:
            state, spread = _F @ state, _F @ spread @ _F.T
            spread[1, 1] += drift**2
            spread[0, 0] += JUMP_SD**2 if t in jumps else 0.0
        predicted[t], predicted_cov[t] = state, spread
        if not np.isnan(x[t]):
            total, miss = spread[0, 0] + noise**2, x[t] - state[0]
            loglik -= 0.5 * (np.log(2 * np.pi * total) + miss**2 / total)
            gain = spread[:, 0] / total
            state = state + gain * miss
            spread = spread - np.outer(gain, spread[0])
        mean[t], cov[t] = state, spread
    return _Pass(predicted, predicted_cov, mean, cov, float(loglik))
