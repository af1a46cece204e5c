"""Words by which readers tell what a text means, from spellings.yaml: one list for all formats and languages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from seedbed.base.datafile import load
from seedbed.base.text import Model


class Spellings(Model):
    """What spellings.yaml holds: regular expressions, any of which may match."""

    gsd: tuple[str, ...]
    squared: tuple[str, ...]
    to: tuple[str, ...]
    supply_mix: tuple[str, ...]
    by_value: tuple[str, ...]
    warming: tuple[str, ...]
    warming_total: tuple[str, ...]
    warming_part: tuple[str, ...]
    given_off: tuple[str, ...]
    media: dict[str, tuple[str, ...]]


@cache
def spellings() -> Spellings:
    """The words as shipped."""
    return load(Path(__file__).parent / "spellings.yaml", Spellings)


def any_of(patterns: tuple[str, ...]) -> str:
    """A pattern that matches where any of `patterns` does."""
    return f"(?:{'|'.join(patterns)})"
