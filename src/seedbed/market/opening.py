"""Where a market begins: its past, the state at the beginning of the first year, and the limits of nature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seedbed.facts import places
from seedbed.market import history
from seedbed.market.arrays import AGES, State, Technologies
from seedbed.market.contest import LEAST_REPLACED
from seedbed.market.definition import Definition, Technology
from seedbed.market.padding import NO_LIMIT, each, pad
from seedbed.market.slots import DOMESTIC

PRIOR_YEARS = 12  # purchases this far back shape the stock and what buyers remember


@dataclass(frozen=True)
class Past:
    """What is known of the nation before a simulation; amounts in service units, years T up to and with the first."""

    bought: np.ndarray  # T×I, purchases
    held: np.ndarray  # A×I, the stock by age at the beginning of the first year
    stock_share: np.ndarray  # I, of that stock
    remembered: np.ndarray  # I, shares of purchases that buyers remember then


def past(definition: Definition, start: int, memory: float) -> Past:
    """What is known of the nation before `start`; `memory` in years weighs what buyers remember.

    The past follows the law of the future ([7] of docs/equation.md): what is bought is what the stock grows by and what
    wears out, by age. So the first simulated year buys what was bought in it.
    """
    years = np.arange(start - PRIOR_YEARS, start + 1)
    shares = pad(history.shares(definition, years), 0.0)
    demand = history.national_demand(definition, years)
    lifetime = each(definition, "lifetime", 10.0)
    if definition.demand.kind == "purchases":
        bought = demand[:, None] * shares
        held = history.stock_from_purchases(bought[:-1], lifetime)
    else:
        bought, held = _purchases_of_stock(definition, demand[:, None] * shares, lifetime)
    recent = bought / bought.sum(1, keepdims=True)
    weights = (1 - 1 / memory) ** np.arange(len(recent))[::-1]
    remembered = (recent[:-1] * weights[1:, None]).sum(0) / weights[1:].sum()
    return Past(bought, held, held.sum(0) / held.sum(), remembered)


def _purchases_of_stock(definition: Definition, seen: np.ndarray,
                        lifetime: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Purchases T×I that observed stocks T×I imply, and the stock by age at the beginning of the last year.

    What is there stays until it wears out: a dry year sells no dams, and the wet one after it buys none.
    """
    rate = AGES / np.maximum(lifetime, AGES)
    exists = pad([1.0] * len(definition.technologies), 0.0)
    growth = np.clip(seen[1] / np.maximum(seen[0], 1e-12) - 1, 0.0, 1.0)
    held = seen[0] * history.age_profile(lifetime, growth)
    before = held
    bought: list[np.ndarray] = []
    for now in np.vstack([seen[:1], seen]):
        left = history.survivors(held, rate)
        least = np.maximum(LEAST_REPLACED * held[-1] * rate, history.LEAST_SHARE * now.sum() * exists)
        new = np.maximum(now - left.sum(0), least)
        before, held = held, left
        held[0] += new
        bought.append(new)
    natural = pad([float(t.limit is not None) for t in definition.technologies], 0.0)  # idle in a dry year, still there
    kept = np.where(natural > 0, 1.0, seen[-2] / np.maximum(before.sum(0), 1e-12))
    return np.array(bought[1:]), before * kept


def opening(definition: Definition, where: Sequence[places.Place], past: Past, key: np.ndarray,
            wide: Technologies, slots: int, start: int) -> tuple[State, np.ndarray]:
    """State at the beginning of `start`, and the shares of purchases R×I seen that year."""
    split = buyers(definition)
    width = len(definition.technologies)
    own = pad(history.place_stock_shares(definition, past.stock_share[:width], list(where), start - 1), 0.0)
    tilt = np.where(past.stock_share > 0, np.sqrt(own / np.maximum(past.stock_share, 1e-12)), 0.0)
    bought = _normal(past.bought[-1] / past.bought[-1].sum() * tilt)
    remembered = _normal(past.remembered * tilt)
    aged = past.held / np.maximum(past.held.sum(0), 1e-12)
    stock = key[:, None, None] * past.held.sum() * own[:, None] * aged  # R×A×I
    national = past.bought[-1] / wide.service.mean(0)
    factories = pad([_factory(t, start, national[i]) for i, t in enumerate(definition.technologies)], 1.0)
    adequate = adequacy(definition, where, start - 1, key)
    before = np.maximum(past.bought[-2] / wide.service.mean(0), 1e-9)
    use = np.minimum(national / np.maximum(factories, 1e-9), 1.0)
    state = State(
        stock=stock[:, None] * split[:, None, None],
        exposure=np.tile(remembered[:, None], (1, len(DOMESTIC), 1)),
        experience=pad([experience(t, start) for t in definition.technologies], 1.0),
        infrastructure=adequate, base_infrastructure=adequate, factories=factories,
        utilisation=use * wide.bounded + 0.8 * (1 - wide.bounded),
        expected_growth=np.clip(national / before - 1, -0.3, 0.6) * wide.exists,
        last_orders=np.maximum(national, 1e-9),
        commitments=np.zeros((len(where), slots)),
    )
    return state, bought


def adequacy(definition: Definition, where: Sequence[places.Place], year: int, key: np.ndarray) -> np.ndarray:
    """Part of the need for infrastructure that is met, R: the nation's, times a place's part of what was built over its
    part of the need (`key`) where that is known."""
    infrastructure = definition.infrastructure
    if infrastructure is None:
        return np.full(len(where), 0.5)
    part = np.ones(len(where))
    if infrastructure.by_place is not None:
        part = history.place_weights(infrastructure.by_place, where, year) / np.maximum(key, 1e-12)
    return np.clip(history.at(infrastructure.adequacy.values, [year], log=True)[0] * part, 1e-3, 0.95)


def limits(definition: Definition, state: State, past: Past) -> np.ndarray:
    """Natural limits R×I: a place has the part of the nation's that it has of the stock today."""
    out = np.full(state.stock.sum((1, 2)).shape, NO_LIMIT)
    own = state.stock.sum((1, 2))
    for column, technology in enumerate(definition.technologies):
        if technology.limit is not None:
            part = own[:, column] / max(float(past.held[:, column].sum()), 1e-9)
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
