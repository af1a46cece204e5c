"""Which module shows a result: each gives `document(result, lang)` and `written(result, lang)`, and some a `brief`."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Any

from seedbed.base.shown import Shown
from seedbed.base.text import Lang
from seedbed.show.document import Document, Figure, Section
from seedbed.show.write import Written

HOMES = {
    "Outcome": "outcome", "Plan": "report", "Explanation": "explain.page", "Trace": "explain.page",
    "Optimum": "optimum", "Turns": "optimum", "Ensemble": "ensemble", "Comparison": "compare", "StoredPlan": "compare",
    "MarketStage": "stage", "PlaceStage": "stage", "Facts": "facts", "Footprint": "lifecycle.page", "Learnt": "learn",
    "Backtest": "backtest", "Assessment": "operate.assess", "Compared": "operate.assess",
    "Evaluation": "operate.tender", "Declared": "operate.declare",
}
"""Type of a result to its module in `show`."""


def home(result: Shown) -> ModuleType:
    """The module that shows `result`."""
    return import_module(f"seedbed.show.{HOMES[type(result).__name__]}")


def document(result: Shown, lang: Lang, **asked: Any) -> Document:
    """Everything about a result, as a page."""
    return home(result).document(result, lang, **asked)


def brief(result: Shown, lang: Lang, **asked: Any) -> Document:
    """What a screen or a notebook holds of it."""
    module = home(result)
    return (module.brief if hasattr(module, "brief") else module.document)(result, lang, **asked)


def written(result: Shown, lang: Lang, **asked: Any) -> Written:
    """What it can be written as."""
    return home(result).written(result, lang, **asked)


def html(result: Shown, lang: Lang) -> str:
    """Key figures, a chart and a table for a notebook: what a screen holds, with the first chart of the page."""
    from seedbed.show.html import fragment

    shown = brief(result, lang)
    if not _figures(shown):
        charts = [Section("chart", "", [figure]) for figure in _figures(document(result, lang))[:1]]
        shown = replace(shown, sections=[*shown.sections, *charts])
    return fragment(shown)


def _figures(found: Document) -> list[Figure]:
    return [block for section in found.sections for block in section.blocks if isinstance(block, Figure)]
