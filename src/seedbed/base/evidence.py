"""A number and where it comes from: the one shape of both on every floor.

`Source` is where numbers were published, `Quantity` a number with unit, range and source, `Stated` a number that can
say why: value → formula → facts. Marks of quality have one scale, 1 good … 4 poor (docs/data.md).
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from seedbed.base.datafile import is_dict, is_list
from seedbed.base.text import Model, Text

BEST, WORST = 1, 4
"""Ends of the one scale of quality."""


class Source(Model):
    """Where numbers were published. `second` names another publication that agrees; `unverified`: none is known."""

    publisher: Text | None = None
    title: Text | None = None
    reference: str = Field(min_length=2)
    url: str | None = None
    year: int | None = None
    licence: str | None = None
    quality: int | None = Field(default=None, ge=BEST, le=WORST)
    unverified: bool = False
    second: str | None = None


class Rated(Source):
    """A source that says who published and how good the number is, as facts, policies and markets must."""

    publisher: Text  # type: ignore[assignment]
    quality: int = Field(ge=BEST, le=WORST)  # type: ignore[assignment]


def ours(reference: str, quality: int) -> Rated:
    """The source of a number that Seedbed itself chose or made; `reference` is the page that says how."""
    return Rated(publisher=Text(zh="Seedbed", en="Seedbed"), reference=reference, quality=quality)


class Quantity(Model):
    """A number with unit, year and source; `low` and `high` are a 90 % range where known."""

    value: float
    unit: str
    year: int | None = None
    low: float | None = None
    high: float | None = None
    source: Rated

    @model_validator(mode="after")
    def _ordered(self) -> Quantity:
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not low <= self.value <= high:
            raise ValueError(f"value {self.value} lies outside its range {self.low}–{self.high}")
        return self


class Amount(Quantity):
    """A quantity that cannot be negative."""

    value: float = Field(ge=0)


class Stated(Model):
    """A number that is shown: `unit` is one that readers see, `tables` the facts tables that went in."""

    id: str
    label: Text
    value: float
    unit: str
    formula: Text
    tables: tuple[str, ...] = ()
    year: int | None = None
    note: Text | None = None


def cited(raw: Any) -> Any:
    """`raw` (a file with `sources`) with the entry in place of every key that a `source:` names, for a schema.

    A key without an entry is a ValueError; what is no mapping with sources comes back as it is.
    """
    entries = raw.get("sources") if is_dict(raw) else None
    if not is_dict(entries):
        return raw
    missing: set[str] = set()

    def filled(node: Any) -> Any:
        if is_dict(node):
            return {key: entry(child) if key == "source" and isinstance(child, str) else filled(child)
                    for key, child in node.items()}
        return [filled(child) for child in node] if is_list(node) else node

    def entry(key: str) -> Any:
        if key not in entries:
            missing.add(key)
        return entries.get(key)

    found = {key: child if key == "sources" else filled(child) for key, child in raw.items()}
    if missing:
        raise ValueError(f"source keys without an entry in sources: {', '.join(sorted(missing))}")
    return found


def from_five(score: float | None) -> float | None:
    """A score of 1–5, as other databases give it, on the scale of 1–4."""
    return None if score is None else BEST + (score - 1) * (WORST - BEST) / 4


def to_five(mark: float) -> float:
    """The inverse of `from_five`."""
    return 1 + (mark - BEST) * 4 / (WORST - BEST)
