"""The case that every verb of planning works on: the markets of a place in a world until a year.

`Case.of` is the one way in: names are resolved, everything is checked, the nation around the place is run, and the
markets are compiled. Places that are simulated together learn from each other and imitate their neighbours.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.memory import remembered
from seedbed.base.years import DECIDE, LAST, START, UNTIL
from seedbed.facts import places
from seedbed.market import definition as definitions
from seedbed.market import draws
from seedbed.market.arrays import Beliefs, Inputs, Scenario, apply, believing, mapped
from seedbed.market.compile import Compiled, compile_market
from seedbed.market.definition import Definition
from seedbed.market.draws import KINDS, Spread
from seedbed.market.drivers import ALONE, Surroundings
from seedbed.market.ensemble import BLOCK, Stacked, settled, stack
from seedbed.market.history import check_present, present
from seedbed.market.nation import around, check_places, check_seed, cleaning, whole
from seedbed.market.programs import seldom
from seedbed.market.trajectory import Path, run
from seedbed.market.world import World, default_world
from seedbed.planning.scenarios import mixes, row, stacked, stepwise
from seedbed.policy.instrument import get
from seedbed.policy.mix import Mix, mix_of
from seedbed.policy.rule import Rule


@dataclass(frozen=True, eq=False)
class Case:
    """All markets of a place (the nation, where several places are simulated together), stacked on a market axis."""

    place: places.Place
    markets: tuple[Compiled, ...]
    until: int
    uncertain: tuple[str, ...] = KINDS  # what bands contain (market.draws.KINDS)
    decided: Mix | None = None  # what is decided already, whatever the scenario
    floors: Mapping[str, float] | None = None  # intensities that no rule goes below (planning.scenarios)

    @classmethod
    def of(cls, place: str | Sequence[str], *, markets: Sequence[str] | None = None, until: int = UNTIL,
           world: World | None = None, uncertain: Sequence[str] = KINDS,
           decided: Mix | Mapping[str, object] | Sequence[str] | None = None, price: Sequence[str] | None = None,
           floors: Mapping[str, float] | None = None, warm: Callable[[Case], None] | None = None) -> Case:
        """The case of a place, or of several together; `markets` by name (default: all).

        `decided` is a mix of the decided years, or what one is made of ("charging_network=0.9@2026:2030"); `price` are
        other energy prices of the world (`World.priced`), which must reach a market.

        The grid gets cleaner as the national electricity market of policy as it is says, not by assumption. `warm` is
        given the nation with the same markets as soon as it is there: its arrays have the shapes of the place's.
        Raises UnknownNameError and InvalidInputError before anything runs.
        """
        where = [places.resolve(name) for name in ([place] if isinstance(place, str) else place)]
        _check(where, until)
        chosen = _markets(where, markets)
        draws.check(uncertain)
        world = (world or default_world()).priced(price)
        world.check_acts(price, set[str]().union(*(d.carriers for d in chosen)), until)
        nation = _nation(chosen, world, until)
        if warm:
            warm(Case(nation.place, nation.markets[: len(chosen)], until, tuple(uncertain)))
        seen = nation.seen(whole(where))
        if world != default_world():
            usual = _nation(chosen, default_world(), until).seen(whole(where))
            seen = [replace(mine, reference=theirs) for mine, theirs in zip(seen, usual, strict=True)]
        compiled = tuple(_compile(d, where, world, until, s) for d, s in zip(chosen, seen, strict=False))
        found = cls(where[0] if len(where) == 1 else nation.place, compiled, until, tuple(uncertain), floors=floors)
        found.check_floors()
        if not decided:
            return found
        mix = mix_of(decided, "no_policy", found.years)
        found.check(mix.schedules)
        return replace(found, decided=mix)

    def check_floors(self) -> None:
        """Raise for a floor of an instrument that is not there, or one that is no part of its ceiling."""
        for name, value in (self.floors or {}).items():
            if not 0 <= value <= 1:
                raise InvalidInputError(f"{name}={value:g} is no part of a ceiling.", where=Parameter("floor"),
                                        fix="write a number from 0 to 1.")
            if name != "all":
                self.check({get(name).id: [DECIDE]}, "floor")

    def check(self, changes: Mapping[str, Collection[int]], parameter: str = "mix") -> None:
        """Raise InvalidInputError for an instrument that reaches no market here, or a year that is not decided on."""
        for name, years in changes.items():
            instrument = get(name)
            if not any(instrument.reaches(market) for market in self.names) or not instrument.reach(self.place.id):
                raise InvalidInputError(f"{name} does not reach a market of {self.place.name.en}.",
                                        where=Parameter(parameter), fix="leave it out.")
            if not years or min(years) < DECIDE or max(years) > self.until:
                raise InvalidInputError(f"{name} names no year, or one outside {DECIDE}–{self.until}.",
                                        where=Parameter(parameter), fix="name years of the plan.")

    @cached_property
    def inputs(self) -> Inputs:
        """The stacked inputs, without any policy after the start."""
        return stack([m.inputs for m in self.markets])

    @cached_property
    def settled(self) -> Inputs:
        """The stacked inputs, anchored: what central runs start from."""
        return self.believing([self.inputs.beliefs])[0]

    def believing(self, beliefs: Sequence[Beliefs]) -> list[Inputs]:
        """The stacked inputs under each of several beliefs, anchored."""
        found = settled(self.inputs, jax.tree.map(lambda *x: np.stack(x), *beliefs))
        return [believing(self.inputs, mapped(lambda x, n=n: x[n], found)) for n in range(len(beliefs))]

    @cached_property
    def spreads(self) -> Spread:
        """How uncertain each market is, stacked."""
        each = [Spread.of(m.definition, self.uncertain) for m in self.markets]
        return jax.tree.map(lambda *x: jnp.asarray(np.stack(x)), *each)

    @property
    def years(self) -> range:
        """Simulated years."""
        return range(START, self.until + 1)

    @property
    def names(self) -> list[str]:
        """Market ids in the order of the market axis."""
        return [m.definition.id for m in self.markets]

    def scenarios(self, improved: Rule | None = None) -> Scenario:
        """Arrays of the four SCENARIOS (leading axes: scenario, market); the improved rule is the report's if None."""
        every = mixes(self.place, self.until, improved, self.decided)
        rows = [stepwise(self.markets, mix, self.floors) for mix in every.values()]
        return mapped(lambda x: jnp.asarray(x), stacked(rows))

    def scenario(self, name: str, improved: Rule | None = None) -> Scenario:
        """Arrays of one of the SCENARIOS (leading axis: market)."""
        return stepwise(self.markets, mixes(self.place, self.until, improved, self.decided)[name], self.floors)

    def central(self, improved: Rule | None = None) -> Path:
        """Central runs of the four scenarios, on the host; leading axes: scenario, market."""
        return jax.tree.map(np.asarray, central(self.settled, self.scenarios(improved)))

    def stacked(self, scenarios: Scenario) -> Stacked:
        """What an ensemble of these scenarios is of."""
        return Stacked(self.inputs, self.spreads, scenarios)


@seldom
def central(inputs: Inputs, scenarios: Scenario) -> Path:
    """Runs of all markets and scenarios with the beliefs as they are; leading axes scenario, market."""

    def market(one: Inputs, changes: Scenario) -> Path:
        def under(change: Scenario) -> Path:
            return run(apply(one, change))

        return jax.vmap(under)(changes)

    return jax.vmap(market, in_axes=(0, Scenario(1, 1, 1, 1)), out_axes=1)(inputs, scenarios)


@dataclass(frozen=True, eq=False)
class _Nation(Case):
    """The nation, with its electricity market after the others where they do not hold it."""

    @cached_property
    def _as_it_is(self) -> list[Path]:
        """The central path of each market under policy as it is; run with the program that the place needs too."""
        path = mapped(lambda x: x[row("as_is")], self.central())
        return [mapped(lambda x, m=m: x[m], path) for m in range(len(self.markets))]

    @cached_property
    def around(self) -> list[Surroundings]:
        """What a part of the nation sees of the rest, by market."""
        grid = cleaning(self._as_it_is[self.names.index("electricity")])
        return [around(*pair, grid) for pair in zip(self.markets, self._as_it_is, strict=True)]

    def seen(self, whole: bool) -> list[Surroundings]:
        """The same as places see it that are the `whole` nation, its grid only, or that are not."""
        return [Surroundings(grid=seen.grid) for seen in self.around] if whole else self.around


@remembered(4)
def _nation(markets: tuple[Definition, ...], world: World, until: int) -> _Nation:
    nation, power = places.resolve(places.NATION), definitions.get("electricity")
    every = markets if power in markets else (*markets, power)
    return _Nation(nation, tuple(_compile(d, [nation], world, until) for d in every), until)


def _compile(definition: Definition, where: Sequence[places.Place], world: World, until: int,
             seen: Surroundings = ALONE) -> Compiled:
    return compile_market(definition, where, world, start=START, until=until, around=seen)


def _markets(where: Sequence[places.Place], named: Sequence[str] | None) -> tuple[Definition, ...]:
    """The markets that the places have, in the order named; raises InvalidInputError for a named one that they lack."""
    if named is not None and not named:
        raise InvalidInputError("names nothing.", where=Parameter("markets"), fix="name markets, or leave it out.")
    wanted = tuple(map(definitions.get, named or definitions.definitions(whole=True)))
    if len({d.id for d in wanted}) < len(wanted):
        raise InvalidInputError("a market is named twice.", where=Parameter("markets"), fix="name each market once.")
    for definition in wanted if named else ():
        check_present(definition, where, START, "markets")
    return tuple(d for d in wanted if any(present(d, p, START - 1) for p in where))


def _check(where: Sequence[places.Place], until: int) -> None:
    check_places(where)
    if not DECIDE < until <= LAST:
        raise InvalidInputError(f"a plan until {until} is out of range.", where=Parameter("until"),
                                fix=f"give a year from {DECIDE + 1} to {LAST}.")


MONEY = 1e15  # CNY: seven times China's gross product of 2024


def check_budget(budget: float | None, name: str = "budget") -> None:
    """Raise InvalidInputError for a sum of money (CNY) that cannot bound anything."""
    if budget is not None and MONEY < budget < np.inf:
        raise InvalidInputError("the budget of {budget} is more than the nation makes in years.", where=Parameter(name),
                                fix="give public money over the plan, in {unit}.", budget=budget)
    if budget is not None and not 0 < budget < np.inf:
        raise InvalidInputError("the budget of {budget} is not positive.", where=Parameter(name),
                                fix="give public money over the plan, in {unit}.", budget=budget)


MOST = 100_000  # members whose indicators are held at once: about 20 GB


def check_members(members: int, seed: int = 0) -> None:
    """Raise InvalidInputError for members too few for a band or too many to hold, and for a seed that is none."""
    check_seed(seed)
    if members > MOST:
        raise InvalidInputError(f"{members:,} members are more than one run can hold.", where=Parameter("members"),
                                fix=f"give at most {MOST:,}, or plan an ensemble of shards (seedbed ensemble plan).")
    if members < BLOCK:
        raise InvalidInputError(f"{members} members are too few for bands.", where=Parameter("members"),
                                fix=f"give at least {BLOCK}.")
