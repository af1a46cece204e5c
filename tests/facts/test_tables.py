"""Every table is what its registry entry says, and every number has a source."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from seedbed import facts
from seedbed.facts import places, registry

ROOT = Path(__file__).parents[2]
IDS = [table.id for table in facts.tables()]
LONG = [table.id for table in facts.tables() if table.is_long]
CATALOGUES = [table.id for table in facts.tables() if not table.is_long]
CORE = ["place", "year", "variable", "value", "quality", "note"]


@pytest.mark.parametrize("table", LONG)
def test_every_number_of_a_series_has_unit_year_place_and_quality(table: str) -> None:
    found = facts.read(table)
    data, entry = found.data, found.source
    assert data.height > 0
    assert set(data.columns) == {*CORE, *entry.columns}
    assert set(data["variable"]) == set(entry.variables), "variables differ from the registry"
    assert data.select("value", "year", "quality", "place").null_count().sum_horizontal().item() == 0
    assert data["value"].is_finite().all()
    assert data["quality"].is_between(1, 4).all()
    assert entry.years == (data["year"].min(), data["year"].max())
    for place in data["place"].unique():
        assert places.name_of(place).zh


@pytest.mark.parametrize("table", CATALOGUES)
def test_every_column_of_a_catalogue_is_described(table: str) -> None:
    found = facts.read(table)
    assert found.data.height > 0
    assert set(found.data.columns) == set(found.source.columns)


@pytest.mark.parametrize("table", LONG)
def test_no_series_has_two_values_for_one_moment(table: str) -> None:
    data = facts.read(table).data
    key = [name for name in ("place", "year", "month", "variable") if name in data.columns]
    assert not data.select(key).is_duplicated().any()


@pytest.mark.parametrize("table", LONG)
def test_every_note_code_has_a_meaning(table: str) -> None:
    for codes in facts.read(table).data["note"].drop_nulls().unique():
        for code in codes.split():
            assert facts.note(code).zh


@pytest.mark.parametrize("table", IDS)
def test_every_table_names_publisher_reference_and_licence_in_both_languages(table: str) -> None:
    entry = facts.source(table)
    for text in (
        entry.title,
        entry.publisher,
        *(m.label for m in (entry.variables | entry.columns).values()),
    ):
        assert text.zh.strip()
        assert text.en.strip()
        assert text.en.isascii() or not any("\u4e00" <= letter <= "\u9fff" for letter in text.en)
    assert entry.reference.strip()
    assert entry.licence.strip()


@pytest.mark.parametrize("table", [t.id for t in facts.tables() if t.ship_class == "C"])
def test_secondary_tables_say_which_numbers_are_unverified(table: str) -> None:
    found = facts.read(table)
    marked = (
        "note" in found.data.columns and found.data["note"].fill_null("").str.contains("unverified").any()
    )
    assert found.source.unverified or marked


def test_unverified_numbers_never_pass_as_good_ones() -> None:
    for table in LONG:
        data = facts.read(table).data.filter(pl.col("note").fill_null("").str.contains("unverified"))
        assert (data["quality"] >= 3).all(), table


def test_registry_and_folder_hold_the_same_tables() -> None:
    assert {path.stem for path in registry.TABLES.glob("*.csv")} == set(IDS)


def test_data_we_may_not_redistribute_are_absent() -> None:
    text = registry.REGISTRY.read_text(encoding="utf-8").lower()
    for word in ("cnevpost", "eua", "pams", "cpdb", "carbon-price-data"):
        assert word not in text.replace("european", "")
    assert not any("daily" in name or "eua" in name for name in IDS)


def test_shipped_tables_stay_small() -> None:
    sizes = [path.stat().st_size for path in registry.TABLES.glob("*.csv")]
    assert max(sizes) < 2_000_000
    assert sum(sizes) < 4_000_000


def test_no_place_without_data_of_china_appears_as_a_country() -> None:
    with (registry.TABLES / "countries.csv").open(encoding="utf-8") as file:
        ids = {row["id"] for row in csv.DictReader(file)}
    assert ids.isdisjoint({"CHN", "TWN", "HKG", "MAC"})


@pytest.mark.skipif(
    "SEEDBED_RAW" not in os.environ, reason="set SEEDBED_RAW to the folder of raw CSV files (docs/data.md)"
)
def test_rebuilding_from_raw_gives_the_same_bytes(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "tools" / "build_facts"), os.environ["SEEDBED_RAW"]]
    subprocess.run([*command, "--out", str(tmp_path)], check=True, capture_output=True)
    made = {path.name: path.read_bytes() for path in tmp_path.glob("*.csv")}
    made_by_hand = {"places", "countries", "macro_conversion"}
    assert {name.removesuffix(".csv") for name in made} == set(IDS) - made_by_hand
    for name, content in made.items():
        assert content == (registry.TABLES / name).read_bytes(), f"{name} is not what its recipe makes"
