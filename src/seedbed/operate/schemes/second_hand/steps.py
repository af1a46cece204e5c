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
    book.line("return_until", "可退货至", "Return until", back.isoformat() if back else "–", "", "received + return_days",
              ("return_days",))
    book.line("repair_until", "保修至", "Repair until", repair.isoformat() if repair else "–", "",
              "received + warranty_months", ("warranty_months",))
    said = ("卖方：退货 seller: return" if back and book.on <= back else
            "卖方：保修 seller: repair" if repair and book.on <= repair else
            "卖方：隐瞒的缺陷 seller: hidden defects" if received is not None and received <= book.on else "–")
    book.line("answers", "当日由谁负责", "Who answers on this day", said)
    book.line("dispute", "争议状态", "State of the dispute", _dispute(book))


def _dispute(book: Book) -> str:
    days = [(name, book.values[name]) for name in ("received", "complained", "answered", "settled")]
    given = [day for _, day in days if day is not None]
    if given != sorted(given):
        raise InvalidInputError("the days are not in order.", where="received, complained, answered, settled",
                                fix="give them in the order in which things happened.")
    reached = [name for name, day in days if day is not None and day <= book.on]
    said = {"received": "无争议 none", "complained": "待卖方答复 waits for the seller",
            "answered": "待解决 waits for a settlement", "settled": "已解决 settled"}
    return said[reached[-1]] if reached else "–"


def _later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
