"""What every recipe shares: reading the raw CSV files, and writing a table in the product's schema."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

TABLES = Path(__file__).parents[2] / "src" / "seedbed" / "facts" / "tables"
LONG = ("place", "year", "variable", "value", "quality", "note")
MONTHLY = ("place", "year", "month", "variable", "value", "quality", "note")

Cell = str | int | float | None
Record = dict[str, Cell]


@dataclass(frozen=True)
class Raw:
    """The folder of raw CSV files."""

    folder: Path

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of `<name>.csv` as text."""
        with (self.folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


@dataclass(frozen=True)
class Recipe:
    """How one table is made: its columns, in order, and the function that makes its rows."""

    columns: tuple[str, ...]
    make: Callable[[Raw], Iterable[Record]]
    long: bool


RECIPES: dict[str, Recipe] = {}


def long_table(
    name: str, *, monthly: bool = False, extra: tuple[str, ...] = ()
) -> Callable[[Callable[[Raw], Iterable[Record]]], Callable[[Raw], Iterable[Record]]]:
    """Register a recipe of a place × year × variable table; its rows are sorted when written."""
    columns = (MONTHLY if monthly else LONG) + extra

    def register(make: Callable[[Raw], Iterable[Record]]) -> Callable[[Raw], Iterable[Record]]:
        RECIPES[name] = Recipe(columns, make, long=True)
        return make

    return register


def catalogue(
    name: str, *columns: str
) -> Callable[[Callable[[Raw], Iterable[Record]]], Callable[[Raw], Iterable[Record]]]:
    """Register a recipe of a catalogue table; its rows keep the order of the recipe."""

    def register(make: Callable[[Raw], Iterable[Record]]) -> Callable[[Raw], Iterable[Record]]:
        RECIPES[name] = Recipe(columns, make, long=False)
        return make

    return register


def fact(place: str, year: int | str, variable: str, value: float, quality: int, *notes: str) -> Record:
    """One row of a long table; `notes` are codes of the vocabulary in `tables.yaml`."""
    return {
        "place": place,
        "year": int(year),
        "variable": variable,
        "value": value,
        "quality": quality,
        "note": " ".join(note for note in notes if note),
    }


def number(text: str, factor: float = 1.0) -> float | None:
    """A number of the raw files in the table's unit, or None where it is missing."""
    return float(text) * factor if text.strip() else None


def write(name: str, raw: Raw, folder: Path) -> Path:
    """Make one table and write `<name>.csv` (UTF-8, LF, 10 significant digits) into `folder`."""
    recipe = RECIPES[name]
    records = [{c: _text(r.get(c)) for c in recipe.columns} for r in recipe.make(raw)]
    if recipe.long:
        records = sorted(_unique(name, records), key=_order)
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, recipe.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
    return path


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        short = f"{cell:.10g}"
        return short if "e" not in short else repr(float(short))
    return str(cell).strip()


def _order(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row.get(key, "") for key in ("variable", "place", "year", "month"))


def _unique(name: str, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows without exact repeats. A key that appears with two values is an error of the recipe."""
    seen: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows:
        other = seen.setdefault(_order(row), row)
        if other != row:
            raise SystemExit(f"{name}: two values for {_order(row)}: {other['value']} and {row['value']}")
    return list(seen.values())


@cache
def place_ids() -> dict[str, str]:
    """English and Chinese names of the provinces to their ids."""
    with (TABLES / "places.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {row[key]: row["id"] for row in rows for key in ("name_en", "name_zh")}
    return names | {"Tibet": "CN-XZ", "China": "CN", "全国": "CN"}


@cache
def country_ids() -> dict[str, str]:
    """Names of countries, as the publishers spell them, to their ids."""
    with (TABLES / "countries.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {spelling: row["id"] for row in rows for spelling in row["spellings"].split("|") if spelling}
    return names | {row["name_en"]: row["id"] for row in rows} | {row["id"]: row["id"] for row in rows}


@cache
def _translations() -> dict[str, str]:
    text = Path(__file__).with_name("english.yaml").read_text(encoding="utf-8")
    groups: dict[str, dict[str, str]] = yaml.safe_load(text)
    return {zh: en for group in groups.values() for zh, en in group.items()}


def english(chinese: str) -> str:
    """Our English for a Chinese title or label (`english.yaml`). Fails where there is none."""
    if not chinese:
        return ""
    if chinese not in _translations():
        raise SystemExit(f"english.yaml has no English for {chinese!r}; add it there")
    return _translations()[chinese]
