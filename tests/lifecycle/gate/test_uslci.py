"""The US life-cycle inventory: three releases in two formats say the same where the data did not change."""

from __future__ import annotations

import polars as pl
import pytest

from seedbed.base import units
from seedbed.lifecycle.methods import climate

from ..conftest import Imported

FORMATS = {"fy20": "ecospold1", "fy21": "ecospold1", "json": "jsonld"}
BASE = {"energy": "MJ", "mass": "kg", "volume": "m3"}
SAME = (  # products that no release revised
    "Steel, liquid, at plant", "Portland cement, at plant", "Zinc, Special High Grade", "Bituminous coal, at mine",
    "Electricity, lignite coal, at power plant", "Gasoline, combusted in equipment", "Acrylonitrile, at plant",
    "Transport, aircraft, freight", "Steel, stainless 304, flat rolled coil",
)


def scores(database: Imported) -> pl.DataFrame:
    """Footprints by the name of the process where one bears it, per base unit of the dimension."""
    found = database.database
    number = found.method_number(climate.method_id("ar6"))
    rows = found.columns.with_columns(score=pl.Series(found.scores[:, number]))
    rows = rows.join(database.inventory.flows.select(flow="id", unit="unit"), on="flow", maintain_order="left")
    known: list[str] = [unit for unit in rows["unit"].unique().drop_nulls() if units.canonical(unit)]
    sizes = {unit: units.factor(unit, BASE.get(units.dimension(unit), unit)) for unit in known}
    size = pl.col("unit").replace_strict(sizes, default=1.0, return_dtype=pl.Float64)
    alone = rows.filter(pl.len().over("name_en") == 1)
    return alone.select(name="name_en", score=pl.col("score") / size)


@pytest.mark.parametrize(
    ("release", "processes", "exchanges", "parameters", "bad"),
    [("fy20", 631, 36647, 0, 4830), ("fy21", 639, 45656, 0, 33), ("json", 766, 32526, 537, 4838)],
)
def test_part_of_a_release_would_not_be_read(
    uslci: dict[str, Imported], release: str, processes: int, exchanges: int, parameters: int, bad: int
) -> None:
    report = uslci[release].report
    assert report.format == FORMATS[release]
    read = report.read
    assert (read["processes"], read["exchanges"], read["parameters"]) == (processes, exchanges, parameters)
    assert not any(line.left_out for line in report.lines)
    uncertain = report.of("uncertainty_bad")
    assert uncertain is not None
    assert (uncertain.count, uncertain.mended) == (bad, bad)
    inventory = uslci[release].inventory
    assert inventory.exchanges["reference"].sum() == inventory.processes.height
    elementary = inventory.flows.filter(pl.col("kind") == "elementary")
    assert elementary["compartment"].null_count() < 0.03 * elementary.height  # those whose category names none


@pytest.mark.parametrize("release", ["fy20", "fy21"])
def test_what_ecospold_says_of_processes_would_be_lost(uslci: dict[str, Imported], release: str) -> None:
    inventory = uslci[release].inventory
    soy = inventory.processes.filter(name_en="Soybean grains, at field").row(0, named=True)
    assert (soy["start"], soy["end"], soy["place"]) == (2004, 2007, "RNA")
    assert inventory.exchanges["provider"].count() > 2600


def test_processes_would_differ_between_formats(uslci: dict[str, Imported]) -> None:
    names = {release: set(database.inventory.processes["name_en"]) for release, database in uslci.items()}
    assert len(names["fy20"] & names["fy21"]) >= 385
    assert len(names["fy21"] & names["json"]) >= 248


def test_footprints_would_differ_between_formats(uslci: dict[str, Imported]) -> None:
    found = {release: scores(database) for release, database in uslci.items()}
    both = found["fy20"].join(found["fy21"], on="name", suffix="_fy21").join(found["json"], on="name", suffix="_json")
    both = both.filter(pl.col("score") != 0).with_columns(
        fy21=(pl.col("score_fy21") / pl.col("score") - 1).abs(), json=(pl.col("score_json") / pl.col("score") - 1).abs()
    )
    assert both.filter(pl.col("fy21") < 0.02).height > 150
    assert both.filter(pl.max_horizontal("fy21", "json") < 0.02).height > 60
    handful = both.filter(pl.col("name").is_in(SAME))
    assert handful.height == len(SAME)
    assert handful.select(pl.max_horizontal("fy21", "json").max()).item() < 0.015


def test_direction_of_inputs_would_be_lost(uslci: dict[str, Imported]) -> None:
    """Version 1 of the schema says `input`, not `isInput`: an eighth of the exchanges would turn into outputs."""
    inventory = uslci["json"].inventory
    directions = dict(inventory.exchanges.group_by("direction").len().iter_rows())
    assert set(directions) == {"input", "output"}
    assert 9000 < directions["input"] < 9400
    steel = inventory.processes.filter(name_en="Steel, liquid, at plant")["id"].item()
    used = inventory.exchanges.filter(pl.col("process") == steel, direction="input").join(
        inventory.flows, left_on="flow", right_on="id"
    )
    assert {"Iron ore, in ground", "Limestone, in ground", "CUTOFF Steel scrap, at plant"} <= set(used["name_en"])


def test_kilograms_for_a_tonne_would_pass(uslci: dict[str, Imported]) -> None:
    """Inputs for a tonne of soy resin stand beside a reference of one kilogram; enriched uranium is no mistake."""
    found = uslci["json"].report.of("footprint_impossible")
    assert found is not None
    names = {example.at("en") for example in found.examples}
    assert names == {"Soy-based resin, at plant · Soy-based resin, at plant",
                     "Soy-based polyol, at plant · Soy-based polyol, at plant"}
