"""The rule: kind × stage → intensity, the report's central table as data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from pydantic import Field

from seedbed.base.datafile import load, parse
from seedbed.base.text import Model, Text
from seedbed.policy.instrument import Kind

RULES = Path(__file__).parent / "rules"


class Stage(StrEnum):
    """Life-cycle stage of a market."""

    emergence = "emergence"
    growth = "growth"
    maturity = "maturity"
    decline = "decline"


class Row(Model):
    """Intensity (0–1 of the ceiling) of one kind in each stage."""

    emergence: float = Field(ge=0, le=1)
    growth: float = Field(ge=0, le=1)
    maturity: float = Field(ge=0, le=1)
    decline: float = Field(ge=0, le=1)

    def __getitem__(self, stage: Stage) -> float:
        return getattr(self, stage.value)


class Rule(Model):
    """A 4×4 matrix of intensities with its label and reference."""

    id: str
    label: Text | None = None
    reference: str
    mandatory: Row
    incentive: Row
    guidance: Row
    supporting: Row

    def matrix(self) -> list[list[float]]:
        """Rows in the order of Kind, columns in the order of Stage."""
        return [[getattr(self, k.value)[s] for s in Stage] for k in Kind]

    @classmethod
    def from_matrix(cls, id: str, reference: str, matrix: list[list[float]]) -> Rule:
        """The inverse of `matrix`; values outside 0–1 are an error."""
        rows = {k.value: {s.value: float(v) for s, v in zip(Stage, row, strict=True)}
                for k, row in zip(Kind, matrix, strict=True)}
        return parse({"id": id, "reference": reference, **rows}, Rule, where=id)


@lru_cache(maxsize=1)
def report_rule() -> Rule:
    """The report's rule (CAICT 2024, section 1.2), our reading of its words as numbers."""
    return load(RULES / "report.yaml", Rule)


def as_rule(raw: Mapping[str, object] | Rule) -> Rule:
    """A Rule from a plain dict, validated whole."""
    return raw if isinstance(raw, Rule) else parse(dict(raw), Rule, where="rule")
