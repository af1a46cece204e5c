"""Checks of magnitudes: amounts per unit of product against those of like processes and against the product.

All comparisons are of orders of magnitude (log10) with medians and median deviations, so that a few wrong
numbers do not shift what they are judged by.
"""

from __future__ import annotations

import polars as pl

from seedbed.lifecycle.gate.view import STATED, View, found

PEERS = 5
"""Processes that must use a flow for the same product before one of them can be called unusual."""
ORDERS = 3.0
"""Orders of magnitude from the median of the peers that are unusual."""
SPREADS = 5.0
"""… and how many median deviations: flows whose amounts scatter widely tell little."""
UNIT_STEPS = (3.0, 6.0)
"""Orders of magnitude between g, kg and t."""
UNIT_SLACK = 0.25
TIMES_PRODUCT = 1e6
"""An input in the unit of the product beyond this many times the product is unusual."""
TOTALS = ((3, 1e3), (10, 1e2))
"""(inputs, times): a process with so many inputs in the unit of its product, half of them beyond so many times
the product, states totals. One input can be as large (ore for gold), the typical one cannot."""

_GROUP = ("flow", "direction", "per_flow")


def magnitudes(view: View) -> pl.DataFrame:
    """Exchanges unlike those of the peers or of the product, and processes whose inputs are totals."""
    rows = view.exchanges.filter(~pl.col("reference") & STATED & pl.col("kind").is_not_null()
                                 & pl.col("per").is_not_null())
    rows = rows.with_columns(times=pl.col("amount").abs() / pl.col("per"))
    totals = _totals(rows)
    rows = rows.join(totals, on="process", how="anti", maintain_order="left")
    unusual = _unlike_peers(rows)
    large = rows.filter(_same_unit() & (pl.col("times") > TIMES_PRODUCT)).join(
        unusual, on=["process", "row"], how="anti", maintain_order="left")
    wrong_unit = pl.any_horizontal((pl.col("off").abs() - step).abs() <= UNIT_SLACK for step in UNIT_STEPS)
    return pl.concat([
        found(totals, "national_total", value="typical"),
        found(unusual.filter(wrong_unit), "unit_outlier", value="times", detail="flow_name"),
        found(unusual.filter(~wrong_unit & (pl.col("off").abs() > ORDERS)), "magnitude_outlier", value="times",
              detail="flow_name"),
        found(large, "magnitude_outlier", value="times", detail="flow_name"),
    ])


def _same_unit() -> pl.Expr:
    """Product inputs that can be compared with the product they go into."""
    product_input = (pl.col("direction") == "input") & (pl.col("kind") == "product")
    return product_input & (pl.col("flow_unit") == pl.col("per_unit"))


def _totals(rows: pl.DataFrame) -> pl.DataFrame:
    """(process, typical): the median input as a multiple of the product."""
    typical = rows.filter(_same_unit()).group_by("process", maintain_order=True).agg(
        pl.col("times").median().alias("typical"), pl.len().alias("count"))
    beyond = pl.any_horizontal((pl.col("count") >= count) & (pl.col("typical") >= times) for count, times in TOTALS)
    return typical.filter(beyond)


def _unlike_peers(rows: pl.DataFrame) -> pl.DataFrame:
    """Exchanges far from the median of their peers, with `off`, the orders of magnitude between them.

    Small inputs in the unit of the product are shares of a mix, which may be as small as they like.
    """
    order = pl.col("times").log10()
    compared = rows.filter(pl.col("process").n_unique().over(_GROUP) >= PEERS).with_columns(
        off=order - order.median().over(_GROUP))
    spread = pl.col("off").abs().median().over(_GROUP)
    far = pl.col("off").abs() >= pl.max_horizontal(pl.lit(ORDERS - UNIT_SLACK), SPREADS * spread)
    return compared.filter(far & ~(_same_unit() & (pl.col("off") < 0)))
