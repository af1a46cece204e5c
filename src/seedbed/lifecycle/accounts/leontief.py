"""The Leontief system (I − A)·x = y, A = Z·x̂⁻¹: outputs, multipliers and linkages from one factorisation.

The inverse is never formed: what is asked for are a few solutions, and a solution costs n² where the inverse
costs three times the factorisation. Sources: Leontief (1936); Miller & Blair, *Input-Output Analysis*, 2nd ed.,
chapters 2, 6 and 12; Ghosh (1958); Rasmussen (1956).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import polars as pl
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import LinAlgWarning, lu_factor, lu_solve

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.accounts.table import Array, InputOutput, position

EXACT_UP_TO = 2048
"""Sectors up to which factors are 64-bit. Above, they are 32-bit (half the time and memory) and every
solution is refined in 64-bit arithmetic."""

CONVERGED = 1e-11  # error beside solution, largest of a column: one correction where the table is well-conditioned
ACCEPTED = 1e-12  # where corrections stop falling, at most this is put down to rounding
SLOW = 0.5


class Leontief:
    """A factored Leontief system of n sectors.

    `Z` (n × n) in money, `x` (n) output; both are kept by reference. Raises InvalidInputError where the
    economy is not productive: where some chain of sectors takes in more than it brings forth.
    """

    def __init__(self, Z: Array, x: Array, *, name: str = "") -> None:
        self._Z, self._x = Z, x
        self._per_output = per_output(np.ones_like(x), x)
        self._name = name or "input-output table"
        self._factor(np.float64 if len(x) <= EXACT_UP_TO else np.float32)
        self.output_multipliers: Array = self.multipliers(np.ones(len(x)))
        # For A ≥ 0 a positive solution of (I − A)ᵀ·m = 1 exists exactly where the economy is productive.
        if (bad := np.flatnonzero(~(self.output_multipliers > 0))).size:
            raise InvalidInputError(f"the economy is not productive (sector number {bad[0] + 1}).", where=self._name,
                                    fix="check that its inputs are below its output.")

    def outputs(self, Y: ArrayLike) -> Array:
        """(I − A)⁻¹·Y: output of every sector that final demand Y (n, or n × k) needs, money."""
        return self._solve(np.asarray(Y, float), transposed=False)

    def multipliers(self, S: ArrayLike) -> Array:
        """S·(I − A)⁻¹ for direct coefficients S (n, or k × n) per unit of output: totals per unit of final demand."""
        return self._solve(np.asarray(S, float).T, transposed=True).T

    def complete_consumption(self, columns: Sequence[int]) -> Array:
        """Columns of (I − A)⁻¹ − I, n × len(columns): all that a unit of each product takes (完全消耗系数)."""
        unit = np.zeros((len(self._per_output), len(columns)))
        unit[columns, range(len(columns))] = 1.0
        return self.outputs(unit) - unit

    def forward(self) -> Array:
        """Row sums of the Ghosh inverse (I − x̂⁻¹·Z)⁻¹, n: it is x̂⁻¹·(I − A)⁻¹·x̂, so one solution suffices."""
        return np.where(self._x > 0, self.outputs(self._x) * self._per_output, 1.0)

    def _factor(self, kind: type[np.floating]) -> None:
        # (I − A)ᵀ, as the transpose of a C array is what LAPACK factors in place, without a copy.
        M = self._Z.astype(kind)
        M *= -self._per_output.astype(kind)
        M[np.diag_indices_from(M)] += 1
        with warnings.catch_warnings():
            warnings.simplefilter("error", LinAlgWarning)
            try:
                self._lu: tuple[NDArray[np.floating], NDArray[np.integer]] = lu_factor(
                    M.T, overwrite_a=True, check_finite=False)
            except LinAlgWarning as error:
                if kind is np.float32:
                    self._factor(np.float64)
                    return
                raise InvalidInputError("the Leontief matrix is singular.", where=self._name,
                                        fix="look for sectors that only sell to each other.") from error

    def _apply(self, X: Array, transposed: bool) -> Array:
        """(I − A)·X, or its transpose."""
        scale = self._per_output if X.ndim == 1 else self._per_output[:, None]
        return X - (self._Z.T @ X) * scale if transposed else X - self._Z @ (X * scale)

    def _solve(self, b: Array, transposed: bool) -> Array:
        found = self._step(b, transposed)
        if self._lu[0].dtype == np.float64:
            return found
        last = 1.0
        while True:
            change = self._step(b - self._apply(found, transposed), transposed)
            found += change
            step = _relative(change, found)
            if step * min(step / last, 1.0) <= CONVERGED:  # what the next correction would be
                return found
            if not step <= SLOW * last:  # no longer falling: at the limit of 64 bits, or never to get there
                if step <= ACCEPTED:
                    return found
                self._factor(np.float64)
                return self._step(b, transposed)
            last = step

    def _step(self, b: Array, transposed: bool) -> Array:
        kind = self._lu[0].dtype
        scale = _largest(b)  # per column, so that nothing leaves the range of 32 bits
        right = (b / np.where(scale > 0, scale, 1.0)).astype(kind, copy=False)
        return lu_solve(self._lu, right, trans=0 if transposed else 1, check_finite=False) * scale


def _largest(b: Array) -> Array:
    return np.abs(b).max(axis=0, initial=0.0)


def _relative(change: Array, found: Array) -> float:
    size = _largest(found)
    return float(np.max(_largest(change) / np.where(size > 0, size, 1.0), initial=0.0))


def multipliers(table: InputOutput, of: str = "output") -> pl.DataFrame:
    """What a unit of final demand for each product causes, directly and in the whole chain.

    `of` is "output", the code of a primary input (income, employment, value added: whatever the table has)
    or of a stressor. Columns: region, code, name_zh, name_en, `direct` and `total` per unit of money, and
    `ratio` = total / direct, the type I multiplier (null where direct is 0). Miller & Blair, chapter 6.
    Raises UnknownNameError for another name.
    """
    system = Leontief(table.Z, table.x, name=table.name)
    direct = per_output(amounts(table, of), table.x)
    total = system.output_multipliers if of == "output" else system.multipliers(direct)
    made = table.sectors.with_columns(direct=pl.Series(direct), total=pl.Series(total))
    return made.with_columns(ratio=pl.when(pl.col("direct") != 0).then(pl.col("total") / pl.col("direct")))


def linkages(table: InputOutput) -> pl.DataFrame:
    """Backward and forward linkages of every sector.

    `backward`: column sums of the Leontief inverse; `forward`: row sums of the Ghosh inverse;
    `backward_index`, `forward_index`: over their mean (Rasmussen's power and sensitivity of dispersion);
    `key`: both indices above 1. Miller & Blair, chapter 12.
    """
    system = Leontief(table.Z, table.x, name=table.name)
    made = table.sectors.with_columns(backward=pl.Series(system.output_multipliers),
                                      forward=pl.Series(system.forward()))
    made = made.with_columns((pl.col(name) / pl.col(name).mean()).alias(f"{name}_index")
                             for name in ("backward", "forward"))
    return made.with_columns(key=(pl.col("backward_index") > 1) & (pl.col("forward_index") > 1))


def complete_consumption(table: InputOutput, products: Sequence[str] | None = None) -> xr.DataArray:
    """Complete-consumption coefficients (I − A)⁻¹ − I of `products` (default all): sector × product.

    `products` are "region:code" or codes. Solved column by column: ask for those that are needed.
    Raises UnknownNameError for another name.
    """
    chosen = range(len(table.x)) if products is None else [table.sector(name) for name in products]
    found = Leontief(table.Z, table.x, name=table.name).complete_consumption(chosen)
    names = table.keys
    return xr.DataArray(found, dims=("sector", "product"),
                        coords={"sector": names, "product": [names[j] for j in chosen]})


def amounts(table: InputOutput, of: str) -> Array:
    """Output, a primary input or a stressor of every sector, n. Raises UnknownNameError for another name."""
    inputs, stressors = table.inputs["code"].to_list(), table.stressors["code"].to_list()
    at = position(["output", *inputs, *stressors], of, "multiplier")
    return np.vstack([table.x[None], table.V, table.F])[at]


def per_output(amount: Array, x: Array) -> Array:
    """`amount` (…, n) over output, 0 where there is no output: direct coefficients."""
    return np.divide(amount, x, out=np.zeros_like(amount), where=x != 0)
