"""What a market costs the economy in a year: the social side of an abatement cost.

Counted: equipment bought since DECIDE, as an annuity over its life at RATE; upkeep; energy at buyers' prices; what
operators spend to emit less where carbon has a price; and the running of programmes, whoever pays. Not counted: taxes,
subsidies and carbon payments (they only change hands), what was bought before DECIDE (the same in every run), the grid
and factories behind a purchase, and any liking or dislike of buyers. Equipment is charged only for the years simulated,
as emissions are.
"""

from __future__ import annotations

import jax
import numpy as np
from jaxtyping import Bool, Float

from seedbed.base.years import DECIDE
from seedbed.market.arrays import Inputs
from seedbed.market.contest import carrier_prices
from seedbed.market.trajectory import Path
from seedbed.planning.scenarios import HERE

RATE = 0.05  # real, a year: the government's rate of the equation, also for discounting


def annuity(life: Float[np.ndarray, "*L"]) -> Float[np.ndarray, "*L"] | np.float64:
    """Yearly payment on one CNY over `life` years."""
    return RATE / (1 - (1 + RATE) ** -life)


def discount(years: range) -> Float[np.ndarray, " T"]:
    """Weight of each year, 1 in DECIDE and 0 before it."""
    ahead = np.array(years) - DECIDE
    return np.where(ahead >= 0, (1 + RATE) ** -np.maximum(ahead, 0).astype(float), 0.0)


def resource_cost(inputs: Inputs, path: Path) -> Float[np.ndarray, "S M T"]:
    """CNY a year of all markets of `inputs` (leading axis M) in runs of one place (`path`: leading axes S, M)."""
    market: Inputs = jax.tree.map(np.asarray, inputs)
    t, drivers, levers = market.setting.technologies, market.drivers, market.levers
    bought, stock, service, intensity = (np.asarray(x)[:, :, :, HERE] for x in (
        path.bought, path.stock, path.service[..., None, :], path.intensity))
    price = np.asarray(path.price)
    capacity, units = bought / service, stock / service
    equipment = np.einsum("smui,smui,mi,mtui->smt", capacity.sum(3), price, annuity(t.lifetime),
                          _owed(drivers.year, t.lifetime), optimize=True)
    upkeep = np.einsum("smtbi,mi->smt", units, t.om)
    prices = np.asarray(jax.vmap(carrier_prices)(inputs))
    energy = np.einsum("smtbi,mic,mtbc->smt", stock, t.energy, prices, optimize=True)

    reach = (levers.coefficient > 0).astype(float)
    running = (levers.cost_person[:, None] * drivers.population
               + levers.cost_purchase[:, None] * np.einsum("smtbi,mjbi->smtj", capacity, reach, optimize=True)
               + levers.cost_stock[:, None] * np.einsum("smtbi,mjbi->smtj", units, reach, optimize=True))
    programmes = (intensity * running).sum(-1)
    return equipment + upkeep + energy + programmes + path.account.abatement[:, :, :, HERE]


def _owed(years: Float[np.ndarray, "M T"], life: Float[np.ndarray, "M I"]) -> Bool[np.ndarray, "M T U I"]:
    """1 where what was bought in year u since DECIDE is still being paid for in year t."""
    age = years[:, :, None] - years[:, None, :]
    bought = (years >= DECIDE)[:, None, :]
    return (bought & (age >= 0))[..., None] * (age[..., None] < life[:, None, None, :])
