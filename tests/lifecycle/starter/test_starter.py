"""The starter set: whole, cited, sound by the gate, and near what others publish."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed import facts
from seedbed.base import units
from seedbed.base.datafile import load
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.accounts.china import china_2007
from seedbed.lifecycle.accounts.leontief import multipliers
from seedbed.lifecycle.gate.judging import judge
from seedbed.lifecycle.inventory.tables import Reading
from seedbed.lifecycle.result import footprint
from seedbed.lifecycle.starter import __main__ as tables
from seedbed.lifecycle.starter import build, electricity, footprints
from seedbed.lifecycle.starter.published import Check, checks
from seedbed.lifecycle.starter.schema import Exchange, Process, Sector

ASKED = (
    "electricity", "diesel", "gasoline", "natural_gas", "road_freight", "rail_freight", "sea_freight", "steel_primary",
    "steel_secondary", "aluminium_primary", "aluminium_secondary", "cement", "clinker", "flat_glass", "copper",
    "polysilicon", "silicon_wafer", "solar_cell", "pv_module", "wind_turbine_onshore", "lfp_cell", "nmc_cell",
    "lfp_pack", "nmc_pack", "car_ice", "car_hev", "car_phev", "car_bev", "heat_pump", "refrigerator",
    "air_conditioner", "hydrogen_coal", "hydrogen_gas", "hydrogen_coal_ccs", "hydrogen_electrolysis_wind", "ammonia",
    "methanol", "co2_capture_and_storage", "paper_virgin", "paper_recycled", "plastics_pe", "plastics_recycled",
    "waste_municipal", "wastewater",
)
"""Products the set must have."""

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
def _sectors() -> tuple[Sector, ...]:
    return tuple(build.sectors())


@cache
def _mixes(year: int | None = None) -> Sector:
    return electricity.mixes(year)


def _processes() -> list[Process]:
    return [process for sector in _sectors() for process in sector.processes]


def _made(processes: Iterable[Process]) -> dict[str, str]:
    """Flow → unit of everything the processes make."""
    return {made.flow: made.unit for one in processes for made in (one.product, *one.coproducts)}


def _amounts(process: Process) -> tuple[Exchange, ...]:
    return (*process.inputs, *process.wastes, *process.emissions, *process.resources)


def test_there_are_enough_processes_and_no_id_twice() -> None:
    ids = [process.id for process in _processes()]
    assert len(ids) >= 200
    assert len(ids) == len(set(ids))


def test_every_product_asked_for_is_made() -> None:
    assert set(ASKED) <= set(_made(_processes()))


def test_every_input_has_a_maker_and_every_emission_is_a_known_flow() -> None:
    makers = set(_made(_processes()))
    nature = build.elementary()
    for process in _processes():
        assert {a.flow for a in (*process.inputs, *process.wastes)} <= makers, process.id
        assert {a.flow for a in (*process.emissions, *process.resources)} <= set(nature), process.id


def test_every_number_has_a_source_and_every_source_is_used() -> None:
    for sector in _sectors():
        cited = {amount.source for process in sector.processes for amount in _amounts(process)}
        assert cited <= set(sector.sources), sector.id
        assert sector.id == "electricity_mix" or cited == set(sector.sources), sector.id


def test_every_exchange_has_a_year_a_source_and_an_uncertainty_or_is_so_by_definition() -> None:
    exchanges = build.starter().exchanges.filter(~pl.col("reference"))
    coproducts = {(p.id, made.flow) for p in _processes() for made in p.coproducts}
    for row in exchanges.iter_rows(named=True):
        if (row["process"], row["flow"]) in coproducts:
            continue
        assert row["year"] >= 1999, row
        assert row["source"] is not None, row
        assert row["distribution"] is not None or row["amount"] == 1, row


def test_the_gate_finds_no_error() -> None:
    verdict = judge(Reading(build.starter()))
    assert verdict.errors.is_empty()
    assert set(verdict.defects["kind"]) <= {"many_providers"}  # electricity, by province


def test_the_shipped_table_is_what_solving_gives() -> None:
    first, _ = footprints.TABLE.read_text(encoding="utf-8").split("\n", 1)
    assert first == f"# {footprints.digest()}", "run python -m seedbed.lifecycle.starter"
    solved = footprints.solved()
    assert list(solved) == list(footprints.known())
    for product, entry in footprints.known().items():
        assert entry.value == pytest.approx(solved[product].value, rel=1e-9), product
        assert replace(entry, value=0.0) == replace(solved[product], value=0.0)


def test_a_table_made_from_other_numbers_is_not_believed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stale = tmp_path / "footprints.csv"
    _, rest = footprints.TABLE.read_text(encoding="utf-8").split("\n", 1)
    stale.write_text("# 0\n" + rest.replace("Steel, hot-rolled", "Old"), encoding="utf-8")
    monkeypatch.setattr(footprints, "TABLE", stale)
    assert footprints.known.__wrapped__()["steel"].name.en == "Steel, hot-rolled"


def test_an_amount_is_converted_and_an_unknown_product_is_named_with_its_neighbours() -> None:
    assert footprints.amount("steel", 1, "t") == pytest.approx(1000 * footprints.amount("steel", 1, "kg"))
    with pytest.raises(ValueError, match="unit of energy"):
        footprints.amount("steel", 1, "kWh")
    with pytest.raises(UnknownNameError, match="pv_module"):
        footprints.amount("pv_modul", 1, "kWp")


def test_the_page_shows_the_numbers_of_today() -> None:
    page = tables.PAGE.read_text(encoding="utf-8")
    assert tables.filled(page) == page, "run python -m seedbed.lifecycle.starter"


def test_amounts_are_in_units_of_their_flow() -> None:
    unit = _made(_processes()) | {key: entry.unit for key, entry in build.elementary().items()}
    for process in _processes():
        for amount in _amounts(process):
            assert units.factor(amount.unit, unit[amount.flow]) > 0, (process.id, amount.flow)


def test_notes_say_in_both_languages_what_is_left_out() -> None:
    for process in _processes():
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
                min_size=2, max_size=12))
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


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.ours.product)
def test_footprint_is_near_what_others_publish(check: Check) -> None:
    assert check.holds, f"{check.ours.value} is outside {check.published.low} to {check.published.high}"


def test_a_yuan_of_plant_is_what_the_accounts_of_2007_carried_to_2023_say() -> None:
    table = china_2007()
    invested = table.Y[:, table.demands["code"].to_list().index("FU201")]
    of_2007 = multipliers(table, "co2")["total"].to_numpy() @ invested / invested.sum()
    prices, carbon_per_gdp, without_land = 1.45, 0.52, 0.9
    carried = of_2007 / prices * carbon_per_gdp * without_land
    assert footprints.of("industrial_plant").value == pytest.approx(carried, rel=0.1)


def test_the_national_footprint_of_electricity_is_the_official_one_within_two_percent() -> None:
    assert footprint("electricity").value == pytest.approx(0.6205, rel=0.02)


@pytest.mark.parametrize("rising", [
    ("steel_secondary", "steel_hydrogen", "steel_primary"),
    ("aluminium_secondary", "aluminium_primary_hydro", "aluminium", "aluminium_primary"),
    ("copper_secondary", "copper", "copper_primary"),
])
def test_routes_rank_as_they_should(rising: tuple[str, ...]) -> None:
    values = [footprint(flow).value for flow in rising]
    assert values == sorted(values)
