"""The contest of two alternatives: the equation of one green technology against all others, many regions at once.

With β = 1 (the replicator, docs/equation.md [5]) the odds of the green share move by the difference in utility, so that

    logit s_t − logit s_{t−1} = a + u_r + w_t + b_{bloc,t} − c·σ((s − 20)/6) + μ_{bloc,t} + ε,

`a` the pace at which cost falls and habits spread, `u` a region's own, `w` what a year does to all, `b` to the regions
of one fleet standard, `c` saturation, `μ = z·softplus(6·(logit q − logit s_bloc))/6` the mandate [6] of a fleet
standard that asks for the share q, ε Student noise that is wider where few cars are sold. Shares in per cent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist

from seedbed import facts
from seedbed.base.errors import UnknownNameError
from seedbed.learning.measures import Measures, standard
from seedbed.learning.panel import Panel

LEAST_SHARE, MOST_SHARE = 0.003, 98.0  # per cent; below, one importer's decision is the whole market
TRAIN_ABOVE = 0.1  # per cent: smaller shares say little about the pace
FREEDOM = 5.0  # of the Student noise
SATURATION, SATURATION_WIDTH = 20.0, 6.0  # per cent
SHARPNESS = 6.0  # of the mandate, as in market/contest.py
BLOC_PART = 0.7  # of the year effect's spread, for the regions of one standard
HYPER = ("pace", "saturation", "compliance", "noise", "noise_small", "spread_year", "spread_region")
IMPROVEMENT, IMPROVEMENT_SPREAD = 0.012, 0.006  # yearly fall of combustion cars' emissions


def logit(percent: Any) -> Any:
    """Log odds of a share in per cent."""
    return np.log(percent / (100 - percent))


@dataclass(frozen=True)
class Steps:
    """Observed yearly steps of the log odds, one entry a region and year, with what the equation needs of each."""

    panel: Panel
    region: np.ndarray
    year: np.ndarray  # numbers from 0
    bloc: np.ndarray  # number of the fleet standard + 1; 0: none
    before: np.ndarray  # share of the year before, per cent
    change: np.ndarray  # step of the log odds
    bloc_odds: np.ndarray  # log odds of the bloc's share in the year before
    asked_odds: np.ndarray  # log odds of the share asked for; −30 where nothing is asked
    blocs: tuple[str, ...]

    @property
    def years(self) -> int:
        """Number of years from the first to the last of the panel."""
        return len(self.panel.years)


def bloc_share(panel: Panel, known: Measures, bloc: int, year: int) -> float | None:
    """Share of electric cars in the bloc of standard number `bloc`, per cent: as monitored, or its region's own."""
    rule = known.fleet_standards[bloc]
    if rule.electric is not None:
        return 100 * rule.electric[year] if year in rule.electric else None
    own = [i for i, name in enumerate(panel.regions) if name in rule.regions]
    if not own or year not in panel.years:
        return None
    value = panel.values[own[0], year - panel.years[0]]
    return float(value) if np.isfinite(value) and value > 0 else None


def bloc_of(panel: Panel, known: Measures) -> np.ndarray:
    """Number of each region's fleet standard + 1, 0 where there is none."""
    found = [standard(known, name) for name in panel.regions]
    return np.array([0 if s is None else known.fleet_standards.index(s) + 1 for s in found])


def steps(panel: Panel, known: Measures) -> Steps:
    """The steps of a panel; those from a share below TRAIN_ABOVE are left out."""
    share = np.clip(panel.values, LEAST_SHARE, MOST_SHARE)
    use = np.isfinite(share[:, 1:]) & np.isfinite(share[:, :-1]) & (share[:, :-1] > TRAIN_ABOVE)
    region, column = np.nonzero(use)
    odds, bloc = logit(share), bloc_of(panel, known)
    origin = panel.years[-1]
    asked = np.full((len(known.fleet_standards) + 1, len(panel.years)), -30.0)
    level = np.zeros_like(asked)
    for b, rule in enumerate(known.fleet_standards):
        for t, year in enumerate(panel.years):
            q = rule.asked(min(origin, year - 1), year, np.array([IMPROVEMENT]))
            held = bloc_share(panel, known, b, year - 1)
            if q is not None and held is not None:
                asked[b + 1, t], level[b + 1, t] = logit(100 * q[0]), logit(held)
    year = column + 1
    return Steps(panel, region, year, bloc[region], share[region, column], (odds[:, 1:] - odds[:, :-1])[region, column],
                 level[bloc[region], year], asked[bloc[region], year],
                 tuple(s.id for s in known.fleet_standards))


def charging(data: Steps) -> np.ndarray:
    """Growth of public charging points in the year before each step, in logs, less its mean; 0 where unknown."""
    grown = np.full(len(data.region), np.nan)
    for row, name in enumerate(data.panel.regions):
        points = _points(name)
        for n in np.flatnonzero(data.region == row):
            before, last = (points.get(data.panel.years[data.year[n]] - back, 0.0) for back in (2, 1))
            if before > 0 and last > 0:
                grown[n] = np.log(last / before)
    return np.nan_to_num(grown - np.nanmean(grown))


def _points(region: str) -> dict[int, float]:
    """Public charging points by year; none where the country is not in the table."""
    table = facts.read("country_charging")
    try:
        fast, slow = (table.series(v, region) for v in ("public_fast", "public_slow"))
    except UnknownNameError:
        return {}
    return {year: fast.get(year, 0.0) + slow.get(year, 0.0) for year in {*fast, *slow}}


def sample(name: str, of: dist.Distribution, **more: Any) -> Any:
    """`numpyro.sample`, whose declared result is wider than what it returns."""
    return numpyro.sample(name, of, **more)


def model(data: Steps, built: np.ndarray | None = None) -> None:
    """The probabilistic model of the steps; its sites name what is learnt.

    With `built` (see `charging`) infrastructure is a cause as well: site `charging`, log odds per log of points.
    """
    a = sample("pace", dist.Normal(0.4, 0.2))
    c = sample("saturation", dist.HalfNormal(0.15))
    z = sample("compliance", dist.TruncatedNormal(0.7, 0.15, low=0.0, high=1.1))
    noise = sample("noise", dist.LogNormal(np.log(0.22), 0.25))
    small = sample("noise_small", dist.LogNormal(np.log(0.5), 0.3))
    spread_year = sample("spread_year", dist.LogNormal(np.log(0.15), 0.4))
    spread_region = sample("spread_region", dist.LogNormal(np.log(0.06), 0.4))
    u = spread_region * sample("region", dist.Normal().expand((len(data.panel.regions),)))
    w = spread_year * sample("year", dist.Normal().expand((data.years,)))
    b = BLOC_PART * spread_year * sample("bloc", dist.Normal().expand((len(data.blocs) + 1, data.years)))
    common = a + w[data.year] + jnp.where(data.bloc > 0, b[data.bloc, data.year], 0.0)
    if built is not None:
        common = common + sample("charging", dist.Normal(0.0, 0.2)) * built
    gap = data.asked_odds - (data.bloc_odds + common)
    push = z * jnp.logaddexp(0.0, SHARPNESS * gap) / SHARPNESS
    slow = c / (1 + jnp.exp(-(data.before - SATURATION) / SATURATION_WIDTH))
    scale = noise + small * jnp.exp(-data.before)
    sample("change", dist.StudentT(FREEDOM, common + u[data.region] - slow + push, scale), obs=data.change)
