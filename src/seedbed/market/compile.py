"""From a definition, places and a world to the arrays of the equation; a mix is put on them by `Compiled.under`.

What a place and a market fix is made once and kept (`compile_market`); what a mix changes is three arrays (`Scenario`).
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.memory import remembered
from seedbed.base.years import FIRST, LAST, REFERENCE
from seedbed.facts import places
from seedbed.market import history
from seedbed.market.arrays import Ahead, Beliefs, Drivers, Inputs, Scenario, Setting, Technologies, apply, mapped, put
from seedbed.market.beliefs import Prior, prior
from seedbed.market.definition import CARRIERS, Definition
from seedbed.market.drivers import ALONE, BEYOND, Surroundings, drivers
from seedbed.market.forecasts import AHEAD, GROUPS, moves
from seedbed.market.opening import PRIOR_YEARS, buyers, experience, limits, opening, past
from seedbed.market.padding import NO_LIMIT, UNSOLD, WIDTH, each, pad
from seedbed.market.slots import Slots, assign, kinds, levers, schedule
from seedbed.market.world import World, along, default_world
from seedbed.policy.mix import Mix, as_it_is
from seedbed.policy.rule import report_rule


@dataclass(frozen=True)
class Compiled:
    """A market ready to run, with the names of its axes; no instrument acts before a mix is put on it (`under`)."""

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

    def scenario(self, mix: Mix) -> Scenario:
        """A mix as arrays (T×J, T×J, T×J, 4×4)."""
        fixed, ruled = schedule(mix, self.slots, self.years)
        return Scenario(fixed, ruled, np.zeros_like(fixed), np.array((mix.rule or report_rule()).matrix()))

    def under(self, mix: Mix) -> Compiled:
        """The same market under `mix`."""
        return replace(self, inputs=apply(self.inputs, mapped(lambda x: jnp.asarray(x), self.scenario(mix))))


def check_years(start: int, until: int) -> None:
    """Raise InvalidInputError for years that cannot be simulated."""
    if not FIRST <= start < until <= LAST:
        raise InvalidInputError(f"the years {start}–{until} cannot be simulated.", where=Parameter("until"),
                                fix=f"choose {FIRST} ≤ start < until ≤ {LAST}.")


def compile_market(definition: Definition, where: Sequence[places.Place], world: World, *, start: int, until: int,
                   around: Surroundings = ALONE) -> Compiled:
    """Arrays for `definition` in `where` over start…until; `around` is needed where that is part of the nation.

    The same arguments give the same object back.
    """
    check_years(start, until)
    return _compiled(definition, tuple(where), world, start, until, around, prior(definition))


@remembered(256)
def _compiled(definition: Definition, where: tuple[places.Place, ...], world: World, start: int, until: int,
              around: Surroundings, believed: Prior) -> Compiled:
    years = np.arange(start, until + 1)
    slots = assign(definition.id)
    known = past(definition, start, believed.memory)
    key = history.place_key(definition, known.stock_share[: len(definition.technologies)], where, start - 1)
    wide = _technologies(definition, where)
    setting = _setting(definition, where, wide, world, start)
    demand = history.national_demand(definition, np.arange(start - PRIOR_YEARS, until + 1 + BEYOND))
    ahead = min(AHEAD, until - start)
    width = len(slots.instruments)
    state, bought = opening(definition, where, known, key, wide, width, start)
    setting = put(lambda s: s.technologies.limit, setting, limits(definition, state, known))
    seen = drivers(definition, where, world, years, key, demand, around, width)
    usual = seen
    if world != default_world() or around.reference is not None:
        usual = drivers(definition, where, default_world(), years, key, demand, around.reference or around, width)
    central = _beliefs(definition, believed, len(where), len(years), ahead, width)
    here = np.array([history.present(definition, place, start - 1) for place in where], dtype=float)
    pulled = levers(definition, where, slots, WIDTH)
    pulled = put(lambda x: x.reach, pulled, pulled.reach * here[:, None])
    inputs = Inputs(
        setting=setting, levers=pulled, drivers=seen, beliefs=central, start=state,
        rule=np.array(report_rule().matrix()), kind=kinds(slots), anchor_share=bought,
        ahead=_ahead(definition, where, slots, usual, central, ahead),
    )
    inputs = mapped(lambda x: jnp.asarray(x, dtype=jnp.float64), inputs)
    return Compiled(definition, where, tuple(int(y) for y in years), slots, inputs)


def _ahead(definition: Definition, where: Sequence[places.Place], slots: Slots, usual: Drivers, central: Beliefs,
           ahead: int) -> Ahead:
    """The forecast of the first `ahead` years, with what it stands on: `usual` drivers and `central` beliefs."""
    first = mapped(lambda x: x[: ahead + 1], usual)
    years = range(int(first.year[0]), int(first.year[-1]) + 1)
    in_force = put(lambda d: d.fixed, first, schedule(as_it_is(years), slots, years)[0])
    calm = put(lambda b: b.shocks, central, central.shocks[: ahead + 1])
    return Ahead(*moves(definition, where, years.start, ahead, WIDTH), in_force, np.array(default_world().rates), calm)


def _technologies(definition: Definition, where: Sequence[places.Place]) -> Technologies:
    ts = definition.technologies
    rate = each(definition, "learning_rate", 0.0)
    reference = [experience(t, t.price.year or REFERENCE) for t in ts]
    energy = np.zeros((WIDTH, len(CARRIERS)))
    for row, technology in enumerate(ts):
        for column, carrier in enumerate(CARRIERS):
            if carrier in technology.energy:
                energy[row, column] = technology.energy[carrier].value
    exports = [t.export for t in ts]
    return Technologies(
        exists=pad([1.0] * len(ts), 0.0), green=pad([float(t.green) for t in ts], 0.0),
        price=each(definition, "price", UNSOLD), learning_share=each(definition, "learning_share", 0.0),
        learning_exponent=-np.log2(1 - np.minimum(rate, 0.9)), reference_experience=pad(reference, 1.0),
        learns_from=_learns_from(definition),
        service=pad(_service(definition, where), 1.0), lifetime=each(definition, "lifetime", 10.0),
        om=each(definition, "om", 0.0), energy=energy, process=each(definition, "process_emissions", 0.0),
        embodied=each(definition, "embodied", 0.0), induced=pad(definition.induced, 0.0),
        jobs_build=each(definition, "jobs_build", 0.0),
        jobs_operate=each(definition, "jobs_operate", 0.0),
        infrastructure=each(definition, "infrastructure", 0.0),
        value_drop=pad([t.value_drop for t in ts], 0.0),
        entry=pad([float(t.entry or 1900) for t in ts], 1900.0),
        limit=np.full((len(where), WIDTH), NO_LIMIT),
        tariff=pad([e.tariff.value if e and e.tariff else 0.0 for e in exports], 0.0),
        border_carbon=pad([float(bool(e and e.border_carbon)) for e in exports], 0.0),
        exports_product=pad([float(bool(e and e.what == "product")) for e in exports], 0.0),
        bounded=pad([float(t.factory is not None) for t in ts], 0.0),
    )


def _learns_from(definition: Definition) -> np.ndarray:
    ids = [t.id for t in definition.technologies]
    out = np.eye(WIDTH)
    for row, technology in enumerate(definition.technologies):
        for name in technology.learns_with:
            out[row, ids.index(name)] = 1.0
    return out


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


def _setting(definition: Definition, where: Sequence[places.Place], wide: Technologies, world: World,
             start: int) -> Setting:
    return Setting(
        technologies=wide, buyers=buyers(definition), discount=np.array(world.rates),
        purchase_tax=np.array(definition.purchase_tax.value if definition.purchase_tax else 0.0),
        potential=np.array(definition.potential.value), reference_cost=reference_cost(definition),
        neighbours=_neighbours(where), supply_share=_supply(definition, where, start),
        by_purchases=np.array(float(definition.demand.kind == "purchases")),
    )


def _supply(definition: Definition, where: Sequence[places.Place], start: int) -> np.ndarray:
    """Part of the nation's production in each place; nothing where no series of the product says."""
    if definition.supply_key is None:
        return np.array([float(p.id == places.NATION) for p in where])
    return history.place_weights(definition.supply_key, where, start)


def _neighbours(where: Sequence[places.Place]) -> np.ndarray:
    if len(where) == 1:
        return np.ones((1, 1)) if where[0].id == places.NATION else np.zeros((1, 1))
    ids = [p.id for p in where]
    out = np.array([[float(other in p.neighbours) for other in ids] for p in where])
    return out / np.maximum([[float(len(p.neighbours) or 1)] for p in where], 1.0)


@remembered(64)
def reference_cost(definition: Definition) -> np.ndarray:
    """g-bar by buyer: cost of the stock in use in the reference year at reference prices, without policy.

    It does not depend on start year, place or world, so that the weight of cost means the same everywhere.
    """
    world = default_world()
    share = history.shares(definition, np.array([REFERENCE]))[0]
    out: list[float] = []
    for rate in world.rates:
        costs: list[float] = []
        for t in definition.technologies:
            annuity = rate / (1 - (1 + rate) ** -t.lifetime.value)
            fuel = sum(use.value * float(along(world.carrier_price[c], np.array([REFERENCE]))[0])
                       for c, use in t.energy.items())
            tax = definition.purchase_tax.value if definition.purchase_tax else 0.0
            costs.append((t.price.value * (1 + tax) * annuity + t.om.value) / t.service.value + fuel)
        out.append(float(np.dot(share, costs)))
    return np.maximum(np.array(out), 1e-6)


def _beliefs(definition: Definition, believed: Prior, n_places: int, n_years: int, ahead: int, width: int) -> Beliefs:
    return Beliefs(
        alpha=np.array(believed.alpha), beta=np.array(believed.beta), memory=np.array(believed.memory),
        across_channels=np.array(believed.across_channels), across_places=np.array(believed.across_places),
        label_weight=np.array(definition.label_weights), effect=np.zeros(width), running=np.zeros(width),
        gamma=np.zeros((n_places, WIDTH)),
        need=np.array(believed.need), learning=np.array(1.0),
        price_drift=np.zeros(WIDTH), energy_drift=np.array(0.0), demand_drift=np.array(0.0),
        elsewhere_drift=np.array(0.0), border_drift=np.array(0.0),
        export_elasticity=np.array(believed.export_elasticity),
        shocks=np.zeros((n_years, n_places, WIDTH)), rank=np.zeros((ahead, GROUPS)),
    )
