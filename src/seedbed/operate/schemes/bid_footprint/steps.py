"""Quantities are brought to the unit of the footprint by the one table of units."""

from __future__ import annotations

from decimal import Decimal

from seedbed.base.errors import InvalidInputError
from seedbed.base.units import factor
from seedbed.operate.assess import Book


def steps(book: Book) -> None:
    """Emissions of each position, and of all."""
    rows = book.tables["lines"]
    found = [row["quantity"] * _times(row["unit"], row["per"], n) * row["footprint"]
             for n, row in enumerate(rows, start=1)]
    book.column("lines", "emissions", found)
    book.line("total", sum(found, Decimal(0)))


def _times(unit: str, per: str, n: int) -> Decimal:
    try:
        return Decimal(repr(factor(unit, per)))
    except ValueError as error:
        raise InvalidInputError(f"{error}.", where=f"lines {n}, per", 
                                fix="give the footprint per unit of the same kind.") from error
