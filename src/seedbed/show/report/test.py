"""The test: four scenarios, bands, costs and effects."""

from __future__ import annotations

import numpy as np

from seedbed.base.years import DECIDE, MIDWAY, START
from seedbed.market.forecasts import AHEAD
from seedbed.planning.plan import QUANTILES
from seedbed.planning.scenarios import RAMP, SCENARIOS
from seedbed.show import charts
from seedbed.show.document import Block, Callout, Column, Figure, Paragraph, Section, TableBlock
from seedbed.show.report.context import MEDIAN, Context


def test_section(c: Context) -> Section:
    """What was run, the comparison, public money, and two charts for each market to cultivate now."""
    basis = c.t("plan.test.basis", members=c.plan.members, ramp=RAMP, bands=_bands(c), followed=START + AHEAD)
    blocks: list[Block] = [Paragraph(basis, ("ensemble",)), _table(c), Callout(c.t("plan.test.overlap"), "info"),
                           _parts(c), _targets(c), _money(c)]
    for market in c.plan.focus.tier("now"):
        blocks += [_share(c, market), _emissions(c, market)]
    return Section("test", c.t("section.test"), blocks)


def _bands(c: Context) -> str:
    """What the bands of a figure are, and what they contain."""
    parts = c.join([c.t(f"chart.uncertain.{kind}") for kind in c.plan.case.uncertain])
    return c.t("chart.bands", parts=parts)


def _table(c: Context) -> TableBlock:
    plan, first = c.plan, DECIDE - START
    avoided, money = plan.avoided(), plan.public_money()
    market = plan.bands("green_market")[:, :, -1]
    jobs = plan.bands("jobs")[:, :, -1]
    invested = plan.tested.private_investment[:, :, :, first:, 0].sum((2, 3))
    investment = np.quantile(invested, QUANTILES, axis=1).T
    now = SCENARIOS.index("as_is")
    columns = [Column("", weight=1.3), *(Column(c.t(f"scenario.{s}"), "right", 1.4) for s in SCENARIOS)]

    def row(label: str, values: np.ndarray, unit: str) -> list[str]:
        return [label, *(c.interval(v, unit) if np.ptp(v) > 0 else c.t("plan.test.base") for v in values)]

    tonne = [_per_tonne(c, avoided[s, MEDIAN], money[s, MEDIAN] - money[now, MEDIAN], s == now)
             for s in range(len(SCENARIOS))]
    rows = [row(c.t("plan.test.avoided"), avoided, "tCO2e"), row(c.t("plan.test.money"), money, "CNY"),
            [c.t("plan.test.per_tonne"), *tonne], row(c.t("plan.test.investment"), investment, "CNY"),
            row(c.t("plan.test.market", year=plan.until), market, "CNY"),
            row(c.t("plan.test.jobs", year=plan.until), jobs, "job")]
    caption = c.t("plan.test.table", start=DECIDE, end=plan.until)
    return TableBlock(columns, rows, caption, c.t("plan.test.note"), ("ensemble",))


def _per_tonne(c: Context, avoided: float, extra: float, base: bool) -> str:
    if base or avoided <= 0:
        return "—"
    return c.t("plan.test.cheaper") if extra <= 0 else c.n(extra / avoided, "CNY/tCO2e")


def _parts(c: Context) -> TableBlock:
    """The result by market, largest part first: what the headline rests on."""
    until = c.plan.until
    columns = [Column(c.t("term.market"), weight=1.8), Column(c.t("plan.market.data"), weight=0.7),
               Column(c.t("plan.test.avoided"), "right"), Column(c.t("plan.test.spent"), "right"),
               Column(c.t("plan.test.gain", year=until), "right"),
               Column(c.t("plan.test.jobs_gain", year=until), "right")]
    rows = [[c.market(p.market), c.t(f"plan.market.{c.definition(p.market).data}"), c.n(p.avoided, "tCO2e"),
             c.n(p.spent, "CNY"), c.n(p.market_gain, "CNY"), c.n(p.jobs_gain, "job")]
            for p in sorted(c.plan.parts(), key=lambda p: -p.avoided)]
    return TableBlock(columns, rows, c.t("plan.test.parts"), c.t("plan.test.note"), ("ensemble",))


def _targets(c: Context) -> TableBlock:
    """Green share of every market now, in 2030 and at the end: as it is and under the improved rule."""
    plan = c.plan
    years = list(dict.fromkeys(y for y in (MIDWAY, plan.until) if y <= plan.until))
    columns = [Column(c.t("term.market"), weight=1.6), Column(str(START), "right", 0.7)]
    for year in years:
        columns += [Column(f"{year} {c.t('scenario.as_is')}", "right"),
                    Column(f"{year} {c.t('scenario.improved_rule')}", "right", 1.5)]
    rows, now, better = [], SCENARIOS.index("as_is"), SCENARIOS.index("improved_rule")
    for r in plan.focus.ranked:
        bands = plan.bands("green_share", r.market)
        row = [c.market(r.market), c.n(float(bands[now, MEDIAN, 0]), "share")]
        for year in years:
            at = year - START
            row += [c.n(float(bands[now, MEDIAN, at]), "share"), c.interval(bands[better, :, at], "share")]
        rows.append(row)
    return TableBlock(columns, rows, c.t("plan.test.targets"), traces=("ensemble",))


def _fan(c: Context, indicator: str, market: str | None, unit: str, caption: str, alt: str, traces: tuple[str, ...],
         scale: float = 1.0) -> Figure:
    option = charts.fan_chart(c.plan.years, c.fans(indicator, market, scale), unit=unit, lang=c.lang, divider=DECIDE)
    return Figure(option, caption, alt, _bands(c), traces=traces, height=320)


def _share(c: Context, market: str) -> Figure:
    name = c.market(market)
    return _fan(c, "green_share", market, "share", c.t("plan.test.share", market=name),
                c.t("plan.test.share_alt", market=name), ("ensemble", f"m.{market}"))


def _emissions(c: Context, market: str) -> Figure:
    name = c.market(market)
    return _fan(c, "life_cycle_emissions", market, "tCO2e", c.t("plan.test.emissions", market=name),
                c.t("plan.test.emissions_alt", market=name), ("ensemble", f"m.{market}"), 1e-3)


def _money(c: Context) -> Figure:
    return _fan(c, "public_money", None, "CNY", c.t("plan.test.money_chart"), c.t("plan.test.money_alt"), ("ensemble",))
