"""The product's forecast of a panel: quantiles, and pooling of several forecasts."""

from __future__ import annotations

import numpy as np

from seedbed.learning.forecast import capacity, shares
from seedbed.learning.measures import Measures, measures
from seedbed.learning.panel import Panel
from seedbed.market import forecasts

LEVELS = np.array(forecasts.LEVELS)
"""The levels of every quantile table."""


def forecast(panel: Panel, origin: int, ahead: int, *, seed: int = 0, known: Measures | None = None) -> np.ndarray:
    """Quantiles of each region of `panel` for origin + 1 … origin + ahead, (region, year ahead, level).

    Nothing dated after `origin` is looked at. Shares come from the contest of two alternatives; capacities from the
    additions model, for countries pooled half and half with a damped drift, which is better at small and frozen
    markets (quantiles are averaged in logs: Vincentization, Lichtendahl et al. 2013). `known` (default: what ships)
    are the dated measures.
    """
    seen = panel.seen(origin)
    known = measures() if known is None else known
    if panel.share:
        found = shares.paths(seen, known, shares.learn(seen, known, seed=seed), ahead, seed=seed)
        return levels(found)
    structural = levels(capacity.paths(seen, known, capacity.learn(seen, known, seed=seed), ahead, seed=seed))
    if panel.provincial:
        return structural
    return np.exp(0.5 * np.log(structural) + 0.5 * np.log(capacity.drift(seen, ahead, LEVELS)))


def levels(paths: np.ndarray) -> np.ndarray:
    """Quantiles at LEVELS of paths, on the last axis."""
    return np.moveaxis(np.quantile(paths, LEVELS, axis=-1), 0, -1)
