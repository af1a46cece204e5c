"""Pages of footprints and imports: one language each, nothing cut off, quiet in a real browser."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import html5lib
import openpyxl
import polars as pl
import pypdf
import pytest

from seedbed.base.text import Lang
from seedbed.lifecycle import result
from seedbed.lifecycle.database import Database
from seedbed.lifecycle.formats.form.schema import form
from seedbed.lifecycle.formats.form.write import write_template
from seedbed.lifecycle.gate.importing import import_database
from seedbed.lifecycle.gate.report import ImportReport, Name
from seedbed.lifecycle.inventory.store import Store
from seedbed.lifecycle.uncertainty import uncertainty
from seedbed.show.document import Document, Figure, KeyFigures, Paragraph, TableBlock
from seedbed.show.html import to_html
from seedbed.show.lifecycle import charts, evidence, page, quantities
from seedbed.show.lifecycle import imported as import_page
from seedbed.show.lifecycle.view import View
from seedbed.show.pdf import to_pdf
from seedbed.show.words import t

pytestmark = pytest.mark.xdist_group("footprint_page")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMES = {"Seedbed", "starter", "GWP100", "IPCC", "Heijungs", "Suh", "Apache-2", "HFC-134a", "TOPCon", "NMC622"}
"""Names that are written alike in both languages."""
LANGS: tuple[Lang, ...] = ("zh", "en")


@cache
def view(lang: Lang) -> View:
    """The life of a battery car beside that of a petrol car, with few draws."""
    several = [result.footprint(product) for product in ("car_life_bev", "car_life_ice")]
    draws = uncertainty(several, draws=60, seed=1, correlation=0.0, progress=None)
    return View(lang, several[0], others=(several[1],), draws=tuple(draws))


@cache
def document(lang: Lang) -> Document:
    shown = view(lang)
    return page.document(shown.footprint, lang, others=shown.others, draws=shown.draws)


def texts(shown: Document) -> Iterator[str]:
    """What a reader reads, but for the citations of sources, which stay in their own language."""
    yield from (shown.title, shown.subtitle, shown.place, *(text for pair in shown.meta for text in pair))
    for section in shown.sections:
        yield section.title
        for block in section.blocks:
            if isinstance(block, TableBlock) and block.caption != t("footprint.table.sources", shown.lang):
                yield from (block.caption, block.note, *(column.label for column in block.columns))
                yield from (cell for row in block.rows for cell in row)
            elif isinstance(block, Figure):
                yield from (block.caption, block.note, *strings(block.option))
            elif isinstance(block, Paragraph):
                yield block.text
            elif isinstance(block, KeyFigures):
                yield from (text for f in block.figures for text in (f.label, f.unit, f.note))


def strings(node: Any) -> Iterator[str]:
    """The words of a chart: names, labels and formatters."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("name", "formatter") and isinstance(value, str):
                yield value.replace("{value}", "")
            elif key == "data" and isinstance(value, list):
                yield from (entry for entry in value if isinstance(entry, str))
                yield from strings(value)
            else:
                yield from strings(value)
    elif isinstance(node, list):
        for entry in node:
            yield from strings(entry)


def test_the_english_page_is_english() -> None:
    assert [text for text in texts(document("en")) if CHINESE.search(text)] == []


def test_the_chinese_page_is_chinese() -> None:
    left = {word for text in texts(document("zh")) for word in re.findall(r"[A-Za-z][A-Za-z\d-]{3,}", text)}
    assert left <= NAMES


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_is_valid_html_and_every_figure_is_drawn(lang: Lang) -> None:
    html = to_html(document(lang))
    html5lib.HTMLParser(strict=True).parse(html)
    figures = list(document(lang).blocks(Figure))
    assert html.count("<svg ") == len(figures) == 7
    assert "NaN" not in html


@pytest.mark.parametrize("lang", LANGS)
def test_the_pdf_carries_title_sections_and_the_number(lang: Lang) -> None:
    read = pypdf.PdfReader(io.BytesIO(to_pdf(document(lang))))
    pages = [re.sub(r"\s", "", shown.extract_text()) for shown in read.pages]
    assert 6 <= len(pages) <= 14
    whole = "".join(pages)
    for section in document(lang).sections:
        assert re.sub(r"\s", "", section.title) in whole
    assert view(lang).scale.short(view(lang).footprint.value) in pages[0]


def test_the_supply_tree_and_the_parts_add_up() -> None:
    shown = view("en")
    for _, branch in shown.tree.walk():
        if branch.children:
            assert sum(child.value for child in branch.children) == pytest.approx(branch.value)
    made = shown.footprint
    assert sum(made.parts[part] for part in ("fossil", "biogenic", "land_use", "aircraft")) == pytest.approx(made.value)


def test_the_sankey_has_no_loop_and_no_label_wider_than_its_room() -> None:
    drawn = charts.sankey(view("en"))
    assert drawn is not None
    (series,) = drawn["series"]
    order = {node["name"]: place for place, node in enumerate(series["data"])}
    assert len(order) == len(series["data"])
    assert all(link["source"] != link["target"] and link["value"] > 0 for link in series["links"])
    for node in series["data"]:
        label = node["label"]
        assert "overflow" in label or charts.LETTER * len(label["formatter"]) <= charts.SANKEY_WIDTH / charts.STEPS


def test_influence_is_what_a_change_of_the_number_does() -> None:
    """One exchange raised by 1 %: the footprint moves by the influence stated, to first order."""
    made = result.footprint("clinker")
    first = evidence.evidence(made).numbers.row(0, named=True)
    database = made.database
    raised = database.inventory.exchanges.with_columns(
        amount=pl.when(*(pl.col(key) == first[key] for key in ("process", "flow", "amount")))
        .then(pl.col("amount") * 1.01).otherwise(pl.col("amount")))
    other = result.footprint("clinker", database=Database(replace(database.inventory, exchanges=raised)))
    assert other.value / made.value - 1 == pytest.approx(0.01 * first["influence"], rel=0.02)


def test_cautions_name_what_a_reader_must_know() -> None:
    there = View("en", result.footprint("cement", place="guangdong"))
    said = list(evidence.cautions(there, evidence.evidence(there.footprint)))
    assert any("no production in Guangdong itself" in text for text in said)
    home = View("en", result.footprint("electricity", place="guangdong"))
    assert list(evidence.cautions(home, evidence.evidence(home.footprint))) == []


@pytest.mark.parametrize(("value", "written"), [
    (2.1634, "2.16 kg CO₂e"), (12_345.0, "12.3 t CO₂e"), (0.0042, "4.20 g CO₂e"), (-3.5e9, "−3.50 Mt CO₂e"),
    (0.0, "0 kg CO₂e"),
])
def test_impacts_are_written_in_the_unit_that_suits_them(value: float, written: str) -> None:
    assert quantities.scale([value], "kgCO2e", "en").number(value).replace("\u00a0", " ") == written


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> ImportReport:
    """The report of the filled-in form with amounts taken out: two kinds of defect at least."""
    folder = tmp_path_factory.mktemp("import")
    write_template(folder / "form.xlsx")
    book = openpyxl.load_workbook(folder / "form.xlsx")
    sheet = book[form().sheets["exchanges"].title]
    header = [str(cell.value) for cell in sheet[1]]
    for row in range(3, 9):
        sheet.cell(row, next(k for k, text in enumerate(header, start=1) if "数量" in text), "?")
    book.save(folder / "form.xlsx")
    return import_database(folder / "form.xlsx", Store(folder / "home"))


@pytest.mark.parametrize("lang", LANGS)
def test_an_import_page_names_every_kind_of_defect(imported: ImportReport, lang: Lang) -> None:
    shown = import_page.document(imported, lang)
    assert [section.id for section in shown.sections[1:]] == [found.kind for found in imported.found]
    assert imported.decision == "refused"
    html5lib.HTMLParser(strict=True).parse(to_html(shown))
    assert to_pdf(shown).startswith(b"%PDF")


def test_examples_that_read_the_same_are_one_row_and_long_ids_can_break(imported: ImportReport) -> None:
    found = imported.found[0]
    same = found.examples[0].model_copy(update={
        "where": "pack/processes/3e0429b6-61c9-4372-a2b5-9a94dd061f7e.xml",
        "detail": "c51cefab-60cd-4f6a-85a1-126721c7abaa", "flow": Name(id="x", zh="矿石", en="Ore")})
    report = imported.model_copy(update={"found": (found.model_copy(update={"examples": (same, same), "count": 2}),)})
    (table,) = (block for block in import_page.document(report, "en").sections[1].blocks
                if isinstance(block, TableBlock))
    ((first, *_, where),) = table.rows
    assert first.endswith("Ore (×2)")
    assert "pack/processes/" in table.note
    assert max(len(part) for part in where.split(import_page.BREAK)) <= 18


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("lang", LANGS)
def test_pages_are_quiet_and_fit_in_a_browser(
    browser: Any, imported: ImportReport, tmp_path: Path, lang: Lang, width: int
) -> None:
    for name, shown in (("footprint", document(lang)), ("import", import_page.document(imported, lang))):
        file = tmp_path / f"{name}.html"
        file.write_text(to_html(shown), encoding="utf-8")
        tab = browser.new_page(viewport={"width": width, "height": 900})
        said: list[str] = []
        tab.on("console", lambda message, said=said: said.append(message.text))
        tab.on("pageerror", lambda error, said=said: said.append(str(error)))
        tab.goto(file.as_uri())
        assert said == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        tab.close()


@pytest.mark.parametrize("amount", [0, -3])
def test_a_footprint_of_nothing_or_of_a_credit_is_a_page_too(amount: float) -> None:
    for lang in LANGS:
        assert "NaN" not in to_html(page.document(result.footprint("steel", amount, "t"), lang))
