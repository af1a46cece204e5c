"""Impacts, amounts and shares as readers of each language write them.

Climate impacts span nine orders of magnitude, so one unit (mg … Mt CO₂e) is chosen for everything that is
shown of a footprint, and its numbers have the same decimals: columns then compare at a glance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from seedbed.base.text import Lang
from seedbed.facts import places
from seedbed.lifecycle.places import WORLD
from seedbed.show.numbers import MISSING, digits
from seedbed.show.words import catalogue, t

CARBON = "kgCO2e"
_CARBON_STEPS = ((1e9, "Mt"), (1e6, "kt"), (1e3, "t"), (0.1, "kg"), (1e-4, "g"), (0.0, "mg"))
"""Impacts from so many kg on are written in this unit."""
_KILOGRAMS = {"Mt": 1e9, "kt": 1e6, "t": 1e3, "kg": 1.0, "g": 1e-3, "mg": 1e-6}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SMALLEST_SHARE = 0.001
FIGURES = 3


@dataclass(frozen=True, slots=True)
class Scale:
    """One unit for many impacts: `divisor` of the method's unit, `label` in a language, and decimals."""

    divisor: float
    label: str
    decimals: int

    def figure(self, value: float | None) -> str:
        """A value of the scale without its unit; what rounds to zero but is not says so."""
        if value is None or not math.isfinite(value):
            return MISSING
        if value == 0:
            return "0"
        smallest = 10.0**-self.decimals
        scaled = value / self.divisor
        if abs(scaled) < smallest / 2:
            return f"<{smallest:.{self.decimals}f}" if scaled > 0 else f">−{smallest:.{self.decimals}f}"
        return _minus(f"{scaled:,.{self.decimals}f}")

    def short(self, value: float | None) -> str:
        """`figure` with one decimal less: three figures for the largest, as running text wants it."""
        return replace(self, decimals=max(0, self.decimals - 1)).figure(value)

    def number(self, value: float | None) -> str:
        """`short` with the unit; the space between does not break."""
        written = self.short(value)
        return written if written == MISSING else f"{written}\u00a0{self.label}"


def scale(values: Iterable[float], unit: str, lang: Lang) -> Scale:
    """The scale that suits the largest of `values`, given in `unit`, with one more decimal than its three figures."""
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    if unit == CARBON:
        name = next(name for least, name in _CARBON_STEPS if largest >= least or not largest)
        name = name if largest else "kg"
        divisor, label = _KILOGRAMS[name], t(f"footprint.carbon.{name}", lang)
    else:
        power = 3 * math.floor(math.log10(largest) / 3) if largest else 0
        power = power if abs(power) > FIGURES else 0
        divisor = 10.0**power
        label = f"10{str(power).translate(_RAISED)}\u00a0{unit}" if power else unit
    whole = math.floor(math.log10(largest / divisor)) if largest else 0
    return Scale(divisor, label, min(max(0, FIGURES - whole), 6))


def amount(value: float | None, unit: str, lang: Lang) -> str:
    """An amount of a product or flow with its unit: `1.35 kg`, `2.1×10⁻⁶ kg`."""
    if value is None or not math.isfinite(value):
        return MISSING
    return f"{plain(value)}\u00a0{unit_name(unit, lang)}"


def plain(value: float) -> str:
    """Three figures (four above 100); very small and very large numbers as a power of ten."""
    if value and not 1e-3 <= abs(value) < 1e7:
        power = math.floor(math.log10(abs(value)))
        return f"{_minus(digits(value / 10.0**power))}×10{str(power).translate(_RAISED)}"
    return _minus(digits(value, 4) if abs(value) >= 100 else digits(value))


def per_unit(unit: str, product_unit: str, lang: Lang) -> str:
    """The unit of an impact per unit of product: `kg CO₂e/kWh`."""
    impact = t("footprint.carbon.kg", lang) if unit == CARBON else unit
    return f"{impact}/{unit_name(product_unit, lang)}"


def _minus(written: str) -> str:
    return written.replace("-", "−")


def share(value: float | None) -> str:
    """A share in percent with one decimal."""
    if value is None or not math.isfinite(value):
        return MISSING
    if value and abs(value) < SMALLEST_SHARE:
        return "<0.1%" if value > 0 else ">−0.1%"
    return "0" if value == 0 else _minus(f"{value:.1%}")


def unit_name(unit: str, lang: Lang) -> str:
    """A unit of amounts in words where the catalogue has it, else its symbol."""
    key = f"footprint.unit.{unit}"
    return t(key, lang) if key in catalogue() else unit


def place_name(code: str | None, lang: Lang) -> str:
    """The name of a place of China or of a few others; else the code."""
    if code is None or code in WORLD:
        return t("footprint.place.GLO", lang)
    own = {place.id: place.name for place in places.all_places()} | places.GRID_REGIONS | places.MACRO_REGIONS
    if code in own:
        return own[code][lang]
    key = f"footprint.place.{code}"
    return t(key, lang) if key in catalogue() else code
