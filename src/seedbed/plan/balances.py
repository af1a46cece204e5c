"""The report's four balances (section 5.1), each with a figure that can fail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seedbed.market.ensemble import Indicators
from seedbed.market.trajectory import Path
from seedbed.plan.diagnose import PlaceDiagnosis
from seedbed.plan.focus import Focus
from seedbed.plan.scenarios import DECIDE, SCENARIOS, START, Field
from seedbed.policy.instrument import Kind

IDLE = 0.65  # factories used less than this stand idle in the sense of overcapacity
BREAK = 0.25  # a change of mean intensity in one year beyond this is a jump


@dataclass(frozen=True)
class Balances:
    """Figures behind the four balances.

    pace: mean intensity by kind over the years (year × kind) of the improved rule, its largest yearly change,
    and public money as a share of GDP. supply: chance that green factories of each market fall below IDLE in
    any year, and their median lowest use. region: (market, location quotient) of all markets with data.
    growth: green market (CNY) and avoided life-cycle emissions (tCO2e, cumulative) and jobs, improved against
    as it is, medians.
    """

    years: tuple[int, ...]
    pace: np.ndarray
    jump: float
    money_of_gdp: float | None
    supply: tuple[tuple[str, float, float], ...]
    region: tuple[tuple[str, float], ...]
    market_gain: float
    avoided: float
    jobs_gain: float

    @property
    def smooth(self) -> bool:
        """Whether strength changes without a jump after the first decided year."""
        return self.jump <= BREAK


def balances(field: Field, path: Path, tested: Indicators, place: PlaceDiagnosis, focus: Focus) -> Balances:
    """Compute all four."""
    improved, now, first = SCENARIOS.index("improved_rule"), SCENARIOS.index("as_is"), DECIDE - START
    pace = _pace(field, path, improved)[first:]
    spent = float(np.median(tested.public_money[improved][:, :, first:, 0].sum((1, 2))))
    gdp = next((n.value for n in place.numbers if n.id == "gdp"), None)
    emitted = tested.life_cycle_emissions[:, :, :, first:, 0].sum((2, 3)) / 1000
    market = tested.green_market[:, :, :, -1, 0].sum(2)
    jobs = tested.jobs[:, :, :, -1, 0].sum(2)
    region = tuple((r.market, r.raw["fit"]) for r in focus.ranked if r.raw["fit"] is not None)
    return Balances(
        tuple(range(DECIDE, field.until + 1)), pace,
        float(np.abs(np.diff(pace, axis=0)).max()) if len(pace) > 1 else 0.0,
        spent / (field.until - DECIDE + 1) / gdp if gdp else None, _supply(field, tested, improved),
        tuple((m, float(q)) for m, q in region if q is not None),
        float(np.median(market[improved] - market[now])), float(np.median(emitted[now] - emitted[improved])),
        float(np.median(jobs[improved] - jobs[now])))


def _pace(field: Field, path: Path, scenario: int) -> np.ndarray:
    """Mean intensity by kind, year × kind, over instruments and markets."""
    columns = []
    for kind in Kind:
        values = [path.intensity[scenario, row, :, 0, j] for row, c in enumerate(field.markets)
                  for j, i in enumerate(c.slots.instruments)
                  if i is not None and i.kind == kind and i.status != "ended"]
        columns.append(np.mean(values, axis=0) if values else np.zeros(len(field.years)))
    return np.array(columns).T


def _supply(field: Field, tested: Indicators, scenario: int) -> tuple[tuple[str, float, float], ...]:
    out = []
    for row, name in enumerate(field.names):
        use = tested.utilisation[scenario, :, row, DECIDE - START:, 0]
        if np.isfinite(use).all():
            lowest = use.min(1)
            out.append((name, float((lowest < IDLE).mean()), float(np.median(lowest))))
    return tuple(out)
