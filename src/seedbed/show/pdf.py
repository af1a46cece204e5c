"""A document as PDF: the blocks go as data into the typst template `templates/report.typ`.

Text never becomes typst source, so nothing in it can be taken for markup. Fonts: the subset shipped in
`static/` first (GB 2312, Latin, symbols), then whatever the machine has for rarer characters.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from typing import Any

import typst

from seedbed.show import render, theme
from seedbed.show.document import Block, Document, Figure, TableBlock
from seedbed.show.html import TEMPLATES
from seedbed.show.words import t

_WORDS = (
    "contents",
    "figure",
    "table",
    "source",
    "note",
    "formula",
    "facts",
    "evidence",
    "info",
    "warning",
    "colon",
)


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(font_paths=[str(render.STATIC)])


def to_pdf(document: Document) -> bytes:
    """The PDF (A4, tagged, with outline); the same bytes for the same document, no date inside."""
    data = {
        "title": document.title,
        "subtitle": document.subtitle,
        "place": document.place,
        "lang": document.lang,
        "region": "CN" if document.lang == "zh" else "GB",
        "meta": document.meta,
        "evidence": document.evidence(),
        "words": {key: t(f"document.{key}", document.lang) for key in _WORDS},
        "colours": {"ink": theme.INK, "muted": theme.MUTED, "line": theme.LINE, "accent": theme.ACCENT},
        "sections": [
            {"title": s.title, "blocks": [_block(document, b) for b in s.blocks]} for s in document.sections
        ],
    }
    return typst.compile(
        (TEMPLATES / "report.typ").read_bytes(),
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
    )


def _block(document: Document, block: Block) -> dict[str, Any]:
    """A block as plain data with its type's name; figures drawn, figures and tables numbered."""
    if isinstance(block, Figure):
        drawn = render.svg(block.option, block.width, block.height)
        return {
            "type": "Figure",
            "number": document.number_of(block),
            "svg": drawn,
            "caption": block.caption,
            "alt": block.alt,
            "note": block.note,
            "source": block.source,
            "traces": list(block.traces),
            "share": min(block.width / 700, 1.0),
        }
    plain = {"type": type(block).__name__, **asdict(block)}
    return plain | ({"number": document.number_of(block)} if isinstance(block, TableBlock) else {})
