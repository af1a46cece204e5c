"""Diagnosis: the place and each market there."""

from __future__ import annotations

import numpy as np

from seedbed.base.errors import InvalidInputError
from seedbed.base.years import DECIDE, LATEST, START
from seedbed.facts import places
from seedbed.planning.diagnose import MarketDiagnosis
from seedbed.planning.industrialisation import industrialisation
from seedbed.planning.industry_type import rules
from seedbed.policy.instrument import Kind
from seedbed.policy.rule import Stage
from seedbed.show import charts, tilemap
from seedbed.show.document import (
    Block,
    Callout,
    Column,
    Figure,
    Heading,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Section,
    TableBlock,
)
from seedbed.show.numbers import split
from seedbed.show.report.speaker import PlanSpeaker
from seedbed.show.stage import cautions, components, index_name, stage_name, type_reason


def diagnosis_section(c: PlanSpeaker) -> Section:
    """The place in numbers, its stage and type, the map, and its markets."""
    place = c.plan.place
    reading = place.industrialisation
    blocks: list[Block] = [Heading(c.t("plan.place.numbers", place=c.here)), _numbers(c)]
    found = place.place
    if found.planning_unit:
        blocks.append(Paragraph(c.t("plan.place.region", grid=places.GRID_REGIONS[found.grid_region][c.lang],
                                    macro=places.MACRO_REGIONS[found.macro_region][c.lang])))
    blocks.append(Paragraph(c.t("plan.place.stage", index=f"{reading.index:.1f}", name=index_name(c, reading),
                                coverage=c.n(reading.coverage, "share"),
                                stage=stage_name(c, reading.stage, reading.half)), ("stage",)))
    if place.type is not None:
        kinds = rules().types
        blocks.append(Paragraph(c.t(
            "plan.place.type", type=place.type.label[c.lang], score=f"{place.type.scores[place.type.id]:.2f}",
            second=kinds[place.type.second].label[c.lang], reason=type_reason(c, place.type)), ("stage",)))
    blocks += [components(c, reading).cited(("stage",)), _map(c)]
    blocks += [Callout(c.say(message)) for message in cautions(reading)]
    blocks += [*_differences(c), _markets(c), _strength(c)]
    return Section("diagnosis", c.t("section.diagnosis"), blocks)


def _numbers(c: PlanSpeaker) -> KeyFigures:
    cards = []
    for n in c.plan.place.numbers:
        written, unit = split(n.value, n.unit, c.lang)
        cards.append(KeyFigure(n.label[c.lang], written, unit, str(n.year) if n.year else "", f"n.{n.id}"))
    return KeyFigures(cards)


def _map(c: PlanSpeaker) -> Figure:
    values: dict[str, float | None] = {}
    for place in places.provinces():
        try:
            values[place.id] = industrialisation(place.id, year=LATEST).index
        except InvalidInputError:
            values[place.id] = None
    chosen = c.plan.place.place
    option = tilemap.tile_map(values, unit="index", lang=c.lang, chosen=chosen.id if chosen.planning_unit else None)
    note = f"{tilemap.caption(c.lang)} {c.t('plan.place.map_note')}"
    return Figure(option, c.t("plan.place.map", year=LATEST), c.t("plan.place.map_alt"), note,
                  traces=("stage",), width=620, height=470)


def _stage(c: PlanSpeaker, market: MarketDiagnosis) -> str:
    best = int(np.argmax(market.stage))
    return f"{c.t(f'stage.{list(Stage)[best].value}')} {c.n(market.stage[best], 'share')}"


def _differences(c: PlanSpeaker) -> list[Block]:
    """What is the place's own: a table of numbers here and in the nation, or that there are none."""
    found = c.plan.differences
    if not c.plan.place.place.planning_unit:
        return []
    if not found:
        return [Callout(c.t("plan.differs.none"), "warning")]
    columns = [Column(c.t("term.market"), weight=1.2), Column(c.t("plan.differs.what"), weight=2.2),
               Column(c.here, "right"), Column(c.t("plan.differs.nation"), "right")]
    rows = []
    for d in found:
        named = c.instrument(d.name) if d.name else _needs(c, d.market) if d.what == "adequacy" else ""
        what = c.t(f"plan.differs.{d.what}", **({"name": named} if named else {}),
                   **({"unit": c.definition(d.market).service_unit[c.lang]} if d.what == "per_head" else {}))
        here, nation = ("—", "—") if d.what == "absent" else (
            tuple(f"{x:.3g}" for x in (d.here, d.nation)) if d.what == "per_head" else
            tuple(c.n(x, "share") for x in (d.here, d.nation)))
        rows.append([c.market(d.market), what, here, nation])
    return [TableBlock(columns, rows, c.t("plan.differs.table", place=c.here, year=START), c.t("plan.differs.note"),
                       tuple(f"m.{d.market}" for d in found if d.what != "absent"))]


def _needs(c: PlanSpeaker, market: str) -> str:
    infrastructure = c.definition(market).infrastructure
    return infrastructure.label[c.lang] if infrastructure else ""


def _markets(c: PlanSpeaker) -> TableBlock:
    columns = [Column(c.t("term.market"), weight=1.6), Column(c.t("plan.market.stage"), weight=1.3),
               Column(c.t("plan.market.national"), weight=1.2), Column(c.t("plan.market.size"), "right", 1.2),
               Column(c.t("plan.market.green"), "right"), Column(c.t("plan.market.growth"), "right"),
               Column(c.t("plan.market.use"), "right"), Column(c.t("plan.market.data"), weight=0.7)]
    rows = []
    for m in c.plan.markets:
        national = "—" if m.national_stage is None else (
            f"{c.t(f'stage.{m.national_stage}')} {c.n(m.national_probability, 'share')}")
        rows.append([c.market(m.id), _stage(c, m), national, c.n(m.size, "CNY"), c.n(m.green_share, "share"),
                     c.n(m.growth, "share"), "—" if m.utilisation is None else c.n(m.utilisation, "share"),
                     c.t(f"plan.market.{m.data}")])
    return TableBlock(columns, rows, c.t("plan.market.table", place=c.here, year=START), c.t("plan.market.note"),
                      tuple(f"m.{m.id}" for m in c.plan.markets))


def _strength(c: PlanSpeaker) -> Figure:
    names = [c.market(m.id) for m in c.plan.markets]
    gap = np.array([[r - s for r, s in zip(m.rule_strength, m.strength, strict=True)] for m in c.plan.markets])
    option = charts.heatmap(names, [c.t(f"kind.{k.value}") for k in Kind], gap, unit="pp", lang=c.lang,
                            limits=(-0.2, 1.0))
    return Figure(option, c.t("plan.market.strength", year=DECIDE), c.t("plan.market.strength_alt"),
                  c.t("plan.market.gap"), traces=("rule",), height=90 + 32 * len(names))
