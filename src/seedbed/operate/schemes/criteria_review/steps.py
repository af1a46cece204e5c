"""The state of a criterion is what its days say."""

from __future__ import annotations

from decimal import Decimal

from seedbed.base.errors import InvalidInputError
from seedbed.operate.assess import Book

STATES = ("proposed", "consulted", "adopted", "superseded")


def steps(book: Book) -> None:
    """State on the day asked for; due where the last review is longer ago than the rule allows."""
    rows, most = book.tables["criteria"], int(book.rule("review_days"))
    states, due = [], []
    for row in rows:
        days = [row[name] for name in STATES if row[name] is not None]
        if days != sorted(days):
            raise InvalidInputError(f"the days of {row['id']} are not in order.", where="criteria",
                                    fix="a criterion is proposed, consulted, adopted, superseded, in this order.")
        reached = [name for name in STATES if row[name] is not None and row[name] <= book.on]
        state = reached[-1] if reached else "future"
        last = max([day for day in (row["adopted"], row["reviewed"]) if day and day <= book.on], default=None)
        states.append(state)
        due.append(Decimal(int(state == "adopted" and last is not None and (book.on - last).days > most)))
    book.column("criteria", "state", states)
    book.column("criteria", "due", due)
    book.line("in_force", Decimal(states.count("adopted")))
    book.line("due_count", sum(due, Decimal(0)))
