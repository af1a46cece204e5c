"""TianGong (ILCD, 4,133 Chinese processes): what the gate finds in it by itself, and what is left."""

from __future__ import annotations

import numpy as np
import polars as pl

from seedbed import facts
from seedbed.lifecycle.gate.judging import judge
from seedbed.lifecycle.inventory.tables import Reading
from seedbed.lifecycle.methods import climate

from ..conftest import Imported

SICHUAN, CHINA = "30558cec-4718-4eac-a400-85e45a276e73", "0aa8c769-a04a-4e76-897a-2b1051cb9344"
KWH = 3.6  # MJ, the unit of electricity in TianGong


def defects(tiangong: Imported, kind: str) -> pl.DataFrame:
    """Defects of a kind with the name and place of their process, live or removed."""
    removed = tiangong.store.extra("tiangong", "removed_processes")
    processes = pl.concat([tiangong.inventory.processes, removed])
    about = processes.select("place", process="id", name="name_zh")
    return tiangong.store.extra("tiangong", "defects").filter(kind=kind).join(about, on="process", how="left")


def mixes(tiangong: Imported) -> pl.DataFrame:
    """The electricity mixes: place and footprint in kg CO2e/kWh."""
    database = tiangong.database
    score = database.scores[:, database.method_number(climate.method_id("ar6"))] * KWH
    named = tiangong.inventory.processes.filter(pl.col("name_zh").str.contains("混合电力")).select("id", "place")
    return named.with_columns(kg=pl.Series([score[database.column(process)] for process in named["id"]]))


def test_import_would_be_slow_or_large(tiangong: Imported) -> None:
    assert tiangong.seconds <= 60
    assert tiangong.peak <= 2 * 2**30


def test_part_of_the_archive_would_not_be_read(tiangong: Imported) -> None:
    assert tiangong.report.format == "ilcd"
    read = tiangong.report.read
    assert (read["processes"], read["exchanges"], read["methods"], read["factors"]) == (4133, 72719, 18, 20301)
    account = {line.what: line for line in tiangong.report.lines if line.file is None}
    assert not any(line.left_out for line in account.values())
    assert {what: line.taken for what, line in account.items()} == {
        name: tiangong.report.live[name] for name in ("processes", "exchanges", "factors")}


def test_sector_table_of_national_totals_would_pass(tiangong: Imported) -> None:
    """Wholly: every process of the table that comes in, and hardly any other."""
    found = defects(tiangong, "national_total")
    of_table = found.filter(pl.col("name").str.contains("CEEIO", literal=True))
    assert of_table.height == 153
    assert found.height - of_table.height <= 2
    assert not tiangong.inventory.processes["name_zh"].str.contains("CEEIO", literal=True).any()


def test_singular_loop_of_livestock_would_not_be_named(tiangong: Imported) -> None:
    found = defects(tiangong, "loop_singular")
    loop = found.filter(pl.col("detail").str.ends_with("15/15"))
    assert loop.height == 15
    assert loop["name"].str.starts_with("畜禽养殖 ; 运输阶段").all()
    np.testing.assert_allclose(loop["value"], 1.0, rtol=1e-12)


def test_flows_of_several_providers_would_not_be_counted(tiangong: Imported) -> None:
    found = tiangong.report.of("many_providers")
    assert found is not None
    assert (found.count, found.severity) == (591, "note")


def test_exchanges_without_amount_would_count_as_zero(tiangong: Imported) -> None:
    found = tiangong.report.of("amount_missing")
    assert found is not None
    assert (found.count, found.severity) == (133, "error")
    taken = tiangong.store.extra("tiangong", "quarantine").filter(kind="amount_missing")
    assert taken.height == 133
    assert not tiangong.inventory.exchanges["amount"].null_count()


def test_grid_mix_of_sichuan_would_carry_a_wrong_gas_field(tiangong: Imported) -> None:
    """419 kg/kWh: the mix is named, and the exploration process that the number comes from is taken out."""
    mix = defects(tiangong, "footprint_spoilt").filter(process=SICHUAN)
    assert mix["detail"].item().startswith("Electricity: 419 kg CO2e/kWh ← Regional exploration")
    source = defects(tiangong, "footprint_impossible").filter(name="区域勘探 ; 有利含油气区带 ; 物化探普查")
    assert source["process"].item() in mix["detail"].item()
    assert SICHUAN in tiangong.inventory.processes["id"]
    assert mixes(tiangong).filter(place="CN-SC")["kg"].item() < 0.3


def test_tonnes_for_kilograms_would_pass(tiangong: Imported) -> None:
    """Steel at thousands of kg CO2e/kg."""
    found = defects(tiangong, "footprint_impossible")["detail"]
    assert found.str.contains("(?i)steel|iron").sum() > 30
    assert "Steel: 3640 kg CO2e/kg" in found


def test_grid_mixes_would_be_far_from_official_factors(tiangong: Imported) -> None:
    found = mixes(tiangong)
    assert abs(found.filter(id=CHINA)["kg"].item() / 0.595 - 1) < 0.03
    for year in (2021, 2022, 2023):
        official = facts.read("grid_factors", year=year, variable="factor").data.filter(pl.col("place") != "CN")
        both = found.join(official.select("place", "value"), on="place")
        assert both.height == 30
        assert np.corrcoef(both["kg"], both["value"])[0, 1] > 0.8


def test_what_is_live_would_still_have_errors(tiangong: Imported) -> None:
    assert tiangong.report.decision == "quarantined"
    assert not judge(Reading(tiangong.inventory)).errors.height
    removed = tiangong.store.extra("tiangong", "removed_processes")
    assert removed.height + tiangong.inventory.processes.height == 4133
    named = tiangong.store.extra("tiangong", "quarantine").filter(level="process")
    assert set(removed["id"]) == set(named["process"])


def test_supply_would_not_come_from_the_nearest(tiangong: Imported) -> None:
    """Of each flow of several suppliers: none is nearer to the consumer than those chosen, shares add up to one."""
    system = tiangong.database.system
    links = system.links.filter(~pl.col("named"))
    shares = links.group_by("process", "row").agg(pl.col("weight").sum(), pl.col("distance").n_unique(), pl.len())
    assert shares.filter(pl.col("len") > 1).height > 700
    np.testing.assert_allclose(shares["weight"], 1.0, rtol=1e-12)
    assert shares["distance"].max() == 1
    places = dict(system.columns.select("column", "place").iter_rows())
    flow = system.columns.filter(pl.col("process") == CHINA)["flow"].item()

    def supply(place: str) -> set[tuple[str, float]]:
        return {(places[column], round(weight, 9)) for column, weight, _ in tiangong.database.supply(flow, place)}

    assert supply("CN-GD") == {("CN-GD", 1.0)}  # its own mix
    assert supply("CN-XZ") == {("CN-SC", 0.5), ("CN-CQ", 0.5)}  # none: those of the grid around it, in equal parts
    assert supply("CN") == {("CN", 1.0)}  # the mix of the nation, not the plant that makes power as well
