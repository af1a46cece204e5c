"""The transport problem, by linear programming (HiGHS)."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from scipy.optimize import linprog

from seedbed.base.errors import InvalidInputError
from seedbed.operate.assess import Book


def steps(book: Book) -> None:
    """All demand is served at the least total footprint."""
    supply = {row["supplier"]: float(row["quantity"]) for row in book.tables["supply"]}
    demand = {row["buyer"]: float(row["quantity"]) for row in book.tables["demand"]}
    given = {(row["supplier"], row["buyer"]): float(row["footprint"]) for row in book.tables["footprints"]}
    pairs = [(s, b) for s in supply for b in demand if (s, b) in given]
    if sum(supply.values()) < sum(demand.values()):
        raise InvalidInputError("supply is less than demand.", where="supply", fix="add suppliers, or ask for less.")
    at_most = np.array([[float(s == one) for s, _ in pairs] for one in supply])
    exactly = np.array([[float(b == one) for _, b in pairs] for one in demand])
    found = linprog([given[pair] for pair in pairs], A_ub=at_most, b_ub=list(supply.values()), A_eq=exactly,
                    b_eq=list(demand.values()), method="highs")
    if not found.success:
        raise InvalidInputError("no pairs with a footprint can serve all demand.", where="footprints",
                                fix="give footprints for more pairs.")
    amounts = [Decimal(repr(round(float(x), 9))) for x in found.x]
    book.tables["matches"] = [{"supplier": s, "buyer": b, "quantity": x}
                              for (s, b), x in zip(pairs, amounts, strict=True) if x]
    total = sum((x * Decimal(repr(given[pair])) for pair, x in zip(pairs, amounts, strict=True)), Decimal(0))
    book.line("total", total)
    book.line("served", Decimal(len(book.tables["matches"])), rows="matches")
