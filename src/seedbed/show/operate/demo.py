"""The demonstration: where it is, what it holds, how to use it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seedbed.base.text import Lang
from seedbed.show.document import Column, Document, Paragraph, TableBlock
from seedbed.show.words import t


def made(path: Path, counts: Mapping[str, int], lang: Lang) -> Document:
    """What was made."""
    columns = [Column(t("demo.what", lang), weight=3), Column(t("demo.count", lang), "right")]
    cells = [[t(f"demo.part.{name}", lang), f"{count:,}"] for name, count in counts.items()]
    return Document.of("", lang, [Paragraph(t("demo.made", lang, where=path)),
                                  TableBlock(columns, cells, t("demo.parts", lang)), Paragraph(t("demo.use", lang))])


def removed(path: Path, lang: Lang) -> Document:
    """What was removed."""
    return Document.of("", lang, [Paragraph(t("demo.removed", lang, where=path))])
