"""The document model and its HTML: self-contained, well nested, accessible, every citation with evidence."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import html5lib
import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.base.text import Lang
from seedbed.show import charts, words
from seedbed.show.document import (
    Bullets,
    Callout,
    Column,
    Document,
    Fact,
    Figure,
    Heading,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Section,
    TableBlock,
    Trace,
    Traces,
)
from seedbed.show.html import to_html
from seedbed.show.words import placeholders

Report = Callable[[Lang], Document]
VOID = {"meta", "link", "br", "hr", "img", "input"}
SHAPES = {"path", "rect", "circle", "stop"}


class Outline(HTMLParser):
    """Collects headings, ids, links, texts and attributes a reader meets; fails on wrong nesting."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.hrefs: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if found.get("id"):
            self.ids.append(found["id"] or "")
        self.hrefs += [found[k] or "" for k in ("href", "src", "xlink:href") if k in found]
        self.texts += [found[k] or "" for k in ("aria-label", "alt", "title") if k in found]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}> at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)


def read(page: str) -> Outline:
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    return outline


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_nests_and_its_headings_go_down_one_step_at_a_time(report: Report, lang: Lang) -> None:
    page = to_html(report(lang))
    html5lib.HTMLParser(strict=True).parse(page)
    outline = read(page)
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(outline.headings, outline.headings[1:], strict=False))
    assert f'<html lang="{"zh-Hans" if lang == "zh" else "en"}">' in page


def test_the_page_asks_nothing_of_the_network_and_runs_no_script(report: Report) -> None:
    page = to_html(report("zh"))
    outline = read(page)
    assert all(h.startswith("#") or h == "data:," for h in outline.hrefs)
    assert "<script" not in page
    assert "url(http" not in page
    assert "@import" not in page


def test_every_link_inside_leads_somewhere_and_ids_are_unique(report: Report) -> None:
    outline = read(to_html(report("en")))
    assert len(set(outline.ids)) == len(outline.ids)
    assert {h[1:] for h in outline.hrefs if h.startswith("#")} <= set(outline.ids)


def test_figures_have_words_and_tables_have_headers(report: Report) -> None:
    document = report("en")
    page = to_html(document)
    count = sum(1 for _ in document.blocks(Figure))
    assert page.count('role="img" aria-label="') == page.count("<figcaption>") == count > 0
    assert page.count('scope="col"') == 5
    assert page.count('scope="row"') == 4
    assert f"Figure {count}" in page


def test_markup_in_text_is_shown_not_obeyed() -> None:
    page = to_html(_document([Paragraph("<b>&amp; {{ x }}")]))
    assert "&lt;b&gt;&amp;amp; {{ x }}" in page


def test_the_same_document_gives_the_same_page(report: Report) -> None:
    assert to_html(report("zh")) == to_html(report("zh"))


def test_a_citation_without_evidence_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="'ghost'"):
        _document([KeyFigures([KeyFigure("a", "1", trace="ghost")])])


def test_two_sections_or_traces_with_one_id_are_an_error() -> None:
    trace = Trace("a", "a", "1", "1")
    with pytest.raises(InvalidInputError, match="trace id 'a'"):
        _document([Traces([trace, trace])])
    with pytest.raises(InvalidInputError, match="section id 's'"):
        Document("x", "x", "en", "x", [Section("s", "x", []), Section("s", "x", [])])


def test_a_ragged_table_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="'cap'"):
        _document([TableBlock([Column("a"), Column("b")], [["1"]], "cap")])


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Document:
    """A document of every block whose own text is `x`, under a catalogue where every word is `§`."""
    fake = {
        key: dict.fromkeys(("zh", "en"), "§" + "".join(f"{{{p}}}" for p in placeholders(entry["en"])))
        for key, entry in words.catalogue().items()
    }
    monkeypatch.setattr(words, "catalogue", lambda: fake)
    unit = {"zh": "x", "en": "x"}
    option = charts.bars(["x"], [charts.Line("x", "x", [1])], unit=unit, lang="en")
    return _document(
        [
            Heading("x"),
            Paragraph("x", ["x"]),
            Bullets(["x"]),
            KeyFigures([KeyFigure("x", "1", "x", "x", "x")]),
            TableBlock([Column("x")], [["x"]], "x", "x", ["x"]),
            Figure(option, "x", "x", "x", "x", ["x"]),
            Callout("x"),
            Callout("x", "warning"),
            Traces([Trace("x", "x", "x", "x", [Fact("x", "x", "x", "x")])]),
        ]
    )


def test_no_word_of_the_page_comes_from_outside_the_catalogue(marked: Document) -> None:
    shown = " ".join(read(to_html(marked)).texts)
    assert "§" in shown
    assert re.sub(r"[\d\sx§.·/—–-]", "", shown) == ""


def test_no_word_of_the_pdf_comes_from_outside_the_catalogue(
    marked: Document, pdf_text: Callable[[Document], list[str]]
) -> None:
    shown = " ".join(pdf_text(marked))
    assert "§" in shown
    assert re.sub(r"[\d\sx§.·•/—–-]", "", shown) == ""


def _document(blocks: list) -> Document:
    return Document("x", "x", "en", "x", [Section("s", "x", blocks)], [("x", "x")])
