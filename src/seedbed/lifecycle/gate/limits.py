"""What a carbon footprint can be at all: bounds by kind of product, from limits.yaml."""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import RootModel

from seedbed.base import units
from seedbed.base.datafile import load
from seedbed.base.text import Model, Text


class Bounds(NamedTuple):
    """Least and greatest footprint in kg CO2e per unit of the flow, and the `unit` to say it in, of which the
    flow's unit is `size`."""

    low: float
    high: float
    unit: str
    size: float


class Limit(Model):
    """Bounds of the footprint of one kind of product, kg CO2e per `unit`."""

    unit: str
    names: tuple[str, ...] = ()
    low: float
    high: float
    reason: Text

    def fits(self, unit: str, name: str) -> bool:
        """Whether a product measured in `unit` and called `name` (lower case) is of this kind."""
        return units.dimension(unit) == units.dimension(self.unit) and (
            not self.names or any(_says(name, part) for part in self.names))


def _says(name: str, part: str) -> bool:
    """Whether a word of `name` begins with `part`; Chinese has no spaces, there it may stand anywhere."""
    return re.search(rf"\b{re.escape(part)}", name) is not None if part.isascii() else part in name


class _Limits(RootModel[tuple[Limit, ...]]):
    """The file of limits."""


@cache
def limits() -> tuple[Limit, ...]:
    """The limits, in the order in which they are tried."""
    return load(Path(__file__).parent / "limits.yaml", _Limits).root


def bounds(unit: str | None, name: str) -> Bounds:
    """Bounds of the footprint of a product called `name`, counted in `unit`; infinite for kinds without a limit."""
    symbol = units.canonical(unit) if unit else None
    limit = next((limit for limit in limits() if limit.fits(symbol, name.lower())), None) if symbol else None
    if limit is None or symbol is None:
        return Bounds(-math.inf, math.inf, unit or "?", 1.0)
    size = units.factor(symbol, limit.unit)
    return Bounds(limit.low * size, limit.high * size, limit.unit, size)
