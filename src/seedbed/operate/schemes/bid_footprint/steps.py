"""Quantities are brought to the unit of the footprint by the one table of units."""

from __future__ import annotations

from decimal import Decimal

from seedbed.base.exact import times
from seedbed.operate.assess import Book


def steps(book: Book) -> None:
    """Emissions of each position, and of all."""
    rows = book.tables["lines"]
    found = [row["quantity"] * times(row["unit"], row["per"], where=f"lines {n}, per") * row["footprint"]
             for n, row in enumerate(rows, start=1)]
    book.column("lines", "emissions", found)
    book.line("total", sum(found, Decimal(0)))
