"""The brief: what is to be decided, by whom and when, what it costs whom, what it brings, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

from seedbed.base.years import DECIDE
from seedbed.planning.actions import WORTH_DOING, Step
from seedbed.planning.scenarios import at, row
from seedbed.policy.instrument import departments
from seedbed.policy.instrument import get as instrument
from seedbed.show.document import Block, Column, Heading, Paragraph, Section, TableBlock
from seedbed.show.report.speaker import PlanSpeaker
from seedbed.show.speaker import HIGH, LOW, MEDIAN

ASKED = 8
"""Decisions on the first page, half for the money they move and half for what they add; the work list has all."""
MOSTLY = 0.5
"""A market whose green factories stand idle in more of the simulations than this is named on the first page."""
TRACE = ("rule",)


def brief_section(c: PlanSpeaker) -> Section:
    """One page: decisions, payers, results, and what stays open."""
    asked = _foremost(c.plan.steps)
    blocks: list[Block] = [Paragraph(c.t("plan.brief.intro", place=c.here, count=len(c.plan.steps)), TRACE)]
    if asked:
        blocks.append(_decisions(c, asked))
    blocks += [_payers(c), Paragraph(_brings(c), ("ensemble",)), Paragraph(_open(c), TRACE)]
    return Section("brief", c.t("plan.section.brief"), blocks)


def _foremost(steps: Sequence[Step]) -> list[Step]:
    """The steps for the first page, in the order in which they stand."""
    by_effect = sorted(steps, key=lambda step: -step.effect)
    chosen = [*steps[: ASKED // 2], *(s for s in by_effect if s not in steps[: ASKED // 2])][:ASKED]
    return [step for step in steps if step in chosen]


def _decisions(c: PlanSpeaker, asked: Sequence[Step]) -> TableBlock:
    columns = [*_named(c), Column(c.t("plan.brief.money", year=DECIDE), "right", 1.1),
               Column(c.t("plan.brief.sure"), weight=1.1)]
    return TableBlock(columns, [_row(c, step) for step in asked], c.t("plan.brief.decisions", year=DECIDE),
                      c.t("plan.brief.decisions_note"), TRACE)


def _named(c: PlanSpeaker) -> list[Column]:
    """The columns that say what changes, who leads and how far it goes."""
    strength = c.t("plan.brief.strength", before=DECIDE - 1, first=DECIDE, later=c.plan.first_phase)
    return [Column(c.t("plan.brief.what"), weight=2.2), Column(c.t("plan.brief.lead"), weight=1.8),
            Column(strength, weight=2)]


def _row(c: PlanSpeaker, step: Step) -> list[str]:
    one = instrument(step.instrument)
    promised = one.lever == "output_premium" and one.term_years > 1  # what was promised is paid to its end
    name = c.instrument(one.id) + (c.t("plan.brief.new_only") if promised else "")
    return [c.t(f"plan.brief.{_verb(step)}", name=name), lead(c, step.instrument),
            c.strengths(step.instrument, [step.before, step.first, step.later]), c.signed(step.money, "CNY"),
            c.t(f"plan.brief.{_sure(step)}")]


def _verb(step: Step) -> str:
    """What the change is called; one that goes on with less where current policy ends is no cut."""
    change = step.later - step.before if abs(step.later - step.before) >= WORTH_DOING else step.first - step.before
    if step.before == 0:
        return "begin"
    return "raise" if change > 0 else "keep" if step.later > step.current else "lower"


def _sure(step: Step) -> str:
    """Whether the direction holds, and whether an instrument that goes up with its kind pays on its own."""
    if step.later > step.before and step.effect < 0:
        return "alone"
    return "firm" if step.firm else "unsettled"


def lead(c: PlanSpeaker, name: str) -> str:
    """The departments of an instrument, the first of which leads."""
    names = [departments()[d][c.lang] for d in instrument(name).departments]
    return names[0] if len(names) == 1 else c.t("plan.brief.with", lead=names[0], others=c.join(names[1:])) if names \
        else "—"


def _payers(c: PlanSpeaker) -> TableBlock:
    paid = c.plan.by_payer().sel(year=slice(DECIDE, None)).mean("year")
    rows = []
    for payer in paid.payer.values.tolist():
        now, then = (float(paid.sel(scenario=s, payer=payer)) for s in ("as_is", "improved_rule"))
        rows.append([c.t(f"payer.{payer}"), c.n(now, "CNY"), c.n(then, "CNY"), c.signed(then - now, "CNY")])
    columns = [Column(c.t("plan.test.payer"), weight=1.4), Column(c.t("scenario.as_is"), "right"),
               Column(c.t("scenario.improved_rule"), "right"), Column(c.t("plan.brief.difference"), "right")]
    return TableBlock(columns, rows, c.t("plan.brief.payers", start=DECIDE, end=c.plan.until),
                      c.t("plan.brief.payers_note"), TRACE)


def _brings(c: PlanSpeaker) -> str:
    plan = c.plan
    avoided = plan.avoided(plan.sound)[row("improved_rule")]
    said = c.t("plan.brief.brings", start=DECIDE, end=plan.until, avoided=c.n(avoided[MEDIAN], "tCO2e"),
               low=c.n(avoided[LOW], "tCO2e"), high=c.n(avoided[HIGH], "tCO2e"),
               chance=c.n(plan.chance(plan.sound), "share"))
    shares = plan.official.shares
    moved = [c.t("plan.brief.indicator", name=c.t(f"plan.official.name.{name}"), year=c.milestones[-1],
                 now=c.n(float(values[row("as_is"), MEDIAN, 0]), "share"),
                 then=c.n(float(values[row("improved_rule"), MEDIAN, at(c.milestones[-1])]), "share"))
             for name, values in shares.items() if name in plan.official.own]
    return c.sentences(said, c.t("plan.brief.indicators", list=c.clauses(moved)) if moved else "")


def _open(c: PlanSpeaker) -> str:
    found = c.plan.improvement
    settled, every = int(found.holds().sum()), found.holds().size
    unsure = [c.instrument(s.instrument) for s in c.plan.steps if not s.firm]
    said = c.t("plan.brief.open", settled=settled, rest=every - settled)
    idle = [c.market(s.market) for s in c.plan.balances.supply if s.chance > MOSTLY]
    return c.sentences(said, c.t("plan.brief.unsure", list=c.join(unsure[:ASKED])) if unsure else "",
                       c.t("plan.brief.idle", markets=c.join(idle)) if idle else "")


def work_list(c: PlanSpeaker) -> list[Block]:
    """Everything that the place begins to change in the first year, with the document that it changes."""
    if not c.plan.steps:
        return []
    columns = [*_named(c), Column(c.t("plan.brief.public", year=DECIDE), "right"),
               Column(c.t("plan.brief.document"), weight=2),
               Column(c.t("plan.action.indicator"), weight=1.8)]
    rows = [[*_row(c, step)[:3], c.signed(step.public, "CNY"), _document(c, step),
             instrument(step.instrument).indicator[c.lang]] for step in c.plan.steps]
    return [Heading(c.t("plan.brief.work", year=DECIDE)),
            TableBlock(columns, rows, c.t("plan.brief.work_table", year=DECIDE), c.t("plan.brief.work_note"), TRACE)]


def _document(c: PlanSpeaker, step: Step) -> str:
    """What the change rests on: the last document in force, or that there is none."""
    history = instrument(step.instrument).history
    last = history[-1] if history else None
    if last is None or step.before == 0:
        return c.t("plan.brief.draft")
    number = f" {last.number}" if last.number else ""
    return c.t("plan.brief.revise", document=f"{last.document[c.lang]}{number}")
