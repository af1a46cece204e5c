"""The best mix when every intensity is free: the front of what money buys, and mixes nearly as good but different.

Alternatives push each kind of policy as far down, and as far up, as the objective allows while the gain stays within
SLACK of the best (modelling to generate alternatives: Brill, Chang and Hopkins 1982; least and most of each option
as in Neumann and Brown 2021). A kind's strength is the mean intensity of its instruments over the decided years,
each weighted by what the objective gains from it at policy as it is, so that idle switches do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from seedbed.planning.optimise.descend import TOLERANCE, Found, Problem
from seedbed.planning.optimise.ground import STEPS, Ground, Limits
from seedbed.planning.optimise.objective import DEFAULT, Totals, first, worth
from seedbed.policy.instrument import Kind

CARBON_VALUES = (100.0, 200.0, 350.0, 500.0, 750.0, 1000.0, 2000.0, 5000.0)  # CNY/tCO2e, one point of the front each
SLACK = 0.05  # of the best gain that an alternative may give up
LEAST = 0.02  # change of mean intensity from which an instrument is named
NAMED = 3  # instruments named as more and as less than in the best mix


@dataclass(frozen=True)
class MixPoint:
    """One mix. Totals are those of the plan, `avoided` (tCO2e) and `money` (CNY) against policy as it is.

    `strength` is the mean strength of each kind, in the order of Kind, weighted by effect.
    """

    totals: Totals
    avoided: float
    money: float
    gain: float  # CNY of the default objective
    violation: float
    strength: tuple[float, ...]


@dataclass(frozen=True)
class FrontPoint:
    """The best mix at one value of carbon, CNY/tCO2e."""

    carbon_value: float
    mix: MixPoint


@dataclass(frozen=True)
class Alternative:
    """A mix within SLACK of the best that leans on a kind as little (`least`) or as much as possible.

    `more` and `less`: instruments that differ most from the best mix, with the change of their mean intensity.
    """

    kind: str
    least: bool
    mix: MixPoint
    distance: float  # mean absolute difference from the best mix, weighted by effect
    more: tuple[tuple[str, float], ...]
    less: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Mixes:
    """The front (by carbon value), the best mix at the plan's value, and its alternatives.

    `schedule`: intensities of the best mix by market and instrument, one a decided year; `base`: totals of policy
    as it is; `report`: the report's rule as a mix.
    """

    front: tuple[FrontPoint, ...]
    best: MixPoint
    schedule: dict[str, dict[str, list[float]]]
    alternatives: tuple[Alternative, ...]
    base: Totals
    report: MixPoint

    def ranges(self) -> dict[str, tuple[float, float]]:
        """Least and most strength of each kind among mixes within SLACK of the best."""
        every = np.array([self.best.strength, *(a.mix.strength for a in self.alternatives)])
        return {k.value: (float(every[:, i].min()), float(every[:, i].max())) for i, k in enumerate(Kind)}


def best_mixes(on: Ground, limits: Limits, progress: Callable[[int], None] | None = None) -> Mixes:
    """The front, one problem a value of carbon, and the alternatives; every intensity free, central member."""
    weight = importance(on)
    values = [DEFAULT._replace(emissions=v) for v in CARBON_VALUES]
    starts = (None, _intensity(on.report))  # policy as it is, the report's rule
    found = on.solve([on.problem(free=True, limits=limits, weights=v, path=p) for p in starts for v in values], STEPS,
                     progress)
    chosen = [_best(found, v) for v in values]  # what one search found may serve another value better
    points = tuple(FrontPoint(v, point(on, f, weight)) for v, f in zip(CARBON_VALUES, chosen, strict=True))
    place = CARBON_VALUES.index(DEFAULT.emissions)
    best, path = points[place].mix, _intensity(chosen[place])
    leans = [(k, least) for k in range(len(Kind)) for least in (True, False)]
    others = on.solve([_leaning(on, limits, weight, path, best.gain, *lean) for lean in leans], STEPS, progress)
    return Mixes(points, best, _schedule(on, path),
                 tuple(_alternative(on, point(on, f, weight), _intensity(f) - path, weight, *lean)
                       for f, lean in zip(others, leans, strict=True)), first(on.base), point(on, on.report, weight))


def _best(found: Sequence[Found], weights: Totals) -> Found:
    """The one of most worth among those that keep the limits, or else break them least."""
    kept = [f for f in found if f.violation <= TOLERANCE] or [min(found, key=lambda f: f.violation)]
    return max(kept, key=lambda f: float(worth(weights, f.record.totals)[0]))


def _intensity(found: Found) -> np.ndarray:
    """Market × decided year × slot, central member, one place."""
    return found.record.intensity[0, :, :, 0]


def _schedule(on: Ground, path: np.ndarray) -> dict[str, dict[str, list[float]]]:
    return {m.definition.id: {i.id: np.round(path[row, :, j], 3).tolist() for j, i in enumerate(m.slots.instruments)
                              if i is not None and on.standing[row, j]} for row, m in enumerate(on.case.markets)}


TINY = 1e-300  # a kind without an instrument in these markets has no mean and leans nowhere


def importance(on: Ground) -> np.ndarray:
    """What the objective gains from a full unit of each instrument at policy as it is, CNY over the plan (M×J)."""
    still = on.problem(free=True, rate=0.0)
    slope = on.solve([still], 0)[0].slope
    return np.abs(slope).sum(1) * on.standing


def point(on: Ground, found: Found, weight: np.ndarray) -> MixPoint:
    """A solution under the central member as a mix."""
    totals = first(found.record.totals)
    intensity = _intensity(found)
    base = first(on.base)
    by_kind = np.einsum("mj,mjk->mjk", weight, on.kinds)
    mean = np.einsum("mdj,mjk->k", intensity / intensity.shape[1], by_kind) / np.maximum(by_kind.sum((0, 1)), TINY)
    return MixPoint(totals, base.emissions - totals.emissions, totals.public_money - base.public_money,
                    float(worth(DEFAULT, totals) - worth(DEFAULT, base)), float(found.violation),
                    tuple(float(x) for x in mean))


def _leaning(on: Ground, limits: Limits, weight: np.ndarray, path: np.ndarray, gain: float, kind: int,
             least: bool) -> Problem:
    mine = weight * on.kinds[..., kind]
    lean = mine / max(mine.sum(), TINY) * (-1.0 if least else 1.0)
    return on.problem(free=True, limits=limits, path=path, lean=lean, gain=(1 - SLACK) * gain)


def _alternative(on: Ground, mix: MixPoint, change: np.ndarray, weight: np.ndarray, kind: int,
                 least: bool) -> Alternative:
    """`change`: intensities less those of the best mix."""
    mean, part = change.mean(1), weight / weight.sum()
    of: dict[str, list[tuple[float, float]]] = {}
    for row, market in enumerate(on.case.markets):
        for j, i in enumerate(market.slots.instruments):
            if i is not None and part[row, j] > 0:
                of.setdefault(i.id, []).append((float(part[row, j]), float(mean[row, j])))
    shift = {name: sum(w * x for w, x in cells) for name, cells in of.items()}
    moved = [(name, shift[name] / sum(w for w, _ in of[name])) for name in sorted(shift, key=lambda n: shift[n])]
    less = tuple(x for x in moved[:NAMED] if x[1] < -LEAST)
    more = tuple(x for x in reversed(moved[-NAMED:]) if x[1] > LEAST)
    return Alternative(list(Kind)[kind].value, least, mix, float((part * np.abs(mean)).sum()), more, less)
