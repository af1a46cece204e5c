"""What is known of a market's past: demand, shares, stocks and places, read from facts and definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seedbed import facts
from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.memory import remembered
from seedbed.facts import places
from seedbed.market.arrays import AGES
from seedbed.market.definition import Definition, Series, Technology, YearValues

LEAST_SHARE = 1e-5
MANY_PLACES, GAP = 20, 2
MOST_OF_SERIES = 0.9  # of what several technologies have together that one of them can have in a place


def series(link: Series | YearValues, place: str = places.NATION) -> dict[int, float]:
    """Year → value in the market's unit; empty where the table has nothing for `place`."""
    if isinstance(link, YearValues):
        return dict(sorted(link.values.items())) if place == places.NATION else {}
    table = facts.read(link.table)
    if place not in set(table.data["place"]):
        return {}
    return {y: v * link.scale for y, v in table.series(link.variable, place).items()}


def at(values: Mapping[int, float], years: Sequence[int] | np.ndarray, *, log: bool = False) -> np.ndarray:
    """Interpolate known values at `years` (linearly, or in logs); flat outside."""
    known = sorted(values)
    numbers = np.array([values[y] for y in known])
    if log:
        return np.asarray(np.exp(np.interp(years, known, np.log(np.maximum(numbers, 1e-12)))))
    return np.asarray(np.interp(years, known, numbers))


def national_demand(definition: Definition, years: np.ndarray) -> np.ndarray:
    """Service wanted in the nation at `years`: history, then the outlook, less exports where it has them."""
    past = series(definition.demand.history)
    if not past:
        raise InvalidInputError("its demand history is empty.",
                                where=f"{definition.id}.yaml, key demand.history",
                                fix="link a series that has national values.")
    outlook = {y: v for y, v in definition.demand.outlook.values.items() if y > max(past)}
    abroad = sum((exports(t, years) for t in definition.technologies), np.zeros(len(years)))
    return at({**past, **outlook}, years) - abroad * definition.demand.with_exports


def exports(technology: Technology, years: np.ndarray) -> np.ndarray:
    """Exports a year at `years`: history, then the outlook; zeros where the technology has none."""
    if technology.export is None:
        return np.zeros(len(years))
    past = technology.export.history.values
    ahead = {y: v for y, v in technology.export.outlook.values.items() if y > max(past)}
    return at({**past, **ahead}, years)


def observed_share(definition: Definition, technology: Technology) -> dict[int, float]:
    """Year → share of national purchases or stock (demand.kind), from linked facts; empty without a link."""
    known = series(technology.observed) if technology.observed else {}
    if not known:
        return {}
    years = np.array(list(known))
    own = np.array(list(known.values())) - exports(technology, years) * definition.demand.with_exports
    return dict(zip(known, (np.maximum(own, 0.0) / national_demand(definition, years)).tolist(), strict=True))


def shares(definition: Definition, years: np.ndarray) -> np.ndarray:
    """Observed national shares T×I: of purchases or of the stock of service (demand.kind); rows sum to one.

    Outside the observed years the nearest observation stands.
    """
    out = np.zeros((len(years), len(definition.technologies)))
    rest = None
    for column, technology in enumerate(definition.technologies):
        if technology.remainder:
            rest = column
        elif technology.shares is not None:
            out[:, column] = at(technology.shares.values, years)
        elif technology.observed is not None:
            out[:, column] = at(observed_share(definition, technology), years)
    if rest is not None:
        out[:, rest] = 1 - out.sum(1)
    out = np.maximum(out, LEAST_SHARE)
    return out / out.sum(1, keepdims=True)


def place_weights(link: Series | None, where: Sequence[places.Place], until: int) -> np.ndarray:
    """Each place's part of the nation by a facts series; population if none.

    The latest year up to `until` that most places have (else the first); a place that it lacks counts with its own
    number of the GAP years before, else as nothing.
    """
    if all(p.id == places.NATION for p in where):
        return np.ones(len(where))
    link = link or Series(table="province_economy", variable="population")
    data = facts.read(link.table, variable=link.variable).data
    provinces = {p.id for p in places.provinces()}
    by_year: dict[int, dict[str, float]] = {}
    for place, year, value in data.select("place", "year", "value").iter_rows():
        if place in provinces:
            by_year.setdefault(int(year), {})[place] = float(value)
    full = [y for y, v in by_year.items() if len(v) >= MANY_PLACES]
    year = max([y for y in full if y <= until] or [min(full)])
    found: dict[str, float] = {}
    for recent in range(year - GAP, year + 1):
        found |= by_year.get(recent, {})
    total = sum(found.values())
    return np.array([1.0 if p.id == places.NATION else found.get(p.id, 0.0) / total for p in where])


def present(definition: Definition, place: places.Place, until: int) -> bool:
    """Whether a place has such a market at all (`demand.least_part`)."""
    least, key = definition.demand.least_part, definition.demand.place_key
    return place.id == places.NATION or not least or bool(place_weights(key, [place], until)[0] >= least)


def check_present(definition: Definition, where: Sequence[places.Place], start: int,
                  parameter: str = "market") -> None:
    """Raise InvalidInputError where none of the places has the market."""
    if not any(present(definition, place, start - 1) for place in where):
        key = definition.demand.place_key
        raise InvalidInputError(
            f"{' and '.join(p.name.en for p in where)} has no market of {definition.label.en.lower()}: less than "
            f"{definition.demand.least_part:.0%} of the nation's demand by {key.table if key else 'population'}.",
            where=Parameter(parameter), fix="leave it out, or name a place that has it.")


def place_key(definition: Definition, national: np.ndarray, where: Sequence[places.Place], start: int) -> np.ndarray:
    """Each place's part of the nation's demand: by the key of the definition, else by what its plants serve."""
    known = {} if definition.demand.place_key else served(definition, tuple(national), start)
    if not known or all(p.id == places.NATION for p in where):
        return place_weights(definition.demand.place_key, where, start)
    total = sum(float(v.sum()) for v in known.values())  # 1 where every technology is known by place
    return np.array([1.0 if p.id == places.NATION else float(known[p.id].sum()) / total for p in where])


def place_stock_shares(definition: Definition, national: np.ndarray, where: list[places.Place],
                       start: int) -> np.ndarray:
    """Shares of the stock R×I: by what a place's plants serve where that is known, else the nation's `national` (I)."""
    out = np.tile(national, (len(where), 1))
    known = served(definition, tuple(national), start)
    for row, place in enumerate(where):
        own = known.get(place.id, np.zeros(1))
        if own.sum() > 0:
            out[row] = np.maximum(own / own.sum(), LEAST_SHARE)
            out[row] /= out[row].sum()
    return out


@remembered(64)
def served(definition: Definition, national: tuple[float, ...], start: int) -> dict[str, np.ndarray]:
    """Province → the part of the nation's stock that its plants are, by technology (I).

    As the latest year up to `start` says; empty where nothing is known. Parts of a technology add up to its share of
    the stock (`national`, I). Technologies that one series counts together share it in the nation's proportions;
    one that only some provinces can have is spread over those.
    """
    links = [t.output_by_place or t.capacity_by_place for t in definition.technologies]
    if not any(links):
        return {}
    ids = [p.id for p in places.provinces()]
    out = np.zeros((len(ids), len(links)))
    for link in dict.fromkeys(x for x in links if x is not None):
        together = [i for i, x in enumerate(links) if x == link]
        amount = np.array([_latest(link, name, start) for name in ids])
        parts = np.array(national)[together] / np.array(national)[together].sum()
        only = [definition.technologies[i].only_in for i in together]
        bound = np.array([bool(names) for names in only])
        mine = np.tile(parts, (len(ids), 1))
        for n in np.flatnonzero(bound):
            there = np.isin(ids, only[n])
            mine[:, n] = there * min(parts[n] * amount.sum() / amount[there].sum(), MOST_OF_SERIES)
        mine[:, ~bound] *= (1 - mine[:, bound].sum(1, keepdims=True)) / max(parts[~bound].sum(), 1e-12)
        out[:, together] = amount[:, None] * mine
    unknown = np.array([link is None for link in links])
    if definition.demand.place_key:  # what is not known by place is where the demand is
        out[:, unknown] = place_weights(definition.demand.place_key, places.provinces(), start)[:, None]
    out *= np.array(national) / np.maximum(out.sum(0), 1e-12)
    return dict(zip(ids, out, strict=True))


def _latest(link: Series, place: str, start: int) -> float:
    known = {y: v for y, v in series(link, place).items() if y <= start}
    return known[max(known)] if known else 0.0


def age_profile(lifetime: np.ndarray, growth: np.ndarray) -> np.ndarray:
    """Steady age classes A×I of stocks that grow at `growth` a year (first class: the youngest); their sum is 1."""
    rate = AGES / np.maximum(lifetime, AGES)
    ratio = rate / (rate + np.maximum(growth, 0.0))
    classes = np.array([ratio**k for k in range(AGES)])
    return classes / classes.sum(0)


def survivors(stock: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Age classes A×I a year later, before anything is bought; `rate` (I) leaves each class ([7], as `contest`)."""
    flow = stock * rate
    return stock - flow + np.concatenate([np.zeros_like(flow[:1]), flow[:-1]])


def stock_from_purchases(bought: np.ndarray, lifetime: np.ndarray) -> np.ndarray:
    """Age classes A×I after the purchases T×I, from the steady state of the first year."""
    rate = AGES / np.maximum(lifetime, AGES)
    stock = np.array([bought[0] / rate] * AGES) * 0.6
    for row in bought:
        stock = survivors(stock, rate)
        stock[0] += row
    return stock
