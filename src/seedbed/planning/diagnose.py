"""Diagnosis: where a place stands, and each market there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seedbed import facts
from seedbed.base.datafile import is_dict, load_yaml, parse
from seedbed.base.errors import InvalidInputError
from seedbed.base.evidence import Stated
from seedbed.base.text import Model, Text
from seedbed.base.years import DECIDE, LATEST, START
from seedbed.facts import places
from seedbed.market import history
from seedbed.market.compile import Compiled
from seedbed.market.stage_of import stage_of_market
from seedbed.market.world import grid_factor
from seedbed.planning.industrialisation import IndustrialisationReading
from seedbed.planning.industry_type import IndustryType
from seedbed.planning.stage import stage_of_place
from seedbed.policy.instrument import Kind
from seedbed.policy.rule import report_rule

if TYPE_CHECKING:
    import xarray

FILE = Path(__file__).with_name("place_numbers.yaml")
BORDER_GOODS = ("crude_steel", "aluminium_products", "cement")


@dataclass(frozen=True)
class PlaceDiagnosis:
    """A place: stage, type and the numbers behind them."""

    place: places.Place
    industrialisation: IndustrialisationReading
    type: IndustryType | None
    numbers: tuple[Stated, ...]


@dataclass(frozen=True)
class MarketDiagnosis:
    """A market in the place, today; arrays over kinds are in the order of Kind."""

    id: str
    stage: tuple[float, ...]  # probabilities in the order of Stage, green market in the place
    national_stage: str | None  # most likely stage of the observed national series
    national_probability: float | None
    size: float  # CNY a year, domestic purchases
    green_share: float
    growth: float  # of the green market until the last year under policy as it is, per year
    exports: float  # CNY a year, green technologies
    utilisation: float | None  # of green factories in the nation
    strength: tuple[float, ...]  # mean intensity by kind, policy as it is in the first decided year
    rule_strength: tuple[float, ...]  # what the report's rule asks for at this stage
    data: str


def diagnose_place(place: places.Place, year: int = LATEST) -> PlaceDiagnosis:
    """Stage, type and numbers of `place`; the nation has no industry type."""
    found = stage_of_place(place.id, year=year)
    return PlaceDiagnosis(place, found.industrialisation, found.type, tuple(_numbers(place, year)))


def total(table: str, variable: str, place: places.Place) -> dict[int, float]:
    """Year → value of a place; the nation is its own rows or, without them, the sum of its provinces."""
    read = facts.read(table, variable=variable)
    if place.id in set(read.data["place"]):
        return read.series(variable, place.id)
    if place.id != places.NATION:
        return {}
    sums: dict[int, list[float]] = {}
    units = {p.id for p in places.provinces()}
    for where, year, value in read.data.select("place", "year", "value").iter_rows():
        if where in units:
            sums.setdefault(int(year), []).append(float(value))
    return {y: sum(v) for y, v in sums.items() if len(v) >= 29}


class Kept(Model):
    """What place_numbers.yaml says of a number."""

    label: Text
    unit: str
    formula: Text
    tables: tuple[str, ...]


@cache
def _kept() -> dict[str, Kept]:
    raw = load_yaml(FILE)
    assert is_dict(raw)
    return {name: parse(entry, Kept, where=f"{FILE.name}, {name}") for name, entry in raw.items()}


def _numbers(place: places.Place, year: int) -> Iterator[Stated]:
    """The numbers of place_numbers.yaml that are known of a place."""
    for name, value, when in _values(place, year):
        if value is not None and np.isfinite(value):
            id = name.removesuffix("_around")
            yield Stated(id=id, value=float(value), year=when, **_kept()[name].model_dump())


def _values(place: places.Place, year: int) -> Iterator[tuple[str, float | None, int | None]]:
    """(name, value, year) of each number, in the order they are shown."""
    gdp = total("province_economy", "gdp_revised", place).get(year) or total("province_economy", "gdp", place).get(year)
    people = total("province_economy", "population", place).get(year)
    if gdp is not None:
        gdp *= 1e8 if facts.source("province_economy").variables["gdp"].unit.startswith("100") else 1.0
    yield "gdp", gdp, year
    yield "population", people, year
    yield "gdp_per_head", gdp / people if gdp and people else None, year
    for share in ("secondary_share", "tertiary_share", "urbanisation_rate"):
        yield share, total("province_economy", share, place).get(year) if place.planning_unit else None, year
    for name, table, variable, size in (("co2", "province_co2", "total", 1e6),
                                        ("power", "province_power_output", "consumption", 1e9)):
        if known := total(table, variable, place):
            yield name, known[max(known)] * size, max(known)
    solar, wind = (total("province_power_capacity", t, place) for t in ("solar", "wind"))
    if common := set(solar) & set(wind):
        yield "wind_solar", (solar[max(common)] + wind[max(common)]) * 1e6, max(common)
    factor, owner = grid_factor(place)
    yield "grid_factor" if owner == place.id else "grid_factor_around", factor, LATEST
    yield "border_exposure", _border_exposure(place), None


def _border_exposure(place: places.Place) -> float | None:
    if not place.planning_unit:
        return None
    nation = places.resolve(places.NATION)
    shares: list[float] = []
    for good in BORDER_GOODS:
        own, whole = (total("province_industry_output", good, p) for p in (place, nation))
        common = sorted(set(own) & set(whole))
        shares.append(own[common[-1]] / whole[common[-1]] if common else 0.0)
    part = history.place_weights(history.Series(table="province_economy", variable="gdp"), [place], START)[0]
    return float(np.mean(shares) / part)


def diagnose_market(compiled: Compiled, runs: xarray.Dataset) -> MarketDiagnosis:
    """A market from the central runs of a plan (`runs.central`)."""
    here = runs.sel(scenario="as_is", market=compiled.definition.id)
    technologies = compiled.definition.technologies
    n = len(technologies)
    green = np.array([t.green for t in technologies])
    value = here.market_size.values[:, :n] @ green
    stage = here.stage.sel(year=DECIDE - 1).values
    now = here.sel(year=START)
    bounded = np.array([t.green and t.factory is not None for t in technologies])
    use = now.utilisation.values[:n][bounded]
    asked = np.array(report_rule().matrix()) @ stage
    national, probability = _national_stage(compiled)
    return MarketDiagnosis(
        compiled.definition.id, tuple(float(p) for p in stage), national, probability,
        float(now.market_size.sum()), float(now.green_share),
        float((max(value[-1], 1e-9) / max(value[0], 1e-9)) ** (1 / (len(value) - 1)) - 1),
        float(now.exports.values[:n] @ green), float(use.mean()) if bounded.any() else None,
        _strength(compiled, here.intensity.sel(year=DECIDE).values), tuple(float(x) for x in asked),
        compiled.definition.data)


def _strength(compiled: Compiled, intensity: np.ndarray) -> tuple[float, ...]:
    """Mean intensity by kind over the instruments that reach the market and are not ended."""
    out: list[float] = []
    for kind in Kind:
        mine = [float(x) for x, i in zip(intensity, compiled.slots.instruments, strict=True)
                if i is not None and i.kind == kind and i.status != "ended"]
        out.append(float(np.mean(mine)) if mine else 0.0)
    return tuple(out)


def _national_stage(compiled: Compiled) -> tuple[str | None, float | None]:
    try:
        reading = stage_of_market(compiled.definition).reading
    except InvalidInputError:  # it has no series, or one too short
        return None, None
    return reading.now.value, float(reading.probabilities[-1].max())
