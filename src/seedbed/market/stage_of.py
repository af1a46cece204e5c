"""The stage of a market or product that is known by name: its series, where its scope broke, and the reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed import facts
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.shown import Shown
from seedbed.base.text import Text
from seedbed.facts import places
from seedbed.market.definition import Definition, definitions
from seedbed.market.history import series
from seedbed.market.stage import STAGES, StageReading, classify

if TYPE_CHECKING:
    import polars

OUTPUT = "national_industry_output"
"""The table whose products can be named."""


@dataclass(frozen=True, repr=False)
class MarketStage(Shown):
    """The stage of a market or product of the nation; `unit` is that of its series."""

    title: Text
    unit: str
    reading: StageReading

    def about(self) -> dict[str, object]:
        r = self.reading
        return {"market": self.title.en, "stage": f"{r.now.value} ({r.probabilities[-1].max():.0%}) in {r.years[-1]}",
                "since": r.turns[-1][0], "share of potential": f"{r.share[-1]:.0%}",
                "years": f"{r.years[0]}–{r.years[-1]}", "unit": self.unit}

    def to_polars(self) -> polars.DataFrame:
        """One row a year: level, share of the potential, growth, and the probability of each stage."""
        import polars as pl

        r = self.reading
        stages = {s.value: r.probabilities[:, i] for i, s in enumerate(STAGES)}
        return pl.DataFrame({"year": r.years, "observed": r.observed, "level": r.level, "share": r.share,
                             "growth": r.growth, **stages})


def stage_of(name: str) -> MarketStage:
    """The stage of a market or a product by any of its names.

    Raises UnknownNameError, and InvalidInputError for a market without a series.
    """
    products = facts.source(OUTPUT).variables
    wanted = name.strip().lower()
    for definition in definitions().values():
        if wanted in (definition.id, definition.label.zh, definition.label.en.lower()):
            return stage_of_market(definition)
    for key, variable in products.items():
        if wanted in (key, variable.label.zh, variable.label.en.lower()):
            reading = classify(facts.read(OUTPUT).series(key), breaks=_breaks(OUTPUT, key))
            return MarketStage(variable.label, variable.unit, reading)
    raise UnknownNameError("market or product", name, [*definitions(), *products])


def stage_of_market(definition: Definition) -> MarketStage:
    """The stage of a market by the series it names. Raises InvalidInputError where it names none or a short one."""
    link = definition.stage_series
    if link is None:
        products = ", ".join(facts.source(OUTPUT).variables)
        raise InvalidInputError(f"market {definition.id} has no stage_series.", where=f"{definition.id}.yaml",
                                fix=f"add one, or name a product: {products}.")
    what = facts.source(link.table).variables[link.variable]
    title = Text(zh=f"{definition.label.zh} ({what.label.zh})", en=f"{definition.label.en} ({what.label.en})")
    values = {year: value / link.scale for year, value in series(link).items()}
    return MarketStage(title, what.unit, classify(values, breaks=_breaks(link.table, link.variable)))


def _breaks(table: str, variable: str) -> list[int]:
    """Years of the nation whose row carries the note `scope_break`."""
    data = facts.read(table, place=places.NATION, variable=variable).data
    rows = data.select("year", "note").iter_rows()
    return [int(year) for year, note in rows if "scope_break" in (note or "").split()]
