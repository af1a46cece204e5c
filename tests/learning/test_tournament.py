"""The back-test by protocol: tables in, quantiles out, errors that name the place, scores that are right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.learning import panel as panels
from seedbed.learning.forecast.quantiles import LEVELS
from seedbed.learning.scores import crps, score, table
from seedbed.learning.tournament import Backtest, backtest, scored

PUBLIC = Path(__file__).parents[3] / "shared" / "tournament" / "public"
PAGE = Path(__file__).parents[2] / "docs" / "forecasts.md"


EXAMPLE = Path(__file__).parents[2] / "examples" / "truth"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small truth folder with two regions of wind and a world total."""
    years = range(2008, 2020)
    rows = [(r, y, s * 1.15 ** (y - 2008)) for r, s in (("A", 1.0), ("B", 0.2)) for y in years]
    pl.DataFrame(rows, ["region", "year", "value"], orient="row").write_csv(tmp_path / "wind_gw.csv")
    world = [("world_wind_gw", y, 100 * 1.1 ** (y - 2008)) for y in years]
    pl.DataFrame(world, ["series", "year", "value"], orient="row").write_csv(tmp_path / "world_covariates.csv")
    truth = [("wind_gw", r, o, y, v) for r, y, v in rows for o in (2016, 2018) if o < y <= o + 5]
    pl.DataFrame(truth, ["target", "region", "origin", "year", "value"], orient="row").write_csv(tmp_path / "truth.csv")
    return tmp_path


def test_the_command_answers_every_task_once_with_rising_quantiles_in_the_table_of_the_protocol(
        tmp_path: Path) -> None:
    """On the example that ships."""
    out = tmp_path / "forecast.csv"
    done = subprocess.run(
        [sys.executable, "-m", "seedbed.cli", "backtest", "ev_share", "--truth", str(EXAMPLE), "--origins", "2018",
         "--out", str(out), "--lang", "zh"], capture_output=True, text=True, env={**os.environ, "COLUMNS": "120"},
        check=False)
    assert done.returncode == 0, done.stderr
    assert "提前年数" in done.stdout
    rows = pl.read_csv(out)
    assert rows.columns == ["target", "region", "origin", "year", "quantile", "value"]
    tasks, quantiles = Backtest("ev_share", rows, (2018,), {}).quantiles()
    assert tasks.height == 8 * 3
    assert quantiles.shape == (8 * 3, len(LEVELS))
    assert (np.diff(quantiles, axis=1) >= 0).all()


@pytest.mark.parametrize(
    ("file", "text", "where"),
    [
        ("wind_gw.csv", "region,year,value\nA,2010,\n", "row 2"),
        ("wind_gw.csv", "region,year\nA,2010\n", "value"),
        ("wind_gw.csv", "region,year,value\nA,many,3\n", "wind_gw.csv"),
        ("truth.csv", "target,region,origin,year,value\nwind_gw,Z,2016,2017,1\n", "'Z'"),
        ("truth.csv", "target,region,origin,year,value\nwind_gw,A,2016,2016,1\n", "2016"),
        ("truth.csv", "target,region,origin,year,value\nwind_gw,A,2000,2001,1\n", "2000"),
    ],
)
def test_broken_tables_name_file_and_place(folder: Path, file: str, text: str, where: str) -> None:
    (folder / file).write_text(text)
    with pytest.raises(InvalidInputError, match=where):
        backtest("wind_gw", folder, [2000, 2016])


def test_an_unknown_target_brings_the_near_ones(folder: Path) -> None:
    with pytest.raises(UnknownNameError, match="wind_gw"):
        backtest("wnd_gw", folder, [2016])


def test_a_point_forecast_has_its_absolute_error_as_crps() -> None:
    points = np.repeat([[3.0], [5.0]], len(LEVELS), axis=1)
    assert crps(points, np.array([4.0, 5.0])) == pytest.approx([1.0, 0.0])


def test_coverage_and_bias_of_known_quantiles() -> None:
    fan = np.tile(np.linspace(1, 19, 19), (3, 1))
    found = score(fan, np.array([10.0, 16.0, 30.0]), logs=False)
    assert found["in50"].tolist() == [True, False, False]
    assert found["in90"].tolist() == [True, True, False]
    means = table(pl.DataFrame({**found, "k": [1, 1, 1]}), ["k"]).row(0, named=True)
    assert means["bias"] == pytest.approx(10 - (10 + 16 + 30) / 3)


def test_a_forecast_keeps_the_score_that_the_page_publishes() -> None:
    """Wind from 2020 beside the strongest baseline; the tournament's own scorer gives the same numbers."""
    if not PUBLIC.exists():
        pytest.skip("the tournament's tables are not beside the repository")
    origins = re.search(r"^\| origin .*?\n\n", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert origins is not None
    cells = {row.split("|")[1].strip(): row.split("|")[2:-1] for row in origins[0].strip().splitlines()}
    published = float(cells["wind_gw"][[int(y) for y in cells["origin"]].index(2020)].split()[0])
    best = pl.read_csv(PUBLIC.parent / "forecasts" / "dev_best_baseline_public.csv.gz")
    theirs = Backtest("wind_gw", best.filter(pl.col("target") == "wind_gw", pl.col("origin") == 2020), (2020,), {})
    found, other = (float(scored(b, PUBLIC)["crps"].mean()) for b in (backtest("wind_gw", PUBLIC, [2020]), theirs))  # type: ignore[arg-type]
    assert found / other == pytest.approx(published, abs=0.02)
    assert published < 0.8


def test_the_future_is_cut_off_where_a_panel_is_seen() -> None:
    if not PUBLIC.exists():
        pytest.skip("the tournament's tables are not beside the repository")
    seen = panels.read(PUBLIC, "ev_share").seen(2018)
    assert seen.years[-1] == 2018
    assert all(max(series) <= 2018 for series in seen.totals.values())
