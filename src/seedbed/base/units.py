"""Units: symbols, dimensions and factors, with the spellings the formats use."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from seedbed.base.datafile import is_dict, load_yaml
from seedbed.base.errors import UnknownNameError

FILE = Path(__file__).with_name("units.yaml")


@cache
def _catalogue() -> tuple[dict[str, tuple[str, float]], dict[str, str]]:
    """Symbol → (dimension, size in the dimension's base unit), and every spelling → symbol."""
    raw = load_yaml(FILE)
    assert is_dict(raw)
    sizes: dict[str, tuple[str, float]] = {}
    spellings: dict[str, str] = {}
    for dimension, units in raw.items():
        for symbol, entry in units.items():
            sizes[symbol] = (dimension, float(entry["size"]))
            for spelling in (symbol, *entry.get("also", ())):
                spellings[spelling] = symbol
    return sizes, spellings


@cache
def canonical(unit: str) -> str | None:
    """The symbol for a spelling (`kilogram`, `KG`, `千克` → `kg`; `metric ton*km` → `t*km`); None if unknown."""
    _, spellings = _catalogue()
    name = unit.strip()
    plain = unicodedata.normalize("NFKC", name).replace("^", "")
    written = (name, plain) if plain in _PREFIXED else (name, plain, name.lower(), plain.lower())
    alone = next((found for text in written if (found := spellings.get(text))), None)
    if alone or not (found := _product(plain)):
        return alone
    return found[0]


_PREFIXED = frozenset({"Pg", "PG", "Mg", "MG", "ML", "Ml", "MM", "Mm", "Pm", "PM"})
"""Spellings whose capitals are prefixes (a megagram is no milligram): they are not read in small letters."""


PRODUCTS = {  # dimensions of the parts: dimension of the product, and its base unit in those of the parts
    ("length", "mass"): ("mass transport", 1e6), ("length", "volume"): ("volume transport", 1e3),
    ("length", "person"): ("person transport", 1e3), ("length", "vehicle"): ("vehicle transport", 1e3),
    ("area", "time"): ("area time", 8760), ("time", "volume"): ("volume time", 8760),
    ("length", "time"): ("length time", 8760), ("mass", "time"): ("mass time", 8760),
}
_CARRIED = {"p": "person", "person": "person", "persons": "person", "people": "person", "passenger": "person",
            "v": "vehicle", "vehicle": "vehicle", "vehicles": "vehicle"}
_TIMES = re.compile(r"\s*[*·×⋅]\s*")


def _product(text: str) -> tuple[str, str, float] | None:
    """Symbol, dimension and size of a product of two units that are known, such as `lb*mi`; None if it is none."""
    pairs = [_TIMES.split(text)] if _TIMES.search(text) else [
        [text[:sign.start()], text[sign.end():]] for sign in re.finditer(r"[ -]", text)]
    for pair in pairs:
        parts = [_part(part) for part in pair]
        if len(parts) != 2 or None in parts:
            continue
        (name, of, size), (other, of_other, times) = filter(None, parts)
        if found := PRODUCTS.get((min(of, of_other), max(of, of_other))):
            dimension, amount = found[0], size * times / found[1]
            same = (s for s, (d, n) in _catalogue()[0].items() if d == dimension and abs(n / amount - 1) < 1e-12)
            return next(same, f"{name}*{other}"), dimension, amount
    return None


def _part(text: str) -> tuple[str, str, float] | None:
    """Symbol, dimension and size of a part of a product."""
    sizes, spellings = _catalogue()
    name = text.strip()
    if carried := _CARRIED.get(name.lower()):
        return carried[0], carried, 1.0
    symbol = spellings.get(name) or spellings.get(name.lower())
    return (symbol, *sizes[symbol]) if symbol else None


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
    return sizes[symbol] if symbol in sizes else (_product(symbol) or ("", "", 1.0))[1:]
