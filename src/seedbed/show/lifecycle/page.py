"""A footprint as a document: a page with everything, or what a screen holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seedbed.base.text import Lang
from seedbed.lifecycle.result import Footprint
from seedbed.lifecycle.uncertainty import Uncertainty
from seedbed.show.document import (
    Block,
    Callout,
    Column,
    Document,
    Figure,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Section,
    TableBlock,
    Trace,
    Traces,
    Tree,
    Twig,
)
from seedbed.show.lifecycle import charts, files, quantities, tables
from seedbed.show.lifecycle.evidence import Evidence, cautions, evidence
from seedbed.show.lifecycle.view import Branch, View
from seedbed.show.write import Written

LISTED = 3
"""Processes whose exchanges the page lists: the one asked about and the largest hot-spots."""
WORD_JOINER = "\u2060"  # keeps a unit in one piece where Chinese text could break in it


def document(made: Footprint, lang: Lang, **asked: Any) -> Document:
    """The page of a footprint; `asked` as in `View`."""
    asked.pop("with_tree", None)
    view = View(lang, made, **asked)
    found = evidence(view.footprint)
    sections = [
        Section("summary", view.t("section.summary"), list(_summary(view, found))),
        *([Section("parts", view.t("section.parts"), _parts(view))] if view.footprint.parts else []),
        Section("supply", view.t("section.supply"), list(_supply(view))),
        Section("hotspots", view.t("section.hotspots"), _hotspots(view)),
        *([Section("comparison", view.t("section.comparison"), _comparison(view))] if view.others else []),
        *(Section("uncertainty", view.t("section.uncertainty"), list(_uncertainty(view, u))) for u in view.draws[:1]),
        Section("numbers", view.t("section.numbers"), list(_numbers(view, found))),
        Section("evidence", view.t("section.evidence"), _evidence(view, found)),
    ]
    subtitle = view.t("subtitle", method=view.method)
    return Document(view.title, subtitle, lang, view.at(made.place), sections, _meta(view))


def brief(made: Footprint, lang: Lang, *, with_tree: bool = False, **asked: Any) -> Document:
    """What a screen holds: number, cautions, then the supply tree or tables, or the exchanges of the process asked."""
    view = View(lang, made, **asked)
    blocks: list[Block] = [KeyFigures([_headline(view)])]
    if view.why:
        sources = tables.Sources(view)
        blocks.append(tables.exchanges(view, view.why, sources))
        blocks += [cited] if (cited := sources.listed()).rows else []
    else:
        blocks += [Callout(text, "warning") for text in cautions(view, evidence(made))]
        blocks += [Tree(_twig(view, view.tree))] if with_tree else _parts_of(view)
        blocks += _asked(view)
    made_by = view.made_by
    foot = view.t("made_from", database=made_by["database"], version=made_by["version"], year=view.year,
                  method=view.method, seedbed=made_by["seedbed"])
    place = view.at(made.place)
    return Document.of(f"{view.title} · {place}", lang, [*blocks, Callout(foot)], place=place)


def written(made: Footprint, lang: Lang, **asked: Any) -> Written:
    """The page; one long table; everything as data."""
    asked.pop("with_tree", None)
    view = View(lang, made, **asked)
    return Written(lambda: document(made, lang, **asked), lambda: files.rows(view), lambda: files.data(view))


def _headline(view: View) -> KeyFigure:
    """The number and its interval."""
    note = ""
    if view.uncertainty is not None:
        low, high = view.uncertainty.interval()
        note = view.t("interval", low=view.scale.short(low), high=view.scale.number(high))
    return KeyFigure(view.demand, view.scale.short(view.footprint.value), view.scale.label, note)


def _parts_of(view: View) -> list[Block]:
    found = (tables.split(view), tables.suppliers(view), tables.processes(view), tables.flows(view))
    return [block for block in found if block is not None and block.rows]


def _asked(view: View) -> Iterator[Block]:
    """Comparison and uncertainty, where asked for."""
    if view.others:
        yield tables.comparison(view)
    if view.uncertainty is not None and view.uncertainty.shares.height:
        yield tables.shares(view, view.uncertainty)


def _twig(view: View, branch: Branch) -> Twig:
    share = branch.value / view.footprint.value if view.footprint.value else 0.0
    note = view.scale.number(branch.value) + (f"  ({branch.amount})" if branch.amount else "")
    children = tuple(_twig(view, child) for child in branch.children)
    return Twig(branch.name, share, quantities.share(share), note, branch.kind != "supply", children)


def _meta(view: View) -> list[tuple[str, str]]:
    made = view.made_by
    database = f"{made['database']} {made['version']}"
    listed = [("database", database), ("year", view.year), ("digest", made.get("digest", "")),
              ("seedbed", made["seedbed"])]
    return [(view.t(f"made_by.{key}"), value) for key, value in listed if value]


def _summary(view: View, found: Evidence) -> Iterator[Block]:
    yield Paragraph(_sentence(view), ("total",))
    yield KeyFigures(list(_figures(view, found)))
    yield from (Callout(text, "warning") for text in cautions(view, found))


def _sentence(view: View) -> str:
    made = view.footprint
    top = made.processes(1)
    text = view.t("sentence.total", demand=view.demand, place=view.at(made.place),
                  value=view.scale.number(made.value))
    if top.height:
        text += view.t("sentence.hotspot", process=view.process(top["column"][0])[view.lang],
                       share=quantities.share(top["share"][0]))
    inputs = [branch for depth, branch in view.tree.walk() if depth == 1 and branch.kind == "supply"]
    if inputs and made.value:
        text += view.t("sentence.supply", supply=inputs[0].name, share=quantities.share(inputs[0].value / made.value))
    return text


def _figures(view: View, found: Evidence) -> Iterator[KeyFigure]:
    made, scale = view.footprint, view.scale
    unit = scale.label.replace("CO", f"{WORD_JOINER}CO")
    yield KeyFigure(view.t("key.total"), scale.short(made.value), unit, _interval(view), "total")
    top = made.processes(1)
    if abs(made.parts.get("net", made.value) - made.value) > charts.SEEN * abs(made.value):
        yield KeyFigure(view.t("key.net"), scale.short(made.parts["net"]), unit, view.t("key.net_note"), "total")
    elif top.height:
        share, maker = quantities.share(top["share"][0]), view.maker(top["column"][0])
        yield KeyFigure(view.t("key.hotspot"), share, "", maker, "total")
    note = view.t("key.quality_note") if not found.unmarked else view.t(
        "key.quality_unmarked", share=quantities.share(found.unmarked))
    yield KeyFigure(view.t("key.quality"), tables.quality(found.quality), "", note, "quality")
    note = view.t("key.unverified_note" if found.unverified is not None else "key.unsourced_note")
    yield KeyFigure(view.t("key.unverified"), quantities.share(found.unverified), "", note, "quality")


def _interval(view: View) -> str:
    if view.uncertainty is None:
        return view.t("key.no_interval")
    low, high = view.uncertainty.interval()
    return view.t("interval", low=view.scale.short(low), high=view.scale.number(high))


def _parts(view: View) -> list[Block]:
    table = tables.split(view)
    assert table is not None
    drawn = charts.split(view)
    figures = [Figure(drawn, view.t("figure.split"), view.t("figure.split"))] if drawn else []
    return [Paragraph(view.t("parts.text")), *figures, table.cited(("total",))]


def _supply(view: View) -> Iterator[Block]:
    made = view.footprint
    yield tables.suppliers(view)
    credits = any(branch.value < 0 for _, branch in view.tree.walk())
    note = view.t("figure.tree_note", cutoff=f"{view.cutoff:.0%}") + (view.t("figure.credits") if credits else "")
    yield Figure(charts.icicle(view), view.t("figure.tree", demand=view.demand),
                 view.t("figure.tree", demand=view.demand), note, height=charts.ICICLE_HEIGHT + 8)
    drawn = charts.sankey(view) if made.value > 0 else None
    if drawn is not None:
        nodes = len(drawn["series"][0]["data"])
        yield Figure(drawn, view.t("figure.sankey", demand=view.demand), view.t("figure.sankey", demand=view.demand),
                     view.t("figure.sankey_note", unit=view.scale.label),
                     height=min(max(220, 24 * nodes), charts.SANKEY_HEIGHT))


def _hotspots(view: View) -> list[Block]:
    title = view.t("figure.hotspots")
    return [
        Figure(charts.hotspots(view), title, title, traces=("total",)),
        tables.processes(view), tables.flows(view),
    ]


def _comparison(view: View) -> list[Block]:
    title = view.t("figure.comparison")
    note = view.t("figure.comparison_note") if view.draws else ""
    drawn = Figure(charts.comparison(view, tables.compared(view)), title, title, note)
    return [drawn, tables.comparison(view)]


def _uncertainty(view: View, found: Uncertainty) -> Iterator[Block]:
    low, high = found.interval()
    yield Paragraph(view.t("uncertainty.text", draws=f"{found.samples.size:,}", low=view.scale.short(low),
                           high=view.scale.number(high), median=view.scale.number(found.median),
                           sd=view.scale.number(found.sd), stated=view.scale.number(view.footprint.value)))
    marks = {view.t("chart.low"): low, view.t("chart.median"): found.median, view.t("chart.high"): high}
    title = view.t("figure.histogram")
    yield Figure(charts.histogram(view, found.samples, marks), title, title, height=320)
    if found.shares.height:
        title = view.t("table.shares")
        yield Figure(charts.shares(view, found), title, title, view.t("uncertainty.note"))


def _numbers(view: View, found: Evidence) -> Iterator[Block]:
    if found.unverified is None:
        text = view.t("numbers.unsourced", count=found.numbers.height)
    else:
        doubtful = found.numbers.filter(found.numbers["unverified"]).height
        text = view.t("numbers.text", count=found.numbers.height, doubtful=doubtful,
                      share=quantities.share(found.unverified))
    yield Paragraph(text, ("quality",))
    sources = tables.Sources(view)
    yield tables.numbers(view, found, sources)
    first = max(view.footprint.suppliers, key=lambda s: s.share).process
    listed = [view.why or first, first, *view.footprint.processes(LISTED)["process"]]
    for process in list(dict.fromkeys(listed))[:LISTED]:
        yield tables.exchanges(view, process, sources)
    if (cited := sources.listed()).rows:
        yield cited


def _evidence(view: View, found: Evidence) -> list[Block]:
    values = {"total": view.scale.number(view.footprint.value), "quality": quantities.share(found.unverified)}
    traces = [Trace(id, view.t(f"trace.{id}"), value, view.t(f"trace.{id}_formula")) for id, value in values.items()]
    rows = [(view.t(f"made_by.{key}"), value) for key, value in view.made_by.items()]
    rows += [(view.t("made_by.method"), view.method), (view.t("made_by.year"), view.year)]
    about = TableBlock((Column(view.t("column.item")), Column(view.t("column.entry"), weight=3.0)), rows,
                       view.t("table.made_by"))
    return [Traces(traces), about]
