"""An explanation or a trace as a document, rendered with `html.to_html` or `pdf.to_pdf`."""

from __future__ import annotations

from importlib.metadata import version

from seedbed.base.text import Lang
from seedbed.base.years import DECIDE
from seedbed.facts import places
from seedbed.facts.places import Place
from seedbed.show.document import Document, Section
from seedbed.show.explain import tables
from seedbed.show.explain.trace import Traced
from seedbed.show.explain.trace import blocks as traced_blocks
from seedbed.show.report.why import Told, blocks
from seedbed.show.words import t


def page(told: Told, outcome: str) -> Document:
    """Causes, the outcome asked for, and shares of variance where there are any."""
    found = told.found
    sections = [Section("why", told.t("section"), blocks(told))]
    if outcome != "emissions":
        sections.append(Section("outcome", told.outcome(outcome), tables.detail(told, outcome)))
    if found.sensitivity is not None:
        parts = [make(told, found.sensitivity, outcome) for make in (tables.indices, tables.index_table)]
        sections.append(Section("sensitivity", told.t("sobol.section"), parts))
    place = _name(found.case.place, told.lang)
    meta = [_version(told.lang), (t("plan.meta.members", told.lang), str(len(found.members)))]
    return Document(title=told.t("title", place=place, scenario=told.scenario),
                    subtitle=told.t("subtitle", start=DECIDE, end=found.case.until), lang=told.lang, place=place,
                    sections=sections, meta=meta)


def traced_page(told: Traced) -> Document:
    """The trace alone."""
    place = _name(told.trace.compiled.places[0], told.lang)
    return Document(title=told.title, subtitle=t(f"scenario.{told.trace.scenario}", told.lang), lang=told.lang,
                    place=place, sections=[Section("trace", told.t("traced.name"), traced_blocks(told))],
                    meta=[_version(told.lang)])


def _name(place: Place, lang: Lang) -> str:
    return t("plan.nation", lang) if place.id == places.NATION else place.name[lang]


def _version(lang: Lang) -> tuple[str, str]:
    return t("plan.meta.version", lang), f"Seedbed {version('seedbed')}"
