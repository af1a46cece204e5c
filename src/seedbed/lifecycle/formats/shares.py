"""Shares of products that a source states by formula: evaluated when all parameters have been read."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from seedbed.base import formulas
from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.inventory.tables import TABLES, table
from seedbed.lifecycle.solve.stated import scope


@dataclass(slots=True)
class Shares:
    """Rows of the table of allocations whose factors wait for the parameters."""

    waiting: list[tuple[int, str, str, float]] = field(default_factory=list)

    def add(self, row: int, process: str, formula: str, per: float = 1.0) -> None:
        """Note row number `row`, whose factor is `formula` over `per`."""
        self.waiting.append((row, process, formula, per))

    def settle(self, parameters: pl.DataFrame, put: Callable[[int, float], None],
               failed: Callable[[str, str], None]) -> None:
        """Hand every factor to `put` (row, factor); what has no value is NaN, which the gate refuses, and `failed`
        is told its process and formula."""
        known = table(TABLES["parameters"], parameters).with_columns(pl.col("value").fill_null(math.nan))
        values = known["value"].to_numpy()[None, :]
        for row, process, formula, per in self.waiting:
            factor = math.nan
            try:
                found = formulas.evaluate(formula, scope(known, values, process))
                factor = float(found if isinstance(found, float) else found[0]) / per
            except InvalidInputError:
                pass
            if not math.isfinite(factor):
                failed(process, formula)
            put(row, factor)
