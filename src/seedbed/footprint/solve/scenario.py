"""Scenarios: another electricity mix, supplier or amount, solved by a low-rank update of the factor.

Changing k columns of the technosphere, A' = A + D Eᵀ (D: the change, E: the unit vectors of the columns),
gives by the Sherman–Morrison–Woodbury identity, with W = A⁻ᵀE, scores

    Λ' = Λ₀ − W (I + DᵀW)⁻¹ DᵀΛ₀,

where Λ₀ are the scores of the new direct impacts under the old A: k solves and a k × k system instead of
a new factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy import sparse

from seedbed.errors import InvalidInputError, UnknownNameError
from seedbed.footprint.database import Database
from seedbed.footprint.inventory.tables import EXCHANGES, Inventory, table
from seedbed.footprint.solve.amounts import amounts as drawable
from seedbed.footprint.solve.factor import Array
from seedbed.footprint.solve.system import Pattern


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


def changed(database: Database, changes: Sequence[Change | Setting]) -> Database:
    """`database` after `changes`; its scores are updated at once, all else is made when asked for.

    Raises UnknownNameError for a process, flow, supplier or parameter that is not there, InvalidInputError for a
    scenario whose loops use up all that they make.
    """
    inventory = database.inventory
    moved: list[Change] = []
    for change in changes:
        if isinstance(change, Setting):
            inventory = replace(inventory, parameters=_set(inventory, change))
        else:
            number = _exchange(database, change)
            if change.amount is not None:
                inventory = replace(inventory, exchanges=_fixed(inventory.exchanges, number, change.amount))
            if change.suppliers:
                moved.append(change)
    D, direct = _difference(database, inventory)
    base = drawable(inventory).base()
    for change in moved:
        D = D + _moved(database, change, base)
    scores = updated(database, sparse.csc_matrix(D), direct)
    return database.variant(_resupplied(database, inventory, moved), scores)


def updated(database: Database, D: sparse.csc_matrix, direct: Array | None) -> Array:
    """The score table after A changes by `D` and the direct impacts by `direct` (None: not)."""
    start = np.asarray(database.scores) if direct is None else database.adjoint.solve(database.direct + direct)
    columns = np.flatnonzero(np.diff(D.indptr))
    if columns.size == 0:
        return start
    E = np.zeros((D.indptr.size - 1, columns.size), order="F")
    E[columns, np.arange(columns.size)] = 1.0
    W = database.adjoint.solve(E)
    small = D[:, columns].T
    core = np.eye(columns.size) + small @ W
    if np.linalg.cond(core) > 1 / np.finfo(float).eps:
        raise InvalidInputError("some loop of processes would use up all that it makes.", where="scenario",
                                fix="lower the amounts that the changed processes use of one another.")
    return start - W @ np.linalg.solve(core, small @ start)


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
    change = drawable(inventory).base() - system.amounts.base()
    D = system.technosphere.matrix(system.technosphere.data(change)).copy()  # its indices are the pattern's
    D.eliminate_zeros()
    nature = system.biosphere.data(change)
    if not nature.any():
        return D, None
    return D, np.asarray((system.biosphere.matrix(nature).T @ database.characterisation).todense())


def _moved(database: Database, change: Change, base: Array) -> sparse.csc_matrix:
    """Change of A when an exchange is taken from other suppliers."""
    assert change.suppliers is not None
    n = database.system.size
    number = _exchange(database, change)
    suppliers, consumers, values = _entries(database.system.technosphere, number, base)
    taken = np.bincount(consumers, weights=values, minlength=n)
    buyers = np.flatnonzero(taken)
    rows, columns, data = [suppliers], [consumers], [-values]
    total = float(sum(change.suppliers.values()))
    for supplier, share in change.suppliers.items():
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


def _resupplied(database: Database, inventory: Inventory, moved: Sequence[Change]) -> Inventory:
    """The inventory with the exchanges of `moved` divided among their new suppliers."""
    exchanges = inventory.exchanges
    for change in moved:
        assert change.suppliers is not None
        number = _exchange(database, change)
        row = exchanges.row(number, named=True)
        total = float(sum(change.suppliers.values()))
        last = int(exchanges.filter(pl.col("process") == change.process)["row"].max())  # type: ignore[arg-type]
        parts = [
            row | {"row": last + k, "provider": supplier, "amount": row["amount"] * share / total, "distribution": None}
            for k, (supplier, share) in enumerate(change.suppliers.items(), 1)
        ]
        emptied = exchanges.with_columns(  # kept with nothing in it, so that exchanges keep their numbers
            amount=pl.when(pl.int_range(pl.len()) == number).then(0.0).otherwise("amount"),
            distribution=pl.when(pl.int_range(pl.len()) == number).then(None).otherwise("distribution"),
        )
        exchanges = pl.concat([emptied, table(EXCHANGES, parts)])
    return replace(inventory, exchanges=exchanges)
