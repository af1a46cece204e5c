"""Columns of the technosphere: one for each product of each process, by the process's allocation.

A process of one product is one column. A process of several is divided: each product gets a column with
its share of every exchange (physical, economic, or causal: a share an exchange), or the reference
product takes all (`none`, `cut-off`), or takes all and is credited for the others (`substitution`).
Shares add up to one in each process, so nothing is lost and nothing counted twice (ISO 14044, 4.3.4).
"""

from __future__ import annotations

import polars as pl

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.inventory.tables import Inventory

DIVIDED = ("physical", "economic", "causal")
"""Allocation methods that make a column of each product."""


def columns(inventory: Inventory) -> pl.DataFrame:
    """One row a column: `column` (its number), `process`, `flow`, `kind` (of the flow), `amount` (of the
    reference exchange, flow's unit), `share` (of the process's exchanges), `row` (the exchange), and the
    process's `place`, `start`, `end`, `volume`, `market`.

    Processes without a reference product, or with an amount of zero, have no column; the gate names them.
    Raises InvalidInputError where an economic allocation has no factors.
    """
    products = _products(inventory)
    shares = _shares(products, inventory)
    attributes = inventory.processes.select(
        "id", "place", "start", "end", "volume", market=pl.col("kind").eq("market").fill_null(False)
    )
    return (
        shares.join(attributes, left_on="process", right_on="id", how="left", maintain_order="left")
        .with_row_index("column")
        .with_columns(pl.col("column").cast(pl.Int32))
    )


def _products(inventory: Inventory) -> pl.DataFrame:
    """Reference exchanges of every process, and the co-products of those that divide."""
    methods = inventory.processes.select(pl.col("id").alias("process"), pl.col("allocation").fill_null("none"))
    exchanges = inventory.exchanges.select("process", "row", "flow", "direction", "amount", "reference", "avoided")
    made = exchanges.join(inventory.flows.select(pl.col("id").alias("flow"), "kind", "unit"), on="flow").join(
        methods, on="process", maintain_order="left"
    )
    co_product = (
        pl.col("allocation").is_in(DIVIDED)
        & (pl.col("kind") == "product")
        & (pl.col("direction") == "output")
        & ~pl.col("avoided").fill_null(False)
    )
    real = pl.col("amount").is_not_null() & (pl.col("amount") != 0)
    return made.filter((pl.col("reference").fill_null(False) | co_product) & real)


def _shares(products: pl.DataFrame, inventory: Inventory) -> pl.DataFrame:
    """Share of the burden of each product: from the factors, or for physical allocation from the amounts."""
    factors = (
        inventory.allocation.filter(pl.col("row").is_null())
        .group_by("process", "flow", "method", maintain_order=True)
        .agg(pl.col("factor").first())
    )
    several = pl.len().over("process") > 1
    found = products.join(
        factors, left_on=["process", "flow", "allocation"], right_on=["process", "flow", "method"],
        how="left", maintain_order="left",
    )
    same_unit = pl.col("unit").n_unique().over("process") == 1
    fallback = pl.when((pl.col("allocation") == "physical") & same_unit).then(pl.col("amount").abs())
    weight = (
        pl.when(~several)
        .then(1.0)
        .when(pl.col("factor").is_not_null().any().over("process"))
        .then(pl.col("factor").fill_null(0.0))
        .when(pl.col("allocation") == "causal")
        .then(1.0)
        .otherwise(fallback)
    )
    weighed = found.with_columns(weight=weight)
    _refuse(weighed)
    return weighed.with_columns(share=pl.col("weight") / pl.col("weight").sum().over("process")).select(
        "process", "flow", "kind", "amount", "share", "row"
    )


def _refuse(weighed: pl.DataFrame) -> None:
    missing = weighed.filter(pl.col("weight").is_null())
    if missing.height:
        process, method = missing["process"][0], missing["allocation"][0]
        raise InvalidInputError(
            f"has several products but no factors to divide them by ({method} allocation).",
            where=f"process {process}", fix="add its rows to the allocation table, or choose another allocation.",
        )
