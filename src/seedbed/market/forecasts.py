"""What was forecast of the nation and its provinces (forecasts.json, made by `make fit`), as arrays of the equation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from statistics import NormalDist

import numpy as np

from seedbed.base.text import Model
from seedbed.facts import places
from seedbed.market.definition import Definition, Forecast

AHEAD, GROUPS = 5, 2  # years that forecasts were scored on; groups of technologies a market has at most
LEVELS = tuple(round(0.05 * n, 2) for n in range(1, 20))
FAR = 2.5
SCORES = (-FAR, *(NormalDist().inv_cdf(level) for level in LEVELS), FAR)
"""Normal scores at which forecasts are given to the equation; beyond ±FAR they stay."""


class Series(Model):
    """One target: by place and year ahead, quantiles at LEVELS of what it moves from the year `Forecasts.year` on."""

    measure: str  # "log odds" of a share of purchases, "log" of capacity
    places: dict[str, tuple[tuple[float, ...], ...]]


class Forecasts(Model):
    """Forecasts of all series from the end of `year`, and what made them."""

    year: int
    series: dict[str, Series]
    made_by: dict[str, str]


@lru_cache(maxsize=1)
def stored() -> Forecasts | None:
    """The stored forecasts; None before they were first made."""
    path = files("seedbed.market").joinpath("forecasts.json")
    return Forecasts(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def moves(definition: Definition, where: Sequence[places.Place], start: int, ahead: int,
          width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(group G×I, move H×R×G×N, known R×G) of `arrays.Ahead`; nothing is known where a run starts in another year.

    A province without a series of its own moves as the nation does.
    """
    group, known = np.zeros((GROUPS, width)), np.zeros((len(where), GROUPS))
    move = np.zeros((ahead, len(where), GROUPS, len(SCORES)))
    found, ids = stored(), [t.id for t in definition.technologies]
    for g, forecast in enumerate(definition.forecasts):
        group[g, [ids.index(name) for name in forecast.technologies]] = 1.0
        for r, place in enumerate(where):
            if found and found.year == start and (quantiles := _of(found, forecast, place)):
                known[r, g] = 1.0
                move[:, r, g] = _extended(np.array(quantiles)[:ahead])
    return group, move, known


def _of(found: Forecasts, forecast: Forecast, place: places.Place) -> tuple[tuple[float, ...], ...] | None:
    """The place's own quantiles, or else the nation's."""
    for series, where in ((forecast.province, place.id), (forecast.nation, places.NATION)):
        if series in found.series and where in found.series[series].places:
            return found.series[series].places[where]
    return None


def _extended(quantiles: np.ndarray) -> np.ndarray:
    """Quantiles with values at ±FAR, on the straight lines through the last two scores."""
    steps = (FAR - SCORES[-2]) / (SCORES[-2] - SCORES[-3])
    low = quantiles[:, :1] + steps * (quantiles[:, :1] - quantiles[:, 1:2])
    high = quantiles[:, -1:] + steps * (quantiles[:, -1:] - quantiles[:, -2:-1])
    return np.concatenate([low, quantiles, high], axis=1)
