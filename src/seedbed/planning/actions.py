"""Actions: who does what, when, how strongly, at what cost, and when to look again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seedbed.base.years import DECIDE
from seedbed.planning.case import Case
from seedbed.planning.focus import Focus
from seedbed.planning.improve import Improvement
from seedbed.planning.scenarios import SINCE, at, decides
from seedbed.policy.instrument import Instrument, Kind
from seedbed.policy.instrument import get as instrument

if TYPE_CHECKING:
    import xarray

WORTH_DOING = 0.02  # least intensity, in any phase, of an action that is listed
MATTERS = 0.005  # of the strongest effect in the market: weaker instruments are not listed
LISTED = 0.8  # of the public money: at least this much is named instrument by instrument
PER_KIND = 2  # instruments of one kind listed for one market
PER_ACTOR = 3  # shared instruments listed for each of government, enterprise, finance, consumer


@dataclass(frozen=True)
class Phase:
    """An explicit interval of years at one strength (mean intensity, 0–1 of the ceiling)."""

    start: int
    end: int
    intensity: float


@dataclass(frozen=True)
class Review:
    """When to look again: below `low` (first quartile of the test) strengthen; above `high` (third) ease."""

    year: int
    low: float
    high: float


@dataclass(frozen=True)
class Action:
    """One row; `market` is None for an instrument that serves all markets. Money in CNY over the plan.

    `effect` is what the instrument adds to the plan's objective, to first order (see improve.Improvement).
    """

    market: str | None
    instrument: str
    kind: str
    actor: str
    channels: tuple[str, ...]
    before: float  # strength in the year before the plan
    phases: tuple[Phase, ...]
    cost: float
    effect: float
    review: Review | None


@dataclass(frozen=True)
class Step:
    """What the place begins to change in the plan's first year: one of its own instruments at another strength.

    Strengths are 0–1 of the ceiling: in the year `before` the plan, in its `first` year, at the end of its first
    five-year plan (`later`), and what current policy has then (`current`). `money` is what the first year costs all
    payers more than policy as it is, CNY; `public` what budgets pay of it; `effect` what the instrument alone adds to
    the objective, CNY, first order. `firm`: every draw of what is uncertain, and every other objective, moves it the
    same way.
    """

    instrument: str
    before: float
    first: float
    later: float
    current: float
    money: float
    public: float
    effect: float
    firm: bool


@dataclass(frozen=True)
class ExportResponse:
    """A market that sells abroad: yearly exports (CNY, green technologies) and what opens doors for it."""

    market: str
    today: float
    as_is: float
    improved: float
    border_carbon: bool
    instruments: tuple[str, ...]


def phases(until: int) -> list[tuple[int, int]]:
    """The five-year plans of DECIDE…until (2026–30, 2031–35), and what comes after them as one."""
    starts = [DECIDE, *(year for year in (2031, 2036) if DECIDE < year <= until)]
    return [(start, min(end - 1, until)) for start, end in zip(starts, [*starts[1:], until + 1], strict=True)]


def actions(case: Case, runs: xarray.Dataset, tested: xarray.Dataset, focus: Focus,
            effects: np.ndarray) -> tuple[Action, ...]:
    """Rows for the markets of the first two tiers by effect, then instruments that serve all, by actor.

    `effects` (market × slot) is improve.Improvement.effects.
    """
    rows: list[Action] = []
    for market in [*focus.tier("now"), *focus.tier("next")]:
        row = case.names.index(market)
        rows += _of_market(case, runs, row, effects[row], _review(case, tested, row))
    rows += _shared(case, runs, effects)
    return tuple(rows + _costly(case, runs, rows, effects))


def steps(case: Case, runs: xarray.Dataset, better: Improvement) -> tuple[Step, ...]:
    """The changes of the first year, those that move most money first."""
    found: list[Step] = []
    for name, cells in _cells(case).items():
        if not decides(case.place, instrument(name)) or name in (case.decided.schedules if case.decided else ()):
            continue
        rows, slots = np.array(cells).T
        strength, now = (_strength(runs, rows, slots, s) for s in ("improved_rule", "as_is"))
        then = phases(case.until)[0][1]
        before, first, later = (float(strength[at(y)]) for y in (DECIDE - 1, DECIDE, then))
        if max(abs(strength - now)[[at(DECIDE), at(then)]]) < WORTH_DOING:
            continue
        year = runs.sel(year=DECIDE).transpose("scenario", "market", "slot", ...)
        more = year.sel(scenario="improved_rule") - year.sel(scenario="as_is")
        public, others = (float(more[key].values[rows, slots].sum()) for key in ("public_money", "other_money"))
        firm = _firm(runs, better, list(Kind).index(instrument(name).kind), rows, before)
        found.append(Step(name, before, first, later, float(now[at(then)]), public + others, public,
                          float(sum(better.effects[r, j] for r, j in cells)), firm))
    return tuple(sorted(found, key=lambda step: -abs(step.money)))


def _strength(runs: xarray.Dataset, rows: np.ndarray, slots: np.ndarray, scenario: str = "improved_rule") -> np.ndarray:
    """The mean strength of an instrument in its cells in a scenario, by year."""
    intensity = runs.intensity.sel(scenario=scenario).transpose("market", "slot", "year")
    return intensity.values[rows, slots].mean(0)


def _firm(runs: xarray.Dataset, better: Improvement, kind: int, rows: np.ndarray, before: float) -> bool:
    """Whether all drawn rules, and those of other objectives, lie on one side of the strength `before`."""
    stage = runs.stage.sel(scenario="improved_rule", year=DECIDE).transpose("market", "phase").values[rows].mean(0)
    rules = np.concatenate([better.drawn, np.array(list(better.views.values()))])[:, kind] @ stage
    return bool((rules > before).all() or (rules < before).all())


def _cells(case: Case) -> dict[str, list[tuple[int, int]]]:
    """Where each instrument acts: its (market, slot) cells."""
    where: dict[str, list[tuple[int, int]]] = {}
    for row, compiled in enumerate(case.markets):
        for j, i in enumerate(compiled.slots.instruments):
            if i is not None:
                where.setdefault(i.id, []).append((row, j))
    return where


def _costly(case: Case, runs: xarray.Dataset, rows: list[Action], effects: np.ndarray) -> list[Action]:
    """The dearest instruments that are not listed, until LISTED of the public money is."""
    every = [_action(case, runs, instrument(name), cells, float(sum(effects[r, j] for r, j in cells)), None, None)
             for name, cells in _cells(case).items()]
    listed, wanted = {a.instrument for a in rows}, LISTED * sum(a.cost for a in every)
    seen = sum(a.cost for a in rows)
    found: list[Action] = []
    for action in sorted(every, key=lambda a: -a.cost):
        if seen >= wanted:
            break
        if action.instrument not in listed and _strong(action):
            found.append(action)
            seen += action.cost
    return found


def _of_market(case: Case, runs: xarray.Dataset, row: int, effects: np.ndarray, review: Review) -> list[Action]:
    """Up to PER_KIND instruments of each kind that name the market, those that help most."""
    compiled = case.markets[row]
    found = [_action(case, runs, i, [(row, j)], float(effects[j]), compiled.definition.id, review)
             for j, i in enumerate(compiled.slots.instruments)
             if i and any(t.market == compiled.definition.id for t in i.targets)]
    found.sort(key=lambda a: -a.effect)
    kept: list[Action] = []
    for kind in Kind:
        mine = [a for a in found if a.kind == kind and a.effect > MATTERS * max(found[0].effect, 0.0) and _strong(a)]
        kept += mine[:PER_KIND]
    return kept


def _shared(case: Case, runs: xarray.Dataset, effects: np.ndarray) -> list[Action]:
    """Instruments that reach every market: up to PER_ACTOR for each who acts, those that help most."""
    found = [_action(case, runs, what, cells, float(sum(effects[r, j] for r, j in cells)), None, None)
             for name, cells in _cells(case).items() if (what := instrument(name)).actor == "finance"
             or all(t.market == "*" for t in what.targets)]
    found.sort(key=lambda a: -a.effect)
    kept: list[Action] = []
    for actor in ("government", "enterprise", "finance", "consumer"):
        mine = [a for a in found if a.actor == actor and _strong(a)]
        helping = [a for a in mine if a.effect > 0][:PER_ACTOR]
        kept += helping or mine[:1]  # one that does not pay is named too, with its negative effect
    return kept


def _strong(action: Action) -> bool:
    return max(p.intensity for p in action.phases) >= WORTH_DOING


def _action(case: Case, runs: xarray.Dataset, what: Instrument, cells: list[tuple[int, int]], effect: float,
            market: str | None, review: Review | None) -> Action:
    """One row for an instrument in its (market, slot) cells, at its mean strength there."""
    rows, slots = np.array(cells).T
    strength = _strength(runs, rows, slots)
    improved = runs.public_money.sel(scenario="improved_rule", year=SINCE).transpose("market", "slot", "year")
    cost = float(improved.values[rows, slots].sum())
    return Action(market, what.id, what.kind.value, what.actor, tuple(c.value for c in what.channels),
                  float(strength[at(DECIDE - 1)]), _phases(strength, case), cost, effect, review)


def _phases(intensity: np.ndarray, case: Case) -> tuple[Phase, ...]:
    by_year = dict(zip(case.years, intensity, strict=True))
    return tuple(Phase(a, b, float(np.mean([by_year[y] for y in range(a, b + 1)]))) for a, b in phases(case.until))


def _review(case: Case, tested: xarray.Dataset, row: int) -> Review:
    """At the end of the first phase, against the green share that the test found for that year."""
    year = phases(case.until)[0][1]
    share = tested.green_share.sel(scenario="improved_rule", market=case.names[row], year=year)
    low, high = np.quantile(share.values, [0.25, 0.75])
    return Review(year, float(low), float(high))


def export_response(case: Case, runs: xarray.Dataset) -> tuple[ExportResponse, ...]:
    """Markets with exports of green technologies or goods that meet a border carbon cost."""
    out: list[ExportResponse] = []
    for compiled in case.markets:
        technologies = compiled.definition.technologies
        if not any(t.export for t in technologies):
            continue
        border = any(t.export and t.export.border_carbon for t in technologies)
        chosen = np.array([bool(t.export) and (t.green or border) for t in technologies])
        here = runs.sel(market=compiled.definition.id)
        sold = here.exports.sel(scenario=["as_is", "improved_rule"]).values[..., : len(technologies)] @ chosen
        (today, as_is), (_, improved) = sold[:, [0, -1]]
        if today == 0:  # no series says what the place makes of it
            continue
        strength = here.intensity.sel(scenario="improved_rule").isel(year=-1).values
        access = compiled.inputs.levers.segment("market_access")
        slots = zip(strength[access], compiled.slots.instruments[access], strict=True)
        doors = [(float(x), i.id) for x, i in slots if i]
        best = tuple(name for x, name in sorted(doors, reverse=True)[:3] if x >= 0.1)
        out.append(ExportResponse(compiled.definition.id, float(today), float(as_is), float(improved), border, best))
    return tuple(sorted(out, key=lambda e: -e.today))
