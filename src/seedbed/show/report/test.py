"""The test: four scenarios, bands, costs and effects."""

from __future__ import annotations

import numpy as np

from seedbed.plan.plan import QUANTILES
from seedbed.plan.scenarios import DECIDE, SCENARIOS, START
from seedbed.show import charts
from seedbed.show.document import Block, Callout, Column, Figure, Paragraph, Section, TableBlock
from seedbed.show.report.context import MEDIAN, Context


def test_section(c: Context) -> Section:
    """What was run, the comparison, public money, and two charts for each market to cultivate now."""
    basis = c.t("plan.test.basis", members=c.plan.members, bands=c.t("chart.bands"))
    blocks: list[Block] = [Paragraph(basis, ("ensemble",)), _table(c), Callout(c.t("plan.test.overlap"), "info"),
                           _money(c)]
    for market in c.plan.focus.tier("now"):
        blocks += [_share(c, market), _emissions(c, market)]
    return Section("test", c.t("section.test"), blocks)


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
        return [label, *(c.interval(v, unit) for v in values)]

    tonne = [_per_tonne(c, avoided[s, MEDIAN], money[s, MEDIAN] - money[now, MEDIAN], s == now)
             for s in range(len(SCENARIOS))]
    rows = [row(c.t("plan.test.avoided"), avoided, "t_co2e"), row(c.t("plan.test.money"), money, "CNY"),
            [c.t("plan.test.per_tonne"), *tonne], row(c.t("plan.test.investment"), investment, "CNY"),
            row(c.t("plan.test.market", year=plan.until), market, "CNY"),
            row(c.t("plan.test.jobs", year=plan.until), jobs, "job")]
    return TableBlock(columns, rows, c.t("plan.test.table", start=DECIDE, end=plan.until), traces=("ensemble",))


def _per_tonne(c: Context, avoided: float, extra: float, base: bool) -> str:
    if base or avoided <= 0:
        return "—"
    return c.t("plan.test.cheaper") if extra <= 0 else c.n(extra / avoided, "CNY/t_co2e")


def _fan(c: Context, indicator: str, market: str | None, unit: str, caption: str, alt: str, traces: tuple[str, ...],
         scale: float = 1.0) -> Figure:
    option = charts.fan_chart(c.plan.years, c.fans(indicator, market, scale), unit=unit, lang=c.lang, divider=DECIDE)
    return Figure(option, caption, alt, c.t("chart.bands"), traces=traces, height=320)


def _share(c: Context, market: str) -> Figure:
    name = c.market(market)
    return _fan(c, "green_share", market, "share", c.t("plan.test.share", market=name),
                c.t("plan.test.share_alt", market=name), ("ensemble", f"m.{market}"))


def _emissions(c: Context, market: str) -> Figure:
    name = c.market(market)
    return _fan(c, "life_cycle_emissions", market, "t_co2e", c.t("plan.test.emissions", market=name),
                c.t("plan.test.emissions_alt", market=name), ("ensemble", f"m.{market}"), 1e-3)


def _money(c: Context) -> Figure:
    return _fan(c, "public_money", None, "CNY", c.t("plan.test.money_chart"), c.t("plan.test.money_alt"), ("ensemble",))
