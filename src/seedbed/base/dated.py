"""What holds from a day to a day, by which document: rates, rules and factors change, and the past stays as it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from seedbed.base.evidence import Rated
from seedbed.base.text import Model, Text

T = TypeVar("T")


def _first(raw: Any) -> Any:
    """A bare year begins on its first day."""
    return date(raw, 1, 1) if isinstance(raw, int) and 1949 <= raw <= 2100 else raw


def _last(raw: Any) -> Any:
    """A bare year ends on its last day."""
    return date(raw, 12, 31) if isinstance(raw, int) and 1949 <= raw <= 2100 else raw


class Dated(Model, Generic[T]):
    """A value from `start` to `end`, both days included (no `end`: still in force), with the document that says so.

    Days may be written as years: a year is meant whole.
    """

    start: Annotated[date, BeforeValidator(_first), Field(ge=date(1949, 1, 1), le=date(2100, 12, 31))]
    end: Annotated[date | None, BeforeValidator(_last), Field(ge=date(1949, 1, 1), le=date(2100, 12, 31))] = None
    value: T
    document: Text
    number: str | None = None
    note: Text | None = None
    source: Rated

    @model_validator(mode="after")
    def _ordered(self) -> Dated[T]:
        if self.end is not None and self.end < self.start:
            raise ValueError(f"interval {self.start}:{self.end} ends before it starts")
        return self

    def holds(self, day: date) -> bool:
        """Whether it is in force on `day`."""
        return self.start <= day and (self.end is None or day <= self.end)

    def covers(self, year: int) -> bool:
        """Whether it is in force on some day of `year`."""
        return self.start.year <= year and (self.end is None or year <= self.end.year)


def on(values: Iterable[Dated[T]], day: date) -> Dated[T] | None:
    """The one of `values` in force on `day`; None where none is."""
    return next((value for value in values if value.holds(day)), None)


def disjoint(values: Sequence[Dated[Any]]) -> bool:
    """Whether no two of `values` are in force on the same day."""
    rows = sorted(values, key=lambda value: value.start)
    return all(one.end is not None and one.end < other.start for one, other in pairwise(rows))
