"""Sheets of cells as text: read from an Excel workbook or a folder of CSV files, and written to either."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as BookCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats.encodings import decode
from seedbed.lifecycle.formats.packages import check_size

Cell = str | float | int | None
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What old workbooks, and those with a password, begin with."""
LONGEST = 32767  # characters in a cell of Excel
DEEPEST = 1_048_576  # rows in a sheet of Excel
_HEADER, _NEEDED, _EXAMPLE = (PatternFill("solid", fgColor=colour) for colour in ("FFD9EAD3", "FF93C47D", "FFFFF2CC"))


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet as read: `title` as errors name it, `header` its first row, `rows` the others that are not empty.

    `comma`: numbers have decimal commas, as where cells are separated by semicolons; None where that is not told.
    `cut`: cells are cut at commas, so that a decimal comma without quotation marks makes two of one.
    """

    title: str
    header: list[str | None]
    rows: list[tuple[int, list[str | None]]]
    comma: bool | None = False
    cut: bool = False

    def where(self, column: int, row: int) -> str:
        """A cell as people find it: `清单 Exchanges!D7`."""
        return f"{self.title}!{get_column_letter(column + 1)}{row}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column to write: header, width in characters, whether it is needed, the words it offers, and a note.

    `words` is a list, or a range of another sheet (`'流 Flows'!$A$2:$A$99`); `strict`: Excel refuses others.
    """

    header: str
    width: int = 16
    needed: bool = False
    words: Sequence[str] | str = ()
    strict: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to write. The first `examples` rows are shaded; lists reach `spare` rows beyond the last one.

    Without `columns` it is a page of text: its first row a heading, no header row.
    """

    title: str
    file: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    examples: int = 0
    spare: int = 500
    widths: Sequence[int] = field(default=())


def read(path: Path) -> dict[str, Grid]:
    """Sheets by name: of a workbook (.xlsx), or the CSV files of a folder (by file name without .csv).

    Raises InvalidInputError if it is neither.
    """
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv")
        if not files:
            raise InvalidInputError("the folder holds no CSV file.", where=path.name, fix="name a folder of the form.")
        return {file.stem: _grid(file.name, *_csv(file)) for file in files}
    _check_archive(path)
    try:
        return _workbook(path)
    except Exception as error:  # openpyxl fails in whatever way the damage leads it to
        raise InvalidInputError(f"this is not an Excel workbook ({error}).", where=path.name,
                                fix="save it from Excel as .xlsx, or name a folder of CSV files.") from error


def _check_archive(path: Path) -> None:
    """Raise InvalidInputError for a workbook of another kind, one with a password, or one that unpacks to too much."""
    with path.open("rb") as file:
        old = file.read(8) == OLE
    if old:
        raise InvalidInputError("is an old Excel workbook (.xls), or one with a password.", where=path.name,
                                fix="save it from Excel as .xlsx without a password.")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            check_size(path, ((member.file_size, member.compress_size) for member in archive.infolist()))


def letter(column: int) -> str:
    """The letter of a column, counted from 0."""
    return get_column_letter(column + 1)


def _workbook(path: Path) -> dict[str, Grid]:
    book = load_workbook(path, read_only=True, data_only=True)
    grids = {}
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # programs write wrong ones
        grids[sheet.title] = _grid(sheet.title, ([_text(value) for value in row] for row in sheet.values))
    book.close()
    return grids


def _grid(title: str, rows: Iterable[list[str | None]], comma: bool | None = False, cut: bool = False) -> Grid:
    numbered = enumerate(rows, start=1)
    header = next((row for _, row in numbered), [])
    while header and header[-1] is None:
        header = header[:-1]
    held = [(number, row) for number, row in numbered if any(cell is not None for cell in row)]
    return Grid(title, header, held, comma, cut)


def _text(value: Any) -> str | None:
    if isinstance(value, datetime):
        value = value.date() if value.time() == datetime.min.time() else value
    return None if value is None else str(value).strip() or None


_DECIMAL_COMMA = re.compile(r"[+-]?\d+(\.\d{3})*,\d+")
_DECIMAL_POINT = re.compile(r"[+-]?(0|\d{4,})?\.\d+|[+-]?\d+\.(\d{1,2}|\d{4,})")  # of which no thousands are made


def _csv(path: Path) -> tuple[list[list[str | None]], bool | None, bool]:
    """Excel saves CSV in the code page of its Windows, and with the list separator of its country.

    Semicolons go with decimal commas unless the numbers say otherwise; where some say the one and some the other, or
    none says anything, that is not told (None).
    """
    content = decode(path.read_bytes())
    first = content.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(content, newline=""), delimiter=separator)
    cells = [[cell.strip() or None for cell in row] for row in rows]
    commas, points = (any(form.fullmatch(cell) for row in cells for cell in row if cell)
                      for form in (_DECIMAL_COMMA, _DECIMAL_POINT))
    comma = False if separator != ";" else None if commas == points else commas
    return cells, comma, separator == ","


def write(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write a workbook if `path` ends in .xlsx, else a folder of CSV files (UTF-8 with a mark, as Excel likes).

    Raises InvalidInputError where a workbook cannot hold it.
    """
    if path.suffix.lower() == ".xlsx":
        _write_workbook(path, sheets)
        return
    path.mkdir(parents=True, exist_ok=True)
    for sheet in sheets:
        with (path / f"{sheet.file}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if sheet.columns:
                writer.writerow(column.header for column in sheet.columns)
            writer.writerows([_shown(cell) for cell in row] for row in sheet.rows)


def _shown(value: Cell) -> str | int | None:
    return repr(value) if isinstance(value, float) else value


def _write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    book = Workbook(write_only=True)
    for sheet in sheets:
        out = book.create_sheet(sheet.title)
        for number, width in enumerate([column.width for column in sheet.columns] or sheet.widths, start=1):
            out.column_dimensions[get_column_letter(number)].width = width
        if sheet.columns:
            out.freeze_panes = "B2"
            out.append([_header(out, column) for column in sheet.columns])
        count = 0
        for count, row in enumerate(sheet.rows, start=1):
            if count >= DEEPEST:
                raise InvalidInputError(f"more than {DEEPEST} rows do not fit in a sheet.", where=sheet.title,
                                        fix="write a folder of CSV files instead.")
            shade = _EXAMPLE if count <= sheet.examples else None
            page = not sheet.columns
            out.append([_cell(out, value, shade, sheet.title, wrap=page, bold=page and count == 1) for value in row])
        for number, column in enumerate(sheet.columns, start=1):
            if column.words:
                letter = get_column_letter(number)
                out.data_validations.append(_validation(column, f"{letter}2:{letter}{count + 1 + sheet.spare}"))
    book.save(path)


def _header(out: Any, column: Column) -> BookCell:
    cell = WriteOnlyCell(out, column.header)
    cell.font, cell.fill = Font(bold=True), _NEEDED if column.needed else _HEADER
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    if column.note:
        cell.comment = Comment(column.note, "Seedbed", width=320, height=90)
    return cell


def _cell(out: Any, value: Cell, shade: PatternFill | None, title: str, *, wrap: bool, bold: bool) -> Any:
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
        if len(value) > LONGEST:
            raise InvalidInputError(f"a text of {len(value)} characters does not fit in a cell.", where=title,
                                    fix="write a folder of CSV files instead.")
    if not (shade or wrap or (isinstance(value, str) and value[:1] in ("=", "#"))):
        return value
    cell = WriteOnlyCell(out, value)
    if isinstance(value, str):
        cell.data_type = "s"  # never a formula, never an error
    if shade:
        cell.fill = shade
    if wrap:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True, size=14)
    return cell


def _validation(column: Column, cells: str) -> DataValidation:
    listed = column.words if isinstance(column.words, str) else f'"{",".join(column.words)}"'
    return DataValidation(type="list", formula1=listed, allow_blank=True, sqref=cells, showErrorMessage=column.strict)


def columns_of(header: Sequence[str | None], names: Mapping[str, str], grid: Grid) -> dict[str, int]:
    """Where each column is: `names` maps the accepted spellings (see `key`) to the column's own name.

    Raises InvalidInputError for a header that is none of them, or that comes twice.
    """
    found: dict[str, int] = {}
    for number, title in enumerate(header):
        if title is None:
            continue
        name = names.get(key(title))
        if name is None or name in found:
            known = ", ".join(dict.fromkeys(names.values()))
            problem = "is not a column of this sheet" if name is None else "comes twice"
            raise InvalidInputError(f"the header {title!r} {problem}.", where=grid.where(number, 1),
                                    fix=f"use the headers of the template ({known}); notes go in Comment.")
        found[name] = number
    return found


def key(text: str) -> str:
    """A header or word without what people change about it: case, spaces, the mark *."""
    return "".join(text.casefold().replace("*", "").split())
