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
from seedbed.show.report.context import Context


def diagnosis_section(c: Context) -> Section:
    """The place in numbers, its stage and type, the map, and its markets."""
    place = c.plan.place
    reading = place.industrialisation
    blocks: list[Block] = [Heading(c.t("plan.place.numbers", place=c.place)), _numbers(c)]
    found = place.place
    if found.planning_unit:
        blocks.append(Paragraph(c.t("plan.place.region", grid=places.GRID_REGIONS[found.grid_region][c.lang],
                                    macro=places.MACRO_REGIONS[found.macro_region][c.lang])))
    blocks.append(Paragraph(c.t("plan.place.stage", index=f"{reading.index:.1f}", name=reading.name[c.lang],
                                coverage=c.n(reading.coverage, "share"), stage=reading.stage_name[c.lang]), ("stage",)))
    if place.type is not None:
        kinds = rules().types
        blocks.append(Paragraph(c.t(
            "plan.place.type", type=place.type.label[c.lang], score=f"{place.type.scores[place.type.id]:.2f}",
            second=kinds[place.type.second].label[c.lang], reason=place.type.reason[c.lang]), ("stage",)))
    blocks += [_components(c), _map(c)]
    blocks += [Callout(text[c.lang], "info") for text in reading.cautions]
    blocks += [_markets(c), _strength(c)]
    return Section("diagnosis", c.t("section.diagnosis"), blocks)


def _numbers(c: Context) -> KeyFigures:
    cards = []
    for n in c.plan.place.numbers:
        written, unit = split(n.value, n.unit, c.lang)
        cards.append(KeyFigure(n.label[c.lang], written, unit, str(n.year) if n.year else "", f"n.{n.id}"))
    return KeyFigures(cards)


def _components(c: Context) -> TableBlock:
    reading = c.plan.place.industrialisation
    columns = [Column(c.t("plan.place.indicator"), weight=2.4), Column(c.t("column.value"), "right"),
               Column(c.t("column.score"), "right"), Column(c.t("plan.place.stage_no"), "right"),
               Column(c.t("plan.place.weight"), "right")]
    rows = [[part.label[c.lang], _component_value(part.value, part.unit), f"{part.score:.0f}", str(part.stage),
             c.n(part.weight, "share")] for part in reading.components]
    missing = c.t("plan.place.missing", list=c.join([m[c.lang] for m in reading.missing])) if reading.missing else ""
    return TableBlock(columns, rows, c.t("plan.place.components", year=reading.year), missing, ("stage",))


def _component_value(value: float, unit: str) -> str:
    if unit == "1":
        return f"{value:.1%}"
    return f"{value:,.0f} {unit}" if abs(value) >= 1000 else f"{value:.3g} {unit}"


def _map(c: Context) -> Figure:
    values: dict[str, float | None] = {}
    for place in places.provinces():
        try:
            values[place.id] = industrialisation(place.id, LATEST).index
        except InvalidInputError:
            values[place.id] = None
    chosen = c.plan.place.place
    option = tilemap.tile_map(values, unit="index", lang=c.lang, chosen=chosen.id if chosen.planning_unit else None)
    note = f"{tilemap.caption(c.lang)} {c.t('plan.place.map_note')}"
    return Figure(option, c.t("plan.place.map", year=LATEST), c.t("plan.place.map_alt"), note,
                  traces=("stage",), width=620, height=470)


def _stage(c: Context, market: MarketDiagnosis) -> str:
    best = int(np.argmax(market.stage))
    return f"{c.t(f'stage.{list(Stage)[best].value}')} {c.n(market.stage[best], 'share')}"


def _markets(c: Context) -> TableBlock:
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
    return TableBlock(columns, rows, c.t("plan.market.table", place=c.place, year=START), c.t("plan.market.note"),
                      tuple(f"m.{m.id}" for m in c.plan.markets))


def _strength(c: Context) -> Figure:
    names = [c.market(m.id) for m in c.plan.markets]
    gap = np.array([[r - s for r, s in zip(m.rule_strength, m.strength, strict=True)] for m in c.plan.markets])
    option = charts.heatmap(names, [c.t(f"kind.{k.value}") for k in Kind], gap, unit="pp", lang=c.lang,
                            limits=(-0.2, 1.0))
    return Figure(option, c.t("plan.market.strength", year=DECIDE), c.t("plan.market.strength_alt"),
                  c.t("plan.market.gap"), traces=("rule",), height=90 + 32 * len(names))
