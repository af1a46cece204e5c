"""One price for all: most volume, least imbalance, lowest price."""

from __future__ import annotations

from decimal import Decimal

from seedbed.operate.assess import Book


def steps(book: Book) -> None:
    """Prices are tried where somebody bids or offers: between them nothing changes."""
    buy, sell = book.tables["buy"], book.tables["sell"]

    def at(price: Decimal) -> tuple[Decimal, Decimal]:
        return (sum((r["lots"] for r in buy if r["price"] >= price), Decimal(0)),
                sum((r["lots"] for r in sell if r["price"] <= price), Decimal(0)))

    best = min({row["price"] for row in (*buy, *sell)}, key=lambda p: (-min(at(p)), abs(at(p)[0] - at(p)[1]), p))
    demand, supply = at(best)
    volume = min(demand, supply)
    book.line("price", best if volume else "–")
    book.line("volume", volume)
    book.line("demand", demand)
    book.line("supply", supply)
    if not volume:
        book.warn("no_trade")
