"""`seedbed facts` shows the same numbers as the Python API, in either language."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from seedbed import facts
from seedbed.cli.facts import app

RUN = CliRunner(env={"COLUMNS": "400", "SEEDBED_LANG": ""})


@pytest.mark.parametrize(
    ("lang", "word"), [("zh", "全国汽车与新能源汽车销量"), ("en", "National sales of vehicles")]
)
def test_list_names_every_table_in_the_language_asked_for(lang: str, word: str) -> None:
    output = RUN.invoke(app, ["list", "--lang", lang]).output
    assert word in output
    for table in facts.tables():
        assert table.id in output


def test_ids_are_whole_on_a_terminal_of_120_columns() -> None:
    output = RUN.invoke(app, ["list"], env={"COLUMNS": "120"}).output
    assert not [table.id for table in facts.tables() if table.id not in output]


def test_show_prints_numbers_with_unit_and_source() -> None:
    options = ["show", "national_vehicles", "--variable", "nev", "--year", "2024", "--lang", "zh"]
    output = RUN.invoke(app, options).output
    assert "12,865,872" in output
    assert "vehicles" in output
    assert "中国汽车工业协会" in output


def test_show_writes_csv_that_reads_back_the_same() -> None:
    output = RUN.invoke(app, ["show", "grid_factors", "--place", "guangdong", "--csv", "-"]).output
    assert output == facts.read("grid_factors", place="CN-GD").data.write_csv()


@pytest.mark.parametrize("name", ["g.csv", "g.parquet", "g.json"])
def test_show_writes_files_that_hold_the_same_numbers(tmp_path: Path, name: str) -> None:
    result = RUN.invoke(app, ["show", "grid_factors", "--place", "guangdong", "--to", str(tmp_path / name)])
    assert result.exit_code == 0
    assert "written to" in result.output
    read = {".csv": pl.read_csv, ".parquet": pl.read_parquet, ".json": pl.read_json}[Path(name).suffix]
    assert read(tmp_path / name)["value"].to_list() == facts.read("grid_factors", place="CN-GD").data["value"].to_list()


@pytest.mark.parametrize("table", [table.id for table in facts.tables()])
def test_every_table_can_be_shown_and_sourced(table: str) -> None:
    assert RUN.invoke(app, ["show", table, "--lang", "zh"]).exit_code == 0
    result = RUN.invoke(app, ["source", table])
    assert result.exit_code == 0
    assert facts.source(table).publisher.en in result.output


def test_language_comes_from_the_environment() -> None:
    output = (
        CliRunner(env={"COLUMNS": "200", "SEEDBED_LANG": "zh"}).invoke(app, ["source", "grid_factors"]).output
    )
    assert "生态环境部" in output


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys, seedbed.cli.facts; print([m for m in ('polars', 'jax', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
