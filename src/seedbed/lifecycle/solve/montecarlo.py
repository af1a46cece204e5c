"""Monte Carlo: the footprint under draws of every uncertain amount.

Only the supply chain of the demand is drawn and solved: the columns that can be reached from it are
closed under inputs, so their block of A is a system of its own. Each draw Aₘ is solved with the factor of
the stated A by iterative refinement, x ← x + A⁻¹(f − Aₘx), until the steps still to come would change the impact
by no more than `TOLERANCE`; the few draws that do not converge are factored anew. Draw m of seed s has
a generator of its own, and draws are solved in blocks of fixed size, so that the bits of a draw depend
neither on how many are made nor on how many threads make them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from seedbed.lifecycle.database import Database
from seedbed.lifecycle.solve.amounts import Amounts
from seedbed.lifecycle.solve.factor import Array, Factor
from seedbed.lifecycle.solve.system import Pattern

TOLERANCE = 1e-8
"""Largest error of a draw beside the sum of the impacts of its processes, all taken as positive."""
TRUSTED = 0.1
"""A step is not trusted to shrink to less than this part of the one before."""
STEPS = 25
"""Steps of refinement before a draw is factored anew."""
BLOCK = 8
"""Draws solved together; always so many, as sums of other lengths may round differently."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Chain:
    """The supply chain of some demands: the columns reached, their block of the matrices, and its factor.

    `exchanges` are the numbers of the exchanges involved, `demands` is (columns, demands). `terms` are those of A's
    block and `impact_*` those of the columns' direct impact, both as functions of `amounts`; `base` is the scaling
    at the stated amounts.
    """

    columns: Array
    exchanges: Array
    demands: Array
    amounts: Amounts
    terms: Pattern
    impact_column: Array
    impact_weight: Array
    impact_exchange: Array
    factor: Factor
    base: Array

    @property
    def adjoint(self) -> Factor:
        """Factor of the transposed block."""
        return Factor(sparse.csc_matrix(self.terms.matrix(self.terms.data(self.amounts.base())).T))

    def direct(self, amounts: Array) -> Array:
        """Direct impact of each column for `amounts` (exchanges,)."""
        weights = self.impact_weight * amounts[self.impact_exchange]
        return np.bincount(self.impact_column, weights=weights, minlength=self.columns.size)

    def draw(self, seed: int, draws: range, correlation: float) -> Array:
        """Amounts (draws, exchanges)."""
        z = np.empty((len(draws), self.amounts.drivers))
        for k, draw in enumerate(draws):
            z[k] = normals(seed, draw, self.amounts, correlation)
        return self.amounts.draw(z)

    def impacts(self, amounts: Array) -> tuple[Array, Array]:
        """Impact (draws, demands) for `amounts` (draws, exchanges), and which draws were factored anew."""
        count, demands = amounts.shape[0], self.demands.shape[1]
        matrices = [self.terms.matrix(self.terms.data(amount)) for amount in amounts]
        direct = np.stack([self.direct(amount) for amount in amounts])
        out = np.empty((count, demands))
        anew = np.zeros(count, dtype=bool)
        for d in range(demands):
            x, ok = self._refine(matrices, direct, d)
            for m in np.flatnonzero(~ok):
                x[m] = Factor(matrices[m]).solve(self.demands[:, d])
            anew |= ~ok
            out[:, d] = np.einsum("mn,mn->m", direct, x)
        return out, anew

    def _refine(self, matrices: list[sparse.csc_matrix], direct: Array, demand: int) -> tuple[Array, Array]:
        """Scalings (draws, columns) and whether each converged."""
        f = self.demands[:, demand]
        x = np.tile(self.base[:, demand], (len(matrices), 1))
        size = np.abs(direct)
        total = np.einsum("mn,mn->m", size, np.abs(x))
        changes = np.full((STEPS, len(matrices)), np.nan)
        ok = np.zeros(len(matrices), dtype=bool)
        for k in range(STEPS):
            active = np.flatnonzero(~ok)
            residual = np.stack([f - matrices[m] @ x[m] for m in active])
            step = self.factor.solve(residual.T).T
            x[active] += step
            changes[k, active] = np.einsum("mn,mn->m", size[active], np.abs(step))
            ok[active] = _rest(changes[max(k - 2, 0) : k + 1, active]) <= TOLERANCE * total[active]
            if ok.all():
                break
        return x, ok


def _rest(changes: Array) -> Array:
    """What the steps still to come add up to, if each shrinks as the slower of the last two; infinite if they grow."""
    last = changes[-1]
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        shrinks = (changes[1:] / changes[:-1]).max(axis=0, initial=TRUSTED if len(changes) > 2 else 0.5)
        rest = np.where(shrinks < 1, last * shrinks / (1 - shrinks), np.inf)
    return np.where(last == 0.0, 0.0, rest)


def normals(seed: int, draw: int, amounts: Amounts, correlation: float) -> Array:
    """Standard normals of one draw, those of a process correlated by `correlation`."""
    generator = np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(draw,))))
    own = generator.standard_normal(amounts.drivers)
    if correlation == 0.0 or not amounts.drivers:
        return own
    common = generator.standard_normal(int(amounts.process.max()) + 2)[amounts.process]
    mixed = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own
    return np.where(amounts.process >= 0, mixed, own)


def chain(database: Database, demands: Sequence[tuple[Sequence[int], Sequence[float]]], method: int) -> Chain:
    """The chain of `demands`, each (columns, amounts in flow's units), for one method."""
    system = database.system
    wanted = np.unique(np.concatenate([np.asarray(columns, dtype=np.int64) for columns, _ in demands]))
    kept = reached(system.A, wanted)
    local = np.full(system.size, -1)
    local[kept] = np.arange(kept.size)
    f = np.zeros((kept.size, len(demands)), order="F")
    for d, (columns, quantities) in enumerate(demands):
        np.add.at(f[:, d], local[list(columns)], quantities)
    rows, columns, terms = _block(system.technosphere, local)
    nature_row, nature_column, nature = _block_columns(system.biosphere, local)
    weight = nature.coefficient * database.weights(method, nature_row, kept[nature_column])
    matters = weight != 0
    exchanges, number = np.unique(np.concatenate([terms.exchange, nature.exchange[matters]]), return_inverse=True)
    A = _pattern(rows, columns, terms, number[: rows.size], kept.size)
    amounts = system.amounts.only(exchanges)
    factor = Factor(A.matrix(A.data(amounts.base())))
    return Chain(
        columns=kept, exchanges=exchanges, demands=f, amounts=amounts, terms=A, impact_column=nature_column[matters],
        impact_weight=weight[matters], impact_exchange=number[rows.size :], factor=factor, base=factor.solve(f),
    )


def sample(
    chain: Chain, draws: int, seed: int, *, correlation: float = 0.0, progress: Progress | None = None
) -> tuple[Array, int]:
    """Impact (draws, demands) and the number of draws that had to be factored anew."""
    blocks = [range(start, start + BLOCK) for start in range(0, draws, BLOCK)]
    out = np.empty((len(blocks) * BLOCK, chain.demands.shape[1]))
    refactored = np.zeros(len(out), dtype=bool)

    def solved(block: range) -> tuple[Array, Array]:
        return chain.impacts(chain.draw(seed, block, correlation))

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for block, (impacts, anew) in zip(blocks, threads.map(solved, blocks), strict=True):
            out[block.start : block.stop] = impacts
            refactored[block.start : block.stop] = anew
            if progress:
                progress(min(block.stop, draws), draws)
    return out[:draws], int(refactored[:draws].sum())


def reached(A: sparse.csc_matrix, wanted: Array) -> Array:
    """Columns that supply `wanted`, directly or not, themselves included; sorted."""
    n = A.indptr.size - 1
    # A virtual consumer of everything wanted makes one search of many.
    indices = np.concatenate([A.indices, wanted])
    indptr = np.concatenate([A.indptr, [indices.size]])
    graph = sparse.csr_matrix((np.ones(indices.size), indices, indptr), shape=(n + 1, n + 1))
    order = csgraph.breadth_first_order(graph, n, directed=True, return_predecessors=False)
    return np.sort(order[order < n])


def _block_columns(pattern: Pattern, local: Array) -> tuple[Array, Array, Pattern]:
    """Row, local column and terms of the columns that are in the chain."""
    of_entry = np.repeat(np.arange(pattern.shape[1]), np.diff(pattern.indptr))
    column = local[of_entry[pattern.position]]
    kept = column >= 0
    terms = Pattern(pattern.shape, pattern.indices, pattern.indptr, pattern.position[kept], pattern.coefficient[kept],
                    pattern.exchange[kept])
    return pattern.indices[terms.position], column[kept], terms


def _block(pattern: Pattern, local: Array) -> tuple[Array, Array, Pattern]:
    rows, columns, terms = _block_columns(pattern, local)
    return local[rows], columns, terms


def _pattern(rows: Array, columns: Array, terms: Pattern, exchange: Array, size: int) -> Pattern:
    key, position = np.unique(columns * size + rows, return_inverse=True)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(key // size, minlength=size))])
    return Pattern((size, size), (key % size).astype(np.int32), indptr.astype(np.int32), position,
                   terms.coefficient, exchange)
