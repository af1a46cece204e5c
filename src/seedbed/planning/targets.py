"""Targets that are set for a place: how probably each scenario meets them, and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.base.years import DECIDE
from seedbed.market import definition
from seedbed.planning.scenarios import SCENARIOS

if TYPE_CHECKING:
    import xarray

_TARGET = re.compile(r"^([^=@]+)=(\d+(?:\.\d+)?)(%?)@(\d{4})$")


@dataclass(frozen=True)
class Met:
    """A target of the green share of a market's purchases (0–1) in a year, and what scenarios make of it.

    `chance` is the part of the members that meet it, `middle` the median share of that year, `when` the first year
    whose median does (None: not within the plan).
    """

    market: str
    share: float
    year: int
    chance: dict[str, float]
    middle: dict[str, float]
    when: dict[str, int | None]


def asked(words: Sequence[str] | None, markets: Sequence[str], until: int) -> list[tuple[str, float, int]]:
    """(market, share, year) of targets such as `vehicles=0.6@2030` or `vehicles=60%@2030`.

    Raises UnknownNameError and InvalidInputError for what cannot be meant or lies outside the plan.
    """
    found: list[tuple[str, float, int]] = []
    for text in words or ():
        match = _TARGET.match(text.replace(" ", ""))
        if not match:
            raise InvalidInputError(f"{text!r} is not understood.", where=Parameter("target"),
                                    fix="write MARKET=SHARE@YEAR, e.g. vehicles=0.6@2030.")
        market, share, year = definition.get(match[1]).id, float(match[2]) / (100 if match[3] else 1), int(match[4])
        if market not in markets:
            raise UnknownNameError("market of this plan", market, markets)
        if not 0 < share <= 1:
            raise InvalidInputError(f"{match[2]} is no share.", where=Parameter("target"),
                                    fix="give a number from 0 to 1, or per cent: 60%.")
        if not DECIDE <= year <= until:
            raise InvalidInputError(f"the year {year} lies outside the plan.", where=Parameter("target"),
                                    fix=f"give a year from {DECIDE} to {until}.")
        found.append((market, share, year))
    return found


def met(tested: xarray.Dataset, targets: Sequence[tuple[str, float, int]]) -> tuple[Met, ...]:
    """Each target beside the members of all scenarios (planning.runs)."""
    found: list[Met] = []
    for market, share, year in targets:
        shares = tested.green_share.sel(market=market)
        chance = (shares.sel(year=year) >= share).mean("member")
        middle = shares.median("member")
        decided = [int(y) for y in middle.year.values if y >= DECIDE]
        reached = {s: [y for y in decided if float(middle.sel(scenario=s, year=y)) >= share] for s in SCENARIOS}
        found.append(Met(market, share, year, {s: float(chance.sel(scenario=s)) for s in SCENARIOS},
                         {s: float(middle.sel(scenario=s, year=year)) for s in SCENARIOS},
                         {s: years[0] if years else None for s, years in reached.items()}))
    return tuple(found)
