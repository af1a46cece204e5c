"""Focus: the ranking with every score."""

from __future__ import annotations

from seedbed import facts
from seedbed.base.text import Lang
from seedbed.planning.focus import criteria
from seedbed.show import charts
from seedbed.show.document import Block, Column, Figure, Paragraph, Section, TableBlock
from seedbed.show.report.speaker import PlanSpeaker


def focus_section(c: PlanSpeaker) -> Section:
    """Criteria, weighted scores as bars, the table with classes of figures 7 and 8."""
    weights = [f"{x.label[c.lang]} {c.n(x.weight, 'share')}" for x in criteria().criteria.values()]
    trust = {k: f"{v:g}" for k, v in criteria().confidence.items()}
    blocks: list[Block] = [Paragraph(c.t("plan.focus.basis", list=c.join(weights), **trust), ("focus",))]
    row = c.plan.focus.row
    if row is not None:
        origin = c.t("plan.focus.origin_report" if row.origin == "report" else "plan.focus.origin_ours")
        blocks.append(Paragraph(c.sentences(row.reason[c.lang], origin)))
    return Section("focus", c.t("section.focus"), [*blocks, _chart(c), _scores(c), _classes(c)])


def _chart(c: PlanSpeaker) -> Figure:
    ranked = c.plan.focus.ranked
    names = [c.market(r.market) for r in ranked]
    series = []
    for name, criterion in criteria().criteria.items():
        values = []
        for r in ranked:
            known = sum(criteria().criteria[k].weight for k, v in r.scores.items() if v is not None)
            score = r.scores[name]
            trust = criteria().confidence[c.definition(r.market).data]
            values.append(0.0 if score is None else trust * score * criterion.weight / known)
        series.append(charts.Line(name, criterion.label[c.lang], values))
    option = charts.bars(names, series, unit="index", lang=c.lang, stacked=True, horizontal=True, labels=False)
    return Figure(option, c.t("plan.focus.chart"), c.t("plan.focus.chart_alt"), c.t("plan.focus.no_data"),
                  traces=("focus",), height=110 + 30 * len(names))


def _scores(c: PlanSpeaker) -> TableBlock:
    names = list(criteria().criteria)
    columns = [Column(c.t("term.market"), weight=1.8), Column(c.t("column.tier"), weight=1.3),
               *(Column(criteria().criteria[k].label[c.lang], "right", 1.1) for k in names),
               Column(c.t("plan.focus.trust"), "right", 0.9), Column(c.t("plan.focus.total"), "right", 0.8)]
    trust = {r.market: criteria().confidence[c.definition(r.market).data] for r in c.plan.focus.ranked}
    rows = [[c.market(r.market), c.t(f"tier.{r.tier}"),
             *("—" if v is None else f"{v:.2f}" for v in (r.scores[k] for k in names)), f"{trust[r.market]:.2f}",
             f"{r.total:.2f}"]
            for r in c.plan.focus.ranked]
    return TableBlock(columns, rows, c.t("plan.focus.table"), c.t("plan.focus.no_data"), ("focus",))


def _classes(c: PlanSpeaker) -> TableBlock:
    """Where each market stands in the report's figures 7 and 8."""
    columns = [Column(c.t("term.market"), weight=1.2), Column(c.t("plan.focus.class"), weight=1.3),
               Column(c.t("plan.focus.form")), Column(c.t("plan.focus.task"), weight=2)]
    rows = []
    for r in c.plan.focus.ranked:
        definition = c.definition(r.market)
        rows.append([definition.label[c.lang], c.t(f"category.{definition.category}"),
                     c.t(f"form.{definition.form}"), key_task(definition.key_task, c.lang)])
    return TableBlock(columns, rows, c.t("plan.focus.classes"))


def key_task(task: int, lang: Lang) -> str:
    """The report's key task (a column of its figure 7) that a market serves."""
    table = facts.read("report_fig7_market_focus").data
    column = f"task_{lang}"
    return str(table.filter(table["task_no"] == task)[column][0])
