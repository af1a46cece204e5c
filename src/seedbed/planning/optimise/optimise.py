"""`optimise(place) -> Optimum`: the best rule or intensities, for stated weights, limits and attitude to risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.base.progress import Progress, silent
from seedbed.base.shown import Shown
from seedbed.base.years import DECIDE, UNTIL
from seedbed.market import definition as definitions
from seedbed.market.ensemble import CENTRAL
from seedbed.market.nation import check_seed
from seedbed.market.world import World
from seedbed.planning.case import Case, check_budget
from seedbed.planning.optimise.descend import TOLERANCE, Found
from seedbed.planning.optimise.ground import STEPS, Ground, Limits, ground
from seedbed.planning.optimise.objective import DEFAULT, Totals
from seedbed.planning.scenarios import RAMP
from seedbed.policy.instrument import get as instrument
from seedbed.policy.mix import Mix, as_it_is
from seedbed.policy.rule import report_rule

if TYPE_CHECKING:
    import polars

VARIABLES = ("rule", "every")
RISKS = ("mean", "cvar", "worst")
MOST = 1000  # draws: their slopes are held at once
WORST = 0.25  # part of the members that cvar looks at
LONGER = 3  # times STEPS where limits bind or members differ: there the search needs more


@dataclass(frozen=True, repr=False)
class Optimum(Shown):
    """What was found. Money and emissions are means over the members; `gain` is by the attitude to risk, CNY.

    `kept` tells of each limit by how much, relative to it, it is kept (negative: broken); `holds` sums it up.
    """

    case: Case
    variables: str
    risk: str
    members: int  # 1: the central run or a single draw
    gain: float
    totals: Totals
    base: Totals  # of policy as it is
    report: Totals  # of the report's rule
    rule: np.ndarray  # 4×4; the report's where every intensity is free
    intensity: np.ndarray  # market × decided year × slot
    effects: np.ndarray  # market × slot: CNY of gain that an instrument brings, to first order
    kept: dict[str, float]

    def about(self) -> dict[str, object]:
        return {"place": self.case.place.name.en, "years": f"{DECIDE}–{self.case.until}", "variables": self.variables,
                "risk": self.risk, "members": self.members, "gain": f"{self.gain:.4g} CNY over policy as it is",
                "public money": f"{self.totals.public_money:.4g} CNY", "limits kept": self.holds}

    def to_polars(self) -> polars.DataFrame:
        """Intensity by market, instrument and decided year."""
        import polars as pl

        return pl.DataFrame([{"market": market.definition.id, "instrument": i.id, "year": year, "intensity": float(x)}
                             for row, market in enumerate(self.case.markets)
                             for j, i in enumerate(market.slots.instruments) if i is not None
                             for year, x in zip(range(DECIDE, self.case.until + 1), self.intensity[row, :, j],
                                                strict=True)])

    @property
    def broken(self) -> list[str]:
        """The limits that are not kept, to within TOLERANCE."""
        return [name for name, room in self.kept.items() if not room >= -TOLERANCE]

    @property
    def holds(self) -> bool:
        """Every limit is kept."""
        return not self.broken

    def mix(self, market: str) -> Mix:
        """The intensities of one market as a mix that `simulate` takes: policy as it is until DECIDE."""
        row = self.case.names.index(market)
        years = range(DECIDE, self.case.until + 1)
        body = {i.id: {f"{y}:{y}": round(float(np.clip(x, *i.bounds)), 4)
                       for y, x in zip(years, self.intensity[row, :, j], strict=True)}
                for j, i in enumerate(self.case.markets[row].slots.instruments) if i is not None}
        return as_it_is(range(self.case.years[0], DECIDE)) + Mix.from_dict({"name": "optimum", "instruments": body})

    def to_dict(self) -> dict[str, object]:
        """Plain data."""
        names = [[i.id if i else "" for i in m.slots.instruments] for m in self.case.markets]
        strength = {m: {name: np.round(self.intensity[r, :, j], 4).tolist() for j, name in enumerate(names[r]) if name}
                    for r, m in enumerate(self.case.names)}
        return {"place": self.case.place.id, "until": self.case.until, "variables": self.variables,
                "risk": self.risk, "members": self.members, "gain": self.gain, "totals": self.totals._asdict(),
                "as_is": self.base._asdict(), "report_rule": self.report._asdict(),
                "rule": np.round(self.rule, 4).tolist(), "years": list(range(DECIDE, self.case.until + 1)),
                "intensity": strength, "kept": self.kept, "holds": self.holds}


def tail(risk: str, members: int) -> np.ndarray:
    """Weights on members from the worst to the best: their mean, that of the worst quarter (CVaR), or the worst."""
    part = {"mean": 1.0, "cvar": WORST, "worst": 1 / members}[risk] * members
    return np.clip(part - np.arange(members), 0, 1) / part


HEAVIEST = 1e9
"""The largest weight on a total, CNY per unit."""


def optimise(place: str, *, variables: str = "every", weights: Mapping[str, float] | None = None,
             budget: float | None = None, yearly: float | None = None, adopt: Mapping[str, float] | None = None,
             floor: Mapping[str, float] | None = None, ramp: float = 1 / RAMP, risk: str = "mean", draws: int = 0,
             until: int = UNTIL, markets: Sequence[str] | None = None, seed: int = 1, steps: int = LONGER * STEPS,
             price: Sequence[str] | None = None, world: World | None = None,
             progress: Progress | None = None) -> Optimum:
    """Move the rule, or every intensity (`variables`), so that the gain over policy as it is becomes largest.

    `weights` are CNY per unit of the totals (objective.Totals; what is not named counts nothing; default: emissions,
    public money and burden). Limits: `budget` over the plan and `yearly` in any year (CNY of public money); `adopt`,
    the least green share of purchases of a market in the last year; `floor`, an instrument's least intensity; `ramp`,
    the most change a year against policy as it is. `draws`: members of the plan's ensemble to optimise over (0: the
    central run), by their mean, their worst quarter (cvar) or the worst (`risk`). Raises UnknownNameError and
    InvalidInputError before anything runs.
    """
    limits = Limits(budget=budget, yearly=yearly, adoption={definitions.get(k).id: v for k, v in (adopt or {}).items()},
                    floors={instrument(k).id: v for k, v in (floor or {}).items()}, ramp=ramp)
    check_seed(seed)
    _check(variables, risk, draws, limits)
    valued = _weights(weights)
    case = Case.of(place, markets=markets, until=until, world=world, price=price)
    for market in limits.adoption:
        if market not in case.names:
            raise UnknownNameError("market", market, case.names)
    case.check({name: [DECIDE] for name in limits.floors}, "floor")
    tell = progress or silent
    tell("mix", 0, 2)
    members = range(draws) if draws else (CENTRAL,)
    on = ground(case, members, seed, lanes=2, group=len(members))
    tell("mix", 1, 2)
    best = solve(on, variables, valued, limits, risk, steps)
    tell("mix", 2, 2)
    return best


def _weights(given: Mapping[str, float] | None) -> Totals:
    for name, value in (given or {}).items():
        if name not in Totals._fields:
            raise UnknownNameError("objective", name, Totals._fields)
        if not 0 <= value <= HEAVIEST:
            raise InvalidInputError(f"{name}={value:g} is no weight.", where=Parameter("weights"),
                                    fix=f"give CNY per unit, 0 to {HEAVIEST:g}; what is bad counts against by itself.")
    return Totals(*(given.get(k, 0.0) for k in Totals._fields)) if given else DEFAULT


def _check(variables: str, risk: str, draws: int, limits: Limits) -> None:
    for name, known, what in ((variables, VARIABLES, "variables"), (risk, RISKS, "attitude to risk")):
        if name not in known:
            raise UnknownNameError(what, name, known)
    if draws < 0 or (risk != "mean" and draws < 2):
        raise InvalidInputError(f"{draws} draws are too few for {risk}.", where=Parameter("draws"),
                                fix="give at least 2.")
    if draws > MOST:
        raise InvalidInputError(f"{draws} draws are more than one search can hold.", where=Parameter("draws"),
                                fix=f"give at most {MOST}.")
    check_budget(limits.budget)
    check_budget(limits.yearly, "yearly")
    shares = [*(("floor", x) for x in limits.floors.values()), *(("adopt", x) for x in limits.adoption.values()),
              ("ramp", limits.ramp)]
    for name, value in shares:
        if not 0 <= value <= 1:
            raise InvalidInputError(f"{value:g} is no share.", where=Parameter(name), fix="give a number from 0 to 1.")


def solve(on: Ground, variables: str, weights: Totals, limits: Limits, risk: str, steps: int) -> Optimum:
    """`optimise` on a case that is ready, over all its members (a problem is as large as its groups)."""
    members = range(len(on.base.jobs))
    share = tail(risk, len(members))
    problem = partial(on.problem, members=members, tail=share, weights=weights, limits=limits)
    found, report = on.solve([problem(free=variables == "every"), problem(rate=0.0)], steps)
    base = _mean(on.base)
    rule = np.array(report_rule().matrix()) if variables == "every" else 1 / (1 + np.exp(-found.controls.rule))
    intensity = found.record.intensity.mean((0, 3))
    return Optimum(on.case, variables, risk, len(members), float(found.gain), _mean(found.record.totals), base,
                   _mean(report.record.totals), rule, intensity, (found.slope * intensity).sum(1),
                   _kept(found, limits, on.case, share))


def _mean(totals: Totals) -> Totals:
    """Over the members."""
    return Totals(*(float(cast(Any, np.mean(x))) for x in totals))


def _kept(found: Found, limits: Limits, case: Case, share: np.ndarray) -> dict[str, float]:
    """Relative room left under each limit, in the same sense as the objective."""

    def most(values: np.ndarray) -> np.ndarray:
        return np.tensordot(share, -np.sort(-values, axis=0), axes=1)

    record = found.record
    out: dict[str, float] = {}
    if limits.budget is not None:
        out["budget"] = float(1 - most(np.asarray(record.totals.public_money)) / limits.budget)
    if limits.yearly is not None:
        out["yearly"] = float((1 - most(np.asarray(record.money)) / limits.yearly).min())
    for market, least in limits.adoption.items():
        out[f"adoption:{market}"] = float(-most(least - np.asarray(record.adoption)[:, case.names.index(market)]))
    return out
