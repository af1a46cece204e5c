"""Accounts of a simulated year: money by instrument, market size, emissions, jobs.

Identity held by a test: what buyers pay + purchase support = what sellers receive + purchase tax.
All functions take a `Year` with or without a leading time axis.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Float

from seedbed.market.arrays import Array, Inputs, State
from seedbed.market.contest import Year, annuity
from seedbed.market.pull import PASSED_ON, drawn

LEAST_KEPT = 0.02  # availability below which a standard is taken to leave nothing
WISHES = 4.0  # least weight of cost by which a difference of choice is worth money: what habit and planning decide
# where the calibrated weight is lower (power: 0.6) is no wish that a buyer loses by


class Account(NamedTuple):
    """Money in CNY, emissions in kgCO2e, jobs in full-time jobs; per place."""

    public_money: Float[Array, "R J"]  # by instrument: what governments spend or waive
    other_money: Float[Array, "R J"]  # what banks, users of tariffs and firms carry of it
    transfers: Float[Array, "R J"]  # handed out or waived, whoever carries it; part of the two above
    carbon_payments: Float[Array, "R J"]  # paid by operators under carbon prices (not netted)
    abatement: Float[Array, " R"]  # what operators spend to emit less where carbon has a price
    market_size: Float[Array, "R I"]  # sellers' receipts from domestic purchases
    purchase_tax: Float[Array, " R"]
    support: Float[Array, " R"]  # public money paid per purchase
    private_investment: Float[Array, " R"]  # what buyers pay, plus private shares of programmes
    operating_emissions: Float[Array, " R"]
    life_cycle_emissions: Float[Array, " R"]
    exports: Float[Array, "R I"]  # CNY, by where production sits
    jobs: Float[Array, " R"]
    credit_price: Float[Array, " R"]  # CNY per service unit and year, largest over buyers and technologies
    burden: Float[Array, " R"]  # CNY, what mandates and standards cost buyers over the life of purchases (triangles)
    green_share: Float[Array, " R"]  # of purchases
    green_market: Float[Array, " R"]  # CNY, domestic purchases of green technologies

    @property
    def borne(self) -> Float[Array, "*T R"]:
        """What banks, users of tariffs and firms carry under instruments, and to emit less."""
        return self.other_money.sum(-1) + self.abatement


def account(inputs: Inputs, before: State, year: Year, population: Float[Array, " R"]) -> Account:
    """The accounts of one year; `before` is the state at its start (premiums promised earlier still run)."""
    setting, levers, pulled = inputs.setting, drawn(inputs.levers, inputs.beliefs), year.pull
    t = setting.technologies
    bought, x = year.bought_capacity, year.intensity
    money = jnp.zeros_like(x)

    def put(money: Array, lever: str, values: Array) -> Array:
        return money.at[:, levers.segment(lever)].add(values)

    def slots(lever: str) -> tuple[Array, Array]:
        return x[:, levers.segment(lever)], levers.coefficient[levers.segment(lever)]

    sx, sc = slots("subsidy")
    by_share = levers.share_of_price[levers.segment("subsidy")][:, None, None]
    unit = sc * (1 - by_share + by_share * year.price)
    subsidies = sx * jnp.einsum("rbi,jbi->rj", bought * pulled.subsidy_cut, unit)
    rx, rc = slots("tax_relief")
    stated = jnp.einsum("rj,jbi->rbi", rx, rc)
    kept = jnp.minimum(1.0, 1 / jnp.maximum(stated, 1e-9))
    taxed = bought * year.price * setting.purchase_tax
    relief = rx * jnp.einsum("rbi,jbi->rj", taxed * kept, rc)
    fx, fc = slots("finance")
    finance = fx * jnp.einsum("rbi,jbi->rj", bought * _interest_saved(inputs, year), fc)
    new = jnp.einsum("rbi,jbi->rj", year.bought, pulled.premium_set) * pulled.premium_intensity
    paid = before.commitments[:, levers.segment("output_premium")] + new
    money = put(put(put(put(money, "subsidy", subsidies), "tax_relief", relief), "finance", finance),
                "output_premium", paid)

    reach = jnp.where(levers.coefficient > 0, 1.0, 0.0)
    running = x * (levers.cost_person * population[:, None]
                   + levers.cost_purchase * jnp.einsum("rbi,jbi->rj", bought, reach)
                   + levers.cost_stock * jnp.einsum("rbi,jbi->rj", year.stock / year.service[:, None], reach))
    cx, cc = slots("carbon_price")
    payments = put(jnp.zeros_like(x), "carbon_price",
                   cx * jnp.einsum("rbi,jbi->rj", year.stock * year.operating[:, None], cc) / 1000)

    size = (bought * (year.price + (1 - PASSED_ON) * pulled.subsidy)).sum(1)
    tax = (taxed * (1 - pulled.relief)).sum((1, 2))
    support = subsidies.sum(1)
    exported = setting.supply_share[:, None] * year.exports
    operating = (year.stock * year.operating[:, None]).sum((1, 2))
    embodied = (bought * (t.embodied + t.induced)).sum((1, 2))
    equipment = 1 - t.exports_product
    jobs = ((bought.sum(1) + exported * equipment) * t.jobs_build).sum(1) + (
        (year.stock.sum(1) / year.service) * t.jobs_operate).sum(1)
    beliefs = inputs.beliefs
    # mu in money: d(alpha·log g)/dg = alpha/g
    per_unit = year.mandate * jnp.maximum(year.cost, 0.0) / beliefs.alpha
    credit = per_unit.max((1, 2))
    years = jnp.minimum(t.lifetime, 10.0)
    wished = beliefs.alpha / jnp.maximum(beliefs.alpha, WISHES)
    burden = 0.5 * wished * ((per_unit * year.bought + _displaced(inputs, year)) * years).sum((1, 2))
    orders = year.bought.sum(1)
    return Account(
        public_money=money * levers.budget + running * levers.public_share,
        other_money=money * (1 - levers.budget) + running * (1 - levers.public_share), transfers=money,
        carbon_payments=payments, abatement=(year.stock * year.effort[:, None]).sum((1, 2)), market_size=size,
        purchase_tax=tax, support=support,
        private_investment=size.sum(1) + tax - support + (running * (1 - levers.public_share)).sum(1),
        operating_emissions=operating, life_cycle_emissions=operating + embodied,
        exports=exported * (equipment * year.price + t.exports_product * year.cost.mean((0, 1))),
        jobs=jobs, credit_price=credit, burden=burden,
        green_market=(size * t.green).sum(1),
        green_share=(orders * t.green).sum(1) / jnp.maximum(orders.sum(1), 1e-12),
    )


def _displaced(inputs: Inputs, year: Year) -> Float[Array, "R B I"]:
    """CNY a year that standards cost those who would have bought what is no longer to be had.

    Availability a multiplies a choice as a utility of log a would: to a buyer kept from it, it is worth −log a. Who
    buys something else instead is what the choice without the standard gives more, purchases being the same.
    """
    kept = jnp.clip(year.pull.availability, LEAST_KEPT, 1.0)
    wished = year.share / kept
    wished = wished / jnp.maximum(wished.sum(-1, keepdims=True), 1e-12)
    turned = jnp.maximum(wished - year.share, 0.0) * year.bought.sum(-1, keepdims=True)
    return -jnp.log(kept) * jnp.maximum(year.cost, 0.0) / inputs.beliefs.alpha * turned


def _interest_saved(inputs: Inputs, year: Year) -> Float[Array, "R B I"]:
    """CNY saved over the life of one capacity unit per percentage point off the buyer's rate, worth at the purchase.

    What is paid a year falls from the annuity at the usual rate to `payment`; discounted at that rate over the life.
    """
    setting = inputs.setting
    life = setting.technologies.lifetime
    rate = setting.discount[:, None]
    points = jnp.maximum(year.pull.finance, 1e-9)
    return year.price * (1 - year.payment / annuity(rate, life)) / points
