"""The best mix: what public money buys, and alternatives that are nearly as good."""

from __future__ import annotations

from seedbed.base.years import DECIDE
from seedbed.planning.optimise.descend import TOLERANCE
from seedbed.planning.optimise.mixes import SLACK, Alternative, MixPoint
from seedbed.planning.optimise.objective import DEFAULT, Totals, worth
from seedbed.planning.scenarios import RAMP
from seedbed.policy.instrument import Kind
from seedbed.show import charts
from seedbed.show.document import Block, Column, Figure, Heading, Paragraph, Section, TableBlock
from seedbed.show.numbers import axis_scale, digits
from seedbed.show.report.finding import whole
from seedbed.show.report.speaker import PlanSpeaker

TRACE = ("mixes",)
SHOWN = (("buyers_cost", "CNY"), ("green_market", "CNY"), ("jobs", "job_year"), ("idle", "CNY"))


def front_section(c: PlanSpeaker) -> Section:
    """The front as chart and table, then the alternatives: strengths, room for choice, and what differs."""
    found, kept = c.plan.mixes, c.n(1 - SLACK, "share")
    intro = _say(c, "front.intro", ramp=c.n(1 / RAMP, "share"), budget=c.n(c.plan.improvement.budget, "CNY"))
    room = [_say(c, "alternatives.room_item", kind=c.t(f"kind.{k}"), low=whole(low), high=whole(high))
            for k, (low, high) in found.ranges().items()]
    blocks: list[Block] = [
        Heading(_say(c, "front.heading")), Paragraph(intro, TRACE), _chart(c), Paragraph(_share(c), TRACE),
        _points(c), Heading(_say(c, "alternatives.heading")),
        Paragraph(_say(c, "alternatives.intro", share=kept), TRACE), _alternatives(c), _room(c, kept),
        Paragraph(_say(c, "alternatives.room", list=c.join(room)), TRACE), _differences(c)]
    return Section("front", _say(c, "section"), blocks)


def _say(c: PlanSpeaker, key: str, **fields: object) -> str:
    return c.t(f"optimise.{key}", **fields)


def _span(c: PlanSpeaker) -> dict[str, int]:
    return {"start": DECIDE, "end": c.plan.until}


def _against(c: PlanSpeaker, totals: Totals) -> Totals:
    """Totals less those of policy as it is."""
    return Totals(*(a - b for a, b in zip(totals, c.plan.mixes.base, strict=True)))


def _chart(c: PlanSpeaker) -> Figure:
    def spot(label: str, totals: Totals) -> charts.Spot:
        change = _against(c, totals)
        return charts.Spot(label, float(change.public_money), -float(change.emissions))

    named: dict[Totals, list[str]] = {}  # a mix that is best at several values is one point
    for p in c.plan.mixes.front:
        named.setdefault(p.mix.totals, []).append(f"{p.carbon_value:g}")
    best = [spot(c.join(values), totals) for totals, values in named.items()]
    others = [("report_rule", spot(c.t("scenario.report_rule"), c.plan.mixes.report.totals)),
              ("improved_rule", spot(c.t("scenario.improved_rule"), c.plan.improvement.totals))]
    option = charts.front(best, others, name=_say(c, "front.name"), units=("CNY", "tCO2e"), lang=c.lang,
                          axes=(_say(c, "front.money_axis"), _say(c, "front.avoided_axis")))
    return Figure(option, _say(c, "front.chart", **_span(c)), _say(c, "front.chart_alt"), traces=TRACE,
                  height=360)


def _share(c: PlanSpeaker) -> str:
    base = worth(DEFAULT, c.plan.mixes.base)
    rule = float(worth(DEFAULT, c.plan.improvement.totals) - base)
    return _say(c, "front.share", share=c.n(rule / c.plan.mixes.best.gain, "share"))


def _points(c: PlanSpeaker) -> TableBlock:
    named = [(f"{p.carbon_value:g}", p.mix.totals) for p in c.plan.mixes.front]
    named += [(c.t("scenario.report_rule"), c.plan.mixes.report.totals),
              (c.t("scenario.improved_rule"), c.plan.improvement.totals)]
    changes = [_against(c, totals) for _, totals in named]
    measured = [_measured(c, "avoided", [-float(x.emissions) for x in changes], "tCO2e"),
                _measured(c, "money", [float(x.public_money) for x in changes], "CNY"),
                *(_measured(c, name, [float(getattr(x, name)) for x in changes], unit) for name, unit in SHOWN)]
    columns = [Column(_say(c, "front.carbon"), weight=1.2), *(column for column, _ in measured)]
    rows = [[name, *cells] for (name, _), *cells in zip(named, *(cells for _, cells in measured), strict=True)]
    return TableBlock(columns, rows, _say(c, "front.table", **_span(c)), _say(c, "front.note"), TRACE)


def _measured(c: PlanSpeaker, name: str, values: list[float], unit: str) -> tuple[Column, list[str]]:
    """A column headed by its name and unit, and its cells."""
    scale, label = axis_scale(values, unit, c.lang)
    head = f"{_say(c, f'front.{name}')}{'，' if c.lang == 'zh' else ', '}{label}"
    return Column(head, "right"), [digits(v / scale) for v in values]


def _name(c: PlanSpeaker, a: Alternative) -> str:
    kind = c.t(f"kind.{a.kind}")
    return _say(c, f"alternatives.{'least' if a.least else 'most'}", kind=kind if c.lang == "zh" else kind.lower())


def _alternatives(c: PlanSpeaker) -> TableBlock:
    best = c.plan.mixes.best

    def row(name: str, mix: MixPoint) -> list[str]:
        missed = "" if mix.violation <= TOLERANCE else _say(c, "alternatives.broken", share=c.n(mix.violation, "share"))
        return [name, c.n(mix.gain / best.gain, "share") + missed, *(whole(x) for x in mix.strength)]

    named = [(_say(c, "alternatives.best"), best), *((_name(c, a), a.mix) for a in c.plan.mixes.alternatives)]
    measured = [_measured(c, "money", [m.money for _, m in named], "CNY"),
                _measured(c, "avoided", [m.avoided for _, m in named], "tCO2e")]
    columns = [Column(_say(c, "alternatives.name"), weight=1.3), Column(_say(c, "alternatives.kept"), "right"),
               *(Column(c.t(f"kind.{k.value}"), "right") for k in Kind), *(column for column, _ in measured)]
    rows = [[*row(*one), *cells] for one, *cells in zip(named, *(cells for _, cells in measured), strict=True)]
    return TableBlock(columns, rows, _say(c, "alternatives.table"), traces=TRACE)


def _room(c: PlanSpeaker, kept: str) -> Figure:
    found = c.plan.mixes
    rows = [charts.Range(c.t(f"kind.{k}"), low, high, {"best": found.best.strength[i],
                                                       "report_rule": found.report.strength[i]})
            for i, (k, (low, high)) in enumerate(found.ranges().items())]
    points = {"best": _say(c, "alternatives.best"), "report_rule": c.t("scenario.report_rule")}
    return Figure(charts.ranges(rows, points, unit="share", lang=c.lang), _say(c, "alternatives.chart", share=kept),
                  _say(c, "alternatives.chart_alt"), traces=TRACE, height=230)


def _differences(c: PlanSpeaker) -> TableBlock:
    def listed(parts: tuple[tuple[str, float], ...]) -> str:
        return c.join([f"{c.instrument(name)} {100 * change:+.0f}" for name, change in parts])

    columns = [Column(_say(c, "alternatives.name"), weight=0.8), Column(_say(c, "alternatives.more"), weight=2),
               Column(_say(c, "alternatives.less"), weight=2)]
    rows = [[_name(c, a), listed(a.more), listed(a.less)] for a in c.plan.mixes.alternatives if a.more or a.less]
    return TableBlock(columns, rows, _say(c, "alternatives.differ"), traces=TRACE)
