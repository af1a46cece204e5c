"""Cost per tonne of every instrument, from its share of a scenario's emissions and money.

"Marginal" abatement cost as curves of measures use the word: an average over the orders in which instruments can join
(`shapley.owen`), so that tonnes and money both add up to those of the whole scenario against no policy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seedbed.planning.explain.cost import discount
from seedbed.planning.explain.game import OUTCOMES, Game
from seedbed.planning.explain.shapley import Shares

EMISSIONS, PUBLIC, SOCIAL = (OUTCOMES.index(n) for n in ("emissions", "public_money", "resource_cost"))


@dataclass(frozen=True)
class Measure:
    """An instrument over the decided years, in all markets it reaches.

    `tonnes` tCO2e avoided as they are, `discounted` at cost.RATE like the money; `error` is the sampling error of
    `tonnes`. `public` CNY of public money, `social` CNY of resource cost (cost.py), both discounted.
    """

    instrument: str
    kind: str
    markets: tuple[str, ...]
    tonnes: float
    error: float
    discounted: float
    public: float
    social: float

    @property
    def public_per_tonne(self) -> float | None:
        """CNY of public money per discounted tonne; None where nothing is avoided."""
        return self.public / self.discounted if self.discounted > 0 else None

    @property
    def social_per_tonne(self) -> float | None:
        """CNY of resource cost per discounted tonne; None where nothing is avoided."""
        return self.social / self.discounted if self.discounted > 0 else None


def measures(game: Game, shares: Shares) -> tuple[Measure, ...]:
    """All instruments that act, largest tonnes first; `shares` has the axes market, slot, outcome, year."""
    weight = discount(game.case.years)
    total, error = shares.value[:, :, EMISSIONS], shares.error[:, :, EMISSIONS]
    decided = (weight > 0).astype(float)
    where: dict[str, list[tuple[int, int]]] = {}
    for row, compiled in enumerate(game.case.markets):
        for slot, instrument in enumerate(compiled.slots.instruments):
            if instrument is not None and game.kinds[row, slot] >= 0:
                where.setdefault(instrument.id, []).append((row, slot))
    found: list[Measure] = []
    for name, cells in where.items():
        rows, slots = np.array(cells).T
        first, slot = cells[0]
        instrument = game.case.markets[first].slots.instruments[slot]
        assert instrument is not None
        counted = shares.value[rows, slots].sum(0) @ weight
        tonnes = float((total[rows, slots] @ decided).sum())
        missed = float(np.sqrt(((error[rows, slots] @ decided) ** 2).sum()))
        found.append(Measure(name, instrument.kind.value, tuple(game.case.names[r] for r, _ in cells), tonnes, missed,
                             float(counted[EMISSIONS]), float(counted[PUBLIC]), float(counted[SOCIAL])))
    return tuple(sorted(found, key=lambda m: -m.tonnes))
