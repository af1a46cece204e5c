"""The report of an import as a document."""

from __future__ import annotations

import posixpath
import re
from collections import Counter

from seedbed.base.text import Lang
from seedbed.lifecycle.gate.report import Example, Found, ImportReport
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
from seedbed.show.lifecycle import quantities
from seedbed.show.numbers import MISSING, digits
from seedbed.show.words import t
from seedbed.show.write import Written

LISTED = 10
"""Defects of a kind that the page lists."""
BREAK = "\u200b"
_LONG = re.compile(r"[!-~]{18,}")
_LOOP = re.compile(r"#(\d+), (\d+)/(\d+)")
"""How the gate says which loop a process is in, and how many of its processes it names."""


def document(report: ImportReport, lang: Lang) -> Document:
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
    )


def _result(report: ImportReport, lang: Lang) -> Section:
    """The decision, the numbers to remember, what was found by kind, and the rows by table."""
    refused = report.decision == "refused"
    blocks: list[Block] = [Callout(t(f"import.decision.{report.decision}", lang), "warning" if refused else "info")]
    if report.files.left_out:
        blocks.append(files(report, lang))
    if refused:
        blocks.append(Paragraph(t("import.settle", lang)))
    if report.missing_databases:
        blocks.append(Callout(t("import.missing", lang, names=", ".join(report.missing_databases)), "warning"))
    blocks.append(_figures(report, lang))
    if report.found:
        blocks.append(kinds_found(report, lang))
    account = [account_of(report, lang)] if report.lines else []
    return Section("result", t("import.section.result", lang), [*blocks, *account, rows_by_table(report, lang)])


def files(report: ImportReport, lang: Lang) -> Callout:
    """The account of files: seen, taken, left out."""
    return Callout(t("import.files", lang, seen=report.files.seen, taken=report.files.taken,
                     left=report.files.left_out), "warning")


def account_of(report: ImportReport, lang: Lang, files: int = 20) -> TableBlock:
    """What became of the processes, exchanges and factors of the source, and of the first `files` that lost some."""
    whole, lost = ([line for line in report.lines if (line.file is None) == is_whole] for is_whole in (True, False))
    numbers = ("seen", "changed", "taken", "refused", "left_out")
    spare = {name for name in numbers if name != "seen" and not any(getattr(line, name) for line in report.lines)}
    shown = [name for name in numbers if name not in spare]
    columns = [Column(t("import.account.file", lang), weight=1.6), Column(t("import.account.what", lang)),
               *(Column(t(f"import.account.{name}", lang), "right", 0.8) for name in shown)]
    rows = [[posixpath.basename(line.file) if line.file else t("import.account.whole", lang),
             t(f"import.rows.{line.what}", lang), *(digits(getattr(line, name), 9) for name in shown)]
            for line in [*whole, *lost[:files]]]
    return TableBlock(columns, rows, t("import.account.title", lang), t("import.account.note", lang))


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
               Column(t("import.column.kind", lang), weight=1.8),
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
    """What a kind of defect means, what to do, and the first ones; those that read the same are one row."""
    columns = [Column(t("import.column.what", lang), weight=2), Column(t("import.column.value", lang), "right", 0.7),
               Column(t("import.column.detail", lang), weight=1.3), Column(t("import.column.where", lang), weight=1.4)]
    folder = _folder([example.where or "" for example in found.examples])
    counted = Counter(_cells(example, folder, lang) for example in found.examples)
    rows = [(what if count == 1 else f"{what} (×{count})", *rest)
            for (what, *rest), count in list(counted.items())[:LISTED]]
    caption = t("import.table.examples", lang, kind=found.about.label[lang], shown=sum([*counted.values()][:LISTED]),
                count=digits(found.count, 9))
    note = t("import.folder", lang, folder=folder) if folder else ""
    fix = t("import.fix", lang, fix=found.about.fix[lang])
    filled = [k for k in range(len(columns)) if any(row[k] not in ("", MISSING) for row in rows)]
    table = TableBlock([columns[k] for k in filled], [[row[k] for k in filled] for row in rows], caption, note)
    return Section(found.kind, found.about.label[lang], [Paragraph(found.about.meaning[lang]), Paragraph(fix), table])


def _folder(paths: list[str]) -> str:
    """The folder that all `paths` share, with its last slash; empty if there is none."""
    folders = [path.rpartition("/")[0] for path in paths]
    shared = posixpath.commonpath(folders) if all(folders) else ""
    return shared and f"{shared}/"


def _cells(example: Example, folder: str, lang: Lang) -> tuple[str, ...]:
    value = MISSING if example.value is None else quantities.plain(example.value)
    where = (example.where or "").removeprefix(folder)
    return tuple(map(_breakable, (example.at(lang), value, _detail(example, lang), where)))


def _detail(example: Example, lang: Lang) -> str:
    """What is known beyond the names of process and flow."""
    detail = example.detail or ""
    named = [word for name in (example.process, example.flow) if name for word in (name.id, name.zh, name.en)]
    if loop := _LOOP.fullmatch(detail):
        number, carriers, members = loop.groups()
        return t("import.loop", lang, number=number, carriers=carriers, members=members)
    return "" if detail in named or detail == example.at(lang) else detail


def _breakable(text: str) -> str:
    """`text` with places where long ids and paths may be broken."""
    return _LONG.sub(lambda word: re.sub(r"[/_.,;|-]+", lambda mark: f"{mark[0]}{BREAK}", word[0]), text)


def written(report: ImportReport, lang: Lang) -> Written:
    """The page; everything as data."""
    return Written(lambda: document(report, lang), data=report.to_json)
