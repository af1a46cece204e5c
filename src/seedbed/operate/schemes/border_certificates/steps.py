"""Certificates due: embedded emissions less the adjustment for free allocation, by three kinds of evidence.

IR (EU) 2025/2620 and 2025/2621. Default: the country's value with its mark-up against benchmark B. Actual: verified
emissions against benchmark A of the own process plus the adjustment of each precursor (the supplier's, else B).
Semi-actual: own process actual, precursors by default. Nothing goes below zero: no credit arises.
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from seedbed.base.errors import InvalidInputError
from seedbed.operate.assess import Book

TABLES = Path(__file__).parent / "tables"
ZERO = Decimal(0)
FREE = {"hydrogen", "electricity"}  # do not count for the threshold, and are never exempt
COLUMNS = ("markup_rate", "default_value", "benchmark_used", "adjustment_default", "by_default", "actual", "adjustment",
           "by_actual", "semi", "by_semi", "best", "flips_at", "per_tonne", "eur")
KINDS = ("default", "semi", "actual")


class Value(NamedTuple):
    """A row of a table: value, sector or route, and how well it is known."""

    value: Decimal
    of: str
    status: str


@cache
def _rows(name: str) -> list[dict[str, str]]:
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def default_of(code: str) -> Value | None:
    """The default of a code for China: its own row, else that of the longest code above it."""
    plain = code.replace(" ", "")
    found = [row for row in _rows("defaults_china") if row["total"] and plain.startswith(row["code"])]
    row = max(found, key=lambda row: len(row["code"]), default=None)
    return Value(Decimal(row["total"]), row["sector"], row["status"]) if row else None


def benchmark(code: str, route: str, day: date, column: str) -> Value | None:
    """Benchmark `a` or `b` of a code and route; without a route the first that the act lists."""
    plain = code.replace(" ", "")
    rows = [row for row in _rows("benchmarks") if int(row["start"]) <= day.year <= int(row["end"])
            and row[column] and (not route or row["route"] == route)
            and (row["code"] == plain[:8] or (len(plain) < 8 and row["code"].startswith(plain)))]
    row = min(rows, key=lambda row: row["route"], default=None)
    return Value(Decimal(row[column]), row["route"], row["status"]) if row else None


def steps(book: Book) -> None:
    """Three ways for each lot, the best of them, and what is due in all."""
    kept = book.rule("factor", needed=False)
    if kept is None:
        raise InvalidInputError("no certificates are due before 2026.", where="on", fix="ask for 2026 or later.")
    kept = kept * book.rule("correction")
    rows = book.tables["goods"]
    parts: dict[str, list[dict[str, Any]]] = {}
    for row in book.tables["precursors"]:
        parts.setdefault(row["good"], []).append(row)
    for row in rows:
        row.update(_lot(book, row, parts.get(row["id"], []), kept))
    _columns(book, rows)
    _sums(book, rows)


def _lot(book: Book, row: dict[str, Any], parts: list[dict[str, Any]], kept: Decimal) -> dict[str, Any]:
    known = default_of(row["code"]) if row["code"] else None
    sector = row["sector"] if row["sector"] != "other" else (known.of if known else "iron and steel")
    markup = book.rule("markup_fertilisers" if sector == "fertilisers" else "markup")
    plain = row["total_default"] if row["total_default"] is not None else (known.value if known else None)
    b = _benchmark(book, row, "b")
    out: dict[str, Any] = {"sector_used": sector, "markup_rate": markup, "plain_default": plain, "benchmark_used": b,
                           "default_value": None, "adjustment_default": None, "by_default": None}
    if plain is not None:
        out["default_value"] = plain * (1 + markup)
    if b is not None:
        out["adjustment_default"] = kept * b
    if plain is not None and b is not None:
        out["by_default"] = max(ZERO, out["default_value"] - kept * b)
    adjustment = row["sefa"] if row["sefa"] is not None else _adjustment(book, row, parts, kept)
    actual, semi = row["see"], None
    if row["own"] is not None:
        if all(part["see"] is not None for part in parts):
            actual = row["own"] + sum((part["m"] * part["see"] for part in parts), ZERO)
        defaults = [default_of(part["code"]) for part in parts]
        if parts and all(value is not None for value in defaults):
            semi = row["own"] + sum((part["m"] * value.value * (1 + markup)
                                     for part, value in zip(parts, defaults, strict=True) if value), ZERO)
    out |= {"actual": actual, "semi": semi, "adjustment": adjustment}
    for name, value in (("by_actual", actual), ("by_semi", semi)):
        out[name] = None if value is None or adjustment is None else max(ZERO, value - adjustment)
    ways = {kind: out[f"by_{kind}"] for kind in KINDS if out[f"by_{kind}"] is not None}
    if not ways:
        raise InvalidInputError(f"nothing is known of lot {row['id']} ({row['code'] or 'no code'}).", where="goods",
                                fix="give a CN code with a default, or actual emissions with a benchmark.")
    best = min(ways, key=lambda kind: ways[kind])
    flips = out["by_default"] + adjustment if out["by_default"] is not None and adjustment is not None else None
    return out | {"best": f"by_{best}", "per_tonne": ways[best], "flips_at": flips}


def _benchmark(book: Book, row: dict[str, Any], column: str) -> Decimal | None:
    given = row.get(f"benchmark_{column}")
    if given is not None:
        return given
    found = benchmark(row["code"], row["route"], book.on, column) if row["code"] else None
    if found and found.status != "two sources":
        book.warn("one_source", code=row["code"], column=column.upper(), route=found.of or "–")
    return found.value if found else None


def _adjustment(book: Book, row: dict[str, Any], parts: list[dict[str, Any]], kept: Decimal) -> Decimal | None:
    """The adjustment of actual goods: benchmark A of the own process, and each precursor's own or benchmark B."""
    a = _benchmark(book, row, "a")
    if a is None:
        return None
    total = kept * a
    for part in parts:
        b = _benchmark(book, part, "b") if part["sefa"] is None else None
        if part["sefa"] is None and b is None:
            return None
        total += part["m"] * (part["sefa"] if b is None else kept * b)
    return total


def _columns(book: Book, rows: list[dict[str, Any]]) -> None:
    price = book.rule("price")
    for row in rows:
        quarter = row["quarter"]
        row["eur"] = row["per_tonne"] * price[quarter] if quarter in price else None
        if quarter and quarter not in price:
            book.warn("no_price", quarter=quarter)
        row["due"] = row["per_tonne"] * row["mass_t"]
    for name in COLUMNS:
        book.column("goods", name, [row[name] for row in rows])


def _sums(book: Book, rows: list[dict[str, Any]]) -> None:
    counted = sum((row["mass_t"] for row in rows if row["sector_used"] not in FREE), ZERO)
    exempt = counted <= book.rule("threshold")
    book.line("threshold_mass", counted)
    book.line("exempt", Decimal(int(exempt)))
    if exempt and any(row["sector_used"] in FREE for row in rows):
        book.warn("never_exempt")
    due = [row for row in rows if not exempt or row["sector_used"] in FREE]
    book.line("certificates", sum((row["due"] for row in rows), ZERO))
    book.line("due", sum((row["due"] for row in due), ZERO))
    priced = [row["eur"] * row["mass_t"] for row in rows if row["eur"] is not None]
    book.line("cost", sum(priced, ZERO))
    share = book.rule("holding", needed=False)
    holds = [row["mass_t"] * max(ZERO, row["plain_default"] - row["adjustment_default"]) for row in rows
             if row["plain_default"] is not None and row["adjustment_default"] is not None]
    book.line("to_hold", share * sum(holds, ZERO) if share is not None else ZERO)
