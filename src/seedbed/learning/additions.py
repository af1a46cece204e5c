"""The additions of capacity that follow an origin: one probabilistic model for many regions and origins at once.

From an origin a region adds in its n-th year `F_n · own^(1−κ) · common^κ · exp(τ·n·g + u_r + z + w_n + e_n)`:
`own` what it used to add, `common` what it would add at the pace of the nation or the world, κ how far it catches up,
g the trend of world additions and τ the part of it that lasts, `u` a region's own (partly pooled), `z` a lasting and
`e` a yearly deviation, `w` what the years after an origin do to all, `F` programmes (`measures.pull`). What is small
varies more.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist

from seedbed.learning.contest import sample
from seedbed.learning.measures import Measures, pull
from seedbed.learning.panel import Panel

AHEAD, BACK = 5, 15  # years after an origin, origins looked back on
RECENT = np.array([0.5, 0.3, 0.2])  # weights of the last three years' additions, the latest first
CATCH_UP = {"solar": 0.5, "wind": 0.1}  # prior of κ: the sun shines everywhere, good wind stays where it is
LEAST = 0.5  # of additions at the common pace: what is common sets a floor
TREND_YEARS, MEMORY = 10, 0.85  # years of the trend; what the common deviation remembers of itself
LIMIT = 1.5  # of logs: a year without additions counts as far below what was expected, not as infinitely far
WEIGHT = 1 / AHEAD  # of the likelihood: windows overlap, an addition is in up to AHEAD of them (composite likelihood)
SMALL = 1.0  # GW
HYPER = ("catch_up", "trend_part", "lasting", "yearly", "small", "common", "spread_region")


@dataclass(frozen=True)
class Usual:
    """What is known of a region at an origin, GW: `own` and `common` additions a year, and what it holds."""

    own: float
    common: float
    held: float

    def mixed(self, catch_up: np.ndarray | float) -> np.ndarray:
        """Additions a year once it has caught up that far."""
        return np.asarray(self.own ** (1 - catch_up) * self.common**catch_up)


def usual(seen: Panel, known: Measures, row: int, pace: float) -> Usual:
    """From the last three years' additions up to a region's last observation; `pace`: `common_pace`."""
    year, held = seen.last(row)
    origin = seen.years[-1]
    added = _additions(seen, row, year, held) / pull(known, seen.technology, seen.regions[row], seen.provincial, origin,
                                                     range(origin - 2, origin + 1), 1e9, 1e9)[::-1]
    own = np.nansum(RECENT * added) / RECENT[np.isfinite(added)].sum()
    return Usual(float(np.hypot(own, LEAST * pace * held)), pace * held, held)


def programmes(seen: Panel, known: Measures, row: int, of: Usual, pace: float, ahead: int) -> np.ndarray:
    """Factors on additions in the years after the origin, by what was announced then."""
    origin = seen.years[-1]
    nation = pace * seen.totals[_total(seen)][origin]
    return pull(known, seen.technology, seen.regions[row], seen.provincial, origin,
                range(origin + 1, origin + 1 + ahead), float(of.mixed(CATCH_UP[seen.technology])), nation)


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
    return float((RECENT * added).sum() / series[origin])


@dataclass(frozen=True)
class Windows:
    """Additions after past origins, a row (W) for each region and origin; all logs of GW but `held`."""

    panel: Panel
    region: np.ndarray
    origin: np.ndarray  # number from 0
    own: np.ndarray
    gap: np.ndarray  # common less own
    trend: np.ndarray
    held: np.ndarray
    added: np.ndarray  # W×AHEAD, programmes taken out; 0 where unknown
    there: np.ndarray  # 1 where known


def windows(panel: Panel, known: Measures) -> Windows:
    """All windows of a panel that end by its last year; what a window starts from was known at its own origin."""
    last, rows = panel.years[-1], []
    total = panel.totals[_total(panel)]
    for origin in range(max(panel.years[0] + 1, last - BACK), last):
        if any(origin - n not in total for n in range(4)):
            continue
        seen = panel.seen(origin)
        pace, trend = common_pace(seen, known), world_trend(seen)
        for row in range(len(panel.regions)):
            at = origin - panel.years[0]
            if not panel.values[row, at] > 0:
                continue
            of = usual(seen, known, row, pace)
            factor = programmes(seen, known, row, of, pace, AHEAD)
            added = np.full(AHEAD, np.nan)
            steps = np.diff(panel.values[row, at: at + AHEAD + 1])
            added[: len(steps)] = np.log(np.maximum(steps, 1e-9) / factor[: len(steps)])
            expected = np.log(of.mixed(CATCH_UP[panel.technology])) + trend * np.arange(1, AHEAD + 1)
            if np.isfinite(added).any():
                rows.append((row, origin, np.log(of.own), np.log(of.common / of.own), trend, of.held,
                             expected + np.clip(added - expected, -LIMIT, LIMIT)))
    region, began, own, gap, trends, held = np.array([r[:-1] for r in rows]).reshape(-1, 6).T
    added = np.array([r[-1] for r in rows]).reshape(-1, AHEAD)
    return Windows(panel, region.astype(int), (began - began.min(initial=10_000)).astype(int), own, gap, trends, held,
                   np.nan_to_num(added), np.isfinite(added).astype(float))


def model(data: Windows) -> None:
    """The probabilistic model of the windows; its sites (HYPER, `region`) name what is learnt.

    Lasting and yearly deviations of a window are integrated out: its logs are normal with covariance y²·I + z²·11ᵀ.
    """
    kappa = sample("catch_up", dist.TruncatedNormal(CATCH_UP[data.panel.technology], 0.15, low=0.0, high=1.0))
    part = sample("trend_part", dist.Normal(0.8, 0.2))
    lasting = sample("lasting", dist.LogNormal(np.log(0.7), 0.3))
    yearly = sample("yearly", dist.LogNormal(np.log(0.4), 0.3))
    small = sample("small", dist.HalfNormal(0.5))
    common = sample("common", dist.LogNormal(np.log(0.4), 0.25))
    spread = sample("spread_region", dist.HalfNormal(0.2))
    u = spread * sample("region", dist.Normal().expand((len(data.panel.regions),)))
    shocks = sample("years", dist.Normal().expand((int(data.origin.max(initial=0)) + 1, AHEAD)))
    years = [common * shocks[:, 0]]
    for n in range(1, AHEAD):
        years.append(MEMORY * years[-1] + common * shocks[:, n])
    w = jnp.stack(years, axis=1)
    start = data.own + kappa * data.gap + u[data.region]
    mean = start[:, None] + part * data.trend[:, None] * np.arange(1, AHEAD + 1) + w[data.origin]
    left, count = (data.added - mean) * data.there, data.there.sum(1)
    wider = 1 + small * jnp.exp(-data.held / SMALL)
    y, z = jnp.square(yearly * wider), jnp.square(lasting * wider)
    square = jnp.square(left).sum(1) - z / (y + count * z) * jnp.square(left.sum(1))
    numpyro.factor("added", -0.5 * WEIGHT * (square / y + (count - 1) * jnp.log(y) + jnp.log(y + count * z)).sum())


def _total(seen: Panel) -> str:
    return f"{'china' if seen.provincial else 'world'}_{seen.technology}_gw"


def _additions(seen: Panel, row: int, year: int, held: float) -> np.ndarray:
    """Additions of the last three years up to `year`, GW, the latest first; NaN where unknown."""
    series = filled(seen, row)
    end = year - seen.years[0]
    added = np.array([
        max(series[end - n] - series[end - n - 1], 0.0) if end - n - 1 >= 0 else np.nan for n in range(3)
    ])
    return added if np.isfinite(added).any() else np.array([0.1 * held, np.nan, np.nan])


def filled(seen: Panel, row: int) -> np.ndarray:
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
