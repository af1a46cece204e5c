"""A plan as a document: `report(plan, lang) -> Document`, one section a module."""

from __future__ import annotations

from seedbed.base.text import Lang
from seedbed.base.years import DECIDE
from seedbed.planning.plan import Plan
from seedbed.show.document import Document
from seedbed.show.report.actions import action_section, export_section
from seedbed.show.report.balances import balance_section
from seedbed.show.report.context import Context
from seedbed.show.report.diagnosis import diagnosis_section
from seedbed.show.report.evidence import evidence_section, limits_section
from seedbed.show.report.focus import focus_section
from seedbed.show.report.front import front_section
from seedbed.show.report.mix import mix_section
from seedbed.show.report.summary import summary_section
from seedbed.show.report.test import test_section
from seedbed.show.report.why import why_section
from seedbed.show.words import t

SECTIONS = (summary_section, diagnosis_section, focus_section, mix_section, front_section, test_section, why_section,
            action_section, export_section, balance_section, limits_section, evidence_section)


def report(plan: Plan, lang: Lang) -> Document:
    """The plan's report in one language; render it with `html.to_html` or `pdf.to_pdf`."""
    context = Context(plan, lang)
    made = plan.provenance()
    meta = [
        (t("plan.meta.version", lang), f"Seedbed {made['seedbed']}"),
        (t("plan.meta.members", lang), str(plan.members)), (t("plan.meta.seed", lang), str(plan.seed)),
        (t("plan.meta.fingerprint", lang), str(made["inputs_sha256"])[:12]),
    ]
    return Document(
        title=t("plan.title", lang, place=context.place),
        subtitle=t("plan.subtitle", lang, start=DECIDE, end=plan.until), lang=lang, place=context.place,
        sections=[make(context) for make in SECTIONS], meta=meta)
