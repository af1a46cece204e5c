"""Where every province stands in every market at the start: green shares, and whether they are its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from seedbed.base.memory import remembered
from seedbed.base.years import START, UNTIL
from seedbed.facts import places
from seedbed.market.compile import Compiled, compile_market
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
    nation = nationwide(definition, UNTIL)
    where = [p for p in places.provinces() if present(definition, p, START - 1)]
    here = compile_market(definition, where, default_world(), start=START, until=UNTIL)
    return [Standing(definition.id, place.id, float(bought), float(held), bool(mine)) for compiled, known in
            ((nation, [True]), (here, own(here, nation)))
            for place, bought, held, mine in zip(compiled.places, *shares(compiled), known, strict=True)]


def nationwide(definition: Definition, until: int) -> Compiled:
    """A market in the nation."""
    nation = [places.resolve(places.NATION)]
    return compile_market(definition, nation, default_world(), start=START, until=until)


def shares(compiled: Compiled) -> tuple[Float[np.ndarray, " R"], Float[np.ndarray, " R"]]:
    """Green shares of purchases and of the stock in the first year, by place."""
    inputs = compiled.inputs
    green = np.asarray(inputs.setting.technologies.green)
    stock = np.asarray(inputs.start.stock).sum((1, 2))
    return np.asarray(inputs.anchor_share) @ green, stock @ green / np.maximum(stock.sum(1), 1e-12)


def own(compiled: Compiled, nation: Compiled) -> Bool[np.ndarray, " R"]:
    """Whether the shares of places are their own: not the nation's."""
    pairs = zip(shares(compiled), shares(nation), strict=True)
    return np.any([np.abs(mine - whole[0]) > SAME for mine, whole in pairs], axis=0)
