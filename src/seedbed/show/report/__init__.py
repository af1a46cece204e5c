"""A plan as a document, one section a module."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from seedbed.base.text import Lang
from seedbed.base.years import DECIDE
from seedbed.market.ensemble import INDICATORS, QUANTILES
from seedbed.planning.plan import Plan
from seedbed.planning.scenarios import SCENARIOS
from seedbed.show.document import Document, Figure, KeyFigures, Paragraph, TableBlock
from seedbed.show.report.actions import action_section, export_section
from seedbed.show.report.balances import balance_section
from seedbed.show.report.brief import brief_section
from seedbed.show.report.diagnosis import diagnosis_section
from seedbed.show.report.evidence import evidence_section, limits_section
from seedbed.show.report.focus import focus_section
from seedbed.show.report.front import front_section
from seedbed.show.report.mix import mix_section
from seedbed.show.report.official import official_section
from seedbed.show.report.speaker import PlanSpeaker
from seedbed.show.report.summary import summary_section
from seedbed.show.report.test import asked_targets, money_chart, test_section
from seedbed.show.report.why import why_section
from seedbed.show.words import t
from seedbed.show.write import Row, Written

SECTIONS = (brief_section, summary_section, diagnosis_section, focus_section, mix_section, front_section, test_section,
            official_section, why_section, action_section, export_section, balance_section, limits_section,
            evidence_section)


def document(plan: Plan, lang: Lang) -> Document:
    """The plan's report in one language; render it with `html.to_html` or `pdf.to_pdf`."""
    c = PlanSpeaker(lang, plan)
    return Document(
        title=t("plan.title", lang, place=c.here),
        subtitle=t("plan.subtitle", lang, start=DECIDE, end=plan.until), lang=lang, place=c.here,
        sections=[make(c) for make in SECTIONS], meta=c.provenance(plan.provenance()))


def brief(plan: Plan, lang: Lang) -> Document:
    """The first page, with the path of public money."""
    c = PlanSpeaker(lang, plan)
    blocks = [*summary_section(c).blocks, *asked_targets(c), money_chart(c)]
    stripped = [replace(b, traces=()) if isinstance(b, Paragraph | Figure | TableBlock) else b for b in blocks]
    figures = [replace(b, figures=[replace(f, trace="") for f in b.figures]) if isinstance(b, KeyFigures) else b
               for b in stripped]
    return Document.of(c.t("plan.title", place=c.here), lang, figures, place=c.here)


def written(plan: Plan, lang: Lang) -> Written:
    """The report; medians and intervals as rows; plan.json; every member as netCDF."""
    return Written(lambda: document(plan, lang), lambda: rows(plan), plan.to_dict, plan.to_xarray)


def rows(plan: Plan) -> Iterator[Row]:
    """One row a scenario, market, indicator and year: quantiles over members."""
    for name, unit in INDICATORS.items():
        for market in plan.case.names:
            for scenario, values in zip(SCENARIOS, plan.bands(name, market), strict=True):
                for year, column in zip(plan.years, values.T, strict=True):
                    quantiles = {f"q{int(100 * q)}": float(v) for q, v in zip(QUANTILES, column, strict=True)}
                    yield {"scenario": scenario, "market": market, "indicator": name, "unit": unit, "year": year,
                           **quantiles}
