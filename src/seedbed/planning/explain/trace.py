"""From a share back to what made it: the terms of cost and utility in one market, place and year.

The year is run again with the functions of `market.contest`. Terms of utility add up to the logarithm of the share but
for a constant that all technologies have in common; terms of cost add up to the cost that buyers compare. The last of
them, `value`, is what weather-driven supply loses by coming when everyone's does [1b].
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from seedbed.base.shown import Shown
from seedbed.market import contest
from seedbed.market.arrays import Drivers, Inputs, Scenario, State, apply, mapped, put
from seedbed.market.compile import Compiled
from seedbed.market.contest import Year, annuity
from seedbed.market.definition import CARRIERS
from seedbed.market.programs import seldom
from seedbed.market.pull import PASSED_ON
from seedbed.market.slots import DOMESTIC
from seedbed.market.steer import settled
from seedbed.market.trajectory import rule_of
from seedbed.market.world import World
from seedbed.planning.case import Case
from seedbed.planning.scenarios import HERE, at

if TYPE_CHECKING:
    import polars

COSTS = ("purchase", "tax", "tax_relief", "subsidy", "finance", "upkeep", *(f"energy.{c}" for c in CARRIERS),
         "carbon_price", "carbon_price_embodied", "effort", "premium", "value")
"""Terms of cost, CNY per service unit and year, in the order of the equation."""


class Terms(NamedTuple):
    """Terms of utility of one year, each place × buyer × technology."""

    cost: Float[Array, "R B I"]
    taste: Float[Array, "R B I"]
    forecast: Float[Array, "R B I"]
    infrastructure: Float[Array, "R B I"]
    label: Float[Array, "R B I"]
    familiarity: Float[Array, "R B I"]
    entry: Float[Array, "R B I"]
    limit: Float[Array, "R B I"]
    standard: Float[Array, "R B I"]
    mandate: Float[Array, "R B I"]


@dataclass(frozen=True, repr=False)
class Trace(Shown):
    """One year of one market, seen from a `technology`.

    `costs` is buyer × technology × COSTS, `terms` buyer × technology × Terms.

    `year` and `state` hold everything the equation had in hand: what happened, and what stood at its start.
    """

    compiled: Compiled
    world: World
    scenario: str
    technology: str
    number: int
    buyers: np.ndarray  # shares of domestic purchases by buyer
    share: np.ndarray  # buyer × technology
    costs: np.ndarray
    terms: np.ndarray
    inputs: Inputs
    year: Year
    state: State

    def about(self) -> dict[str, object]:
        shares = self.share[:, self.row]
        return {"market": self.compiled.definition.id, "technology": self.technology, "year": self.number,
                "place": self.compiled.places[HERE].name.en, "scenario": self.scenario,
                "share": f"{float(shares @ self.buyers):.1%} of purchases"}

    def to_polars(self) -> polars.DataFrame:
        """Terms of utility of every technology and buyer."""
        import polars as pl

        names = [t.id for t in self.compiled.definition.technologies]
        return pl.DataFrame([{"buyer": buyer.value, "technology": name,
                              **dict(zip(Terms._fields, self.terms[b, i].tolist(), strict=True)),
                              "share": float(self.share[b, i])}
                             for b, buyer in enumerate(DOMESTIC) for i, name in enumerate(names)])

    @property
    def row(self) -> int:
        """The index of the technology."""
        return [t.id for t in self.compiled.definition.technologies].index(self.technology)

    @property
    def main(self) -> int:
        """The buyer with the largest share of purchases."""
        return int(self.buyers.argmax())


def trace(case: Case, scenario: Scenario, name: str, market: str, technology: str, year: int, world: World) -> Trace:
    """A simulated year of a market of `case` under `scenario` (fields with leading axis M), called `name`."""
    row, number = case.names.index(market), at(year)
    compiled = case.markets[row]
    inputs = apply(compiled.inputs, Scenario(*(part[row] for part in scenario)))
    found = jax.tree.map(np.asarray, _replay(inputs, compiled.forecast))
    inputs = jax.tree.map(np.asarray, inputs)
    state, happened, terms = (mapped(lambda x: x[number], part) for part in found)
    count = len(compiled.definition.technologies)
    return Trace(compiled, world, name, technology, year, inputs.setting.buyers, happened.share[HERE, :, :count],
                 _costs(inputs, happened, number)[:, :count], np.stack(terms, axis=-1)[HERE, :, :count], inputs,
                 happened, state)


@seldom
def _replay(inputs: Inputs, forecast: bool) -> tuple[State, Year, Terms]:
    """Every year: the state at its start, what happened, and the terms of utility."""
    mine = settled(inputs, forecast=forecast)
    choice = rule_of(mine)

    def one(state: State, xs: tuple[Drivers, Array]) -> tuple[State, tuple[State, Year, Terms]]:
        now, shock = xs
        after, happened = contest.step(mine, state, now, shock, choice)
        return after, (state, happened, _terms(mine, state, now, shock, happened))

    return jax.lax.scan(one, mine.start, (mine.drivers, mine.beliefs.shocks))[1]


def _terms(inputs: Inputs, state: State, now: Drivers, shock: Array, year: Year) -> Terms:
    setting, beliefs, pulled = inputs.setting, inputs.beliefs, year.pull

    def utility(need: Array = beliefs.need, label: Array = pulled.label) -> Array:
        changed = put(lambda b: b.need, beliefs, need)
        return contest.utility(setting, state, changed, pulled._replace(label=label), year.cost, year.operating,
                               year.service)

    whole = utility()
    taste, forecast = (jnp.broadcast_to(x[:, None], year.share.shape) for x in (beliefs.gamma, shock))
    without_need, without_label = utility(need=jnp.zeros(())), utility(label=jnp.zeros_like(pulled.label))
    need, label = whole - without_need, whole - without_label
    familiar = contest.familiarity(setting, state, beliefs, now, pulled)
    entry, limit = (jnp.log(jnp.broadcast_to(x, year.share.shape)) for x in (
        contest.entered(setting, now), contest.room(setting, state)[:, None]))
    return Terms(
        cost=whole - taste - need - label, taste=taste, forecast=forecast, infrastructure=need, label=label,
        familiarity=beliefs.beta * jnp.log(familiar), entry=entry, limit=limit + jnp.log(year.found),
        standard=jnp.log(pulled.availability), mandate=year.mandate)


def _costs(inputs: Inputs, year: Year, number: int) -> Float[np.ndarray, "B I K"]:
    """The generalised cost [2] in parts: each as it stands without the policy, then what each policy takes off."""
    setting, pulled = inputs.setting, mapped(lambda x: x[0], year.pull._replace(
        premium_set=year.pull.premium_set[None], quota_set=year.pull.quota_set[None],
        compliance=year.pull.compliance[None]))
    t, service = setting.technologies, year.service[0]
    plain = setting.discount[:, None]
    dear, cheap = (np.asarray(annuity(jnp.asarray(rate), jnp.asarray(t.lifetime))) for rate in
                   (plain, np.maximum(plain - pulled.finance / 100, 0.005)))
    tax = year.price * setting.purchase_tax
    passed = PASSED_ON * pulled.subsidy
    paid = year.price + tax * (1 - pulled.relief) - passed
    prices = np.asarray(contest.carrier_prices(inputs))[number]
    fuel = t.energy * prices[:, None]
    capital = np.stack([year.price * dear, tax * dear, -tax * pulled.relief * dear, -passed * dear,
                        paid * (cheap - dear), np.broadcast_to(t.om, dear.shape)], axis=-1) / service[:, None]
    embodied = t.embodied / (t.lifetime * service)
    carbon = [pulled.carbon * year.operating[0] / 1000, pulled.carbon_embodied * embodied / 1000,
              np.broadcast_to(year.effort[0], pulled.premium.shape), -pulled.premium]
    parts = np.concatenate([capital, fuel, np.stack(carbon, axis=-1)], axis=-1)
    return np.concatenate([parts, (year.cost[0] - parts.sum(-1))[..., None]], axis=-1)
