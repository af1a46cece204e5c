"""Exchanges taken from other suppliers: one becomes several, which stay one uncertain number."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from seedbed.lifecycle.inventory.tables import Inventory

_SIZES = ("amount", "low", "high")  # scale with the exchange, whatever its distribution


def resupplied(inventory: Inventory, parts: pl.DataFrame) -> Inventory:
    """`inventory` with the exchanges of `parts` (`process`, `row`) divided among their new suppliers.

    Each row of `parts` is a supplier: its process (`provider`), its product (`supplied`) and how much of that
    takes the place of one unit (`share`). Parts of one exchange are drawn together.
    """
    exchanges = inventory.exchanges
    if not parts.height:
        return inventory
    key = ["process", "row"]
    last = pl.col("row").max().over("process")
    drawn = pl.coalesce("group", pl.format("{}, row {}", "process", "row"))
    divided = (
        exchanges.with_columns(last=last).join(parts.select(*key, "share", "supplied", maker="provider"), on=key)
        .with_columns(_scaled(), flow="supplied", provider="maker", group=drawn)
        .with_columns(row=(pl.col("last") + pl.int_range(1, pl.len() + 1).over("process")).cast(pl.Int32))
    )
    rest = exchanges.join(parts, on=key, how="anti", maintain_order="left")
    return replace(inventory, exchanges=pl.concat([rest, divided.select(exchanges.columns)], rechunk=True))


def _scaled() -> list[pl.Expr]:
    """Every number of an exchange times `share`."""
    share = pl.col("share")
    lognormal = pl.col("distribution") == "lognormal"
    return [
        *(pl.col(name) * share for name in _SIZES),
        pl.when(lognormal).then(pl.col("loc") + share.log()).otherwise(pl.col("loc") * share).alias("loc"),
        pl.when(lognormal).then("scale").otherwise(pl.col("scale") * share).alias("scale"),
        pl.when(pl.col("formula").is_not_null()).then(pl.format("({}) * {}", "formula", share)).alias("formula"),
    ]
