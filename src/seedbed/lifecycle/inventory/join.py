"""Several databases as one: processes of the others get the database's name before their id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from seedbed.base import formulas
from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.inventory.tables import Inventory

_PROCESS_COLUMNS = {"processes": "id", "exchanges": "process", "parameters": "process", "allocation": "process"}


def join(inventory: Inventory, others: Sequence[Inventory]) -> Inventory:
    """`inventory` and what it links to: process `p` of database `d` becomes `d:p`; flows are shared by id.

    Raises InvalidInputError where two databases count one flow in different units.
    """
    parts = [inventory, *(_prefixed(other) for other in others)]
    flows = pl.concat([part.flows for part in parts])
    torn = flows.group_by("id", maintain_order=True).agg(pl.col("unit").unique()).filter(pl.col("unit").list.len() > 1)
    if torn.height:
        row = torn.row(0, named=True)
        raise InvalidInputError(f"flow {row['id']} is counted in {' and '.join(row['unit'])}.",
                                where=" + ".join(part.name for part in parts),
                                fix="convert one database, or give the flow another id.")
    joined = {
        name: pl.concat([getattr(part, name) for part in parts])
        for name in ("processes", "exchanges", "parameters", "allocation", "sources", "methods", "factors")
    }
    joined["sources"] = joined["sources"].unique("id", keep="first", maintain_order=True)
    joined["methods"] = joined["methods"].unique("id", keep="first", maintain_order=True)
    joined["factors"] = joined["factors"].unique(["method", "flow", "place"], keep="first", maintain_order=True)
    return replace(inventory, flows=flows.unique("id", keep="first", maintain_order=True), **joined)


def _prefixed(other: Inventory) -> Inventory:
    head = f"{other.name}:"
    tables = {
        name: getattr(other, name).with_columns((pl.lit(head) + pl.col(column)).alias(column))
        for name, column in _PROCESS_COLUMNS.items()
        if name != "parameters"
    }
    parameters = _owned(other)
    own = pl.col("provider").is_not_null() & ~pl.col("provider").str.contains(":", literal=True)
    tables["exchanges"] = tables["exchanges"].with_columns(
        provider=pl.when(own).then(pl.lit(head) + pl.col("provider")).otherwise("provider")
    )
    return replace(other, parameters=parameters, **tables)


def _owned(other: Inventory) -> pl.DataFrame:
    """Parameters of another database, those of the whole database given to each process with formulas."""
    own = other.parameters.filter(pl.col("process").is_not_null())
    general = _fixed(other.parameters.filter(pl.col("process").is_null()), own).drop("process")
    users = other.exchanges.filter(pl.col("formula").is_not_null()).select("process").unique(maintain_order=True)
    spread = users.join(general, how="cross").join(own, on=["process", "name"], how="anti", maintain_order="left")
    named = (pl.lit(f"{other.name}:") + pl.col("process")).alias("process")
    return pl.concat([own, spread.select(own.columns)]).with_columns(named)


def _fixed(general: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """The parameters of a whole database, a formula as its value where a process has a parameter of a name it uses:
    given to the process the formula would see that one instead."""
    taken = set(own["name"].str.to_lowercase())
    written = {row["name"].lower(): row["formula"] for row in general.iter_rows(named=True) if row["formula"]}
    caught = {name for name, text in written.items() if formulas.uses(text) & taken}
    while more := {n for n, text in written.items() if n not in caught and formulas.uses(text) & caught}:
        caught |= more
    if not caught:
        return general
    plain = {row["name"].lower(): row["value"] for row in general.iter_rows(named=True) if not row["formula"]}
    values = formulas.resolve(plain, written)
    fixed = pl.col("name").str.to_lowercase().is_in(sorted(caught))
    found = pl.Series([values.get(name.lower(), np.nan) for name in general["name"]], dtype=pl.Float64)
    return general.with_columns(value=pl.when(fixed).then(found).otherwise("value"),
                                formula=pl.when(fixed).then(None).otherwise("formula"))
