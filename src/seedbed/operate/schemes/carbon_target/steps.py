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
    target = book.line("target", "当年目标", "Target of the year", v[f"{v['path']}_target"], "", f"{v['path']}_target")
    if v["actual"] is not None:
        fall, due = v["base"] - v["actual"], v["base"] - target
        book.line("gap", "差距（正为超出）", "Gap (above zero: too much)", v["actual"] - target, "", "actual - target")
        book.line("met", "达标", "Met", Decimal(int(v["actual"] <= target)), "", "actual <= target")
        book.line("achieved", "完成率", "Part of the reduction reached", fall / due if due else Decimal(1), "share",
                  "(base - actual) / (base - target)")
    else:
        for name, zh, en in (("gap", "差距", "Gap"), ("met", "达标", "Met"), ("achieved", "完成率", "Part reached")):
            book.line(name, zh, en, "–")
    least = book.rule("supporting_fail", needed=False)
    if least is None:
        book.line("grade", "等次", "Grade", "–")
        return
    failed = v["fraud"] or v["control_missed"] >= 1 or v["supporting_missed"] >= least
    best = v["control_missed"] == 0 and v["supporting_missed"] == 0
    grade = "不合格 fail" if failed else "优秀 excellent" if best else "合格 pass"
    book.line("grade", "地区考核等次", "Grade of a region", grade, "", "", ("supporting_fail",))
