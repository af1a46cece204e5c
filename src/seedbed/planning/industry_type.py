"""The industry type of a province: a transparent score per type, from shares and output per GDP.

Types, indicators, ramps and weights are data (`industry_types.yaml`); a missing number leaves its ramp out
and lowers the coverage. Method and limits: docs/stages.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from seedbed import facts
from seedbed.base.datafile import load
from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.text import Model, Text
from seedbed.base.years import LATEST, START
from seedbed.facts import places

FILE = Path(__file__).parent / "industry_types.yaml"
MIN_COVERAGE = 0.5
"""Smallest part of a type's weight that must have numbers for the type to be scored."""


class Indicator(Model):
    """How one number is made. `share`: a variable of province_economy. `relative`: the sum of `variables` per
    `per` (a variable of province_economy) over the same quotient of the 31 provinces. `ratio`: that sum over
    the variable `over`. Variables in `optional` count as nothing where they are missing."""

    label: Text
    kind: Literal["share", "relative", "ratio"]
    table: str = "province_economy"
    variable: str = ""
    variables: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    per: str = ""
    over: str = ""


class Ramp(Model):
    """Zero at `start`, one at `end`, linear between."""

    start: float = Field(alias="from")
    end: float = Field(alias="to")
    weight: float = Field(gt=0)

    def __call__(self, value: float) -> float:
        return min(1.0, max(0.0, (value - self.start) / (self.end - self.start)))


class TypeRule(Model):
    """One type: the ramps its score is the weighted mean of."""

    label: Text
    ramps: dict[str, Ramp]


class Rules(Model):
    """The whole of `industry_types.yaml`."""

    indicators: dict[str, Indicator]
    types: dict[str, TypeRule]


@dataclass(frozen=True)
class IndustryType:
    """The type of a place in a year; `scores` are 0–1 by type, `numbers` the indicators that had data.

    `second` is the runner-up, worth a look where its score is close; `coverage` is the part of the winning
    type's weight that had numbers. `tables` name the facts tables used, `reasons` the numbers that speak most for it.
    """

    place: str
    year: int
    id: str
    label: Text
    second: str
    scores: dict[str, float]
    numbers: dict[str, float]
    coverage: float
    tables: tuple[str, ...]
    reasons: tuple[str, ...]


@cache
def rules() -> Rules:
    """The types and their rules."""
    return load(FILE, Rules)


def industry_type(place: str, *, year: int = LATEST) -> IndustryType:
    """The industry type of a province in `year`.

    Raises UnknownNameError for a place and InvalidInputError for the nation or a year without enough numbers.
    """
    found = places.resolve(place)
    if not found.planning_unit:
        raise InvalidInputError(f"{found.name.en} has no industry type: it is a property of a province.",
                                where=Parameter("place"), fix="name one of the 31 provinces.")
    numbers = _numbers(found.id, year)
    scored = {name: _score(rule, numbers) for name, rule in rules().types.items()}
    scores = {name: score for name, (score, coverage) in scored.items() if coverage >= MIN_COVERAGE}
    if len(scores) < 2:
        usable = [str(y) for y in range(2014, START + 1) if len(_numbers(found.id, y)) > len(numbers)]
        raise InvalidInputError(f"too few numbers for {found.name.en} in {year}.", where=Parameter("year"),
                                fix=f"choose one of {', '.join(usable) or '(none: no data)'}.")
    first, second = sorted(scores, key=lambda name: -scores[name])[:2]
    used = {rules().indicators[n].table for n in numbers} | {"province_economy"}
    return IndustryType(
        place=found.id, year=year, id=first, label=rules().types[first].label, second=second, scores=scores,
        numbers=numbers, coverage=scored[first][1], tables=tuple(sorted(used)),
        reasons=_reasons(first, numbers))


def _score(rule: TypeRule, numbers: dict[str, float]) -> tuple[float, float]:
    """Weighted mean of the ramps that have numbers, and the part of the weight they carry."""
    total = sum(ramp.weight for ramp in rule.ramps.values())
    have = {name: ramp for name, ramp in rule.ramps.items() if name in numbers}
    weight = sum(ramp.weight for ramp in have.values())
    if not weight:
        return 0.0, 0.0
    return sum(ramp.weight * ramp(numbers[name]) for name, ramp in have.items()) / weight, weight / total


@cache
def _numbers(place: str, year: int) -> dict[str, float]:
    found = {name: _number(rule, place, year) for name, rule in rules().indicators.items()}
    return {name: value for name, value in found.items() if value is not None}


def _number(rule: Indicator, place: str, year: int) -> float | None:
    if rule.kind == "share":
        return _column(rule.table, rule.variable, year).get(place)
    columns = {v: _column(rule.table, v, year) for v in rule.variables}
    if any(place not in column for v, column in columns.items() if v not in rule.optional):
        return None
    below = _column(rule.table, rule.over, year) if rule.over else _column("province_economy", rule.per, year)
    if place not in below:
        return None
    if rule.kind == "ratio":
        return sum(c.get(place, 0.0) for c in columns.values()) / below[place]
    here = sum(c[place] for c in columns.values()) / below[place]
    return here / (sum(sum(c.values()) for c in columns.values()) / sum(below.values()))


@cache
def _column(table: str, variable: str, year: int) -> dict[str, float]:
    """Value by province of one variable in one year; GDP is the revised one where there is one."""
    names = (variable, "gdp_revised") if variable == "gdp" else (variable,)
    units = {p.id for p in places.provinces()}
    found: dict[str, float] = {}
    for name in names:
        rows = facts.read(table, variable=name, year=year).data.select("place", "value").drop_nulls()
        found |= {place: float(value) for place, value in rows.iter_rows() if place in units}
    return found


def _reasons(winner: str, numbers: dict[str, float]) -> tuple[str, ...]:
    """The numbers that speak most for a type, at most three."""
    pulls = {n: ramp.weight * ramp(numbers[n]) for n, ramp in rules().types[winner].ramps.items() if n in numbers}
    return tuple(n for n in sorted(pulls, key=lambda n: -pulls[n]) if pulls[n] > 0)[:3]
