"""The report's four balances (section 5.1), each with a figure that can fail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seedbed.base.years import DECIDE, START
from seedbed.market.ensemble import Indicators
from seedbed.market.trajectory import Path
from seedbed.planning.diagnose import PlaceDiagnosis
from seedbed.planning.focus import Focus
from seedbed.planning.scenarios import SCENARIOS, Field
from seedbed.policy.instrument import Kind

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
    location quotient) where known. market_gain (CNY, last year), avoided (tCO2e, cumulative) and jobs_gain (last
    year): improved against as it is, medians.
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
    avoided: float
    jobs_gain: float

    @property
    def smooth(self) -> bool:
        """Whether strength changes without a jump after the first decided year."""
        return self.jump <= BREAK


def balances(field: Field, path: Path, tested: Indicators, place: PlaceDiagnosis, focus: Focus) -> Balances:
    """Compute all four."""
    improved, now, first = SCENARIOS.index("improved_rule"), SCENARIOS.index("as_is"), DECIDE - START
    pace = _pace(field, path, improved)[first - 1:]
    yearly = np.median(tested.public_money[improved][..., 0].sum(1), axis=0)
    spent = float(np.median(tested.public_money[improved][:, :, first:, 0].sum((1, 2))))
    gdp = next((n.value for n in place.numbers if n.id == "gdp"), None)
    emitted = tested.life_cycle_emissions[:, :, :, first:, 0].sum((2, 3)) / 1000
    market = tested.green_market[:, :, :, -1, 0].sum(2)
    jobs = tested.jobs[:, :, :, -1, 0].sum(2)
    region = tuple((r.market, r.raw["fit"]) for r in focus.ranked if r.raw["fit"] is not None)
    return Balances(
        tuple(range(DECIDE, field.until + 1)), pace[1:], float(np.abs(np.diff(pace, axis=0)).max()),
        float(yearly[first - 1]), float(yearly[first]),
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


def _supply(field: Field, tested: Indicators, scenario: int) -> tuple[Supply, ...]:
    out = []
    for row, name in enumerate(field.names):
        use = tested.utilisation[scenario, :, row, DECIDE - START:, 0]
        if np.isfinite(use).all():
            middle = np.median(use, axis=0)
            out.append(Supply(name, float((use.min(1) < IDLE).mean()), float(middle.min()),
                              DECIDE + int(middle.argmin())))
    return tuple(sorted(out, key=lambda s: (-s.chance, s.lowest)))
