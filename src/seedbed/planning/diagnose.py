"""Diagnosis: where a place stands, and each market there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seedbed import facts
from seedbed.base import years
from seedbed.base.errors import InvalidInputError
from seedbed.base.evidence import Stated
from seedbed.base.text import Text
from seedbed.base.years import DECIDE, START
from seedbed.facts import places
from seedbed.market import history
from seedbed.market.compile import Compiled
from seedbed.market.stage_of import stage_of_market
from seedbed.market.world import grid_factor
from seedbed.planning.industrialisation import IndustrialisationReading, industrialisation
from seedbed.planning.industry_type import IndustryType, industry_type
from seedbed.policy.instrument import Kind
from seedbed.policy.rule import report_rule

if TYPE_CHECKING:
    import xarray

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


def diagnose_place(place: places.Place, year: int = years.LATEST) -> PlaceDiagnosis:
    """Stage, type and numbers of `place`; the nation has no industry type."""
    kind = industry_type(place.id, year) if place.planning_unit else None
    return PlaceDiagnosis(place, industrialisation(place.id, year), kind, tuple(_numbers(place, year)))


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


def _numbers(place: places.Place, year: int) -> list[Stated]:
    out: list[Stated] = []

    def add(id: str, zh: str, en: str, value: float | None, unit: str, formula: Text, *tables: str,
            when: int | None = year) -> None:
        if value is not None and np.isfinite(value):
            out.append(Stated(id=id, label=Text(zh=zh, en=en), value=float(value), unit=unit, formula=formula,
                              tables=tables, year=when))

    read = Text(zh="直接取自数据表", en="read from the table")
    gdp = total("province_economy", "gdp", place).get(year)
    people = total("province_economy", "population", place).get(year)
    money = 1e8 if facts.source("province_economy").variables["gdp"].unit.startswith("100") else 1.0
    if gdp is not None:
        gdp *= money
    add("gdp", "地区生产总值", "Gross domestic product", gdp, "CNY", read, "province_economy")
    add("population", "常住人口", "Resident population", people, "person", read, "province_economy")
    if gdp and people:
        add("gdp_per_head", "人均地区生产总值", "GDP per head", gdp / people, "CNY",
            Text(zh="地区生产总值 ÷ 常住人口", en="GDP ÷ residents"), "province_economy")
    for share, zh, en in (("secondary_share", "第二产业占比", "Secondary industry"),
                          ("tertiary_share", "第三产业占比", "Tertiary industry"),
                          ("urbanisation_rate", "城镇化率", "Urbanisation")):
        known = total("province_economy", share, place) if place.planning_unit else {}
        add(share, zh, en, known.get(year), "share", read, "province_economy")
    co2 = total("province_co2", "total", place)
    if co2:
        last = max(co2)
        add("co2", "二氧化碳排放", "CO2 emissions", co2[last] * 1e6, "tCO2", read, "province_co2", when=last)
    power = total("province_power_output", "consumption", place)
    if power:
        last = max(power)
        add("power", "全社会用电量", "Electricity use", power[last] * 1e9, "kWh", read,
            "province_power_output", when=last)
    out += _capacity(place)
    factor, owner = grid_factor(place)
    whose = read if owner == place.id else Text(
        zh="该地区未公布，取所在电网区域或全国值",
        en="not published for the place: its grid region's or the nation's")
    add("grid_factor", "电网排放因子", "Grid emission factor", factor, "kgCO2/kWh", whose, "grid_factors",
        when=years.LATEST)
    exposure = _border_exposure(place)
    add("border_exposure", "边境碳成本敞口（代理指标）", "Exposure to border carbon costs (proxy)", exposure,
        "times",
        Text(zh="钢、铝、水泥产量占全国比重的均值 ÷ 地区生产总值占全国比重；没有分省出口数据",
             en="mean share of the nation's steel, aluminium and cement ÷ share of its GDP; "
                "exports by province are missing"),
        "province_industry_output", "province_economy", when=None)
    return out


def _capacity(place: places.Place) -> list[Stated]:
    solar, wind = (total("province_power_capacity", t, place) for t in ("solar", "wind"))
    common = sorted(set(solar) & set(wind))
    if not common:
        return []
    last = common[-1]
    watts = (solar[last] + wind[last]) * 1e6
    formula = Text(zh="风电 + 光伏装机", en="wind + solar capacity")
    return [Stated(id="wind_solar", label=Text(zh="风电光伏装机", en="Wind and solar capacity"), value=watts, unit="kW",
                   formula=formula, tables=("province_power_capacity",), year=last)]


def _border_exposure(place: places.Place) -> float | None:
    if not place.planning_unit:
        return None
    nation = places.resolve(places.NATION)
    shares = []
    for good in BORDER_GOODS:
        own, whole = (total("province_industry_output", good, p) for p in (place, nation))
        common = sorted(set(own) & set(whole))
        shares.append(own[common[-1]] / whole[common[-1]] if common else 0.0)
    part = history.place_weights(history.Series(table="province_economy", variable="gdp"), [place])[0]
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
    out = []
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
