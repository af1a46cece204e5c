"""What others publish, beside our footprints: `published.yaml`, and each product's verdict."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from seedbed.base.datafile import load
from seedbed.base.evidence import Source
from seedbed.base.text import Model
from seedbed.lifecycle.starter.footprints import Known, known

FILE = Path(__file__).parent / "published.yaml"


class Publication(Source):
    """Where a range comes from. `official`: a Chinese authority, standard or its database."""

    official: bool = False


class Range(Model):
    """`low` to `high` kgCO2e per unit of the product; ours may lie outside by the share `slack`."""

    low: float
    high: float
    source: str
    slack: float = Field(default=0.0, ge=0, le=0.3)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.high:
            raise ValueError("low ≤ high does not hold")
        return self

    def holds(self, value: float) -> bool:
        """Whether a footprint lies within the range and its slack."""
        return self.low - self.slack * abs(self.low) <= value <= self.high + self.slack * abs(self.high)


class Published(Model):
    """The file: publications by key, ranges by product."""

    sources: dict[str, Publication]
    ranges: dict[str, Range]

    @model_validator(mode="after")
    def _cited(self) -> Self:
        if missing := sorted({r.source for r in self.ranges.values()} - set(self.sources)):
            raise ValueError(f"source keys without an entry in sources: {', '.join(missing)}")
        return self


@dataclass(frozen=True, slots=True)
class Check:
    """One footprint of ours beside the range others publish."""

    ours: Known
    published: Range
    source: Publication

    @property
    def holds(self) -> bool:
        """Whether ours lies where others say it should."""
        return self.published.holds(self.ours.value)


def checks() -> list[Check]:
    """Every product that others publish. Raises InvalidInputError naming the place in the file."""
    found = load(FILE, Published)
    return [Check(known()[product], r, found.sources[r.source]) for product, r in found.ranges.items()]
