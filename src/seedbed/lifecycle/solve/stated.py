"""Amounts of exchanges as stated: numbers, and formulas of parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from seedbed.base import formulas
from seedbed.lifecycle.inventory.tables import Inventory

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Formula:
    """An exchange whose amount is a formula, with the scope (process) it reads parameters from."""

    exchange: int
    scope: str
    text: str
    where: str


def stated(inventory: Inventory) -> Array:
    """Amounts of all exchanges with formulas evaluated, in the order of the table; without one, 0."""
    amounts = inventory.exchanges["amount"].fill_null(0.0).to_numpy().copy()
    parameters = parameter_values(inventory)
    values = parameters["value"].to_numpy()[None, :]
    evaluate(written_formulas(inventory.exchanges), parameters, values, amounts[None, :])
    return amounts


def parameter_values(inventory: Inventory) -> pl.DataFrame:
    """The parameters; a value that is not stated is NaN."""
    return inventory.parameters.with_columns(pl.col("value").fill_null(math.nan))


def evaluate(written: tuple[Formula, ...], parameters: pl.DataFrame, values: Array, amounts: Array) -> None:
    """Write the formulas' values into `amounts` (draws, exchanges) for `values` (draws, parameters); the parameters'
    own formulas are resolved scope by scope."""
    scopes: dict[str, dict[str, Any]] = {}
    for item in written:
        if item.scope not in scopes:
            scopes[item.scope] = scope(parameters, values, item.scope)
        amounts[:, item.exchange] = formulas.evaluate(item.text, scopes[item.scope], where=item.where)


def scope(parameters: pl.DataFrame, values: Array, process: str) -> dict[str, Any]:
    """Parameters a process sees: the database's, and over them its own. The database's formulas see no process's.

    `values`: draws × parameters. Raises InvalidInputError for a circle or an unknown name.
    """
    known: dict[str, Any] = {}
    for owner in (None, process):
        chosen = pl.col("process").is_null() if owner is None else pl.col("process") == owner
        written: dict[str, str] = {}
        for row in parameters.with_row_index("number").filter(chosen).iter_rows(named=True):
            name = row["name"].lower()
            if row["formula"]:
                written[name] = row["formula"]
                known.pop(name, None)
            else:
                known[name] = values[:, row["number"]]
                written.pop(name, None)
        where = "parameters of the database" if owner is None else f"process {process}"
        known = formulas.resolve(known, written, where=where)
    return known


def written_formulas(exchanges: pl.DataFrame) -> tuple[Formula, ...]:
    """The exchanges that have a formula."""
    rows = exchanges.with_row_index("number").filter(pl.col("formula").is_not_null())
    return tuple(
        Formula(row["number"], row["process"], row["formula"], f"process {row['process']}, exchange {row['row']}")
        for row in rows.iter_rows(named=True)
    )
