"""A footprint on the terminal: a headline, tables with bars, and the supply tree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from seedbed.base.text import Lang
from seedbed.lifecycle.database import Database
from seedbed.lifecycle.result import text
from seedbed.show.document import TableBlock
from seedbed.show.lifecycle import quantities, tables
from seedbed.show.lifecycle.evidence import cautions, evidence
from seedbed.show.lifecycle.tables import Rows
from seedbed.show.lifecycle.view import Branch, View
from seedbed.show.words import t

WIDTH = 16
"""Cells of a full bar."""
ROOMY = 100
"""Columns of a terminal from which bars are drawn."""
NAME = 18
"""Columns that the names of the rows have at least."""
EIGHTHS = " ▏▎▍▌▋▊▉█"
GREEN, GREY, AMBER = "green", "bright_black", "yellow"


def summary(view: View, *, with_tree: bool) -> Iterator[RenderableType]:
    """Headline, cautions, then the tree or the tables of parts, suppliers, hot-spots and flows; comparison and
    uncertainty where asked for; what made them."""
    yield headline(view)
    yield from (Text(text, style=AMBER) for text in cautions(view, evidence(view.footprint)))
    if with_tree:
        yield tree(view)
    else:
        found = (tables.split(view), tables.suppliers(view), tables.processes(view), tables.flows(view))
        yield from (grid(rows) for rows in found if rows is not None and rows.rows)
    if view.others:
        yield grid(tables.comparison(view))
    if view.uncertainty is not None and view.uncertainty.shares.height:
        yield grid(tables.shares(view, view.uncertainty))
    yield foot(view)


def headline(view: View) -> Text:
    """The title, the number and its interval."""
    made = view.footprint
    found = Text.assemble((f"{view.title} · {view.place(made.place)}\n", "bold"),
                          (view.scale.number(made.value), f"bold {GREEN}"))
    if view.uncertainty is not None:
        low, high = view.uncertainty.interval()
        written = view.t("interval", low=view.scale.short(low), high=view.scale.number(high))
        found.append(f"   {written}")
    return found


def title(text: str) -> Text:
    """A line that says what follows."""
    return Text(text, style="bold")


def why(view: View) -> Iterator[RenderableType]:
    """The exchanges of the process asked about, and their sources."""
    sources = tables.Sources(view)
    yield headline(view)
    yield grid(tables.exchanges(view, view.why, sources))
    if (cited := sources.listed()).rows:
        yield grid(cited)
    yield foot(view)


def foot(view: View) -> Text:
    """Database, year, method and version."""
    made = view.made_by
    return Text(view.t("made_from", database=made["database"], version=made["version"], year=view.year,
                       method=view.method, seedbed=made["seedbed"]), style=GREY)


def grid(rows: Rows | TableBlock) -> RenderableType:
    """A table, its bars at the end of the rows where there is room for them, its note below."""
    bars = rows.bars if isinstance(rows, Rows) and Console().width >= ROOMY else ()
    table = Table(title=rows.caption, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for number, column in enumerate(rows.columns):
        table.add_column(column.label, justify=column.align, overflow="fold", min_width=None if number else NAME)
    if bars:
        table.add_column("")
    for position, cells in enumerate(rows.rows):
        ends = [Text(bar(bars[position]), style=GREEN)] if bars else []
        table.add_row(*(Text(cell) for cell in cells), *ends)
    return Group(table, Text(f"{rows.note}\n", style=GREY)) if rows.note else table


def tree(view: View) -> Tree:
    """The supply tree with the share each branch carries."""
    top = Tree(_line(view, view.tree), guide_style=GREY)
    _grow(view, top, view.tree)
    return top


def _grow(view: View, node: Tree, branch: Branch) -> None:
    for child in branch.children:
        _grow(view, node.add(_line(view, child)), child)


def _line(view: View, branch: Branch) -> Text:
    share = branch.value / view.footprint.value if view.footprint.value else 0.0
    pale = branch.kind != "supply"
    tone = GREY if pale else GREEN if share >= 0 else "cyan"
    found = Text.assemble(
        (f"{bar(abs(share), 8):<8} ", tone), (f"{quantities.share(share):>6}  ", "bold"),
        (branch.name, GREY if pale else ""), (f"  {view.scale.number(branch.value)}", GREY),
    )
    return found.append(f"  ({branch.amount})", style=GREY) if branch.amount else found


def bar(share: float, width: int = WIDTH) -> str:
    """A bar of `width` cells for a share of 0–1, to the eighth of a cell."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    full, part = divmod(eighths, 8)
    return "█" * full + (EIGHTHS[part] if part else "")


def products(database: Database, search: str, lang: Lang) -> Table | Text:
    """The products of a database."""
    found = tables.products(database, search)
    if not found.height:
        return Text(t("footprint.none_found", lang))
    table = Table(title=t("footprint.table.products", lang, database=database.name), title_justify="left",
                  title_style="bold", box=box.SIMPLE_HEAD)
    for key in ("id", "product", "unit", "places"):
        table.add_column(t(f"footprint.column.{key}", lang), overflow="fold")
    joint = "、" if lang == "zh" else ", "
    for row in found.iter_rows(named=True):
        where = [quantities.place_name(code, lang) for code in row["places"]]
        places = joint.join(where) if len(where) <= 4 else t("footprint.several_places", lang, count=len(where))
        name = text(row["name_zh"], row["name_en"], row["flow"])[lang]
        unit = quantities.unit_name(row["unit"] or "", lang)
        table.add_row(*(Text(cell) for cell in (row["flow"], name, unit, places)))
    return table


def written(path: Path, lang: Lang) -> None:
    """Say where a file is."""
    Console().print(t("footprint.written", lang, path=path), highlight=False, soft_wrap=True)


def show(*things: RenderableType) -> None:
    """Print each thing, with a line between them."""
    console = Console()
    for thing in things:
        console.print(thing)
