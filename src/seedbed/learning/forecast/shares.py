"""Shares of purchases ahead: the contest of two alternatives, simulated from its posterior."""

from __future__ import annotations

import numpy as np

from seedbed.learning import contest
from seedbed.learning.infer import Posterior, infer
from seedbed.learning.measures import Measures
from seedbed.learning.panel import Panel

DRAWS, REPEATS = 500, 8


def learn(seen: Panel, known: Measures, *, seed: int = 0) -> Posterior:
    """The posterior of the contest given a panel that ends at the origin."""
    return infer(contest.model, contest.steps(seen, known), method="nuts", draws=DRAWS, seed=seed)


def paths(seen: Panel, known: Measures, posterior: Posterior, ahead: int, *, seed: int = 0) -> np.ndarray:
    """Simulated shares, per cent, (region, year ahead, path), from each region's last observation.

    A region whose last observation is older than the origin takes its steps from there on, all the same.
    """
    rng = np.random.default_rng(seed)
    site = {name: np.concatenate([values] * REPEATS) for name, values in posterior.draws.items()}
    count = len(site["pace"])
    year_effect = rng.normal(size=(ahead, count)) * site["spread_year"]
    bloc = contest.bloc_of(seen, known)
    extra, push = _blocs(seen, known, site, year_effect, rng)
    out = np.empty((len(seen.regions), ahead, count))
    for row in range(len(seen.regions)):
        _, share = seen.last(row)
        odds = np.full(count, contest.logit(np.clip(share, contest.LEAST_SHARE, contest.MOST_SHARE)))
        own = site["spread_region"] * site["region"][:, row]
        for step in range(ahead):
            now = 100 / (1 + np.exp(-odds))
            slow = 1 / (1 + np.exp(-(now - contest.SATURATION) / contest.SATURATION_WIDTH))
            scale = site["noise"] + site["noise_small"] * np.exp(-now)
            odds = (odds + site["pace"] + own + year_effect[step] + extra[bloc[row], step] + push[bloc[row], step]
                    - site["saturation"] * slow + scale * rng.standard_t(contest.FREEDOM, size=count))
            out[row, step] = 100 / (1 + np.exp(-odds))
    return out


def _blocs(seen: Panel, known: Measures, site: dict[str, np.ndarray], year_effect: np.ndarray,
           rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Year effects of the blocs and what their mandates add, each (bloc + 1, year ahead, path); bloc 0 is none."""
    ahead, count = year_effect.shape
    origin = seen.years[-1]
    extra, push = (np.zeros((len(known.fleet_standards) + 1, ahead, count)) for _ in range(2))
    improvement = rng.normal(contest.IMPROVEMENT, contest.IMPROVEMENT_SPREAD, count)
    for b, rule in enumerate(known.fleet_standards):
        extra[b + 1] = contest.BLOC_PART * site["spread_year"] * rng.normal(size=(ahead, count))
        start = contest.bloc_share(seen, known, b, origin)
        if start is None:
            continue
        odds = np.full(count, contest.logit(start))
        for step in range(ahead):
            organic = odds + site["pace"] + year_effect[step] + extra[b + 1, step]
            asked = rule.asked(origin, origin + 1 + step, improvement)
            if asked is not None:
                gap = contest.logit(100 * asked) - organic
                push[b + 1, step] = site["compliance"] * np.logaddexp(0, contest.SHARPNESS * gap) / contest.SHARPNESS
            odds = organic + push[b + 1, step]
    return extra, push
