"""An input-output table: who sells what to whom, what it takes, and what it emits.

Rows sell, columns buy. For every sector, output = sales to sectors + sales to final demand: x = Z·1 + Y·1,
the balance every function here rests on, checked when a table is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.inventory.tables import Schema
from seedbed.lifecycle.inventory.tables import table as frame

Array: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = pl.DataFrame | Iterable[Mapping[str, object]]

SECTORS: Schema = {
    "region": pl.String,  # ISO 3166 code, or as the source says
    "code": pl.String,  # unique within the region
    "name_zh": pl.String,  # at least one of the two names
    "name_en": pl.String,
}
DEMANDS: Schema = SECTORS | {"kind": pl.String}  # of KINDS; null reads as "final"
INPUTS: Schema = dict.fromkeys(("code", "name_zh", "name_en"), pl.String)
STRESSORS: Schema = INPUTS | {"unit": pl.String}

KINDS = ("final", "export", "import", "discrepancy")
"""Columns of final demand. `import`: imports that also stand in the uses, hence negative ("competitive"
tables, as China's); `discrepancy`: what the statistician could not place."""


@dataclass(frozen=True, slots=True, eq=False)
class InputOutput:
    """An input-output table of n sectors, m final demands, k primary inputs and s stressors.

    Money is in `unit` a year, stressors in their own unit a year. The `region` of a demand is where the
    buyer is. Make one with `input_output`, which checks it.
    """

    name: str
    year: int | None
    unit: str
    sectors: pl.DataFrame  # SECTORS, n rows
    demands: pl.DataFrame  # DEMANDS, m rows
    inputs: pl.DataFrame  # INPUTS, k rows
    stressors: pl.DataFrame  # STRESSORS, s rows
    Z: Array  # n × n, sales of row sector to column sector
    Y: Array  # n × m, sales to final demand
    x: Array  # n, output
    V: Array  # k × n, primary inputs: pay, taxes, depreciation, surplus, imports …
    F: Array  # s × n, stressors of production
    FY: Array  # s × m, stressors of final use itself (fuel burnt by households)

    @property
    def keys(self) -> list[str]:
        """"region:code" of every sector."""
        return keys(self.sectors)

    @property
    def regions(self) -> list[str]:
        """Regions of sectors, then those that only buy, in the order of the table."""
        return list(dict.fromkeys([*self.sectors["region"], *self.demands["region"]]))

    def sector(self, name: str) -> int:
        """Row of a sector, by "region:code" or, where no other region has it, by code.

        Raises UnknownNameError with the nearest names, InvalidInputError where the code is of several regions.
        """
        full = self.keys
        if name in full:
            return full.index(name)
        found = [i for i, code in enumerate(self.sectors["code"]) if code == name]
        if not found:
            raise UnknownNameError("sector", name, full)
        if len(found) > 1:
            raise InvalidInputError(f"the code {name!r} is of {len(found)} regions.", where=self.name or "table",
                                    fix=f"write region and code: {full[found[0]]}.")
        return found[0]

    def stressor(self, code: str) -> int:
        """Row of a stressor. Raises UnknownNameError with the nearest codes."""
        return position(self.stressors["code"], code, "stressor")


def input_output(
    sectors: Rows, Z: ArrayLike, demands: Rows, Y: ArrayLike, *, x: ArrayLike | None = None,
    inputs: Rows = (), V: ArrayLike | None = None, stressors: Rows = (), F: ArrayLike | None = None,
    FY: ArrayLike | None = None, name: str = "", year: int | None = None, unit: str = "", tolerance: float = 1e-6,
) -> InputOutput:
    """A checked table. Arrays have the shapes of `InputOutput`; `x` defaults to the row sums.

    `tolerance` is the largest accepted |x − Z·1 − Y·1| relative to x (tables in rounded units need more).
    Raises InvalidInputError where names repeat or lack, shapes disagree, a number is not finite, output is
    negative, a sector buys but has no output, or the balance fails.
    """
    where = name or "input-output table"
    labels = {"sectors": frame(SECTORS, sectors),
              "demands": frame(DEMANDS, demands).with_columns(pl.col("kind").fill_null("final")),
              "inputs": frame(INPUTS, inputs), "stressors": frame(STRESSORS, stressors)}
    n, m, k, s = (found.height for found in labels.values())
    flows, sales = np.asarray(Z, float), np.asarray(Y, float)
    arrays = {"Z": (flows, (n, n)), "Y": (sales, (n, m)),
              "V": (_or_zeros(V, k, n), (k, n)), "F": (_or_zeros(F, s, n), (s, n)),
              "FY": (_or_zeros(FY, s, m), (s, m))}
    for symbol, (array, shape) in arrays.items():
        if array.shape != shape:
            raise InvalidInputError(f"{symbol} is {_by(array.shape)}, its labels are {_by(shape)}.", where=where,
                                    fix="give one label a row and one a column.")
    rows = flows.sum(axis=1) + sales.sum(axis=1)
    arrays["x"] = (rows if x is None else np.asarray(x, float), (n,))
    made = InputOutput(name=name, year=year, unit=unit, **labels, **{a: array for a, (array, _) in arrays.items()})
    _check_labels(made, where)
    _check_numbers(made, rows, tolerance, where)
    return made


def keys(labels: pl.DataFrame) -> list[str]:
    """"region:code" of every row of `labels`."""
    return [f"{region}:{code}" for region, code in labels.select("region", "code").iter_rows()]


def position(codes: Sequence[str] | pl.Series, code: str, what: str) -> int:
    """Index of `code` in `codes`. Raises UnknownNameError with the nearest codes."""
    known = list(codes)
    if code not in known:
        raise UnknownNameError(what, code, known)
    return known.index(code)


def _or_zeros(array: ArrayLike | None, rows: int, columns: int) -> Array:
    return np.zeros((rows, columns)) if array is None else np.asarray(array, float)


def _by(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _check_labels(table: InputOutput, where: str) -> None:
    for what, labels in (("sector", table.sectors), ("final demand", table.demands),
                         ("primary input", table.inputs), ("stressor", table.stressors)):
        full = keys(labels) if "region" in labels.columns else labels["code"].to_list()
        needed = [name for name in ("region", "code") if name in labels.columns]
        if labels.select(needed).null_count().sum_horizontal().sum():
            raise InvalidInputError(f"a {what} lacks its {' or '.join(needed)}.", where=where, fix="name every one.")
        if repeated := [key for key, times in Counter(full).items() if times > 1]:
            raise InvalidInputError(f"{what} {', '.join(repeated[:5])} appears more than once.", where=where,
                                    fix="give each its own code.")
        unnamed = labels.filter(pl.col("name_zh").is_null() & pl.col("name_en").is_null())
        if unnamed.height:
            raise InvalidInputError(f"{what} {unnamed['code'][0]!r} has no name.", where=where,
                                    fix="give name_zh or name_en.")
    if strange := set(table.demands["kind"]) - set(KINDS):
        raise InvalidInputError(f"final demand of kind {sorted(strange)}.", where=where,
                                fix=f"use {', '.join(KINDS)}.")


def _check_numbers(table: InputOutput, rows: Array, tolerance: float, where: str) -> None:
    for symbol in ("Z", "Y", "x", "V", "F", "FY"):
        # The sum is finite exactly when all are (but for overflow), and needs no mask of the size of Z.
        if not np.isfinite(getattr(table, symbol).sum()):
            raise InvalidInputError(f"{symbol} has a number that is missing or not finite.", where=where,
                                    fix="write 0 where nothing is sold.")
    x, full = table.x, table.keys
    if (negative := np.flatnonzero(x < 0)).size:
        raise InvalidInputError(f"output of {full[negative[0]]} is {x[negative[0]]:g}.", where=where,
                                fix="output cannot be negative; check the signs of imports and inventories.")
    idle = np.flatnonzero(x == 0)
    if (idle := idle[(table.Z[:, idle] != 0).any(axis=0)]).size:
        raise InvalidInputError(f"{full[idle[0]]} buys inputs but has no output.", where=where,
                                fix="leave the sector out or give its output.")
    gap = np.abs(x - rows)
    if (off := np.flatnonzero(gap > tolerance * x)).size:
        worst = off[np.argmax(gap[off] / np.maximum(x[off], np.finfo(float).tiny))]
        raise InvalidInputError(
            f"{off.size} sectors do not balance; {full[worst]} sells {rows[worst]:g} and its output is {x[worst]:g}.",
            where=where, fix="check that every column of final demand is there (imports negative), "
                             "or accept rounding with tolerance=….")
