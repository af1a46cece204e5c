"""Which provinces first, under one national budget: they are simulated together, so what one does reaches the others.

Learning spills over through prices (experience of all), imitation through neighbours. Each place is run acting by
itself among all others; its benefit at home and elsewhere is told apart. Places are then ordered by benefit per CNY of
public money, and the order is run cumulatively, so that joint effects are simulated and not added up.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.base.shown import Shown
from seedbed.base.years import UNTIL
from seedbed.facts import places
from seedbed.market.arrays import Array, Inputs, Scenario, apply, mapped
from seedbed.market.ensemble import forecasting, settle
from seedbed.market.programs import program
from seedbed.market.trajectory import run
from seedbed.market.world import World
from seedbed.planning.case import Case, check_budget
from seedbed.planning.optimise.objective import AFTERLIFE, CARBON_VALUE
from seedbed.planning.scenarios import DECIDED, SCENARIOS

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True)
class Turn:
    """One place in its turn. CNY over the plan against policy as it is; `benefit` is carbon avoided less burden.

    `at_home` and `elsewhere`: the benefit when only this place acts; `cost`: public money that takes, everywhere.
    `gained` and `spent`: benefit and public money when this place and all before it act together.
    """

    place: str
    at_home: float
    elsewhere: float
    cost: float
    gained: float
    spent: float
    within: bool  # the money spent so far is within the budget

    @property
    def ratio(self) -> float:
        """Benefit per CNY of public money; infinite where none is needed."""
        return (self.at_home + self.elsewhere) / self.cost if self.cost > 0 else np.inf


@dataclass(frozen=True, repr=False)
class Turns(Shown):
    """Places in order. `apart` is the sum of what each gains at home when it acts by itself; all CNY."""

    order: tuple[Turn, ...]
    budget: float
    apart: float

    def about(self) -> dict[str, object]:
        return {"places": len(self.order), "first": ", ".join(turn.place for turn in self.order[:5]),
                "within the budget": sum(turn.within for turn in self.order), "budget": f"{self.budget:.4g} CNY",
                "together": f"{self.together:.4g} CNY", "apart": f"{self.apart:.4g} CNY"}

    def to_polars(self) -> polars.DataFrame:
        """One row a place, in its turn."""
        import polars as pl

        return pl.DataFrame([vars(turn) for turn in self.order])

    @property
    def together(self) -> float:
        """Benefit when all act."""
        return self.order[-1].gained

    def to_dict(self) -> dict[str, object]:
        """Plain data."""
        return {"budget": self.budget, "apart": self.apart, "together": self.together,
                "order": [vars(turn) for turn in self.order]}


class _Books(eqx.Module):
    """By place, over the decided years, all markets."""

    benefit: Float[Array, " R"]  # CNY, negative: a cost
    money: Float[Array, " R"]


_settled = program(settle)


@program
def _runs(inputs: Inputs, still: Scenario, package: Scenario, acting: Float[Array, "K R"]) -> _Books:
    """Books of K runs, in each of which a place follows `package` by its part `acting`, otherwise `still`."""

    def market(one: Inputs, a: Scenario, b: Scenario, part: Array) -> _Books:
        fixed, ruled, least = (x[:, None] + part[:, None] * (y - x)[:, None] for x, y in zip(a[:3], b[:3], strict=True))
        books = run(apply(one, Scenario(fixed, ruled, least, b.rule))).account  # intensities with a place axis: T×R×J
        tonnes = books.life_cycle_emissions[DECIDED].sum(0) + AFTERLIFE * books.operating_emissions[-1]
        borne = books.burden + books.borne
        return _Books(-CARBON_VALUE / 1000 * tonnes - borne[DECIDED].sum(0),
                      books.public_money[DECIDED].sum((0, 2)))

    def one(part: Array) -> _Books:
        every = jax.vmap(market, in_axes=(0, 0, 0, None))(inputs, still, package, part)
        return mapped(lambda x: x.sum(0), every)

    return cast(_Books, jax.lax.map(one, acting))


def order(place: str = "china", *, markets: Sequence[str] | None = None, until: int = UNTIL,
          budget: float | None = None, package: str = "report_rule", world: World | None = None) -> Turns:
    """The order of the provinces of `place` (the nation), or of several places; `markets` by name (default: all).

    `budget`: public money beyond policy as it is, CNY (default: half of what all would take). `package` is the scenario
    that a place whose turn has come follows. Raises UnknownNameError and InvalidInputError before anything runs.
    """
    check_budget(budget)
    if places.resolve(place).id != places.NATION:
        raise InvalidInputError(f"{place} is one place, which has no order.", where=Parameter("place"),
                                fix="name the nation: china.")
    if package not in SCENARIOS:
        raise UnknownNameError("scenario", package, SCENARIOS)
    return turns([p.id for p in places.provinces()], markets, until, budget, package, world)


def turns(where: Sequence[str], markets: Sequence[str] | None, until: int, budget: float | None = None,
          package: str = "report_rule", world: World | None = None) -> Turns:
    """`order` of the places `where`. Raises InvalidInputError for fewer than two."""
    if len(where) < 2:
        raise InvalidInputError("one place has no order.", where=Parameter("place"), fix="name at least two places.")
    case = Case.of(where, markets=markets, until=until, world=world)
    still, chosen = (case.scenario(name) for name in ("as_is", package))
    inputs, count = _settled(case.inputs, forecasting(case.inputs)), len(where)

    def books(acting: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = _runs(inputs, still, chosen, jnp.asarray(acting))
        return np.asarray(found.benefit), np.asarray(found.money)

    benefit, money = books(np.concatenate([np.zeros((1, count)), np.eye(count)]))
    benefit, cost = benefit[1:] - benefit[0], (money[1:] - money[0]).sum(1)
    whole = benefit.sum(1)
    ratio = np.where(cost > 0, whole / np.maximum(cost, 1.0), np.inf)
    order = np.lexsort((-whole, -ratio))
    steps = np.tril(np.ones((count, count)))
    acting = np.zeros((count + 1, count))
    acting[1:, order] = steps
    gained, spent = (x.sum(1) for x in books(acting))
    gained, spent = gained[1:] - gained[0], spent[1:] - spent[0]
    limit = 0.5 * spent[-1] if budget is None else budget
    ids = [p.id for p in case.markets[0].places]
    found = [Turn(ids[int(r)], benefit[r, r], whole[r] - benefit[r, r], cost[r], gained[k], spent[k],
                  bool(spent[k] <= limit))
             for k, r in enumerate(order)]
    return Turns(tuple(found), float(limit), float(np.trace(benefit)))
