"""What comes from outside in each year: demand, prices, factors, exports, and the rest of the nation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from seedbed import facts
from seedbed.base.years import FIRST, LAST
from seedbed.facts import places
from seedbed.market import history
from seedbed.market.arrays import Drivers
from seedbed.market.definition import CARRIERS, Definition
from seedbed.market.opening import PRIOR_YEARS, adequacy, buyers
from seedbed.market.padding import WIDTH, pad
from seedbed.market.slots import DOMESTIC
from seedbed.market.world import World, along, grid_factor


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What places see of the rest of the nation (`nation`), each T×I: purchases (capacity units), and shares.

    `grid` (T×1, relative to the first year) is how clean power becomes; without it the world's path counts. `reference`
    is the same in the reference world, where this is of another.
    """

    purchases: np.ndarray | None = None
    shares: np.ndarray | None = None
    grid: np.ndarray | None = None
    reference: Surroundings | None = None


BEYOND = 3  # years after the last that the growth of demand looks at
ALONE = Surroundings()
"""Of places that are the whole nation."""


def drivers(definition: Definition, where: Sequence[places.Place], world: World, years: np.ndarray, key: np.ndarray,
            demand: np.ndarray, around: Surroundings, slots: int) -> Drivers:
    """The drivers over `years` without any instrument in its `slots`.

    `demand` begins PRIOR_YEARS before and ends BEYOND after them: a year does not depend on how far a run goes.
    """
    ts = definition.technologies
    growth = np.gradient(np.log(np.maximum(demand, 1e-12)))
    asked = slice(PRIOR_YEARS, PRIOR_YEARS + len(years))
    smooth = np.convolve(np.pad(growth, 2, mode="edge"), np.ones(5) / 5, mode="valid")[asked]
    price = np.array([along(world.carrier_price[c], years) for c in CARRIERS]).T
    factor = np.zeros((len(years), len(where), len(CARRIERS)))
    for column, carrier in enumerate(CARRIERS):
        if carrier != "electricity":
            factor[:, :, column] = along(world.carrier_factor[carrier], years)[:, None]
    factor[:, :, list(CARRIERS).index("electricity")] = _grid(where, world, years, around.grid)
    nothing = np.zeros((len(years), slots))
    alone = np.zeros((len(years), WIDTH))
    return Drivers(
        year=years.astype(float), demand=demand[asked, None, None] * key[:, None] * buyers(definition),
        demand_growth=np.tile(smooth[:, None], (1, len(where))),
        population=_population(definition, where, years, int(years[0])),
        carrier_price=np.tile(price[:, None], (1, len(DOMESTIC), 1)), carrier_factor=factor,
        border_price=along(world.border_price, years),
        infrastructure=_seen_infrastructure(definition, where, years, key),
        exports=pad(np.array([history.exports(t, years) for t in ts]).T, 0.0),
        elsewhere=pad(np.array([history.at(t.experience.elsewhere.values, years) if t.experience
                                 else np.zeros(len(years)) for t in ts]).T, 0.0),
        rest_of_nation=alone if around.purchases is None else around.purchases * (1 - key.sum()),
        around=alone if around.shares is None else around.shares,
        fixed=nothing, by_rule=nothing, least=nothing,
    )


def _seen_infrastructure(definition: Definition, where: Sequence[places.Place], years: np.ndarray,
                         key: np.ndarray) -> np.ndarray:
    """Observed adequacy, T×R; 0 outside the named years, where the simulation decides."""
    if definition.infrastructure is None or len(definition.infrastructure.adequacy.values) < 2:
        return np.zeros((len(years), len(where)))
    known = definition.infrastructure.adequacy.values
    inside = (years >= min(known)) & (years <= max(known))
    return np.array([adequacy(definition, where, int(y), key) for y in years]) * inside[:, None]


def _grid(where: Sequence[places.Place], world: World, years: np.ndarray,
          grid: np.ndarray | None) -> np.ndarray:
    """kgCO2/kWh, T×R: the place's factor of 2023 along the world's path, or along a simulated one."""
    level = np.array([grid_factor(p)[0] for p in where])
    path = along(world.grid_path, years)
    if grid is None:
        return path[:, None] * level
    return path[0] * grid * level


@lru_cache(maxsize=1)
def _residents() -> dict[str, np.ndarray]:
    """Persons by place over FIRST…LAST: residents as published, then the growth of scenario SSP2.

    A place the scenario lacks (Inner Mongolia) grows as the other places together.
    """
    observed = facts.read("province_economy", variable="population")
    outlook = facts.read("province_scenarios", variable="population_ssp2")
    years = np.arange(FIRST, LAST + 1)
    ids = [p.id for p in places.provinces()]
    with_scenario = set(outlook.data["place"])
    ahead = {i: history.at(outlook.series("population_ssp2", i), years) for i in ids if i in with_scenario}
    together = np.sum(list(ahead.values()), axis=0)
    out: dict[str, np.ndarray] = {}
    for name in ids:
        past = observed.series("population", name)
        last = max(past)
        path = np.asarray(ahead.get(name, together))
        out[name] = np.where(years <= last, history.at(past, years), path / path[last - FIRST] * past[last])
    out[places.NATION] = np.sum(list(out.values()), axis=0)
    return out


def _population(definition: Definition, where: Sequence[places.Place], years: np.ndarray, start: int) -> np.ndarray:
    """Persons, T×R: census-based residents, then growth of scenario SSP2; of the nation, those of the provinces that
    have the market, so that what it pays a person is what they pay."""
    rows = (years - FIRST).astype(int)
    found = np.array([_residents()[p.id][rows] for p in where]).T
    if definition.demand.least_part:
        each = places.provinces()
        having = np.array([history.present(definition, p, start - 1) for p in each])
        every = np.array([_residents()[p.id][rows] for p in each])
        part = every[having].sum(0) / every.sum(0)
        found = found * np.where([p.id == places.NATION for p in where], part[:, None], 1.0)
    return found
