"""What the checks look at: the tables of an inventory joined once, and the shape of what they find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from seedbed.lifecycle.inventory.tables import DEFECTS, Inventory, table

DIVIDED = ("physical", "economic", "causal")
"""Allocation methods that divide a process among its products."""
STATED = (pl.col("amount") != 0) & pl.col("amount").is_finite()
"""Exchanges whose amount is a number other than zero."""
REAL = STATED.fill_null(False) | pl.col("formula").is_not_null()
"""Exchanges that count: a number other than zero, or a formula."""
_CO_PRODUCT = (pl.col("kind") == "product") & (pl.col("direction") == "output") & ~pl.col("avoided")


@dataclass(frozen=True)
class View:
    """An inventory and the databases it depends on, by name."""

    inventory: Inventory
    others: Mapping[str, Inventory]

    @cached_property
    def flows(self) -> pl.DataFrame:
        """Flows of this and the other databases, one row an id: flow, kind, flow_unit, flow_name."""
        tables = [self.inventory.flows, *(other.flows for other in self.others.values())]
        return pl.concat(tables).unique("id", keep="first", maintain_order=True).select(
            flow="id", kind="kind", flow_unit="unit", flow_name=pl.coalesce("name_en", "name_zh", "id"))

    @cached_property
    def processes(self) -> pl.DataFrame:
        """Processes of this database, one row an id: process, place, start, end, allocation, name, origin."""
        own = self.inventory.processes.unique("id", keep="first", maintain_order=True)
        return own.select("place", "start", "end", process="id", allocation=pl.col("allocation").fill_null("none"),
                          name=pl.coalesce("name_en", "name_zh", "id"), origin="where")

    @cached_property
    def exchanges(self) -> pl.DataFrame:
        """Exchanges with the kind, unit and name of their flow, their process's allocation and
        `per`, the amount of its reference; `reference` and `avoided` are never null."""
        first = self.references.filter(STATED).unique("process", keep="first", maintain_order=True)
        per = first.select("process", per=pl.col("amount").abs(), per_flow="flow", per_unit="flow_unit")
        return (self._joined.join(self.processes.select("process", "allocation"), on="process", how="left",
                                  maintain_order="left")
                .join(per, on="process", how="left", maintain_order="left"))

    @cached_property
    def _joined(self) -> pl.DataFrame:
        return self.inventory.exchanges.with_columns(
            pl.col("reference").fill_null(False), pl.col("avoided").fill_null(False)
        ).join(self.flows, on="flow", how="left", maintain_order="left")

    @cached_property
    def references(self) -> pl.DataFrame:
        """The reference exchanges, with the kind, unit and name of their flow."""
        return self._joined.filter("reference")

    @cached_property
    def products(self) -> pl.DataFrame:
        """References and co-products of the processes that have several, with `count`, how many."""
        rows = self.exchanges.filter((pl.col("reference") & pl.col("kind").is_not_null() | _CO_PRODUCT) & REAL)
        return rows.with_columns(count=pl.len().over("process")).filter(pl.col("count") > 1)

    @cached_property
    def undivided(self) -> pl.DataFrame:
        """Processes of several products that say nothing of dividing them: process, count."""
        rows = self.products.filter(pl.col("allocation") == "none").unique("process", maintain_order=True)
        return rows.select("process", "count")

    @cached_property
    def made(self) -> pl.DataFrame:
        """Which process supplies which flow: (process, flow), as the solver's columns."""
        divided = pl.col("allocation").is_in(DIVIDED) & _CO_PRODUCT
        return self.exchanges.filter((pl.col("reference") | divided) & REAL).select("process", "flow").unique()

    @cached_property
    def made_elsewhere(self) -> pl.DataFrame:
        """Which process of another database supplies which flow; a process is named "database:process"."""
        parts = [View(other, {}).made.with_columns(process=f"{name}:" + pl.col("process"))
                 for name, other in self.others.items()]
        return pl.concat([self.made.clear(), *parts])


def found(rows: pl.DataFrame, kind: str, *, value: str | pl.Expr | None = None,
          detail: str | pl.Expr | None = None) -> pl.DataFrame:
    """`rows` as defects of `kind`: keys are taken from the columns process, row and flow that are there."""
    keys = [name for name in ("process", "row", "flow") if name in rows.columns]
    value = pl.col(value) if isinstance(value, str) else value
    detail = pl.col(detail) if isinstance(detail, str) else detail
    return table(DEFECTS, rows.select(
        *keys, kind=pl.lit(kind), value=pl.lit(None, pl.Float64) if value is None else value,
        detail=pl.lit(None, pl.String) if detail is None else detail))
