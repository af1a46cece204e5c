"""Power, fuels, freight, metals, minerals and water of the starter set: whole, cited, and near what others publish."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed import facts
from seedbed.datafile import load
from seedbed.errors import InvalidInputError
from seedbed.footprint.inventory import units
from seedbed.footprint.result import footprint
from seedbed.footprint.starter import build, electricity
from seedbed.footprint.starter.schema import Amount, Process, Sector

FILES = ("electricity_sources", "freight", "fuels", "minerals", "nonferrous", "steel", "water")
AGREED = {
    "electricity": "kWh", "hard_coal": "kg", "coke": "kg", "natural_gas": "m3", "diesel": "kg", "gasoline": "kg",
    "heavy_fuel_oil": "kg", "heat_from_coal": "MJ", "heat_from_gas": "MJ", "steam": "kg", "steel": "kg",
    "steel_primary": "kg", "steel_secondary": "kg", "steel_hydrogen": "kg", "aluminium": "kg", "copper": "kg",
    "aluminium_primary": "kg", "aluminium_primary_hydro": "kg", "aluminium_secondary": "kg", "cement": "kg",
    "clinker": "kg", "concrete": "m3", "flat_glass": "kg", "lime": "kg", "soda_ash": "kg", "road_freight": "t*km",
    "rail_freight": "t*km", "sea_freight": "t*km", "tap_water": "kg", "wastewater": "m3",
}  # fmt: skip
"""Flows that other files of the starter set count on."""

PUBLISHED = {
    # Official factors of 2023 and 2024 (MEE, NBS and NEA, notices of 2025).
    "electricity": (0.5777, 0.6205, 0.04), "electricity_from_coal": (0.924, 0.944, 0.03),
    "electricity_from_gas": (0.4503, 0.4792, 0.04),
    # China Products Carbon Footprint Factors Database, by the year of the entry.
    "diesel": (0.637, 0.651, 0.10), "gasoline": (0.634, 0.634, 0.12), "rail_freight": (0.0065, 0.010, 0.20),
    "road_freight_diesel": (0.0936, 0.1025, 0.12), "road_freight_electric": (0.1073, 0.1073, 0.25),
    "air_freight": (0.921, 1.404, 0.0), "sea_freight_bulk": (0.00534, 0.00534, 0.30),
    "limestone": (0.00217, 0.00217, 0.1), "pig_iron": (1.70, 2.28, 0.0),
    "crude_steel_bof": (1.99, 2.33, 0.0), "steel_primary": (2.31, 2.42, 0.05),
    "steel": (2.05, 2.38, 0.0), "heat_from_coal": (0.110, 0.140, 0.0), "concrete": (200, 322, 0.0),
    # Others, as named.
    "hard_coal": (0.08, 0.25, 0.0),  # CPCD 2022; inventories with all of the methane
    "natural_gas": (0.5, 0.845, 0.0),  # implied by the official gas power factor; Gan et al. 2020
    "steel_secondary": (0.5, 0.75, 0.0),  # all-scrap furnaces on a coal-heavy grid
    "clinker": (0.84, 0.88, 0.0), "cement": (0.55, 0.65, 0.0),  # China Cement Association
    "flat_glass": (1.0, 1.3, 0.0), "alumina": (1.2, 1.8, 0.0),
    "aluminium_primary": (14.0, 16.0, 0.0),  # CNIA and International Aluminium Institute, coal-heavy mix
    "aluminium_primary_hydro": (4.5, 7.0, 0.0), "aluminium_secondary": (0.2, 0.8, 0.0),
    "copper_primary": (3.2, 4.6, 0.0),  # Chen et al. 2018, Lu et al. 2019, International Copper Association
    "copper_secondary": (0.6, 1.7, 0.0), "tap_water": (0.000168, 0.00034, 0.0),
}  # fmt: skip
"""kgCO2e per unit: low, high, and how far outside we may fall (boundaries differ)."""

BURNT = (
    ("heat_from_coal", "hard_coal", 20.934, "other_bituminous_coal"),
    ("heat_from_gas", "natural_gas", 38.931, "natural_gas"),
    ("electricity_from_gas", "natural_gas", 38.931, "natural_gas"),
    ("electricity_from_oil", "heavy_fuel_oil", 41.868, "residual_fuel_oil"),
    ("road_freight_diesel", "diesel", 42.705, "gas_diesel_oil"),
    ("rail_freight", "diesel", 42.705, "gas_diesel_oil"),
    ("inland_water_freight", "diesel", 42.705, "gas_diesel_oil"),
    ("steel_secondary", "natural_gas", 38.931, "natural_gas"),
)
"""Process, the fuel it burns, MJ per unit of fuel, and its factor in the facts."""


@cache
def _sectors() -> dict[str, Sector]:
    return {name: load(Path(build.FOLDER) / f"{name}.yaml", Sector) for name in FILES}


@cache
def _mixes(year: int | None = None) -> Sector:
    return electricity.mixes(year)


def _processes() -> list[Process]:
    return [process for sector in _sectors().values() for process in sector.processes]


def _made(processes: Iterable[Process]) -> dict[str, str]:
    """Flow → unit of everything the processes make."""
    return {made.flow: made.unit for one in processes for made in (one.product, *one.coproducts)}


def _everything() -> list[Process]:
    return [process for sector in build.sectors() for process in sector.processes]


def _amounts(process: Process) -> tuple[Amount, ...]:
    return (*process.inputs, *process.wastes, *process.emissions, *process.resources)


def test_there_are_enough_processes_and_no_id_twice() -> None:
    ids = [process.id for process in _everything()]
    assert len(_processes()) >= 50
    assert len(ids) == len(set(ids))


def test_flows_that_other_files_use_exist_in_the_agreed_unit() -> None:
    made = _made((*_processes(), *_mixes().processes))
    assert {flow: made.get(flow) for flow in AGREED} == AGREED


def test_every_input_has_a_maker_and_every_emission_is_a_known_flow() -> None:
    makers = set(_made(_everything()))
    nature = build.elementary()
    for process in (*_processes(), *_mixes().processes):
        assert {a.flow for a in (*process.inputs, *process.wastes)} <= makers, process.id
        assert {a.flow for a in (*process.emissions, *process.resources)} <= set(nature), process.id


def test_every_number_has_a_source_and_every_source_is_used() -> None:
    for sector in (*_sectors().values(), _mixes()):
        cited = {amount.source for process in sector.processes for amount in _amounts(process)}
        assert cited <= set(sector.sources), sector.id
        assert sector.id == "electricity_mix" or cited == set(sector.sources), sector.id


def test_amounts_are_in_units_of_their_flow() -> None:
    unit = _made(_everything()) | {key: entry.unit for key, entry in build.elementary().items()}
    for process in _processes():
        for amount in _amounts(process):
            assert units.factor(amount.unit, unit[amount.flow]) > 0, (process.id, amount.flow)


def test_notes_say_in_both_languages_what_is_left_out() -> None:
    for process in (*_processes(), *_mixes().processes):
        assert re.search(r"[\u4e00-\u9fff]", process.note.zh), process.id
        assert not re.search(r"[\u4e00-\u9fff]", process.note.en + process.name.en), process.id


@pytest.mark.parametrize(("process", "fuel", "heat", "factor"), BURNT)
def test_who_burns_a_fuel_emits_its_carbon_once(process: str, fuel: str, heat: float, factor: str) -> None:
    factors = dict(facts.read("fuel_factors").data.select("fuel", "factor").iter_rows())  # kg/TJ
    chosen = next(p for p in _processes() if p.id == process)
    burnt = sum(a.amount for a in chosen.inputs if a.flow == fuel) * heat * factors[factor] * 1e-6
    emitted = sum(a.amount for a in chosen.emissions if a.flow == "co2_fossil")
    assert emitted == pytest.approx(burnt, rel=0.01)


def test_shares_of_a_mix_add_up_to_a_kilowatt_hour_and_its_losses() -> None:
    grid = load(Path(build.FOLDER) / "grid.yaml", electricity.Grid)
    sector = _mixes()
    year = sector.processes[0].years[0]
    assert len(sector.processes) == 32
    for process in sector.processes:
        assert sum(a.amount for a in process.inputs) * (1 - grid.line_loss.values[year]) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_generation_of_the_provinces_adds_up_to_the_nation(year: int) -> None:
    grid = load(Path(build.FOLDER) / "grid.yaml", electricity.Grid)
    made = electricity.generation(year, grid)
    national = facts.read("national_generation_mix")
    wanted = {name: national.series(name)[year] * national.series("generation")[year] for name in electricity.FUELS}
    assert made.min() >= 0
    assert made[:, 7:].sum() == pytest.approx(wanted.pop("wind"))
    assert made[:, :7].sum(0) == pytest.approx(list(wanted.values()), rel=1e-6)


def test_a_year_without_data_is_refused_with_the_years_that_have_them() -> None:
    with pytest.raises(InvalidInputError, match="2023"):
        electricity.mixes(1999)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0.1, 100), st.floats(0.1, 100), st.floats(0.1, 100), st.sampled_from("abc")),
                min_size=2, max_size=12))  # fmt: skip
def test_trade_moves_electricity_and_makes_none(rows: list[tuple[float, float, float, str]]) -> None:
    supplied = np.array([[first, second] for first, second, _, _ in rows])
    demand = np.array([wanted for _, _, wanted, _ in rows])
    mix, own = electricity.trade(supplied, demand, [region for *_, region in rows])
    used = demand / demand.sum() * supplied.sum()
    assert mix.sum(1) == pytest.approx(np.ones(len(rows)))
    assert (mix * used[:, None]).sum(0) == pytest.approx(supplied.sum(0))
    assert ((own > 0) & (own <= 1 + 1e-12)).all()


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_provincial_mixes_agree_with_the_official_factors(year: int) -> None:
    official = facts.read("grid_factors", variable="factor", year=year).data.select("place", "value").iter_rows()
    source = {flow: footprint(flow).value for flow in electricity.FLOWS}
    ours = {mix.place: sum(a.amount * source[a.flow] for a in mix.inputs) for mix in _mixes(year).processes}
    pairs = np.array([(ours[place], value) for place, value in official if place.startswith("CN-")])
    assert len(pairs) == 30
    assert np.corrcoef(pairs.T)[0, 1] > 0.95


@pytest.mark.parametrize("flow", PUBLISHED)
def test_footprint_is_near_what_others_publish(flow: str) -> None:
    low, high, tolerance = PUBLISHED[flow]
    assert low * (1 - tolerance) <= footprint(flow).value <= high * (1 + tolerance)


def test_the_national_footprint_of_electricity_is_the_official_one_within_two_percent() -> None:
    assert footprint("electricity").value == pytest.approx(0.6205, rel=0.02)


@pytest.mark.parametrize("rising", [
    ("steel_secondary", "steel_hydrogen", "steel_primary"),
    ("aluminium_secondary", "aluminium_primary_hydro", "aluminium", "aluminium_primary"),
    ("copper_secondary", "copper", "copper_primary"),
])  # fmt: skip
def test_routes_rank_as_they_should(rising: tuple[str, ...]) -> None:
    values = [footprint(flow).value for flow in rising]
    assert values == sorted(values)
