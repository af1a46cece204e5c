"""Specific embedded emissions: SEE = (I − M)⁻¹ e, with the sparse solver of the inventories.

IR (EU) 2025/2547, Annex III: e are a process's own emissions a tonne and those of what it buys, M the tonnes of own
precursors a tonne. Direct and indirect emissions are solved apart; what counts of the indirect ones follows Annex II.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from scipy import sparse

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.solve.factor import Factor, SingularError
from seedbed.operate.assess import Book

DIGITS = 9


def steps(book: Book) -> None:
    """Direct, indirect and counted emissions of each process, a tonne."""
    rows, bought = book.tables["processes"], book.tables["precursors"]
    ids = [row["id"] for row in rows]
    if len(set(ids)) < len(ids):
        raise InvalidInputError("two processes have the same id.", where="processes", fix="give each its own.")
    at = {name: n for n, name in enumerate(ids)}
    pfc, exempt = book.rule("pfc"), book.rule("exempt")
    gases = [(r["cf4_kg"] * pfc["cf4"] + r["c2f6_kg"] * pfc["c2f6"]) / 1000 for r in rows]
    book.column("processes", "pfc_t", gases)
    own = [(r["attributed_t"] + g) / r["activity_t"] for r, g in zip(rows, gases, strict=True)]
    power = [r["indirect_t"] / r["activity_t"] for r in rows]
    book.column("processes", "own_direct", own)
    book.column("processes", "own_indirect", power)
    e = np.array([[float(d), float(i), float(d + (Decimal(0) if r["annex2"] else i))]
                  for d, i, r in zip(own, power, rows, strict=True)])
    M = sparse.lil_matrix((len(ids), len(ids)))
    for n, row in enumerate(bought, start=1):
        if row["into"] not in at:
            raise UnknownNameError(f"process (precursors {n}, into)", row["into"], ids)
        if row["of"]:
            if row["of"] not in at:
                raise UnknownNameError(f"process (precursors {n}, of)", row["of"], ids)
            M[at[row["into"]], at[row["of"]]] += float(row["m"])
        elif row["origin"].upper() not in exempt:
            direct, indirect = float(row["see"]), float(row["see_indirect"])
            e[at[row["into"]]] += float(row["m"]) * np.array([direct, indirect,
                                                              direct + (0 if row["annex2"] else indirect)])
    try:
        found = Factor(sparse.csc_matrix(sparse.identity(len(ids)) - M)).solve(e)
    except SingularError:
        found = np.full(e.shape, -1.0)
    if (found < -1e-12).any():
        raise InvalidInputError("a loop of precursors uses up more than it makes.", where="precursors, m",
                                fix="correct the tonnes of precursor a tonne.")
    solved = [[Decimal(repr(round(float(x), DIGITS))) for x in column] for column in found.T]
    for name, values in zip(("direct", "indirect", "see"), solved, strict=True):
        book.column("processes", name, values)
