"""A made-up database of the size of the largest in use: 23,500 processes, 275,000 inputs, 400,000 emissions.

Its shape follows what real ones look like: a few hundred hubs (energy, transport, heat) that nearly all use
and that use one another, long chains of one or two special inputs, and some processes that serve hubs, so
that nearly half of all are in one strongly connected component. It is not a copy of any database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from seedbed.lifecycle.inventory.tables import EXCHANGES, FACTORS, FLOWS, METHODS, PROCESSES, Inventory, table

Array = np.ndarray[Any, Any]
HUBS = 250


def technosphere(size: int, seed: int = 0) -> sparse.coo_matrix:
    """Inputs per unit of product (supplier, consumer); column sums ≤ 0.7, so every loop is productive."""
    rng = np.random.default_rng(seed)
    special = np.repeat(np.arange(size), 1 + (rng.random(size) < 0.15))
    supplier = special - rng.geometric(1 / 60, special.size)
    kept = supplier >= HUBS
    general = np.repeat(np.arange(size), rng.poisson(9, size) + 1)
    hub = (HUBS * rng.random(general.size) ** 2).astype(int)
    back = np.repeat(np.arange(HUBS), 6)
    rows = np.concatenate([supplier[kept], hub, rng.integers(HUBS, size, back.size)])
    columns = np.concatenate([special[kept], general, back])
    inputs = sparse.coo_matrix((np.exp(rng.normal(-4, 1.8, rows.size)), (rows, columns)), shape=(size, size)).tocsc()
    inputs.setdiag(0)
    inputs.eliminate_zeros()
    total = np.asarray(inputs.sum(axis=0)).ravel()
    scale = np.minimum(1.0, 0.7 / np.maximum(total, 1e-12))
    return sparse.coo_matrix(inputs.multiply(scale))


def inventory(size: int = 23_500, flows: int = 2_000, methods: int = 20, seed: int = 0) -> Inventory:
    """The database as tables; every input and emission is log-normal with a geometric s.d. of 1.05 to 1.6."""
    rng = np.random.default_rng(seed + 1)
    inputs = technosphere(size, seed)
    column = np.repeat(np.arange(size), rng.poisson(16, size) + 1)
    emitted = pl.DataFrame({"process": column, "flow": (flows * rng.random(column.size) ** 2).astype(int)}).unique(
        maintain_order=True
    )
    emitted = emitted.with_columns(amount=np.exp(rng.normal(-6, 2, emitted.height)))
    factors = np.exp(rng.normal(0, 2, (methods, flows)))
    sigma = lambda count: np.log(rng.uniform(1.05, 1.6, count))  # noqa: E731
    return from_matrices("synthetic", np.ones(size), inputs, emitted, factors, sigma)


def from_matrices(
    name: str, made: Array, inputs: sparse.coo_matrix, emitted: pl.DataFrame, factors: Array,
    sigma: Callable[[int], Array],
) -> Inventory:
    """An inventory whose process `pj` makes `made[j]`, uses `inputs[i, j]` of `pi`, and gives off `emitted`
    (process, flow, amount), judged by `factors` (methods × flows); `sigma` gives the spreads of so many numbers."""
    size, (methods, flows) = made.size, factors.shape
    products = pl.DataFrame({"process": np.arange(size), "flow": np.arange(size), "amount": made})
    used = pl.DataFrame({"process": inputs.col, "flow": inputs.row, "amount": inputs.data}).cast(
        {"process": pl.Int64, "flow": pl.Int64}
    )
    parts = [
        _exchanges(products, "p", "output", reference=True),
        _exchanges(used, "p", "input", reference=False),
        _exchanges(emitted, "e", "output", reference=False),
    ]
    exchanges = pl.concat(parts).sort("process", maintain_order=True)
    random = ~pl.col("reference") & (pl.col("amount") != 0)
    exchanges = exchanges.with_columns(
        row=pl.int_range(pl.len(), dtype=pl.Int32).over("process"),
        distribution=pl.when(random).then(pl.lit("lognormal")), loc=pl.when(random).then(pl.col("amount").abs().log()),
        scale=pl.when(random).then(pl.Series(sigma(exchanges.height))),
    )
    names, nature = [f"p{i}" for i in range(size)], [f"e{i}" for i in range(flows)]
    ids = [f"m{i}" for i in range(methods)]
    kinds = [
        pl.DataFrame({"id": names, "kind": "product", "unit": "kg"}),
        pl.DataFrame({"id": nature, "kind": "elementary", "unit": "kg", "compartment": "air"}),
    ]
    judged = pl.DataFrame(
        {"method": np.repeat(ids, flows), "flow": np.tile(nature, methods), "factor": factors.ravel()}
    )
    return Inventory(
        name, "1", processes=table(PROCESSES, pl.DataFrame({"id": names, "place": "GLO"})),
        flows=table(FLOWS, pl.concat(kinds, how="diagonal")), exchanges=table(EXCHANGES, exchanges),
        methods=table(METHODS, pl.DataFrame({"id": ids, "name_en": ids, "unit": "points"})),
        factors=table(FACTORS, judged.filter(pl.col("factor") != 0)),
    )


def _exchanges(rows: pl.DataFrame, prefix: str, direction: str, *, reference: bool) -> pl.DataFrame:
    flow = pl.format("{}{}", pl.lit(prefix), "flow")
    provider = pl.format("p{}", "flow") if prefix == "p" and not reference else pl.lit(None, dtype=pl.String)
    return rows.select(
        pl.format("p{}", "process").alias("process"), flow.alias("flow"), "amount", provider.alias("provider"),
        direction=pl.lit(direction), reference=pl.lit(reference),
    )
