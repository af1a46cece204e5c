"""The PDF: pages, Chinese that can be searched, the same bytes each time."""

import re
from collections.abc import Callable

from seedbed.base.text import Lang
from seedbed.show.document import Column, Document, Paragraph, Section, TableBlock
from seedbed.show.pdf import to_pdf

Report = Callable[[Lang], Document]
PdfText = Callable[[Document], list[str]]


def test_the_same_document_gives_the_same_bytes(report: Report) -> None:
    first = to_pdf(report("zh"))
    assert first.startswith(b"%PDF-")
    assert to_pdf(report("zh")) == first


def test_chinese_text_numbers_and_captions_can_be_extracted(report: Report, pdf_text: PdfText) -> None:
    pages = pdf_text(report("zh"))
    text = re.sub(r"\s", "", "".join(pages))
    assert len(pages) >= 4
    title, cost, publisher = "广东省绿色低碳市场培育方案", "累计财政支出", "中国汽车工业协会"
    for wanted in (title, cost, publisher, "42.5亿元", "图1", "表1", "CO₂e"):
        assert wanted in text, wanted


def test_markup_characters_are_printed_as_they_are(pdf_text: PdfText) -> None:
    strange = 'a*b_c #let $x$ "q" \\ @y <z> [w] `v`'
    document = Document("x", "x", "en", "x", [Section("s", "x", [Paragraph(strange)])])
    assert strange in " ".join(pdf_text(document))


def test_a_table_longer_than_a_page_runs_on_with_its_header(pdf_text: PdfText) -> None:
    table = TableBlock(
        [Column("HEAD"), Column("n", "right")], [[f"row {i}", str(i)] for i in range(90)], "long"
    )
    pages = pdf_text(Document("x", "x", "en", "x", [Section("s", "x", [table])]))
    assert sum("HEAD" in page for page in pages) >= 2
    assert any("row 89" in page for page in pages)
