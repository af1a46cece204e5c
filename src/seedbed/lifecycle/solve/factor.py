"""Sparse factors of the technosphere: factor once, solve for any demand or any method.

KLU (Davis & Palamadai Natarajan 2010, ACM TOMS 37:36) permutes to block-triangular form and factors the
blocks, which suits the near-triangular supply chains of inventories. Where PyKLU is not available SciPy's
SuperLU takes its place, with an ordering that keeps the fill of such matrices low.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from seedbed.base.errors import SeedbedError

try:
    from PyKLU import Klu
except ImportError:  # no wheel for this platform
    Klu = None

Array = np.ndarray[Any, Any]
TOLERANCE = 1e-6
"""Largest relative residual of the trial solve of a matrix that is not singular."""


class SingularError(SeedbedError):
    """The technosphere has no unique solution; `gate.loops` names the processes."""


class Factor:
    """LU factor of a square sparse matrix; immutable, solves `A x = b`.

    Raises SingularError where the matrix is singular: a trial solve does not give back its right side.
    """

    def __init__(self, matrix: sparse.csc_matrix) -> None:
        A = sparse.csc_matrix(matrix, dtype=np.float64)
        A.sort_indices()
        A.indices, A.indptr = A.indices.astype(np.int32, copy=False), A.indptr.astype(np.int32, copy=False)
        self._solve = Klu(A).solve if Klu is not None else _superlu(A)
        size = A.indptr.size - 1
        b = A @ np.linspace(1.0, 2.0, size)
        residual = np.abs(A @ self._solve(b) - b)
        if not (residual <= TOLERANCE * (abs(A) @ np.ones(size) + np.abs(b))).all():
            raise SingularError("The technosphere is singular: some loop of processes uses up all that it makes.")

    def solve(self, b: Array) -> Array:
        """x with A x = b; `b` of shape (n,) or (n, k), result alike."""
        return self._solve(b)


def _superlu(A: sparse.csc_matrix) -> Any:
    from scipy.sparse.linalg import splu

    try:
        return splu(A, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.1).solve
    except RuntimeError as error:
        raise SingularError(f"The technosphere is singular ({error}).") from error
