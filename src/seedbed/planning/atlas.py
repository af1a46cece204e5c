"""Where every province stands in every market at the start: green shares, and whether they are its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seedbed.base.memory import remembered
from seedbed.base.years import START, UNTIL
from seedbed.facts import places
from seedbed.market.compile import compile_market
from seedbed.market.definition import Definition, definitions
from seedbed.market.history import present
from seedbed.market.world import default_world

SAME = 1e-6
"""A share this near the nation's is the nation's: nothing is known of the place."""


@dataclass(frozen=True)
class Standing:
    """A market in a place in the start year; shares 0–1. `own`: not the nation's for want of the place's numbers."""

    market: str
    place: str
    green_share: float  # of purchases
    green_stock: float
    own: bool


@remembered(1)
def atlas() -> tuple[Standing, ...]:
    """All provinces in all markets that they have, and the nation."""
    return tuple(one for definition in definitions().values() for one in _of(definition))


def _of(definition: Definition) -> list[Standing]:
    where = [p for p in places.provinces() if present(definition, p, START - 1)]
    nation = [places.resolve(places.NATION)]
    bought, held = (np.concatenate(parts) for parts in zip(*(_shares(definition, x) for x in (nation, where)),
                                                           strict=True))
    own = (np.abs(bought - bought[0]) > SAME) | (np.abs(held - held[0]) > SAME)
    return [Standing(definition.id, place.id, float(b), float(h), bool(o) or place.id == places.NATION)
            for place, b, h, o in zip([*nation, *where], bought, held, own, strict=True)]


def _shares(definition: Definition, where: list[places.Place]) -> tuple[np.ndarray, np.ndarray]:
    """Green shares of purchases and of the stock by place."""
    inputs = compile_market(definition, where, default_world(), start=START, until=UNTIL).inputs
    green = np.asarray(inputs.setting.technologies.green)
    stock = np.asarray(inputs.start.stock).sum((1, 2))
    return np.asarray(inputs.anchor_share) @ green, stock @ green / np.maximum(stock.sum(1), 1e-12)
