"""The best mix of a place, and provinces in order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seedbed.base.text import Lang
from seedbed.planning.optimise.descend import TOLERANCE
from seedbed.planning.optimise.objective import UNITS
from seedbed.planning.optimise.optimise import Optimum
from seedbed.planning.optimise.regions import Turns
from seedbed.planning.scenarios import DECIDED
from seedbed.policy.instrument import Kind
from seedbed.policy.rule import Stage
from seedbed.show import charts
from seedbed.show.document import Block, Callout, Column, Document, Figure, TableBlock
from seedbed.show.numbers import MISSING
from seedbed.show.speaker import Speaker
from seedbed.show.write import Row, Written

LISTED = 12  # instruments in the table


def document(found: Optimum | Turns, lang: Lang) -> Document:
    """Totals of three mixes, the rule or the strongest instruments, and the limits; or provinces in order."""
    return _order(found, lang) if isinstance(found, Turns) else _optimum(found, lang)


def written(found: Optimum | Turns, lang: Lang) -> Written:
    """The tables; strengths or turns as rows; everything as data."""
    return Written(lambda: document(found, lang), lambda: rows(found), found.to_dict)


def rows(found: Optimum | Turns) -> Iterator[Row]:
    """One row a market, instrument and year; or one a province."""
    if isinstance(found, Turns):
        yield from ({"turn": n, **vars(turn), "ratio": turn.ratio} for n, turn in enumerate(found.order, start=1))
        return
    years = list(found.case.years)[DECIDED]
    for row, market in enumerate(found.case.markets):
        for slot, instrument in enumerate(market.slots.instruments):
            if instrument is not None:
                for year, strength in zip(years, found.intensity[row, :, slot], strict=True):
                    yield {"market": market.definition.id, "instrument": instrument.id, "year": year,
                           "intensity": float(strength)}


def _optimum(best: Optimum, lang: Lang) -> Document:
    c = Speaker(lang)
    place = c.place(best.case.place)
    blocks: list[Block] = [_totals(c, best), _chart(c, best)]
    if best.variables == "rule":
        columns = [Column(""), *(Column(c.t(f"stage.{s.value}"), "right") for s in Stage)]
        cells = [[c.t(f"kind.{kind.value}"), *(f"{x:.0%}" for x in row)]
                 for kind, row in zip(Kind, best.rule, strict=True)]
        blocks.append(TableBlock(columns, cells, c.t("term.rule")))
    else:
        blocks.append(_strongest(c, best))
    for name, room in best.kept.items():
        kept = room >= -TOLERANCE
        said = c.t(f"optimise.cli.{'kept' if kept else 'broken'}", share=c.n(abs(room), "share"))
        blocks.append(Callout(f"{name}: {said}", "info" if kept else "warning"))
    title = c.t("optimise.cli.title", place=place, gain=c.n(best.gain, "CNY"))
    return Document.of(title, lang, blocks, place=place)


def _totals(c: Speaker, best: Optimum) -> TableBlock:
    columns = [Column("", weight=1.6), *(Column(label, "right") for label in (
        c.t("scenario.as_is"), c.t("scenario.report_rule"), c.t("optimise.cli.best")))]
    several = zip(best.totals._fields, UNITS, best.base, best.report, best.totals, strict=True)
    cells = [[c.t(f"optimise.total.{name}"), *(c.n(float(v), str(unit)) for v in values)]
             for name, unit, *values in several]
    return TableBlock(columns, cells, "")


def _chart(c: Speaker, best: Optimum) -> Figure:
    """Mean strength of each kind over its instruments, by year."""
    years = list(best.case.years)[DECIDED]
    lines = []
    for kind in Kind:
        mine = [best.intensity[row, :, slot] for row, market in enumerate(best.case.markets)
                for slot, i in enumerate(market.slots.instruments) if i is not None and i.kind == kind]
        lines.append(charts.Line(kind.value, c.t(f"kind.{kind.value}"), np.mean(mine, axis=0).tolist()))
    title = c.t("optimise.cli.strengths")
    return Figure(charts.lines(years, lines, unit="share", lang=c.lang), title, title)


def _strongest(c: Speaker, best: Optimum) -> TableBlock:
    columns = [Column(c.t("term.market")), Column(c.t("term.instrument"), weight=2),
               Column(c.t("optimise.cli.strength"), weight=1.5), Column(c.t("optimise.cli.effect"), "right")]
    found = [(best.effects[r, j], m, i, best.intensity[r, :, j]) for r, m in enumerate(best.case.markets)
             for j, i in enumerate(m.slots.instruments) if i is not None]
    cells = [[market.definition.label[c.lang], instrument.label[c.lang],
              f"{x[0]:.0%} → {x[len(x) // 2]:.0%} → {x[-1]:.0%}", c.n(float(effect), "CNY")]
             for effect, market, instrument, x in sorted(found, key=lambda f: -f[0])[:LISTED]]
    return TableBlock(columns, cells, c.t("optimise.cli.strongest"))


def _order(found: Turns, lang: Lang) -> Document:
    c = Speaker(lang)
    heads = ("place", "at_home", "elsewhere", "cost", "ratio", "gained", "spent")
    columns = [Column("", "right", 0.4), *(Column(c.t(f"optimise.region.{h}"), "left" if h == "place" else "right")
                                          for h in heads)]
    cells = []
    for number, turn in enumerate(found.order, start=1):
        ratio = MISSING if turn.cost <= 0 else f"{turn.ratio:.2f}"
        money = [c.n(v, "CNY") for v in (turn.at_home, turn.elsewhere, turn.cost)]
        name = c.place(turn.place) + ("" if turn.within else " *")
        cells.append([str(number), name, *money, ratio, c.n(turn.gained, "CNY"), c.n(turn.spent, "CNY")])
    note = c.t("optimise.region.note", budget=c.n(found.budget, "CNY"), together=c.n(found.together, "CNY"),
               apart=c.n(found.apart, "CNY"))
    names = [c.place(turn.place) for turn in found.order]
    gained = charts.Line("gained", c.t("optimise.region.gained"), [turn.gained for turn in found.order])
    title = c.t("optimise.region.title")
    chart = charts.bars(names, [gained], unit="CNY", lang=lang, horizontal=True, labels=False)
    return Document.of(title, lang, [TableBlock(columns, cells, ""), Callout(note),
                                     Figure(chart, c.t("optimise.region.gained"), title)])
