"""Dated measures that forecasters know: fleet standards (a share asked of electric cars) and capacity programmes.

Only what was announced by an origin counts there. The mechanisms are those of the equation (docs/equation.md [6]):
a standard pushes utility by `z·softplus(logit q − logit share)`; a programme multiplies or adds to yearly purchases.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np

from seedbed.base.datafile import load
from seedbed.base.text import Model, Text

ELECTRIC_CREDIT = 0.9  # of a combustion car's emissions that an electric car saves in a fleet average
DEADLINE, AFTER = 1.8, 0.87  # of purchases in the last year of a price and the next: China's wind of 2015, 2016
CLOSURE, BRAKE = 0.35, 0.7  # of purchases where a scheme is closed, or held back
CONTRACT, EXTRA = 0.8, 0.6  # part of contracted capacity built in time; of announced capacity beyond the usual


class FleetTarget(Model):
    """What a standard asks for in one year; an electric car counts `weight` times in the average."""

    year: int
    value: float
    weight: float
    announced: int


class FleetStandard(Model):
    """A standard on the average of new cars, and the fleet as monitored."""

    id: str
    label: Text
    regions: tuple[str, ...]
    unit: str
    targets: tuple[FleetTarget, ...]
    fleet: dict[int, float] | None = None  # average of all cars; else `combustion`, of combustion cars
    combustion: dict[int, float] | None = None
    electric: dict[int, float] | None = None  # share of electric cars in the bloc; None: the region's own
    source: str
    unverified: bool = False

    def asked(self, origin: int, year: int, improvement: np.ndarray) -> np.ndarray | None:
        """Share of electric cars (0–1) that meets the target of `year`, as seen at `origin`; None without a target.

        `improvement`: yearly fall of combustion cars' emissions, (S,). With weight w, target T and combustion
        average E the share s solves E(1 − s)/(1 − s + w·s) = T.
        """
        target = next((t for t in self.targets if t.year == year and t.announced <= origin), None)
        if target is None:
            return None
        seen = self.combustion or self.fleet or {}
        last = max(y for y in seen if y <= max(origin, min(seen)))
        level = seen[last]
        if self.combustion is None and self.electric is not None:
            level /= 1 - ELECTRIC_CREDIT * self.electric[last]
        ratio = target.value / (level * (1 - improvement) ** (year - last))
        return np.clip((1 - ratio) / (1 + (target.weight - 1) * ratio), 1e-4, 0.9)


class Programme(Model):
    """A measure that changes yearly purchases of a technology in some regions over first…last."""

    technology: Literal["wind", "solar"]
    regions: tuple[str, ...]
    announced: int
    kind: Literal["deadline", "brake", "closure", "contract", "extra"]
    first: int
    last: int
    capacity: float | None = None  # GW over the years named
    source: str
    unverified: bool = False

    def reaches(self, region: str, provincial: bool) -> bool:
        """Whether it holds in `region`; "province:*" stands for every province of China."""
        return region in self.regions or (provincial and "province:*" in self.regions)


class Measures(Model):
    """Everything in measures.yaml."""

    fleet_standards: tuple[FleetStandard, ...]
    programmes: tuple[Programme, ...]


NONE = Measures(fleet_standards=(), programmes=())


@lru_cache(maxsize=1)
def measures() -> Measures:
    """The measures that ship with Seedbed."""
    return load(Path(str(files("seedbed.learning").joinpath("measures.yaml"))), Measures)


def standard(known: Measures, region: str) -> FleetStandard | None:
    """The fleet standard that holds in `region`."""
    return next((s for s in known.fleet_standards if region in s.regions), None)


def pull(known: Measures, technology: str, region: str, provincial: bool, origin: int, years: range, usual: float,
         usual_of_nation: float) -> np.ndarray:
    """Factor on the usual purchases of `region` in each of `years` by programmes announced up to `origin`, (T,).

    `usual` and `usual_of_nation` in GW a year: announced capacity counts against them.
    """
    factor, added = np.ones(len(years)), np.zeros(len(years))

    def put(target: np.ndarray, year: int, change: float, *, times: bool) -> None:
        if year in years:
            row = year - years[0]
            target[row] = target[row] * change if times else target[row] + change

    for p in known.programmes:
        if p.technology != technology or p.announced > origin or not p.reaches(region, provincial):
            continue
        for year in range(p.first, p.last + 1):
            yearly = (p.capacity or 0.0) / (p.last - p.first + 1)
            if p.kind == "deadline":
                put(factor, year, DEADLINE, times=True)
                put(factor, year + 1, AFTER, times=True)
            elif p.kind in ("closure", "brake"):
                put(factor, year, CLOSURE if p.kind == "closure" else BRAKE, times=True)
            elif p.kind == "extra":
                put(added, year, EXTRA * yearly / max(usual_of_nation if provincial else usual, 1e-6), times=False)
            else:  # what is under contract joins with the usual as a 4-norm: the larger counts, smoothly
                put(added, year, (1 + (CONTRACT * yearly / max(usual, 1e-6)) ** 4) ** 0.25 - 1, times=False)
    return factor + added
