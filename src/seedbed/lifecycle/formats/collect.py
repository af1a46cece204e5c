"""Rows that a reader collects, as tables, and their amounts in the unit of the flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from seedbed.lifecycle.formats.fields import unit_size
from seedbed.lifecycle.formats.tally import Tally
from seedbed.lifecycle.inventory.tables import DEFECTS, TABLES, Inventory, Reading


class Collector:
    """Rows of the tables, column by column, the defects met while they are read, and the tally of what is met."""

    def __init__(self) -> None:
        schemas = TABLES | {"defects": DEFECTS}
        self.columns: dict[str, dict[str, list[Any]]] = {key: {c: [] for c in s} for key, s in schemas.items()}
        self.tally = Tally()

    def add(self, table: str, **row: Any) -> None:
        """Append a row; absent columns are null."""
        columns = self.columns[table]
        assert row.keys() <= columns.keys(), row.keys() - columns.keys()
        for name, values in columns.items():
            values.append(row.get(name))

    def defect(self, kind: str, where: str, **fields: Any) -> None:
        self.add("defects", kind=kind, where=where, **fields)

    def frame(self, table: str) -> pl.DataFrame:
        return pl.DataFrame(self.columns[table], schema=(TABLES | {"defects": DEFECTS})[table])

    def reading(self, name: str, **about: Any) -> Reading:
        """Everything collected. `about`: further fields of the Inventory, also tables that replace the collected."""
        frames = {key: self.frame(key) for key in TABLES if key not in about}
        fields: dict[str, Any] = {"version": ""} | frames | about
        return Reading(Inventory(name, **fields), self.frame("defects"), seen=self.tally.frame())


def in_flow_units(collected: Collector, flow_units: Mapping[str, str | None]) -> pl.DataFrame:
    """The exchanges with amounts, distributions and formulas in the unit of their flow instead of `unit`.

    Amounts that cannot be converted become null; each is a defect `unit_not_convertible`.
    """
    exchanges = collected.frame("exchanges")
    types = {"flow": pl.String, "to": pl.String}
    flows = pl.DataFrame({"flow": list(flow_units), "to": list(flow_units.values())}, schema=types)
    pairs = exchanges.select("flow", "unit").unique().join(flows, on="flow", how="left").select("unit", "to").unique()
    factors = [unit_size(unit, to) for unit, to in pairs.iter_rows()]
    pairs = pairs.with_columns(size=pl.Series(factors, dtype=pl.Float64))
    sized = (
        exchanges.join(flows, on="flow", how="left", maintain_order="left")
        .join(pairs, on=["unit", "to"], how="left", nulls_equal=True, maintain_order="left")
    )
    where = dict(zip(collected.columns["processes"]["id"], collected.columns["processes"]["where"], strict=True))
    failed = sized.filter(pl.col("size").is_null()).select("process", "row", "flow", "amount", "unit", "to")
    for process, row, flow, amount, unit, to in failed.iter_rows():
        collected.defect("unit_not_convertible", where[process], process=process, row=row, flow=flow, value=amount,
                         detail=f"{unit} → {to}")
    size, log = pl.col("size"), pl.col("distribution") == "lognormal"
    same = size == 1
    gone = size.is_null()
    return sized.with_columns(
        amount=pl.when(same).then("amount").otherwise(pl.col("amount") * size),
        loc=pl.when(same).then("loc").when(log).then(pl.col("loc") + size.log()).otherwise(pl.col("loc") * size),
        scale=pl.when(same | log).then("scale").otherwise(pl.col("scale") * size),
        low=pl.when(same).then("low").otherwise(pl.col("low") * size),
        high=pl.when(same).then("high").otherwise(pl.col("high") * size),
        distribution=pl.when(~gone).then("distribution"),
        formula=pl.when(same).then("formula").when(~gone).then(pl.format("({})*{}", "formula", "size")),
    ).drop("to", "size")
