"""An explanation or a trace as a document: a page with everything, or what a screen holds."""

from __future__ import annotations

from importlib.metadata import version

from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.base.text import Lang
from seedbed.base.years import DECIDE
from seedbed.planning.explain import Explanation
from seedbed.planning.explain.game import OUTCOMES
from seedbed.planning.explain.trace import Trace
from seedbed.show.document import Block, Document, Paragraph, Section
from seedbed.show.explain import files, tables
from seedbed.show.explain import trace as traced
from seedbed.show.explain.why import Told, blocks, instruments, kinds
from seedbed.show.speaker import Speaker
from seedbed.show.write import Written


def document(found: Explanation | Trace, lang: Lang, *, outcome: str = "emissions") -> Document:
    """Causes, the outcome asked for, and shares of variance where there are any; or a trace."""
    if isinstance(found, Trace):
        return _trace(found, lang)
    told = Told(lang, found)
    sections = [Section("why", told.t("section"), blocks(told))]
    if outcome != "emissions":
        sections.append(Section("outcome", told.outcome(outcome), tables.detail(told, outcome)))
    if found.sensitivity is not None:
        parts = [make(told, found.sensitivity, outcome) for make in (tables.indices, tables.index_table)]
        sections.append(Section("sensitivity", told.t("sobol.section"), parts))
    meta = [_version(told), (told.t("plan.meta.members"), str(len(found.members)))]
    return Document(_title(told), told.t("subtitle", start=DECIDE, end=found.case.until), lang,
                    told.place(found.case.place), sections, meta)


def brief(found: Explanation | Trace, lang: Lang, *, outcome: str = "emissions") -> Document:
    """Kinds, the outcome by market, instruments, and shares of variance; or the sentence and tables of a trace."""
    if isinstance(found, Trace):
        told = traced.Traced(lang, found)
        parts: list[Block] = [Paragraph(traced.sentence(told)), traced.utilities(told), traced.costs(told),
                              traced.parameters(told, short=True)]
        return Document.of(told.title, lang, parts)
    told = Told(lang, found)
    parts = [kinds(told), tables.by_market(told, outcome),
             instruments(told) if outcome == "emissions" else tables.by_instrument(told, outcome)]
    if found.sensitivity is not None:
        parts.append(tables.index_table(told, found.sensitivity, outcome))
    return Document.of(_title(told), lang, parts, place=told.place(found.case.place))


def written(found: Explanation | Trace, lang: Lang, *, outcome: str = "emissions") -> Written:
    """The page; one long table; everything as data."""
    return Written(lambda: document(found, lang, outcome=outcome), lambda: files.rows(found),
                   lambda: files.data(found))


def check(outcome: str, markets: int | None) -> None:
    """Raise UnknownNameError or InvalidInputError for an outcome that cannot be told of so many markets."""
    if outcome not in OUTCOMES:
        raise UnknownNameError("outcome", outcome, OUTCOMES)
    if outcome == "green_share" and markets != 1:
        raise InvalidInputError("shares of several markets have no sum.", where=Parameter("outcome"),
                                fix="name one market with --market.")


def _title(told: Told) -> str:
    return told.t("title", place=told.place(told.found.case.place), scenario=told.scenario)


def _trace(found: Trace, lang: Lang) -> Document:
    told = traced.Traced(lang, found)
    return Document(told.title, told.t(f"scenario.{found.scenario}"), lang, told.place(found.compiled.places[0]),
                    [Section("trace", told.t("traced.name"), traced.blocks(told))], [_version(told)])


def _version(c: Speaker) -> tuple[str, str]:
    return c.t("plan.meta.version"), f"Seedbed {version('seedbed')}"
