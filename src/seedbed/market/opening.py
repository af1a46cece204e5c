"""Where a market begins: its past, the state at the beginning of the first year, and the limits of nature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seedbed.facts import places
from seedbed.market import history
from seedbed.market.arrays import State, Technologies
from seedbed.market.definition import Definition, Technology
from seedbed.market.padding import NO_LIMIT, each, pad
from seedbed.market.slots import DOMESTIC

PRIOR_YEARS = 12  # purchases this far back shape the stock and what buyers remember


@dataclass(frozen=True)
class Past:
    """National purchases T×I (service units) of the years before the start, and shares to start from."""

    bought: np.ndarray
    stock: np.ndarray  # I, national, service units
    stock_share: np.ndarray
    remembered: np.ndarray


def past(definition: Definition, start: int, memory: float) -> Past:
    """What is known of the nation before `start`; `memory` in years weighs what buyers remember."""
    years = np.arange(start - PRIOR_YEARS, start + 1)
    shares = pad(history.shares(definition, years), 0.0)
    demand = history.national_demand(definition, years)
    if definition.demand.kind == "purchases":
        bought = demand[:, None] * shares
        stock = history.stock_from_purchases(bought, each(definition, "lifetime", 10.0)).sum(0)
        stock_share = stock / stock.sum()
    else:
        held = demand[:, None] * shares
        bought, stock, stock_share = _purchases_from_stock(definition, held), held[-1], shares[-1]
    recent = bought / bought.sum(1, keepdims=True)
    weights = (1 - 1 / memory) ** np.arange(len(recent))[::-1]
    remembered = (recent[:-1] * weights[1:, None]).sum(0) / weights[1:].sum()
    return Past(bought, stock, stock_share, remembered)


def _purchases_from_stock(definition: Definition, stock: np.ndarray) -> np.ndarray:
    """Purchases that observed stocks imply: net change (three-year mean) plus wear, never negative."""
    lifetime = each(definition, "lifetime", 10.0)
    change = np.gradient(stock, axis=0)
    kernel = np.ones(3) / 3
    padded = np.pad(change, ((1, 1), (0, 0)), mode="edge")
    smooth = np.apply_along_axis(lambda c: np.convolve(c, kernel, mode="valid"), 0, padded)
    worn = stock / lifetime
    exists = pad([1.0] * len(definition.technologies), 0.0)
    floor = history.LEAST_SHARE * stock.sum(1, keepdims=True) * exists
    return np.maximum(np.maximum(smooth + worn, 0.1 * worn), floor)


def opening(definition: Definition, where: Sequence[places.Place], past: Past, key: np.ndarray, demand: float,
            wide: Technologies, slots: int, start: int) -> tuple[State, np.ndarray]:
    """State at the beginning of `start`, and the shares of purchases R×I seen that year."""
    split = buyers(definition)
    width = len(definition.technologies)
    own = pad(history.place_stock_shares(definition, past.stock_share[:width], list(where), start), 0.0)
    tilt = np.where(past.stock_share > 0, np.sqrt(own / np.maximum(past.stock_share, 1e-12)), 0.0)
    bought = _normal(past.bought[-1] / past.bought[-1].sum() * tilt)
    remembered = _normal(past.remembered * tilt)
    if definition.demand.kind == "purchases":
        level = history.stock_from_purchases(past.bought, wide.lifetime)
        stock = key[:, None, None] * level
    else:
        growth = max(float(past.bought[-1].sum() / demand) - 1 / float(np.median(wide.lifetime)), 0.0)
        stock = key[:, None, None] * demand * own[:, None] * history.age_profile(wide.lifetime, growth)
    national = past.bought[-1] / wide.service.mean(0)
    factories = pad([_factory(t, start, national[i]) for i, t in enumerate(definition.technologies)], 1.0)
    known = definition.infrastructure.adequacy.values if definition.infrastructure else {start: 0.5}
    adequate = np.full(len(where), float(np.clip(history.at(known, [start - 1], log=True)[0], 1e-3, 0.95)))
    before = np.maximum(past.bought[-2] / wide.service.mean(0), 1e-9)
    use = np.minimum(national / np.maximum(factories, 1e-9), 1.0)
    state = State(
        stock=stock[:, None] * split[:, None, None] if stock.ndim == 3 else stock,
        exposure=np.tile(remembered[:, None], (1, len(DOMESTIC), 1)),
        experience=pad([experience(t, start) for t in definition.technologies], 1.0),
        infrastructure=adequate, base_infrastructure=adequate, factories=factories,
        utilisation=use * wide.bounded + 0.8 * (1 - wide.bounded),
        expected_growth=np.clip(national / before - 1, -0.3, 0.6) * wide.exists,
        last_orders=np.maximum(national, 1e-9),
        commitments=np.zeros((len(where), slots)),
    )
    return state, bought


def limits(definition: Definition, state: State, past: Past) -> np.ndarray:
    """Natural limits R×I: a place has the part of the nation's that it has of the stock today."""
    out = np.full(state.stock.sum((1, 2)).shape, NO_LIMIT)
    own = state.stock.sum((1, 2))
    for column, technology in enumerate(definition.technologies):
        if technology.limit is not None:
            part = own[:, column] / max(past.stock[column], 1e-9)
            out[:, column] = np.maximum(technology.limit.value * part, 1.02 * own[:, column] + 1e-9)
    return out


def experience(technology: Technology, year: int) -> float:
    """World cumulative units of a technology in `year`; 1 where it does not learn."""
    if technology.experience is None:
        return 1.0
    return float(history.at(technology.experience.cumulative.values, [year], log=True)[0])


def _factory(technology: Technology, year: int, orders: float) -> float:
    if technology.factory is None:
        return max(orders / 0.8, 1e-9)
    return float(history.at(technology.factory.values, [year])[0])


def _normal(shares: np.ndarray) -> np.ndarray:
    return shares / shares.sum(-1, keepdims=True)


def buyers(definition: Definition) -> np.ndarray:
    """Shares of domestic purchases, in the order of DOMESTIC."""
    c = definition.channels
    return np.array([c.government, c.enterprise, c.household])
