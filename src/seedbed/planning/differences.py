"""What is this place's own: where its start differs from the nation's, market by market."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from seedbed.base.years import START
from seedbed.facts import places
from seedbed.market import definition as definitions
from seedbed.market.compile import Compiled
from seedbed.market.history import present
from seedbed.planning.atlas import nationwide, shares
from seedbed.planning.case import Case
from seedbed.planning.scenarios import HERE
from seedbed.policy.mix import as_it_is

POINTS, RATIO = 0.02, 1.15
"""What counts as a difference: percentage points of a share, and times an adequacy or an amount per resident."""
What = Literal["absent", "purchases", "stock", "adequacy", "per_head", "local"]


@dataclass(frozen=True)
class Difference:
    """One number of a market here and in the nation; `name` is an instrument's id where it is about one."""

    market: str
    what: What
    here: float
    nation: float
    name: str = ""


def differences(case: Case) -> tuple[Difference, ...]:
    """Where the start of a province's markets differs from the nation's; nothing for the nation itself."""
    if case.place.id == places.NATION:
        return ()
    found: list[Difference] = []
    for definition in definitions.definitions().values():
        own = next((m for m in case.markets if m.definition.id == definition.id), None)
        if own is None:
            if not present(definition, case.place, START - 1):
                found.append(Difference(definition.id, "absent", 0.0, 1.0))
            continue
        found += _of_market(own, nationwide(definition, case.until))
    return tuple(found)


def _of_market(own: Compiled, whole: Compiled) -> list[Difference]:
    market = own.definition.id
    found: list[Difference] = []
    for what in SHARES:
        here, there = MEASURES[what](own), MEASURES[what](whole)
        if abs(here - there) >= POINTS:
            found.append(Difference(market, what, here, there))
    for what in RATIOS:
        here, there = MEASURES[what](own), MEASURES[what](whole)
        if max(here, there) >= RATIO * max(min(here, there), 1e-9):
            found.append(Difference(market, what, here, there))
    strength = as_it_is(range(START, START + 1))
    for instrument in own.slots.instruments:
        if instrument is not None and instrument.only_in and strength.intensity(instrument.id, START):
            reach = instrument.reach(own.places[HERE].id)
            found.append(Difference(market, "local", reach, instrument.reach(places.NATION), instrument.id))
    return found


def _purchases(compiled: Compiled) -> float:
    """Green share of purchases in the first year."""
    return float(shares(compiled)[0][HERE])


def _stock(compiled: Compiled) -> float:
    """Green share of the stock at the start."""
    return float(shares(compiled)[1][HERE])


def _adequacy(compiled: Compiled) -> float:
    """Part of the need for infrastructure that is met at the start."""
    return float(np.asarray(compiled.inputs.start.infrastructure)[HERE])


def _per_head(compiled: Compiled) -> float:
    """Demand of the first year per resident, service units."""
    drivers = compiled.inputs.drivers
    return float(np.asarray(drivers.demand)[0, HERE].sum() / np.asarray(drivers.population)[0, HERE])


SHARES: tuple[What, ...] = ("purchases", "stock")
RATIOS: tuple[What, ...] = ("adequacy", "per_head")
MEASURES: dict[What, Callable[[Compiled], float]] = {
    "purchases": _purchases, "stock": _stock, "adequacy": _adequacy, "per_head": _per_head}
