"""Input-output tables as files: one layout for CSV, Excel and Parquet, and the same content as NumPy arrays.

The layout is a sheet with a row for everything that has a name, of `kind`
    sector                                   sales to every sector and every final demand
    final, export, import, discrepancy       a final demand: its row only names it
    output                                   x, where it is not the sum of the sales
    input                                    a primary input of every sector
    stressor                                 emitted by every sector, and by final use
and the columns kind, region, code, name_zh, name_en, unit, then one a sector and one a final demand, headed
"region:code". `numpy` files (.npz) hold Z, Y, x, V, F, FY, and the labels as sectors_code, demands_region ….
"""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import polars as pl
from openpyxl import load_workbook

from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.lifecycle.accounts.china import china_2007
from seedbed.lifecycle.accounts.labels import added
from seedbed.lifecycle.accounts.table import (
    DEMANDS,
    INPUTS,
    KINDS,
    SECTORS,
    STRESSORS,
    Array,
    InputOutput,
    input_output,
    keys,
)
from seedbed.lifecycle.inventory.tables import Schema
from seedbed.lifecycle.labels import name_columns

SHIPPED = "china-2007"
LABELS = ("kind", "region", "code", "name_zh", "name_en", "unit")
ROWS = ("sector", *KINDS, "output", "input", "stressor")
LINE = "line of the file"
_UNREADABLE = (OSError, BadZipFile, ValueError, KeyError, pl.exceptions.PolarsError)
AXES: dict[str, Schema] = {"sectors": SECTORS, "demands": DEMANDS, "inputs": INPUTS, "stressors": STRESSORS}
ARRAYS = ("Z", "Y", "x", "V", "F", "FY")


def opened(name: str, *, sheet: str | None = None, unit: str = "CNY", tolerance: float = 1e-6) -> InputOutput:
    """The table that ships (`china-2007`), or that of a file. Raises InvalidInputError where there is neither."""
    path = Path(name)
    if sheet is not None and path.suffix.lower() != ".xlsx":
        raise InvalidInputError(f"{name} has no sheets.", where=Parameter("sheet"), fix="leave it out.")
    if name == SHIPPED:
        return china_2007()
    if not path.is_file():
        raise InvalidInputError("is no file.", where=name, fix=f"name a table, or {SHIPPED}.")
    return load(path, sheet=sheet, unit=unit, tolerance=tolerance)


def load(path: Path, *, sheet: str | None = None, unit: str = "", year: int | None = None,
         tolerance: float = 1e-6) -> InputOutput:
    """Read a table from .csv, .xlsx, .parquet or .npz; `sheet` names one of an Excel file (default: the first).

    `unit` of money, `year` and `tolerance` as in `input_output`. Raises InvalidInputError naming file, sheet, row
    and column where the layout is not as above or the table is not sound, UnknownNameError for another sheet.
    """
    known: dict[str, Any] = {"name": path.stem, "unit": unit, "year": year, "tolerance": tolerance}
    suffix, where = path.suffix.lower(), path.name
    if suffix not in (".csv", ".xlsx", ".parquet", ".npz"):
        raise InvalidInputError(f"files of type {suffix!r} are not read.", where=where,
                                fix="give .csv, .xlsx, .parquet or .npz.")
    try:
        if suffix == ".npz":
            return _load_arrays(path, known)
        if suffix == ".xlsx":
            sheet = _sheet(path, sheet)
            where = f"{path.name}, sheet {sheet}"
        frame = _frame(path, sheet)
    except _UNREADABLE as error:
        raise InvalidInputError(f"cannot be read ({error}).", where=where,
                                fix=f"check that it is there and a whole {suffix} file.") from error
    return _from_sheet(frame.with_row_index(LINE, offset=2), where, known)


def _frame(path: Path, sheet: str | None) -> pl.DataFrame:
    if path.suffix.lower() == ".csv":
        texts: Schema = dict.fromkeys(LABELS, pl.String)
        return pl.read_csv(path, infer_schema_length=None, schema_overrides=texts)
    if path.suffix.lower() == ".parquet":
        return pl.read_parquet(path)
    return pl.read_excel(path, sheet_name=sheet, engine="openpyxl")


def _sheet(path: Path, sheet: str | None) -> str:
    """The name of the sheet to read. Raises UnknownNameError where the workbook has no such sheet."""
    book = load_workbook(path, read_only=True)
    names = book.sheetnames
    book.close()
    if sheet is not None and sheet not in names:
        raise UnknownNameError(f"sheet of {path.name}", sheet, names)
    return sheet or names[0]


def save(table: InputOutput, path: Path) -> None:
    """Write `table` as .csv, .parquet or .npz, as `load` reads it. Raises InvalidInputError for another type."""
    writers = {".csv": partial(pl.DataFrame.write_csv, include_bom=True), ".parquet": pl.DataFrame.write_parquet}
    suffix = path.suffix.lower()
    if suffix == ".npz":
        names = {f"{axis}_{column}": getattr(table, axis)[column].fill_null("").to_numpy().astype(str)
                 for axis, schema in AXES.items() for column in schema}
        np.savez_compressed(path, **{symbol: getattr(table, symbol) for symbol in ARRAYS}, **names)
    elif suffix in writers:
        content = io.BytesIO()  # polars' own errors of the disk have no number
        writers[suffix](to_sheet(table), content)
        path.write_bytes(content.getvalue())
    else:
        raise InvalidInputError(f"files of type {suffix!r} are not written.", where=path.name,
                                fix="name it .csv, .parquet or .npz.")


def to_sheet(table: InputOutput) -> pl.DataFrame:
    """`table` in the layout of this module."""
    output = pl.DataFrame([{"kind": "output", "code": "x", **name_columns(added().output)}])
    parts = [table.sectors.with_columns(kind=pl.lit("sector")), table.demands, output,
             table.inputs.with_columns(kind=pl.lit("input")), table.stressors.with_columns(kind=pl.lit("stressor"))]
    labels = pl.concat(parts, how="diagonal")
    labels = labels.select(pl.col(name) if name in labels.columns else pl.lit(None, pl.String).alias(name)
                           for name in LABELS)
    n, m, k = len(table.x), table.demands.height, table.inputs.height
    numbers = np.full((labels.height, n + m), np.nan)
    numbers[:n] = np.hstack([table.Z, table.Y])
    numbers[n + m, :n] = table.x
    numbers[n + m + 1: n + m + 1 + k, :n] = table.V
    numbers[n + m + 1 + k:] = np.hstack([table.F, table.FY])
    values = pl.DataFrame(numbers, schema=[*table.keys, *keys(table.demands)], orient="row").fill_nan(None)
    return pl.concat([labels, values], how="horizontal")


def _from_sheet(frame: pl.DataFrame, where: str, known: dict[str, Any]) -> InputOutput:
    if missing := [name for name in ("kind", "region", "code") if name not in frame.columns]:
        raise InvalidInputError(f"it lacks the columns {missing}.", where=where,
                                fix="see the layout in lifecycle/accounts/files.py.")
    labels = frame.select(pl.col(name).cast(pl.String) if name in frame.columns
                          else pl.lit(None, pl.String).alias(name) for name in LABELS)
    known_kind = pl.col("kind").is_in(ROWS).fill_null(False)
    if (odd := labels.with_columns(frame[LINE]).filter(~known_kind)).height:
        raise InvalidInputError(f"kind {odd['kind'][0]!r} is not known.",
                                where=f"{where}, row {odd[LINE][0]}, column kind", fix=f"use {', '.join(ROWS)}.")
    sectors, demands = (labels.filter(pl.col("kind").is_in(kinds)) for kinds in (["sector"], KINDS))
    sold, bought = keys(sectors), keys(demands)
    named = set(frame.columns) - {LINE, *LABELS}
    if strange := sorted(named ^ {*sold, *bought}):
        what = "no row names it" if strange[0] in named else "no column holds it"
        raise InvalidInputError(f"{strange[0]!r}: {what} ({len(strange)} in all).", where=where,
                                fix='give every sector and final demand a row, and a column headed "region:code".')

    def block(kind: str, columns: list[str]) -> Array:
        return _numbers(frame.filter(pl.col("kind") == kind), columns, where)

    output = block("output", sold)
    return input_output(
        sectors.select(*SECTORS), block("sector", sold), demands.select(*DEMANDS), block("sector", bought),
        x=output[0] if len(output) else None,
        inputs=labels.filter(pl.col("kind") == "input").select(*INPUTS), V=block("input", sold),
        stressors=labels.filter(pl.col("kind") == "stressor").select(*STRESSORS), F=block("stressor", sold),
        FY=block("stressor", bought), **known)


def _numbers(rows: pl.DataFrame, columns: list[str], where: str) -> Array:
    """The numbers of `rows`; raises InvalidInputError at the first cell that has none."""
    found = rows.select(pl.col(name).cast(pl.Float64, strict=False) for name in columns)
    lacking = [name for name in columns if found[name].null_count()]
    if lacking:
        row = found[lacking[0]].is_null().arg_max() or 0
        raise InvalidInputError(f"{rows[lacking[0]][row]!r} is not a number.",
                                where=f"{where}, row {rows[LINE][row]} ({rows['code'][row]}), column {lacking[0]}",
                                fix="write 0 where nothing is sold, taken in or emitted.")
    return found.to_numpy().reshape(rows.height, len(columns))


def _load_arrays(path: Path, known: dict[str, Any]) -> InputOutput:
    with np.load(path, allow_pickle=False) as file:
        content = {name: file[name] for name in file.files}
    needed = {"Z", "Y", *(f"{axis}_{name}" for axis in ("sectors", "demands") for name in ("region", "code"))}
    if missing := sorted(needed - set(content)):
        raise InvalidInputError(f"it lacks the arrays {missing}.", where=path.name,
                                fix="see the layout in lifecycle/accounts/files.py.")

    def labels(axis: str) -> pl.DataFrame:
        there = {name: content[f"{axis}_{name}"].astype(str) for name in AXES[axis] if f"{axis}_{name}" in content}
        return pl.DataFrame(there, schema=dict.fromkeys(there, pl.String)).with_columns(
            pl.all().replace("", None))

    return input_output(labels("sectors"), content["Z"], labels("demands"), content["Y"], inputs=labels("inputs"),
                        stressors=labels("stressors"), **{a: content.get(a) for a in ("x", "V", "F", "FY")}, **known)
