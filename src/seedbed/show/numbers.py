"""Numbers as readers of each language write them: 1.23 亿元, CNY 1.23bn, 45.6%, 12.3 GW.

Two levels: `number` writes one value; `axis_scale` picks one divisor for a whole chart or column.
Units are listed in `words/units.yaml`; a unit of a data file may also be given as a label in both languages.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import Literal

from pydantic import RootModel

from seedbed.base.datafile import load
from seedbed.base.errors import UnknownNameError
from seedbed.base.text import Lang, Model
from seedbed.show.words import UNITS_FILE, WORDS, Label

MISSING = "—"
_STEPS: dict[str, tuple[tuple[float, str], ...]] = {
    "wan": ((1e8, "亿"), (1e4, "万")),
    "short": ((1e9, "bn"), (1e6, "m"), (1e3, "k")),
    "si": ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")),
    "percent": (),
    "plain": (),
}


class Style(Model):
    """How one unit is written in one language: value × `factor`, shortened by `scale`, then `label`."""

    label: str
    factor: float = 1.0
    scale: Literal["percent", "wan", "short", "si", "plain"]
    before: bool = False


class Unit(Model):
    """A unit in both languages."""

    zh: Style
    en: Style


class Units(RootModel[dict[str, Unit]]):
    """The file of units."""


@cache
def units() -> dict[str, Unit]:
    """Every known unit by its symbol."""
    return load(WORDS / UNITS_FILE, Units).root


def style(unit: str | Label, lang: Lang) -> Style:
    """How `unit` is written; a label not in the list is shortened as a count. Raises `UnknownNameError`."""
    if not isinstance(unit, str):
        return Style(label=unit[lang], scale="wan" if lang == "zh" else "short")
    if unit not in units():
        raise UnknownNameError("unit", unit, units())
    return units()[unit].zh if lang == "zh" else units()[unit].en


def digits(value: float, significant: int = 3) -> str:
    """`value` to `significant` figures, whole part never cut, thousands separated, no trailing zeros."""
    if value == 0:
        return "0"
    places = max(0, significant - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(places, 6)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.removeprefix("-") if text in ("-0", "") else text


def number(value: float | None, unit: str | Label, lang: Lang) -> str:
    """One value with its unit, shortened; missing (`None` or NaN) is a dash.

    >>> number(1.234e9, "CNY", "zh"), number(1.234e9, "CNY", "en"), number(0.456, "share", "en")
    ('12.3 亿元', 'CNY 1.23bn', '45.6%')
    """
    return " ".join(part for part in split(value, unit, lang) if part)


def split(value: float | None, unit: str | Label, lang: Lang) -> tuple[str, str]:
    """`number` as (figure, unit) for places that set them in two sizes, e.g. `("12.3", "亿元")`.

    What belongs to the figure stays with it: `("45.6%", "")`, `("CNY 1.23bn", "")`, `("1.2m", "vehicles")`.
    """
    if value is None or not math.isfinite(value):
        return MISSING, ""
    how = style(unit, lang)
    step, word = _step([value], how)
    text = digits(value * how.factor / step)
    if how.scale == "percent":
        return f"{text}%", ""
    if how.before:
        return f"{how.label} {text}{word}", ""
    return (f"{text}{word}", how.label) if how.scale == "short" else (text, f"{word}{how.label}")


def axis_scale(values: Iterable[float | None], unit: str | Label, lang: Lang) -> tuple[float, str]:
    """One divisor for all `values` and the unit label of the scaled numbers, e.g. `(1e8, "亿元")`.

    The divisor suits the largest finite magnitude. Percent gives `(0.01, "%")`.
    """
    how = style(unit, lang)
    step, word = _step(values, how)
    if how.scale == "short" and word:
        label = f"{how.label} {word}" if how.before else f"{how.label} ({word})"
    else:
        label = f"{word}{how.label}"
    return step / how.factor, label


def _step(values: Iterable[float | None], how: Style) -> tuple[float, str]:
    """The step of the scale that suits the largest of `values`, and its word."""
    largest = max((abs(v) for v in values if v is not None and math.isfinite(v)), default=0.0) * how.factor
    return next(((s, w) for s, w in _STEPS[how.scale] if largest >= s * 0.9995), (1.0, ""))
