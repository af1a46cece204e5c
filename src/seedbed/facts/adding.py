"""Adding numbers of one's own: every row is checked before any is kept."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from seedbed.base.errors import InvalidInputError, SeedbedError, UnknownNameError
from seedbed.base.units import factor
from seedbed.facts import own, places, registry
from seedbed.facts.own import Row
from seedbed.facts.read import goes_below_zero, largest, place_id, read_again, shipped_value
from seedbed.facts.registry import Table

ASKED = ("place", "variable", "year", "value", "source")
MAY = ("table", "unit", "quality")
QUALITY = 3
EARLIEST, LATEST = 1900, 2100

BEYOND = 1000
"""Times the largest number known from which one's own is a mistake of unit or of typing."""


def add(path: str | Path) -> list[Row]:
    """Lay the rows of a CSV file over the tables that ship; all are checked before any is kept.

    Columns: place, variable, year, value, source; and, where they are wanted, table (needed where several have the
    variable), unit (converted where it is of the same kind) and quality (1 good … 4 poor, 3 by default). What was added
    before for the same place, year and variable is replaced. Raises InvalidInputError and UnknownNameError, with the
    row.
    """
    path = Path(path)
    found = [_row(path, number, raw) for number, raw in enumerate(_read(path), start=2)]
    twice = [key for key, count in Counter(row.key for row in found).items() if count > 1]
    if twice:
        raise InvalidInputError(f"{', '.join(map(str, twice[0]))} is given twice.", where=path.name,
                                fix="give it once.")
    for table in {row.table for row in found}:
        merged = {row.key: row for row in (*own.rows(table), *(row for row in found if row.table == table))}
        own.keep(table, [merged[key] for key in sorted(merged)])
    read_again()
    return found


def forget(table: str) -> int:
    """Take back one's own rows of a table; how many there were. Raises UnknownNameError where there are none."""
    if table not in own.tables():
        raise UnknownNameError("table with rows of your own", table, own.tables())
    try:
        count = len(own.rows(table))
    except InvalidInputError:  # a damaged file is what it is for
        count = 0
    own.file(table).unlink()
    read_again()
    return count


def _read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        raise InvalidInputError("there is no such file.", where=str(path), fix="correct the path.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.DictReader(text)
            found, head = list(reader), reader.fieldnames or ()
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInputError(f"cannot be read ({error}).", where=path.name,
                                fix="save it as CSV in UTF-8.") from error
    if lacking := [name for name in ASKED if name not in head]:
        raise InvalidInputError(f"lacks the column {', '.join(lacking)}.", where=path.name,
                                fix=f"give the columns {', '.join(ASKED)}; {', '.join(MAY)} where wanted.")
    for name in head:
        if name not in (*ASKED, *MAY) or head.count(name) > 1:
            raise InvalidInputError(f"the column {name!r} is not known, or comes twice.", where=path.name,
                                    fix=f"give the columns {', '.join(ASKED)}; {', '.join(MAY)} where wanted.")
    if not found:
        raise InvalidInputError("has no rows.", where=path.name, fix="give one number a row.")
    return found


def _row(path: Path, number: int, raw: dict[str, str]) -> Row:
    where = f"{path.name}, row {number}"
    text = {name: (raw.get(name) or "").strip() for name in (*ASKED, *MAY)}
    for name in ASKED:
        if not text[name]:
            raise InvalidInputError(f"{name} is empty.", where=where, fix="give it, or leave the row out.")
    table = _table(text["table"], text["variable"], where)
    place = _place(table, text["place"], where)
    year, value = _number(text["year"], where, "year"), _number(text["value"], where, "value")
    quality = _number(text["quality"] or str(QUALITY), where, "quality")
    if not (year.is_integer() and EARLIEST <= year <= LATEST):
        raise InvalidInputError(f"{text['year']!r} is not a year.", where=where, fix="write 2024.")
    if quality not in (1, 2, 3, 4):
        raise InvalidInputError(f"{text['quality']!r} is no mark of quality.", where=where,
                                fix="give 1 (good) to 4 (poor).")
    unit = table.variables[text["variable"]].unit
    value *= _size(text["unit"] or unit, unit, where)
    if value < 0 and not goes_below_zero(table.id, text["variable"]):
        raise InvalidInputError(f"{text['variable']} is never below zero.", where=where, fix="correct the value.")
    if abs(value) > BEYOND * (most := largest(table.id, text["variable"])):
        raise InvalidInputError(f"{value:g} {unit} is over {BEYOND} times anything that is known ({most:g}).",
                                where=where, fix="correct the value or its unit.")
    return Row(table.id, place, int(year), text["variable"], value, int(quality), text["source"],
               shipped_value(table.id, place, int(year), text["variable"]))


def _table(name: str, variable: str, where: str) -> Table:
    """The yearly table of a variable, by name or because no other has it."""
    yearly = {table.id: table for table in registry.tables() if table.is_long and "month" not in table.columns}
    if name:
        if name not in yearly:
            raise UnknownNameError(f"table of yearly numbers ({where})", name, yearly)
        if variable not in yearly[name].variables:
            raise UnknownNameError(f"variable of {name} ({where})", variable, yearly[name].variables)
        return yearly[name]
    found = [table for table in yearly.values() if variable in table.variables]
    if not found:
        known = {name for table in yearly.values() for name in table.variables}
        raise UnknownNameError(f"variable ({where})", variable, known)
    if len(found) > 1:
        raise InvalidInputError(f"{variable} is in the tables {', '.join(table.id for table in found)}.", where=where,
                                fix="add a column `table` that says which.")
    return found[0]


def _place(table: Table, name: str, where: str) -> str:
    """The id of a place in the table; a province or the nation may be new to it."""
    try:
        return place_id(table, name)
    except SeedbedError:
        try:
            return places.resolve(name).id
        except SeedbedError as error:
            raise InvalidInputError(f"{name!r} is no place ({error}).", where=where,
                                    fix="name a province or the nation.") from error


def _number(text: str, where: str, name: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise InvalidInputError(f"{name} {text!r} is no number.", where=where,
                                fix="write digits with a decimal point: 1234.5.")
    return value


def _size(unit: str, to: str, where: str) -> float:
    try:
        return factor(unit, to)
    except (UnknownNameError, ValueError) as error:
        raise InvalidInputError(f"{unit} cannot be counted in {to} ({error}).", where=where,
                                fix=f"give the value in {to}.") from error
