"""What is asked of a scheme, from a file: YAML or JSON, an Excel form, or CSV with one assessment a row.

A YAML or JSON file holds one mapping, or a list of them. An Excel form (`seedbed scheme template`) has a sheet `asked`
with a field a row and a sheet for every table. A CSV (or a sheet whose head names fields) asks once for each row; where
its columns are those of the scheme's only table, it fills that table.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from seedbed.base.datafile import load_yaml
from seedbed.base.errors import InvalidInputError, SeedbedError
from seedbed.operate.scheme import Ask, Scheme

FORMS = (".yaml", ".yml", ".json", ".csv", ".xlsx")


class Asked(NamedTuple):
    """One thing asked, and where it stands in its file."""

    where: str
    fields: Mapping[str, Any]


def asked_in(path: Path, of: Scheme) -> list[Asked]:
    """All that a file asks. Raises InvalidInputError naming file, sheet and row."""
    suffix = path.suffix.lower()
    if suffix not in FORMS:
        raise InvalidInputError(f"{path.name} is no form that is read.", where=str(path),
                                fix=f"end its name in {', '.join(FORMS)}.")
    if not path.is_file():
        raise InvalidInputError("does not exist.", where=str(path), fix="name a file.")
    if suffix in (".yaml", ".yml"):
        return _mappings(load_yaml(path), path)
    if suffix == ".json":
        return _mappings(read_json(path), path)
    if suffix == ".csv":
        from seedbed.lifecycle.formats.encodings import decode

        text = decode(path.read_bytes())
        return _rows(list(csv.reader(text.splitlines())), of, path.name)
    return _workbook(path, of)


def read_json(path: Path) -> Any:
    """What a JSON file holds, numbers exact. Raises InvalidInputError naming the file."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except ValueError as error:
        raise InvalidInputError(f"is not valid JSON ({error}).", where=path.name, fix="correct it.") from error


def _mappings(raw: object, path: Path) -> list[Asked]:
    several: list[Any] = raw if isinstance(raw, list) else [raw]
    if not several:
        raise InvalidInputError("holds nothing.", where=path.name, fix="write NAME: VALUE lines.")
    for n, one in enumerate(several, start=1):
        if not isinstance(one, Mapping):
            raise InvalidInputError("holds no fields.", where=f"{path.name}, {n}", fix="write NAME: VALUE lines.")
    many = len(several) > 1
    return [Asked(f"{path.name}, {n}" if many else path.name, one) for n, one in enumerate(several, start=1)]


def _named(head: Sequence[Any], asks: Mapping[str, Ask]) -> list[str]:
    """Heads as names of fields: ids, or labels in either language."""
    labels = {label.strip().lower(): name for name, ask in asks.items() for label in (ask.label.zh, ask.label.en)}
    plain = [str(cell or "").strip() for cell in head]
    return [cell if cell in asks else labels.get(cell.lower(), cell) for cell in plain]


def _rows(table: list[list[Any]], of: Scheme, where: str) -> list[Asked]:
    filled = [(n, row) for n, row in enumerate(table, start=1) if any(str(cell or "").strip() for cell in row)]
    if len(filled) < 2:
        raise InvalidInputError("has a head and no rows, or nothing.", where=where, fix="write a row below the head.")
    heads = [str(cell).strip() for cell in filled[0][1] if str(cell or "").strip()]
    if len({*heads}) < len(heads):
        raise InvalidInputError("has a column twice.", where=where, fix="name every column once.")
    for n, row in filled[1:]:
        if len(row) > len(filled[0][1]):
            raise InvalidInputError("has more cells than the head.", where=f"{where}, row {n}",
                                    fix="quote cells that hold commas.")
    tables = {name: ask for name, ask in of.asks.items() if ask.kind == "rows"}
    for name, ask in tables.items():
        head = _named(filled[0][1], ask.columns)
        if {*filter(None, head)} <= ask.columns.keys():
            return [Asked(where, {name: [_record(head, row) for _, row in filled[1:]]})]
    head = _named(filled[0][1], of.asks)
    if unknown := [cell for cell in head if cell and cell not in of.asks]:
        raise InvalidInputError(f"has the column {unknown[0]!r}, which {of.id} does not ask.", where=where,
                                fix=f"use the fields {', '.join(of.asks)}"
                                    + "".join(f", or those of {n}: {', '.join(a.columns)}" for n, a in tables.items())
                                    + ".")
    return [Asked(f"{where}, row {n}", _record(head, row)) for n, row in filled[1:]]


def _record(head: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    return {name: _cell(cell) for name, cell in zip(head, row, strict=False) if name and _cell(cell) is not None}


def _cell(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, float):
        return Decimal(repr(cell))
    return cell


def read_sheets(path: Path) -> dict[str, list[list[Any]]]:
    """The cells of every sheet of an Excel file, row by row; texts stripped, numbers decimal, lines with # left out."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, data_only=True, read_only=True)
    except Exception as error:
        raise InvalidInputError(f"is no Excel file that can be read ({type(error).__name__}).", where=str(path),
                                fix="save it as .xlsx again.") from error
    return {sheet.title: [[_cell(cell) for cell in row] for row in sheet.iter_rows(values_only=True)
                          if not str(next(iter(row), "") or "").startswith("#")] for sheet in book.worksheets}


def _workbook(path: Path, of: Scheme) -> list[Asked]:
    sheets = read_sheets(path)
    tables = {name for name, ask in of.asks.items() if ask.kind == "rows"}
    if "asked" not in sheets and not tables & sheets.keys():
        if len(sheets) > 1:
            raise InvalidInputError(f"has the sheets {', '.join(sheets)}.", where=path.name,
                                    fix=f"name them {', '.join(['asked', *sorted(tables)])}.")
        title, table = next(iter(sheets.items()))
        return _rows(table, of, f"{path.name}, sheet {title}")
    fields: dict[str, Any] = {}
    for row in sheets.get("asked", []):
        if row and row[0] is not None and len(row) > 1 and str(row[0]) != "field" and _cell(row[1]) is not None:
            fields[_named([row[0]], of.asks)[0]] = _cell(row[1])
    for name in sorted(tables & sheets.keys()):
        rows = [row for row in sheets[name] if any(cell is not None for cell in row)]
        if len(rows) > 1:
            head = _named(rows[0], of.asks[name].columns)
            fields[name] = [_record(head, row) for row in rows[1:]]
    return [Asked(path.name, fields)]


class Row(NamedTuple):
    """What became of one thing asked of a bulk file."""

    where: str
    result: Any
    error: str | None


def reported(asked: Sequence[Asked], work: Any) -> list[Row]:
    """`work` done for each thing asked, and what each said; errors of one do not hide those of others."""
    out = []
    for one in asked:
        try:
            out.append(Row(one.where, work(one.fields), None))
        except SeedbedError as error:
            out.append(Row(one.where, None, str(error)))
    return out
