"""Means, spreads and quantiles of an ensemble in memory that does not grow with the number of members.

Members are taken one after another, so the way they are cut into blocks, shards or workers changes no bit.
Quantiles: the first MARKS members, sorted, are marks; of each mark it is counted how many members lie at or below
it. Each mark is thus an order statistic of *all* members, known exactly, and so are the smallest and the largest.
A quantile is interpolated between the two it falls between. The error is therefore known, not estimated: the
quantile of all members lies between these two (about 1/MARKS of the members apart). Up to MARKS members it is exact.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from seedbed.market.arrays import Array

MARKS = 128
STRIDE = 8  # members counted in one call of the compiled program


class Estimate(NamedTuple):
    """A quantile, and the order statistics that it lies between (single precision)."""

    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


@partial(jax.jit, donate_argnums=0)
def _count(below: Int[Array, "K C"], marks: Float[Array, "K C"], rows: Float[Array, "STRIDE C"]) -> Array:
    """Members at or below each mark after `rows` more; written out row by row, which compiles to one loop."""
    for row in rows:
        below = below + (row <= marks).astype(below.dtype)
    return below


class Stream:
    """A running summary of arrays of one shape: `add` takes members in their order."""

    def __init__(self) -> None:
        self.count = 0
        self._shape: tuple[int, ...] = ()
        self._first: list[np.ndarray] = []  # the members that become the marks
        self._marks: Array | None = None  # K×C, sorted
        self._below: Array | None = None  # K×C, members at or below each mark

    def add(self, members: Float[np.ndarray, "n ..."]) -> None:
        """Take `members` (leading axis member, kept in single precision) into account."""
        rows = np.asarray(members, dtype=np.float32).reshape(len(members), -1)
        if self.count == 0:
            self._shape, cells = members.shape[1:], rows.shape[1]
            self._mean, self._squares = np.zeros(cells), np.zeros(cells)
            self._low, self._high = np.full(cells, np.inf, np.float32), np.full(cells, -np.inf, np.float32)
        kept = max(MARKS - self.count, 0)
        for row in rows:
            self._learn(row)
        self._first += [row.copy() for row in rows[:kept]]
        for first in range(kept, len(rows), STRIDE):
            self._rank(rows[first: first + STRIDE])

    def _learn(self, row: np.ndarray) -> None:
        """Mean and squared deviations, one member at a time (Welford 1962)."""
        self.count += 1
        part = row - self._mean
        self._mean += part / self.count
        self._squares += part * (row - self._mean)
        np.minimum(self._low, row, out=self._low)
        np.maximum(self._high, row, out=self._high)

    def _rank(self, rows: np.ndarray) -> None:
        """Count members that come after the first MARKS; what is missing to STRIDE is no number and not counted."""
        if self._marks is None:
            marks = np.sort(np.stack(self._first), axis=0)
            self._first = []
            self._marks = jnp.asarray(marks)
            self._below = jnp.broadcast_to(jnp.arange(1, MARKS + 1, dtype=jnp.int32)[:, None], marks.shape)
        missing = np.full((STRIDE - len(rows), rows.shape[1]), np.nan, np.float32)
        self._below = _count(self._below, self._marks, jnp.asarray(np.concatenate([rows, missing])))

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """(mean, sample standard deviation), double precision; the deviation of a single member is NaN."""
        spread = self._squares / (self.count - 1) if self.count > 1 else np.full_like(self._squares, np.nan)
        return self._mean.reshape(self._shape).copy(), np.sqrt(spread).reshape(self._shape)

    def quantile(self, probability: float) -> Estimate:
        """The quantile at `probability` (linear between order statistics, as numpy.quantile) with its bounds."""
        if self._marks is None:
            exact = np.quantile(np.stack(self._first), probability, axis=0).astype(np.float32).reshape(self._shape)
            return Estimate(exact, exact, exact)
        place = probability * (self.count - 1)
        marks, ranks = np.asarray(self._marks), np.asarray(self._below) - 1
        passed = (ranks <= place).sum(0)

        def known(number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            """(rank, value) of the smallest member (0), a mark (1…MARKS), or the largest member."""
            inside = np.clip(number - 1, 0, MARKS - 1)[None]
            rank, value = (np.take_along_axis(x, inside, 0)[0] for x in (ranks, marks))
            first, last = number == 0, number == MARKS + 1
            return (np.where(first, 0, np.where(last, self.count - 1, rank)),
                    np.where(first, self._low, np.where(last, self._high, value)))

        (before, lower), (after, upper) = known(passed), known(passed + 1)
        part = (place - before) / np.maximum(after - before, 1)
        value = (lower + part * (np.float64(upper) - lower)).astype(np.float32)
        return Estimate(*(x.reshape(self._shape) for x in (value, lower, upper)))
