"""The four futures a plan always compares, run for all its markets at once.

No policy · policy as it is · the report's rule · the improved rule. All start in START with the policies in
force then; they part ways in DECIDE, the first year a plan can change. The two rules take over in RAMP equal steps:
in year n of the plan an intensity is (1 − n/RAMP) of policy as it is and n/RAMP of the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np

from seedbed.base.errors import InvalidInputError
from seedbed.base.years import DECIDE, LAST, START
from seedbed.facts import places
from seedbed.market.arrays import Beliefs, Inputs
from seedbed.market.beliefs import prior
from seedbed.market.compile import Compiled, Surroundings, compile_market
from seedbed.market.definition import Definition, definitions
from seedbed.market.draws import KINDS, Spread
from seedbed.market.ensemble import BLOCK, Indicators, Scenario, apply, believing, ensemble, settled, stack
from seedbed.market.programs import seldom
from seedbed.market.slots import schedule
from seedbed.market.trajectory import Path, run
from seedbed.market.world import World
from seedbed.policy.mix import Mix, as_it_is, by_rule
from seedbed.policy.rule import Rule, report_rule

RAMP = 4  # years over which a rule takes over from policy as it is: the report asks for steps, not a leap
SCENARIOS = ("no_policy", "as_is", "report_rule", "improved_rule")


def mixes(until: int, improved: Rule | None = None) -> dict[str, Mix]:
    """The mix of each scenario over START…until."""
    past, years = as_it_is(range(START, DECIDE)), range(DECIDE, until + 1)
    ruled = past + by_rule(years)
    better = past + by_rule(years, rule=improved or report_rule(), name="improved_rule")
    return {
        "no_policy": Mix("no_policy", past.schedules), "as_is": as_it_is(range(START, until + 1)),
        "report_rule": ruled, "improved_rule": better,
    }


@dataclass(frozen=True)
class Field:
    """All markets of one place, compiled and stacked (leading axis: market)."""

    place: places.Place
    markets: tuple[Compiled, ...]
    until: int
    uncertain: tuple[str, ...] = KINDS  # what the bands contain (market.draws.KINDS)

    @cached_property
    def inputs(self) -> Inputs:
        """The stacked inputs."""
        return stack([m.inputs for m in self.markets])

    @cached_property
    def settled(self) -> Inputs:
        """The stacked inputs, anchored: what central runs start from."""
        return self.believing([self.inputs.beliefs])[0]

    def believing(self, beliefs: Sequence[Beliefs]) -> list[Inputs]:
        """The stacked inputs under each of several beliefs, anchored."""
        found = settled(self.inputs, jax.tree.map(lambda *x: np.stack(x), *beliefs))
        return [believing(self.inputs, jax.tree.map(lambda x, n=n: x[n], found)) for n in range(len(beliefs))]

    @cached_property
    def spreads(self) -> Spread:
        """How uncertain each market is, stacked."""
        each = [Spread.of(prior(m.definition), self.uncertain) for m in self.markets]
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
        """Arrays of the four scenarios (leading axes: scenario, market)."""
        rows = [self._scenario(mix) for mix in mixes(self.until, improved).values()]
        return Scenario(*(jnp.asarray(np.stack(parts)) for parts in zip(*rows, strict=True)))

    def _scenario(self, mix: Mix) -> Scenario:
        years = list(self.years)
        both = [_stepwise(schedule(mix, m.slots, years), schedule(as_it_is(self.years), m.slots, years), years)
                for m in self.markets]
        rule = np.array((mix.rule or report_rule()).matrix())
        return Scenario(np.array([b[0] for b in both]), np.array([b[1] for b in both]),
                        np.broadcast_to(rule, (len(both), 4, 4)))


def _stepwise(wanted: tuple[np.ndarray, np.ndarray], now: tuple[np.ndarray, np.ndarray],
              years: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Where the rule decides, let it take over from policy as it is in RAMP steps; elsewhere nothing changes."""
    part = np.clip((np.array(years) - DECIDE + 1) / RAMP, 0.0, 1.0)[:, None]
    fixed, ruled = wanted
    return np.where(ruled > 0, (1 - part) * now[0], fixed), ruled * part


@seldom
def central(inputs: Inputs, scenarios: Scenario) -> Path:
    """Runs of all markets and scenarios with the beliefs as they are; leading axes scenario, market."""

    def market(one: Inputs, changes: Scenario) -> Path:
        return jax.vmap(lambda change: run(apply(one, change)))(changes)

    return jax.vmap(market, in_axes=(0, Scenario(1, 1, 1)), out_axes=1)(inputs, scenarios)


def check(where: places.Place, until: int, budget: float | None, members: int) -> None:
    """Raise InvalidInputError where no plan can be made of these, before anything runs."""
    if where.id != places.NATION and not where.planning_unit:
        raise InvalidInputError(f"{where.name.en} has no data in this product.", where="place",
                                fix="name one of the 31 mainland provinces, or china.")
    if not DECIDE < until <= LAST:
        raise InvalidInputError(f"a plan until {until} is out of range.", where="--until",
                                fix=f"give a year from {DECIDE + 1} to {LAST}.")
    if budget is not None and not budget > 0:
        raise InvalidInputError(f"the budget {budget / 1e9:g} bn CNY is not positive.", where="--budget",
                                fix="give public money over the plan, in billion CNY.")
    if members < BLOCK:
        raise InvalidInputError(f"{members} members are too few for bands.", where="--members",
                                fix=f"give at least {BLOCK}.")


def prepare(place: places.Place, markets: Sequence[Definition], world: World, until: int,
            uncertain: tuple[str, ...] = KINDS, warm: Callable[[Field], None] | None = None) -> tuple[Field, Path]:
    """The field of a place, and the central path of the nation (scenario axis first) that surrounds it.

    The grid gets cleaner as the national electricity market of "as it is" says, not by assumption. `warm` is given the
    nation's field of the same markets as soon as it is there: its arrays have the shapes of the place's.
    """
    everywhere = _nation(markets, world, until)
    if warm:
        warm(Field(everywhere.place, everywhere.markets[: len(markets)], until, uncertain))
    path = _national(everywhere)
    grid = _grid(everywhere, path)
    where = everywhere.names
    compiled = []
    for definition in markets:
        row = where.index(definition.id)
        around = None if place.id == places.NATION else _around(everywhere.markets[row], path, row)
        compiled.append(_compile(definition, [place], world, until, around, grid))
    return Field(place, tuple(compiled), until, uncertain), path


def together(where: Sequence[places.Place], markets: Sequence[Definition], world: World,
             until: int) -> tuple[Compiled, ...]:
    """Several places compiled as one: they learn from each other and imitate their neighbours."""
    everywhere = _nation(markets, world, until)
    path = _national(everywhere)
    whole = len(where) == len(list(places.provinces()))
    return tuple(_compile(d, where, world, until, None if whole else _around(everywhere.markets[row], path, row),
                          _grid(everywhere, path)) for row, d in enumerate(markets))


def _nation(markets: Sequence[Definition], world: World, until: int) -> Field:
    """The nation, with its electricity market after the others where they do not hold it."""
    nation = places.resolve(places.NATION)
    return Field(nation, tuple(_compile(d, [nation], world, until) for d in _with_power(markets)), until)


def _national(everywhere: Field) -> Path:
    """The central path of the nation (scenario axis first)."""
    return jax.tree.map(np.asarray, central(everywhere.settled, everywhere.scenarios()))


def _with_power(markets: Sequence[Definition]) -> list[Definition]:
    power = definitions()["electricity"]
    return list(markets) if power in markets else [*markets, power]


def _compile(definition: Definition, where: Sequence[places.Place], world: World, until: int,
             around: Surroundings | None = None, grid: np.ndarray | None = None) -> Compiled:
    return compile_market(definition, where, as_it_is(range(START, until + 1)), world, start=START,
                          until=until, surroundings=around, grid=grid)


def _around(compiled: Compiled, path: Path, row: int) -> Surroundings:
    now = SCENARIOS.index("as_is")
    bought = (path.bought[now, row] / path.service[now, row][:, :, None]).sum((1, 2))
    buyers = np.asarray(compiled.inputs.setting.buyers)
    return Surroundings(bought, np.einsum("trbi,b->ti", path.share[now, row], buyers))


def _grid(everywhere: Field, path: Path) -> np.ndarray:
    """National operating emissions per unit of power relative to the first year, T×1."""
    row, now = everywhere.names.index("electricity"), SCENARIOS.index("as_is")
    intensity = path.account.operating_emissions[now, row].sum(-1) / path.stock[now, row].sum((1, 2, 3))
    return (intensity / intensity[0])[:, None]


def test(field: Field, improved: Rule, *, members: int, seed: int,
         progress: Callable[[int], None] | None) -> Indicators:
    """The ensemble of all four scenarios: axes scenario, member, market, year, place."""
    return ensemble(field.inputs, field.spreads, field.scenarios(improved), jax.random.key(seed), members,
                    progress=progress)
