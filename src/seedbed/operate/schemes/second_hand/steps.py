"""Who answers until when, and where a dispute stands."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from seedbed.base.errors import InvalidInputError
from seedbed.operate.assess import Book


def steps(book: Book) -> None:
    """Return binds a business that sells at a distance; repair a business whose goods have it; fraud binds anyone."""
    v = book.values
    received, business = v["received"], v["seller"] == "business"
    back = repair = None
    if received is not None and business:
        if v["distance"]:
            back = received + timedelta(days=int(book.rule("return_days")))
        months = int(book.rule("warranty_months")[v["category"]])
        if v["category"] == "car":
            limits = book.rule("car_limits")
            months *= int(v["car_years"] <= limits["years"] or v["car_km"] <= limits["km"])
        repair = _later(received, months) if months else None
    book.line("return_until", back.isoformat() if back else "–")
    book.line("repair_until", repair.isoformat() if repair else "–")
    said = ("seller_return" if back and book.on <= back else "seller_repair" if repair and book.on <= repair else
            "seller_defects" if received is not None and received <= book.on else "–")
    book.line("answers", said)
    book.line("dispute", _dispute(book))


def _dispute(book: Book) -> str:
    days = [(name, book.values[name]) for name in ("received", "complained", "answered", "settled")]
    given = [day for _, day in days if day is not None]
    if given != sorted(given):
        raise InvalidInputError("the days are not in order.", where="received, complained, answered, settled",
                                fix="give them in the order in which things happened.")
    reached = [name for name, day in days if day is not None and day <= book.on]
    said = {"received": "no_dispute", "complained": "waits_for_seller", "answered": "waits_for_settlement",
            "settled": "dispute_settled"}
    return said[reached[-1]] if reached else "–"


def _later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
