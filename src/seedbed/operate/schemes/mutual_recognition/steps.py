"""What each rule abroad asks, as fields of the footprint."""

from __future__ import annotations

from decimal import Decimal

from seedbed.operate.assess import Book

RULES: dict[str, tuple[str, ...]] = {
    "cbam": ("installation", "eu_verifier", "no_certificates"),
    "battery": ("product_rule", "by_plant", "eu_verifier", "no_certificates", "verified"),
    "ppe2": ("by_plant", "verified", "product_rule"),
    "korea": ("iso14067", "product_rule", "by_plant"),
    "japan": ("iso14067", "product_rule", "verified"),
    "epd": ("product_rule", "verified", "all_indicators"),
    "pact": ("iso14067", "primary_share", "data_quality", "exchange"),
    "catenax": ("iso14067", "primary_share", "exchange", "verified"),
}


def steps(book: Book) -> None:
    """Ready where nothing lacks."""
    missing = [[one for one in wanted if not book.values[one]] for wanted in RULES.values()]
    book.tables["rules"] = [{"rule": rule} for rule in RULES]
    book.column("rules", "name", list(RULES))
    book.column("rules", "ready", [Decimal(int(not lack)) for lack in missing])
    book.column("rules", "lacking", [", ".join(lack) or "–" for lack in missing])
    book.line("count_ready", Decimal(sum(not lack for lack in missing)))
    book.warn("no_substitute")
