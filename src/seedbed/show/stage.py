"""Stages: of a market or product from its series, of a place from its structure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seedbed.base.text import Lang, Message
from seedbed.market.stage import STAGES, StageReading
from seedbed.market.stage_of import MarketStage
from seedbed.planning import industrialisation
from seedbed.planning.industrialisation import IndustrialisationReading
from seedbed.planning.industry_type import IndustryType, rules
from seedbed.planning.stage import PlaceStage
from seedbed.show import charts
from seedbed.show.document import Block, Callout, Column, Document, Figure, KeyFigure, KeyFigures, Paragraph, TableBlock
from seedbed.show.speaker import Speaker
from seedbed.show.write import Row, Written

FALLEN = 0.02  # of the peak: from here on it is said that a market is past it


def document(found: MarketStage | PlaceStage, lang: Lang) -> Document:
    """The stage year by year with probabilities, or the index of a place and its parts."""
    return _market(found, lang) if isinstance(found, MarketStage) else _place(found, lang)


def written(found: MarketStage | PlaceStage, lang: Lang) -> Written:
    """The tables; years or indicators as rows."""
    return Written(lambda: document(found, lang), lambda: rows(found), lambda: list(rows(found)))


def rows(found: MarketStage | PlaceStage) -> Iterator[Row]:
    """One row a year of a market, or an indicator of a place."""
    if isinstance(found, PlaceStage):
        for part in found.industrialisation.components:
            yield {"indicator": part.indicator, "value": part.value, "unit": part.unit, "score": part.score,
                   "stage": part.stage, "weight": part.weight, "source": part.source.en}
        return
    r = found.reading
    for i, year in enumerate(r.years):
        yield {"year": year, "observed": r.observed[i], "level": float(r.level[i]), "share": float(r.share[i]),
               "growth": float(np.expm1(r.growth[i])), "stage": r.stages[i].value,
               **{s.value: float(p) for s, p in zip(STAGES, r.probabilities[i], strict=True)}}


def _market(found: MarketStage, lang: Lang) -> Document:
    c, r = Speaker(lang), found.reading
    turns = " → ".join(f"{year} {c.t(f'stage.{stage.value}')}" for year, stage in r.turns)
    blocks: list[Block] = [Paragraph(explanation(c, r)), Paragraph(turns), _years(c, r), _level(c, found),
                           *(Callout(c.say(note)) for note in r.notes)]
    return Document.of(f"{found.title[lang]} · {found.unit}", lang, blocks)


def explanation(c: Speaker, r: StageReading) -> str:
    """Why the last year reads as it does."""
    fall = 1 - r.level[-1] / r.level.max()
    said = c.t("stages.explanation", year=r.years[-1], stage=c.t(f"stage.{r.now.value}"), began=r.turns[-1][0],
               probability=f"{r.probabilities[-1].max():.0%}", share=f"{r.share[-1]:.0%}",
               base=c.t("stages.stated" if r.potential_known else "stages.estimated"), pace=_rate(r.growth[-1]),
               error=f"{100 * r.growth_se[-1]:.1f}")
    peak = c.t("stages.past_peak", peak=r.peak, fall=f"{fall:.0%}") if fall > FALLEN else ""
    return c.sentences(said, peak)


def _rate(growth: float) -> str:
    """Log points as a signed percentage a year."""
    return f"{100 * np.expm1(growth):+.1f}%".replace("-", "−")


def _years(c: Speaker, r: StageReading) -> TableBlock:
    columns = [Column(c.t("column.year")), Column(c.t("stages.share"), "right"), Column(c.t("stages.growth"), "right"),
               *(Column(c.t(f"stage.{s.value}"), "right") for s in STAGES), Column("")]
    cells = [[str(year), f"{r.share[i]:.0%}", _rate(r.growth[i]) + ("" if r.observed[i] else " *"),
              *(f"{p:.0%}" for p in r.probabilities[i]), c.t(f"stage.{r.stages[i].value}")]
             for i, year in enumerate(r.years)]
    bars = [float(p.max()) for p in r.probabilities]
    return TableBlock(columns, cells, c.t("stages.table"), "" if all(r.observed) else c.t("stages.unobserved"),
                      bars=bars)


def _level(c: Speaker, found: MarketStage) -> Figure:
    r, unit = found.reading, {"zh": found.unit, "en": found.unit}
    line = charts.Line("level", c.t("stages.level"), r.level.tolist())
    return Figure(charts.lines(list(r.years), [line], unit=unit, lang=c.lang), c.t("stages.level"), c.t("stages.level"))


def _place(found: PlaceStage, lang: Lang) -> Document:
    c, r = Speaker(lang), found.industrialisation
    figure = KeyFigure(index_name(c, r), f"{r.index:.1f}", "", f"{c.t('stages.coverage')} {r.coverage:.0%}")
    blocks: list[Block] = [KeyFigures([figure]), components(c, r), *(Callout(c.say(m)) for m in cautions(r))]
    if found.type is not None:
        ranked = sorted(found.type.scores.items(), key=lambda pair: -pair[1])
        listed = " · ".join(f"{rules().types[name].label[lang]} {score:.2f}" for name, score in ranked)
        blocks += [Paragraph(type_reason(c, found.type)), Paragraph(listed)]
    title = f"{c.place(found.place)} {r.year} · {stage_name(c, r.stage, r.half)}"
    return Document.of(title, lang, blocks, place=c.place(found.place))


def stage_name(c: Speaker, stage: int, half: int | None) -> str:
    """The name of a stage of industrialisation and its half."""
    return industrialisation.stage_name(stage)[c.lang] + (c.t(f"stages.half.{half}") if half else "")


def index_name(c: Speaker, r: IndustrialisationReading) -> str:
    """The index, or the named proxy that it is."""
    return c.t("stages.proxy", count=len(r.components)) if r.missing else c.t("stages.index")


def cautions(r: IndustrialisationReading) -> Iterator[Message]:
    """What to mind in a reading."""
    if r.missing:
        yield Message("stages.caution.missing", {"list": r.missing})
    yield from (Message(f"stages.caution.{name}") for name in r.cautions)


def components(c: Speaker, r: IndustrialisationReading) -> TableBlock:
    """The indicators of the index with their scores and weights."""
    columns = [Column(c.t("plan.place.indicator"), weight=2.4), Column(c.t("column.value"), "right"),
               Column(c.t("column.score"), "right"), Column(c.t("plan.place.stage_no"), "right"),
               Column(c.t("plan.place.weight"), "right"), Column(c.t("stages.source"), weight=2)]
    cells = [[part.label[c.lang], _value(part.value, part.unit), f"{part.score:.0f}", str(part.stage),
              c.n(part.weight, "share"), part.source[c.lang]] for part in r.components]
    missing = c.t("plan.place.missing", list=c.join([m[c.lang] for m in r.missing])) if r.missing else ""
    return TableBlock(columns, cells, c.t("plan.place.components", year=r.year), missing)


def _value(value: float, unit: str) -> str:
    if unit == "1":
        return f"{value:.1%}"
    return f"{value:,.0f} {unit}" if abs(value) >= 1000 else f"{value:.3g} {unit}"


def type_reason(c: Speaker, found: IndustryType) -> str:
    """The numbers that speak most for an industry type."""
    known = rules().indicators
    parts = [c.t(f"stages.pull.{'share' if known[n].kind == 'share' else 'other'}", name=known[n].label[c.lang],
                 value=f"{found.numbers[n]:.0%}" if known[n].kind == "share" else f"{found.numbers[n]:.2f}")
             for n in found.reasons]
    return c.t("stages.type_reason", place=c.place(found.place), year=found.year, type=found.label[c.lang],
               score=f"{found.scores[found.id]:.2f}", list=("，" if c.lang == "zh" else ", ").join(parts))
