"""What a mix is judged by: eight totals over the decided years, and one worth made of them.

What is bought near the end serves beyond it. So emissions and running costs of the last year count AFTERLIFE more
years, and a purchase is charged only for the part of its life that falls in that time.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Float

from seedbed.market.account import Account
from seedbed.market.arrays import Array, Inputs
from seedbed.market.contest import NORMAL_USE, carrier_prices
from seedbed.market.trajectory import Path
from seedbed.planning.scenarios import DECIDED

AFTERLIFE = 5.0  # years that the last year goes on counting
LEAST_USE = 0.05  # of capacity; below it idle output is not extrapolated
CARBON_VALUE = 500.0  # CNY/tCO2e; an assumption of the plan, shown in the report
PUBLIC_MONEY = 1.2  # marginal cost of one CNY of public money; an assumption, shown in the report


class Totals(NamedTuple):
    """Sums over the decided years and all places, of one market or of several added up; or weights on them."""

    emissions: Float[Array, ""]  # tCO2e, life-cycle
    public_money: Float[Array, ""]  # CNY: what governments spend or waive
    other_money: Float[Array, ""]  # CNY: Account.borne
    buyers_cost: Float[Array, ""]  # CNY: purchases, running and carbon costs less all support, and the burden
    idle: Float[Array, ""]  # CNY: output that green factories below normal use would add to the place's purchases
    green_market: Float[Array, ""]  # CNY, domestic purchases of green technologies
    jobs: Float[Array, ""]  # job-years
    burden: Float[Array, ""]  # CNY: what mandates and standards cost buyers beyond prices; part of buyers_cost


GOOD = Totals(-1, -1, -1, -1, -1, 1, 1, -1)  # 1: more is better
UNITS = Totals("tCO2e", "CNY", "CNY", "CNY", "CNY", "CNY", "job_year", "CNY")
DEFAULT = Totals(CARBON_VALUE, PUBLIC_MONEY, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)  # CNY per unit of each total


class Record(NamedTuple):
    """One market's run as the optimiser sees it."""

    totals: Totals
    money: Float[Array, " D"]  # CNY of public money in each decided year
    adoption: Float[Array, ""]  # green share of purchases in the last year
    intensity: Float[Array, "D R J"]


def worth(weights: Totals, totals: Totals) -> Any:
    """CNY, in the shape of the totals: every total times its weight, costs negative."""
    return sum(g * w * x for g, w, x in zip(GOOD, weights, totals, strict=True))


def first(totals: Totals) -> Totals:
    """Those of the first member, as plain numbers."""
    return Totals(*(float(x[0]) for x in totals))


def record(inputs: Inputs, path: Path) -> Record:
    """What is kept of one market's run (years from START, decided from DECIDE)."""
    last, books = path.account, Account(*(x[DECIDED] for x in path.account))
    totals = Totals(
        emissions=(books.life_cycle_emissions.sum() + AFTERLIFE * last.operating_emissions[-1].sum()) / 1000,
        public_money=books.public_money.sum(), other_money=books.borne.sum(),
        buyers_cost=_buyers_cost(inputs, path), idle=_idle(inputs, path),
        green_market=books.green_market.sum(), jobs=books.jobs.sum(), burden=books.burden.sum())
    size = last.market_size[-1].sum(-1)
    adoption = (last.green_share[-1] * size).sum() / size.sum()
    return Record(totals, books.public_money.sum((1, 2)), adoption, path.intensity[DECIDED])


def _buyers_cost(inputs: Inputs, path: Path) -> Array:
    """What households, firms and government pay as buyers and users (the accounts do not split it among them)."""
    t, books, levers = inputs.setting.technologies, path.account, inputs.levers
    year = inputs.drivers.year[DECIDED]
    left = year[-1] + 1 + AFTERLIFE - year
    charged = jnp.minimum(left[:, None] / t.lifetime, 1.0)  # part of the life that counts, D×I
    size = books.market_size[DECIDED].sum(1)
    part = (size * charged).sum(-1) / size.sum(-1)
    programmes = books.other_money[DECIDED] - books.transfers[DECIDED] * (1 - levers.budget)  # counted as other_money
    bought = ((books.private_investment[DECIDED].sum(-1) - programmes.sum((1, 2))) * part).sum()
    price = carrier_prices(inputs)[DECIDED]
    stock = path.stock[DECIDED]
    energy = jnp.einsum("drbi,ic,dbc->d", stock, t.energy, price)
    upkeep = (stock.sum(2) / path.service[DECIDED] * t.om).sum((1, 2))
    paid = books.transfers[DECIDED]
    eased = paid[..., levers.segment("output_premium")].sum((1, 2))
    running = energy + upkeep + books.carbon_payments[DECIDED].sum((1, 2)) + books.abatement[DECIDED].sum(1) - eased
    interest = (paid[..., levers.segment("finance")].sum((1, 2)) * part).sum()
    return bought + running.sum() + AFTERLIFE * running[-1] - interest + books.burden[DECIDED].sum()


def _idle(inputs: Inputs, path: Path) -> Array:
    """Idle factories in money: what use below normal leaves unmade, in proportion to the place's own purchases."""
    t = inputs.setting.technologies
    use = jnp.maximum(path.utilisation[DECIDED], LEAST_USE)
    unmade = jnp.maximum(NORMAL_USE / use - 1, 0.0) * t.bounded * t.green
    return (path.account.market_size[DECIDED].sum(1) * unmade).sum()
