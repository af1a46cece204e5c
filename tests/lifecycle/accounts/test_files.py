"""Tables come back from files as they went in, and bad sheets are refused by file, row and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.accounts.china import china_2007
from seedbed.lifecycle.accounts.files import ARRAYS, AXES, load, save, to_sheet
from seedbed.lifecycle.accounts.table import InputOutput


def same(a: InputOutput, b: InputOutput, closeness: float = 0.0) -> None:
    for symbol in ARRAYS:
        assert getattr(a, symbol) == pytest.approx(getattr(b, symbol), rel=closeness, abs=0), symbol
    for axis in AXES:
        assert getattr(a, axis).equals(getattr(b, axis)), axis


@pytest.mark.parametrize("suffix", ["csv", "parquet", "npz"])
def test_a_saved_table_is_read_back_to_the_last_bit(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"china.{suffix}"
    save(china_2007(), path)
    same(load(path, unit="CNY", year=2007), china_2007())


def test_a_sheet_of_a_workbook_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet, frame = book.create_sheet("2007"), to_sheet(china_2007())
    sheet.append(frame.columns)
    for row in frame.iter_rows():
        sheet.append(row)
    book.save(tmp_path / "china.xlsx")
    same(load(tmp_path / "china.xlsx", sheet="2007"), china_2007(), 1e-14)


def sheet() -> pl.DataFrame:
    return pl.DataFrame({
        "kind": ["sector", "sector", "final", "stressor"], "region": ["CN", "CN", "CN", None],
        "code": ["1", "2", "C", "co2"], "name_en": ["Farms", "Works", "Consumption", "CO2"],
        "CN:1": [2.0, 1.0, None, 5.0], "CN:2": [3.0, 8.0, None, 6.0], "CN:C": [5.0, 11.0, None, 0.5]})


def test_columns_that_may_lack_are_not_asked_for(tmp_path: Path) -> None:
    sheet().write_csv(tmp_path / "small.csv")
    table = load(tmp_path / "small.csv")
    assert (table.name, table.x.tolist(), table.FY.tolist()) == ("small", [10.0, 20.0], [[0.5]])
    assert table.inputs.height == 0


@pytest.mark.parametrize(("change", "words"), [
    ({"CN:2": ["3", "many", None, "6"]}, ("bad.csv, row 3 (2), column CN:2", "'many' is not a number")),
    ({"CN:2": [3.0, None, None, 6.0]}, ("row 3 (2), column CN:2", "None is not a number")),
    ({"kind": ["sector", "industry", "final", "stressor"]}, ("bad.csv, row 3, column kind", "'industry'", "sector")),
    ({"CN:X": [0.0, 0.0, None, 0.0]}, ("'CN:X': no row names it",)),
    ({"code": ["1", "3", "C", "co2"]}, ("'CN:2': no row names it (2 in all)",)),
    ({"CN:C": [5.0, 12.5, None, 0.0], "x": None}, ("'x': no row names it",)),
])
def test_a_bad_sheet_is_refused_by_row_and_column(
    change: dict[str, list[object]], words: tuple[str, ...], tmp_path: Path,
) -> None:
    changed = sheet().with_columns(pl.Series(name, values, strict=False) if values else pl.lit(0.0).alias(name)
                                   for name, values in change.items())
    changed.write_csv(tmp_path / "bad.csv")
    with pytest.raises(InvalidInputError) as caught:
        load(tmp_path / "bad.csv")
    for word in words:
        assert word in str(caught.value)


def test_a_bad_cell_of_a_workbook_is_named_with_its_sheet(tmp_path: Path) -> None:
    path = tmp_path / "bad.xlsx"
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "1995"
    frame = sheet()
    for row in (frame.columns, *frame.iter_rows()):
        first.append(row)
    first["F2"] = "2,0"
    book.create_sheet("2007")
    book.save(path)
    with pytest.raises(InvalidInputError, match=r"bad\.xlsx, sheet 1995, row 2 \(1\), column CN:2: '2,0' is not"):
        load(path)
    with pytest.raises(UnknownNameError, match=r"sheet of bad\.xlsx '2008'.*2007"):
        load(path, sheet="2008")
    with pytest.raises(InvalidInputError, match=r"bad\.xlsx, sheet 2007"):
        load(path, sheet="2007")


@pytest.mark.parametrize("name", ["cut.csv", "cut.xlsx", "cut.parquet", "cut.npz"])
def test_what_is_no_such_file_is_named(name: str, tmp_path: Path) -> None:
    for content in (None, b"PK\x03\x04 no workbook, \xff"):
        if content:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(InvalidInputError, match=name.replace(".", r"\.")):
            load(tmp_path / name)


def test_other_types_of_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"\.xlsx, \.parquet"):
        load(tmp_path / "china.txt")
    with pytest.raises(InvalidInputError, match="not written"):
        save(china_2007(), tmp_path / "china.txt")
    np.savez(tmp_path / "bare.npz", Z=np.eye(2))
    with pytest.raises(InvalidInputError, match="sectors_code"):
        load(tmp_path / "bare.npz")
