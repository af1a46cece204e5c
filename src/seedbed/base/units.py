"""Units: symbols, dimensions and factors, with the spellings the formats use."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from seedbed.base.datafile import load_yaml
from seedbed.base.errors import UnknownNameError

FILE = Path(__file__).with_name("units.yaml")


@cache
def _catalogue() -> tuple[dict[str, tuple[str, float]], dict[str, str]]:
    """Symbol → (dimension, size in the dimension's base unit), and every spelling → symbol."""
    raw = load_yaml(FILE)
    assert isinstance(raw, dict)
    sizes: dict[str, tuple[str, float]] = {}
    spellings: dict[str, str] = {}
    for dimension, units in raw.items():
        for symbol, entry in units.items():
            sizes[symbol] = (dimension, float(entry["size"]))
            for spelling in (symbol, *entry.get("also", ())):
                spellings[spelling] = symbol
    return sizes, spellings


def canonical(unit: str) -> str | None:
    """The symbol for a spelling (`kilogram`, `KG`, `千克` → `kg`); None if unknown."""
    _, spellings = _catalogue()
    name = unit.strip()
    return spellings.get(name) or spellings.get(name.lower())


def dimension(unit: str) -> str:
    """Dimension of a unit (`mass`, `energy` …). Raises UnknownNameError with the nearest symbols."""
    return _entry(unit)[0]


def alike(unit: str) -> list[str]:
    """Symbols of the units of one dimension with `unit`. Raises UnknownNameError with the nearest symbols."""
    sizes, _ = _catalogue()
    wanted = dimension(unit)
    return [symbol for symbol, (dimension_of, _) in sizes.items() if dimension_of == wanted]


def factor(unit: str, to: str) -> float:
    """How many `to` one `unit` is; both of one dimension.

    Raises UnknownNameError for an unknown unit, ValueError for units of different dimension.
    """
    if unit == to:
        return 1.0
    (dimension_from, size), (dimension_to, base) = _entry(unit), _entry(to)
    if dimension_from != dimension_to:
        raise ValueError(f"{unit} is a unit of {dimension_from}, {to} of {dimension_to}")
    return size / base


def _entry(unit: str) -> tuple[str, float]:
    sizes, _ = _catalogue()
    symbol = canonical(unit)
    if symbol is None:
        raise UnknownNameError("unit", unit, sizes)
    return sizes[symbol]
