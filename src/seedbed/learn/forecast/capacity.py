"""Capacities ahead: yearly additions that persist, catch up, grow as costs fall, and follow announced programmes.

Additions of a region in year t are `F_t · a · exp(τ·n + z + w_t + e_t)`: `a` what it used to add, drawn part of the way
(κ) to what it would add at the pace of the nation or the world; τ the trend of world additions, which carries learning;
`z` a lasting, `e` a yearly deviation of the region, `w` what the years do to all; `F` programmes (`measures.pull`).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from seedbed.learn.measures import Measures, pull
from seedbed.learn.panel import Panel

PATHS = 4000
WEIGHTS = np.array([0.5, 0.3, 0.2])  # of the last three years' additions, the latest first
CATCH_UP = {"solar": 0.5, "wind": 0.1}  # κ: the sun shines everywhere, good wind stays where it is
LEAST = 0.5  # of additions at the common pace: what is common sets a floor
TREND_YEARS, TREND_PART, TREND_SPREAD = 10, 0.8, 0.06
LASTING_PROVINCE, LASTING_COUNTRY = 0.75, 0.65  # spread of the log of the lasting deviation: small units vary more
YEARLY, COMMON, MEMORY = 0.40, 0.40, 0.85  # spreads of logs; memory of the common deviation
DAMPING, DRIFT_YEARS = 0.8, 5


def paths(seen: Panel, known: Measures, ahead: int, *, seed: int = 0) -> np.ndarray:
    """Simulated capacities, GW, (region, year ahead, path)."""
    rng = np.random.default_rng(seed)
    common, lasting = _common(ahead, rng), LASTING_PROVINCE if seen.provincial else LASTING_COUNTRY
    trend = rng.normal(TREND_PART * world_trend(seen), TREND_SPREAD, PATHS)
    origin = seen.years[-1]
    past, future = range(origin - 2, origin + 1), range(origin + 1, origin + 1 + ahead)
    pace = common_pace(seen, known)
    nation = pace * seen.totals[_total(seen)][origin]
    out = np.empty((len(seen.regions), ahead, PATHS))
    for row, region in enumerate(seen.regions):
        year, held = seen.last(row)
        added = _additions(seen, row, year, held) / pull(known, seen.technology, region, seen.provincial, origin, past,
                                                         1e9, 1e9)[::-1]  # fmt: skip
        own = np.nansum(WEIGHTS * added) / WEIGHTS[np.isfinite(added)].sum()
        usual = np.hypot(own, LEAST * pace * held)
        usual = usual ** (1 - CATCH_UP[seen.technology]) * (pace * held) ** CATCH_UP[seen.technology]
        factor = pull(known, seen.technology, region, seen.provincial, origin, future, usual, nation)
        deviation = rng.normal(0, lasting, PATHS) + common + rng.normal(0, YEARLY, (ahead, PATHS))
        growth = np.exp(trend * np.arange(1, ahead + 1)[:, None] + deviation)
        out[row] = held + np.cumsum(factor[:, None] * usual * growth, axis=0)
    return out


def drift(seen: Panel, ahead: int, levels: np.ndarray) -> np.ndarray:
    """Quantiles of a damped random walk in logs, GW, (region, year ahead, level): what momentum alone says.

    The step is the mean of the last and the last three years', damped by DAMPING a year; its spread that of the last
    DRIFT_YEARS steps.
    """
    from scipy.stats import norm

    out = np.empty((len(seen.regions), ahead, len(levels)))
    for row in range(len(seen.regions)):
        series = _filled(seen, row)
        taken = np.clip(np.diff(np.log(series[np.isfinite(series) & (series > 0)])[-DRIFT_YEARS - 1 :]), -0.05, 0.8)
        step = 0.5 * taken[-1] + 0.5 * taken[-3:].mean() if taken.size else 0.1
        spread = max(float(taken.std()) if taken.size else 0.2, 0.03 + 0.25 * step)
        moved = step * np.cumsum(DAMPING ** np.arange(ahead))
        fan = norm.ppf(levels) * spread * np.sqrt(np.arange(1, ahead + 1))[:, None]
        least = -0.05 + 1e-3 * np.arange(len(levels))
        out[row] = seen.last(row)[1] * np.exp(np.maximum(moved[:, None] + fan, least))
    return out


def world_trend(seen: Panel) -> float:
    """Yearly growth of the logarithm of world additions over the last TREND_YEARS."""
    series = seen.totals[f"world_{seen.technology}_gw"]
    years = sorted(series)[-TREND_YEARS - 1 :]
    added = np.diff([series[y] for y in years])
    return float(np.polyfit(np.arange(len(added)), np.log(np.maximum(added, 1e-6)), 1)[0])


def common_pace(seen: Panel, known: Measures) -> float:
    """Usual additions of the nation (provinces) or the world as a share of its capacity."""
    series, origin = seen.totals[_total(seen)], seen.years[-1]
    added = np.array([series[origin - n] - series[origin - n - 1] for n in range(3)])
    if seen.provincial:
        added /= pull(known, seen.technology, "China", False, origin, range(origin - 2, origin + 1), 1e9, 1e9)[::-1]
    return float((WEIGHTS * added).sum() / series[origin])


def _total(seen: Panel) -> str:
    return f"{'china' if seen.provincial else 'world'}_{seen.technology}_gw"


def _common(ahead: int, rng: np.random.Generator) -> np.ndarray:
    """The common deviation, (year ahead, path): it remembers MEMORY of itself."""
    out = np.zeros((ahead, PATHS))
    for step in range(ahead):
        out[step] = (MEMORY * out[step - 1] if step else 0.0) + rng.normal(0, COMMON, PATHS)
    return out


def _additions(seen: Panel, row: int, year: int, held: float) -> np.ndarray:
    """Additions of the last three years up to `year`, GW, the latest first; NaN where unknown."""
    series = _filled(seen, row)
    end = year - seen.years[0]
    added = np.array([
        max(series[end - n] - series[end - n - 1], 0.0) if end - n - 1 >= 0 else np.nan for n in range(3)
    ])  # fmt: skip
    return added if np.isfinite(added).any() else np.array([0.1 * held, np.nan, np.nan])


def _filled(seen: Panel, row: int) -> np.ndarray:
    """A region's series with inner gaps filled in proportion to the growth of the total, for additions only."""
    series = seen.values[row].copy()
    total = seen.totals[_total(seen)]
    known = np.flatnonzero(np.isfinite(series))
    for a, b in pairwise(known):
        if b - a > 1:
            levels = np.array([total.get(seen.years[i], np.nan) for i in range(a, b + 1)])
            part = (levels - levels[0]) / (levels[-1] - levels[0])
            part = part if np.isfinite(part).all() else np.linspace(0, 1, b - a + 1)
            series[a : b + 1] = series[a] + (series[b] - series[a]) * part
    return series
