"""Actions: who does what, when, how strongly, at what cost, and when to look again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seedbed.base.years import DECIDE, START
from seedbed.market.ensemble import Indicators
from seedbed.market.trajectory import Path
from seedbed.planning.focus import Focus
from seedbed.planning.scenarios import SCENARIOS, Field
from seedbed.policy.instrument import Instrument, Kind
from seedbed.policy.instrument import get as instrument

WORTH_DOING = 0.02  # least intensity, in any phase, of an action that is listed
MATTERS = 0.005  # of the strongest effect in the market: weaker instruments are not listed
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
    phases: tuple[Phase, ...]
    cost: float
    effect: float
    review: Review | None


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
    """Up to three intervals of DECIDE…until of about equal length."""
    parts = [p for p in np.array_split(np.arange(DECIDE, until + 1), 3) if len(p)]
    return [(int(p[0]), int(p[-1])) for p in parts]


def actions(field: Field, path: Path, tested: Indicators, focus: Focus,
            effects: np.ndarray) -> tuple[Action, ...]:
    """Rows for the markets of the first two tiers by effect, then instruments that serve all, by actor.

    `effects` (market × slot) is improve.Improvement.effects.
    """
    rows: list[Action] = []
    for market in [*focus.tier("now"), *focus.tier("next")]:
        row = field.names.index(market)
        rows += _of_market(field, path, row, effects[row], _review(field, tested, row))
    return tuple(rows + _shared(field, path, effects))


def _of_market(field: Field, path: Path, row: int, effects: np.ndarray, review: Review) -> list[Action]:
    """Up to PER_KIND instruments of each kind that name the market, those that help most."""
    compiled = field.markets[row]
    found = [_action(field, path, i, [(row, j)], float(effects[j]), compiled.definition.id, review)
             for j, i in enumerate(compiled.slots.instruments)
             if i and any(t.market == compiled.definition.id for t in i.targets)]
    found.sort(key=lambda a: -a.effect)
    kept = []
    for kind in Kind:
        mine = [a for a in found if a.kind == kind and a.effect > MATTERS * max(found[0].effect, 0.0) and _strong(a)]
        kept += mine[:PER_KIND]
    return kept


def _shared(field: Field, path: Path, effects: np.ndarray) -> list[Action]:
    """Instruments that reach every market: up to PER_ACTOR for each who acts, those that help most."""
    where: dict[str, list[tuple[int, int]]] = {}
    for row, compiled in enumerate(field.markets):
        for j, i in enumerate(compiled.slots.instruments):
            if i and (i.actor == "finance" or all(t.market == "*" for t in i.targets)):
                where.setdefault(i.id, []).append((row, j))
    found = [_action(field, path, instrument(name), cells, float(sum(effects[r, j] for r, j in cells)),
                     None, None) for name, cells in where.items()]
    found.sort(key=lambda a: -a.effect)
    kept = []
    for actor in ("government", "enterprise", "finance", "consumer"):
        mine = [a for a in found if a.actor == actor and _strong(a)]
        helping = [a for a in mine if a.effect > 0][:PER_ACTOR]
        kept += helping or mine[:1]  # one that does not pay is still named: its negative effect says taper off
    return kept


def _strong(action: Action) -> bool:
    return max(p.intensity for p in action.phases) >= WORTH_DOING


def _action(field: Field, path: Path, what: Instrument, cells: list[tuple[int, int]], effect: float,
            market: str | None, review: Review | None) -> Action:
    """One row for an instrument in its (market, slot) cells, at its mean strength there."""
    improved = SCENARIOS.index("improved_rule")
    strength = np.mean([path.intensity[improved, r, :, 0, j] for r, j in cells], axis=0)
    cost = sum(float(path.account.public_money[improved, r, DECIDE - START:, 0, j].sum()) for r, j in cells)
    return Action(market, what.id, what.kind.value, what.actor, tuple(c.value for c in what.channels),
                  _phases(strength, field.until), cost, effect, review)


def _phases(intensity: np.ndarray, until: int) -> tuple[Phase, ...]:
    return tuple(Phase(a, b, float(intensity[a - START: b - START + 1].mean())) for a, b in phases(until))


def _review(field: Field, tested: Indicators, row: int) -> Review:
    """At the end of the first phase, against the green share that the test found for that year."""
    year = phases(field.until)[0][1]
    share = tested.green_share[SCENARIOS.index("improved_rule"), :, row, year - START, 0]
    low, high = np.quantile(share, [0.25, 0.75])
    return Review(year, float(low), float(high))


def export_response(field: Field, path: Path) -> tuple[ExportResponse, ...]:
    """Markets with exports of green technologies or goods that meet a border carbon cost."""
    out = []
    now, improved = SCENARIOS.index("as_is"), SCENARIOS.index("improved_rule")
    for row, compiled in enumerate(field.markets):
        technologies = compiled.definition.technologies
        if not any(t.export for t in technologies):
            continue
        border = any(t.export and t.export.border_carbon for t in technologies)
        chosen = np.array([bool(t.export) and (t.green or border) for t in technologies])
        sold = path.account.exports[:, row, :, 0, : len(technologies)] @ chosen
        where = compiled.slots.segments[-1]  # market_access is the last lever
        doors = [(float(path.intensity[improved, row, -1, 0, j]), i.id)
                 for j, i in enumerate(compiled.slots.instruments)
                 if i is not None and where[0] <= j < where[1]]
        best = tuple(name for x, name in sorted(doors, reverse=True)[:3] if x >= 0.1)
        out.append(ExportResponse(compiled.definition.id, float(sold[now, 0]), float(sold[now, -1]),
                                  float(sold[improved, -1]), border, best))
    return tuple(sorted(out, key=lambda e: -e.today))
