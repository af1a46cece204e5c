"""Every format that is written reads back as the same inventory, and gives the same footprints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedbed.lifecycle.database import Database
from seedbed.lifecycle.formats import reader, writer
from seedbed.lifecycle.gate.report import balance
from seedbed.lifecycle.inventory.tables import (
    ALLOCATION,
    EXCHANGES,
    FACTORS,
    FLOWS,
    METHODS,
    PARAMETERS,
    PROCESSES,
    SOURCES,
    Inventory,
    Reading,
    table,
)
from seedbed.lifecycle.methods import climate
from seedbed.lifecycle.starter.build import starter

KEYS = ("process", "row", "id", "name", "flow", "method", "place")
TEXT = 'A & B <c> "d" 中文 – ½\n第二行'


@dataclass(frozen=True)
class Format:
    """How to write and read a format, and how exact its numbers are."""

    name: str
    write: Callable[[Inventory, Path], object]
    read: Callable[[Path], Reading]
    file: str
    exact: float = 0.0


FORMATS = [
    Format("ilcd", writer("ilcd"), reader("ilcd"), "ilcd.zip"),
    Format("jsonld", writer("jsonld"), reader("jsonld"), "json.zip"),
    Format("csv", writer("csv"), reader("template"), "form"),
    Format("xlsx", writer("xlsx"), reader("template"), "form.xlsx", exact=1e-15),
]
each = pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)


@cache
def everything() -> Inventory:
    """A small database that says something in every column of every table."""
    def process(id_: str, **more: object) -> dict[str, object]:
        return {"id": id_, "name_en": id_, "kind": "unit", "allocation": "none", "review": "none"} | more

    def row(process: str, number: int, flow: str, amount: float | None, way: str, **more: object) -> dict[str, object]:
        about = {"unit": "kg", "reference": False, "avoided": False}
        return {"process": process, "row": number, "flow": flow, "amount": amount, "direction": way} | about | more

    return Inventory(
        "everything", "2024.1", depends=("other",), licence="CC BY 4.0",
        processes=table(PROCESSES, [
            process("steel", name_zh="炼钢", place="CN-HE", category="metal/steel", start=2018, end=2022, volume=1.5e6,
                    allocation="economic", review="external", quality=2.5, source="s1", comment=TEXT),
            process("grid", name_zh="电网", place="CN", kind="market", source="s2", quality=1.0, review="panel"),
            process("tip", place="GLO", kind="system", allocation="cut-off", review="internal"),
            process("mill", place="DE", allocation="causal"),
            process("saw", place="CN-GD", allocation="substitution"),
        ]),
        flows=table(FLOWS, [
            {"id": "steel", "name_zh": "钢", "name_en": "steel", "kind": "product", "unit": "kg", "category": "a/b"},
            {"id": "slag", "name_en": "slag", "kind": "product", "unit": "t"},
            {"id": "power", "name_zh": "电力", "kind": "product", "unit": "kWh"},
            {"id": "rest", "name_en": "rest", "kind": "waste", "unit": "kg"},
            {"id": "paper", "name_en": "paper", "kind": "product", "unit": "kg"},
            {"id": "heat", "name_en": "heat", "kind": "product", "unit": "MJ"},
            {"id": "co2", "name_en": "Carbon dioxide, fossil", "kind": "elementary", "unit": "kg",
             "compartment": "air/low population density", "cas": "124-38-9", "formula": "CO2", "category": "x"},
            {"id": "ore", "name_en": "Iron ore", "kind": "elementary", "unit": "kg", "compartment": "resource/ground"},
            {"id": "ch4", "name_en": "Methane, fossil", "kind": "elementary", "unit": "kg", "compartment": "air",
             "cas": "74-82-8"},
        ]),
        exchanges=table(EXCHANGES, [
            row("steel", 1, "steel", 1000.0, "output", reference=True, unit="t", comment=TEXT, source="s1", year=2020),
            row("steel", 2, "slag", 0.3, "output", unit="t"),
            row("steel", 3, "power", 1 / 3, "input", unit="MWh", provider="grid", distribution="normal",
                loc=1 / 3, scale=0.01, pedigree="(2;3;1;2;4)", group="energy"),
            row("steel", 4, "co2", 1800.0, "output", distribution="lognormal", loc=float(np.log(1800.0)), scale=0.1,
                low=900.0, high=3000.0, location="JP"),
            row("steel", 5, "ore", 1600.0, "input", distribution="triangular", loc=1600.0, low=1500.0, high=1900.0),
            row("steel", 6, "rest", None, "output", formula="share * 100 + 2 ^ 2"),
            row("grid", 1, "power", 1.0, "output", reference=True, unit="kWh"),
            row("grid", 7, "co2", 0.58, "output", distribution="uniform", low=0.5, high=0.7),
            row("grid", 3, "ch4", 1e-4, "output", distribution="pert", loc=1e-4, low=5e-5, high=3e-4),
            row("tip", 1, "rest", 1.0, "input", reference=True),
            row("tip", 2, "ch4", 0.02, "output"),
            row("mill", 1, "paper", 1.0, "output", reference=True),
            row("mill", 2, "heat", 2.0, "output", unit="MJ"),
            row("mill", 3, "power", 3.0, "input", unit="kWh", provider="other:plant"),
            row("mill", 4, "co2", 0.1 + 0.2, "output"),
            row("saw", 1, "heat", 1.0, "output", unit="MJ", reference=True),
            row("saw", 2, "paper", 0.1, "output", avoided=True),
            row("saw", 3, "co2", 0.4, "output"),
        ]),
        parameters=table(PARAMETERS, [
            {"name": "base", "value": 0.25, "unit": "-", "comment": TEXT, "distribution": "uniform", "low": 0.2,
             "high": 0.3},
            {"process": "steel", "name": "share", "value": 0.5, "formula": "2 * base"},
            {"process": "steel", "name": "loss", "value": 0.1, "distribution": "normal", "loc": 0.1, "scale": 0.01},
        ]),
        allocation=table(ALLOCATION, [
            {"process": "steel", "flow": "steel", "method": "economic", "factor": 0.97},
            {"process": "steel", "flow": "slag", "method": "economic", "factor": 0.03},
            {"process": "mill", "flow": "paper", "method": "causal", "row": 3, "factor": 0.75},
            {"process": "mill", "flow": "heat", "method": "causal", "row": 3, "factor": 0.25},
            {"process": "mill", "flow": "paper", "method": "causal", "row": 4, "factor": 1 / 3},
            {"process": "mill", "flow": "heat", "method": "causal", "row": 4, "factor": 2 / 3},
        ]),
        sources=table(SOURCES, [
            {"id": "s1", "citation": "Ministry, Yearbook 2020", "url": "https://example.org/a?b=1&c=2", "year": 2020,
             "licence": "open"},
            {"id": "s2", "citation": "A page"},
        ]),
        methods=table(METHODS, [
            {"id": "m1", "name_en": "Method: warming", "name_zh": "变暖", "unit": "kg CO2e", "source": "s1"},
            {"id": "m2", "name_en": "Ore use", "unit": "kg"},
        ]),
        factors=table(FACTORS, [
            {"method": "m1", "flow": "co2", "factor": 1.0}, {"method": "m1", "flow": "ch4", "factor": 29.8},
            {"method": "m1", "flow": "ch4", "place": "CN", "factor": 30.5},
            {"method": "m2", "flow": "ore", "factor": 0.1},
        ]),
    )


def test_columns_would_be_untried() -> None:
    """Each column of each table has a value somewhere in the database that the formats are tried with."""
    blank = {f"{name}.{column}" for name, rows in everything().tables().items() for column in rows.columns
             if not rows[column].count()}
    assert blank == {"processes.where", "flows.where"}


def trip(format: Format, inventory: Inventory, folder: Path) -> Inventory:
    path = folder / format.file
    format.write(inventory, path)
    reading = format.read(path)
    assert not reading.defects.height, reading.defects
    account = balance(reading.seen, reading.inventory, {})
    assert not (account["left_out"] != 0).any(), account  # what the file states is what was read
    assert account["seen"].sum()
    return reading.inventory


def same(meant: Inventory, read: Inventory, exact: float = 0.0) -> None:
    """Assert that two inventories say the same, numbers to a relative `exact`; `where` is where it was read."""
    assert (read.name, read.version, read.depends, read.licence) == (
        meant.name, meant.version, meant.depends, meant.licence)
    for name, rows in meant.tables().items():
        keys = [key for key in KEYS if key in rows.columns]
        ours, theirs = (part.sort(keys, nulls_last=True) for part in (rows, read.tables()[name]))
        assert ours.height == theirs.height, name
        for column in set(rows.columns) - {"where"}:
            a, b = (part[column].fill_null(False) if part[column].dtype == pl.Boolean else part[column]
                    for part in (ours, theirs))
            if exact and a.dtype == pl.Float64:
                assert a.is_null().equals(b.is_null()), (name, column)
                np.testing.assert_allclose(b.drop_nulls(), a.drop_nulls(), rtol=exact)
            else:
                assert a.equals(b), (name, column, [(x, y) for x, y in zip(a, b, strict=True) if x != y][:3])


def scores(inventory: Inventory) -> pl.DataFrame:
    """Footprints of every column by three methods of climate change."""
    database = Database(inventory)
    methods = [climate.method_id("ar6"), climate.method_id("ar5"), f"{climate.method_id('ar6')}/net"]
    numbers = [database.method_number(method) for method in methods]
    found = pl.DataFrame(database.scores[:, numbers], schema=methods)
    return database.columns.select("process", "flow").hstack(found).sort("process", "flow")


def alike(meant: pl.DataFrame, read: pl.DataFrame) -> None:
    assert meant.select("process", "flow").equals(read.select("process", "flow"))
    np.testing.assert_allclose(read.drop("process", "flow"), meant.drop("process", "flow"), rtol=1e-12, atol=1e-300)


@each
def test_something_would_be_lost(format: Format, tmp_path: Path) -> None:
    read = trip(format, everything(), tmp_path)
    same(everything(), read, format.exact)
    alike(scores(everything()), scores(read))


@each
def test_starter_database_would_change(format: Format, tmp_path: Path) -> None:
    read = trip(format, starter(), tmp_path)
    same(starter(), read, format.exact)
    alike(scores(starter()), scores(read))


@each
def test_second_trip_would_change_what_the_first_brought(format: Format, tmp_path: Path) -> None:
    """Also with `where` set, as it is of everything that was imported."""
    once = trip(format, everything(), tmp_path)
    (tmp_path / "again").mkdir()
    same(once, trip(format, once, tmp_path / "again"), format.exact)


plain = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs", "Cn", "Co")), min_size=1,
                max_size=12)
numbers = st.floats(1e-30, 1e30) | st.floats(-1e30, -1e-30)


@each
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=plain, process=plain, comment=plain, amount=numbers)
def test_odd_texts_and_numbers_would_change(
    format: Format, tmp_path: Path, name: str, process: str, comment: str, amount: float
) -> None:
    base = everything()
    renamed = {"steel": process}
    inventory = replace(
        base,
        processes=base.processes.with_columns(
            id=pl.col("id").replace(renamed), comment=pl.when(pl.col("id") == "steel").then(pl.lit(comment)),
            name_en=pl.when(pl.col("id") == "grid").then(pl.lit(name)).otherwise("name_en")),
        exchanges=base.exchanges.with_columns(
            process=pl.col("process").replace(renamed),
            amount=pl.when(pl.col("flow") == "ore").then(pl.lit(amount)).otherwise("amount")),
        parameters=base.parameters.with_columns(process=pl.col("process").replace(renamed)),
        allocation=base.allocation.with_columns(process=pl.col("process").replace(renamed)),
    )
    same(inventory, trip(format, inventory, tmp_path), format.exact)


def test_brightway_package_would_give_other_footprints(tmp_path: Path) -> None:
    """A package holds the system, not its making: co-products are processes of their own, suppliers are named."""
    for inventory in (replace(everything(), depends=()), starter()):
        folder = tmp_path / inventory.name
        writer("brightway")(inventory, folder)
        reading = reader("brightway")(folder)
        assert not reading.defects.height
        several = pl.len().over("process") > 1
        meant = scores(inventory).with_columns(
            process=pl.when(several).then(pl.format("{}|{}", "process", "flow")).otherwise("process"))
        alike(meant.sort("process", "flow"), scores(reading.inventory))
