"""Every number that the equation takes for one technology in one market, place and year, with its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seedbed import facts
from seedbed.base.evidence import Quantity, Rated, ours
from seedbed.base.text import Text
from seedbed.base.years import START
from seedbed.market import history
from seedbed.market.beliefs import prior
from seedbed.market.definition import CARRIERS, Definition, Series, Technology, YearValues
from seedbed.market.forecasts import SCORES
from seedbed.market.trajectory import LEAST_SEEN
from seedbed.market.world import along, grid_factor
from seedbed.planning.explain.trace import Trace
from seedbed.planning.scenarios import HERE, at

FAINT = 0.005  # instruments weaker than this in the year are not listed
BELIEFS = {"alpha": "3", "need": "3", "across_channels": "4", "across_places": "4", "beta": "5",
           "memory": "8c"}
FITTED = ("alpha", "beta", "memory", "need")  # what calibration learns where a market has a history
LEVERS = {"subsidy": "2", "tax_relief": "2", "output_premium": "2", "carbon_price": "2", "finance": "2", "quota": "6",
          "standard": "5b", "awareness": "4", "label": "3", "infrastructure": "8b", "market_access": "8a"}
"""The term of docs/equation.md that each belief and each lever stands in."""
OWN = ours("docs/equation.md", 4)
"""What Seedbed chose: the constants and default beliefs that docs/equation.md lists with their reasons."""


@dataclass(frozen=True)
class Parameter:
    """One number: `term` is its place in docs/equation.md; `origin` where it is written, "simulated" if it is a result.

    `name` is a key of the words (explain.parameter.…) or, for an instrument, its own label.
    """

    term: str
    name: str | Text
    value: float
    unit: str
    origin: str
    source: Rated | None = None
    low: float | None = None
    high: float | None = None


def parameters(trace: Trace) -> list[Parameter]:
    """All of them, in the order of the equation."""
    row = trace.row
    found = [*_of_technology(trace, row), *_of_market(trace), *_of_world(trace, row), *_of_beliefs(trace),
             *_of_policy(trace, row)]
    order = ("1", "1b", "2", "3", "4", "5", "5b", "6", "7", "8a", "8b", "8c")
    return sorted(found, key=lambda p: order.index(p.term))


def _quantity(definition: Definition, term: str, name: str, quantity: Quantity | None, origin: str) -> list[Parameter]:
    if quantity is None:
        return []
    return [Parameter(term, name, quantity.value, quantity.unit, origin, quantity.source,
                      quantity.low, quantity.high)]


def _over_years(definition: Definition, term: str, name: str, values: YearValues, year: int, origin: str,
                log: bool = False) -> Parameter:
    value = float(history.at(values.values, [year], log=log)[0])
    return Parameter(term, name, value, values.unit, origin, values.source)


def _of_technology(trace: Trace, row: int) -> Iterator[Parameter]:
    definition = trace.compiled.definition
    own = definition.technologies[row]
    file = f"{definition.id}.yaml · {own.id}"

    def quantity(term: str, key: str) -> list[Parameter]:
        return _quantity(definition, term, key, getattr(own, key), f"{file}.{key}")

    def plain(term: str, key: str, value: float) -> Parameter:
        return Parameter(term, key, value, "1", f"{file}.{key}", OWN)

    yield from quantity("1", "price")
    yield from quantity("1", "learning_rate")
    if own.learning_share:
        yield plain("1", "learning_share", own.learning_share)
    yield Parameter("1", "price_now", float(trace.year.price[row]), own.price.unit, "simulated")
    if own.experience is not None:
        at = own.price.year or START
        yield _over_years(definition, "1", "experience_then", own.experience.cumulative, at, f"{file}.experience", True)
        yield Parameter("1", "experience_now", float(trace.state.experience[row]), own.experience.cumulative.unit,
                        "simulated")
    yield from quantity("1b", "service")
    if own.value_drop:
        yield plain("1b", "value_drop", own.value_drop)
    for key in ("lifetime", "om"):
        yield from quantity("2", key)
    for carrier, use in own.energy.items():
        yield from _quantity(definition, "2", f"energy.{carrier}", use, f"{file}.energy.{carrier}")
    yield from quantity("2", "process_emissions")
    yield from _embodied(definition, own, file)
    if own.infrastructure:
        yield plain("3", "infrastructure", own.infrastructure)
    if own.entry:
        yield Parameter("5b", "entry", float(own.entry), "year", f"{file}.entry", OWN)
    yield from quantity("5b", "limit")
    yield from _observed(trace, own, row, file)
    yield from _forecast(trace, own)
    if own.factory is not None:
        yield _over_years(definition, "8a", "factory", own.factory, START, f"{file}.factory")
    if own.export is not None:
        yield _over_years(definition, "8a", "exports", own.export.outlook, trace.number, f"{file}.export.outlook")
        yield from _quantity(definition, "8a", "tariff", own.export.tariff, f"{file}.export.tariff")


def _embodied(definition: Definition, own: Technology, file: str) -> list[Parameter]:
    """What making it gives off: a stated amount, or the footprint of a product of the starter set."""
    if isinstance(own.embodied, Quantity):
        return _quantity(definition, "2", "embodied", own.embodied, f"{file}.embodied")
    starter = ours(f"seedbed footprint {own.embodied.product}", 3)
    return [Parameter("2", "embodied", own.embodied.value, f"kgCO2e/{definition.capacity_unit.en}", f"{file}.embodied",
                      starter)]


def _observed(trace: Trace, own: Technology, row: int, file: str) -> Iterator[Parameter]:
    """The share that taste is anchored to, and where it was seen."""
    share = float(np.asarray(trace.inputs.anchor_share)[HERE, row])
    if own.observed is not None:
        cite, origin = _table(own.observed), _link(own.observed)
    elif own.shares is not None:
        cite, origin = own.shares.source, f"{file}.shares"
    else:
        cite, origin = None, f"{file}.remainder"
    name = "anchor_share" if share >= LEAST_SEEN else "newcomer"
    yield Parameter("3", name, share, "share of purchases", origin, cite)


def _forecast(trace: Trace, own: Technology) -> Iterator[Parameter]:
    """What was forecast of the group it belongs to, up to the year or the last one forecast."""
    forecasts, ahead = trace.compiled.definition.forecasts, trace.inputs.ahead
    for group, forecast in enumerate(forecasts):
        if own.id in forecast.technologies and ahead.known[HERE, group] and trace.number > START:
            year = min(at(trace.number), len(ahead.move)) - 1
            median = float(np.asarray(ahead.move)[year, HERE, group, len(SCORES) // 2])
            odds = trace.compiled.definition.demand.kind == "purchases"
            made = ours("docs/forecasts.md", 3)
            yield Parameter("3", "forecast_odds" if odds else "forecast_log", median, "1", "forecasts.json",
                            made)


def _of_market(trace: Trace) -> Iterator[Parameter]:
    definition = trace.compiled.definition
    file = f"{definition.id}.yaml"
    yield from _quantity(definition, "2", "purchase_tax", definition.purchase_tax, f"{file} · purchase_tax")
    for buyer, rate in trace.world.discount.items():
        yield Parameter("2", f"discount.{buyer}", rate.value, rate.unit, f"world.yaml · discount.{buyer}", rate.source)
    if definition.infrastructure is not None:
        seen = definition.infrastructure.adequacy
        yield Parameter("3", "adequacy_then", float(trace.inputs.start.infrastructure[HERE]), seen.unit,
                        f"{file} · infrastructure", seen.source)
    yield Parameter("3", "adequacy_now", float(trace.state.infrastructure[HERE]), "share of need", "simulated")
    own, mean = definition.label_weight, float(np.asarray(trace.inputs.setting.buyers) @ definition.label_weights)
    yield Parameter("3", "label_weight", mean, "1", f"{file} · label_weight" if own else "definition.py",
                    own.source if own else OWN, own.low if own else None, own.high if own else None)
    demand, unit = definition.demand, definition.service_unit.en
    if isinstance(demand.history, Series):
        past = history.series(demand.history)
        yield Parameter("7", "demand_then", past[max(past)], unit, _link(demand.history), _table(demand.history))
    yield _over_years(definition, "7", "demand_outlook", demand.outlook, trace.number, f"{file} · demand.outlook")
    here = float(np.asarray(trace.inputs.drivers.demand)[at(trace.number)].sum())
    key = demand.place_key or next((t.output_by_place for t in definition.technologies if t.output_by_place), None)
    if key is not None:
        yield Parameter("7", "demand_here", here, unit, _link(key), _table(key))


def _link(series: Series) -> str:
    return f"{series.table}.{series.variable}"


def _table(series: Series) -> Rated:
    return facts.source(series.table)


def _of_world(trace: Trace, row: int) -> Iterator[Parameter]:
    own, world = trace.compiled.definition.technologies[row], trace.world
    place, year = trace.compiled.places[0], np.array([trace.number])
    for carrier in own.energy:
        path = world.carrier_price[carrier]
        yield Parameter("2", f"carrier_price.{carrier}", float(along(path, year)[0]), path.unit,
                        f"world.yaml · carrier_price.{carrier}", path.source)
        if carrier == "electricity":
            level, owner = grid_factor(place)
            yield Parameter("2", "grid_then", level, "kgCO2/kWh", f"grid_factors · {owner}",
                            facts.source("grid_factors"))
            yield Parameter("2", "grid_now", float(np.asarray(trace.inputs.drivers.carrier_factor)[
                at(trace.number), HERE, list(CARRIERS).index(carrier)]), "kgCO2/kWh", "simulated")
        else:
            factor = world.carrier_factor[carrier]
            yield Parameter("2", f"carrier_factor.{carrier}", float(along(factor, year)[0]), factor.unit,
                            f"world.yaml · carrier_factor.{carrier}", factor.source)


def _of_beliefs(trace: Trace) -> Iterator[Parameter]:
    """What is learnt from history or believed beforehand."""
    calibrated = prior(trace.compiled.definition).calibrated
    learnt = ours("docs/backtest.md", 3)
    for name, term in BELIEFS.items():
        fitted = calibrated and name in FITTED
        yield Parameter(term, name, float(np.asarray(getattr(trace.inputs.beliefs, name))),
                        "a" if name == "memory" else "1", "fits.json" if fitted else "beliefs.py",
                        learnt if fitted else OWN)


def _of_policy(trace: Trace, row: int) -> Iterator[Parameter]:
    """Instruments in force in the market that year: strength × ceiling, with the source of the ceiling."""
    strength = np.asarray(trace.year.intensity)[HERE]
    reach = np.asarray(trace.inputs.levers.coefficient)[:, :, row].max(1)
    for slot, instrument in enumerate(trace.compiled.slots.instruments):
        if instrument is not None and strength[slot] >= FAINT:
            top = float(reach[slot]) or instrument.ceiling.value  # it may reach the others only
            yield Parameter(LEVERS[instrument.lever], instrument.label, float(strength[slot]) * top,
                            instrument.ceiling.unit, f"{instrument.id}.yaml", instrument.ceiling.source,
                            0.0, top)
