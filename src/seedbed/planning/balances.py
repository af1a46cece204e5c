"""The report's four balances (section 5.1), each with a figure that can fail."""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seedbed.base.years import DECIDE
from seedbed.planning.case import Case
from seedbed.planning.diagnose import PlaceDiagnosis
from seedbed.planning.focus import Focus
from seedbed.planning.scenarios import DECIDED, SINCE, at
from seedbed.policy.instrument import Kind

if TYPE_CHECKING:
    import xarray

IDLE = 0.65  # factories used less than this stand idle in the sense of overcapacity
BREAK = 0.25  # a change of mean intensity in one year beyond this is a jump


@dataclass(frozen=True)
class Supply:
    """Green factories of one market: chance that their use falls below IDLE in the plan, lowest median and its year."""

    market: str
    chance: float
    lowest: float
    year: int


@dataclass(frozen=True)
class Balances:
    """Figures behind the four balances.

    pace: mean intensity by kind over the years (year × kind) of the improved rule; jump: its largest yearly change,
    the step into the plan included; money_before and money_first: public money (CNY) in the year before the plan and
    in its first, and money_of_gdp a year's mean as a share of GDP. supply: lowest use first. region: (market,
    location quotient) where known. market_gain (CNY) and jobs_gain, both of the last year: improved
    against as it is, medians.
    """

    years: tuple[int, ...]
    pace: np.ndarray
    jump: float
    money_before: float
    money_first: float
    money_of_gdp: float | None
    supply: tuple[Supply, ...]
    region: tuple[tuple[str, float], ...]
    market_gain: float
    jobs_gain: float

    @property
    def smooth(self) -> bool:
        """Whether strength changes without a jump after the first decided year."""
        return self.jump <= BREAK


def balances(case: Case, runs: xarray.Dataset, tested: xarray.Dataset, place: PlaceDiagnosis, focus: Focus) -> Balances:
    """Compute all four."""
    pace = _pace(case, runs)
    into = pace[at(DECIDE) - 1:]  # the step into the plan included
    money = tested.public_money.sel(scenario="improved_rule").sum("market")
    yearly = money.median("member")
    spent = float(money.sel(year=SINCE).sum("year").median())
    gdp = next((n.value for n in place.numbers if n.id == "gdp"), None)
    region = tuple((r.market, float(q)) for r in focus.ranked if (q := r.raw["fit"]) is not None)
    last = tested.isel(year=-1)

    def gained(values: xarray.DataArray) -> float:
        """Median of the improved rule against policy as it is, member by member."""
        return float((values.sel(scenario="improved_rule") - values.sel(scenario="as_is")).median())

    return Balances(
        tuple(range(DECIDE, case.until + 1)), pace[DECIDED], float(np.abs(np.diff(into, axis=0)).max()),
        float(yearly.sel(year=DECIDE - 1)), float(yearly.sel(year=DECIDE)),
        spent / (case.until - DECIDE + 1) / gdp if gdp else None, _supply(case, tested), region,
        gained(last.green_market.sum("market")), gained(last.jobs.sum("market")))


def _pace(case: Case, runs: xarray.Dataset) -> np.ndarray:
    """Mean intensity by kind of the improved rule, year × kind, over instruments and markets."""
    intensity = runs.intensity.sel(scenario="improved_rule").transpose("market", "slot", "year").values
    columns: list[np.ndarray] = []
    for kind in Kind:
        values = [intensity[row, j] for row, c in enumerate(case.markets) for j, i in enumerate(c.slots.instruments)
                  if i is not None and i.kind == kind and i.status != "ended"]
        columns.append(np.mean(values, axis=0) if values else np.zeros(len(case.years)))
    return np.array(columns).T


def _supply(case: Case, tested: xarray.Dataset) -> tuple[Supply, ...]:
    out: list[Supply] = []
    for name in case.names:
        use = tested.utilisation.sel(scenario="improved_rule", market=name, year=SINCE).values
        if np.isfinite(use).all():
            middle = np.median(use, axis=0)
            out.append(Supply(name, float((use.min(1) < IDLE).mean()), float(middle.min()),
                              DECIDE + int(middle.argmin())))
    return tuple(sorted(out, key=lambda s: (-s.chance, s.lowest)))
