"""From a definition, places, a mix and a world to the arrays of the equation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from seedbed import facts
from seedbed.base.errors import InvalidInputError
from seedbed.base.years import FIRST, LAST, REFERENCE
from seedbed.facts import places
from seedbed.market import history
from seedbed.market.arrays import Ahead, Beliefs, Drivers, Inputs, Setting, State, Technologies
from seedbed.market.beliefs import Prior, prior
from seedbed.market.definition import CARRIERS, Definition, Technology
from seedbed.market.forecasts import AHEAD, GROUPS, moves
from seedbed.market.slots import DOMESTIC, Slots, assign, kinds, levers, schedule
from seedbed.market.world import World, along, grid_factor
from seedbed.policy.mix import Mix, as_it_is
from seedbed.policy.rule import report_rule

WIDTH = 7  # technologies per market, padded
NO_LIMIT = 1e18
UNSOLD = 1e9  # CNY, price of padding: a cheap one would draw a trace of every choice to what does not exist
DISCOUNT = (0.05, 0.08, 0.15)  # real rates of government, enterprise, household
PRIOR_YEARS = 12  # purchases this far back shape the stock and what buyers remember


@dataclass(frozen=True)
class Surroundings:
    """The rest of the nation as a place sees it: purchases (capacity units) and shares, each T×I."""

    purchases: np.ndarray
    shares: np.ndarray


@dataclass(frozen=True)
class Compiled:
    """A market ready to run, with the names of its axes."""

    definition: Definition
    places: tuple[places.Place, ...]
    years: tuple[int, ...]
    slots: Slots
    inputs: Inputs

    @property
    def forecast(self) -> bool:
        """Whether there is a forecast for its technologies, so that the first years follow it (`steer`)."""
        return bool(self.inputs.ahead.known.any())

    def choosing(self, rule: str) -> Compiled:
        """The same market under another choice rule (market.choice.RULES)."""
        return replace(self, inputs=replace(self.inputs, choice=rule))


def compile_market(definition: Definition, where: Sequence[places.Place], mix: Mix, world: World, *,
                   start: int, until: int, surroundings: Surroundings | None = None,
                   grid: np.ndarray | None = None) -> Compiled:
    """Arrays for `definition` in `where` over start…until under `mix`.

    `surroundings` is needed when `where` is part of the nation; `grid` (T×R, relative to the first year)
    replaces the world's path of grid factors by one that another simulation found.
    """
    if not FIRST <= start < until <= LAST:
        raise InvalidInputError(f"the years {start}–{until} cannot be simulated.", where="start/until",
                                fix=f"choose {FIRST} ≤ start < until ≤ {LAST}.")
    years = np.arange(start, until + 1)
    where = tuple(where)
    slots = assign(definition.id)
    believed = prior(definition)
    past = _past(definition, start, believed.memory)
    key = history.place_weights(definition.demand.place_key, list(where))
    wide = _technologies(definition, where, start)
    setting = _setting(definition, where, wide)
    demand = history.national_demand(definition, np.arange(start - PRIOR_YEARS, until + 1))
    drivers = _drivers(definition, where, mix, world, slots, years, key, demand, surroundings, grid)
    ahead = min(AHEAD, until - start)
    soon = range(start, start + ahead + 1)
    state, bought = _start(definition, where, past, key, demand[PRIOR_YEARS], wide, len(slots.instruments),
                           start)
    setting = eqx.tree_at(lambda s: s.technologies.limit, setting, _limits(definition, state, past))
    inputs = Inputs(
        setting=setting, levers=levers(definition, slots, WIDTH), drivers=drivers,
        beliefs=_beliefs(believed, len(where), len(years), ahead), start=state,
        rule=np.array((mix.rule or report_rule()).matrix()), kind=kinds(slots), anchor_share=bought,
        as_it_is=schedule(as_it_is(soon), slots, list(soon))[0],
        ahead=Ahead(*moves(definition, where, start, ahead, WIDTH)),
    )
    inputs = jax.tree.map(lambda x: jnp.asarray(x, dtype=jnp.float64), inputs)
    return Compiled(definition, where, tuple(int(y) for y in years), slots, inputs)


def _pad(values: Sequence[float] | np.ndarray, fill: float) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    return np.concatenate([array, np.full((*array.shape[:-1], WIDTH - array.shape[-1]), fill)], axis=-1)


def _each(definition: Definition, value: str, fill: float) -> np.ndarray:
    numbers = []
    for technology in definition.technologies:
        found = getattr(technology, value)
        numbers.append(found if isinstance(found, int | float) else found.value if found else 0.0)
    return _pad(numbers, fill)


def _technologies(definition: Definition, where: Sequence[places.Place], start: int) -> Technologies:
    ts = definition.technologies
    rate = _each(definition, "learning_rate", 0.0)
    reference = [_experience(t, t.price.year or REFERENCE) for t in ts]
    energy = np.zeros((WIDTH, len(CARRIERS)))
    for row, technology in enumerate(ts):
        for column, carrier in enumerate(CARRIERS):
            if carrier in technology.energy:
                energy[row, column] = technology.energy[carrier].value
    exports = [t.export for t in ts]
    return Technologies(
        exists=_pad([1.0] * len(ts), 0.0), green=_pad([float(t.green) for t in ts], 0.0),
        price=_each(definition, "price", UNSOLD), learning_share=_each(definition, "learning_share", 0.0),
        learning_exponent=-np.log2(1 - np.minimum(rate, 0.9)), reference_experience=_pad(reference, 1.0),
        learns_from=_learns_from(definition),
        service=_pad(_service(definition, where), 1.0), lifetime=_each(definition, "lifetime", 10.0),
        om=_each(definition, "om", 0.0), energy=energy, process=_each(definition, "process_emissions", 0.0),
        embodied=_each(definition, "embodied", 0.0), jobs_build=_each(definition, "jobs_build", 0.0),
        jobs_operate=_each(definition, "jobs_operate", 0.0),
        infrastructure=_each(definition, "infrastructure", 0.0),
        value_drop=_pad([t.value_drop for t in ts], 0.0),
        entry=_pad([t.entry or 1900 for t in ts], 1900.0),
        limit=np.full((len(where), WIDTH), NO_LIMIT),
        tariff=_pad([e.tariff.value if e and e.tariff else 0.0 for e in exports], 0.0),
        border_carbon=_pad([float(bool(e and e.border_carbon)) for e in exports], 0.0),
        exports_product=_pad([float(bool(e and e.what == "product")) for e in exports], 0.0),
        bounded=_pad([float(t.factory is not None) for t in ts], 0.0),
    )


def _learns_from(definition: Definition) -> np.ndarray:
    ids = [t.id for t in definition.technologies]
    out = np.eye(WIDTH)
    for row, technology in enumerate(definition.technologies):
        for name in technology.learns_with:
            out[row, ids.index(name)] = 1.0
    return out


def _experience(technology: Technology, year: int) -> float:
    if technology.experience is None:
        return 1.0
    return float(history.at(technology.experience.cumulative.values, [year], log=True)[0])


def _service(definition: Definition, where: Sequence[places.Place]) -> np.ndarray:
    """R×I: service per capacity unit: the place's output over capacity where known (bounded)."""
    out = np.array([[t.service.value for t in definition.technologies] for _ in where])
    for column, technology in enumerate(definition.technologies):
        if technology.service_by_place is None:
            continue
        output, capacity = technology.service_by_place
        for row, place in enumerate(where):
            made, held = history.series(output, place.id), history.series(capacity, place.id)
            common = sorted(set(made) & set(held))[-3:]
            if common and place.id != places.NATION:
                ratio = sum(made[y] for y in common) / max(sum(held[y] for y in common), 1e-9)
                base = technology.service.value
                out[row, column] = float(np.clip(ratio, 0.6 * base, 1.5 * base))
    return out


@dataclass(frozen=True)
class _Past:
    """National purchases T×I (service units) of the years before the start, and shares to start from."""

    bought: np.ndarray
    stock: np.ndarray  # I, national, service units
    stock_share: np.ndarray
    remembered: np.ndarray


def _past(definition: Definition, start: int, memory: float) -> _Past:
    years = np.arange(start - PRIOR_YEARS, start + 1)
    shares = _pad(history.shares(definition, years), 0.0)
    demand = history.national_demand(definition, years)
    if definition.demand.kind == "purchases":
        bought = demand[:, None] * shares
        stock = history.stock_from_purchases(bought, _each(definition, "lifetime", 10.0)).sum(0)
        stock_share = stock / stock.sum()
    else:
        held = demand[:, None] * shares
        bought, stock, stock_share = _purchases_from_stock(definition, held), held[-1], shares[-1]
    recent = bought / bought.sum(1, keepdims=True)
    weights = (1 - 1 / memory) ** np.arange(len(recent))[::-1]
    remembered = (recent[:-1] * weights[1:, None]).sum(0) / weights[1:].sum()
    return _Past(bought, stock, stock_share, remembered)


def _purchases_from_stock(definition: Definition, stock: np.ndarray) -> np.ndarray:
    """Purchases that observed stocks imply: net change (three-year mean) plus wear, never negative."""
    lifetime = _each(definition, "lifetime", 10.0)
    change = np.gradient(stock, axis=0)
    kernel = np.ones(3) / 3
    padded = np.pad(change, ((1, 1), (0, 0)), mode="edge")
    smooth = np.apply_along_axis(lambda c: np.convolve(c, kernel, mode="valid"), 0, padded)
    worn = stock / lifetime
    exists = _pad([1.0] * len(definition.technologies), 0.0)
    floor = history.LEAST_SHARE * stock.sum(1, keepdims=True) * exists
    return np.maximum(np.maximum(smooth + worn, 0.1 * worn), floor)


def _setting(definition: Definition, where: Sequence[places.Place], wide: Technologies) -> Setting:
    return Setting(
        technologies=wide, buyers=_buyers(definition), discount=np.array(DISCOUNT),
        purchase_tax=np.array(definition.purchase_tax.value if definition.purchase_tax else 0.0),
        potential=np.array(definition.potential.value), reference_cost=reference_cost(definition),
        neighbours=_neighbours(where), supply_share=history.place_weights(definition.supply_key, list(where)),
        by_purchases=np.array(float(definition.demand.kind == "purchases")),
    )


def _buyers(definition: Definition) -> np.ndarray:
    c = definition.channels
    return np.array([c.government, c.enterprise, c.household])


def _neighbours(where: Sequence[places.Place]) -> np.ndarray:
    if len(where) == 1:
        return np.ones((1, 1)) if where[0].id == places.NATION else np.zeros((1, 1))
    ids = [p.id for p in where]
    out = np.array([[float(other in p.neighbours) for other in ids] for p in where])
    return out / np.maximum([[float(len(p.neighbours) or 1)] for p in where], 1.0)


def reference_cost(definition: Definition) -> np.ndarray:
    """g-bar by buyer: cost of the stock in use in the reference year at reference prices, without policy.

    It does not depend on start year or place, so that the weight of cost means the same everywhere.
    """
    from seedbed.market.world import default_world

    world = default_world()
    share = history.shares(definition, np.array([REFERENCE]))[0]
    out = []
    for rate in DISCOUNT:
        costs = []
        for t in definition.technologies:
            annuity = rate / (1 - (1 + rate) ** -t.lifetime.value)
            fuel = sum(use.value * float(along(world.carrier_price[c], np.array([REFERENCE]))[0])
                       for c, use in t.energy.items())
            tax = definition.purchase_tax.value if definition.purchase_tax else 0.0
            costs.append((t.price.value * (1 + tax) * annuity + t.om.value) / t.service.value + fuel)
        out.append(float(np.dot(share, costs)))
    return np.maximum(np.array(out), 1e-6)


def _drivers(definition: Definition, where: Sequence[places.Place], mix: Mix, world: World, slots: Slots,
             years: np.ndarray, key: np.ndarray, demand: np.ndarray, surroundings: Surroundings | None,
             grid: np.ndarray | None) -> Drivers:
    ts = definition.technologies
    buyers = _buyers(definition)
    growth = np.gradient(np.log(np.maximum(demand, 1e-12)))
    smooth = np.convolve(np.pad(growth, 2, mode="edge"), np.ones(5) / 5, mode="valid")[PRIOR_YEARS:]
    price = np.array([along(world.carrier_price[c], years) for c in CARRIERS]).T
    factor = np.zeros((len(years), len(where), len(CARRIERS)))
    for column, carrier in enumerate(CARRIERS):
        if carrier != "electricity":
            factor[:, :, column] = along(world.carrier_factor[carrier], years)[:, None]
    factor[:, :, list(CARRIERS).index("electricity")] = _grid(where, world, years, grid)
    fixed, ruled = schedule(mix, slots, [int(y) for y in years])
    alone = np.zeros((len(years), WIDTH))
    return Drivers(
        year=years.astype(float), demand=demand[PRIOR_YEARS:, None, None] * key[:, None] * buyers,
        demand_growth=np.tile(smooth[:, None], (1, len(where))), population=_population(where, years),
        carrier_price=np.tile(price[:, None], (1, len(DOMESTIC), 1)), carrier_factor=factor,
        border_price=along(world.border_price, years), infrastructure=_seen_infrastructure(definition, years),
        exports=_pad(np.array([history.exports(t, years) for t in ts]).T, 0.0),
        elsewhere=_pad(np.array([history.at(t.experience.elsewhere.values, years) if t.experience
                                 else np.zeros(len(years)) for t in ts]).T, 0.0),
        rest_of_nation=surroundings.purchases * (1 - key.sum()) if surroundings else alone,
        around=surroundings.shares if surroundings else alone,
        fixed=fixed, by_rule=ruled,
    )


def _seen_infrastructure(definition: Definition, years: np.ndarray) -> np.ndarray:
    """Observed adequacy, T; 0 outside the named years, where the simulation decides."""
    if definition.infrastructure is None or len(definition.infrastructure.adequacy.values) < 2:
        return np.zeros(len(years))
    known = definition.infrastructure.adequacy.values
    inside = (years >= min(known)) & (years <= max(known))
    return history.at(known, years, log=True) * inside


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
    out = {}
    for name in ids:
        past = observed.series("population", name)
        last = max(past)
        path = np.asarray(ahead.get(name, together))
        out[name] = np.where(years <= last, history.at(past, years), path / path[last - FIRST] * past[last])
    out[places.NATION] = np.sum(list(out.values()), axis=0)
    return out


def _population(where: Sequence[places.Place], years: np.ndarray) -> np.ndarray:
    """Persons, T×R: census-based residents, then growth of scenario SSP2."""
    rows = (years - FIRST).astype(int)
    return np.array([_residents()[p.id][rows] for p in where]).T


def _start(definition: Definition, where: Sequence[places.Place], past: _Past, key: np.ndarray, demand: float,
           wide: Technologies, slots: int, start: int) -> tuple[State, np.ndarray]:
    """State at the beginning of `start`, and the shares of purchases R×I seen that year."""
    buyers = _buyers(definition)
    width = len(definition.technologies)
    own = _pad(history.place_stock_shares(definition, past.stock_share[:width], list(where), start), 0.0)
    tilt = np.where(past.stock_share > 0, np.sqrt(own / np.maximum(past.stock_share, 1e-12)), 0.0)
    bought = _normal(past.bought[-1] / past.bought[-1].sum() * tilt)
    remembered = _normal(past.remembered * tilt)
    if definition.demand.kind == "purchases":
        level = history.stock_from_purchases(past.bought, wide.lifetime)
        stock = key[:, None, None] * level
    else:
        growth = max(float(past.bought[-1].sum() / demand) - 1 / float(np.median(wide.lifetime)), 0.0)
        stock = key[:, None, None] * demand * own[:, None] * history.age_profile(wide.lifetime, growth)
    national = past.bought[-1] / wide.service.mean(0)
    factories = _pad([_factory(t, start, national[i]) for i, t in enumerate(definition.technologies)], 1.0)
    known = definition.infrastructure.adequacy.values if definition.infrastructure else {start: 0.5}
    adequate = np.full(len(where), float(np.clip(history.at(known, [start - 1], log=True)[0], 1e-3, 0.95)))
    before = np.maximum(past.bought[-2] / wide.service.mean(0), 1e-9)
    use = np.minimum(national / np.maximum(factories, 1e-9), 1.0)
    state = State(
        stock=stock[:, None] * buyers[:, None, None] if stock.ndim == 3 else stock,
        exposure=np.tile(remembered[:, None], (1, len(DOMESTIC), 1)),
        experience=_pad([_experience(t, start) for t in definition.technologies], 1.0),
        infrastructure=adequate, base_infrastructure=adequate, factories=factories,
        utilisation=use * wide.bounded + 0.8 * (1 - wide.bounded),
        expected_growth=np.clip(national / before - 1, -0.3, 0.6) * wide.exists,
        last_orders=np.maximum(national, 1e-9),
        commitments=np.zeros((len(where), slots)),
    )
    return state, bought


def _limits(definition: Definition, state: State, past: _Past) -> np.ndarray:
    """Natural limits R×I: a place has the part of the nation's that it has of the stock today."""
    out = np.full(state.stock.sum((1, 2)).shape, NO_LIMIT)
    own = state.stock.sum((1, 2))
    for column, technology in enumerate(definition.technologies):
        if technology.limit is not None:
            part = own[:, column] / max(past.stock[column], 1e-9)
            out[:, column] = np.maximum(technology.limit.value * part, 1.02 * own[:, column] + 1e-9)
    return out


def _normal(shares: np.ndarray) -> np.ndarray:
    return shares / shares.sum(-1, keepdims=True)


def _factory(technology: Technology, year: int, orders: float) -> float:
    if technology.factory is None:
        return max(orders / 0.8, 1e-9)
    return float(history.at(technology.factory.values, [year])[0])


def _beliefs(believed: Prior, n_places: int, n_years: int, ahead: int) -> Beliefs:
    return Beliefs(
        alpha=np.array(believed.alpha), beta=np.array(believed.beta), memory=np.array(believed.memory),
        across_channels=np.array(believed.across_channels), across_places=np.array(believed.across_places),
        label_weight=np.array(believed.label_weight), gamma=np.zeros((n_places, WIDTH)),
        need=np.array(believed.need), learning=np.array(1.0),
        price_drift=np.zeros(WIDTH), energy_drift=np.array(0.0), demand_drift=np.array(0.0),
        elsewhere_drift=np.array(0.0), export_elasticity=np.array(believed.export_elasticity),
        shocks=np.zeros((n_years, n_places, WIDTH)), rank=np.zeros((ahead, GROUPS)),
    )
