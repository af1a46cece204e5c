"""Scores of quantile forecasts against what came: CRPS, absolute error, coverage.

CRPS = (2/L) Σ pinball loss over L evenly spaced levels (Gneiting and Ranjan 2011): shares in percentage points,
capacities on the scale of the natural logarithm, so that 0.2 is about 20 %.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from seedbed.learning.forecast.quantiles import LEVELS


def crps(quantiles: np.ndarray, value: np.ndarray) -> np.ndarray:
    """CRPS of each task from quantiles at LEVELS, (N, L), and what came, (N,)."""
    gap = value[:, None] - quantiles
    return 2 * np.maximum(LEVELS * gap, (LEVELS - 1) * gap).mean(1)


def score(quantiles: np.ndarray, value: np.ndarray, *, logs: bool) -> dict[str, np.ndarray]:
    """By task: `crps`, `error` (median − value) and whether the 50 % and 90 % intervals hold the value."""
    if logs:
        quantiles, value = np.log(quantiles), np.log(value)
    at = {round(float(level), 2): i for i, level in enumerate(LEVELS)}

    def held(low: float, high: float) -> np.ndarray:
        return (quantiles[:, at[low]] <= value) & (value <= quantiles[:, at[high]])

    return {"crps": crps(quantiles, value), "error": quantiles[:, at[0.5]] - value, "in50": held(0.25, 0.75),
            "in90": held(0.05, 0.95)}


def table(scored: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Means of the columns of `score` by the columns `by`, with the number of tasks `n`."""
    return scored.group_by(by, maintain_order=True).agg(
        n=pl.len(), crps=pl.col("crps").mean(), mae=pl.col("error").abs().mean(), bias=pl.col("error").mean(),
        cover50=pl.col("in50").mean(), cover90=pl.col("in90").mean(),
    )
