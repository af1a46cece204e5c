"""The mix: both rules, why they differ, strength over time and by buyer."""

from __future__ import annotations

import numpy as np

from seedbed.base.years import DECIDE
from seedbed.planning.improve import CARBON_VALUE, PUBLIC_MONEY
from seedbed.policy.instrument import Channel, Kind
from seedbed.policy.rule import Rule, Stage, report_rule
from seedbed.show import charts
from seedbed.show.document import Block, Column, Figure, Heading, Paragraph, Section, TableBlock
from seedbed.show.report.finding import finding_blocks
from seedbed.show.report.speaker import PlanSpeaker


def mix_section(c: PlanSpeaker) -> Section:
    """Rules side by side, what is certain of their difference, the slopes behind it, the paths of the four kinds."""
    found = c.plan.improvement
    why = c.t("plan.mix.why", budget=c.n(found.budget, "CNY"), value=c.n(CARBON_VALUE, "CNY/tCO2e"),
              shadow=f"{PUBLIC_MONEY:g}")
    blocks: list[Block] = [
        Heading(c.t("plan.mix.rules")), _matrix(c, report_rule(), "report"), _matrix(c, found.rule, "improved"),
        Paragraph(why, ("rule",)), *finding_blocks(c), _slopes(c), _paths(c), _channels(c),
    ]
    return Section("mix", c.t("section.mix"), blocks)


def _kinds(c: PlanSpeaker) -> list[str]:
    return [c.t(f"kind.{k.value}") for k in Kind]


def _stages(c: PlanSpeaker) -> list[str]:
    return [c.t(f"stage.{s.value}") for s in Stage]


def _matrix(c: PlanSpeaker, rule: Rule, name: str) -> Figure:
    option = charts.heatmap(_kinds(c), _stages(c), rule.matrix(), unit="share", lang=c.lang, limits=(0, 1))
    caption = c.t(f"plan.mix.{name}_caption", **({"place": c.here} if name == "improved" else {}))
    return Figure(option, caption, c.t(f"plan.mix.{name}_alt"), traces=("rule",), width=620, height=250)


def _slopes(c: PlanSpeaker) -> TableBlock:
    columns = [Column(c.t("term.kind"), weight=1.3), *(Column(s, "right") for s in _stages(c))]
    rows = [[kind, *(c.n(float(v), "CNY") for v in row)]
            for kind, row in zip(_kinds(c), c.plan.improvement.slopes, strict=True)]
    return TableBlock(columns, rows, c.t("plan.mix.slopes"), traces=("rule",))


def _paths(c: PlanSpeaker) -> Figure:
    b = c.plan.balances
    series = [charts.Line(k.value, label, b.pace[:, i].tolist())
              for i, (k, label) in enumerate(zip(Kind, _kinds(c), strict=True))]
    option = charts.lines(list(b.years), series, unit="share", lang=c.lang)
    return Figure(option, c.t("plan.mix.paths"), c.t("plan.mix.paths_alt"), traces=("rule",), height=300)


def _channels(c: PlanSpeaker) -> TableBlock:
    """Mean strength in the first decided year by buyer and kind, over instruments that reach the buyer."""
    plan = c.plan
    first = plan.runs.intensity.sel(scenario="improved_rule", year=DECIDE)
    strength = {name: first.sel(market=name).values for name in plan.case.names}
    rows = []
    for channel in Channel:
        cells = []
        for kind in Kind:
            found = [strength[m.definition.id][j]
                     for m in plan.case.markets for j, i in enumerate(m.slots.instruments)
                     if i is not None and i.kind == kind and channel in i.channels and i.status != "ended"]
            cells.append(c.n(float(np.mean(found)), "share") if found else "—")
        rows.append([c.t(f"channel.{channel.value}"), *cells])
    columns = [Column(c.t("term.channel"), weight=1.3), *(Column(k, "right") for k in _kinds(c))]
    return TableBlock(columns, rows, c.t("plan.mix.by_channel", year=DECIDE), traces=("rule",))
