"""What every market sees from outside: energy prices and factors, the grid, the border."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import model_validator

from seedbed import facts
from seedbed.base.datafile import load
from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.base.evidence import Quantity, Rated, cited
from seedbed.base.text import Text, Whole
from seedbed.base.years import LAST, START
from seedbed.facts import places
from seedbed.market.definition import CARRIERS, YearValues

_PRICE = re.compile(r"^([^=@]+)=([x×]?)(\d+(?:\.\d+)?)@(\d{4})(?::(\d{4}))?$")
FILE = Path(__file__).with_name("world.yaml")


class World(Whole):
    """Paths over years and buyers' discount rates; `model_copy(update=...)` makes another world of them."""

    carrier_label: dict[str, Text]
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
            if carrier not in self.carrier_price or carrier not in self.carrier_label:
                raise ValueError(f"carrier_price or carrier_label lacks {carrier}")
            if carrier not in self.carrier_factor and carrier != "electricity":
                raise ValueError(f"carrier_factor lacks {carrier}")
        if len(self.discount) != 3:
            raise ValueError("discount needs government, enterprise and household")
        return self

    def carrier(self, name: str) -> str:
        """The id of a carrier by id or by its label in either language. Raises UnknownNameError."""
        for known, label in self.carrier_label.items():
            if name.lower() in (known, label.zh, label.en):
                return known
        raise UnknownNameError("carrier", name, [*self.carrier_label, *(t.zh for t in self.carrier_label.values())])

    def priced(self, changes: Sequence[str] | None) -> World:
        """This world with other energy prices: `petrol=9.5@2027:2035` in the carrier's unit, or `petrol=x1.5@…`.

        Before and after the named years prices are as they were. Raises UnknownNameError and InvalidInputError.
        """
        prices = dict(self.carrier_price)
        for text in changes or ():
            name, times, number, first, last = self._read(text)
            if not START < first <= last <= LAST:
                raise InvalidInputError(f"the years {first}–{last} cannot be priced.", where=Parameter("price"),
                                        fix=f"give years from {START + 1} to {LAST}.")
            old = prices[name]
            years = np.arange(first - 1, last + 2)
            now = along(old, years)
            inside = now[1:-1] * number if times else np.full(last - first + 1, number)
            kept = {year: value for year, value in old.values.items() if not first <= year <= last}
            new = dict(zip(map(int, years), [now[0], *inside, now[-1]], strict=True))
            prices[name] = old.model_copy(update={"values": kept | new})
        return self.model_copy(update={"carrier_price": prices}) if changes else self

    def check_acts(self, changes: Sequence[str] | None, carriers: Collection[str], until: int) -> None:
        """Raise InvalidInputError for a price that cannot act: after the last year, or of what nobody uses here."""
        for text in changes or ():
            name, _, _, first, _ = self._read(text)
            if first > until:
                raise InvalidInputError(f"no year of {text} is simulated (until {until}).", where=Parameter("price"),
                                        fix="name years of the run.")
            if name not in carriers:
                raise InvalidInputError(f"no technology here uses {text.partition('=')[0].strip()}.",
                                        where=Parameter("price"), fix=f"name one of {', '.join(sorted(carriers))}.")

    def _read(self, text: str) -> tuple[str, bool, float, int, int]:
        """(carrier, whether its price is multiplied, number, first and last year) of a change of price."""
        found = _PRICE.match(text.replace(" ", ""))
        if not found:
            raise InvalidInputError(f"{text!r} is not understood.", where=Parameter("price"),
                                    fix="write CARRIER=PRICE@FIRST:LAST, e.g. petrol=9.5@2027:2035, "
                                        "or petrol=x1.5@2027:2035.")
        return (self.carrier(found[1]), bool(found[2]), float(found[3]), int(found[4]), int(found[5] or found[4]))

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
