"""What a carbon footprint can be at all: bounds by kind of product, from limits.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field, RootModel

from seedbed.datafile import load
from seedbed.footprint.inventory import units
from seedbed.labels import Model, Text

Bounds = tuple[float, float]
NO_BOUNDS: Bounds = (float("-inf"), float("inf"))


class Limit(Model):
    """Bounds of the footprint of one kind of product, kg CO2e per `unit`."""

    unit: str
    names: tuple[str, ...] = Field(default=())
    low: float
    high: float
    reason: Text

    def fits(self, unit: str, name: str) -> bool:
        """Whether a product measured in `unit` and called `name` (lower case) is of this kind."""
        return units.dimension(unit) == units.dimension(self.unit) and (
            not self.names or any(part in name for part in self.names))


class _Limits(RootModel[tuple[Limit, ...]]):
    """The file of limits."""


@cache
def limits() -> tuple[Limit, ...]:
    """The limits, in the order in which they are tried."""
    return load(Path(__file__).parent / "limits.yaml", _Limits).root


def bounds(unit: str | None, name: str) -> Bounds:
    """Least and greatest footprint, kg CO2e per `unit` of the product called `name`; none for other products."""
    symbol = units.canonical(unit) if unit else None
    limit = next((limit for limit in limits() if limit.fits(symbol, name.lower())), None) if symbol else None
    if limit is None or symbol is None:
        return NO_BOUNDS
    size = units.factor(symbol, limit.unit)
    return limit.low * size, limit.high * size
