"""What each table is: who published it, where, under which terms, in which units.

The registry is `tables.yaml`; the numbers are in `tables/<id>.csv`. Nothing here reads a number.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from seedbed.base import datafile
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.evidence import Rated
from seedbed.base.text import Model, Text

HERE = Path(__file__).parent
REGISTRY = HERE / "tables.yaml"
TABLES = HERE / "tables"


class Variable(Model):
    """One series of a long table. Every variable has a unit; `1` is the unit of a pure ratio."""

    label: Text
    unit: str = Field(min_length=1)


class Column(Model):
    """One column of a catalogue, or an extra column of a long table; a unit makes it a number."""

    label: Text
    unit: str | None = None


class Table(Rated):
    """One table of facts: a source of numbers, and what is in it.

    `ship_class` A: open licence · B: facts of official statistics reached through a compilation ·
    C: secondary, use only beside its `unverified` mark. `quality` 1 good … 4 poor is the mark of the
    table as a whole; rows of long tables carry their own.
    """

    id: str
    title: Text  # type: ignore[assignment]
    licence: str = Field(min_length=1)  # type: ignore[assignment]
    via: str | None = None
    ship_class: Literal["A", "B", "C"]
    years: tuple[int, int] | None = None
    note: Text | None = None
    variables: dict[str, Variable] = Field(default_factory=dict)
    columns: dict[str, Column] = Field(default_factory=dict)

    @property
    def is_long(self) -> bool:
        """Whether the table is place × year × variable (else it is a catalogue)."""
        return bool(self.variables)

    @property
    def path(self) -> Path:
        """The CSV file with the numbers."""
        return TABLES / f"{self.id}.csv"

    @model_validator(mode="after")
    def _has_content(self) -> Table:
        if not self.variables and not self.columns:
            raise ValueError("a table needs `variables` (long) or `columns` (catalogue)")
        if self.variables and self.years is None:
            raise ValueError("a long table needs `years: [first, last]`")
        return self


class Registry(Model):
    """Everything in `tables.yaml`: the tables, and what the note codes of their rows mean."""

    notes: dict[str, Text]
    tables: dict[str, Table]


@cache
def load() -> Registry:
    """Read and check `tables.yaml`, once per process. Raises `InvalidInputError` naming the key."""
    raw = datafile.load_yaml(REGISTRY)
    if not datafile.is_dict(raw) or not datafile.is_dict(raw.get("tables")):
        raise InvalidInputError("it has no tables.", where=REGISTRY.name, fix="see docs/data.md.")
    named = {name: entry | {"id": name} for name, entry in raw["tables"].items()}
    return datafile.parse(raw | {"tables": named}, Registry, where=REGISTRY.name)


def tables() -> list[Table]:
    """All tables, in the order of the registry."""
    return list(load().tables.values())


def source(table: str) -> Table:
    """The registry entry of `table`. Raises `UnknownNameError` when there is none."""
    known = load().tables
    if table not in known:
        raise UnknownNameError("table", table, known)
    return known[table]


def note(code: str) -> Text:
    """What a note code on a row means. Raises `UnknownNameError` when it is not in the vocabulary."""
    known = load().notes
    if code not in known:
        raise UnknownNameError("note", code, known)
    return known[code]
