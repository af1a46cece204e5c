"""Tables of a footprint, written out: the same rows go to the page and to the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import polars as pl

from seedbed.base.errors import UnknownNameError
from seedbed.base.text import Lang
from seedbed.lifecycle.database import Database
from seedbed.lifecycle.methods import climate
from seedbed.lifecycle.result import text
from seedbed.lifecycle.uncertainty import Uncertainty
from seedbed.show.document import Column, Document, Paragraph, TableBlock
from seedbed.show.lifecycle import quantities
from seedbed.show.lifecycle.evidence import UNVERIFIED, Evidence
from seedbed.show.lifecycle.view import View
from seedbed.show.numbers import MISSING
from seedbed.show.speaker import Speaker
from seedbed.show.words import t

SUPPLIERS, FLOWS, NUMBERS, UNCERTAIN = 12, 10, 12, 8
NAMED = 2
"""Suppliers of an exchange that are named; more are counted."""


def listing(caption: str, columns: Sequence[Column], rows: Sequence[tuple[str, ...]], bars: Sequence[float] = (),
            note: str = "") -> TableBlock:
    """A table of written cells."""
    return TableBlock(columns, rows, caption, note, bars=bars)


class Sources:
    """The sources cited in some tables, numbered in the order they are met."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._numbers: dict[tuple[str, str], int] = {}

    def cite(self, row: dict[str, Any]) -> str:
        """`[1]`, with a star for an unverified number."""
        key = (row["citation"], row["url"] or "")
        cited = f"[{self._numbers.setdefault(key, len(self._numbers) + 1)}]" if row["citation"] else ""
        return f"{cited or MISSING}{'*' if (row['comment'] or '').startswith(UNVERIFIED) else ''}"

    def listed(self) -> TableBlock:
        """The list of sources."""
        rows = [(f"[{number}]", citation, url) for (citation, url), number in self._numbers.items()]
        columns = _columns(self._view, "number_of", "source", "address", weights=(0.35, 3.2, 1.6))
        return listing(self._view.t("table.sources"), columns, rows)


def split(view: View) -> TableBlock | None:
    """The parts of a climate footprint; None for other methods."""
    made, names = view.footprint, climate.part_names()
    if not made.parts:
        return None
    outside = [part for part, entry in climate.climate().parts.items() if not entry.headline]
    rows, bars = [], []
    for part, value in made.parts.items():
        where = "net" if part == "net" else "outside" if part in outside else "inside"
        rows.append((names[part][view.lang], view.scale.figure(value), _share(view, value), view.t(f"split.{where}")))
        bars.append(0.0 if where != "inside" else _ratio(view, value))
    return listing(view.t("table.split"), _columns(view, "part", ">value", ">share", "counted"), rows, bars,
                view.t("split.note"))


def suppliers(view: View) -> TableBlock:
    """Who supplies the product, and what a unit of it carries from each."""
    made, database = view.footprint, view.footprint.database
    method = database.method_number(made.method)
    rows = [
        (s.name[view.lang], view.at(s.place), quantities.share(s.share),
         quantities.plain(float(database.scores[s.column, method])))
        for s in sorted(made.suppliers, key=lambda s: -s.share)[:SUPPLIERS]
    ]
    columns = _columns(view, "process", "place", ">supply", ">per_unit",
                       unit=quantities.per_unit(made.per, view.unit(made.suppliers[0].column), view.lang))
    left = len(made.suppliers) - SUPPLIERS
    return listing(view.t("table.suppliers"), columns, rows, [s.share for s in made.suppliers][:SUPPLIERS],
                view.t("more_suppliers", count=left) if left > 0 else "")


def processes(view: View, count: int = 10) -> TableBlock:
    """Hot-spots."""
    found = view.footprint.processes(count)
    rows = [
        (view.process(row["column"])[view.lang], view.at(row["place"]), view.scale.figure(row["value"]),
         quantities.share(row["share"]), quality(row["quality"]))
        for row in found.iter_rows(named=True)
    ]
    return listing(view.t("table.processes"), _columns(view, "process", "place", ">value", ">share", ">quality"), rows,
                found["share"].to_list(), view.t("hotspots.note"))


def flows(view: View) -> TableBlock:
    """Exchanges with nature."""
    found = view.footprint.flows(FLOWS)
    rows = [
        (text(row["name_zh"], row["name_en"], row["id"])[view.lang], compartment(view, row["compartment"]),
         view.scale.figure(row["value"]), quantities.share(row["share"]))
        for row in found.iter_rows(named=True)
    ]
    return listing(view.t("table.flows"), _columns(view, "flow", "compartment", ">value", ">share"), rows,
                found["share"].to_list())


def comparison(view: View) -> TableBlock:
    """The footprint and those it is compared with; with draws, how surely each is lower than the first."""
    first = view.footprint
    most = max(abs(made.value) for made in view.several)
    rows: list[tuple[str, ...]] = []
    for number, (label, made) in enumerate(zip(compared(view), view.several, strict=True)):
        change = MISSING if made is first or not first.value else signed(made.value / first.value - 1)
        row = (label, view.scale.figure(made.value), change)
        rows.append(row + _paired(view, number) if view.draws else row)
    more = (">interval", ">lower") if view.draws else ()
    bars = [max(made.value, 0.0) / most if most else 0.0 for made in view.several]
    return listing(view.t("table.comparison"), _columns(view, "what", ">value", ">change", *more), rows, bars,
                view.t("comparison.note") if view.draws else "")


def _paired(view: View, number: int) -> tuple[str, str]:
    """Interval, and the part of draws in which the footprint is lower than the first."""
    own, first = view.draws[number], view.draws[0]
    lower = float((own.samples < first.samples).mean())
    return view.spread_of(own), MISSING if number == 0 else f"{lower:.0%}"


def shares(view: View, found: Uncertainty) -> TableBlock:
    """Which processes make the footprint uncertain."""
    top = found.shares.head(UNCERTAIN)
    rows = [(view.process_name(process), str(numbers), quantities.share(share))
            for process, numbers, share in top.select("process", "numbers", "share").iter_rows()]
    return listing(view.t("table.shares"), _columns(view, "process", ">counted_numbers", ">variance"), rows,
                top["share"].to_list(), view.t("uncertainty.note"))


def compared(view: View) -> list[str]:
    """What each of the compared footprints is called: by what differs, place or product or both."""
    products, places = (len({getattr(f, key) for f in view.several}) > 1 for key in ("product", "place"))
    labels = []
    for made in view.several:
        parts = ([made.name[view.lang]] if products else []) + ([view.at(made.place)] if places else [])
        labels.append(" · ".join(parts) or made.name[view.lang])
    return labels


def exchanges(view: View, process: str, sources: Sources) -> TableBlock:
    """Every exchange of a process with what it carries, its uncertainty and source."""
    database = view.footprint.database
    found = view.footprint.why(process).filter(~pl.col("reference").fill_null(False))
    column = database.column(process)
    score = float(database.scores[column, database.method_number(view.footprint.method)])
    rows: list[tuple[str, ...]] = []
    for row in found.iter_rows(named=True):
        value = row["value"]
        rows.append((
            view.t(f"role.{role(view, row)}", name=text(row["name_zh"], row["name_en"], row["flow"])[view.lang]),
            spread(view, row),
            MISSING if value is None else quantities.plain(value),
            quantities.share(value / score if value is not None and score else None),
            supplier(view, row["supplier"]), sources.cite(row),
        ))
    unit = view.unit(column)
    columns = _columns(view, "exchange", ">amount", ">carries", ">share", "supplier", "source",
                       unit=quantities.per_unit(view.footprint.per, unit, view.lang),
                       weights=(1.8, 1.7, 1.3, 0.7, 1.5, 0.6))
    caption = view.t("table.exchanges", process=view.process(column)[view.lang], amount=view.amount(1.0, unit))
    return listing(caption, columns, rows, note=view.t("exchanges.note"))


def numbers(view: View, found: Evidence, sources: Sources) -> TableBlock:
    """The numbers that move the result most."""
    titles = {id: text(zh, en, id)[view.lang] for id, zh, en in
              view.footprint.database.inventory.flows.select("id", "name_zh", "name_en").iter_rows()}
    rows: list[tuple[str, ...]] = []
    for row in found.numbers.head(NUMBERS).iter_rows(named=True):
        rows.append((
            titles[row["flow"]], view.process_name(row["process"]),
            spread(view, row),
            signed(row["influence"] / 10), sources.cite(row),
        ))
    columns = _columns(view, "number", "process", ">amount", ">moves", "source", weights=(1.5, 1.8, 1.4, 1.0, 0.6))
    return listing(view.t("table.numbers"), columns, rows, note=view.t("numbers.note"))


def role(view: View, row: dict[str, Any]) -> str:
    """What an exchange is to its process."""
    kind, inward = view.flow_kinds.get(row["flow"], "product"), row["direction"] == "input"
    if kind == "elementary":
        return "resource" if inward else "emission"
    if kind == "waste":
        return "input" if inward else "waste"
    if row["supplier"] and (row["value"] or 0.0) < 0:
        return "credit"
    return "input" if inward else "product"


def process_id(database: Database, name: str) -> str:
    """The process called `name`: its id, its name in either language, or the product that it alone makes.

    Raises UnknownNameError with the nearest.
    """
    wanted, keys = name.strip().lower(), ("process", "name_en", "name_zh")
    for key in keys:
        found = database.columns.filter(pl.col(key).str.to_lowercase() == wanted)
        if found.height:
            return str(found["process"][0])
    products = database.products.filter(pl.any_horizontal(
        pl.col(key).str.to_lowercase() == wanted for key in ("id", "name_en", "name_zh")))
    makers = database.columns.filter(pl.col("flow").is_in(products["id"].implode()))
    if makers.height == 1:
        return str(makers["process"][0])
    known = [word for key in keys for word in database.columns[key].drop_nulls()]
    raise UnknownNameError(f"process of {database.name}", name, known)


def spread(view: View, row: dict[str, Any]) -> str:
    """An amount with its uncertainty: a factor for a log-normal (95 %), a range of ± for a normal one."""
    value, scale = row["amount"], row["scale"]
    written = view.amount(value, row["unit"])
    if row["distribution"] == "lognormal" and scale:
        return f"{written} (×÷{quantities.plain(math.exp(1.96 * scale))})"
    if row["distribution"] == "normal" and scale and value:
        return f"{written} (±{abs(1.96 * scale / value):.0%})"
    return written


def supplier(view: View, listed: str | None) -> str:
    """The suppliers of an exchange by name, or how many there are."""
    if not listed:
        return MISSING
    found = listed.split(", ")
    if len(found) > NAMED:
        return view.t("several", count=len(found))
    return view.join([view.process_name(name) for name in found])


def compartment(view: View, name: str | None) -> str:
    """The compartment of a flow in words."""
    head = (name or "").split("/")[0]
    return view.t(f"compartment.{head}") if head in ("air", "water", "soil", "resource") else name or MISSING


def quality(mark: float | None) -> str:
    """A quality mark, 1 good … 4 poor."""
    return MISSING if mark is None else f"{mark:.1f}".removesuffix(".0")


def signed(share: float) -> str:
    """A relative change with its sign."""
    if not math.isfinite(share):
        return MISSING
    return "0.0%" if abs(share) < 5e-4 else f"{share:+.1%}".replace("-", "−")


def _columns(
    view: View, *keys: str, unit: str = "", weights: Sequence[float] | None = None
) -> list[Column]:
    """Columns by key, `>` for numbers; `value` carries the unit of impacts, `per_unit` and `carries` carry `unit`."""
    found = []
    for position, key in enumerate(keys):
        name = key.lstrip(">")
        label = view.t(f"column.{name}")
        label += {"value": f" ({view.scale.label})", "per_unit": f" ({unit})", "carries": f" ({unit})"}.get(name, "")
        align: Literal["left", "right"] = "right" if key.startswith(">") else "left"
        found.append(Column(label, align, weights[position] if weights else 1.0 if align == "right" else 1.4))
    return found


def _ratio(view: View, value: float) -> float:
    return max(0.0, value / view.footprint.value) if view.footprint.value else 0.0


def _share(view: View, value: float) -> str:
    return quantities.share(value / view.footprint.value if view.footprint.value else None)


def products(database: Database, search: str = "") -> pl.DataFrame:
    """Products that a database supplies (flow, names, unit, places), those whose id or name holds `search`."""
    makers = database.columns.group_by("flow").agg(places=pl.col("place").unique().sort())
    made = database.products.filter(pl.col("kind") == "product").select("name_zh", "name_en", "unit", flow="id")
    named = pl.concat_str(["flow", "name_zh", "name_en"], separator="\n", ignore_nulls=True).str.to_lowercase()
    found = made.filter(named.str.contains(search.strip().lower(), literal=True))
    return found.join(makers, on="flow", how="left").sort("flow")


def products_page(database: Database, search: str, lang: Lang) -> Document:
    """The products of a database, those that `search` finds."""
    found = products(database, search)
    if not found.height:
        return Document.of("", lang, [Paragraph(t("footprint.none_found", lang))])
    c = Speaker(lang)
    columns = [Column(t(f"footprint.column.{key}", lang)) for key in ("id", "product", "unit", "places")]
    rows = []
    for row in found.iter_rows(named=True):
        where = [quantities.place_name(code, lang) for code in row["places"]]
        places = c.join(where) if len(where) <= 4 else t("footprint.several_places", lang, count=len(where))
        rows.append((row["flow"], text(row["name_zh"], row["name_en"], row["flow"])[lang],
                     quantities.unit_name(row["unit"] or "", lang), places))
    title = t("footprint.table.products", lang, database=database.name)
    return Document.of(title, lang, [listing("", columns, rows)])
