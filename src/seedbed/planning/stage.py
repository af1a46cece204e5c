"""The stage of a place: how industrialised it is and, for a province, of which industry type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.shown import Shown
from seedbed.base.years import LATEST
from seedbed.facts import places
from seedbed.facts.places import Place
from seedbed.market.stage_of import MarketStage, stage_of
from seedbed.planning.industrialisation import IndustrialisationReading, industrialisation
from seedbed.planning.industry_type import IndustryType, industry_type

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True, repr=False)
class PlaceStage(Shown):
    """A place with its industrialisation stage and type; the nation has no type."""

    place: Place
    industrialisation: IndustrialisationReading
    type: IndustryType | None

    def about(self) -> dict[str, object]:
        r = self.industrialisation
        half = f", half {r.half}" if r.half else ""
        return {"place": self.place.name.en, "year": r.year, "stage": f"{r.stage_name.en}{half}",
                "index": f"{r.index:.1f} ({r.coverage:.0%} of the weight has numbers)",
                "type": self.type.label.en if self.type else None}

    def to_polars(self) -> polars.DataFrame:
        """One row an indicator of the index."""
        import polars as pl

        return pl.DataFrame([{"indicator": p.indicator, "value": p.value, "unit": p.unit, "score": p.score,
                              "stage": p.stage, "weight": p.weight} for p in self.industrialisation.components])


def stage(name: str, *, year: int = LATEST) -> MarketStage | PlaceStage:
    """The stage of a place, or else of a market or product, by any of its names; `year` is that of a place's data.

    Raises UnknownNameError and InvalidInputError.
    """
    if places.known(name):
        return stage_of_place(name, year=year)
    if year != LATEST:
        raise InvalidInputError("the stage of a market is read from its whole history.", where=Parameter("year"),
                                fix="leave it out, or name a place.")
    return stage_of(name)


def stage_of_place(name: str, *, year: int = LATEST) -> PlaceStage:
    """The stage of a place. Raises UnknownNameError, and InvalidInputError for a year without numbers."""
    place = places.resolve(name)
    kind = industry_type(place.id, year=year) if place.planning_unit else None
    return PlaceStage(place, industrialisation(place.id, year=year), kind)
