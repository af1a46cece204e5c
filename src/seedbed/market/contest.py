"""The equation: one market, one year. The whole idea of Seedbed is in this file.

Each kind of policy has its own place: **incentive** moves the cost `g`; **mandatory** moves availability `a`
and the mandate term `mu`; **guidance** moves familiarity `f` and the label term; **supporting** moves
infrastructure. Numbers in brackets refer to docs/equation.md; axes are explained in `arrays`.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from seedbed.market.arrays import AGES, Beliefs, Drivers, Inputs, Setting, State, put
from seedbed.market.choice import AbstractChoice
from seedbed.market.membership import membership
from seedbed.market.pull import PASSED_ON, Pull, drawn, pull

FLOOR = 1e-4  # the familiarity of something nobody has bought: known from elsewhere, not zero
LEAST_COST = 0.05  # of the reference cost
FLEXIBLE_SHARE, CURTAILED, CURTAIL_WIDTH = (0.25, 0.5), 0.35, 0.10
ALONE = 0.05  # of adequacy: what buyers have without any network (a plug at home, a private line)
RESPONSE, RESPONSE_PRICE = 0.15, 25.0  # most that operators cut of emissions; CNY per tCO2 at which 63 % of it is done
WEAR, PRIVATE_BUILDING = 0.04, 0.06  # of adequacy a year; of the gap a year at full green stock
MARGIN_SLOPE, NORMAL_USE = 0.20, 0.80
MANDATE_SHARPNESS, LIMIT_SHARPNESS = 6.0, 200.0
LEAST_REPLACED = 0.1  # of what wears out, in the stock that demand asks for


class Year(NamedTuple):
    """What happened in one year; `account` turns it into money, emissions and jobs."""

    price: Float[Array, " I"]  # CNY per capacity unit
    share: Float[Array, "R B I"]  # of purchases
    bought: Float[Array, "R B I"]  # service units
    bought_capacity: Float[Array, "R B I"]  # capacity units
    stock: Float[Array, "R B I"]  # service units after the year's purchases
    service: Float[Array, "R I"]  # service units per capacity unit after curtailment
    operating: Float[Array, "R I"]  # kgCO2 per service unit
    intensity: Float[Array, "R J"]
    pull: Pull
    mandate: Float[Array, "R B I"]  # mu: utility added by mandates
    exports: Float[Array, " I"]  # capacity units (equipment) or service units (products)
    cost: Float[Array, "R B I"]  # CNY per service unit and year
    stage: Float[Array, "R 4"]
    payment: Float[Array, "R B I"]  # CNY a year that buyers pay for one CNY of equipment
    found: Float[Array, "R B I"]  # what the potential leaves of a choice, as a factor on its share
    effort: Float[Array, "R I"]  # CNY per service unit that operators spend to emit less where carbon has a price


def price(setting: Setting, state: State, beliefs: Beliefs, decades: Array) -> Float[Array, " I"]:
    """[1] Learning on world experience; the margin falls when factories stand idle (Wright 1936)."""
    t = setting.technologies
    learnt = (state.experience / t.reference_experience) ** (-t.learning_exponent * beliefs.learning)
    margin = 1 + t.bounded * MARGIN_SLOPE * (state.utilisation - NORMAL_USE)
    drift = jnp.exp(beliefs.price_drift * decades)
    return t.price * (1 - t.learning_share + t.learning_share * learnt) * margin * drift


def service(setting: Setting, state: State) -> tuple[Float[Array, "R I"], Float[Array, "R I"]]:
    """[1b] (service per capacity unit after curtailment, value of a unit relative to steerable service).

    Weather-driven output comes when everyone of its kind produces: its value falls with its own share
    (Hirth 2013), less where the grid is flexible, and beyond the grid's flexibility it is curtailed.
    """
    t = setting.technologies
    held = state.stock.sum((1, 2))
    share = held / jnp.maximum(held.sum(-1, keepdims=True), 1e-12)
    weather = jnp.where(t.value_drop > 0, 1.0, 0.0)
    flexible = FLEXIBLE_SHARE[0] + FLEXIBLE_SHARE[1] * state.infrastructure
    lost = CURTAILED * jax.nn.sigmoid(((share * weather).sum(-1) - flexible) / CURTAIL_WIDTH)
    value = jnp.exp(-t.value_drop * share * (1.5 - state.infrastructure)[:, None])
    return t.service * (1 - lost[:, None] * weather), value


def entered(setting: Setting, now: Drivers) -> Float[Array, " I"]:
    """[5b] Market entry: 0.12 the year before the first in which it can be bought, 0.88 in that one, then 1."""
    return jax.nn.sigmoid(4.0 * (now.year - setting.technologies.entry) + 2.0) * setting.technologies.exists


def room(setting: Setting, state: State) -> Float[Array, "R I"]:
    """[5b] Availability under natural limits: 1 far below the limit, falling to 0 over its last tenth."""
    left = 1 - state.stock.sum((1, 2)) / setting.technologies.limit
    return jax.nn.sigmoid((left - 0.1) / 0.03)


def generalised_cost(setting: Setting, now: Drivers, pulled: Pull, price: Array, service: Array,
                     operating: Array, effort: Array, payment: Array) -> Float[Array, "R B I"]:
    """[2] CNY per service unit and year: annualised purchase + running + energy + carbon + effort − premium."""
    t = setting.technologies
    purchase = price * (1 + setting.purchase_tax * (1 - pulled.relief)) - PASSED_ON * pulled.subsidy
    embodied = t.embodied / (t.lifetime * service)
    carbon = (pulled.carbon * operating[:, None] + pulled.carbon_embodied * embodied[:, None]) / 1000
    fuel = jnp.einsum("ic,bc->bi", t.energy, now.carrier_price)
    return (purchase * payment + t.om) / service[:, None] + fuel + carbon + effort[:, None] - pulled.premium


def emitted(setting: Setting, now: Drivers, pulled: Pull) -> tuple[Float[Array, "R I"], Float[Array, "R I"]]:
    """[2b] (kgCO2 per service unit: energy and process, less what operators cut where carbon has a price; CNY per
    service unit that this takes them).

    Better upkeep, fuel and dispatch: 5–21 % in 21 schemes, with little relation to the price (Döbbeling-Hildebrandt et
    al. 2024). So it saturates. Each cut is made where the price just pays it, so what all cost is the area below.
    """
    t = setting.technologies
    paid = jnp.einsum("rbi,b->ri", pulled.carbon, setting.buyers)
    ratio = paid / RESPONSE_PRICE
    cut, spent = -RESPONSE * jnp.expm1(-ratio), RESPONSE * RESPONSE_PRICE * (1 - jnp.exp(-ratio) * (1 + ratio))
    uncut = jnp.einsum("ic,rc->ri", t.energy, now.carrier_factor) + t.process
    return uncut * (1 - cut), jnp.maximum(uncut, 0.0) * spent / 1000


def annuity(rate: Array, life: Array) -> Array:
    """Yearly payment on one CNY over `life` years at a real `rate`; written without a power, which is slow."""
    return rate / (1 - jnp.exp(-life * jnp.log(1 + rate)))


def softplus(x: Array) -> Array:
    """log(1 + exp x). Quicker than by log1p; far below zero it is exact to 1e-16, not to its own size."""
    return jnp.maximum(x, 0.0) + jnp.log(1.0 + jnp.exp(-jnp.abs(x)))


def above(x: Array) -> Array:
    """A smooth max(x, LEAST_COST): premiums can push a cost below zero, its logarithm must stand."""
    return LEAST_COST + softplus(20 * (x - LEAST_COST)) / 20


def utility(setting: Setting, state: State, beliefs: Beliefs, pulled: Pull, cost: Array,
            operating: Array, service: Array) -> Float[Array, "R B I"]:
    """[3] Relative cost, what cost does not explain, infrastructure, and the labelled footprint advantage.

    Cost enters in logs: the form of GCAM (Clarke and Edmonds 1993).
    """
    t = setting.technologies
    built = jnp.log((state.infrastructure + ALONE) / (state.base_infrastructure + ALONE))[:, None]
    need = beliefs.need * t.infrastructure * built
    footprint = operating + t.embodied / (t.lifetime * service)
    mean = (footprint * t.exists).sum(-1, keepdims=True) / t.exists.sum()
    advantage = jnp.tanh((mean - footprint) / jnp.maximum(mean, 1e-9))[:, None]
    relative = jnp.log(above(cost / setting.reference_cost[:, None]))
    labelled = beliefs.label_weight[:, None] * pulled.label * advantage
    return -beliefs.alpha * relative + (beliefs.gamma + need)[:, None] + labelled


def familiarity(setting: Setting, state: State, beliefs: Beliefs, now: Drivers, pulled: Pull) -> Array:
    """[4] What buyers see: their own channel, other channels, neighbouring places; campaigns make more of it."""
    own = state.exposure
    all_channels = jnp.einsum("rbi,b->ri", own, setting.buyers)
    outside = (1 - setting.neighbours.sum(1))[:, None] * now.around
    near = (setting.neighbours @ all_channels + outside)[:, None]
    w_b, w_n = beliefs.across_channels, beliefs.across_places
    seen = (1 - w_b - w_n) * own + w_b * all_channels[:, None] + w_n * near
    return (FLOOR + seen) * (1 + pulled.awareness)


def mandate(setting: Setting, pulled: Pull, share: Array) -> Float[Array, "R B I"]:
    """[6] mu = z·softplus(logit q − logit P_G) on the set G of each mandate; of several the hardest."""
    reached = jnp.clip(jnp.einsum("rbi,jbi->rjb", share, pulled.quota_set), 1e-8, 1 - 1e-8)
    q = jnp.clip(pulled.quota[..., None], 1e-10, 0.995)
    gap = jnp.log(q / (1 - q)) - jnp.log(reached / (1 - reached))
    push = pulled.compliance[:, None] * softplus(MANDATE_SHARPNESS * gap) / MANDATE_SHARPNESS
    total = jnp.einsum("rjb,jbi->rbi", jnp.square(jnp.square(push)), pulled.quota_set)  # 4-norm
    return jnp.sqrt(jnp.sqrt(total + 1e-12)) - 1e-3


def within(setting: Setting, share: Array) -> Float[Array, "R B I"]:
    """[6b] A factor on each share: at most `potential` of what a channel buys is green.

    Who finds nothing green chooses among the rest in proportion.
    """
    green = setting.technologies.green
    wanted = jnp.clip((share * green).sum(-1, keepdims=True), 1e-12, 1 - 1e-12)
    found = wanted - softplus(LIMIT_SHARPNESS * (wanted - setting.potential)) / LIMIT_SHARPNESS
    return jnp.where(green > 0, found / wanted, (1 - found) / (1 - wanted))


def purchases(setting: Setting, state: State, wanted: Array) -> tuple[Array, Array]:
    """[7] Replacement of what wears out plus growth of demand; returns (survivors by age, purchases).

    Where demand falls, LEAST_REPLACED of what wears out is still replaced.
    """
    flow = state.stock * (AGES / jnp.maximum(setting.technologies.lifetime, AGES))
    arriving = jnp.concatenate([jnp.zeros_like(flow[:, :, :1]), flow[:, :, :-1]], axis=2)
    survivors = state.stock - flow + arriving
    gap = wanted - survivors.sum((2, 3))
    held = jnp.maximum(state.stock.sum((2, 3)), 1e-12)
    least = LEAST_REPLACED * flow[:, :, -1].sum(-1) * jnp.minimum(wanted / held, 1.0)
    scale = 0.005 * wanted + 1e-12  # smooth maximum of the gap and the least
    needed = least + scale * softplus((gap - least) / scale)
    return survivors, jnp.where(setting.by_purchases > 0, wanted, needed)


def carrier_prices(inputs: Inputs) -> Float[Array, "T B C"]:
    """What carriers cost buyers in every year of this draw, CNY per unit of the carrier."""
    year, drift = inputs.drivers.year, inputs.beliefs.energy_drift
    return inputs.drivers.carrier_price * jnp.exp(drift * (year - year[0]) / 10)[:, None, None]


def drifted(now: Drivers, beliefs: Beliefs, decades: Array) -> Drivers:
    """The drivers of a year as this draw has them: `decades` after the first, prices and amounts moved in logs."""
    return put(lambda d: (d.carrier_price, d.elsewhere, d.demand, d.border_price), now, (
        now.carrier_price * jnp.exp(beliefs.energy_drift * decades),
        now.elsewhere * jnp.exp(beliefs.elsewhere_drift * decades),
        now.demand * jnp.exp(beliefs.demand_drift * decades),
        now.border_price * jnp.exp(beliefs.border_drift * decades)))


def step(inputs: Inputs, state: State, now: Drivers, shock: Array,
         choice: AbstractChoice) -> tuple[State, Year]:
    """One year of one market: prices → policy → cost → utility → choice → mandates → purchases → state."""
    setting, beliefs = inputs.setting, inputs.beliefs
    t = setting.technologies
    decades = (now.year - inputs.drivers.year[0]) / 10
    now = drifted(now, beliefs, decades)

    prices = price(setting, state, beliefs, decades)
    useful, value = service(setting, state)
    green_share = jnp.einsum("rbi,b,i->r", state.exposure, setting.buyers, t.green) / setting.potential
    stage = membership(green_share, now.demand_growth)
    levers = drawn(inputs.levers, beliefs)
    ruled = now.by_rule * jnp.einsum("rs,ks,jk->rj", stage, inputs.rule, inputs.kind)
    intensity = levers.reach * jnp.maximum(now.fixed + ruled, now.least)
    pulled = pull(levers, intensity, prices)

    operating, effort = emitted(setting, now, pulled)
    payment = annuity(jnp.maximum(setting.discount[:, None] - pulled.finance / 100, 0.005), t.lifetime)
    cost = generalised_cost(setting, now, pulled, prices, useful, operating, effort, payment) / value[:, None]
    v = utility(setting, state, beliefs, pulled, cost, operating, useful) + shock[:, None]
    f = familiarity(setting, state, beliefs, now, pulled)
    a = jnp.maximum(pulled.availability * entered(setting, now)[None, None] * room(setting, state)[:, None], 1e-12)
    mu = mandate(setting, pulled, choice(v, f, a))
    share = choice(v + mu, f, a) * t.exists
    found = within(setting, share)
    share = share * found

    survivors, wanted = purchases(setting, state, now.demand)
    orders = wanted[..., None] * share
    state, bought, exported = deliver(inputs, state, now, pulled, orders, useful, cost, operating)
    state, held = carry(inputs, now, state, pulled, survivors, bought, share)
    capacity = bought / useful[:, None]
    return state, Year(prices, share, bought, capacity, held, useful, operating, intensity, pulled, mu, exported,
                       cost, stage, payment, found, effort)


def deliver(inputs: Inputs, state: State, now: Drivers, pulled: Pull, orders: Array, service: Array, cost: Array,
            operating: Array) -> tuple[State, Array, Array]:
    """[8a] Exports follow landed cost; factories bound deliveries and follow expected growth."""
    t = inputs.setting.technologies
    made = jnp.maximum(cost.mean((0, 1)), 1e-9)
    carbon = t.border_carbon * operating.mean(0) / 1000 / made
    barrier, before = t.tariff + carbon * now.border_price, t.tariff + carbon * inputs.drivers.border_price[0]
    opened = jnp.clip(pulled.access.mean(0), 0, 0.95)
    discount = 1 + MARGIN_SLOPE * (state.utilisation - NORMAL_USE) * t.bounded
    landed = (1 + barrier * (1 - opened)) / (1 + before) * discount  # against the barrier of the outlook
    exported = now.exports * landed**-inputs.beliefs.export_elasticity

    domestic = (orders / service[:, None]).sum((0, 1))
    national = domestic + now.rest_of_nation + exported * (1 - t.exports_product)
    growth = jnp.clip(national / jnp.maximum(state.last_orders, 1e-9) - 1, -0.3, 0.6)
    expected = 0.6 * state.expected_growth + 0.4 * growth
    room = state.factories * 1.15 / jnp.maximum(national, 1e-9)
    served = jnp.where(t.bounded > 0, room - softplus(8 * (room - 1)) / 8, 1.0)  # smooth min(room, 1)
    wish = national * (1 + expected) ** 2 / NORMAL_USE
    built = 0.5 * wish * softplus(8 * (1 - state.factories / jnp.maximum(wish, 1e-9))) / 8
    factories = state.factories * (1 - 1 / 12) + built
    use = jnp.clip(national * served / jnp.maximum(factories, 1e-9), 0, 1.2)
    state = put(
        lambda s: (s.experience, s.factories, s.utilisation, s.expected_growth, s.last_orders), state,
        (state.experience + now.elsewhere + t.learns_from @ ((domestic + now.rest_of_nation) * served), factories,
         jnp.where(t.bounded > 0, use, NORMAL_USE), expected, national))
    return state, orders * served, exported


def build(setting: Setting, state: State, now: Drivers, pulled: Pull) -> Float[Array, " R"]:
    """[8b] Wear is made good, private building follows use, support closes part of the gap."""
    held = state.stock.sum((1, 2))
    green = (held * setting.technologies.green).sum(-1) / jnp.maximum(held.sum(-1), 1e-12)
    kept_up = WEAR * state.base_infrastructure / (1 - state.base_infrastructure)
    closing = jnp.clip(kept_up + PRIVATE_BUILDING * green + pulled.build, 0, 0.9)
    own = state.infrastructure + (1 - state.infrastructure) * closing - WEAR * state.infrastructure
    return jnp.where(now.infrastructure > 0, now.infrastructure, own)


def carry(inputs: Inputs, now: Drivers, state: State, pulled: Pull, survivors: Array, bought: Array,
          share: Array) -> tuple[State, Array]:
    """[8c] Stock by age, remembered purchases, infrastructure, premium commitments."""
    stock = survivors.at[:, :, 0].add(bought)
    exposure = state.exposure + (share - state.exposure) / inputs.beliefs.memory
    infrastructure = build(inputs.setting, state, now, pulled)
    new = jnp.einsum("rbi,jbi->rj", bought, pulled.premium_set) * pulled.premium_intensity
    left = state.commitments * (1 - 1 / inputs.levers.term)
    commitments = left.at[:, inputs.levers.segment("output_premium")].add(new)
    state = put(lambda s: (s.stock, s.exposure, s.infrastructure, s.commitments), state,
                (stock, exposure, infrastructure, commitments))
    return state, stock.sum(2)
