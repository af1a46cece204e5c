"""Electricity as it reaches its users: the mix of sources in the nation and in each province.

Generation by source is national (all plants) and provincial (above size, or capacity where output is not
published); the provinces are scaled to the nation source by source. What a province uses beyond its own
supply comes from the surpluses of its grid region and then of the nation: a pool, because flows between
pairs of provinces are not in the facts. A province that only passes power on is not seen.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from seedbed import facts
from seedbed.base.datafile import load
from seedbed.base.errors import InvalidInputError
from seedbed.base.evidence import Source
from seedbed.base.text import Model, Text
from seedbed.facts import places
from seedbed.lifecycle.labels import filled
from seedbed.lifecycle.starter.schema import Exchange, Process, Product, Sector

Array = np.ndarray[Any, Any]
Numbers = dict[str, dict[int, float]]

FUELS = ("coal", "gas", "oil", "bioenergy", "hydro", "nuclear", "solar", "wind")
"""Sources of the national statistics."""
FLOWS = (
    "electricity_from_coal", "electricity_from_gas", "electricity_from_oil", "electricity_from_biomass",
    "electricity_from_hydro", "electricity_from_nuclear", "electricity_from_pv", "electricity_from_wind_onshore",
    "electricity_from_wind_offshore",
)
"""The columns of every array here: the sources, with wind in two."""
_HYDRO, _NUCLEAR, _SOLAR, _WIND = 4, 5, 6, 7
_THERMAL = slice(0, 4)
_SHANDONG = "CN-SD"
_TABLES = ("national_generation_mix", "national_power", "province_power_output", "province_power_capacity")
_SPREAD = {True: 1.02, False: 1.10}  # of shares: statistics of the nation; provinces, where part is estimated
_SMALL = 1e-6  # kWh per kWh: below, a source is left out of a mix


class _Given(Model):
    source: str
    unverified: bool = False


class _ByYear(_Given):
    values: dict[int, float]


class _ByName(_Given):
    values: dict[str, float]


class _Number(_Given):
    value: float


class _Labels(Model):
    """Names and notes; `mix` is filled with the `{place}`, the notes with `{year}`, `{loss}` and `{own}` share."""

    sector: Text
    product: Text
    mix: Text
    national_note: Text
    provincial_note: Text


class Grid(Model):
    """`grid.yaml`: losses, own use, the capacities that split thermal and wind power between provinces, and labels."""

    sources: dict[str, Source]
    labels: _Labels
    line_loss: _ByYear
    network: _Number
    own_use: _ByName
    gas_capacity: _ByName
    offshore_wind: _ByName


def mixes(year: int | None = None) -> Sector:
    """Market processes of `electricity` (kWh delivered) for the nation and the 31 provinces.

    `year` None is the latest one for which every table has data. Raises InvalidInputError for a year without.
    """
    grid = load(Path(__file__).parent / "grid.yaml", Grid)
    known = years(grid)
    year = known[-1] if year is None else year
    if year not in known:
        raise InvalidInputError(
            f"the tables of facts do not cover {year}.", where="electricity mixes", fix=f"choose one of {known}."
        )
    units = _provinces()
    generated = generation(year, grid)
    own_use = np.array([grid.own_use.values.get(name, 0.0) for name in (*FUELS, FUELS[_WIND])])
    supplied = generated * (1 - own_use)
    used = _column(_table("province_power_output", "consumption"), year)
    demand = np.clip(used - generated @ own_use, 0, None)  # consumption as published has the plants' own use in it
    mix, own = trade(supplied, demand, [place.grid_region for place in units])
    nation = _market(places.resolve(places.NATION), supplied.sum(0) / supplied.sum(), generated.sum(), 1.0, year, grid)
    return Sector(
        id="electricity_mix", name=grid.labels.sector, sources=_sources(grid),
        processes=(nation, *(_market(*parts, year, grid) for parts in zip(units, mix, used, own, strict=True))),
    )


def years(grid: Grid) -> list[int]:
    """Years that every table covers, in order; wind and solar need the capacity of the year before too."""
    covered = [_full("province_power_output", name) for name in ("consumption", "generation_thermal")]
    for name in ("wind", "solar"):
        full = _full("province_power_capacity", name)
        covered.append({year for year in full if year - 1 in full})
    covered.append(set(facts.read("national_generation_mix").series("generation")))
    return sorted(set.intersection(*covered) & set(grid.line_loss.values))


def generation(year: int, grid: Grid) -> Array:
    """Generation (TWh) by province and source, (31, 9); each source adds up to the nation's."""
    national = facts.read("national_generation_mix")
    total = national.series("generation")[year]
    wanted = np.array([national.series(name)[year] for name in FUELS]) * total
    made = np.zeros((len(_provinces()), len(FUELS)))
    made[:, _HYDRO] = _output("generation_hydro", year)
    made[:, _NUCLEAR] = _nuclear(_output("generation_nuclear", year), year)
    for column, name in ((_WIND, "wind"), (_SOLAR, "solar")):
        capacity = _table("province_power_capacity", name)
        made[:, column] = (_column(capacity, year) + _column(capacity, year - 1)) / 2
    thermal = _output("generation_thermal", year)
    thermal = thermal / thermal.sum() * wanted[_THERMAL].sum()
    made[:, _THERMAL] = _split_thermal(thermal, wanted[_THERMAL], year, grid)
    made *= wanted / made.sum(0)
    at_sea = made[:, _WIND] * _offshore(grid)
    return np.column_stack([made[:, :_WIND], made[:, _WIND] - at_sea, at_sea])


def _nuclear(listed: Array, year: int) -> Array:
    """Shandong's output is not in the provincial table: it is what the other provinces leave of the nation's."""
    national = facts.read("national_power").series("generation_nuclear")[year]
    at = [place.id for place in _provinces()].index(_SHANDONG)
    if listed[at] == 0:
        listed[at] = max(national - listed.sum(), 0.0)
    return listed


def _split_thermal(thermal: Array, wanted: Array, year: int, grid: Grid) -> Array:
    """Thermal output by fuel, (31, 4). Oil and biomass follow thermal power; coal and gas follow capacity times
    the nation's hours, fitted to the provinces' and the nation's totals by iterative proportional fitting."""
    rest = np.outer(thermal / thermal.sum(), wanted[2:])
    power = facts.read("national_power")
    gas = np.array([grid.gas_capacity.values.get(place.id, 0.0) for place in _provinces()])
    plants = _column(_table("province_power_capacity", "thermal"), year)
    coal = np.clip(plants - gas - plants * rest.sum(1) / thermal, 0.01 * plants, None)
    hours = [wanted[0] / power.series("capacity_coal")[year], wanted[1] / power.series("capacity_gas")[year]]
    both = np.column_stack([coal, gas]) * hours
    for _ in range(200):
        both *= (wanted[:2] / both.sum(0))[None, :]
        both *= ((thermal - rest.sum(1)) / both.sum(1))[:, None]
    return np.column_stack([both, rest])


def trade(supplied: Array, demand: Array, regions: list[str]) -> tuple[Array, Array]:
    """Mix of sources that each province uses, (31, 9) adding up to 1, and the share from its own plants, (31,).

    `supplied` (31, 9) and `demand` (31,) are at the plants' busbars; demand is scaled to supply. Provinces in
    surplus serve their grid region first, in proportion to surplus; what remains serves the nation.
    """
    made = supplied.sum(1)
    demand = demand * made.sum() / demand.sum()
    own = np.minimum(made, demand)
    used = supplied * (own / made)[:, None]
    surplus, deficit = made - own, demand - own
    masks = [np.array([region == name for region in regions]) for name in sorted(set(regions))]
    for mask in [*masks, np.ones(len(regions), dtype=bool)]:
        offered, asked = surplus[mask].sum(), deficit[mask].sum()
        traded = min(offered, asked)
        if traded <= 0:
            continue
        pool = (supplied[mask] / made[mask, None] * surplus[mask, None]).sum(0) / offered
        used[mask] += np.outer(deficit[mask] * traded / asked, pool)
        surplus[mask] *= 1 - traded / offered
        deficit[mask] *= 1 - traded / asked
    return used / used.sum(1, keepdims=True), own / demand


def _offshore(grid: Grid) -> Array:
    """Share of offshore in the wind capacity of each province, (31,), at the end of 2023."""
    total = _column(_table("province_power_capacity", "wind"), 2023)
    sea = np.array([grid.offshore_wind.values.get(place.id, 0.0) for place in _provinces()])
    return sea / total


def _market(place: places.Place, mix: Array, volume: float, own: float, year: int, grid: Grid) -> Process:
    """`mix` (9,) adds up to 1 at the busbars; `volume` in TWh; `own` the share from plants of the place itself."""
    delivered = 1 - grid.line_loss.values[year]
    code = "" if place.id == places.NATION else "_" + place.id.lower().replace("-", "_")
    return Process(
        id=f"electricity_mix{code}",
        name=filled(grid.labels.mix, place=place.name),
        product=Product(flow="electricity", name=grid.labels.product, unit="kWh"),
        place=place.id, category="energy/electricity/market", kind="market", years=(year, year),
        volume=float(volume) * 1e9, quality=2 if place.id == places.NATION else 3, note=_note(place, own, year, grid),
        inputs=tuple(
            Exchange(
                flow=flow, amount=float(share / delivered), unit="kWh", gsd=_SPREAD[place.id == places.NATION],
                year=year, source="statistics",
            )
            for flow, share in zip(FLOWS, mix, strict=True) if share > _SMALL
        ),
        emissions=(
            Exchange(
                flow="ghg_co2e", amount=grid.network.value, unit="kg", gsd=1.3, year=2023, source=grid.network.source
            ),
        ),
    )


def _note(place: places.Place, own: float, year: int, grid: Grid) -> Text:
    loss = f"{grid.line_loss.values[year]:.2%}"
    if place.id == places.NATION:
        return filled(grid.labels.national_note, year=str(year), loss=loss)
    return filled(grid.labels.provincial_note, year=str(year), own=f"{own:.0%}", loss=loss)


def _sources(grid: Grid) -> dict[str, Source]:
    tables = [facts.source(name) for name in _TABLES]
    cited = "; ".join(dict.fromkeys(f"{table.publisher.en}: {table.reference}" for table in tables))
    shares = "; ".join(grid.sources[key].reference for key in ("nea", "cec", "gem", "cwea"))
    return {"statistics": Source(reference=f"{cited}; {shares}", year=2024), **grid.sources}


@cache
def _provinces() -> tuple[places.Place, ...]:
    return tuple(place for place in places.all_places() if place.planning_unit)


@cache
def _table(table: str, variable: str) -> Numbers:
    """Series by year of each province that has any."""
    found: Numbers = {}
    for place, year, value in facts.read(table, variable=variable).data.select("place", "year", "value").iter_rows():
        if value is not None:
            found.setdefault(place, {})[year] = value
    return found


def _full(table: str, variable: str) -> set[int]:
    """Years in which every province has a number."""
    series = [_table(table, variable).get(place.id, {}) for place in _provinces()]
    return set.intersection(*(set(one) for one in series))


def _output(variable: str, year: int) -> Array:
    return _column(_table("province_power_output", variable), year)


def _column(numbers: Numbers, year: int) -> Array:
    """One year in the order of the provinces, (31,); a province that is not listed has none of it."""
    return np.array([numbers.get(place.id, {}).get(year, 0.0) for place in _provinces()])
