"""Uncertainty as people write it: ±20%, gsd 1.2, 0.8–1.3; and written out in full, so that nothing is lost."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache

from seedbed.lifecycle.formats.spellings import any_of, spellings

Spread = dict[str, str | float | None]
"""The columns `distribution`, `loc`, `scale`, `low`, `high` of EXCHANGES."""

DISTRIBUTIONS = ("normal", "lognormal", "triangular", "uniform", "pert")
_NUMBERS = ("loc", "scale", "low", "high")
WIDEST = 20.0
"""The geometric standard deviation beyond which a number was written wrong: 95 % within a factor of 355."""
NONE: Spread = dict.fromkeys(("distribution", *_NUMBERS))
_Z95 = 1.959963984540054  # 97.5 % quantile of the standard normal

_NUMBER = r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_PERCENT = re.compile(rf"(?:±|\+/-|\+-){_NUMBER}%")
_FULL = re.compile(r"([a-z]+)\((.*)\)")


def parse(text: str, amount: float | None, size: float = 1.0) -> Spread:
    """The distribution that `text` gives around `amount`; numbers in the text are in a unit of `size` of the amount's.

    - `±20%`: normal, 95 % of it within 20 % of the amount (s.d. = 0.2 |amount| / 1.96);
    - `gsd 1.2`: lognormal, amount as its median, geometric standard deviation 1.2 (`gsd² 1.44` the same);
    - `0.8–1.3`: triangular from lowest to highest, amount as its mode;
    - `normal(loc=1; scale=0.1)` and the like: the columns themselves.

    Raises ValueError if it is none of these or does not fit the amount.
    """
    plain = unicodedata.normalize("NFKC", text.replace("\u00b2", "^2"))
    plain = re.sub(rf"(?i)({any_of(spellings().gsd)})\s*2(?=[\s=:])", r"\1^2", plain)  # gsd2 1.44
    if re.match(rf"(?i){any_of(spellings().gsd)}\d+\s+\S", plain):  # GSD95 1.44
        raise ValueError("not a geometric standard deviation that is known")
    plain = re.sub("[–—−]", "-", plain.replace(" ", ""))
    if match := _FULL.fullmatch(plain):
        return _full(match[1], match[2], size)
    if amount is None:
        raise ValueError("there is no amount for it to lie around")
    if match := _PERCENT.fullmatch(plain):
        share = float(match[1]) / 100
        if not 0 < share <= 1:
            raise ValueError("a percentage above 100 makes amounts of the wrong sign; use gsd")
        return {**NONE, "distribution": "normal", "loc": amount, "scale": share * abs(amount) / _Z95}
    if match := _gsd().fullmatch(plain):
        gsd = float(match[2]) ** (0.5 if match[1] else 1.0)
        if not 1 < gsd <= WIDEST or amount == 0:
            raise ValueError(f"a geometric standard deviation is above 1, and at most {WIDEST:g}")
        return {**NONE, "distribution": "lognormal", "loc": math.log(abs(amount)), "scale": math.log(gsd)}
    if match := _range().fullmatch(plain):
        low, high = float(match[1]) * size, float(match[2]) * size
        if not (low <= amount <= high and low < high):
            raise ValueError("the amount does not lie within")
        return {**NONE, "distribution": "triangular", "loc": amount, "low": low, "high": high}
    raise ValueError("not a form of uncertainty")


@cache
def _gsd() -> re.Pattern[str]:
    """`gsd 1.2` and `gsd^2 1.44` in any of their spellings, without spaces."""
    squared = rf"(\^2|\*\*2|{any_of(spellings().squared)})?"
    return re.compile(f"{any_of(spellings().gsd)}{squared}[=:]?{_NUMBER}", re.IGNORECASE)


@cache
def _range() -> re.Pattern[str]:
    """`0.8–1.3` in any of its spellings, without spaces and with one kind of dash."""
    return re.compile(f"{_NUMBER}{any_of(spellings().to)}{_NUMBER}", re.IGNORECASE)


def _full(distribution: str, numbers: str, size: float) -> Spread:
    spread: Spread = {**NONE, "distribution": distribution}
    for part in filter(None, numbers.split(";")):
        name, _, number = part.partition("=")
        if name not in _NUMBERS:
            raise ValueError(f"{name} is not a number of a distribution")
        value = float(number)
        if distribution != "lognormal" or name in ("low", "high"):
            value *= size
        elif name == "loc":
            value += math.log(size)
        spread[name] = value
    if distribution not in DISTRIBUTIONS:
        raise ValueError(f"{distribution} is not a distribution")
    return spread


def text(spread: Spread) -> str | None:
    """`spread` in full: `parse` gives it back to the last bit. None if there is no distribution."""
    if spread["distribution"] is None:
        return None
    numbers = "; ".join(f"{name}={spread[name]!r}" for name in _NUMBERS if spread[name] is not None)
    return f"{spread['distribution']}({numbers})"
