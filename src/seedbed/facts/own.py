"""Numbers of one's own, laid over the tables that ship: one CSV a table in `facts/` of the home folder.

A row stands in the place of the one that ships for the same place, year and variable, and says so by its note.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from seedbed.base import kept
from seedbed.base.errors import InvalidInputError

COLUMNS = ("place", "year", "variable", "value", "quality", "source")
NOTE = "own"


@dataclass(frozen=True)
class Row:
    """A number of one's own, in the unit of its table. `before` is what it takes the place of."""

    table: str
    place: str
    year: int
    variable: str
    value: float
    quality: int
    source: str
    before: float | None = None

    @property
    def key(self) -> tuple[str, str, int, str]:
        return self.table, self.place, self.year, self.variable


def file(table: str) -> Path:
    """Where one's own rows of a table are kept."""
    return kept.home() / "facts" / f"{table}.csv"


def tables() -> list[str]:
    """The tables that have rows of one's own."""
    return sorted(path.stem for path in (kept.home() / "facts").glob("*.csv"))


def rows(table: str) -> list[Row]:
    """One's own rows of a table, by place, variable and year. Raises InvalidInputError for a damaged file."""
    path = file(table)
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.DictReader(text)
            if lacking := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
                raise ValueError(f"no column {lacking[0]}")
            return [Row(table, row["place"], int(row["year"]), row["variable"], float(row["value"]),
                        int(row["quality"]), row["source"]) for row in reader]
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidInputError(f"cannot be read ({error}).", where=str(path),
                                fix=f"seedbed facts forget {table}, then add the rows again.") from error


def keep(table: str, found: list[Row]) -> None:
    """Write one's own rows of a table, whole or not at all."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(row, name) for name in COLUMNS] for row in found)
    kept.whole_file(file(table), lambda work: work.write_text(text.getvalue(), encoding="utf-8"))
