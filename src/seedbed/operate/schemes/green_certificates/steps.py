"""Months of validity, whole certificates with the rest carried on, and what they are worth."""

from __future__ import annotations

import re
from decimal import Decimal

from seedbed.base.errors import InvalidInputError
from seedbed.operate.assess import Book


def steps(book: Book) -> None:
    """Lots in the order of their months."""
    rows, months = book.tables["lots"], int(book.rule("months"))
    counted = []
    for n, row in enumerate(rows, start=1):
        if not re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", row["month"]):
            raise InvalidInputError(f"{row['month']!r} is no month.", where=f"lots {n}, month", fix="write 2025-03.")
        year, month = map(int, row["month"].split("-"))
        counted.append(year * 12 + month - 1)
    rows[:] = [row for _, row in sorted(zip(counted, rows, strict=True), key=lambda pair: pair[0])]
    counted.sort()
    today = book.on.year * 12 + book.on.month - 1
    last, whole, valid, carried = [], [], [], Decimal(0)
    for row, month in zip(rows, counted, strict=True):
        end = month + months - 1 if month >= 2024 * 12 else int(book.rule("old_end")) * 12 + 11
        last.append(f"{end // 12}-{end % 12 + 1:02d}")
        valid.append(Decimal(int(month <= today <= end)))
        carried += row["mwh"]
        whole.append(Decimal(int(carried)))
        carried -= int(carried)
    book.column("lots", "last_month", last)
    book.column("lots", "certificates", whole)
    book.column("lots", "valid", valid)
    book.line("issued", sum(whole, Decimal(0)))
    prices = book.rule("prices", needed=False) or {}
    priced = [prices.get(row["month"][:4]) for row in rows]
    if None in priced:
        book.line("total_worth", "–")
        return
    book.column("lots", "worth", [p * n * ok for p, n, ok in zip(priced, whole, valid, strict=True)])
    book.line("total_worth", sum((row["worth"] for row in rows), Decimal(0)))
