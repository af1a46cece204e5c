"""The report of an import as a document: `import_page(report, lang) -> Document`."""

from __future__ import annotations

from seedbed.footprint.gate.report import Example, Found, ImportReport
from seedbed.labels import Lang
from seedbed.show.document import (
    Block,
    Callout,
    Column,
    Document,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Section,
    TableBlock,
)
from seedbed.show.numbers import MISSING, digits
from seedbed.show.words import t


def import_page(report: ImportReport, lang: Lang) -> Document:
    """The page in one language; render it with `html.to_html` or `pdf.to_pdf`."""
    meta = [
        (t("import.meta.version", lang), report.version or MISSING),
        (t("import.meta.hash", lang), report.hash or MISSING),
        (t("import.meta.previous", lang), report.previous or MISSING),
        (t("import.meta.rounds", lang), str(report.rounds)),
    ]
    return Document(
        title=t("import.title", lang, name=report.name),
        subtitle=t("import.subtitle", lang, source=report.source, format=report.format),
        lang=lang, place=report.name, meta=meta,
        sections=[_result(report, lang), *(_kind(found, lang) for found in report.found)],
    )  # fmt: skip


def _result(report: ImportReport, lang: Lang) -> Section:
    """The decision, the numbers to remember, what was found by kind, and the rows by table."""
    refused = report.decision == "refused"
    blocks: list[Block] = [Callout(t(f"import.decision.{report.decision}", lang), "warning" if refused else "info")]
    if refused:
        blocks.append(Paragraph(t("import.settle", lang)))
    if report.missing_databases:
        blocks.append(Callout(t("import.missing", lang, names=", ".join(report.missing_databases)), "warning"))
    blocks.append(_figures(report, lang))
    if report.found:
        blocks.append(kinds_found(report, lang))
    return Section("result", t("import.section.result", lang), [*blocks, rows_by_table(report, lang)])


def _figures(report: ImportReport, lang: Lang) -> KeyFigures:
    live = [KeyFigure(t(f"import.key.{name}", lang), digits(report.live.get(name, 0), 9),
                      note=t("import.key.of", lang, count=digits(report.read[name], 9)))
            for name in ("processes", "exchanges")]
    counts = [KeyFigure(t(f"import.key.{name}s", lang), digits(report.count(name), 9))
              for name in ("error", "warning")]
    return KeyFigures([*live, *counts])


def kinds_found(report: ImportReport, lang: Lang) -> TableBlock:
    """What was found by kind, the gravest first, and what is done about it."""
    columns = [Column(t("import.column.severity", lang), weight=0.6),
               Column(t("import.column.kind", lang), weight=1.6),
               Column(t("import.column.count", lang), "right", 0.6),
               Column(t("import.column.action", lang), weight=1.4)]
    rows = [[t(f"import.severity.{found.severity}", lang), found.about.label[lang], digits(found.count, 9),
             _action(found, report, lang)] for found in report.found]
    return TableBlock(columns, rows, t("import.table.kinds", lang))


def _action(found: Found, report: ImportReport, lang: Lang) -> str:
    """What happened to the defects of a kind; those mended while reading are counted apart."""
    if found.mended == found.count:
        return t("import.action.mended", lang)
    blocks = found.severity == "error" and report.decision == "refused"
    action = t(f"import.action.{'blocks' if blocks else found.about.quarantine}", lang)
    return f"{action} · {t('import.action.mended', lang)} {digits(found.mended, 9)}" if found.mended else action


def rows_by_table(report: ImportReport, lang: Lang) -> TableBlock:
    """Rows of each table as they were read and as they went live."""
    columns = [Column(t("import.table.name", lang)), Column(t("import.table.read", lang), "right"),
               Column(t("import.table.live", lang), "right")]
    rows = [[t(f"import.rows.{name}", lang), digits(count, 9), digits(report.live[name], 9) if report.live else MISSING]
            for name, count in report.read.items()]
    return TableBlock(columns, rows, t("import.table.rows", lang))


def _kind(found: Found, lang: Lang) -> Section:
    """What a kind of defect means, what to do, and the first ones."""
    columns = [Column(t("import.column.what", lang), weight=2), Column(t("import.column.value", lang), "right", 0.6),
               Column(t("import.column.detail", lang), weight=1.4), Column(t("import.column.where", lang), weight=1.4)]
    caption = t("import.table.examples", lang, kind=found.about.label[lang], shown=len(found.examples),
                count=digits(found.count, 9))
    table = TableBlock(columns, [_cells(example, lang) for example in found.examples], caption)
    fix = t("import.fix", lang, fix=found.about.fix[lang])
    return Section(found.kind, found.about.label[lang], [Paragraph(found.about.meaning[lang]), Paragraph(fix), table])


def _cells(example: Example, lang: Lang) -> list[str]:
    value = MISSING if example.value is None else f"{example.value:.4g}"
    return [example.at(lang), value, example.detail or "", example.where or ""]
