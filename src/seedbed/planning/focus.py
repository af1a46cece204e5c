"""Focus: markets ranked by stated criteria, every score open to inspection."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seedbed.base.datafile import load
from seedbed.base.text import Model, Text
from seedbed.base.years import START
from seedbed.facts import places
from seedbed.market import history
from seedbed.market.compile import Compiled
from seedbed.market.definition import Series
from seedbed.planning.case import Case
from seedbed.planning.diagnose import MarketDiagnosis, PlaceDiagnosis
from seedbed.planning.path import PathRow, row_for, step, table
from seedbed.planning.scenarios import SINCE

if TYPE_CHECKING:
    import xarray

FILE = Path(__file__).with_name("criteria.yaml")
FULL_START = 0.30


class Criterion(Model):
    """One criterion with its weight and meaning."""

    weight: float
    label: Text
    meaning: Text


class Criteria(Model):
    """All criteria, the number of markets in the first two tiers, and the confidence by quality of data."""

    criteria: dict[str, Criterion]
    tiers: dict[str, int]
    confidence: dict[str, float]


@lru_cache(maxsize=1)
def criteria() -> Criteria:
    """The shipped criteria."""
    return load(FILE, Criteria)


@dataclass(frozen=True)
class Ranked:
    """A market's place in the ranking: raw values, scores 0–1 (None: no data, weight shared out) and tier."""

    market: str
    raw: dict[str, float | None]
    scores: dict[str, float | None]
    total: float
    tier: str


@dataclass(frozen=True)
class Focus:
    """The ranking, best first, and the path row it stands on (None for the nation: mean of all types)."""

    row: PathRow | None
    ranked: tuple[Ranked, ...]

    def tier(self, name: str) -> list[str]:
        """Markets of one tier, best first."""
        return [r.market for r in self.ranked if r.tier == name]


def focus(case: Case, runs: xarray.Dataset, place: PlaceDiagnosis, markets: tuple[MarketDiagnosis, ...]) -> Focus:
    """Rank the markets of `field` by criteria.yaml, from the central runs."""
    reading = place.industrialisation
    row = row_for(reading.stage, reading.half, place.type.id) if place.type else None
    raw: dict[str, list[float | None]] = {
        "path": [_path(c, row, reading.stage, reading.half) for c in case.markets],
        "potential": _potential(runs), "abatement": _abatement(runs),
        "fit": [_quotient(c, case.place) for c in case.markets],
        "readiness": [_ready(c, m) for c, m in zip(case.markets, markets, strict=True)],
    }
    scores: dict[str, list[float | None]] = {
        "path": raw["path"], "potential": _log_scale(raw["potential"]),
        "abatement": _log_scale(raw["abatement"]),
        "fit": [None if q is None else q / (1 + q) for q in raw["fit"]], "readiness": raw["readiness"],
    }
    rows: list[tuple[float, str, dict[str, float | None], dict[str, float | None]]] = []
    for i, name in enumerate(case.names):
        mine = {k: v[i] for k, v in scores.items()}
        trust = criteria().confidence[case.markets[i].definition.data]
        rows.append((trust * _total(mine), name, {k: v[i] for k, v in raw.items()}, mine))
    rows.sort(key=lambda r: (-r[0], r[1]))
    limits = criteria().tiers
    tiers = ["now"] * limits["now"] + ["next"] * limits["next"] + ["reserve"] * len(rows)
    ranked = [Ranked(name, values, mine, total, tier)
              for tier, (total, name, values, mine) in zip(tiers, rows, strict=False)]
    return Focus(row, tuple(ranked))


def _total(scores: dict[str, float | None]) -> float:
    """Weighted mean over the criteria that have data."""
    known = {k: v for k, v in scores.items() if v is not None}
    weights = {k: criteria().criteria[k].weight for k in known}
    return float(sum(weights[k] * known[k] for k in known) / sum(weights.values()))


def _path(compiled: Compiled, row: PathRow | None, stage: int, half: int | None) -> float:
    if row is not None:
        return row.fit(compiled.definition)
    rows = [r for r in table().rows if step(stage, half) in r.stages]
    return float(np.mean([r.fit(compiled.definition) for r in rows]))


def _potential(runs: xarray.Dataset) -> list[float | None]:
    """What the green market grows by: the report's rule in the last year against policy as it is in the first."""
    green = runs.green_market
    grown = green.sel(scenario="report_rule").isel(year=-1) - green.sel(scenario="as_is", year=START)
    return [float(max(g, 0.0)) for g in grown.values]


def _abatement(runs: xarray.Dataset) -> list[float | None]:
    """kgCO2e avoided per CNY of public money, report's rule against no policy."""
    decided = runs.sel(year=SINCE)
    emitted, money = decided.life_cycle_emissions.sum("year"), decided.public_money.sum(("year", "slot"))
    avoided = emitted.sel(scenario="no_policy") - emitted.sel(scenario="report_rule")
    spent = money.sel(scenario="report_rule") - money.sel(scenario="no_policy")
    return [float(max(a, 0.0) / max(s, 1e6)) for a, s in zip(avoided.values, spent.values, strict=True)]


def _quotient(compiled: Compiled, place: places.Place) -> float | None:
    if compiled.definition.supply_key is None or place.id == places.NATION:
        return None
    made = history.place_weights(compiled.definition.supply_key, [place], START)[0]
    gdp = history.place_weights(Series(table="province_economy", variable="gdp"), [place], START)[0]
    return float(made / gdp)


def _ready(compiled: Compiled, market: MarketDiagnosis) -> float:
    adequacy = float(np.asarray(compiled.inputs.start.infrastructure)[0])
    return 0.5 * adequacy + 0.5 * min(1.0, market.green_share / FULL_START)


def _log_scale(values: list[float | None]) -> list[float | None]:
    """0–1 between the smallest and largest positive value in logs; zero stays zero."""
    positive = [v for v in values if v is not None and v > 0]
    if not positive:
        return [0.0 for _ in values]
    low, high = np.log(max(min(positive), max(positive) * 1e-4)), np.log(max(positive))
    span = max(high - low, 1e-9)

    def scaled(v: float) -> float:
        return float(np.clip((np.log(v) - low) / span, 0, 1)) if v > 0 else 0.0

    return [None if v is None else scaled(v) for v in values]
