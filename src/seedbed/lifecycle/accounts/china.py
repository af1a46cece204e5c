"""China's national table of 2007 with the CO2 of its sectors: the table Seedbed ships, and its worked example.

table = china_2007()
accounts(domestic(table)).regions           # 2060 of 6822 Mt are emitted for exports, 0.22 kg/CNY
complete_consumption(table, ["23"])         # what a yuan of electricity takes
"""

from __future__ import annotations

import polars as pl

from seedbed import facts
from seedbed.lifecycle.accounts.labels import added
from seedbed.lifecycle.accounts.table import KINDS, Array, InputOutput, input_output
from seedbed.lifecycle.labels import name_columns

HOME, ABROAD = "CN", "RoW"
CNY, KG = 1e4, 1e9  # of the published units: 10,000 yuan, and Mt


def china_2007() -> InputOutput:
    """42 sectors in CNY at producers' prices of 2007, and their CO2 (`co2`) in kg.

    A competitive table, as the National Bureau of Statistics publishes it: uses include imported goods, and
    imports are a negative column. Final use emits what households burn. Facts: `io_2007_transactions`,
    `io_2007_sectors`, `io_2007_co2`, where sources and limits are stated.
    """
    labels = facts.read("io_2007_sectors").data
    cells = facts.read("io_2007_transactions").data
    emitted = facts.read("io_2007_co2").data.with_columns(pl.lit("co2").alias("row"), pl.col("code").alias("column"),
                                                          value=pl.col("energy") + pl.col("process"))
    sectors = labels.filter(pl.col("kind") == "sector")
    demands = labels.filter(pl.col("kind").is_in(KINDS))
    inputs = labels.filter(pl.col("kind") == "input")
    signs = [-1.0 if kind == "import" else 1.0 for kind in demands["kind"]]
    abroad = pl.col("kind").is_in(["export", "import"])
    co2 = {"code": "co2", "unit": "kg", **name_columns(added().co2)}
    i, j, k = (frame["code"].to_list() for frame in (sectors, demands, inputs))
    return input_output(
        sectors.drop("kind").with_columns(region=pl.lit(HOME)), _matrix(cells, i, i) * CNY,
        demands.with_columns(region=pl.when(abroad).then(pl.lit(ABROAD)).otherwise(pl.lit(HOME))),
        _matrix(cells, i, j) * signs * CNY, x=_matrix(cells, i, ["GO"])[:, 0] * CNY,
        inputs=inputs.drop("kind"), V=_matrix(cells, k, i) * CNY, stressors=[co2],
        F=_matrix(emitted, ["co2"], i) * KG, FY=_matrix(emitted, ["co2"], j) * KG,
        name="China 2007", year=2007, unit="CNY")


def _matrix(cells: pl.DataFrame, rows: list[str], columns: list[str]) -> Array:
    """The cells (row, column, value) as a matrix; cells that are not listed are 0."""
    full = pl.DataFrame({"row": rows}).join(pl.DataFrame({"column": columns}), how="cross")
    values = full.join(cells, on=["row", "column"], how="left", maintain_order="left")["value"].fill_null(0.0)
    return values.to_numpy().reshape(len(rows), len(columns))
