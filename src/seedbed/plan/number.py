"""A number that can say why: value → formula → facts."""

from __future__ import annotations

from dataclasses import dataclass

from seedbed.labels import Text


@dataclass(frozen=True)
class Number:
    """One stated number. `unit` is a key of show's units, `tables` are facts tables, `year` is described."""

    id: str
    label: Text
    value: float
    unit: str
    formula: Text
    tables: tuple[str, ...] = ()
    year: int | None = None
    note: Text | None = None
