"""The improved rule: the sixteen numbers of kind × stage, moved by gradient for one place under its budget.

Objective (stated, so that it can be argued with): carbon value × life-cycle emissions avoided, less public
money at its marginal cost, less what mandates cost buyers; emissions of what still runs at the end count five
more years; a weak pull to the report's rule where the objective is indifferent.

Whether the improved rule differs from the report's by more than is uncertain is asked twice: over draws of what is
uncertain (the first members of the plan's ensemble), and over objectives that others would choose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.planning.case import Case
from seedbed.planning.optimise.descend import TOLERANCE, Found
from seedbed.planning.optimise.ground import STEPS, Ground, Limits, ground
from seedbed.planning.optimise.objective import CARBON_VALUE, DEFAULT, PUBLIC_MONEY, Totals, first
from seedbed.policy.rule import Rule, report_rule

__all__ = ["CARBON_VALUE", "DRAWS", "PUBLIC_MONEY", "VIEWS", "Improvement", "improve"]
DRAWS = 16
BAND = (0.05, 0.95)
MATERIAL = 0.05  # of the ceiling: a smaller difference from the report is not named, however certain
CLEARLY = 0.005  # of the gain
STARTS = (0.5, 0.05)  # rules of one strength that the search starts from besides the report's
VIEWS: dict[str, Totals] = {  # objectives that others would choose
    "carbon_low": DEFAULT._replace(emissions=CARBON_VALUE / 2),
    "carbon_high": DEFAULT._replace(emissions=CARBON_VALUE * 2),
    "buyers": DEFAULT._replace(buyers_cost=1.0, burden=0.0),
    "idle": DEFAULT._replace(idle=1.0),
    "jobs": DEFAULT._replace(jobs=50_000.0),
}


@dataclass(frozen=True)
class Improvement:
    """The improved rule and why: slopes of the objective at the report's rule, and the money of both.

    `slopes` is CNY of objective per unit of intensity (positive: more helps); `effects` is what each
    instrument adds to the objective at the improved rule, CNY, to first order. `drawn` are the improved rules of
    single draws, `views` those of other objectives under the central draw.
    """

    rule: Rule
    slopes: np.ndarray  # 4×4
    budget: float  # CNY over DECIDE…until
    report_cost: float
    gain: float  # objective, improved over report, CNY
    totals: Totals  # of the improved rule, central member
    effects: np.ndarray  # market × slot
    drawn: np.ndarray  # draw × 4 × 4
    views: dict[str, np.ndarray]  # 4×4 each

    def band(self) -> np.ndarray:
        """Ends of the 90 % band of each entry over the draws: 2×4×4."""
        return np.quantile(self.drawn, BAND, axis=0)

    def differs(self) -> np.ndarray:
        """4×4: the report's value lies outside the band, and the mean is MATERIAL away from it."""
        report, (low, high) = np.array(report_rule().matrix()), self.band()
        return ((report < low) | (report > high)) & (np.abs(self.drawn.mean(0) - report) >= MATERIAL)

    def against(self, kind: int, stage: int) -> list[str]:
        """Views under which the entry is not on the same side of the report's value as the mean of the draws."""
        report = report_rule().matrix()[kind][stage]
        side = np.sign(self.drawn[:, kind, stage].mean() - report)
        return [name for name, rule in self.views.items() if np.sign(rule[kind, stage] - report) != side]

    def holds(self) -> np.ndarray:
        """4×4: it differs, and no view is against it."""
        agreed = [[not self.against(k, s) for s in range(4)] for k in range(4)]
        return self.differs() & np.array(agreed)


def improve(case: Case, budget: float | None, progress: Callable[[int, int], None] | None = None, *,
            on: Ground | None = None) -> Improvement:
    """Improve the rule for `field`; `budget` in CNY over the plan (None: what the report's rule costs).

    `on` is the case with the draws to improve it under as well (default: none). Raises InvalidInputError when the
    budget cannot be met by any rule: what earlier promises already cost.
    """
    on = on or ground(case)
    limits = within(on, budget)
    starts = [None, *(np.full((4, 4), x) for x in STARTS)]
    problems = [*(on.problem(limits=limits, rule=start) for start in starts),
                *(on.problem(limits=limits, weights=weights) for weights in VIEWS.values()),
                *(on.problem(limits=limits, members=(n,)) for n in range(1, len(on.base.jobs)))]
    told = count(1)
    found = on.solve(problems, STEPS, lambda of: progress(next(told), of) if progress else None)
    best = _best(found[: len(starts)])
    rules = [_matrix(f.controls.rule) for f in found]
    views = dict(zip(VIEWS, rules[len(starts):], strict=False))
    rule = Rule.from_matrix("improved", f"optimised for {case.place.name.en}", _matrix(best.controls.rule).tolist())
    effects = (best.slope * best.record.intensity[0, :, :, 0]).sum(1)
    cost = float(on.report.record.totals.public_money[0])
    gain = float(best.gain - on.report.gain)
    return Improvement(rule, on.report.rule_slope, float(limits.budget or cost), cost, gain, first(best.record.totals),
                       effects, np.array(rules[len(starts) + len(VIEWS):]), views)


def _best(found: Sequence[Found]) -> Found:
    """The first, from the report's rule, unless another start leads CLEARLY higher: where the objective is
    indifferent, entries stay near where they start, and that should be the report's."""
    best = max([f for f in found if f.violation <= TOLERANCE] or found, key=lambda f: f.gain)
    usual = found[0]
    enough = usual.violation <= TOLERANCE and best.gain <= usual.gain + CLEARLY * abs(usual.gain)
    return usual if enough else best


def within(on: Ground, budget: float | None) -> Limits:
    """The budget as limits (see `improve`)."""
    money = float(on.report.record.totals.public_money[0]) if budget is None else budget
    if not money > on.floor:
        raise InvalidInputError("the budget of {budget} cannot be met: promises already made cost {floor}.",
                                where=Parameter("budget"), fix="give more than {floor}.", budget=money, floor=on.floor)
    return Limits(budget=money)


def _matrix(logits: np.ndarray) -> np.ndarray:
    return np.round(1 / (1 + np.exp(-logits)), 3)
