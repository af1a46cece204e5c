"""Documents on the terminal: the same blocks that pages and PDF are made of, as text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from pathlib import Path

import plotext
from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree as RichTree

from seedbed.base.text import Lang
from seedbed.show.document import (
    Block,
    Bullets,
    Callout,
    Document,
    Figure,
    Heading,
    KeyFigures,
    Paragraph,
    TableBlock,
    Traces,
    Tree,
    Twig,
)
from seedbed.show.words import t

WIDTH, ROOMY = 16, 100
"""Cells of a full bar, and columns of a terminal from which bars are drawn."""
AROUND = 3
"""Columns around a cell: a space on both sides, and one between two cells."""
EIGHTHS = " ▏▎▍▌▋▊▉█"
GREEN, GREY, AMBER = "green", "bright_black", "yellow"
CHART = (80, 18)
CJK = 12
"""Columns that a text without spaces needs at least: Chinese breaks anywhere."""


def show(document: Document) -> None:
    """Print a document: its title, its blocks, and what made it."""
    console = Console()
    if document.title:
        console.print(Text(document.title, style="bold"))
    if document.subtitle:
        console.print(Text(document.subtitle, style=GREY))
    for section in document.sections:
        for block in section.blocks:
            for part in render(block):
                console.print(part)
    if document.meta:
        console.print(Text(" · ".join(f"{label} {value}" for label, value in document.meta), style=GREY))


def written(path: Path | str, lang: Lang) -> None:
    """Say where a file is."""
    Console().print(t("written", lang, path=path), highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print a line."""
    Console().print(Text(text), soft_wrap=True)


@singledispatch
def render(block: Block) -> Iterator[RenderableType]:
    """A block as things that a terminal can print; evidence is left to pages."""
    raise TypeError(f"a block of no known kind: {type(block).__name__}")


@render.register
def _(block: Heading) -> Iterator[RenderableType]:
    yield Text(block.text, style="bold")


@render.register
def _(block: Paragraph) -> Iterator[RenderableType]:
    yield Text(block.text)


@render.register
def _(block: Bullets) -> Iterator[RenderableType]:
    for number, item in enumerate(block.items, start=1):
        yield Text(f"{f'{number}.' if block.ordered else '·'} {item}")


@render.register
def _(block: KeyFigures) -> Iterator[RenderableType]:
    grid = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for figure in block.figures:
        value = Text.assemble((figure.value, f"bold {GREEN}"), f" {figure.unit}")
        grid.add_row(Text(figure.label), value, Text(figure.note, style=GREY))
    yield grid


@render.register
def _(block: Callout) -> Iterator[RenderableType]:
    mark, tone = ("! ", AMBER) if block.kind == "warning" else ("", GREY)
    yield Text(f"{mark}{f'{block.title}: ' if block.title else ''}{block.text}", style=tone)


@render.register
def _(block: Traces) -> Iterator[RenderableType]:
    yield from ()


@render.register
def _(block: TableBlock) -> Iterator[RenderableType]:
    width = Console().width
    bars = block.bars if width >= ROOMY else ()
    widths = _widths(block, width - (WIDTH + AROUND) * bool(bars))
    if not widths:
        yield from _records(block)
        return
    table = Table(title=block.caption or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD,
                  show_header=any(column.label for column in block.columns))
    for column, wide in zip(block.columns, widths, strict=True):
        table.add_column(column.label, justify=column.align, overflow="fold", no_wrap=column.whole, width=wide)
    if bars:
        table.add_column("")
    for position, cells in enumerate(block.rows):
        ends = [Text(bar(bars[position]), style=GREEN)] if bars else []
        table.add_row(*(Text(cell) for cell in cells), *ends)
    yield Group(table, Text(f"{block.note}\n", style=GREY)) if block.note else table


def _widths(block: TableBlock, room: int) -> list[int]:
    """How wide each column is: what it needs so that no number and no word is cut, and of the room that is left
    what it lacks to stand on one line, the one that lacks most first. Empty where the table does not fit."""
    needs, wants = [], []
    for number, column in enumerate(block.columns):
        cells = [column.label, *(row[number] for row in block.rows)]
        lines = [line for cell in cells for line in cell.splitlines()]
        parts = lines if column.whole else [word for line in lines for word in line.split()]
        needs.append(max((cell_len(part) if part.isascii() or column.whole else min(cell_len(part), CJK)
                          for part in parts), default=0))
        wants.append(max((cell_len(line) for line in lines), default=0))
    spare = room - sum(needs) - AROUND * len(needs) - 1
    if spare < 0:
        return []
    for _ in range(min(spare, sum(wants) - sum(needs))):
        needs[max(range(len(needs)), key=lambda number: wants[number] - needs[number])] += 1
    return needs


def _records(block: TableBlock) -> Iterator[RenderableType]:
    """A table that does not fit: a line for each row's name, and its cells below."""
    if block.caption:
        yield Text(block.caption, style="bold")
    for name, *cells in block.rows:
        several = zip(block.columns[1:], cells, strict=True)
        labelled = [f"{column.label} {cell}".strip() for column, cell in several if cell]
        yield Text(name, style="bold")
        yield Padding(Text(" · ".join(labelled)), (0, 0, 0, 2))
    if block.note:
        yield Text(f"{block.note}\n", style=GREY)


@render.register
def _(block: Tree) -> Iterator[RenderableType]:
    top = RichTree(_twig(block.top), guide_style=GREY)
    _grow(top, block.top)
    yield top


def _grow(node: RichTree, twig: Twig) -> None:
    for child in twig.children:
        _grow(node.add(_twig(child)), child)


def _twig(twig: Twig) -> Text:
    tone = GREY if twig.pale else GREEN if twig.share >= 0 else "cyan"
    return Text.assemble((f"{bar(abs(twig.share), 8):<8} ", tone), (f"{twig.written:>6}  ", "bold"),
                         (twig.label, GREY if twig.pale else ""), (f"  {twig.note}" if twig.note else "", GREY))


@render.register
def _(block: Figure) -> Iterator[RenderableType]:
    """Lines over years are drawn; other charts are left to pages."""
    lines = [s for s in block.option["series"] if s["type"] == "line" and s.get("name") and "stack" not in s]
    axis = block.option.get("xAxis")
    if not lines or not isinstance(axis, dict) or "data" not in axis:
        return
    years = [int(year) for year in axis["data"]]
    plotext.clear_figure()
    plotext.plot_size(*CHART)
    plotext.theme("clear")
    for line in lines:
        plotext.plot(years, [float(v) for v in line["data"]], label=line["name"])
    marks = years[:: max(1, len(years) // 8)]
    plotext.xticks(marks, [str(year) for year in marks])
    yield Text(block.caption, style="bold")
    yield Text.from_ansi(plotext.build())


def bar(share: float, width: int = WIDTH) -> str:
    """A bar of `width` cells for a share of 0–1, to the eighth of a cell."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    full, part = divmod(eighths, 8)
    return "█" * full + (EIGHTHS[part] if part else "")
