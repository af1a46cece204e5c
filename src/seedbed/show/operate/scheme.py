"""Schemes: the list, one with all that it asks, says and gives, and its form in Excel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.base.text import Lang
from seedbed.operate.assess import spelled
from seedbed.operate.scheme import AREAS, Ask, Known, Scheme, known
from seedbed.show.document import Block, Column, Document, Heading, Paragraph, TableBlock
from seedbed.show.operate.assess import ruled
from seedbed.show.words import LANGUAGES, t

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

def listed(found: Mapping[str, Scheme], lang: Lang) -> Document:
    """All schemes by area."""
    columns = [Column(t("scheme.id", lang), weight=1.6, whole=True), Column(t("scheme.label", lang), weight=2.2),
               Column(t("scheme.area_name", lang), weight=1.3), Column(t("scheme.instrument", lang), weight=1.6),
               Column(t("scheme.cases", lang), "right")]
    cells = [[one.id, one.label[lang], t(f"scheme.area.{one.area}", lang), one.instrument or "–", str(len(known(one)))]
             for one in sorted(found.values(), key=lambda one: (AREAS.index(one.area), one.id))]
    return Document.of("", lang, [TableBlock(columns, cells, t("scheme.list", lang))])


def document(one: Scheme, lang: Lang) -> Document:
    """One scheme: fields, steps, rules with their documents, worked cases."""
    blocks: list[Block] = [Paragraph(one.about[lang]), _asks(one.asks, t("scheme.asks", lang), lang)]
    for name, ask in one.asks.items():
        if ask.columns:
            blocks.append(_asks(ask.columns, f"{name}: {ask.label[lang]}", lang))
    blocks.append(_steps(one, lang))
    if one.rules:
        blocks.append(_rules(one, lang))
    blocks.append(Paragraph(f"{t('scheme.gives', lang)}: {', '.join(one.gives.results)}"))
    if cases := known(one):
        blocks += [Heading(t("scheme.known", lang)), _known(cases, lang)]
    return Document.of(one.label[lang], lang, blocks, subtitle=f"{one.id} · {t(f'scheme.area.{one.area}', lang)}"
                       + (f" · {one.instrument}" if one.instrument else ""))


def _asks(asks: Mapping[str, Ask], title: str, lang: Lang) -> TableBlock:
    columns = [Column(t("scheme.field", lang), weight=1.4, whole=True), Column(t("scheme.kind", lang)),
               Column(t("scheme.meaning", lang), weight=3), Column(t("assess.unit", lang)),
               Column(t("scheme.default", lang), weight=1.2)]
    cells = [[name, t(f"scheme.kinds.{ask.kind}", lang), said(ask, lang), ask.unit, _default(ask, lang)]
             for name, ask in asks.items()]
    return TableBlock(columns, cells, title)


def said(ask: Ask, lang: Lang) -> str:
    """What a field means: its label, what is said of it, its options, the evidence it needs."""
    options = " / ".join(f"{key} {text[lang]}" if key != text[lang] else key for key, text in ask.options.items())
    evidence = f"{t('scheme.evidence', lang)}: {ask.evidence[lang]}" if ask.evidence else ""
    parts = [ask.label[lang], ask.about[lang] if ask.about else "", options, evidence]
    return ("；" if lang == "zh" else "; ").join(filter(None, parts))


def _default(ask: Ask, lang: Lang) -> str:
    if ask.default is not None and ask.default != []:
        return str(ask.default)
    return t("scheme.optional" if ask.optional or ask.default == [] else "scheme.required", lang)


def _steps(one: Scheme, lang: Lang) -> TableBlock:
    columns = [Column(t("assess.line", lang), weight=1.4, whole=True), Column(t("scheme.meaning", lang), weight=2),
               Column(t("assess.unit", lang)), Column(t("assess.formula", lang), weight=3)]
    cells = [[step.name, step.label[lang], step.unit, (f"[{step.each}] " if step.each else "") + spelled(step)]
             for step in one.steps]
    cells += [[name, made.label[lang], made.unit, made.formula] for name, made in one.lines.items()]
    return TableBlock(columns, cells, t("scheme.steps", lang))


def _rules(one: Scheme, lang: Lang) -> TableBlock:
    columns = [Column(t("assess.rule", lang), weight=1.8), Column(t("assess.value", lang), "right", 1.4),
               Column(t("assess.holds", lang), weight=1.4), Column(t("assess.document", lang), weight=3),
               Column(t("assess.status", lang))]
    cells = [[rule.label[lang], *ruled(ruling, rule.unit, lang)] for rule in one.rules.values()
             for ruling in rule.values]
    return TableBlock(columns, cells, t("scheme.rules", lang))


def _known(cases: tuple[Known, ...], lang: Lang) -> TableBlock:
    columns = [Column(t("scheme.id", lang)), Column(t("scheme.meaning", lang), weight=2),
               Column(t("scheme.gives", lang), weight=2.4), Column(t("scheme.source", lang), weight=2)]
    cells = [[case.id, case.title[lang], ", ".join(f"{name} = {value}" for name, value in case.expected.items()),
              case.source] for case in cases]
    return TableBlock(columns, cells, "")


def form(of: Scheme, path: Path) -> None:
    """Write an Excel form for what a scheme asks: what each cell means in both languages, the cells to fill marked."""
    from openpyxl import Workbook
    from openpyxl.styles import PatternFill

    from seedbed.base.kept import whole_file

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "asked"
    sheet.append(["field", "value", "unit", t("scheme.form.about", "zh"), t("scheme.form.about", "en")])
    for name, ask in of.asks.items():
        if ask.kind != "rows":
            sheet.append([name, None, ask.unit, _cell(ask, "zh"), _cell(ask, "en")])
            sheet.cell(sheet.max_row, 2).fill = PatternFill("solid", fgColor="FFF7E0")
    for column, width in zip("ABCDE", (22, 18, 12, 44, 44), strict=True):
        sheet.column_dimensions[column].width = width
    for name, ask in of.asks.items():
        if ask.kind == "rows":
            headed(book.create_sheet(name), list(ask.columns), lambda column, lang, ask=ask: _cell(ask.columns[column],
                                                                                                    lang))
    whole_file(path, book.save)


def headed(sheet: Worksheet, columns: Sequence[str], said: Callable[[str, Lang], str]) -> None:
    """The head of a sheet to be filled: names of columns, and below what each means in both languages."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet.append(list(columns))
    for lang in LANGUAGES:
        sheet.append([f"# {said(column, lang)}" for column in columns])
    for place in range(1, len(columns) + 1):
        sheet.cell(1, place).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = 22


def _cell(ask: Ask, lang: Lang) -> str:
    parts = [said(ask, lang), f"[{ask.unit}]" if ask.unit else ""]
    if ask.default is not None:
        parts.append(t("scheme.form.default", lang, value=ask.default))
    return " ".join(part for part in parts if part)
