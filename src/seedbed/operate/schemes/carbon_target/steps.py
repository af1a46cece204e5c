"""The target of the year, what was reached of it, and the grade of a region."""

from __future__ import annotations

from decimal import Decimal

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.operate.assess import Book


def steps(book: Book) -> None:
    """A missed control indicator, three supporting ones or fraud make a fail; all met makes excellent."""
    v = book.values
    if v["year"] < v["base_year"]:
        raise InvalidInputError("lies before the base year.", where=Parameter("year"), fix="give a later year.")
    target = book.line("target", v[f"{v['path']}_target"])
    if v["actual"] is not None:
        fall, due = v["base"] - v["actual"], v["base"] - target
        book.line("gap", v["actual"] - target)
        book.line("met", Decimal(int(v["actual"] <= target)))
        book.line("achieved", fall / due if due else Decimal(1))
    else:
        for name in ("gap", "met", "achieved"):
            book.line(name, "–")
    least = book.rule("supporting_fail", needed=False)
    if least is None:
        book.line("grade", "–")
        return
    failed = v["fraud"] or v["control_missed"] >= 1 or v["supporting_missed"] >= least
    best = v["control_missed"] == 0 and v["supporting_missed"] == 0
    grade = "fail" if failed else "excellent" if best else "pass"
    book.line("grade", grade)
