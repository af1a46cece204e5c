"""The industrialisation stage of a place: the index of Chen, Huang and Zhong (2006), or a named proxy of it.

Each indicator is scored by the threshold method: 0 before stage 2, 100 in stage 5, and in stages 2–4
33·(j − 2) + 33·(x − min_j)/(max_j − min_j). The index is the weighted mean of the scores over the indicators
that have data; `coverage` is the weight they carry. Thresholds, weights and names are facts tables. Formulas,
our modelling choices and limits: docs/stages.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from seedbed import facts
from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.text import Text
from seedbed.base.years import LATEST
from seedbed.facts import places

MIN_INDICATORS = 2
"""Fewest indicators, GDP per capita among them, for which an index is stated."""
PRE_AGRICULTURE = 0.40
"""Primary share at which stage 2 begins for the interpolation of the structure rule (our choice)."""


@dataclass(frozen=True)
class Component:
    """One indicator of the index: `score` is 0–100, `stage` 1–5, `weight` that of the full index.

    `value` is in `unit`; `tables` are the facts tables it came from and `source` their publishers.
    """

    indicator: str
    label: Text
    value: float
    unit: str
    score: float
    stage: int
    weight: float
    tables: tuple[str, ...]
    source: Text


@dataclass(frozen=True)
class IndustrialisationReading:
    """The index of a place in a year. `stage` is 1–5, `half` 1 or 2 within stages 2–4, `coverage` 0–1.

    Where indicators are `missing` it is a proxy; `cautions` name how it may mislead ("too_high", "too_low").
    """

    place: str
    year: int
    index: float
    stage: int
    half: int | None
    stage_name: Text
    coverage: float
    components: tuple[Component, ...]
    missing: tuple[Text, ...]
    cautions: tuple[str, ...]


def industrialisation(place: str, *, year: int = LATEST) -> IndustrialisationReading:
    """The industrialisation stage of `place` (any name `places.resolve` accepts) in `year`.

    Raises UnknownNameError for a place, and InvalidInputError, naming the years that work, for a year in
    which GDP per capita or all other indicators are missing.
    """
    found = places.resolve(place).id
    values = _indicators(found, year)
    if not _enough(values):
        years = [str(y) for y in _years() if _enough(_indicators(found, y))]
        raise InvalidInputError(
            f"no index for {found} in {year}: GDP per capita and one more indicator are needed.",
            where=Parameter("year"), fix=f"choose one of {', '.join(years) or '(none: no data)'}.")
    weights = _weights()
    parts = tuple(_component(name, values[name], year) for name in weights if name in values)
    coverage = sum(p.weight for p in parts)
    index = sum(p.weight * p.score for p in parts) / coverage
    stage, half = stage_of(index)
    labels = _labels()
    missing = tuple(labels[name] for name in weights if name not in values)
    return IndustrialisationReading(
        place=found, year=year, index=index, stage=stage, half=half, stage_name=stage_name(stage),
        coverage=coverage, components=parts, missing=missing, cautions=tuple(_cautions(parts)))


def score(value: float, starts: Sequence[float]) -> tuple[float, int]:
    """Score 0–100 and stage 1–5 of one value; `starts` are where stages 2–5 begin, rising or falling.

    The threshold method of Chen, Huang and Zhong (2006).
    """
    sign = 1.0 if starts[-1] > starts[0] else -1.0
    stage = 1 + sum(sign * value >= sign * start for start in starts)
    if stage in (1, 5):
        return (0.0 if stage == 1 else 100.0), stage
    low, high = starts[stage - 2], starts[stage - 1]
    return 33 * (stage - 2) + 33 * (value - low) / (high - low), stage


def structure_score(primary: float, secondary: float, tertiary: float) -> tuple[float, int]:
    """Score and stage of the three sectors' shares (0–1) by the paper's rule; interpolation inside is ours.

    A > I is stage 1; A ≥ 20 % stage 2; 10 % ≤ A < 20 % stage 3; A < 10 % stage 4, or 5 where S > I. Inside a
    stage the score follows A: 40→20 %, 20→10 %, 10→0 %. The paper asks I > S in stage 3; where services lead
    while A is 10–20 % it is silent, and we keep stage 3.
    """
    if primary > secondary:
        return 0.0, 1
    if primary < 0.10 and tertiary > secondary:
        return 100.0, 5
    stage, top, bottom = 2, PRE_AGRICULTURE, 0.20
    if primary < 0.20:
        stage, top, bottom = (4, 0.10, 0.0) if primary < 0.10 else (3, 0.20, 0.10)
    return 33 * (stage - 2) + 33 * max(0.0, (top - primary) / (top - bottom)), stage


def stage_of(index: float) -> tuple[int, int | None]:
    """Stage 1–5 of an index and, in stages 2–4, its half: 0 · (0, 33) · [33, 66) · [66, 100) · 100.

    A half is 16.5 points, since a stage spans 33: the late stage divides at 82.5.
    """
    if index <= 0:
        return 1, None
    if index >= 100 - 1e-9:
        return 5, None
    stage = 4 if index >= 66 else 3 if index >= 33 else 2
    return stage, 1 if index < 33 * (stage - 2) + 16.5 else 2


def stage_name(stage: int) -> Text:
    """The name of a stage."""
    row = facts.read("industrialisation_stages").data.row(stage - 1, named=True)
    return Text(zh=row["name_zh"], en=row["name_en"])


Value = tuple[float | tuple[float, float, float], tuple[str, ...]]
"""An indicator's value (the three shares for the structure) and the tables it came from."""


@cache
def _indicators(place: str, year: int) -> dict[str, Value]:
    """The indicators that have data."""
    found = _national(year) if place == places.NATION else _provincial(place, year)
    return {name: value for name, value in found.items() if value is not None}


def _enough(values: dict[str, Value]) -> bool:
    return "gdp_per_capita" in values and len(values) >= MIN_INDICATORS


@cache
def _years() -> range:
    known = facts.read("macro_conversion").series("cny_per_usd", "CN")
    return range(min(known), max(known) + 1)


@cache
def _get(table: str, variable: str, place: str, year: int) -> float | None:
    """One number of a facts table, or None; a place the table does not have is missing too."""
    chosen = facts.read(table, variable=variable, year=year).data
    row = chosen.filter(chosen["place"] == place)
    return float(row["value"][0]) if row.height and row["value"][0] is not None else None


def _shares(table: str, place: str, year: int) -> Value | None:
    found = [_get(table, f"{s}_share", place, year) for s in ("primary", "secondary", "tertiary")]
    primary, secondary, tertiary = found
    if primary is None or secondary is None or tertiary is None:
        return None
    return (primary, secondary, tertiary), (table,)


def _provincial(place: str, year: int) -> dict[str, Value | None]:
    table = "province_economy"
    gdp = _get(table, "gdp_revised", place, year) or _get(table, "gdp", place, year)
    people = _get(table, "population", place, year)
    urban = _get(table, "urbanisation_rate", place, year)
    return {
        "gdp_per_capita": _income(gdp * 1e8 / people, table, year=year) if gdp and people else None,
        "three_industry_structure": _shares(table, place, year),
        "urbanisation": (urban, (table,)) if urban is not None else None,
    }


def _national(year: int) -> dict[str, Value | None]:
    """The nation from country tables; its population is that table's, or else the sum of the provinces."""
    table = "country_structure"
    gdp, rate = _get("country_gdp", "gdp", "CN", year), _get("macro_conversion", "cny_per_usd", "CN", year)
    people, counted = _get(table, "population", "CN", year), table
    if people is None:
        each = facts.read("province_economy", variable="population", year=year).data["value"]
        people, counted = float(each.sum()), "province_economy"
    urban, farming = (_get(table, v, "CN", year) for v in ("urbanisation_rate", "primary_employment_share"))
    cny = gdp * rate / people if gdp and rate and people else None
    return {
        "gdp_per_capita": _income(cny, "country_gdp", counted, year=year) if cny else None,
        "three_industry_structure": _shares(table, "CN", year),
        "urbanisation": (urban, (table,)) if urban is not None else None,
        "primary_employment_share": (farming, (table,)) if farming is not None else None,
    }


def _income(cny: float, *tables: str, year: int) -> Value | None:
    """CNY per head to USD of the same year: the mean of exchange rate and purchasing power parity."""
    rate, parity = (_get("macro_conversion", v, "CN", year) for v in ("cny_per_usd", "ppp_cny_per_usd"))
    if rate is None or parity is None:
        return None
    return 0.5 * (cny / rate + cny / parity), (*tables, "macro_conversion")


def income_starts(year: int) -> tuple[float, ...]:
    """Where stages 2–5 begin in GDP per capita, USD of `year`: the latest published row × US GDP deflator.

    Raises InvalidInputError for a year without a deflator.
    """
    table = facts.read("industrialisation_thresholds").data
    rows = table.filter(table["indicator"] == "gdp_per_capita").to_dicts()
    row = max(rows, key=lambda r: int(r["base_year"]))
    prices = facts.read("macro_conversion").series("us_gdp_deflator", "USA")
    if year not in prices:
        raise InvalidInputError(f"no US GDP deflator for {year}.", where=Parameter("year"),
                                fix=f"give a year from {min(prices)} to {max(prices)}.")
    factor = prices[year] / prices[int(row["base_year"])]
    return tuple(factor * float(row[key]) for key in ("early", "middle", "late", "post"))


def _starts(indicator: str) -> tuple[float, ...]:
    table = facts.read("industrialisation_thresholds").data
    row = table.filter(table["indicator"] == indicator).row(0, named=True)
    return tuple(float(row[key]) for key in ("early", "middle", "late", "post"))


def _component(indicator: str, found: Value, year: int) -> Component:
    value, tables = found
    if isinstance(value, tuple):
        points, stage = structure_score(*value)
        value, unit = value[0], "1"
    elif indicator == "gdp_per_capita":
        points, stage = score(value, income_starts(year))
        unit = f"USD {year}"
    else:
        points, stage = score(value, _starts(indicator))
        unit = "1"
    publishers = [facts.source(t).publisher for t in tables]
    source = Text(zh="; ".join(dict.fromkeys(p.zh for p in publishers)),
                  en="; ".join(dict.fromkeys(p.en for p in publishers)))
    return Component(indicator, _labels()[indicator], value, unit, points, stage, _weights()[indicator],
                     tables, source)


@cache
def _weights() -> dict[str, float]:
    rows = facts.read("industrialisation_weights").data.to_dicts()
    return {row["indicator"]: float(row["weight"]) for row in rows}


@cache
def _labels() -> dict[str, Text]:
    rows = facts.read("industrialisation_weights").data.to_dicts()
    return {row["indicator"]: Text(zh=row["name_zh"], en=row["name_en"]) for row in rows}


def _cautions(parts: tuple[Component, ...]) -> Iterator[str]:
    """How the index may mislead, where the rule of the structure and the other indicators are far apart."""
    stages = {p.indicator: p.stage for p in parts}
    structure = stages.get("three_industry_structure")
    others = [stage for name, stage in stages.items() if name != "three_industry_structure"]
    if structure == 5 and min(others) <= 3:
        yield "too_high"
    if structure in (1, 2) and stages["gdp_per_capita"] >= structure + 2:
        yield "too_low"
