"""The test: four scenarios, bands, costs and effects."""

from __future__ import annotations

import numpy as np

from seedbed.base.years import DECIDE, START
from seedbed.market.forecasts import AHEAD
from seedbed.planning.scenarios import RAMP, SCENARIOS, SINCE, at
from seedbed.planning.targets import Met
from seedbed.show import charts
from seedbed.show.document import Block, Callout, Column, Figure, Paragraph, Section, TableBlock
from seedbed.show.numbers import MISSING
from seedbed.show.report.speaker import PlanSpeaker
from seedbed.show.speaker import MEDIAN


def test_section(c: PlanSpeaker) -> Section:
    """What was run, the comparison, public money, and two charts for each market to cultivate now."""
    basis = c.t("plan.test.basis", members=c.plan.members, ramp=RAMP, bands=_bands(c), followed=START + AHEAD)
    blocks: list[Block] = [Paragraph(basis, ("ensemble",)), _table(c), Callout(c.t("plan.test.overlap"), "info"),
                           *asked_targets(c), _payers(c), _parts(c), _targets(c), money_chart(c), _payers_by_year(c)]
    for market in c.plan.focus.tier("now"):
        blocks += [_share(c, market), _emissions(c, market)]
    return Section("test", c.t("section.test"), blocks)


def _bands(c: PlanSpeaker) -> str:
    """What the bands of a figure are, and what they contain."""
    parts = c.join([c.t(f"chart.uncertain.{kind}") for kind in c.plan.case.uncertain])
    return c.t("chart.bands", parts=parts)


def _table(c: PlanSpeaker) -> TableBlock:
    plan = c.plan
    avoided, money = plan.avoided(plan.sound), plan.public_money()
    spent = plan.public_money(plan.sound)
    last = {name: plan.bands(name)[:, :, -1] for name in ("green_market", "jobs")}
    columns = [Column("", weight=1.3), *(Column(c.t(f"scenario.{s}"), "right", 1.4) for s in SCENARIOS)]

    def row(label: str, values: np.ndarray, unit: str) -> list[str]:
        return [label, *(c.interval(v, unit) if np.ptp(v) > 0 else c.t("plan.test.base") for v in values)]

    middle = dict(zip(SCENARIOS, zip(avoided[:, MEDIAN], spent[:, MEDIAN], strict=True), strict=True))
    tonne = [_per_tonne(c, tonnes, spent - middle["as_is"][1], name == "as_is")
             for name, (tonnes, spent) in middle.items()]
    weak = [row(c.t("plan.test.avoided_weak"), plan.avoided(plan.thin), "tCO2e")] if plan.thin and plan.sound else []
    rows = [row(c.t("plan.test.avoided"), avoided, "tCO2e"), *weak, row(c.t("plan.test.money"), money, "CNY"),
            [c.t("plan.test.per_tonne"), *tonne],
            row(c.t("plan.test.investment"), plan.decided("private_investment"), "CNY"),
            row(c.t("plan.test.market", year=plan.until), last["green_market"], "CNY"),
            row(c.t("plan.test.jobs", year=plan.until), last["jobs"], "job")]
    caption = c.t("plan.test.table", start=DECIDE, end=plan.until)
    return TableBlock(columns, rows, caption, c.t("plan.test.note"), ("ensemble",))


def _payers(c: PlanSpeaker) -> TableBlock:
    """Who carries the money of each scenario over the decided years: budgets, banks, users of tariffs, firms."""
    money = c.plan.by_payer().sel(year=SINCE).sum("year")
    columns = [Column(c.t("plan.test.payer"), weight=1.3), *(Column(c.t(f"scenario.{s}"), "right") for s in SCENARIOS)]
    rows = [[c.t(f"payer.{p}"), *(c.n(float(money.sel(scenario=s, payer=p)), "CNY") for s in SCENARIOS)]
            for p in money.payer.values.tolist()]
    return TableBlock(columns, rows, c.t("plan.test.payers", start=DECIDE, end=c.plan.until),
                      c.t("plan.test.payers_note"), ("rule",))


def _payers_by_year(c: PlanSpeaker) -> TableBlock:
    """The same by year under the improved rule."""
    money = c.plan.by_payer().sel(scenario="improved_rule", year=SINCE)
    payers = money.payer.values.tolist()
    columns = [Column(c.t("plan.test.year")), *(Column(c.t(f"payer.{p}"), "right") for p in payers)]
    rows = [[str(y), *(c.n(float(money.sel(year=y, payer=p)), "CNY") for p in payers)] for y in money.year.values]
    return TableBlock(columns, rows, c.t("plan.test.payers_by_year"), traces=("rule",))


def _per_tonne(c: PlanSpeaker, avoided: float, extra: float, base: bool) -> str:
    if base or avoided <= 0:
        return "—"
    return c.t("plan.test.cheaper") if extra <= 0 else c.n(extra / avoided, "CNY/tCO2e")


def _parts(c: PlanSpeaker) -> TableBlock:
    """The result by market, largest part first: what the headline rests on."""
    until = c.plan.until
    columns = [Column(c.t("term.market"), weight=1.8), Column(c.t("plan.market.data"), weight=0.7),
               Column(c.t("plan.test.avoided_part"), "right"), Column(c.t("plan.test.spent"), "right"),
               Column(c.t("plan.test.gain", year=until), "right"),
               Column(c.t("plan.test.jobs_gain", year=until), "right")]
    rows = [[c.market(p.market), c.t(f"plan.market.{c.definition(p.market).data}"), c.n(p.avoided, "tCO2e"),
             c.n(p.spent, "CNY"), c.n(p.market_gain, "CNY"), c.n(p.jobs_gain, "job")]
            for p in sorted(c.plan.parts(), key=lambda p: -p.avoided)]
    return TableBlock(columns, rows, c.t("plan.test.parts"), c.t("plan.test.note"), ("ensemble",))


def _targets(c: PlanSpeaker) -> TableBlock:
    """Green share of every market now, in 2030 and at the end: as it is and under the improved rule."""
    plan = c.plan
    rows = []
    for r in plan.focus.ranked:
        bands = dict(zip(SCENARIOS, plan.bands("green_share", r.market), strict=True))
        now, better = bands["as_is"], bands["improved_rule"]
        row = [c.market(r.market), c.n(float(now[MEDIAN, at(START)]), "share")]
        for year in c.milestones:
            row += [c.n(float(now[MEDIAN, at(year)]), "share"),
                    MISSING if r.market in plan.thin else c.interval(better[:, at(year)], "share")]
        rows.append(row)
    columns = c.by_milestone(c.t("term.market"), 1.6)
    return TableBlock(columns, rows, c.t("plan.test.targets"), c.t("plan.test.targets_note"), traces=("ensemble",))


def asked_targets(c: PlanSpeaker) -> list[Block]:
    """The targets that were asked for: how probably each scenario meets them, and when its median does."""
    if not c.plan.targets:
        return []
    columns = [Column(c.t("plan.asked.target"), weight=1.6),
               *(Column(c.t(f"scenario.{s}"), "right", 1.2) for s in SCENARIOS)]

    def said(one: Met, scenario: str) -> str:
        when = one.when[scenario]
        return c.t("plan.asked.cell", chance=c.n(one.chance[scenario], "share"),
                   middle=c.n(one.middle[scenario], "share"), when=when or c.t("plan.asked.never"))

    rows = [[c.t("plan.asked.row", market=c.market(one.market), share=c.n(one.share, "share"), year=one.year),
             *(said(one, s) for s in SCENARIOS)] for one in c.plan.targets]
    return [TableBlock(columns, rows, c.t("plan.asked.caption"), c.t("plan.asked.note"), traces=("ensemble",))]


def _fan(c: PlanSpeaker, indicator: str, market: str | None, unit: str, caption: str, alt: str, traces: tuple[str, ...],
         scale: float = 1.0) -> Figure:
    option = charts.fan_chart(c.plan.years, c.fans(indicator, market, scale), unit=unit, lang=c.lang, divider=DECIDE)
    return Figure(option, caption, alt, _bands(c), traces=traces, height=320)


def _share(c: PlanSpeaker, market: str) -> Figure:
    name = c.market(market)
    return _fan(c, "green_share", market, "share", c.t("plan.test.share", market=name),
                c.t("plan.test.share_alt", market=name), ("ensemble", f"m.{market}"))


def _emissions(c: PlanSpeaker, market: str) -> Figure:
    name = c.market(market)
    return _fan(c, "life_cycle_emissions", market, "tCO2e", c.t("plan.test.emissions", market=name),
                c.t("plan.test.emissions_alt", market=name), ("ensemble", f"m.{market}"), 1e-3)


def money_chart(c: PlanSpeaker) -> Figure:
    """Public money by year and scenario."""
    return _fan(c, "public_money", None, "CNY", c.t("plan.test.money_chart"), c.t("plan.test.money_alt"), ("ensemble",))
