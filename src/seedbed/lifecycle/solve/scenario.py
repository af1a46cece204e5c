"""Scenarios: another electricity mix, supplier, amount or parameter, solved by a low-rank update of the factor.

Changing k columns of the technosphere, or who supplies the buyers of k products, is A' = A + U Vᵀ with U and V of k
columns each. By the Sherman–Morrison–Woodbury identity, with W = A⁻ᵀV, the scores become

    Λ' = Λ₀ − W (I + UᵀW)⁻¹ UᵀΛ₀,

where Λ₀ are the scores of the new direct impacts under the old A: k solves and a k × k system instead of
a new factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy import sparse

from seedbed.base import units
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.database import Database
from seedbed.lifecycle.inventory.tables import Inventory
from seedbed.lifecycle.solve.factor import Array
from seedbed.lifecycle.solve.resupply import resupplied
from seedbed.lifecycle.solve.stated import stated
from seedbed.lifecycle.solve.system import Pattern, build


@dataclass(frozen=True, slots=True)
class Change:
    """Another `amount` of `flow` in `process` (flow's unit, per the stated reference amount), other
    `suppliers` (process → share) of it, or both."""

    process: str
    flow: str
    amount: float | None = None
    suppliers: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """Another value of a parameter, of `process` or (None) of the whole database."""

    name: str
    value: float
    process: str | None = None


@dataclass(frozen=True, slots=True)
class Replacement:
    """Everybody who buys from the process `old` buys from `new`: another electricity mix, another supplier.

    `new` itself goes on buying where it did. Their products may be different flows of one dimension.
    """

    old: str
    new: str


def changed(database: Database, changes: Sequence[Change | Setting | Replacement]) -> Database:
    """`database` after `changes`, replacements last; its scores are updated at once, all else is made when asked for.

    Raises UnknownNameError for a process, flow, supplier or parameter that is not there, InvalidInputError for a
    replacement by a product of another dimension and for a scenario whose loops use up all that they make.
    """
    inventory = database.inventory
    moved = [change for change in changes if isinstance(change, Change) and change.suppliers]
    for change in changes:
        if isinstance(change, Setting):
            inventory = replace(inventory, parameters=_set(inventory, change))
        elif isinstance(change, Change):
            number = _exchange(database, change)
            if change.amount is not None:
                inventory = replace(inventory, exchanges=_fixed(inventory.exchanges, number, change.amount))
    replacements = [change for change in changes if isinstance(change, Replacement)]
    D, direct = _difference(database, inventory)
    base = stated(inventory)
    for change in moved:
        D = D + _moved(database, change, base)
    scores = updated(database, sparse.csc_matrix(D), replacements, direct)

    def after() -> Inventory:
        return _replaced(database, resupplied(inventory, _taken_elsewhere(database, moved)), replacements)

    return database.variant(after, scores)


def updated(
    database: Database, D: sparse.csc_matrix, replacements: Sequence[Replacement], direct: Array | None
) -> Array:
    """The score table after A changes by `D` and by `replacements`, and the direct impacts by `direct` (None: not)."""
    start = np.asarray(database.scores) if direct is None else database.adjoint.solve(database.direct + direct)
    columns = np.flatnonzero(np.diff(D.indptr))
    rank = columns.size + len(replacements)
    if rank == 0:
        return start
    V = np.zeros((D.indptr.size - 1, rank), order="F")
    V[columns, np.arange(columns.size)] = 1.0
    parts, A = [D[:, columns]], sparse.csc_matrix(database.system.A + D)
    for k, replacement in enumerate(replacements, columns.size):
        u, bought = _row(database, A, replacement)
        V[:, k] = bought
        parts.append(u)
        A = sparse.csc_matrix(A + u @ sparse.csr_matrix(bought))
    Ut = sparse.csr_matrix(sparse.hstack(parts).T)
    W = database.adjoint.solve(V)
    core = np.eye(rank) + Ut @ W
    if np.linalg.cond(core) > 1 / np.finfo(float).eps:
        raise InvalidInputError("some loop of processes would use up all that it makes.", where="scenario",
                                fix="lower the amounts that the changed processes use of one another.")
    return start - W @ np.linalg.solve(core, Ut @ start)


def _row(database: Database, A: sparse.csc_matrix, replacement: Replacement) -> tuple[sparse.csc_matrix, Array]:
    """u and v of a replacement: what every column buys of the old product (v, negative) moves to the new one (u)."""
    old, new, worth = _pair(database, replacement)
    bought = A[[old]].toarray().ravel()
    bought[database.columns["process"].is_in([replacement.old, replacement.new]).to_numpy()] = 0.0
    column = sparse.csc_matrix(([-1.0, worth], ([old, new], [0, 0])), shape=(bought.size, 1))
    return column, bought


def _pair(database: Database, replacement: Replacement) -> tuple[int, int, float]:
    """Columns of the old and the new process, and how much of the new product one unit of the old is."""
    old, new = database.column(replacement.old), database.column(replacement.new)
    flows = dict(database.products.select("id", "unit").iter_rows())
    mine, other = (flows[database.columns["flow"][column]] for column in (old, new))
    try:
        return old, new, units.factor(mine, other)
    except ValueError as error:
        raise InvalidInputError(f"{error}.", where=f"{replacement.new} in place of {replacement.old}",
                                fix="name a process whose product is counted alike.") from None


def _replaced(database: Database, inventory: Inventory, replacements: Sequence[Replacement]) -> Inventory:
    """The inventory after `replacements`; who supplies whom is looked up for each."""
    for replacement in replacements:
        old, new, worth = _pair(database, replacement)
        system = build(inventory, year=database.year)
        buys = (pl.col("column") == old) & ~pl.col("process").is_in([replacement.old, replacement.new])
        hit = system.links.filter(buys).select("process", "row")
        makers = system.columns.select("column", "process", "flow")
        replaced = pl.col("column") == old
        target = pl.when(replaced).then(pl.lit(new)).otherwise("column").cast(pl.Int32)
        parts = (
            system.links.join(hit, on=["process", "row"], how="semi", maintain_order="left")
            .select("process", "row", column=target,
                    share=pl.col("weight") * pl.when(replaced).then(worth).otherwise(1.0))
            .join(makers.rename({"process": "provider", "flow": "supplied"}), on="column", maintain_order="left")
        )
        inventory = resupplied(inventory, parts)
    return inventory


def _taken_elsewhere(database: Database, moved: Sequence[Change]) -> pl.DataFrame:
    """The exchanges of `moved` with their new suppliers, as `resupplied` wants them."""
    rows: list[tuple[str, int, str, str, float]] = []
    for change in moved:
        suppliers = change.suppliers or {}
        row = int(database.inventory.exchanges["row"][_exchange(database, change)])
        total = float(sum(suppliers.values()))
        rows += [(change.process, row, name, change.flow, share / total) for name, share in suppliers.items()]
    schema = {"process": pl.String, "row": pl.Int32, "provider": pl.String, "supplied": pl.String, "share": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _set(inventory: Inventory, setting: Setting) -> pl.DataFrame:
    owner = pl.col("process").is_null() if setting.process is None else pl.col("process") == setting.process
    chosen = owner & (pl.col("name").str.to_lowercase() == setting.name.lower())
    if not inventory.parameters.filter(chosen).height:
        raise UnknownNameError("parameter", setting.name, inventory.parameters["name"])
    return inventory.parameters.with_columns(
        value=pl.when(chosen).then(pl.lit(setting.value)).otherwise("value"),
        formula=pl.when(chosen).then(None).otherwise("formula"),
        distribution=pl.when(chosen).then(None).otherwise("distribution"),
    )


def _exchange(database: Database, change: Change) -> int:
    """Number of the exchange that a change is about."""
    database.column(change.process)  # raises for an unknown process
    ours = database.inventory.exchanges.with_row_index("number").filter(
        (pl.col("process") == change.process) & ~pl.col("reference").fill_null(False)
    )
    rows = ours.filter(pl.col("flow") == change.flow)
    if not rows.height:
        raise UnknownNameError(f"flow in process {change.process}:", change.flow, ours["flow"])
    return int(rows["number"][0])


def _fixed(exchanges: pl.DataFrame, number: int, amount: float) -> pl.DataFrame:
    """The exchanges with one amount known."""
    chosen = pl.int_range(pl.len()) == number
    return exchanges.with_columns(
        amount=pl.when(chosen).then(pl.lit(amount)).otherwise("amount"),
        formula=pl.when(chosen).then(None).otherwise("formula"),
        distribution=pl.when(chosen).then(None).otherwise("distribution"),
    )


def _difference(database: Database, inventory: Inventory) -> tuple[sparse.csc_matrix, Array | None]:
    """Change of A and of the direct impacts by other amounts on the same pattern."""
    system = database.system
    change = stated(inventory) - stated(database.inventory)
    D = system.technosphere.matrix(system.technosphere.data(change)).copy()  # its indices are the pattern's
    D.eliminate_zeros()
    nature = system.biosphere.data(change)
    return D, database.direct_of(system.biosphere.matrix(nature)) if nature.any() else None


def _moved(database: Database, change: Change, base: Array) -> sparse.csc_matrix:
    """Change of A when an exchange is taken from other suppliers."""
    suppliers = change.suppliers or {}
    n = database.system.size
    number = _exchange(database, change)
    sellers, consumers, values = _entries(database.system.technosphere, number, base)
    taken = np.bincount(consumers, weights=values, minlength=n)
    buyers = np.flatnonzero(taken)
    rows, columns, data = [sellers], [consumers], [-values]
    total = float(sum(suppliers.values()))
    for supplier, share in suppliers.items():
        rows.append(np.full(buyers.size, database.column(supplier, change.flow)))
        columns.append(buyers)
        data.append(taken[buyers] * share / total)
    entries = (np.concatenate(data), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csc_matrix(entries, shape=(n, n))


def _entries(pattern: Pattern, exchange: int, base: Array) -> tuple[Array, Array, Array]:
    """What one exchange adds to a matrix: rows, columns, values."""
    terms = np.flatnonzero(pattern.exchange == exchange)
    position = pattern.position[terms]
    columns = np.searchsorted(pattern.indptr, position, side="right") - 1
    return pattern.indices[position], columns, pattern.coefficient[terms] * base[exchange]
