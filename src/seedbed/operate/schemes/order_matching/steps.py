"""Continuous matching: price, then time; integers only."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from heapq import heappop, heappush
from typing import NamedTuple

from seedbed.operate.assess import Book


class Trade(NamedTuple):
    """One trade: numbers of the order that waited and of the one that came, price, lots."""

    maker: int
    taker: int
    price: int
    lots: int


def match(orders: Sequence[tuple[str, int, int]]) -> tuple[list[Trade], list[int]]:
    """Trades of orders (side, price, lots) in the order they came, and the lots that each has left."""
    waiting: dict[str, list[tuple[int, int]]] = {"B": [], "S": []}  # heaps of (price as its side ranks it, number)
    left, trades = [lots for _, _, lots in orders], []
    for number, (side, price, _) in enumerate(orders):
        other, sign = ("S", 1) if side == "B" else ("B", -1)
        while left[number] and waiting[other] and sign * price >= waiting[other][0][0]:
            maker = waiting[other][0][1]
            lots = min(left[number], left[maker])
            trades.append(Trade(maker, number, orders[maker][1], lots))
            left[number] -= lots
            left[maker] -= lots
            if not left[maker]:
                heappop(waiting[other])
        if left[number]:
            heappush(waiting[side], (-sign * price, number))
    return trades, left


def steps(book: Book) -> None:
    """Trades and what is left in the book."""
    orders = [(row["side"], int(row["price"]), int(row["lots"])) for row in book.tables["orders"]]
    trades, left = match(orders)
    book.column("orders", "left", [Decimal(n) for n in left])
    book.tables["trades"] = [{name: Decimal(value) for name, value in trade._asdict().items()} for trade in trades]
    book.line("trade_count", Decimal(len(trades)), rows="trades")
    book.line("traded", Decimal(sum(t.lots for t in trades)))
    book.line("value", Decimal(sum(t.lots * t.price for t in trades)))
