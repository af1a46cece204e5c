"""Where a footprint comes from: the tree of supplies, hot-spots, and the largest flows between processes.

All three read the adjoint score table: an input of `a` units from column i carries `a · Λ_i`, its whole
supply chain included, so a tree needs no further solve and each node equals its own part plus its
children exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seedbed.lifecycle.database import Database
from seedbed.lifecycle.solve.factor import Array
from seedbed.lifecycle.solve.stated import stated


@dataclass(frozen=True, slots=True)
class Node:
    """A supply: `amount` of column `column`'s product (flow's unit) carries `value`, of which `direct` is
    given off by the process itself and `rest` by inputs below the cut-off."""

    column: int
    amount: float
    value: float
    direct: float
    rest: float
    children: tuple[Node, ...]

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Node]]:
        """(depth, node) of the tree, from the top."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


def tree(database: Database, column: int, amount: float, method: int, *, depth: int, cutoff: float) -> Node:
    """The supply tree under `amount` of `column`; a branch below `cutoff` of the top's |value| ends in `rest`."""
    top = abs(amount * database.scores[column, method])
    return _node(database, column, amount, method, depth, cutoff * top)


def _node(database: Database, column: int, amount: float, method: int, depth: int, floor: float) -> Node:
    scores = database.scores[:, method]
    rows, inputs, made = inputs_of(database, column)
    scale = amount / made
    direct = scale * database.direct[column, method]
    values = scale * inputs * scores[rows]
    shown = np.flatnonzero(np.abs(values) >= floor) if depth > 0 else np.array([], dtype=int)
    shown = shown[np.argsort(-np.abs(values[shown]), kind="stable")]
    children = tuple(
        _node(database, int(rows[k]), float(scale * inputs[k]), method, depth - 1, floor) for k in shown
    )
    value = float(amount * scores[column])
    rest = value - float(direct) - sum(child.value for child in children)
    return Node(column, amount, value, float(direct), rest if abs(rest) > 1e-12 * abs(value) else 0.0, children)


def inputs_of(database: Database, column: int) -> tuple[Array, Array, float]:
    """What a column uses: suppliers' columns, amounts for its reference amount (credits negative), and that amount."""
    A = database.system.A
    start, end = A.indptr[column], A.indptr[column + 1]
    rows, values = A.indices[start:end], A.data[start:end]
    own = rows == column
    return rows[~own], np.negative(values[~own]), float(values[own].sum())


@dataclass(frozen=True, slots=True)
class Hotspots:
    """What every process gives off itself for a demand: `scaling` and `value` by column; they sum to the total."""

    scaling: Array
    value: Array

    def largest(self, count: int) -> Array:
        """Columns in falling order of |value|."""
        return np.argsort(-np.abs(self.value), kind="stable")[:count]


def hotspots(database: Database, scaling: Array, method: int) -> Hotspots:
    """Direct impact of each column at `scaling`."""
    return Hotspots(scaling, scaling * database.direct[:, method])


def by_flow(database: Database, scaling: Array, method: int) -> Array:
    """Impact of each elementary flow (row of B) at `scaling`."""
    B = database.system.B.tocoo()
    value = B.data * scaling[B.col] * database.weights(method, B.row, B.col)
    return np.bincount(B.row, weights=value, minlength=database.system.flows.height)


def by_exchange(database: Database, column: int, method: int) -> tuple[Array, Array]:
    """For every exchange of the database its part in `column` (allocation; 1 where it has none) and the impact it
    carries in one run of it, its supply chain included (NaN where it has no part, and for the product itself).
    What is carried adds up to score × amount made."""
    system = database.system
    amounts = stated(database.inventory)
    part, carried = np.zeros(amounts.size), np.zeros(amounts.size)
    for pattern, sign in ((system.technosphere, -1.0), (system.biosphere, 1.0)):
        inside = (pattern.position >= pattern.indptr[column]) & (pattern.position < pattern.indptr[column + 1])
        exchange, coefficient = pattern.exchange[inside], pattern.coefficient[inside]
        row = pattern.indices[pattern.position[inside]]
        worth = database.scores[row, method] if sign < 0 else database.weights(method, row, np.full(row.size, column))
        np.add.at(part, exchange, np.abs(coefficient))
        np.add.at(carried, exchange, sign * coefficient * amounts[exchange] * worth)
    own = system.columns.select("process", "row").row(column)
    table = database.inventory.exchanges
    carried[((table["process"] == own[0]) & (table["row"] == own[1])).arg_true()] = np.nan
    carried[part == 0.0] = np.nan
    return np.where(part == 0.0, 1.0, part), carried


def edges(database: Database, scaling: Array, method: int, count: int) -> list[tuple[int, int, float]]:
    """The `count` largest supplies (supplier, consumer, impact carried) at `scaling`: the links of a Sankey."""
    A = database.system.A.tocoo()
    carried = np.where(A.row == A.col, 0.0, np.negative(A.data) * scaling[A.col] * database.scores[A.row, method])
    order = np.argsort(-np.abs(carried), kind="stable")[:count]
    return [(int(A.row[k]), int(A.col[k]), float(carried[k])) for k in order if carried[k] != 0.0]
