"""A case made ready for the optimiser: members' beliefs, what policy as it is does under each, and problems on it."""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as default
from functools import cached_property
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np

from seedbed.market.arrays import Beliefs, Scenario, mapped
from seedbed.market.ensemble import CENTRAL, drawn, settled
from seedbed.planning.case import Case
from seedbed.planning.optimise.controls import Controls, Frame
from seedbed.planning.optimise.descend import Caps, Found, Problem, descend
from seedbed.planning.optimise.objective import DEFAULT, Totals, worth
from seedbed.planning.scenarios import DECIDED, RAMP, SCENARIOS
from seedbed.policy.rule import report_rule

LANES = 8  # problems in one call: one shape, one compiled program
INSIDE = 0.02  # a rule's 0 and 1 become this far from it: a logit is finite
NEVER = 1e30  # a cap that does not bind
SCALE = 0.02  # of the worth of policy as it is: a gain that counts as one
RATE, STEPS = 0.8, 40  # first step in logits, steps of the search
PULL = 0.002  # of the scale per squared logit: what gains next to nothing stays as the report has it


@dataclass(frozen=True)
class Limits:
    """What a mix must keep to, in the planner's units; `adoption` and `floors` by market and by instrument id.

    `adoption` is the least green share of purchases in the last year; `floors` are intensities never gone below.
    """

    budget: float | None = None  # CNY over the plan
    yearly: float | None = None  # CNY in any one year
    adoption: dict[str, float] = default(default_factory=dict[str, float])
    floors: dict[str, float] = default(default_factory=dict[str, float])
    rule_floor: np.ndarray = default(default_factory=lambda: np.zeros((4, 4)))
    ramp: float = 1 / RAMP  # of the ceiling, most change a year against policy as it is


@dataclass(frozen=True)
class Ground:
    """A case with members (leading axis N of `beliefs` and `base`), and `lanes` problems in one call.

    `base` is what policy as it is comes to under each member.
    """

    case: Case
    beliefs: Beliefs
    base: Totals  # NumPy, N
    lanes: int = LANES

    @cached_property
    def scenarios(self) -> dict[str, Scenario]:
        """The field's scenarios by name."""
        return {name: self.case.scenario(name) for name in SCENARIOS}

    @cached_property
    def standing(self) -> np.ndarray:
        """1 where a slot holds an instrument that a mix may use (M×J): those that the rule moves."""
        return (self.scenarios["report_rule"].by_rule[:, -1] > 0).astype(float)

    @property
    def report(self) -> Found:
        """The report's rule, first member."""
        return self._held[0]

    @property
    def floor(self) -> float:
        """CNY of public money that promises already made cost, whatever the rule: first member."""
        return float(self._held[1].record.totals.public_money[0])

    @cached_property
    def _held(self) -> list[Found]:
        return self.solve([self.problem(rate=0.0), self.problem(rate=0.0, rule=np.zeros((4, 4)))], 0)

    @property
    def kinds(self) -> np.ndarray:
        """One-hot kind of every slot, M×J×4."""
        return np.asarray(self.case.inputs.kind)

    def frame(self, scenario: str, free: bool, limits: Limits) -> Frame:
        """Every intensity of a standing instrument is a variable (`free`), or what the scenario says happens."""
        now = self.scenarios["as_is"].fixed[:, DECIDED]
        names = [m.slots.instruments for m in self.case.markets]
        low, high = (np.array([[i.bounds[end] if i else 0.0 for i in row] for row in names]) for end in (0, 1))
        floors = np.array([[limits.floors.get(i.id, 0.0) if i else 0.0 for i in row] for row in names])
        kept = np.asarray(self.scenarios["report_rule"].least)[:, DECIDED].min(1)  # what no rule goes below
        low = np.maximum(low, np.maximum(floors, kept))
        return Frame(self.scenarios[scenario], now, self.standing * free, low, high,
                     np.full(low.shape, limits.ramp), limits.rule_floor)

    def problem(self, *, members: Sequence[int] = (0,), tail: np.ndarray | None = None, weights: Totals = DEFAULT,
                scenario: str = "report_rule", free: bool = False, limits: Limits | None = None,
                rule: np.ndarray | None = None, path: np.ndarray | None = None, lean: np.ndarray | None = None,
                gain: float = -NEVER, rate: float = RATE, pull: float = PULL) -> Problem:
        """A problem on some members; it starts from `rule` (default: the report's) or `path` (M×D×J intensities).

        `tail` weighs members from the worst to the best (default: evenly, the expected value). With `lean`
        (M×J) it is not the gain that is sought, but intensities that lean that way while the gain is at least `gain`.
        `pull` holds a rule near the report's.
        """
        limits = limits or Limits()
        framed = self.frame(scenario, free, limits)
        shape = framed.now.shape
        chosen = list(members)
        base = Totals(*(x[chosen] for x in self.base))
        report = np.array(report_rule().matrix())
        start = Controls(_logits(report if rule is None else rule),
                         framed.encode(framed.now if path is None else path) * framed.free[:, None])
        caps = Caps(np.float64(limits.budget or NEVER), np.full(shape[1], limits.yearly or NEVER),
                    np.array([limits.adoption.get(m, 0.0) for m in self.case.names]), np.float64(gain))
        scale = max(SCALE * abs(float(cast(Any, np.mean(worth(weights, base))))), 1.0)
        return Problem(
            mapped(lambda x: np.asarray(x)[chosen], self.beliefs), base,
            np.full(len(chosen), 1 / len(chosen)) if tail is None else tail, weights, np.float64(lean is None),
            np.zeros(framed.free.shape) if lean is None else lean, np.float64(scale), framed, start, _logits(report),
            caps, np.float64(rate), np.float64(pull))

    def solve(self, problems: Sequence[Problem], steps: int, progress: Callable[[int], None] | None = None
              ) -> list[Found]:
        """Solutions in order (NumPy). Problems run `lanes` at a time, padded, in one compiled program.

        `progress` is told the number of calls after each of them.
        """
        lanes = self.lanes
        padded = [*problems, *[problems[-1]] * (-len(problems) % lanes)]
        out: list[Found] = []
        for first in range(0, len(padded), lanes):
            stacked = jax.tree.map(lambda *x: np.stack([np.asarray(v, np.float64) for v in x]),
                                   *padded[first: first + lanes])
            found = jax.tree.map(np.asarray, descend(self.case.inputs, stacked, jnp.asarray(steps)))
            out += [mapped(lambda x, i=i: x[i], found) for i in range(lanes)]
            if progress:
                progress(len(padded) // lanes)
        return out[: len(problems)]


def _logits(rule: np.ndarray) -> np.ndarray:
    inside = np.clip(rule, INSIDE, 1 - INSIDE)
    return np.log(inside / (1 - inside))


def ready(case: Case) -> None:
    """Compile the optimiser for fields of this shape: one step on beliefs that mean nothing."""
    beliefs = mapped(lambda x: np.asarray(x)[None], case.inputs.beliefs)
    blank = Ground(case, beliefs, Totals(*[np.zeros(1)] * len(Totals._fields)))
    blank.solve([blank.problem(scenario="as_is", rate=0.0)], 0)


def ground(case: Case, numbers: Sequence[int] = (CENTRAL,), seed: int = 0, *, lanes: int = LANES,
           group: int = 1) -> Ground:
    """A case with members of the ensemble that `seed` makes; `lanes` and `group` are the shape of the program.

    `group` is the number of members of one problem: policy as it is is run in groups of that many.
    """
    beliefs = settled(case.inputs, drawn(case.inputs, case.spreads, jax.random.key(seed), numbers))
    blank = Ground(case, beliefs, Totals(*[np.zeros(len(numbers))] * len(Totals._fields)), lanes)
    groups = [range(i, i + group) for i in range(0, len(numbers), group)]
    found = blank.solve([blank.problem(members=g, scenario="as_is", rate=0.0) for g in groups], 0)
    base = Totals(*(np.concatenate(x) for x in zip(*(f.record.totals for f in found), strict=True)))
    return replace(blank, base=base)
