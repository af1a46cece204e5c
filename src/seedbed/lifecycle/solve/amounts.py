"""Amounts of exchanges as draws from their distributions.

Every uncertain number is driven by one standard normal z (a Gaussian copula): a log-normal is
exp(loc + scale·z), a normal loc + scale·z, the bounded ones the inverse distribution at Φ(z). Exchanges of one
`group` share their z; `correlation` makes the numbers of one process move together,
z = √ρ·z_process + √(1−ρ)·z_own.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import polars as pl
from scipy import special

from seedbed.lifecycle.inventory.tables import Inventory
from seedbed.lifecycle.solve.stated import Array, Formula, evaluate, parameter_values, written_formulas

DISTRIBUTIONS = ("normal", "lognormal", "triangular", "uniform", "pert")
_LOGNORMAL = DISTRIBUTIONS.index("lognormal")
Rows = Array | slice


@dataclass(frozen=True)
class Uncertain:
    """Uncertain numbers: where each goes (`target`), which z drives it, and its distribution."""

    target: Array  # number of the exchange or parameter
    driver: Array  # number of the z
    kind: Array  # index in DISTRIBUTIONS
    stated: Array
    loc: Array
    scale: Array
    low: Array
    high: Array

    @cached_property
    def _kinds(self) -> list[tuple[str, Array]]:
        """Distributions in use, with the numbers that have them."""
        found = ((name, np.flatnonzero(self.kind == number)) for number, name in enumerate(DISTRIBUTIONS))
        return [(name, rows) for name, rows in found if rows.size]

    @cached_property
    def _bounds(self) -> bool:
        return bool(np.isfinite(self.low).any() or np.isfinite(self.high).any())

    def values(self, z: Array) -> Array:
        """Values (numbers,) for standard normals `z` (drivers,)."""
        driven = z[self.driver]
        if [name for name, _ in self._kinds] == ["lognormal"]:  # the usual case, without the copies
            values = _lognormal(self, slice(None), driven)
        else:
            values = np.empty(self.target.size)
            for name, rows in self._kinds:
                values[rows] = _INVERSE[name](self, rows, driven[rows])
        return np.clip(values, self.low, self.high, out=values) if self._bounds else values

    def rows(self, rows: Array, drivers: Array) -> Uncertain:
        """Some of the numbers, their drivers renumbered by place in the sorted `drivers`."""
        chosen = {field.name: getattr(self, field.name)[rows] for field in fields(self)}
        return Uncertain(**chosen | {"driver": np.searchsorted(drivers, self.driver[rows])})

    def slope(self) -> Array:
        """Standard deviation of each number, exact, before truncation; negative where it falls as its z rises."""
        falls = (self.kind == _LOGNORMAL) & (self.stated < 0)
        return np.where(falls, -1.0, 1.0) * np.sqrt(self.variance())

    def variance(self) -> Array:
        """Variance of each number, exact, before truncation."""
        out = np.empty(self.target.size)
        for name, rows in self._kinds:
            out[rows] = _VARIANCE[name](self, rows)
        return out


def _normal(u: Uncertain, rows: Rows, z: Array) -> Array:
    return u.loc[rows] + u.scale[rows] * z


def _lognormal(u: Uncertain, rows: Rows, z: Array) -> Array:
    z *= u.scale[rows]  # in place: z is the caller's own copy
    z += u.loc[rows]
    np.exp(z, out=z)
    return np.copysign(z, u.stated[rows], out=z)


def _uniform(u: Uncertain, rows: Rows, z: Array) -> Array:
    return u.low[rows] + (u.high[rows] - u.low[rows]) * special.ndtr(z)


def _triangular(u: Uncertain, rows: Rows, z: Array) -> Array:
    low, high, mode = u.low[rows], u.high[rows], u.loc[rows]
    p, width = special.ndtr(z), high - low
    rising = low + np.sqrt(p * width * (mode - low))
    falling = high - np.sqrt((1 - p) * width * (high - mode))
    return np.where(p <= (mode - low) / width, rising, falling)


def _pert_shape(u: Uncertain, rows: Rows) -> tuple[Array, Array]:
    """Shape of the beta distribution of a PERT (Vose 2008): 1 + 4·(mode − low)/(high − low), and mirrored."""
    width = u.high[rows] - u.low[rows]
    return 1 + 4 * (u.loc[rows] - u.low[rows]) / width, 1 + 4 * (u.high[rows] - u.loc[rows]) / width


def _pert(u: Uncertain, rows: Rows, z: Array) -> Array:
    a, b = _pert_shape(u, rows)
    return u.low[rows] + (u.high[rows] - u.low[rows]) * special.betaincinv(a, b, special.ndtr(z))


def _triangular_variance(u: Uncertain, rows: Rows) -> Array:
    a, b, c = u.low[rows], u.high[rows], u.loc[rows]
    return (a * a + b * b + c * c - a * b - a * c - b * c) / 18


def _pert_variance(u: Uncertain, rows: Rows) -> Array:
    a, b = _pert_shape(u, rows)
    return (u.high[rows] - u.low[rows]) ** 2 * a * b / ((a + b) ** 2 * (a + b + 1))


_INVERSE = {"normal": _normal, "lognormal": _lognormal, "triangular": _triangular, "uniform": _uniform, "pert": _pert}
_VARIANCE = {
    "normal": lambda u, rows: u.scale[rows] ** 2,
    "lognormal": lambda u, rows: np.exp(2 * u.loc[rows] + u.scale[rows] ** 2) * np.expm1(u.scale[rows] ** 2),
    "triangular": _triangular_variance,
    "uniform": lambda u, rows: (u.high[rows] - u.low[rows]) ** 2 / 12,
    "pert": _pert_variance,
}


@dataclass(frozen=True, slots=True)
class Amounts:
    """Amounts of the exchanges of an inventory, stated or drawn. `drivers` is the number of independent z."""

    stated: Array
    uncertain: Uncertain
    parameters: Uncertain
    formulas: tuple[Formula, ...]
    table: pl.DataFrame
    drivers: int
    process: Array  # number of the process behind each driver (−1: none)

    def base(self) -> Array:
        """Amounts (exchanges,) with formulas evaluated at the parameters' stated values."""
        amounts = self.stated[None, :].copy()
        evaluate(self.formulas, self.table, self.table["value"].to_numpy()[None, :], amounts)
        return amounts[0]

    def draw(self, z: Array) -> Array:
        """Amounts (draws, exchanges) for standard normals `z` (draws, drivers)."""
        amounts = np.empty((len(z), self.stated.size))
        values = np.repeat(self.table["value"].to_numpy()[None, :], len(z), axis=0)
        for draw, normals in enumerate(z):
            amounts[draw] = self.stated
            amounts[draw, self.uncertain.target] = self.uncertain.values(normals)
            values[draw, self.parameters.target] = self.parameters.values(normals)
        evaluate(self.formulas, self.table, values, amounts)
        return amounts

    def response(self, parameter: int, step: float) -> Array:
        """Change of the amounts (exchanges,) when a parameter moves by `step`, by central difference."""
        amounts = np.repeat(self.stated[None, :], 2, axis=0)
        values = np.repeat(self.table["value"].to_numpy()[None, :], 2, axis=0)
        values[:, parameter] += np.array([step, -step]) / 2
        evaluate(self.formulas, self.table, values, amounts)
        return amounts[0] - amounts[1]

    def only(self, exchanges: Array) -> Amounts:
        """The amounts of some exchanges, renumbered in the order given; unused drivers are dropped."""
        local = np.full(self.stated.size, -1)
        local[exchanges] = np.arange(exchanges.size)
        kept = np.flatnonzero(local[self.uncertain.target] >= 0)
        formulas = tuple(replace(f, exchange=int(local[f.exchange])) for f in self.formulas if local[f.exchange] >= 0)
        parameters = np.arange(self.parameters.target.size) if formulas else np.zeros(0, np.int64)
        drivers = np.unique(np.concatenate([self.uncertain.driver[kept], self.parameters.driver[parameters]]))
        uncertain = self.uncertain.rows(kept, drivers)
        return Amounts(
            stated=self.stated[exchanges], uncertain=replace(uncertain, target=local[uncertain.target]),
            parameters=self.parameters.rows(parameters, drivers), formulas=formulas, table=self.table,
            drivers=drivers.size, process=self.process[drivers],
        )


def amounts(inventory: Inventory) -> Amounts:
    """The amounts of all exchanges of `inventory`, in the order of its table."""
    exchanges = inventory.exchanges.with_row_index("target")
    uncertain = exchanges.filter(_is_uncertain() & pl.col("formula").is_null() & pl.col("amount").is_not_null())
    table = parameter_values(inventory)
    loose = table.with_row_index("target").filter(_is_uncertain() & pl.col("formula").is_null())
    grouped = uncertain["group"].is_not_null().to_numpy()
    alone = int((~grouped).sum())
    driver = np.empty(uncertain.height, dtype=np.int64)
    driver[~grouped], driver[grouped] = np.arange(alone), alone + _numbered(uncertain["group"].drop_nulls())
    count = int(driver.max(initial=-1)) + 1
    process = np.full(count + loose.height, -1)
    process[driver] = _numbered(uncertain["process"])
    return Amounts(
        stated=exchanges["amount"].fill_null(0.0).to_numpy(),
        uncertain=_uncertain(uncertain, uncertain["amount"], driver),
        parameters=_uncertain(loose, loose["value"], count + np.arange(loose.height)),
        formulas=written_formulas(inventory.exchanges), table=table, drivers=count + loose.height, process=process,
    )


def _numbered(keys: pl.Series) -> Array:
    """Each distinct key as a number, in order of first appearance."""
    distinct = keys.unique(maintain_order=True)
    return keys.replace_strict(distinct, pl.int_range(distinct.len(), eager=True)).to_numpy().astype(np.int64)


def _is_uncertain() -> pl.Expr:
    """A distribution with the numbers it needs and some width."""
    kind = pl.col("distribution")
    wide = pl.col("high") > pl.col("low")
    return (
        (kind.is_in(["normal", "lognormal"]) & pl.col("loc").is_finite() & (pl.col("scale") > 0))
        | (kind.is_in(["triangular", "pert"]) & wide & pl.col("loc").is_between("low", "high"))
        | ((kind == "uniform") & wide)
    ).fill_null(False)


def _uncertain(rows: pl.DataFrame, stated: pl.Series, driver: Array) -> Uncertain:
    def numbers(name: str, missing: float) -> Array:
        return rows[name].fill_null(missing).to_numpy().astype(np.float64)

    kind = rows["distribution"].replace_strict({k: i for i, k in enumerate(DISTRIBUTIONS)}, return_dtype=pl.Int64)
    return Uncertain(
        target=rows["target"].to_numpy().astype(np.int64), driver=driver, kind=kind.to_numpy(),
        stated=stated.to_numpy(), loc=numbers("loc", 0.0), scale=numbers("scale", 0.0),
        low=numbers("low", -np.inf), high=numbers("high", np.inf),
    )
