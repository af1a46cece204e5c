"""Capacities ahead: additions simulated from the posterior of the additions model, and what momentum alone says."""

from __future__ import annotations

import numpy as np

from seedbed.learning import additions
from seedbed.learning.infer import Posterior, infer
from seedbed.learning.measures import Measures
from seedbed.learning.panel import Panel

DRAWS, WARMUP, REPEATS = 250, 250, 16
TREND_SPREAD = 0.06  # of the world's trend ahead, a year
DAMPING, DRIFT_YEARS = 0.8, 5


def learn(seen: Panel, known: Measures, *, seed: int = 0) -> Posterior:
    """The posterior of the additions model given a panel that ends at the origin."""
    return infer(additions.model, additions.windows(seen, known), method="nuts", draws=DRAWS, warmup=WARMUP, seed=seed)


def paths(seen: Panel, known: Measures, posterior: Posterior, ahead: int, *, seed: int = 0) -> np.ndarray:
    """Simulated capacities, GW, (region, year ahead, path), from each region's last observation."""
    rng = np.random.default_rng(seed)
    site = {name: np.concatenate([values] * REPEATS) for name, values in posterior.draws.items()}
    count = len(site["catch_up"])
    common = _common(site["common"], ahead, rng)
    trend = rng.normal(site["trend_part"] * additions.world_trend(seen), TREND_SPREAD)
    pace = additions.common_pace(seen, known)
    out = np.empty((len(seen.regions), ahead, count))
    for row in range(len(seen.regions)):
        of = additions.usual(seen, known, row, pace)
        factor = additions.programmes(seen, known, row, of, pace, ahead)
        wider = 1 + site["small"] * np.exp(-of.held / additions.SMALL)
        own = site["spread_region"] * site["region"][:, row] + wider * site["lasting"] * rng.normal(size=count)
        yearly = wider * site["yearly"] * rng.normal(size=(ahead, count))
        growth = np.exp(trend * np.arange(1, ahead + 1)[:, None] + own + common + yearly)
        out[row] = of.held + np.cumsum(factor[:, None] * of.mixed(site["catch_up"]) * growth, axis=0)
    return out


def drift(seen: Panel, ahead: int, levels: np.ndarray) -> np.ndarray:
    """Quantiles of a damped random walk in logs, GW, (region, year ahead, level): what momentum alone says.

    The step is the mean of the last and the last three years', damped by DAMPING a year; its spread that of the last
    DRIFT_YEARS steps.
    """
    from scipy.stats import norm

    out = np.empty((len(seen.regions), ahead, len(levels)))
    for row in range(len(seen.regions)):
        series = additions.filled(seen, row)
        taken = np.clip(np.diff(np.log(series[np.isfinite(series) & (series > 0)])[-DRIFT_YEARS - 1 :]), -0.05, 0.8)
        step = 0.5 * taken[-1] + 0.5 * taken[-3:].mean() if taken.size else 0.1
        spread = max(float(taken.std()) if taken.size else 0.2, 0.03 + 0.25 * step)
        moved = step * np.cumsum(DAMPING ** np.arange(ahead))
        fan = norm.ppf(levels) * spread * np.sqrt(np.arange(1, ahead + 1))[:, None]
        least = -0.05 + 1e-3 * np.arange(len(levels))
        out[row] = seen.last(row)[1] * np.exp(np.maximum(moved[:, None] + fan, least))
    return out


def _common(spread: np.ndarray, ahead: int, rng: np.random.Generator) -> np.ndarray:
    """The common deviation, (year ahead, path): it remembers MEMORY of itself."""
    out = np.zeros((ahead, len(spread)))
    for step in range(ahead):
        out[step] = (additions.MEMORY * out[step - 1] if step else 0.0) + rng.normal(0, spread)
    return out
