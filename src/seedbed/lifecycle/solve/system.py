"""The matrices of a database: technosphere A and biosphere B, with the exchange behind each entry.

Column j is a product of a process, scaled by its reference exchange; `A s = f` gives the scaling s for
a demand f, `g = B s` what nature gives and takes (Heijungs & Suh 2002, ch. 2). Products made are
positive in A and products used negative; a process that treats waste makes the treatment, a process
that leaves waste uses it. Each entry of A and B is a sum of `coefficient × amount of an exchange`, so
that other amounts (draws, scenarios) give other values on the same pattern without building again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from scipy import sparse

from seedbed.lifecycle.inventory.tables import Inventory
from seedbed.lifecycle.solve import link as linking
from seedbed.lifecycle.solve.columns import columns as make_columns
from seedbed.lifecycle.solve.stated import stated

if TYPE_CHECKING:
    from seedbed.lifecycle.solve.amounts import Amounts

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sparse matrix as a function of exchange amounts: `data[position] += coefficient · amount[exchange]`.

    `position`, `coefficient` and `exchange` have one entry a term; `indices` and `indptr` are the
    compressed columns of the matrix of `shape`.
    """

    shape: tuple[int, int]
    indices: Array
    indptr: Array
    position: Array
    coefficient: Array
    exchange: Array

    def data(self, amounts: Array) -> Array:
        """Values of the entries for `amounts` of all exchanges (flow's unit)."""
        terms = self.coefficient * amounts[self.exchange]
        return np.bincount(self.position, weights=terms, minlength=self.indices.size)

    def matrix(self, data: Array) -> sparse.csc_matrix:
        """The matrix with entries `data`."""
        return sparse.csc_matrix((data, self.indices, self.indptr), shape=self.shape)


@dataclass(frozen=True)
class System:
    """A database as matrices.

    `columns` describes column j (and row j) of A, `flows` row i of B; `links` are the suppliers chosen.
    """

    inventory: Inventory
    columns: pl.DataFrame
    flows: pl.DataFrame
    links: pl.DataFrame
    technosphere: Pattern
    biosphere: Pattern
    A: sparse.csc_matrix
    B: sparse.csc_matrix

    @property
    def size(self) -> int:
        """Number of columns."""
        return self.columns.height

    @cached_property
    def amounts(self) -> Amounts:
        """Amounts of the exchanges, stated and drawn, by the numbers that the patterns refer to."""
        from seedbed.lifecycle.solve.amounts import amounts  # with what only draws need

        return amounts(self.inventory)

    @cached_property
    def exchanges(self) -> pl.DataFrame:
        """The table of exchanges with their numbers, formulas evaluated."""
        return _numbered(_evaluated(self.inventory, stated(self.inventory)))

    def save(self, folder: Path) -> None:
        """Keep the matrices in `folder`, which must exist."""
        self.columns.write_parquet(folder / "matrix_columns.parquet", compression="lz4")
        self.flows.write_parquet(folder / "nature.parquet", compression="lz4")
        self.links.write_parquet(folder / "links.parquet", compression="lz4")
        arrays = {"A": self.A.data, "B": self.B.data}
        for name in ("technosphere", "biosphere"):
            pattern = getattr(self, name)
            arrays |= {f"{name}.{field.name}": np.asarray(getattr(pattern, field.name)) for field in fields(Pattern)}
        np.savez(folder / "matrices.npz", **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, folder: Path, inventory: Inventory) -> System:
        """The system that `save` kept."""
        with np.load(folder / "matrices.npz") as kept:
            patterns = {
                name: Pattern(**{field.name: kept[f"{name}.{field.name}"] for field in fields(Pattern)})
                for name in ("technosphere", "biosphere")
            }
            A, B = (patterns[name].matrix(kept[key]) for name, key in (("technosphere", "A"), ("biosphere", "B")))
        columns, flows, links = (
            pl.read_parquet(folder / f"{name}.parquet", memory_map=False)
            for name in ("matrix_columns", "nature", "links")
        )
        return cls(inventory, columns, flows, links, patterns["technosphere"], patterns["biosphere"], A, B)


def build(inventory: Inventory, *, year: int | None = None) -> System:
    """Matrices of `inventory` with suppliers as of `year` (None: the latest).

    Exchanges without an amount count as absent here: `gate.judge` refuses or quarantines them before.
    """
    base = stated(inventory)
    evaluated = _evaluated(inventory, base)
    columns = make_columns(evaluated)
    exchanges = _numbered(evaluated)
    technical = exchanges.filter(pl.col("kind").is_in(["product", "waste"]))
    wanted = _wanted(technical, columns)
    links = linking.link(wanted, columns, year=year)
    parts = _parts(columns, inventory)
    uses = pl.concat([_diagonal(columns, exchanges), _uses(wanted, links, parts)])
    A = _pattern(uses, (columns.height, columns.height))
    flows = _elementary(exchanges, inventory)
    B = _pattern(_nature(exchanges, flows, parts), (flows.height, columns.height))
    return System(
        inventory=inventory, columns=columns, flows=flows, links=links, technosphere=A, biosphere=B,
        A=A.matrix(A.data(base)), B=B.matrix(B.data(base)),
    )


def _evaluated(inventory: Inventory, base: Array) -> Inventory:
    """The inventory with the amounts that its formulas give."""
    by_formula = pl.col("formula").is_not_null()
    amount = pl.when(by_formula).then(pl.Series(base)).otherwise(pl.col("amount"))
    return replace(inventory, exchanges=inventory.exchanges.with_columns(amount=amount))


def _numbered(inventory: Inventory) -> pl.DataFrame:
    """Exchanges with their number, the kind of their flow and the place of their process."""
    kinds = inventory.flows.select(pl.col("id").alias("flow"), "kind", "compartment")
    about = inventory.processes.select(
        pl.col("id").alias("process"), "place", pl.col("allocation").fill_null("none")
    )
    return (
        inventory.exchanges.with_row_index("exchange")
        .join(kinds, on="flow", how="left", maintain_order="left")
        .join(about, on="process", how="left", maintain_order="left")
    )


def _wanted(technical: pl.DataFrame, columns: pl.DataFrame) -> pl.DataFrame:
    """Exchanges that a supplier answers, with `sign`: −1 used (or waste left), +1 credited."""
    made = columns.select("process", "row", is_column=pl.lit(True))
    rest = technical.join(made, on=["process", "row"], how="left", maintain_order="left").filter(
        pl.col("is_column").is_null() & pl.col("amount").is_not_null() & ~pl.col("reference").fill_null(False)
    )
    product, output = pl.col("kind") == "product", pl.col("direction") == "output"
    avoided = pl.col("avoided").fill_null(False)
    credited = avoided | (product & output & (pl.col("allocation") == "substitution"))
    used = (product & ~output) | (~product & output)
    sign = pl.when(credited).then(1.0).when(used).then(-1.0)
    return rest.with_columns(sign=sign).filter(pl.col("sign").is_not_null())


def _parts(columns: pl.DataFrame, inventory: Inventory) -> pl.DataFrame:
    """Share of each exchange that goes to each column of its process: (process, column, share, row or null)."""
    asked = inventory.processes.filter(pl.col("allocation") == "causal").select(process="id")
    causal = inventory.allocation.filter(pl.col("row").is_not_null() & (pl.col("method") == "causal")).join(
        asked, on="process", how="semi")
    shares = columns.select("process", "column", "share", "flow")
    if not causal.height:
        return shares.select("process", "column", "share", causal_row=pl.lit(None, dtype=pl.Int32))
    by_row = (
        causal.join(shares, on=["process", "flow"])
        .with_columns(share=pl.col("factor") / pl.col("factor").sum().over("process", "row"))
        .select("process", "column", "share", causal_row="row")
    )
    return pl.concat([shares.select("process", "column", "share", causal_row=pl.lit(None, dtype=pl.Int32)), by_row])


def _divide(exchanges: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """`exchanges` with the `consumer` column and `share` of each part."""
    general = parts.filter(pl.col("causal_row").is_null()).drop("causal_row")
    special = parts.filter(pl.col("causal_row").is_not_null())
    keys = special.select("process", row="causal_row").unique()
    usual = exchanges.join(keys, on=["process", "row"], how="anti", maintain_order="left").join(
        general.rename({"column": "consumer"}), on="process", maintain_order="left"
    )
    caused = exchanges.join(
        special.rename({"column": "consumer"}), left_on=["process", "row"], right_on=["process", "causal_row"],
        maintain_order="left",
    )
    return pl.concat([usual, caused.select(usual.columns)]).filter(pl.col("share") != 0)


def _diagonal(columns: pl.DataFrame, exchanges: pl.DataFrame) -> pl.DataFrame:
    """What each column makes (or treats): its reference exchange."""
    numbers = exchanges.select("process", "row", "exchange")
    return columns.join(numbers, on=["process", "row"], maintain_order="left").select(
        row="column", column="column", exchange="exchange", coefficient=pl.lit(1.0)
    )


def _uses(wanted: pl.DataFrame, links: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """What each column takes from others, or is credited for."""
    supplied = wanted.join(
        links.select("process", "row", "weight", supplier="column"), on=["process", "row"], maintain_order="left"
    )
    return _divide(supplied, parts).select(
        row="supplier", column="consumer", exchange="exchange",
        coefficient=pl.col("sign") * pl.col("weight") * pl.col("share"),
    )


def _elementary(exchanges: pl.DataFrame, inventory: Inventory) -> pl.DataFrame:
    """Elementary flows in use, in the order of the flow table; a row for each location that exchanges name."""
    used = exchanges.filter(pl.col("kind") == "elementary").select("location", id="flow").unique().sort("location")
    return inventory.flows.join(used, on="id", how="inner", maintain_order="left_right").with_row_index("number")


def _nature(exchanges: pl.DataFrame, flows: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Elementary exchanges, positive in the natural direction of their flow: resources in, emissions out."""
    natural = exchanges.filter(pl.col("amount").is_not_null()).join(
        flows.select("location", "number", flow="id"), on=["flow", "location"], nulls_equal=True, maintain_order="left"
    )
    resource = pl.col("compartment").fill_null("").str.starts_with("resource")
    forward = resource == (pl.col("direction") == "input")
    return _divide(natural, parts).select(
        row="number", column="consumer", exchange="exchange",
        coefficient=pl.when(forward).then(pl.col("share")).otherwise(-pl.col("share")),
    )


def _pattern(terms: pl.DataFrame, shape: tuple[int, int]) -> Pattern:
    """Compressed columns of the sum of `terms`; terms of one entry are added."""
    row, column = terms["row"].to_numpy().astype(np.int64), terms["column"].to_numpy().astype(np.int64)
    key, position = np.unique(column * shape[0] + row, return_inverse=True)
    counts = np.bincount(key // max(shape[0], 1), minlength=shape[1])
    return Pattern(
        shape=shape,
        indices=(key % max(shape[0], 1)).astype(np.int32),
        indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        position=position.astype(np.int32),
        coefficient=terms["coefficient"].to_numpy().astype(np.float64),
        exchange=terms["exchange"].to_numpy().astype(np.int64),
    )
