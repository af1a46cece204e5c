"""An explanation on the terminal: the tables of one outcome, shares of variance, the trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from seedbed.base.text import Lang
from seedbed.show.document import TableBlock
from seedbed.show.explain import tables
from seedbed.show.explain.trace import Traced, costs, parameters, sentence, utilities
from seedbed.show.report.why import Told, instruments, kinds
from seedbed.show.words import t

GREY = "bright_black"


def tell(told: Told, outcome: str) -> Iterator[RenderableType]:
    """Kinds, the outcome by market, instruments, and shares of variance where there are any."""
    yield grid(kinds(told))
    yield grid(tables.by_market(told, outcome))
    yield grid(instruments(told) if outcome == "emissions" else tables.by_instrument(told, outcome))
    if told.found.sensitivity is not None:
        yield grid(tables.index_table(told, told.found.sensitivity, outcome))


def tell_trace(told: Traced) -> Iterator[RenderableType]:
    """The sentence and the tables of a trace."""
    yield Text(sentence(told), style="bold")
    for block in (utilities(told), costs(told), parameters(told, short=True)):
        yield grid(block)


def grid(block: TableBlock) -> Table:
    """A table of a document on the terminal."""
    table = Table(title=block.caption, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD,
                  caption=block.note or None, caption_justify="left", caption_style=GREY)
    for column in block.columns:
        table.add_column(column.label, justify=column.align, overflow="fold")
    for cells in block.rows:
        table.add_row(*(Text(cell) for cell in cells))
    return table


def show(tables: Iterator[RenderableType]) -> None:
    """Print each."""
    console = Console()
    for table in tables:
        console.print(table)


def written(path: Path, lang: Lang) -> None:
    """Say where a file is."""
    Console().print(t("footprint.written", lang, path=path), highlight=False, soft_wrap=True)
