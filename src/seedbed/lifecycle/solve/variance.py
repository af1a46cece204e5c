"""Which uncertain numbers make a footprint uncertain.

`linear` gives every number's first-order share at once from two solves: with scaling s and scores λ the impact
changes by −λᵢ s_j per unit of A's entry and c_k s_j per unit of B's (the adjoint gradient; Heijungs 2010,
J. Ind. Ecol. 14:511), and its variance by gradient² × variance. `sobol` measures the shares of chosen
processes without linearising (Saltelli et al. 2010, Comput. Phys. Commun. 181:259: first order, and
Jansen's total).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seedbed.lifecycle.solve.factor import Array
from seedbed.lifecycle.solve.montecarlo import BLOCK, Chain, Progress, normals

STEP = 1e-3
"""Step of a parameter, in standard deviations, by which its slope is measured."""


def linear(chain: Chain, demand: int = 0) -> tuple[Array, Array]:
    """First-order variance of the impact by exchange (exchanges,) and by parameter (parameters,) of the chain.

    All together they are the linear variance. Numbers that share a driver are added as perfectly correlated;
    the variance is divided among them by their part of the sum.
    """
    base = chain.amounts.base()
    scaling = chain.base[:, demand]
    direct = chain.direct(base)
    scores = chain.adjoint.solve(direct)
    columns = np.repeat(np.arange(chain.columns.size), np.diff(chain.terms.indptr))[chain.terms.position]
    rows = chain.terms.indices[chain.terms.position]
    gradient = np.bincount(
        chain.terms.exchange, weights=-chain.terms.coefficient * scores[rows] * scaling[columns], minlength=base.size
    )
    gradient += np.bincount(
        chain.impact_exchange, weights=chain.impact_weight * scaling[chain.impact_column], minlength=base.size
    )
    uncertain, parameters = chain.amounts.uncertain, chain.amounts.parameters
    deviation = gradient[uncertain.target] * uncertain.slope()
    together = np.bincount(uncertain.driver, weights=deviation, minlength=chain.amounts.drivers)
    variance = np.zeros(base.size)
    np.add.at(variance, uncertain.target, deviation * together[uncertain.driver])
    by_parameter = np.zeros(chain.amounts.table.height)
    for number, slope in zip(parameters.target, parameters.slope(), strict=True):
        by_parameter[number] = (gradient @ chain.amounts.response(int(number), STEP * slope) / STEP) ** 2
    return variance, by_parameter


@dataclass(frozen=True, slots=True)
class Sobol:
    """Sobol indices of groups of drivers: `first` alone, `total` with all interactions; variance of the impact."""

    first: Array
    total: Array
    variance: float


def sobol(
    chain: Chain, groups: Sequence[Array], draws: int, seed: int, *, demand: int = 0, progress: Progress | None = None
) -> Sobol:
    """Indices of `groups` (each the numbers of its drivers) from draws × (groups + 2) solves."""
    a, b = np.empty(draws), np.empty(draws)
    mixed = np.empty((len(groups), draws))
    for start in range(0, draws, BLOCK):
        block = range(start, min(start + BLOCK, draws))
        za = np.stack([normals(seed, 2 * draw, chain.amounts, 0.0) for draw in block])
        zb = np.stack([normals(seed, 2 * draw + 1, chain.amounts, 0.0) for draw in block])
        a[block.start : block.stop] = _impact(chain, za, demand)
        b[block.start : block.stop] = _impact(chain, zb, demand)
        for g, drivers in enumerate(groups):
            z = za.copy()
            z[:, drivers] = zb[:, drivers]
            mixed[g, block.start : block.stop] = _impact(chain, z, demand)
        if progress:
            progress(block.stop, draws)
    variance = float(np.var(np.concatenate([a, b])))
    if variance == 0.0:
        return Sobol(np.zeros(len(groups)), np.zeros(len(groups)), 0.0)
    centred = b - np.mean(np.concatenate([a, b]))  # the same expectation with far less noise
    return Sobol(
        first=np.mean(centred * (mixed - a), axis=1) / variance,
        total=np.mean((a - mixed) ** 2, axis=1) / (2 * variance),
        variance=variance,
    )


def _impact(chain: Chain, z: Array, demand: int) -> Array:
    return chain.impacts(chain.amounts.draw(z))[0][:, demand]
