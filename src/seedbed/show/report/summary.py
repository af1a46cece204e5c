"""The first page: what was found, in a few sentences and numbers."""

from __future__ import annotations

import numpy as np

from seedbed.base.years import DECIDE
from seedbed.planning.balances import IDLE
from seedbed.planning.scenarios import row
from seedbed.policy.instrument import Kind
from seedbed.policy.rule import Stage, report_rule
from seedbed.show.document import Block, Callout, KeyFigure, KeyFigures, Paragraph, Section
from seedbed.show.numbers import split
from seedbed.show.report.speaker import PlanSpeaker
from seedbed.show.speaker import HIGH, LOW, MEDIAN
from seedbed.show.stage import stage_name

CHANGES = 3  # entries of the rule named in the summary
WORRYING = 0.5  # part of the simulations from which overcapacity is named


def summary_section(c: PlanSpeaker) -> Section:
    """Where the place stands, what to cultivate, what it brings and costs."""
    plan = c.plan
    blocks: list[Block] = [Paragraph(_where(c), ("stage",)), *_own(c), Paragraph(_now(c), ("focus",)), _figures(c),
                           Paragraph(_result(c), ("ensemble",)), Paragraph(_how(c), ("rule",)),
                           Callout(c.t("plan.summary.bias"), "info")]
    blocks += [Callout(c.t("plan.summary.caution", market=c.market(s.market), low=c.n(s.lowest, "share"), year=s.year,
                           share=c.n(s.chance, "share"), limit=c.n(IDLE, "share")), "warning")
               for s in plan.balances.supply[:1] if s.chance >= WORRYING]
    return Section("summary", c.t("section.summary"), blocks)


def _where(c: PlanSpeaker) -> str:
    diagnosis, path = c.plan.place, c.plan.focus.row
    stage = stage_name(c, diagnosis.industrialisation.stage, diagnosis.industrialisation.half)
    if path is None or diagnosis.type is None:
        return c.t("plan.summary.where_nation", stage=stage)
    return c.t("plan.summary.where", place=c.here, stage=stage, type=diagnosis.type.label[c.lang],
               reason=path.reason[c.lang])


def _own(c: PlanSpeaker) -> list[Block]:
    """What sets the place apart from the nation, in one line."""
    found = c.plan.differences
    if not c.plan.place.place.planning_unit:
        return []
    if not found:
        return [Paragraph(c.t("plan.differs.none"))]
    absent = [d.market for d in found if d.what == "absent"]
    green = [c.t("plan.differs.one", market=c.market(d.market), here=c.n(d.here, "share"),
                 nation=c.n(d.nation, "share")) for d in found if d.what == "purchases"]
    other = [d.market for d in found if d.what in ("stock", "adequacy", "per_head")]
    said = [c.t("plan.differs.green", list=c.join(green))] if green else []
    said += [c.t("plan.differs.other", markets=c.markets(list(dict.fromkeys(other))))] if other else []
    said += [c.t("plan.differs.without", markets=c.markets(absent))] if absent else []
    return [Paragraph(c.sentences(*said), ("stage",))]


def _now(c: PlanSpeaker) -> str:
    focus = c.plan.focus
    return c.t("plan.summary.now", markets=c.markets(focus.tier("now")), next=c.markets(focus.tier("next")))


def _figures(c: PlanSpeaker) -> KeyFigures:
    plan, until, improved = c.plan, c.plan.until, row("improved_rule")

    def card(key: str, value: float | None, unit: str, note: str, trace: str) -> KeyFigure:
        written, label = split(value, unit, c.lang)
        return KeyFigure(c.t(f"plan.key.{key}", **({"year": until} if key == "market" else {})), written, label,
                         note, trace)

    span = c.t("plan.key.money_note", start=DECIDE, end=until)
    return KeyFigures([
        card("avoided", float(plan.avoided(plan.sound)[improved, MEDIAN]), "tCO2e", c.t("plan.key.avoided_note"),
             "ensemble"),
        card("money", float(plan.public_money()[improved, MEDIAN]), "CNY", span, "ensemble"),
        card("market", plan.balances.market_gain, "CNY", c.t("plan.key.market_note"), "ensemble"),
        card("share", plan.balances.money_of_gdp, "share", c.t("plan.key.share_note"), "n.gdp"),
    ])


def _result(c: PlanSpeaker) -> str:
    plan = c.plan
    avoided, money = plan.avoided(plan.sound), plan.public_money()
    better, ruled = row("improved_rule"), row("report_rule")
    key = "plan.summary.result" if avoided[better, MEDIAN] >= 0 else "plan.summary.result_more"
    text = c.t(key, start=DECIDE, end=plan.until, avoided=c.n(abs(avoided[better, MEDIAN]), "tCO2e"),
               low=c.n(avoided[better, LOW], "tCO2e"), high=c.n(avoided[better, HIGH], "tCO2e"),
               money=c.n(money[better, MEDIAN], "CNY"), report_avoided=c.n(avoided[ruled, MEDIAN], "tCO2e"),
               report_money=c.n(money[ruled, MEDIAN], "CNY"))
    return c.sentences(text, _weak(c))


def _weak(c: PlanSpeaker) -> str:
    """What markets with weak data would add: never part of the headline."""
    plan = c.plan
    if not plan.thin:
        return ""
    if not plan.sound:
        return c.t("plan.summary.only_thin")
    found = plan.avoided(plan.thin)[row("improved_rule")]
    return c.t("plan.summary.thin", markets=c.markets(plan.thin), more=c.n(found[MEDIAN], "tCO2e"),
               low=c.n(found[LOW], "tCO2e"), high=c.n(found[HIGH], "tCO2e"))


def _how(c: PlanSpeaker) -> str:
    old, new = np.array(report_rule().matrix()), np.array(c.plan.improvement.rule.matrix())
    order = np.argsort(-np.abs(new - old), axis=None)[:CHANGES]
    changes = []
    for k, s in zip(*np.unravel_index(order, old.shape), strict=True):
        changes.append(c.t("plan.summary.change", kind=c.t(f"kind.{list(Kind)[k].value}"),
                           stage=c.t(f"stage.{list(Stage)[s].value}"), old=c.n(float(old[k, s]), "share"),
                           new=c.n(float(new[k, s]), "share")))
    return c.t("plan.summary.how", changes=c.clauses(changes))
