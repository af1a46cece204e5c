"""What every market sees from outside: energy prices and factors, the grid, the border."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import model_validator

from seedbed import facts
from seedbed.base.datafile import load
from seedbed.base.evidence import Quantity, Rated, cited
from seedbed.base.text import Whole
from seedbed.facts import places
from seedbed.market.definition import CARRIERS, YearValues

FILE = Path(__file__).with_name("world.yaml")


class World(Whole):
    """Paths over years and buyers' discount rates; `model_copy(update=...)` makes another world of them."""

    carrier_price: dict[str, YearValues]
    carrier_factor: dict[str, YearValues]
    grid_path: YearValues
    border_price: YearValues
    discount: dict[Literal["government", "enterprise", "household"], Quantity]
    sources: dict[str, Rated]

    _cited = model_validator(mode="before")(cited)

    @model_validator(mode="after")
    def _complete(self) -> World:
        for carrier in CARRIERS:
            if carrier not in self.carrier_price:
                raise ValueError(f"carrier_price lacks {carrier}")
            if carrier not in self.carrier_factor and carrier != "electricity":
                raise ValueError(f"carrier_factor lacks {carrier}")
        if len(self.discount) != 3:
            raise ValueError("discount needs government, enterprise and household")
        return self

    @property
    def rates(self) -> tuple[float, float, float]:
        """Real discount rates of government, enterprise and household, a year."""
        return (self.discount["government"].value, self.discount["enterprise"].value, self.discount["household"].value)


@lru_cache(maxsize=1)
def default_world() -> World:
    """The shipped world (world.yaml)."""
    return load(FILE, World)


def along(path: YearValues, years: np.ndarray) -> np.ndarray:
    """Values at `years`: linear between named years, flat outside."""
    known = sorted(path.values)
    return np.interp(years, known, [path.values[y] for y in known])


def grid_factor(place: places.Place) -> tuple[float, str]:
    """(kgCO2 per kWh in the latest year, whose factor it is): the place, else its region, else the nation."""
    table = facts.read("grid_factors")
    known = set(table.data["place"])
    owner = next(name for name in (place.id, place.grid_region, places.NATION) if name in known)
    series = table.series("factor", owner)
    return series[max(series)], owner
