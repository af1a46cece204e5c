"""Check of formulas: those of parameters and of exchanges, read, resolved and evaluated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from seedbed.base import formulas
from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.gate.view import View, found
from seedbed.lifecycle.inventory.tables import DEFECTS, table

Scope = dict[str, float]
Row = Mapping[str, Any]
Fault = tuple[str, str]  # kind of defect, detail


def formulas_sound(view: View) -> pl.DataFrame:
    """Formulas that cannot be read, use what is not defined, run in a circle or give no finite number.

    The detail of a parameter's defect is `name = formula`, that of an exchange its formula or what it lacks.
    """
    parameters = view.inventory.parameters
    faults: list[dict[str, Any]] = []
    everywhere = _scope(None, {}, parameters.filter(pl.col("process").is_null()).to_dicts(), faults)
    own = {process: rows.to_dicts()
           for (process,), rows in parameters.filter(pl.col("process").is_not_null()).group_by("process")}
    scopes = {process: _scope(str(process), everywhere, rows, faults) for process, rows in sorted(own.items())}
    used = view.exchanges.filter(pl.col("formula").is_not_null()).select("process", "row", "flow", "formula")
    for process, row, flow, formula in used.iter_rows():
        if fault := _fault(formula, scopes.get(process, everywhere)):
            faults.append({"kind": fault[0], "process": process, "row": row, "flow": flow, "detail": fault[1]})
    return table(DEFECTS, faults) if faults else found(used.clear(), "formula_bad")


def _scope(process: str | None, outer: Scope, rows: Sequence[Row], faults: list[dict[str, Any]]) -> Scope:
    """Values by lower-case name that are visible in a process; what cannot be resolved is added to `faults`."""
    scope = outer | {row["name"].lower(): row["value"] for row in rows
                     if row["formula"] is None and row["value"] is not None}
    waiting = {row["name"].lower(): row["formula"] for row in rows if row["formula"] is not None}
    while waiting:
        ready = {name: formula for name, formula in waiting.items() if not _lacks(formula, scope, waiting)}
        if not ready:
            break
        for name, formula in ready.items():
            del waiting[name]
            if fault := _fault(formula, scope):
                faults.append({"kind": fault[0], "process": process, "detail": f"{name} = {formula}"})
            else:
                scope[name] = float(formulas.evaluate(formula, scope))
    for name, formula in waiting.items():  # what they lack is nowhere, or waits for them in turn
        kind = "formula_bad" if _lacks(formula, scope) <= waiting.keys() else "parameter_missing"
        faults.append({"kind": kind, "process": process, "detail": f"{name} = {formula}"})
    return scope


def _lacks(formula: str, scope: Scope, waiting: Mapping[str, str] | None = None) -> frozenset[str]:
    """Names that are not defined, or whose own formulas are `waiting`; none for a formula that cannot be read."""
    try:
        return (formulas.names(formula) - scope.keys()) | (formulas.uses(formula) & (waiting or {}).keys())
    except InvalidInputError:
        return frozenset()


def _fault(formula: str, scope: Scope) -> Fault | None:
    if lacking := _lacks(formula, scope):
        return "parameter_missing", f"{formula}: {', '.join(sorted(lacking))}"
    try:
        with np.errstate(all="ignore"):
            value = float(formulas.evaluate(formula, scope))
    except (InvalidInputError, ArithmeticError, TypeError, ValueError):
        return "formula_bad", formula
    return None if math.isfinite(value) else ("formula_bad", formula)
