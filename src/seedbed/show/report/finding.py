"""The finding: whether the improved rule differs from the report's by more than is uncertain, entry by entry."""

from __future__ import annotations

import numpy as np

from seedbed.planning.improve import MATERIAL
from seedbed.policy.instrument import Kind
from seedbed.policy.rule import Stage, report_rule
from seedbed.show import charts
from seedbed.show.document import Block, Callout, Column, Figure, Heading, Paragraph, TableBlock
from seedbed.show.report.speaker import PlanSpeaker

TRACE = ("rule",)


def whole(share: float) -> str:
    """A share of a ceiling in whole percent: more digits would say more than is known."""
    return f"{100 * share:.0f}%"


def finding_blocks(c: PlanSpeaker) -> list[Block]:
    """What was asked, the answer, a chart of all sixteen entries and the table behind it."""
    found = c.plan.improvement
    draws = len(found.drawn)
    basis = c.t("optimise.finding.basis", draws=draws, views=len(found.views), material=f"{100 * MATERIAL:g}")
    return [Heading(c.t("optimise.finding.heading")), Paragraph(basis, TRACE), Paragraph(_answer(c), TRACE), _chart(c),
            _table(c), Callout(c.t("optimise.finding.reading"), "info")]


def _entries(c: PlanSpeaker) -> list[tuple[int, int]]:
    """Rows and columns of the rule, largest difference of the mean first."""
    gap = np.abs(c.plan.improvement.drawn.mean(0) - np.array(report_rule().matrix()))
    return [(int(k), int(s)) for k, s in zip(*np.unravel_index(np.argsort(-gap, axis=None), gap.shape), strict=True)]


def _entry(c: PlanSpeaker, k: int, s: int) -> dict[str, str]:
    return {"kind": c.t(f"kind.{list(Kind)[k].value}"), "stage": c.t(f"stage.{list(Stage)[s].value}")}


def _answer(c: PlanSpeaker) -> str:
    found = c.plan.improvement
    differs, holds, old = found.differs(), found.holds(), np.array(report_rule().matrix())
    counted = {"differs": int(differs.sum())}
    if not holds.any():
        return c.t("optimise.finding.result_none", **counted)
    mean = found.drawn.mean(0)
    items = [c.t("optimise.finding.item", **_entry(c, k, s), old=whole(old[k, s]), new=whole(mean[k, s]))
             for k, s in _entries(c) if holds[k, s]]
    listed = c.clauses(items)
    return c.t("optimise.finding.result", **counted, holds=int(holds.sum()), list=listed)


def _chart(c: PlanSpeaker) -> Figure:
    found, old = c.plan.improvement, np.array(report_rule().matrix())
    (low, high), new = found.band(), np.array(found.rule.matrix())
    rows = [charts.Range(c.t("optimise.finding.entry_name", **_entry(c, k, s)), float(low[k, s]), float(high[k, s]),
                         {"report_rule": float(old[k, s]), "improved_rule": float(new[k, s])})
            for s in range(len(Stage)) for k in range(len(Kind))]
    points = {name: c.t(f"scenario.{name}") for name in ("report_rule", "improved_rule")}
    draws = len(found.drawn)
    return Figure(charts.ranges(rows, points, unit="share", lang=c.lang), c.t("optimise.finding.chart", draws=draws),
                  c.t("optimise.finding.chart_alt"), traces=TRACE)


def _table(c: PlanSpeaker) -> TableBlock:
    found, old = c.plan.improvement, np.array(report_rule().matrix())
    (low, high), new = found.band(), np.array(found.rule.matrix())
    mean, spread = found.drawn.mean(0), found.drawn.std(0)
    columns = [Column(c.t("optimise.finding.entry"), weight=1.5), Column(c.t("scenario.report_rule"), "right"),
               Column(c.t("scenario.improved_rule"), "right"),
               Column(c.t("optimise.finding.mean", draws=len(found.drawn)), "right", 1.5),
               Column(c.t("optimise.finding.band"), "right", 1.3), Column(c.t("optimise.finding.verdict"), weight=2.2)]
    rows = [[c.t("optimise.finding.entry_name", **_entry(c, k, s)), whole(old[k, s]), whole(new[k, s]),
             f"{whole(mean[k, s])} ± {100 * spread[k, s]:.0f}", f"{100 * low[k, s]:.0f}–{whole(high[k, s])}",
             _verdict(c, k, s)] for k, s in _entries(c)]
    return TableBlock(columns, rows, c.t("optimise.finding.table"), traces=TRACE)


def _verdict(c: PlanSpeaker, k: int, s: int) -> str:
    found = c.plan.improvement
    if not found.differs()[k, s]:
        return c.t("optimise.finding.inside")
    against = [c.t(f"optimise.view.{name}") for name in found.against(k, s)]
    return c.t("optimise.finding.depends", views=c.join(against)) if against else c.t("optimise.finding.firm")
