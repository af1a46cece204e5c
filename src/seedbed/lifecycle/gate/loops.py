"""Loops of processes that supply one another: which have no solution, and through whom.

A loop is a strongly connected part of the technosphere. Let M hold its inputs per product made. The loop
leaves something over if and only if the spectral radius of M is below one (Hawkins & Simon 1949 for
input-output tables; Berman & Plemmons 1994, ch. 6), which is the case if and only if (I − M) x = 1 has
a positive solution. At one exactly it uses up all that it makes (singular); above, more than that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, sparse
from scipy.sparse import csgraph
from scipy.sparse import linalg as sparse_linalg

Array = np.ndarray[Any, Any]
DENSE = 1_500
"""Loops up to this size are solved as dense matrices."""
AT_ONE = 1e-9
"""An eigenvalue this near to one makes a loop singular."""
CARRIES = 0.1
"""Processes with at least this share of the largest part in the leading eigenvalue carry the loop."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop without a meaningful solution.

    `members` are its columns; `carriers` those through which it runs: without them its radius is lower.
    `radius` is the spectral radius of its inputs per product; `singular` whether (I − M) has no inverse.
    """

    members: Array
    carriers: Array
    radius: float
    singular: bool


def inputs_per_product(technosphere: sparse.csc_matrix, made: Array) -> sparse.csc_matrix:
    """M = I − A diag(made)⁻¹: what each column takes of every product (credits negative) for one of its own.

    `technosphere` (n, n): products made positive, used negative; `made` (n,): what each column makes before
    it uses its own product; columns that make nothing are left empty.
    """
    size = _size(technosphere)
    per = np.divide(1.0, made, out=np.zeros(size), where=made != 0)
    taken = sparse.csc_matrix(sparse.diags(made != 0, dtype=float) - technosphere @ sparse.diags(per))
    taken.data[np.abs(taken.data) < 1e-15] = 0.0  # the products themselves, which cancel
    taken.eliminate_zeros()
    return taken


def bad_loops(taken: sparse.csc_matrix) -> list[Loop]:
    """Every loop of M (`inputs_per_product`) that is singular or uses more than it makes, largest radius first."""
    count, label = csgraph.connected_components(taken, directed=True, connection="strong")
    sizes = np.bincount(label, minlength=count)
    order = np.argsort(label, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)])
    own = taken.diagonal()
    found = [_single(int(order[starts[part]]), float(own[order[starts[part]]]))
             for part in np.flatnonzero(sizes == 1) if own[order[starts[part]]] >= 1 - AT_ONE]
    for part in np.flatnonzero(sizes > 1):
        members = np.sort(order[starts[part]:starts[part + 1]])
        if loop := _judge(members, taken[members][:, members]):
            found.append(loop)
    return sorted(found, key=lambda loop: (-loop.radius, int(loop.members[0])))


def without(taken: sparse.csc_matrix, columns: Array) -> sparse.csc_matrix:
    """M with nothing taken by or from `columns`."""
    keep = np.ones(_size(taken))
    keep[columns] = 0.0
    mask = sparse.diags(keep)
    return sparse.csc_matrix(mask @ taken @ mask)


def spectral_radius(taken: sparse.csc_matrix) -> float:
    """Largest absolute eigenvalue of a square matrix without negative entries."""
    return _leading(taken)[0]


def _size(matrix: sparse.csc_matrix) -> int:
    """Number of columns."""
    return matrix.indptr.size - 1


def _single(column: int, own: float) -> Loop:
    member = np.array([column])
    return Loop(member, member, own, abs(own - 1) <= AT_ONE)


def _judge(members: Array, taken: sparse.csc_matrix) -> Loop | None:
    """The loop if it has no meaningful solution; credits count only where the inputs alone would do."""
    if _leaves_something(abs(taken)):
        return None
    inputs = sparse.csc_matrix(taken.maximum(0))
    radius, right, left = _leading(inputs)
    singular = _singular(taken)
    if radius < 1 - AT_ONE and not singular:
        return None
    part = np.abs(right * left)
    return Loop(members, members[part >= CARRIES * part.max()], radius, singular)


def _leaves_something(taken: sparse.csc_matrix) -> bool:
    """Whether (I − M) x = 1 has a positive solution."""
    size = _size(taken)
    net = sparse.csc_matrix(sparse.identity(size) - taken)
    try:
        if size <= DENSE:
            with np.errstate(all="ignore"):
                x = np.linalg.solve(net.toarray(), np.ones(size))
        else:
            x = sparse_linalg.splu(net).solve(np.ones(size))
    except (np.linalg.LinAlgError, RuntimeError):
        return False
    return bool(np.isfinite(x).all() and (x > 0).all() and x.max() < 1 / AT_ONE)


def _leading(inputs: sparse.csc_matrix) -> tuple[float, Array, Array]:
    """The leading (Perron) eigenvalue of a non-negative matrix, its right and left eigenvector."""
    if _size(inputs) <= DENSE:
        solved: Any = linalg.eig(inputs.toarray(), left=True, right=True)
        values, left, right = solved
        lead = int(np.argmax(values.real))
        return float(values[lead].real), np.abs(right[:, lead]), np.abs(left[:, lead])
    of_rows: Any = sparse_linalg.eigs(inputs, k=1, which="LR")
    of_columns: Any = sparse_linalg.eigs(sparse.csc_matrix(inputs.T), k=1, which="LR")
    (value, right), (_, left) = of_rows, of_columns
    return float(value[0].real), np.abs(right[:, 0]), np.abs(left[:, 0])


def _singular(taken: sparse.csc_matrix) -> bool:
    """Whether one is an eigenvalue of M."""
    if _size(taken) <= DENSE:
        return bool(np.abs(np.linalg.eigvals(taken.toarray()) - 1).min() <= AT_ONE)
    try:
        nearest = sparse_linalg.eigs(taken, k=1, sigma=1.0, return_eigenvectors=False)
    except (RuntimeError, sparse_linalg.ArpackError):
        return True
    return bool(abs(nearest[0] - 1) <= AT_ONE)
