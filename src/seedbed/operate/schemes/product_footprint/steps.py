"""Value a kilogram, data quality from the inputs, and the days between which the footprint is valid."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from seedbed.base.errors import InvalidInputError
from seedbed.operate.assess import Book


def steps(book: Book) -> None:
    """A footprint is valid from the end of its reference period on; the anniversary of 29 February is 1 March."""
    v = book.values
    if v["mass"] is not None:
        book.line("per_kg", v["footprint"] / v["mass"])
    if book.tables["inputs"]:
        weight = sum((row["footprint"] for row in book.tables["inputs"]), Decimal(0))
        if not weight:
            raise InvalidInputError("the inputs have no footprint.", where="inputs", fix="give the footprint of each.")
        rated = sum((row["footprint"] * row["quality"] for row in book.tables["inputs"]), Decimal(0))
        book.line("quality", rated / weight)
    years = int(book.rule("years"))
    start = v["valid_from"] or v["period_end"]
    longest = _later(start, years)
    end = v["valid_until"] or longest
    if end < start:
        raise InvalidInputError(f"validity ends on {end}, before it starts on {start}.", where="valid_until",
                                fix="give a later day.")
    if end > longest:
        book.warn("long", years=years)
    book.line("start", start.isoformat())
    book.line("end", end.isoformat())


def _later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28) + timedelta(days=1)
