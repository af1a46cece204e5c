"""A place prepared once, so that a change of policy is answered at once: `lab("guangdong").run({…})`.

What a change says is where the strength of an instrument stands in named years; between them it moves in straight
lines, from where policy as it is stands in the year before the first decision. Everything else is policy as it is.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.base.memory import remembered
from seedbed.base.years import DECIDE, UNTIL
from seedbed.market.arrays import Array, Beliefs, Inputs, Scenario, apply, believing, mapped
from seedbed.market.ensemble import Indicators, drawn, indicators, settled, under
from seedbed.market.programs import program
from seedbed.market.trajectory import Path, follow
from seedbed.planning.case import Case, check_members
from seedbed.planning.explain.game import headline, of_ensemble
from seedbed.planning.explain.shapley import coalitions, shapley
from seedbed.planning.scenarios import HERE, stacked
from seedbed.policy.instrument import Instrument, get
from seedbed.policy.mix import Mix, Schedule, as_it_is

MEMBERS, SEED = 64, 1
MOST = 6
"""Instruments whose part of a change is found exactly, by all their sets."""
OUTCOMES = ("green_share", "emissions", "public_money", "other_money", "green_market", "exports", "jobs")
"""Share of purchases; tCO2e of life-cycle emissions avoided; CNY of governments, and of banks, users and firms; CNY;
CNY; jobs. Emissions and money are summed over the decided years, the others are of the last year (game.headline)."""
Points = Mapping[str, Mapping[int, float]]
"""Strength (part of the ceiling) of instruments in named years."""


class Seen(NamedTuple):
    """One run of all markets; leading axes M, T."""

    share: Float[Array, "M T I"]  # of purchases, over buyers
    books: Indicators


@dataclass(frozen=True)
class Fan:
    """What members say of a change: green shares of one market, and what it brings against policy as it is."""

    green_share: Float[np.ndarray, "N T"]
    avoided: Float[np.ndarray, " N"]  # tCO2e over the decided years, of markets that are not thin
    public_money: Float[np.ndarray, " N"]  # CNY more, over the decided years, of the same
    other_money: Float[np.ndarray, " N"]  # the same of banks, users and firms
    jobs: Float[np.ndarray, " N"]  # jobs more, in the last year, of the same


@program
def _runs(markets: Inputs, changes: Scenario) -> Seen:
    """All markets, each under its change."""
    def keep(one: Inputs, year: Path) -> Seen:
        return Seen(jnp.einsum("bi,b->i", year.share[HERE], one.setting.buyers), indicators(one, year))

    def market(one: Inputs, change: Scenario) -> Seen:
        changed = apply(one, change)
        return follow(changed, partial(keep, changed))

    return jax.vmap(market)(markets, changes)


@program
def _members(markets: Inputs, beliefs: Beliefs, changes: Scenario) -> Indicators:
    """All markets under each member's beliefs; leading axes N, M, T."""
    def market(one: Inputs, mine: Beliefs, change: Scenario) -> Indicators:
        return under(believing(one, mine), change)

    return jax.vmap(jax.vmap(market), in_axes=(None, 0, None))(markets, beliefs, changes)


@program
def _sets(one: Inputs, changes: Scenario) -> Indicators:
    """One market under several changes (leading axis S)."""
    return jax.vmap(partial(under, one))(changes)


@dataclass(frozen=True, eq=False)
class Lab:
    """All markets of a place, settled: a change of policy is the only thing that is not there yet."""

    case: Case
    members: int = MEMBERS
    seed: int = SEED

    @property
    def years(self) -> list[int]:
        """Simulated years."""
        return list(self.case.years)

    @cached_property
    def instruments(self) -> list[Instrument]:
        """Every instrument that reaches a market here."""
        here = self.case.place.id
        found = {i.id: i for m in self.case.markets for i in m.slots.instruments if i and i.reach(here) > 0}
        return sorted(found.values(), key=lambda i: i.id)

    def reached(self, instrument: Instrument) -> list[str]:
        """Markets of the place that an instrument reaches."""
        return [name for name in self.case.names if instrument.reaches(name)]

    def mix(self, points: Points) -> Mix:
        """Policy as it is with the changed strengths. Raises UnknownNameError and InvalidInputError."""
        years = range(DECIDE, self.case.until + 1)
        now = as_it_is(self.case.years)
        self.case.check(points, "points")
        found: dict[str, Schedule] = {}
        for name, given in points.items():
            instrument = get(name)
            known = {DECIDE - 1: float(now.intensity(instrument.id, DECIDE - 1))} | dict(sorted(given.items()))
            values = np.interp(years, list(known), list(known.values()))
            found[instrument.id] = dict(zip(years, values.tolist(), strict=True))
        return now + Mix("lab", found)

    def run(self, points: Points = {}) -> Seen:  # noqa: B006
        """The central run of all markets under a change, on the host."""
        return jax.tree.map(np.asarray, _runs(self._settled, self._changes(self.mix(points))))

    def fan(self, market: str, points: Points) -> Fan:
        """What the members say of a change; the same members whatever the change is."""
        row = self._row(market)
        found = self._members(self.mix(points))
        sound = np.array([m.definition.data != "thin" for m in self.case.markets])
        more = (_brought(found) - _brought(self._base))[:, sound].sum(1)  # N O
        total = dict(zip(OUTCOMES, more.T, strict=True))
        return Fan(np.asarray(found.green_share)[:, row, :, HERE], total["emissions"], total["public_money"],
                   total["other_money"], total["jobs"])

    def why(self, market: str, points: Points) -> dict[str, dict[str, float]]:
        """What each changed instrument brings to the outcomes of one market, against policy as it is: exact Shapley
        values of the central run, which add up to the change. Raises InvalidInputError for more than MOST."""
        row = self._row(market)
        mine = [name for name in points if get(name).reaches(self.case.names[row])]
        if len(mine) > MOST:
            raise InvalidInputError(f"{len(mine)} changed instruments reach this market.", where=Parameter("points"),
                                    fix=f"change at most {MOST} to see the part of each.")
        sets = coalitions(len(mine))
        parts = [self.mix({name: points[name] for name, inside in zip(mine, chosen, strict=True) if inside})
                 for chosen in sets]
        changes = [self.case.markets[row].scenario(part) for part in parts]
        filled = changes + [changes[-1]] * (2 ** MOST - len(changes))
        one = mapped(lambda x: x[row], self._settled)
        worth = _brought(_sets(one, mapped(lambda x: jnp.asarray(x), stacked(filled))))[: len(sets)]
        return {name: dict(zip(OUTCOMES, map(float, shares), strict=True))
                for name, shares in zip(mine, shapley(worth), strict=True)}

    def _row(self, market: str) -> int:
        if market not in self.case.names:
            raise UnknownNameError("market", market, self.case.names)
        return self.case.names.index(market)

    def _changes(self, mix: Mix) -> Scenario:
        return stacked([market.scenario(mix) for market in self.case.markets])

    def _members(self, mix: Mix) -> Indicators:
        return jax.tree.map(np.asarray, _members(self.case.inputs, self._beliefs, self._changes(mix)))

    @cached_property
    def _settled(self) -> Inputs:
        return mapped(lambda x: jnp.asarray(x), self.case.settled)

    @cached_property
    def _beliefs(self) -> Beliefs:
        numbers = range(self.members)
        found = drawn(self.case.inputs, self.case.spreads, jax.random.key(self.seed), numbers)
        return mapped(lambda x: jnp.asarray(x), settled(self.case.inputs, found))

    @cached_property
    def _base(self) -> Indicators:
        return self._members(as_it_is(self.case.years))


def _brought(books: Indicators) -> Float[np.ndarray, "*L O"]:
    """The OUTCOMES of runs of one place."""
    return headline(of_ensemble(jax.tree.map(np.asarray, books), OUTCOMES), OUTCOMES)


@remembered(16)
def _lab(place: str, until: int, price: tuple[str, ...], members: int, seed: int) -> Lab:
    return Lab(Case.of(place, until=until, price=price), members, seed)


def lab(place: str, *, until: int = UNTIL, price: Sequence[str] | None = None, members: int = MEMBERS,
        seed: int = SEED) -> Lab:
    """A place ready to answer changes of policy; the same arguments give the same one back.

    `price` are assumptions on energy, e.g. "petrol=x1.5@2027:2035". Raises UnknownNameError and InvalidInputError.
    """
    check_members(members, seed)
    return _lab(place, until, tuple(price or ()), members, seed)
