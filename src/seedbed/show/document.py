"""A report as data: sections of a few kinds of block; `html.to_html` and `pdf.to_pdf` render it.

All text is plain text (no markup) and already in the document's language; numbers are already written with
`numbers.number`. Every trace id that a block names must stand in a `Traces` block: a figure without evidence
is an error, not a blank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from seedbed.base.errors import InvalidInputError
from seedbed.base.text import Lang
from seedbed.show.theme import Option


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text; `traces` are cited at its end."""

    text: str
    traces: Sequence[str] = ()


@dataclass(frozen=True)
class Bullets:
    """A list of short texts, numbered where the order matters."""

    items: Sequence[str]
    ordered: bool = False


@dataclass(frozen=True)
class KeyFigure:
    """One number to remember: `value` as written, with its unit apart."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    trace: str = ""


@dataclass(frozen=True)
class KeyFigures:
    """A row of cards."""

    figures: Sequence[KeyFigure]


@dataclass(frozen=True)
class Column:
    """A table column; numbers are aligned right; `weight` is its relative width; `whole`: never broken."""

    label: str
    align: Literal["left", "right"] = "left"
    weight: float = 1.0
    whole: bool = False


@dataclass(frozen=True)
class TableBlock:
    """A table of written cells; the first cell of a row names the row. `bars`: shares of 0–1 that go with the rows."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    caption: str
    note: str = ""
    traces: Sequence[str] = ()
    bars: Sequence[float] = ()

    def cited(self, traces: Sequence[str]) -> TableBlock:
        """The same table with evidence."""
        return replace(self, traces=traces)


@dataclass(frozen=True)
class Twig:
    """A part of a tree: `share` of the whole, also as it is `written`, and a `note` beside its label."""

    label: str
    share: float
    written: str
    note: str = ""
    pale: bool = False
    children: Sequence[Twig] = ()


@dataclass(frozen=True)
class Tree:
    """What a whole is made of, branch by branch."""

    top: Twig
    caption: str = ""


@dataclass(frozen=True)
class Figure:
    """A chart with its caption; `alt` says in words what the chart shows; size in CSS pixels."""

    option: Option
    caption: str
    alt: str
    note: str = ""
    source: str = ""
    traces: Sequence[str] = ()
    width: int = 700
    height: int | None = None


@dataclass(frozen=True)
class Callout:
    """A boxed remark."""

    text: str
    kind: Literal["info", "warning"] = "info"
    title: str = ""


@dataclass(frozen=True)
class Fact:
    """One source behind a number: the facts table and where its numbers were published."""

    table: str
    publisher: str
    reference: str
    quality: str = ""


@dataclass(frozen=True)
class Trace:
    """Why a number is what it is: the value, the formula it came from and the facts that went in."""

    id: str
    label: str
    value: str
    formula: str
    facts: Sequence[Fact] = ()


@dataclass(frozen=True)
class Traces:
    """The numbered evidence."""

    traces: Sequence[Trace]


Block = Heading | Paragraph | Bullets | KeyFigures | TableBlock | Tree | Figure | Callout | Traces
B = TypeVar("B", bound=Block)


@dataclass(frozen=True)
class Section:
    """A chapter; `id` is its anchor."""

    id: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Document:
    """A report. `place` is its name as written, `meta` pairs of label and value below the title."""

    title: str
    subtitle: str
    lang: Lang
    place: str
    sections: Sequence[Section]
    meta: Sequence[tuple[str, str]] = field(default=())

    def __post_init__(self) -> None:
        _unique([s.id for s in self.sections], "section id")
        known = [trace.id for block in self.blocks(Traces) for trace in block.traces]
        _unique(known, "trace id")
        for cited in self._cited():
            if cited not in known:
                raise InvalidInputError(
                    f"cites trace {cited!r}, which no Traces block holds.",
                    where=f"document {self.title!r}",
                    fix="add the trace or drop the citation.",
                )
        for table in self.blocks(TableBlock):
            if any(len(row) != len(table.columns) for row in table.rows):
                raise InvalidInputError(
                    "has a row of another length than its columns.",
                    where=f"table {table.caption!r}",
                    fix="give each row one cell a column.",
                )

    @classmethod
    def of(cls, title: str, lang: Lang, blocks: Sequence[Block], *, subtitle: str = "", place: str = "",
           meta: Sequence[tuple[str, str]] = ()) -> Document:
        """A short document: blocks without chapters."""
        return cls(title, subtitle, lang, place, [Section("result", title, blocks)], meta)

    def blocks(self, kind: type[B]) -> Iterator[B]:
        """All blocks of one kind, in order."""
        return (b for s in self.sections for b in s.blocks if isinstance(b, kind))

    def evidence(self) -> dict[str, int]:
        """The number of each trace, from 1, by its id."""
        return {t.id: n for n, t in enumerate((t for b in self.blocks(Traces) for t in b.traces), start=1)}

    def number_of(self, block: Block) -> int:
        """The number of a figure or table among those of its kind, from 1."""
        return next((n for n, b in enumerate(self.blocks(type(block)), start=1) if b is block), 1)

    def _cited(self) -> Iterator[str]:
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Paragraph | TableBlock | Figure):
                    yield from block.traces
                if isinstance(block, KeyFigures):
                    yield from (f.trace for f in block.figures if f.trace)


def _unique(ids: list[str], what: str) -> None:
    twice = [id for id, n in Counter(ids).items() if n > 1]
    if twice:
        raise InvalidInputError(
            f"{what} {twice[0]!r} is used twice.", where="document", fix="give every one its own id."
        )
