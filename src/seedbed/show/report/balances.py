"""The four balances of the report, each with its figure."""

from __future__ import annotations

from seedbed.base.years import DECIDE
from seedbed.planning.balances import BREAK, IDLE
from seedbed.planning.scenarios import row
from seedbed.show import charts
from seedbed.show.document import Block, Figure, Heading, Paragraph, Section
from seedbed.show.report.speaker import PlanSpeaker
from seedbed.show.speaker import MEDIAN


def balance_section(c: PlanSpeaker) -> Section:
    """Pace and strength, supply and demand, region and industry, growth and transition."""
    blocks: list[Block] = [Heading(c.t("plan.balance.pace")), _pace(c), Heading(c.t("plan.balance.supply")),
                           *_supply(c), Heading(c.t("plan.balance.region")), *_region(c),
                           Heading(c.t("plan.balance.growth")), _growth(c)]
    return Section("balances", c.t("plan.section.balances"), blocks)


def _pace(c: PlanSpeaker) -> Paragraph:
    b = c.plan.balances
    verdict = c.t("plan.balance.smooth" if b.smooth else "plan.balance.jumpy")
    return Paragraph(c.t("plan.balance.pace_text", jump=c.n(b.jump, "share"), limit=c.n(BREAK, "share"),
                         verdict=verdict, share=c.n(b.money_of_gdp, "share"), before=DECIDE - 1, year=DECIDE,
                         old=c.n(b.money_before, "CNY"), new=c.n(b.money_first, "CNY")), ("rule", "ensemble"))


def _supply(c: PlanSpeaker) -> list[Block]:
    rows = c.plan.balances.supply
    if not rows:
        return [Paragraph(c.t("plan.balance.supply_none"))]
    text = c.t("plan.balance.supply_text", limit=c.n(IDLE, "share"), market=c.market(rows[0].market),
               share=c.n(rows[0].chance, "share"))
    option = charts.bars([f"{c.market(s.market)} {s.year}" for s in rows],
                         [charts.Line("use", c.t("plan.market.use"), [s.lowest for s in rows])],
                         unit="share", lang=c.lang, horizontal=True)
    label = c.t("plan.balance.supply_chart")
    return [Paragraph(text, ("ensemble",)),
            Figure(option, label, label, traces=("ensemble",), height=110 + 34 * len(rows))]


def _region(c: PlanSpeaker) -> list[Block]:
    rows = sorted(c.plan.balances.region, key=lambda r: -r[1])
    if not rows:
        return [Paragraph(c.t("plan.balance.region_none"))]
    best, value = rows[0]
    option = charts.bars([c.market(m) for m, _ in rows],
                         [charts.Line("fit", c.t("plan.balance.region_chart"), [q for _, q in rows])],
                         unit="times", lang=c.lang, horizontal=True)
    label = c.t("plan.balance.region_chart")
    key = "plan.balance.region_text" if value > 1 else "plan.balance.region_below"
    return [Paragraph(c.t(key, market=c.market(best), value=c.n(value, "times")), ("focus",)),
            Figure(option, label, label, traces=("focus",), height=110 + 34 * len(rows))]


def _growth(c: PlanSpeaker) -> Paragraph:
    b = c.plan.balances
    jobs = c.t("plan.balance.jobs_more" if b.jobs_gain >= 0 else "plan.balance.jobs_fewer",
               jobs=c.n(abs(b.jobs_gain), "job"))
    avoided = float(c.plan.avoided(c.plan.sound)[row("improved_rule"), MEDIAN])
    return Paragraph(c.t("plan.balance.growth_text", year=c.plan.until, market=c.n(b.market_gain, "CNY"), jobs=jobs,
                         avoided=c.n(avoided, "tCO2e")), ("ensemble",))
