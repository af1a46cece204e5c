"""What the equation works on: plain arrays with named axes.

Axes: `R` place, `B` domestic channel (government, enterprise, household), `I` technology, `J` instrument,
`A` age class, `C` carrier, `T` year, `H` year ahead of the first, `G` group of technologies that is forecast.
Every market has the same shapes (unused technologies do not `exist`, unused instrument slots have zero coefficients),
so that one compiled program serves all markets.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, overload

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:  # one shape, several makers: NumPy while compiled, JAX while run, axis numbers under vmap
    from typing import Any as Array
else:
    Array = jax.Array | np.ndarray

T = TypeVar("T")

jax.config.update("jax_enable_x64", True)  # gradients are held equal to finite differences: double precision

AGES = 3  # Erlang age classes: wearing out peaks near the stated lifetime instead of at age zero
LEVER_ORDER = (
    "subsidy", "tax_relief", "output_premium", "carbon_price", "finance",
    "quota", "standard", "awareness", "label", "infrastructure", "market_access",
)


class Technologies(eqx.Module):
    """Constants of the alternatives; money in CNY of the base year, emissions in kgCO2e."""

    exists: Float[Array, " I"]
    green: Float[Array, " I"]
    price: Float[Array, " I"]  # CNY per capacity unit at reference experience
    learning_share: Float[Array, " I"]
    learning_exponent: Float[Array, " I"]  # b = -log2(1 - learning rate)
    learns_from: Float[Array, "I I"]  # row i: 1 where purchases of column j are experience of i
    reference_experience: Float[Array, " I"]  # world cumulative capacity units at which `price` holds
    service: Float[Array, "R I"]  # service units a year per capacity unit, undisturbed
    lifetime: Float[Array, " I"]
    om: Float[Array, " I"]  # CNY per capacity unit and year
    energy: Float[Array, "I C"]  # carrier per service unit
    process: Float[Array, " I"]  # kgCO2 per service unit
    embodied: Float[Array, " I"]  # kgCO2e per capacity unit
    induced: Float[Array, " I"]  # kgCO2e of what is bought on top because a unit does not replace a whole other one
    jobs_build: Float[Array, " I"]
    jobs_operate: Float[Array, " I"]
    infrastructure: Float[Array, " I"]  # sensitivity kappa
    value_drop: Float[Array, " I"]  # log fall in value per unit of own share of supply; 0: steerable
    entry: Float[Array, " I"]  # first year it can be bought
    limit: Float[Array, "R I"]  # most service a year that nature or supply allows, service units
    tariff: Float[Array, " I"]
    border_carbon: Float[Array, " I"]
    exports_product: Float[Array, " I"]  # 1: exports are the product, in service units, not the equipment
    bounded: Float[Array, " I"]  # 1 where factories are simulated


class Setting(eqx.Module):
    """Constants of the market and its places."""

    technologies: Technologies
    discount: Float[Array, " B"]
    buyers: Float[Array, " B"]  # shares of domestic purchases, sum to one
    purchase_tax: Float[Array, ""]
    potential: Float[Array, ""]  # largest green share of purchases
    reference_cost: Float[Array, " B"]  # g-bar, CNY per service unit and year
    neighbours: Float[Array, "R R"]  # rows sum to at most 1; the rest looks at `around`
    supply_share: Float[Array, " R"]  # part of the nation's production located in the place
    by_purchases: Float[Array, ""]  # 1: demand is a purchase path, 0: demand is a stock path


class Levers(eqx.Module):
    """Instruments in slots, grouped by lever in LEVER_ORDER; `coefficient` is the ceiling on each target."""

    coefficient: Float[Array, "J B I"]
    share_of_price: Float[Array, " J"]  # subsidies: 1 when the ceiling is a share of the price
    life_cycle: Float[Array, " J"]  # carbon prices: 1 when embodied emissions are priced too
    compliance: Float[Array, " J"]
    term: Float[Array, " J"]
    cost_person: Float[Array, " J"]
    cost_purchase: Float[Array, " J"]
    cost_stock: Float[Array, " J"]
    reach: Float[Array, "R J"]  # part of a place's market that the instrument can reach
    public_share: Float[Array, " J"]
    budget: Float[Array, " J"]  # 1 where a government's budget pays what the instrument hands out or waives
    segments: tuple[tuple[int, int], ...] = eqx.field(static=True)

    def segment(self, lever: str) -> slice:
        """The slots of one lever."""
        return slice(*self.segments[LEVER_ORDER.index(lever)])


class Drivers(eqx.Module):
    """What comes from outside in each year."""

    year: Float[Array, " T"]
    demand: Float[Array, "T R B"]  # stock wanted, or purchases, in service units (see Setting.by_purchases)
    demand_growth: Float[Array, "T R"]
    population: Float[Array, "T R"]
    carrier_price: Float[Array, "T B C"]
    carrier_factor: Float[Array, "T R C"]  # kgCO2 per unit of carrier
    border_price: Float[Array, " T"]  # CNY per tCO2 actually payable at the border
    infrastructure: Float[Array, "T R"]  # observed adequacy at the end of the year, 0 where the model decides
    exports: Float[Array, "T I"]  # outlook at today's landed cost, capacity units
    elsewhere: Float[Array, "T I"]  # purchases outside the nation, capacity units
    rest_of_nation: Float[Array, "T I"]  # purchases in the nation outside the simulated places
    around: Float[Array, "T I"]  # what neighbours outside the simulated places buy, shares
    fixed: Float[Array, "T J"]  # intensity that is set
    by_rule: Float[Array, "T J"]  # 1 where the intensity follows the rule
    least: Float[Array, "T J"]  # intensity that it does not go below


class Beliefs(eqx.Module):
    """What is learnt or uncertain; one draw of an ensemble is one of these."""

    alpha: Float[Array, ""]  # weight of relative cost
    beta: Float[Array, ""]  # weight of familiarity: 0 logit, 1 replicator
    memory: Float[Array, ""]  # years over which purchases are remembered
    across_channels: Float[Array, ""]  # weight of other channels' purchases in familiarity
    across_places: Float[Array, ""]
    label_weight: Float[Array, " B"]  # lambda
    effect: Float[Array, " J"]  # log factor on what an instrument does (of a quota: on compliance)
    running: Float[Array, " J"]  # log factor on what running it costs
    gamma: Float[Array, "R I"]  # what cost and familiarity do not explain
    need: Float[Array, ""]  # factor on infrastructure sensitivities
    learning: Float[Array, ""]  # factor on learning exponents
    price_drift: Float[Array, " I"]  # log factor on price after ten years
    energy_drift: Float[Array, ""]  # log factor on carrier prices after ten years
    demand_drift: Float[Array, ""]
    elsewhere_drift: Float[Array, ""]
    border_drift: Float[Array, ""]  # log factor on the border's carbon price after ten years
    export_elasticity: Float[Array, ""]
    shocks: Float[Array, "T R I"]  # taste shocks, utility units
    rank: Float[Array, "H G"]  # where in the forecast this draw lies: normal score, 0 the median


class Ahead(eqx.Module):
    """What is forecast of groups of technologies, and what it stands on: policy as it is in the reference world.

    Years are the first and the H after it.
    """

    group: Float[Array, "G I"]  # 1 where a technology is in the group
    move: Float[Array, "H R G N"]  # from the first year on, at the normal scores SCORES: log odds, or log of the stock
    known: Float[Array, "R G"]  # 1 where there is a forecast
    drivers: Drivers
    discount: Float[Array, " B"]
    beliefs: Beliefs  # central


class State(eqx.Module):
    """What one year hands to the next."""

    stock: Float[Array, "R B A I"]  # service units by age class
    exposure: Float[Array, "R B I"]  # remembered purchase shares
    experience: Float[Array, " I"]  # world cumulative capacity units
    infrastructure: Float[Array, " R"]  # adequacy 0–1
    base_infrastructure: Float[Array, " R"]
    factories: Float[Array, " I"]  # national capacity, capacity units a year
    utilisation: Float[Array, " I"]
    expected_growth: Float[Array, " I"]
    last_orders: Float[Array, " I"]
    commitments: Float[Array, "R J"]  # CNY a year still owed to what was bought under a premium


class Inputs(eqx.Module):
    """Everything one market needs to run."""

    setting: Setting
    levers: Levers
    drivers: Drivers
    beliefs: Beliefs
    start: State
    rule: Float[Array, "4 4"]  # kind × stage → intensity
    kind: Float[Array, "J 4"]  # one-hot kind of each slot
    anchor_share: Float[Array, "R I"]  # observed shares of purchases in the first year
    ahead: Ahead
    choice: str = eqx.field(static=True, default="logit")  # of choice.RULES


class Scenario(NamedTuple):
    """What a mix changes in a market; of stacked markets or scenarios every field has their leading axes."""

    fixed: Float[Array, "*M T J"]  # intensity that is set
    by_rule: Float[Array, "*M T J"]  # 1 where the intensity follows the rule
    least: Float[Array, "*M T J"]  # intensity that it does not go below
    rule: Float[Array, "*M 4 4"]


def apply(inputs: Inputs, scenario: Scenario) -> Inputs:
    """The inputs under a scenario; works with or without the market axis."""
    return put(lambda i: (i.drivers.fixed, i.drivers.by_rule, i.drivers.least, i.rule), inputs,
               (scenario.fixed, scenario.by_rule, scenario.least, scenario.rule))


def believing(inputs: Inputs, beliefs: Beliefs) -> Inputs:
    """The inputs with other beliefs; works with or without the market axis."""
    return put(lambda i: i.beliefs, inputs, beliefs)


def put(where: Callable[[T], Any], tree: T, new: Any) -> T:
    """`tree` with `new` in place of what `where` picks: equinox's `tree_at`, which does not say what it gives back."""
    return eqx.tree_at(where, tree, new)


@overload
def mapped(function: Callable[[Any], Any], tree: T, /) -> T: ...
@overload
def mapped(function: Callable[[Any, Any], Any], tree: T, second: Any, /) -> T: ...
@overload
def mapped(function: Callable[[Any, Any, Any], Any], tree: T, second: Any, third: Any, /) -> T: ...
def mapped(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """A tree like `tree` of what `function` makes of its arrays: JAX's `tree.map`, with its type kept."""
    return jax.tree.map(function, tree, *others)
