"""The uncertainty of a footprint: draws, intervals, and the numbers that make it uncertain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from seedbed.lifecycle.database import Database
from seedbed.lifecycle.solve import montecarlo, variance
from seedbed.lifecycle.solve.factor import Array
from seedbed.lifecycle.solve.montecarlo import Chain, Progress

if TYPE_CHECKING:
    from seedbed.lifecycle.result import Footprint

LEADING = 8
"""Processes whose Sobol indices are measured."""


@dataclass(frozen=True)
class Uncertainty:
    """Draws of a footprint (`samples`, in the footprint's unit), with the seed that made them.

    `shares` is the first-order share of the variance by process (columns process, name_zh, name_en, share,
    numbers: how many uncertain numbers), linearised; parameters of the whole database stand beside the
    processes by their names. `refactored` counts the draws that needed a factor of their own.
    """

    samples: Array
    seed: int
    correlation: float
    refactored: int
    shares: pl.DataFrame

    @property
    def mean(self) -> float:
        """Mean of the draws."""
        return float(self.samples.mean())

    @property
    def median(self) -> float:
        """Median of the draws."""
        return float(np.median(self.samples))

    @property
    def sd(self) -> float:
        """Standard deviation of the draws."""
        return float(self.samples.std(ddof=1))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The central interval of the draws."""
        low, high = np.quantile(self.samples, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)


def uncertainty(
    footprints: Sequence[Footprint], *, draws: int, seed: int, correlation: float, progress: Progress | None
) -> list[Uncertainty]:
    """The uncertainty of several footprints of one database and method under the **same** draws.

    Their samples may be subtracted draw by draw: what they share, such as the grid, cancels.
    """
    first = footprints[0]
    chain = chain_of(footprints)
    samples, refactored = montecarlo.sample(chain, draws, seed, correlation=correlation, progress=progress)
    return [
        Uncertainty(samples[:, d].copy(), seed, correlation, refactored, _shares(first.database, chain, d))
        for d in range(len(footprints))
    ]


def chain_of(footprints: Sequence[Footprint]) -> Chain:
    """The supply chain of several footprints of one database and method."""
    first = footprints[0]
    demands = [([s.column for s in f.suppliers], f.demand) for f in footprints]
    return montecarlo.chain(first.database, demands, first.database.method_number(first.method))


def _shares(database: Database, chain: Chain, demand: int) -> pl.DataFrame:
    """Linear shares by process, largest first."""
    found = np.concatenate(variance.linear(chain, demand))
    total = float(found.sum())
    names = database.inventory.processes.select("name_zh", "name_en", process="id")
    return (
        pl.DataFrame({"process": pl.concat(_owners(database, chain)), "variance": found})
        .filter(pl.col("variance") != 0)
        .group_by("process", maintain_order=True)
        .agg(share=pl.col("variance").sum() / total, numbers=pl.len())
        .sort("share", descending=True, maintain_order=True)
        .join(names, on="process", how="left", maintain_order="left")
    )


def _owners(database: Database, chain: Chain) -> tuple[pl.Series, pl.Series]:
    """Whom a number belongs to: exchanges and parameters to their process, others to their own name."""
    exchanges = database.system.exchanges["process"].gather(chain.exchanges)
    return exchanges, chain.amounts.table.select(process=pl.coalesce("process", "name"))["process"]


def sobol(
    footprint: Footprint, *, draws: int, seed: int, count: int = LEADING, progress: Progress | None
) -> pl.DataFrame:
    """Sobol indices of the `count` processes with the largest linear shares.

    Columns process, name_zh, name_en, share (linear), first, total; draws × (count + 2) solves.
    """
    chain = chain_of([footprint])
    leading = _shares(footprint.database, chain, 0).head(count)
    numbers = (chain.amounts.uncertain, chain.amounts.parameters)
    owners = zip(_owners(footprint.database, chain), numbers, strict=True)
    owner = pl.concat([owner.gather(some.target) for owner, some in owners]).to_numpy()
    driver = np.concatenate([some.driver for some in numbers])
    groups = [np.unique(driver[owner == process]) for process in leading["process"]]
    found = variance.sobol(chain, groups, draws, seed, progress=progress)
    return leading.with_columns(first=pl.Series(found.first), total=pl.Series(found.total))
