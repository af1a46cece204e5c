"""How operate's exact numbers, days and texts are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from seedbed.base.text import Lang, Message, Text
from seedbed.show.words import t

PLACES, LARGE = 6, 20  # decimals shown; digits from which a number is written with an exponent


def written(value: Any, lang: Lang, words: Mapping[str, Text] | None = None) -> str:
    """A value of a line as its readers write it; text values in their language."""
    if value is None:
        return "–"
    if isinstance(value, Text):
        return value[lang]
    if isinstance(value, Decimal | int):
        return amount(Decimal(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and words:
        return (", ").join(words[part][lang] if part in words else part for part in value.split(", "))
    return str(value)


def amount(value: Decimal, places: int = PLACES) -> str:
    """A number with groups of three, at most `places` decimals and none that say nothing."""
    if value.is_finite() and value.adjusted() >= LARGE:
        return f"{value:.6e}"
    shown = f"{round(value, places):,f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return shown.replace("-", "−") if shown != "-0" else "0"


def said(message: Text | Message, lang: Lang) -> str:
    """A warning in words."""
    if isinstance(message, Text):
        return message[lang]
    return t(message.key, lang, **{name: value[lang] if isinstance(value, Text) else value
                                   for name, value in message.fields.items()})
