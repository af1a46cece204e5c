"""Why: the explanation of a plan, as a section of its report."""

from __future__ import annotations

from seedbed.show.document import Section
from seedbed.show.explain.why import TRACE, Told, blocks
from seedbed.show.report.speaker import PlanSpeaker


def why_section(c: PlanSpeaker) -> Section:
    """The section of the plan's report."""
    told = Told(c.lang, c.plan.why, TRACE)
    return Section("why", told.t("section"), blocks(told))
