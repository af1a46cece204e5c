"""A market definition: one YAML file names the service, its technologies, demand and data.

Adding a market or a technology is adding data here, never code. Units are stated per quantity and checked
when the file is read. Words: a technology is bought in *capacity units* (a vehicle, a kW, a t/a of capacity)
and each capacity unit yields `service` units a year (a vehicle, MWh, t). Technologies compete for service.
"""

from __future__ import annotations

from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from seedbed.base.datafile import load_folder, with_own
from seedbed.base.errors import UnknownNameError
from seedbed.base.evidence import Quantity, Rated, cited
from seedbed.base.text import Model, Text, Whole
from seedbed.facts.places import plain
from seedbed.lifecycle.starter import footprints

DEFINITIONS = Path(__file__).parent / "definitions"

CARRIERS: dict[str, str] = {
    "electricity": "kWh", "gasoline": "L", "diesel": "L", "gas": "m3", "coal": "kg", "coke": "kg",
    "hydrogen": "kg", "scrap": "kg", "heat": "MJ", "biomass": "kg", "uranium": "kWh",
}
"""Energy and material carriers bought by technologies, with the unit of their use and price."""


SLACK = 0.005  # by which rounded shares may miss one
LABEL = (0.10, 0.10, 0.14)
"""Weight of a label for government, enterprises and households. Carbon labels in field experiments: 0.12 (Lohmann et
al. 2022, footprint of meals −4.3 %), 0.10–0.16 (Brunner et al. 2018, −3.6 %). Firms see price and grade: low end."""


class Embodied(Model):
    """What making one capacity unit gives off: `amount` (`unit`) of a `product` of the starter footprints."""

    product: str
    amount: float = Field(gt=0)
    unit: str

    @model_validator(mode="after")
    def _known(self) -> Embodied:
        try:
            footprints.amount(self.product, self.amount, self.unit)
        except UnknownNameError as error:
            raise ValueError(str(error).rstrip(".")) from error
        return self

    @property
    def value(self) -> float:
        """kgCO2e per capacity unit, GWP100 of AR6, as supplied to China."""
        return footprints.amount(self.product, self.amount, self.unit)


class YearValues(Model):
    """Values at named years, interpolated between them and flat outside; `assumption` marks an outlook."""

    values: dict[int, float] = Field(min_length=1)
    unit: str
    source: Rated
    assumption: bool = False

    @model_validator(mode="after")
    def _in_time(self) -> YearValues:
        if wrong := [year for year in self.values if not 1900 <= year <= 2100]:
            raise ValueError(f"{wrong[0]} is no year of a market")
        return self

    def at_least(self, least: float, most: float = inf) -> YearValues:
        """The same. Raises ValueError for a value that lies outside."""
        for year, value in self.values.items():
            if not least <= value <= most:
                raise ValueError(f"the value of {year} is {value:g}; it lies between {least:g} and {most:g}")
        return self


class Series(Model):
    """A link to a variable of a facts table, times `scale` (to this market's unit)."""

    table: str
    variable: str
    scale: float = 1.0


class Experience(Model):
    """What the learning curve runs on: world cumulative units by year and yearly additions outside China."""

    cumulative: YearValues
    elsewhere: YearValues

    @model_validator(mode="after")
    def _possible(self) -> Experience:
        self.cumulative.at_least(0.0)
        if not self.elsewhere.at_least(0.0).unit.endswith(("/a", "a year", "per year")):
            raise ValueError(f"elsewhere is stated in {self.elsewhere.unit!r}; write what is added a year, in …/a")
        return self


class Export(Model):
    """Exports from China a year and what they meet abroad: the equipment itself, or the product it makes.

    Equipment (vehicles, panels) is counted in capacity units, keeps factories busy and adds jobs; a product
    (steel, cement) is counted in service units and is already part of demand and of operating jobs.
    `tariff` is the average extra duty as a share of price; `border_carbon` says whether a border carbon cost
    applies to the emissions of making one service unit.
    """

    what: Literal["equipment", "product"] = "equipment"
    history: YearValues
    outlook: YearValues
    tariff: Quantity | None = None
    border_carbon: bool = False

    @model_validator(mode="after")
    def _possible(self) -> Export:
        if self.history.at_least(0.0).unit != self.outlook.at_least(0.0).unit:
            raise ValueError(f"history is stated in {self.history.unit!r} and outlook in {self.outlook.unit!r}")
        return self


DEAR = 1e13
"""CNY a unit beyond which a price was typed wrong: a tenth of the nation's product."""
POSSIBLE: dict[str, tuple[str, str, float, float]] = {  # what its unit begins and ends with, least and most
    "price": ("CNY/", "", 0.0, DEAR), "om": ("CNY/", "/a", 0.0, DEAR), "lifetime": ("a", "a", 1.0, 200.0),
    "service": ("", "", 1e-12, inf), "learning_rate": ("", "per doubling", 0.0, 0.9),
    "jobs_build": ("job-years/", "", 0.0, inf), "jobs_operate": ("jobs/", "", 0.0, inf),
    "process_emissions": ("kgCO2", "", -inf, inf), "embodied": ("kgCO2e/", "", -inf, inf), "limit": ("", "", 0.0, inf),
    "displacement": ("share", "", 0.0, 1.0),
}


class Technology(Model):
    """One alternative in a market.

    Where it stands is known by `output_by_place` (service units a year) or `capacity_by_place` (capacity units);
    alternatives with the same series share it. `only_in` names the provinces that can have it (a coast).
    `displacement` is the part of a purchase that replaces one of the remainder; the rest is bought on top of it.
    `limit` is the most service a year the nation can have of it (rivers, scrap), in service units.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: Text
    green: bool
    price: Quantity
    learning_share: float = Field(ge=0, le=1)
    learning_rate: Quantity
    experience: Experience | None = None
    service: Quantity
    service_by_place: tuple[Series, Series] | None = None
    capacity_by_place: Series | None = None
    output_by_place: Series | None = None
    only_in: tuple[str, ...] = ()
    lifetime: Quantity
    om: Quantity
    energy: dict[str, Quantity] = Field(default_factory=dict)
    process_emissions: Quantity | None = None
    embodied: Embodied | Quantity
    jobs_build: Quantity
    jobs_operate: Quantity
    observed: Series | None = None
    shares: YearValues | None = None
    remainder: bool = False
    export: Export | None = None
    factory: YearValues | None = None
    infrastructure: float = Field(default=0.0, ge=0, le=1.5)
    value_drop: float = Field(default=0.0, ge=0, le=4)
    entry: int | None = None
    limit: Quantity | None = None
    displacement: Quantity | None = None
    learns_with: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _possible(self) -> Technology:
        """Numbers that can be, in the units that the equation counts with."""
        for name, (begins, ends, least, most) in POSSIBLE.items():
            number: Quantity | Embodied | None = getattr(self, name)
            if not isinstance(number, Quantity):
                continue
            if not (number.unit.startswith(begins) and number.unit.endswith(ends)):
                raise ValueError(f"{name} is stated in {number.unit!r}; write it in {begins}…{ends}")
            if number.year is not None and not 1900 <= number.year <= 2100:
                raise ValueError(f"{name} is of the year {number.year}")
            if not least <= number.value <= most:
                raise ValueError(f"{name} is {number.value:g}; it lies between {least:g} and {most:g}")
        for carrier, use in self.energy.items():
            if use.value < 0:
                raise ValueError(f"the use of {carrier} is {use.value:g}, below zero")
        if self.shares and not all(0 <= share <= 1 for share in self.shares.values.values()):
            raise ValueError("a share lies outside 0–1")
        known = self.shares.values if self.shares and self.entry else {}
        if any(share > 0.001 for year, share in known.items() if year < (self.entry or 0)):
            raise ValueError(f"it is sold before it enters in {self.entry}")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Technology:
        for carrier, use in self.energy.items():
            if carrier not in CARRIERS:
                raise ValueError(f"carrier {carrier!r} is unknown; one of {', '.join(CARRIERS)}")
            unit = CARRIERS[carrier] + "/"
            if not use.unit.startswith(unit):
                raise ValueError(f"use of {carrier} must be stated in {unit}<service unit>, not {use.unit}")
        ways = sum([self.observed is not None, self.shares is not None, self.remainder])
        if ways != 1:
            raise ValueError("give exactly one of observed, shares, remainder: how its past share is known")
        if self.learning_share > 0 and self.experience is None:
            raise ValueError("a learning technology needs experience")
        return self


class Demand(Model):
    """How much service is wanted in the nation: history from a facts table or listed values, then an outlook.

    A place has the part that `place_key` gives it; without one that of its plants where they are known, else of people.

    With less than `least_part` of the nation it has no such market.

    `with_exports`: history, outlook and observed series count exports too; they are taken off.
    """

    kind: Literal["stock", "purchases"]
    with_exports: bool = False
    history: Series | YearValues
    outlook: YearValues
    place_key: Series | None = None
    least_part: float = Field(default=0.0, ge=0, lt=1)
    place_key_note: Text | None = None

    @model_validator(mode="after")
    def _possible(self) -> Demand:
        self.outlook.at_least(0.0)
        if isinstance(self.history, YearValues) and self.history.at_least(0.0).unit != self.outlook.unit:
            raise ValueError(f"history is stated in {self.history.unit!r} and outlook in {self.outlook.unit!r}")
        return self


class Infrastructure(Model):
    """What a market needs around it; `adequacy` is the part of the need that is met (0–1), at named years.

    Between the first and the last named year the simulation follows it; afterwards building and wear decide. What was
    built by place (`by_place`) over the place's part of the need sets a place apart from the nation.
    """

    label: Text
    adequacy: YearValues
    by_place: Series | None = None

    @model_validator(mode="after")
    def _possible(self) -> Infrastructure:
        if self.adequacy.at_least(0.0, 1.0).unit != "share of need":
            raise ValueError(f"adequacy is stated in {self.adequacy.unit!r}; write it as 'share of need'")
        return self


class Channels(Model):
    """Shares of domestic purchases and real discount rates by buyer."""

    government: float = Field(ge=0, le=1)
    enterprise: float = Field(ge=0, le=1)
    household: float = Field(ge=0, le=1)
    source: Rated

    @model_validator(mode="after")
    def _whole(self) -> Channels:
        total = self.government + self.enterprise + self.household
        if abs(total - 1) > 1e-6:
            raise ValueError(f"channel shares sum to {total:g}, not 1")
        return self


class Forecast(Model):
    """Technologies that are forecast together under policy as it is, by series of forecasts.json.

    Without a series of its own a `province` moves as the nation does.
    """

    technologies: tuple[str, ...] = Field(min_length=1)
    nation: str
    province: str | None = None


class Definition(Whole):
    """One market."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]+$")
    label: Text
    category: Literal["carbon_saving", "recycling", "environment", "ecology"]
    form: Literal["manufacturing", "infrastructure", "service"]
    key_task: int = Field(ge=1, le=7)
    service_unit: Text
    capacity_unit: Text
    data: Literal["good", "fair", "thin"]
    data_note: Text
    channels: Channels
    purchase_tax: Quantity | None = None
    demand: Demand
    potential: Quantity
    label_weight: Quantity | None = None
    infrastructure: Infrastructure | None = None
    supply_key: Series | None = None
    stage_series: Series | None = None
    technologies: tuple[Technology, ...] = Field(min_length=2, max_length=7)
    forecasts: tuple[Forecast, ...] = Field(default=(), max_length=2)
    sources: dict[str, Rated]

    _cited = model_validator(mode="before")(cited)

    @model_validator(mode="after")
    def _consistent(self) -> Definition:
        ids = [t.id for t in self.technologies]
        if len(set(ids)) != len(ids):
            raise ValueError("two technologies share an id")
        if not any(t.green for t in self.technologies) or all(t.green for t in self.technologies):
            raise ValueError("a market needs green technologies and others")
        if sum(t.remainder for t in self.technologies) > 1:
            raise ValueError("only one technology can be the remainder")
        stated = [t.shares.values for t in self.technologies if t.shares]
        years = [set(values) for values in stated]
        for year in years[0].intersection(*years[1:]) if years else ():
            total = sum(values[year] for values in stated)
            whole = len(stated) == len(self.technologies)
            if total > 1 + SLACK or (whole and total < 1 - SLACK):
                raise ValueError(f"the shares of {year} sum to {total:.3g}")
        if self.purchase_tax and not 0 <= self.purchase_tax.value <= 1:
            raise ValueError(f"purchase_tax is {self.purchase_tax.value:g}; it is a share of the price")
        unknown = {name for f in self.forecasts for name in f.technologies} - set(ids)
        if unknown:
            raise ValueError(f"forecasts names technologies that are not there: {', '.join(sorted(unknown))}")
        return self

    @property
    def carriers(self) -> set[str]:
        """What its technologies run on."""
        return {name for t in self.technologies for name in t.energy}

    @property
    def induced(self) -> list[float]:
        """kgCO2e of what is bought on top of one capacity unit as it does not replace a whole one (`displacement`)."""
        usual = next((t.embodied.value for t in self.technologies if t.remainder), 0.0)
        return [(1 - t.displacement.value) * usual if t.displacement else 0.0 for t in self.technologies]

    @property
    def label_weights(self) -> tuple[float, float, float]:
        """Weight of a label on all that is bought, by government, enterprise, household (`label_weight`, or LABEL)."""
        return LABEL if self.label_weight is None else (LABEL[0], LABEL[1], self.label_weight.value)


@lru_cache(maxsize=4)
def shipped(folder: Path = DEFINITIONS) -> dict[str, Definition]:
    """The markets of a folder by id, in id order; a file's name is its id."""
    return load_folder(folder, Definition)


def definitions(*, whole: bool = False) -> dict[str, Definition]:
    """All markets by id: those that ship, then those of `markets/` in the home folder.

    A broken file there stops only what asks for the `whole`, or for what it holds (`get`).
    """
    return with_own(shipped(), "markets", Definition, whole=whole)


def get(name: str) -> Definition:
    """One market by id or by its label in either language; raises UnknownNameError with the nearest ids."""
    for whole in (False, True):
        for definition in definitions(whole=whole).values():
            if plain(name) in map(plain, (definition.id, definition.label.zh, definition.label.en)):
                with_own(shipped(), "markets", Definition, whole=False, named=definition.id)
                return definition
    raise UnknownNameError("market", name, definitions())
