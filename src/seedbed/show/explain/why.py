"""Why: the change from no policy by kind and instrument, what a tonne costs, and what the result hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from seedbed.base.years import DECIDE
from seedbed.planning.explain import Explanation
from seedbed.planning.explain.abatement import Measure
from seedbed.planning.explain.cost import RATE
from seedbed.planning.explain.game import OUTCOMES, TESTED, UNITS, headline
from seedbed.policy.instrument import Kind
from seedbed.show import charts
from seedbed.show.document import Block, Callout, Column, Figure, Paragraph, TableBlock
from seedbed.show.numbers import MISSING, axis_scale, digits
from seedbed.show.speaker import NO_BREAK, Speaker
from seedbed.show.words import t

LISTED = 15  # instruments in the table
WEDGES = 6  # markets with a wedge of their own
SEEN = 0.9  # part of the tonnes whose cost the axis of the curve must show
TRACE = ("why",)


@dataclass(frozen=True)
class Told(Speaker):
    """An explanation in one language; `traces` are cited where the document holds them."""

    under: ClassVar[str] = "explain"
    found: Explanation
    traces: tuple[str, ...] = ()

    @property
    def scenario(self) -> str:
        """Name of the scenario that is explained."""
        return t(f"scenario.{self.found.main.scenario}", self.lang)

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """(id, name) of the four kinds."""
        return [(k.value, t(f"kind.{k.value}", self.lang)) for k in Kind]

    def outcome(self, name: str) -> str:
        """Name of an outcome with the years it stands for."""
        years = {"year": self.found.case.until} if name in ("green_share", "green_market", "exports", "jobs") else {
            "start": DECIDE, "end": self.found.case.until}
        return self.t(f"outcome.{name}", **years)


def blocks(told: Told) -> list[Block]:
    """Kinds, scenarios, shares by market, wedges, instruments, the cost curve, the tornado."""
    one = len(told.found.case.names) == 1
    first = waterfall(told, "green_share" if one else "emissions")
    return [Paragraph(told.t("method", scenario=told.scenario), told.traces), first, kinds(told), scenarios(told),
            shares(told), wedge(told), instruments(told), curve(told), Callout(told.t("counted"), "info"),
            tornado(told)]


def waterfall(told: Told, outcome: str) -> Figure:
    """From no policy to the scenario, over all markets (the green share: of the first market)."""
    found, unit = told.found, UNITS[outcome]
    share = outcome == "green_share"
    parts = found.of_kinds(outcome)[:, 0] if share else found.of_kinds(outcome).sum(1)
    bands = found.bands(outcome, 0 if share else None) if outcome in TESTED else None

    def step(row: int, id: str, label: str, value: float, level: bool = False) -> charts.Step:
        low, high = (None, None) if bands is None else (float(b) for b in bands[:, row])
        return charts.Step(id, label, value, low, high, level)

    steps = [step(row, id, label, float(parts[row])) for row, (id, label) in enumerate(told.kinds)]
    if share:
        base = float(headline(found.main.base)[0, OUTCOMES.index(outcome)])
        level = charts.Step(found.main.scenario, told.scenario, base + float(parts.sum()), level=True)
        steps = [charts.Step("no_policy", t("scenario.no_policy", told.lang), base, level=True), *steps, level]
    else:
        steps.append(step(4, found.main.scenario, told.t("total"), float(parts.sum()), level=True))
    caption = told.t("waterfall.caption", outcome=told.outcome(outcome), scenario=told.scenario)
    note = told.t("waterfall.note", members=len(found.members)) if bands is not None else ""
    return Figure(charts.waterfall(steps, unit=unit, lang=told.lang), caption, told.t("waterfall.alt"), note,
                  traces=told.traces, height=300)


def kinds(told: Told) -> TableBlock:
    """Outcomes by kind, each row in one unit."""
    columns = [Column("", weight=1.5), *(Column(label, "right", 1.2) for _, label in told.kinds),
               Column(told.t("total"), "right", 1.2)]
    rows = [_row(told, outcome) for outcome in OUTCOMES if outcome != "green_share"]
    return TableBlock(columns, rows, told.t("kinds.caption", scenario=told.scenario), told.t("kinds.note"), told.traces)


def _row(told: Told, outcome: str) -> list[str]:
    parts = told.found.of_kinds(outcome).sum(1)
    values = [*parts.tolist(), float(parts.sum())]
    scale, unit = axis_scale(values, UNITS[outcome], told.lang)
    cells = [digits(v / scale) for v in values]
    if outcome in TESTED:
        bands = told.found.bands(outcome) / scale
        cells = [told.between(cell, digits(float(low)), digits(float(high)))
                 for cell, low, high in zip(cells, *bands, strict=True)]
    return [told.with_unit(told.outcome(outcome), unit), *cells]


def scenarios(told: Told) -> TableBlock:
    """Emissions avoided by scenario and kind."""
    columns = [Column(t("term.scenario", told.lang)), *(Column(label, "right") for _, label in told.kinds),
               Column(told.t("total"), "right")]
    rows = []
    for attribution in told.found.attributions:
        parts = told.found.of_kinds("emissions", attribution).sum(1)
        rows.append([t(f"scenario.{attribution.scenario}", told.lang),
                     *(told.n(float(v), "tCO2e") for v in (*parts, parts.sum()))])
    return TableBlock(columns, rows, told.t("scenarios"), traces=told.traces)


def shares(told: Told) -> TableBlock:
    """Green share of every market: no policy, four kinds, the scenario."""
    found, row = told.found, OUTCOMES.index("green_share")
    columns = [Column(t("term.market", told.lang), weight=1.6), Column(told.t("shares.base"), "right"),
               *(Column(label, "right") for _, label in told.kinds), Column(told.scenario, "right")]
    parts, base = found.of_kinds("green_share"), headline(found.main.base)[:, row]
    rows = [[told.market(name), told.n(float(base[m]), "share"), *(_points(float(v)) for v in parts[:, m]),
             told.n(float(base[m] + parts[:, m].sum()), "share")] for m, name in enumerate(found.case.names)]
    return TableBlock(columns, rows, told.t("shares.caption", year=found.case.until), traces=told.traces)


def _points(value: float) -> str:
    return f"{100 * value:+.1f}"


def wedge(told: Told) -> Figure:
    """Change of emissions over the years: of one market by kind, of several by market, the largest by name."""
    found, row = told.found, OUTCOMES.index("emissions")
    change, names = -found.main.kinds[:, :, row], found.case.names
    if len(names) == 1:
        lines = [charts.Line(id, label, change[k, 0].tolist()) for k, (id, label) in enumerate(told.kinds)]
    else:
        lines = _largest(told, change.sum(0))
    option = charts.wedge(list(found.case.years), lines, told.t("wedge.net"), unit="tCO2e", lang=told.lang)
    key = "kind" if len(names) == 1 else "market"
    return Figure(option, told.t(f"wedge.by_{key}", scenario=told.scenario), told.t("wedge.alt"), traces=told.traces,
                  height=320)


def _largest(told: Told, change: np.ndarray) -> list[charts.Line]:
    """Markets (market × year) that change most, and the others together."""
    names, order = told.found.case.names, np.argsort(change.sum(1))
    lines = [charts.Line(names[m], told.market(names[m]), change[m].tolist()) for m in order[:WEDGES]]
    if len(order) > WEDGES:
        lines.append(charts.Line("others", told.t("wedge.others"), change[order[WEDGES:]].sum(0).tolist()))
    return lines


def _numbered(found: Explanation) -> list[Measure]:
    """Instruments that avoid emissions, most first: their place in this list is their number."""
    return [m for m in found.measures if m.tonnes > 0 and m.discounted > 0]


def instruments(told: Told) -> TableBlock:
    """The first LISTED instruments, the others together, and those that add emissions."""
    helping = _numbered(told.found)
    adverse = [m for m in told.found.measures if m not in helping]
    scale, unit = axis_scale([m.tonnes for m in helping], "tCO2e", told.lang)
    cost = axis_scale([], "CNY/tCO2e", told.lang)[1]

    def head(name: str, unit: str, weight: float = 1.0) -> Column:
        return Column(told.with_unit(told.t(f"instruments.{name}"), unit), "right", weight)

    def figures(several: list[Measure], error: str = "") -> list[str]:
        tonnes = sum(m.discounted for m in several)
        money = [sum(m.public for m in several), sum(m.social for m in several)]
        return [digits(sum(m.tonnes for m in several) / scale) + error, digits(tonnes / scale),
                *(digits(x / tonnes) if tonnes > 0 else MISSING for x in money)]

    columns = [Column(told.t("instruments.number"), "right", 0.4), Column(t("term.instrument", told.lang), weight=2.6),
               Column(t("term.kind", told.lang), weight=0.9), head("tonnes", unit, 1.3), head("discounted", unit),
               head("public", cost), head("social", cost)]
    rows = [[str(row), told.instrument(m.instrument), t(f"kind.{m.kind}", told.lang),
             *figures([m], f"{NO_BREAK}±{NO_BREAK}{digits(m.error / scale, 1)}")]
            for row, m in enumerate(helping[:LISTED], start=1)]
    for key, several in (("rest", helping[LISTED:]), ("adverse", adverse)):
        if several:
            rows.append(["", told.t(f"instruments.{key}", count=len(several)), MISSING, *figures(several)])
    note = told.t("instruments.note", samples=told.found.samples, rate=f"{RATE:.0%}", year=DECIDE)
    return TableBlock(columns, rows, told.t("instruments.caption"), note, told.traces)


def curve(told: Told) -> Figure:
    """Instruments that avoid emissions, cheapest for the economy first."""
    numbered = [(str(row), m) for row, m in enumerate(_numbered(told.found), start=1)]
    numbered.sort(key=lambda pair: pair[1].social / pair[1].discounted)
    steps = [charts.Block(m.kind, row, m.discounted, m.social / m.discounted, m.public / m.discounted)
             for row, m in numbered]
    option = charts.cost_curve(steps, (told.t("curve.social"), told.t("curve.public")), across="tCO2e",
                               up="CNY/tCO2e", lang=told.lang, limits=_limits(steps))
    return Figure(option, told.t("curve.caption"), told.t("curve.alt"), told.t("curve.note"), traces=told.traces,
                  height=340)


def _limits(steps: list[charts.Block]) -> tuple[float, float]:
    """A round range that shows the costs of SEEN of the tonnes on either side, and zero."""
    costs = np.array([[s.height, s.mark] for s in steps])
    widths = np.array([s.width for s in steps])

    def reach(values: np.ndarray) -> float:
        order = np.argsort(values)
        seen = np.cumsum(widths[order]) >= SEEN * widths.sum()
        top = max(float(values[order][seen][0]), 50.0) * 1.1
        step = 10 ** np.floor(np.log10(top))
        return float(np.ceil(top / step) * step)

    return -reach(np.maximum(-costs.min(1), 0.0)), reach(np.maximum(costs.max(1), 0.0))


def tornado(told: Told) -> Figure:
    """Emissions avoided over all markets with one belief low and high at a time."""
    row = OUTCOMES.index("emissions")
    centre = float(told.found.of_kinds("emissions").sum())
    rows = [charts.Swing(told.t(f"factor.{s.factor}"), float(s.low.sum(0)[row]), float(s.high.sum(0)[row]))
            for s in told.found.swings]
    ends = (told.t("tornado.low"), told.t("tornado.high"))
    option = charts.tornado(rows, centre, ends, unit="tCO2e", lang=told.lang)
    caption = told.t("tornado.caption", scenario=told.scenario, centre=told.n(centre, "tCO2e"))
    return Figure(option, caption, told.t("tornado.alt"), told.t("tornado.note"), traces=told.traces)
