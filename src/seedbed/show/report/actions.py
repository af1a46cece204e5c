"""Actions by market, and the response of exporters."""

from __future__ import annotations

from seedbed.base.years import DECIDE, START
from seedbed.planning.actions import Action, Review
from seedbed.planning.scenarios import SINCE
from seedbed.policy.instrument import get as instrument
from seedbed.show import charts
from seedbed.show.document import Block, Column, Figure, Heading, Paragraph, Section, TableBlock
from seedbed.show.report.brief import lead, work_list
from seedbed.show.report.speaker import PlanSpeaker


def action_section(c: PlanSpeaker) -> Section:
    """One timetable and one table a market; then what serves all markets; then the reserve."""
    blocks: list[Block] = [Paragraph(c.t("plan.action.intro"), ("rule",)), *work_list(c)]
    for market in [*c.plan.focus.tier("now"), *c.plan.focus.tier("next")]:
        rows = [a for a in c.plan.actions if a.market == market]
        if rows:
            blocks += [Heading(c.market(market)), _timeline(c, market, rows),
                       _table(c, rows, c.t("plan.action.table", market=c.market(market)))]
    shared = [a for a in c.plan.actions if a.market is None]
    blocks += [Heading(c.t("plan.action.shared")), _table(c, shared, c.t("plan.action.shared"), rest=True)]
    reserve = c.plan.focus.tier("reserve")
    if reserve:
        blocks.append(Paragraph(c.t("plan.action.reserve", markets=c.markets(reserve))))
    return Section("actions", c.t("section.actions"), blocks)


def _timeline(c: PlanSpeaker, market: str, rows: list[Action]) -> Figure:
    drawn = [charts.Action(c.instrument(a.instrument), a.kind,
                           [charts.Span(p.start, p.end, p.intensity) for p in a.phases]) for a in rows]
    option = charts.timeline(drawn, lang=c.lang, years=(DECIDE, c.plan.until))
    name = c.market(market)
    return Figure(option, c.t("plan.action.chart", market=name), c.t("plan.action.chart_alt", market=name),
                  traces=("rule",), height=90 + 30 * len(rows))


def _table(c: PlanSpeaker, rows: list[Action], caption: str, rest: bool = False) -> TableBlock:
    columns = [Column(c.t("term.instrument"), weight=2), Column(c.t("term.kind")),
               Column(c.t("plan.action.actor"), weight=1.1),
               Column(c.t("plan.action.strength", periods=_periods(rows)), weight=1.6),
               Column(c.t("plan.action.cost"), "right"), Column(c.t("plan.action.effect"), "right"),
               Column(c.t("plan.action.indicator"), weight=2.2)]
    cells = [[c.instrument(a.instrument), c.t(f"kind.{a.kind}"), _who(c, a),
              c.strengths(a.instrument, [a.before, *(p.intensity for p in a.phases)]), c.n(a.cost, "CNY"),
              c.n(a.effect, "CNY"), instrument(a.instrument).indicator[c.lang]]
             for a in rows]
    if rest:
        cells.append(_rest(c))
    review = rows[0].review if rows else None
    return TableBlock(columns, cells, caption, _review(c, review) if review else "", ("rule",))


def _review(c: PlanSpeaker, review: Review) -> str:
    """When and at what green share the actions are looked at again; a band too narrow to write has one end."""
    low, high = (c.n(x, "share") for x in (review.low, review.high))
    if low == high:
        return c.t("plan.action.review_low", year=review.year, low=low)
    return c.t("plan.action.review", year=review.year, low=low, high=high)


def _who(c: PlanSpeaker, action: Action) -> str:
    """The departments whose task it is, and who decides on it."""
    return c.t(f"plan.decides.{instrument(action.instrument).authority}", actor=lead(c, action.instrument))


def _rest(c: PlanSpeaker) -> list[str]:
    """What the instruments that are not listed cost: no money of the plan is out of sight."""
    money = c.plan.runs.public_money.sel(scenario="improved_rule", year=SINCE)
    listed = {a.instrument for a in c.plan.actions}
    every = {i.id for m in c.plan.case.markets for i in m.slots.instruments if i is not None}
    cost = float(money.sum()) - sum(a.cost for a in c.plan.actions)
    return [c.t("plan.action.rest", count=len(every - listed)), "—", "—", "—", c.n(cost, "CNY"), "—", "—"]


def _periods(rows: list[Action]) -> str:
    """The year before, and the intervals, that the strengths of a table stand for."""
    return " → ".join([str(DECIDE - 1), *(f"{p.start}–{p.end % 100:02d}" for p in rows[0].phases)]) if rows else "—"


def export_section(c: PlanSpeaker) -> Section:
    """Exports today and at the end, what meets a border carbon cost, and the instruments that help."""
    until = c.plan.until
    columns = [Column(c.t("term.market"), weight=1.2), Column(c.t("plan.export.today", year=START), "right"),
               Column(c.t("plan.export.as_is", year=until), "right"),
               Column(c.t("plan.export.improved", year=until), "right"), Column(c.t("plan.export.border")),
               Column(c.t("plan.export.doors"), weight=2.4)]
    rows = [[c.market(e.market), c.n(e.today, "CNY"), c.n(e.as_is, "CNY"), c.n(e.improved, "CNY"),
             c.t("plan.export.meets") if e.border_carbon else "—",
             c.join([c.instrument(i) for i in e.instruments])] for e in c.plan.exports]
    return Section("exports", c.t("plan.section.exports"), [
        Paragraph(c.t("plan.export.intro")),
        TableBlock(columns, rows, c.t("plan.export.table"), traces=tuple(f"m.{e.market}" for e in c.plan.exports))])
