"""The path of a place: from industrialisation stage and industry type to what comes first (path.yaml)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from seedbed.base.datafile import load
from seedbed.base.errors import InvalidInputError
from seedbed.base.text import Model, Text
from seedbed.market.definition import Definition

FILE = Path(__file__).with_name("path.yaml")
Step = Literal["early", "middle", "late_first", "late_second", "post"]


class PathRow(Model):
    """One row of the table, with its reason and whether it is the report's or ours."""

    stages: tuple[Step, ...]
    type: str
    category: dict[str, float]
    markets: tuple[str, ...]
    origin: Literal["report", "ours"]
    reason: Text

    def fit(self, market: Definition) -> float:
        """How well a market fits the row, 0–1: half its class, half its place among the first choices."""
        listed = 0.0
        if market.id in self.markets:
            listed = 1 - 0.5 * self.markets.index(market.id) / len(self.markets)
        return 0.5 * self.category.get(market.category, 0.2) + 0.5 * listed


class PathTable(Model):
    """All rows."""

    rows: tuple[PathRow, ...] = Field(min_length=1)


@lru_cache(maxsize=1)
def table() -> PathTable:
    """The shipped table."""
    return load(FILE, PathTable)


def step(stage: int, half: int | None) -> Step:
    """The step of the path for an industrialisation stage (1–5) and half (1, 2 or none)."""
    if stage <= 2:
        return "early"
    if stage == 3:
        return "middle"
    if stage >= 5:
        return "post"
    return "late_second" if half == 2 else "late_first"


def row_for(stage: int, half: int | None, industry_type: str) -> PathRow:
    """The row of a place; raises when the table has a hole there."""
    where = step(stage, half)
    for row in table().rows:
        if where in row.stages and row.type == industry_type:
            return row
    raise InvalidInputError(f"has no row for {where} × {industry_type}.", where=FILE.name,
                            fix="add a row with its reason.")
