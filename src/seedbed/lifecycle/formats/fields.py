"""What the fields of exchange formats mean: names, numbers, years, distributions, compartments, units."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from seedbed.base import formulas, units
from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats.spellings import any_of, spellings

Spread = tuple[str | None, float | None, float | None, float | None, float | None]
"""Columns of a distribution: kind, loc, scale, low, high."""
SPREAD = ("distribution", "loc", "scale", "low", "high")
KNOWN: Spread = (None, None, None, None, None)
UNKNOWN_YEAR = 9999
"""The year that stands for one that is not known."""

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_CAS = re.compile(r"(?i)(?:CAS[^\d]*)?0*(\d{2,7}-\d\d-\d)")
_DASHES = r"[\u2010-\u2015\u2212\uff0d]"
_PEDIGREE = re.compile(r"\s*\(\s*([1-5])" + r"\s*[,;]\s*([1-5])" * 4 + r"\s*[,;)]")
_DATE = re.compile(r"\s*(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T[\d:.]+)?(Z|[+-]\d\d:?\d\d)?\s*")
_UNSAID = {"", "-", "nan", "n.a.", "na", "unknown", "unspecified"}


def said(text: str | None) -> str | None:
    """The text, or None for the ways in which files say nothing (`-`, `NaN`, `unknown` …)."""
    text = text.strip() if text else ""
    return None if text.lower() in _UNSAID else text


def names(text: str | None) -> dict[str, str]:
    """A name as the column of its language."""
    text = text.strip() if text else ""
    return {"name_zh" if _CHINESE.search(text) else "name_en": text} if text else {}


def cas_number(text: str | None) -> str | None:
    """A CAS number without leading zeros, whatever dashes and spaces it is written with; None if it is not one."""
    plain = re.sub(r"\s+", "", re.sub(_DASHES, "-", unicodedata.normalize("NFKC", text))) if text else ""
    found = _CAS.fullmatch(plain)
    return found[1] if found else None


def content_id(*parts: str) -> str:
    """An id that follows from what a thing is, for formats that give it none."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).hexdigest()


def number(text: str | None) -> float | None:
    """A finite number; None if the text is not one. Raises nothing."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def calendar_year(text: str | None) -> int | None:
    """Year of a date, None if none is said (the year 9999 stands for unknown). Raises ValueError if it is not a date.

    A date with an offset west of Greenwich is midnight UTC as openLCA writes it: the day before the one meant.
    """
    if not text or not text.strip():
        return None
    found = _DATE.fullmatch(text)
    if not found or int(found[1]) >= UNKNOWN_YEAR:
        raise ValueError(text)
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    west = "T" not in text and found[3] and (found[4] or "").startswith("-")
    return (date(year, month, day) + timedelta(days=1)).year if west else year


def spread(kind: str | None, loc: float | None = None, scale: float | None = None, low: float | None = None,
           high: float | None = None) -> Spread:
    """A distribution's columns, all null if it has no width. Raises ValueError if it is none."""
    match kind:
        case None:
            return KNOWN
        case "normal" | "lognormal":
            needed, bounds = (loc, scale), (0.0, scale)
        case "triangular" | "pert":
            needed, bounds = (low, loc, high), (low, loc, high)
        case "uniform":
            needed, bounds = (low, high), (low, high)
        case _:
            raise ValueError(kind)
    values = [value for value in needed if value is not None and math.isfinite(value)]
    if len(values) < len(needed) or sorted(bounds) != list(bounds):  # type: ignore[type-var]
        raise ValueError(kind)
    return KNOWN if bounds[0] == bounds[-1] else (kind, loc, scale, low, high)


def lognormal(median: float | None, gsd: float | None) -> Spread:
    """A lognormal distribution by its median (of either sign) and geometric standard deviation."""
    if not median or gsd is None or gsd < 1:
        raise ValueError("lognormal")
    return spread("lognormal", math.log(abs(median)), math.log(gsd))


def pedigree(text: str | None) -> str | None:
    """The five scores a text begins with, as `(2;3;1;2;4)`."""
    found = _PEDIGREE.match(text) if text else None
    return f"({';'.join(found.groups())})" if found else None


def formula(text: str | None) -> str | None:
    """A formula as its source writes it. Raises ValueError if it is none."""
    plain = text.strip().lstrip("=").strip() if text else ""
    if not plain:
        return None
    try:
        formulas.names(plain)
    except InvalidInputError as error:
        raise ValueError(text) from error
    return plain


_MEDIA = {
    "resource": "resource", "resources": "resource", "natural resource": "resource", "raw": "resource",
    "air": "air", "atmosphere": "air", "troposphere": "air/troposphere", "stratosphere": "air/stratosphere",
    "rural": "air/troposphere/rural", "urban": "air/troposphere/urban",
    "water": "water", "freshwater": "water/fresh water", "fresh water body": "water/fresh water body",
    "saline water body": "water/saline water body", "subterranean": "water/subterranean",
    "soil": "soil", "ground": "soil", "terrestrial": "soil/terrestrial", "human-dominated": "soil/human-dominated",
}
"""First word of a category path that tells the medium. Paths may begin inside one: openLCA cuts them for EcoSpold 1."""
_MEDIUM_WORDS = re.compile(r"\b(resources?|air|atmosphere|freshwater|water|soil|ground)\b")
_PARTS = {
    "low. pop.": "low population density", "high. pop.": "high population density",
    "low. pop., long-term": "low population density, long-term", "low population": "low population density",
    "unspecified": "", "unspecific": "",
}


def compartment(path: Iterable[str | None], *, from_nature: bool = False) -> str | None:
    """`air`, `water`, `soil` or `resource` with sub-compartments, from a category path; None if it names none.

    What is taken `from_nature` is a resource whatever its medium (`water/river` → `resource/water/river`).
    """
    parts = [part.strip(" -").replace("-,", ",").lower() for part in path if part]
    medium, at = _medium(parts)
    if medium is None:
        return "resource" if from_nature else None
    parts = parts[at + 1:]
    inside = [_PARTS.get(part, part).removeprefix("in ") for part in parts]
    if from_nature and not medium.startswith("resource"):
        medium = "resource/" + ("ground" + medium[4:] if medium.startswith("soil") else medium)
    return "/".join([medium, *filter(None, inside)])


def _medium(parts: Sequence[str]) -> tuple[str | None, int]:
    """The medium that a path names, and in which of its parts.

    What is given off says where to; else a part that is nothing but a medium, before one that has the word in it
    (cement works and water transport are no water). Of several words in a part the last is meant, resources aside.
    """
    plain = [unicodedata.normalize("NFKC", part) for part in parts]
    words = spellings()
    for at, part in enumerate(plain):
        groups = found.groups() if (found := re.search(any_of(words.given_off), part)) else ()
        if medium := next((medium for text in groups if text and (medium := _word(text))), None):
            return medium, at
    for at, part in enumerate(plain):
        named = (medium for medium, said in words.media.items() if re.fullmatch(any_of(said), part))
        if medium := _MEDIA.get(part) or next(named, None):
            return medium, at
    for at, part in enumerate(plain):
        if medium := _word(part):
            return medium, at
    return None, 0


def _word(part: str) -> str | None:
    """The medium whose word is in a part."""
    found = [_MEDIA[word] for word in _MEDIUM_WORDS.findall(part)]
    return ("resource" if "resource" in found else found[-1]) if found else medium_of(part)


def medium_of(text: str) -> str | None:
    """The medium that a word names in any of the languages of spellings.yaml; None if it names none."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return next((medium for medium, words in spellings().media.items() if re.search(any_of(words), plain)), None)


def symbol(unit: str | None) -> str | None:
    """The unit's symbol, or its own spelling where the table of units lacks it."""
    unit = unit.strip() if unit else ""
    return (units.canonical(unit) or unit) if unit else None


def dimension(unit: str | None) -> str:
    """Dimension of a unit; an unknown unit is a dimension of its own."""
    return "" if unit is None else units.dimension(unit) if units.canonical(unit) else unit


def unit_size(unit: str | None, to: str | None) -> float | None:
    """How many `to` one `unit` is; None if they do not convert."""
    if symbol(unit) == symbol(to):
        return 1.0
    if unit is None or to is None or dimension(unit) != dimension(to):
        return None
    return units.factor(unit, to)
