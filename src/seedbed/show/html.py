"""A document as one self-contained HTML page: inline style, inline SVG, no script, no request."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from seedbed.base.text import Lang
from seedbed.show import render
from seedbed.show.document import Block, Document, Figure, KeyFigures, TableBlock
from seedbed.show.words import WORDS, t

TEMPLATES = WORDS.parent / "templates"
SHOWN = 12  # rows of a table in a notebook
HTML_LANG: dict[Lang, str] = {"zh": "zh-Hans", "en": "en"}


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def to_html(document: Document) -> str:
    """The whole page as text (UTF-8), the same for the same document."""
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return _templates().get_template("report.html.j2").render(_parts(document) | {"style": Markup(style)})


def fragment(document: Document) -> str:
    """For a notebook: the key figures, the first chart, and the first rows of the first table."""
    chosen: list[Block] = [*islice(document.blocks(KeyFigures), 1), *islice(document.blocks(Figure), 1)]
    chosen += [replace(table, rows=table.rows[:SHOWN], traces=()) for table in islice(document.blocks(TableBlock), 1)]
    return _templates().get_template("fragment.html.j2").render(_parts(document) | {"chosen": chosen})


def _parts(document: Document) -> dict[str, Any]:
    """What the templates are given."""

    def word(key: str, **fields: object) -> str:
        return t(key, document.lang, **fields)

    return {"document": document, "evidence": document.evidence(), "html_lang": HTML_LANG[document.lang], "t": word,
            "svg": _svg, "anchor": _anchor}


def _svg(figure: Figure) -> Markup:
    """The drawing, hidden from screen readers: its container carries the words."""
    drawn = render.svg(figure.option, figure.width, figure.height)
    return Markup(drawn.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))


def _anchor(id: str) -> str:
    """`id` with only the characters that are safe in an anchor."""
    return re.sub(r"[^\w\-]", "-", id)
