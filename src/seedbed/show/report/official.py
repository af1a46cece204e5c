"""What governments count by: official indicators, and what is emitted in the place itself until when."""

from __future__ import annotations

from seedbed.base.years import DECIDE, START
from seedbed.planning.diagnose import total
from seedbed.planning.official import Official
from seedbed.planning.scenarios import SCENARIOS, at, row
from seedbed.show import charts
from seedbed.show.charts import Fan
from seedbed.show.document import Block, Figure, Paragraph, Section, TableBlock
from seedbed.show.report.speaker import PlanSpeaker
from seedbed.show.speaker import MEDIAN

SHOWN = ("as_is", "improved_rule")


def official_section(c: PlanSpeaker) -> Section:
    """The indicators at the plan's target years, the path of direct emissions with its peak, and its markets."""
    found = c.plan.official
    said = Paragraph(_peaks(c, found), ("ensemble",))
    blocks: list[Block] = [said, _table(c, found)]
    if float(found.direct.max()) > 0:  # of markets that give off something where they are
        blocks += [_path(c, found), _markets(c, found)]
    return Section("official", c.t("section.official"), blocks)


def _peaks(c: PlanSpeaker, found: Official) -> str:
    """When emissions peak, and what part of the place's emissions they are."""
    when = c.join([c.t("plan.official.peak", scenario=c.t(f"scenario.{s}"), when=_when(c, found.peak[s]))
                   for s in SHOWN])
    known = total("province_co2", "total", c.plan.place.place)
    said = c.t("plan.official.peaks", when=when)
    if not known:
        return said
    start, last = float(found.direct.sel(scenario="as_is", year=START).sum()), max(known)
    return said + c.t("plan.official.cover", now=c.n(start, "tCO2"), start=START,
                      then=c.n(known[last] * 1e6, "tCO2"), year=last)


def _when(c: PlanSpeaker, year: int | None) -> str:
    if year is None:
        return c.t("plan.official.rising")
    return c.t("plan.official.by" if year == START else "plan.official.within", year=year)


def _table(c: PlanSpeaker, found: Official) -> TableBlock:
    rows = []
    for name, values in found.shares.items():
        label = c.t(f"plan.official.name.{name}")
        if name not in found.own:
            label = c.t("plan.official.national", name=label)
        line = [label, c.n(float(values[row("as_is"), MEDIAN, at(START)]), "share")]
        for year in c.milestones:
            line += [c.n(float(values[row("as_is"), MEDIAN, at(year)]), "share"),
                     c.interval(values[row("improved_rule")][:, at(year)], "share")]
        rows.append(line)
    emitted = found.direct.sum("market")
    line = [c.t("plan.official.direct"), c.n(float(emitted.sel(scenario="as_is", year=START)), "tCO2")]
    for year in c.milestones:
        line += [c.n(float(emitted.sel(scenario=s, year=year)), "tCO2") for s in SHOWN]
    columns = c.by_milestone(c.t("plan.official.indicator"), 1.8)
    return TableBlock(columns, [*rows, line], c.t("plan.official.caption"), c.t("plan.official.note"), ("ensemble",))


def _path(c: PlanSpeaker, found: Official) -> Figure:
    emitted = found.direct.sum("market")
    fans = [Fan(s, c.t(f"scenario.{s}"), emitted.sel(scenario=s).values.tolist()) for s in SCENARIOS]
    option = charts.fan_chart(c.plan.years, fans, unit="tCO2", lang=c.lang, divider=DECIDE)
    return Figure(option, c.t("plan.official.path"), c.t("plan.official.path_alt"), c.t("plan.official.central"),
                  traces=("ensemble",), height=320)


def _markets(c: PlanSpeaker, found: Official) -> Figure:
    emitted = found.direct.sel(scenario="improved_rule")
    shown = [m for m in emitted.market.values.tolist() if float(emitted.sel(market=m).max()) > 0]
    parts = [charts.Line(m, c.market(m), emitted.sel(market=m).values.tolist())
             for m in sorted(shown, key=lambda m: -float(emitted.sel(market=m).sum()))]
    option = charts.stacked_area(c.plan.years, parts, unit="tCO2", lang=c.lang)
    return Figure(option, c.t("plan.official.markets"), c.t("plan.official.markets_alt"), c.t("plan.official.central"),
                  traces=("ensemble",), height=320)
