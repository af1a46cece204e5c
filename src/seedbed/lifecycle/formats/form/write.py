"""Writing the form people fill in: empty with its guide and an example, or filled with any inventory.

An inventory reads back unchanged (blank texts come back as nulls, a null flag as no, `where` of what has
none is its cell, and a workbook keeps 16 figures of a number).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from seedbed.lifecycle.formats import grids, spreads
from seedbed.lifecycle.formats.form.schema import both, form
from seedbed.lifecycle.inventory.tables import Inventory

_LAST = 2000  # rows of other sheets that lists of the form offer


def write_template(path: Path) -> None:
    """Write the empty form with its guide and one example: a workbook (.xlsx) or a folder of CSV files."""
    example = form().example
    rows = {
        name: [[_written(name, column, row.get(column)) for column in sheet.columns if not sheet.columns[column].export]
               for row in example.get(name, ())]
        for name, sheet in form().sheets.items() if not sheet.export
    }
    sheets = [
        grids.Sheet(
            form().sheets[name].title, name, _columns(name, export=False), shown, examples=len(shown), spare=_LAST
        )
        for name, shown in rows.items()
    ]
    grids.write(path, [_guide(example["database"], sheets), *sheets])


def write(inventory: Inventory, path: Path) -> None:
    """Write any inventory in this form, as a workbook (.xlsx) or a folder of CSV files; `read` gives it back.

    Raises InvalidInputError where it does not fit a workbook (rows of a sheet, characters of a cell).
    """
    sheets = [
        grids.Sheet(sheet.title, name, _columns(name, export=True), _rows(name, inventory))
        for name, sheet in form().sheets.items()
        if not sheet.export or getattr(inventory, name).height
    ]
    about = {"name": inventory.name, "version": inventory.version, "licence": inventory.licence,
             "depends": ", ".join(inventory.depends)}
    grids.write(path, [_guide(about, sheets), *sheets])


def _columns(name: str, *, export: bool) -> list[grids.Column]:
    """The columns of a sheet to write, with the words they offer."""
    columns = []
    for column, about in form().sheets[name].columns.items():
        if about.export and not export:
            continue
        words: Sequence[str] | str = ()
        if about.choice:
            words = [form().word(about.choice, code) for code in form().choices[about.choice]]
        elif column == "unit" and name in ("flows", "exchanges"):
            words = form().units
        elif column in ("process", "flow", "source"):
            other = {"process": "processes", "flow": "flows", "source": "sources"}[column]
            words = f"'{form().sheets[other].title}'!$A$2:$A${_LAST}"
        note = f"{about.help.zh}\n{about.help.en}"
        columns.append(grids.Column(about.header, about.width, about.required, words, bool(about.choice), note))
    return columns


def _guide(about: Mapping[str, str], sheets: Sequence[grids.Sheet]) -> grids.Sheet:
    """The page of the guide: how to fill in, the database's name, and every column."""
    rows: list[tuple[str, ...]] = [(text.zh, text.en) for text in form().guide]
    rows += [(), *((both(entry.label), about.get(name, ""), f"{entry.help.zh} {entry.help.en}")
                   for name, entry in form().database.items())]
    for sheet in sheets:
        described = form().sheets[sheet.file]
        rows += [(), (f"▍{described.title}", f"{described.help.zh} {described.help.en}")]
        rows += [(column.header, column.help.zh, column.help.en) for column in described.columns.values()
                 if any(shown.header == column.header for shown in sheet.columns)]
    return grids.Sheet(both(form().guide_title), "guide", (), rows, widths=(58, 62, 58))


def _written(sheet: str, column: str, value: Any) -> grids.Cell:
    choice = form().sheets[sheet].columns[column].choice
    return form().word(choice, str(value)) if choice and value is not None else value


def _rows(name: str, inventory: Inventory) -> Iterator[tuple[grids.Cell, ...]]:
    """The rows of a table as the form shows them."""
    frame: pl.DataFrame = getattr(inventory, name)
    if name == "exchanges":
        named = inventory.flows.select(flow="id", flow_name=pl.coalesce("name_zh", "name_en"), own="unit")
        frame = frame.join(named.unique("flow"), on="flow", how="left", maintain_order="left").with_columns(
            source_unit=pl.when(pl.col("unit") != pl.col("own")).then("unit"),
            unit=pl.when(pl.col("unit").is_not_null()).then(pl.coalesce("own", "unit")),
        )
    columns: list[Sequence[Any]] = []
    for column, about in form().sheets[name].columns.items():
        if column == "uncertainty":
            columns.append([spreads.text(row) for row in frame.select(*spreads.NONE).iter_rows(named=True)])
        elif about.choice:
            codes = frame[column].cast(pl.String)
            words = {code: form().word(about.choice, code) for code in codes.unique().drop_nulls()}
            columns.append(codes.replace(words).to_list())
        else:
            columns.append(frame[column].to_list())
    return zip(*columns, strict=True)
