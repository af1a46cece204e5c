"""The four futures a plan always compares, and how a rule takes over from policy as it is.

No policy · policy as it is · the report's rule · the improved rule. All start in START with the policies in force
then; they part ways in DECIDE, the first year a plan can change. The two rules take over in RAMP equal steps: in year n
of the plan an intensity is (1 − n/RAMP) of policy as it is and n/RAMP of the rule. What stands, stands: laws and
programmes without an end that mandate, guide or support (incentives taper by design) are not weakened by a rule, since
they serve other ends as well that no market here counts. `floors` (by instrument, "all" for the others) says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from seedbed.base.years import DECIDE, START
from seedbed.facts.places import NATION, Place
from seedbed.market.arrays import Scenario
from seedbed.market.compile import Compiled
from seedbed.policy.instrument import Authority, Instrument, Kind, library
from seedbed.policy.mix import Mix, as_it_is, by_rule
from seedbed.policy.rule import Rule, report_rule

RAMP = 4  # years over which a rule takes over from policy as it is: the report asks for steps, not a leap
SCENARIOS = ("no_policy", "as_is", "report_rule", "improved_rule")
# Where a scenario, a year or the one place stands on plain axes is known here only; `runs` has them by name.
DECIDED = slice(DECIDE - START, None)  # the decided years on a year axis
SINCE = slice(DECIDE, None)  # the same by name: `.sel(year=SINCE)`
HERE = 0  # the one place of a case


def row(scenario: str) -> int:
    """The index of a scenario on a scenario axis."""
    return SCENARIOS.index(scenario)


def at(year: int) -> int:
    """The index of a year on a year axis."""
    return year - START


def mixes(place: Place, until: int, improved: Rule | None = None, decided: Mix | None = None) -> dict[str, Mix]:
    """The mix of each scenario over START…until.

    A rule moves what the place decides on: in a province national instruments stay as they are. What is `decided`
    holds in every scenario but that without policy.
    """
    past, years, now = as_it_is(range(START, DECIDE)), range(DECIDE, until + 1), as_it_is(range(START, until + 1))
    mine = [i.id for i in library().values() if i.status != "ended" and decides(place, i)]
    given = Mix("as_is", {name: path for name, path in now.schedules.items() if name not in mine})
    ruled, better = (past + given + by_rule(years, rule=rule, instruments=mine, name=name) for rule, name in (
        (report_rule(), "report_rule"), (improved or report_rule(), "improved_rule")))
    if decided is not None:
        now, ruled, better = (Mix(mix.name, (mix + decided).schedules, mix.rule) for mix in (now, ruled, better))
    return {"no_policy": Mix("no_policy", past.schedules), "as_is": now, "report_rule": ruled, "improved_rule": better}


def decides(place: Place, instrument: Instrument) -> bool:
    """Whether an instrument is the place's to decide: all in the nation, its own and its cities' in a province."""
    return place.id == NATION or instrument.authority != Authority.national


def stepwise(markets: Sequence[Compiled], mix: Mix, floors: Mapping[str, float] | None = None) -> Scenario:
    """`mix` in several markets as arrays with a market axis; where the rule decides, it takes over in RAMP steps, and
    does not go below `floors` (see the module)."""
    years = markets[0].years
    now = as_it_is(range(years[0], years[-1] + 1))
    parts = [_taking_over(market, market.scenario(mix), market.scenario(now), floors or {}) for market in markets]
    return stacked(parts)


def stacked(parts: Sequence[Scenario]) -> Scenario:
    """Several scenarios as one with a leading axis."""
    return Scenario(*(np.stack(part) for part in zip(*parts, strict=True)))


def _taking_over(market: Compiled, wanted: Scenario, now: Scenario, floors: Mapping[str, float]) -> Scenario:
    part = np.clip((np.array(market.years) - DECIDE + 1) / RAMP, 0.0, 1.0)[:, None]
    ruled = wanted.by_rule > 0
    fixed = cast(np.ndarray, np.where(ruled, (1 - part) * now.fixed, wanted.fixed))
    own = np.array([floors.get(i.id, floors.get("all", -1.0)) if i else 0.0 for i in market.slots.instruments])
    stands = np.array([bool(i) and i.standing and i.kind != Kind.incentive for i in market.slots.instruments])
    least = np.where(own >= 0, own, np.where(stands, now.fixed, 0.0))
    return Scenario(fixed, wanted.by_rule * part, np.where(ruled & (part > 0), least, 0.0), wanted.rule)
