"""An assessment: results, every line with its formula, rules with their documents, and what to mind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from seedbed.base.text import Lang
from seedbed.operate.assess import Assessment, Compared, Line, Used
from seedbed.operate.post import Posted
from seedbed.operate.scheme import Ruling
from seedbed.show.document import (
    Block,
    Callout,
    Column,
    Document,
    Heading,
    KeyFigure,
    KeyFigures,
    Paragraph,
    TableBlock,
)
from seedbed.show.operate.words import amount, said
from seedbed.show.operate.words import written as say
from seedbed.show.words import t
from seedbed.show.write import Row, Written

SHOWN, WIDE, FEW = 40, 7, 4  # rows of a table; columns that a screen holds; rows that may stand as columns
MONEY = ("CNY", "EUR")


def document(found: Assessment | Compared, lang: Lang) -> Document:
    """Everything about it."""
    if isinstance(found, Compared):
        return _compared(found, lang)
    blocks: list[Block] = [*_results(found, lang), _lines(found, lang), *tables(found, lang)]
    if found.rules:
        blocks.append(rules_table(found.rules, lang))
    blocks += [Callout(said(one, lang), "warning") for one in found.warnings]
    return Document.of(t("assess.title", lang, scheme=found.label[lang], day=found.on.isoformat()), lang, blocks)


def written(found: Assessment | Compared, lang: Lang) -> Written:
    """The page; lines as rows; everything as data."""
    return Written(lambda: document(found, lang), lambda: rows(found, lang), lambda: data(found))


def rows(found: Assessment | Compared, lang: Lang) -> Iterator[Row]:
    """One row a line, or a row of a table of a line."""
    for made in (found.one, found.other) if isinstance(found, Compared) else (found,):
        for line in made.lines:
            values = line.value if line.rows and isinstance(line.value, tuple) else (line.value,)
            for n, value in enumerate(values, start=1):
                yield {"on": made.on.isoformat(), "line": line.name, "label": line.label[lang],
                       "row": n if line.rows else "", "value": "" if value is None else str(value),
                       "unit": line.unit, "formula": line.formula, "from": " ".join(line.origin)}


def data(found: Assessment | Compared) -> dict[str, object]:
    """Everything, with numbers as texts."""
    from seedbed.operate.record.chain import recorded

    if isinstance(found, Compared):
        return {"one": data(found.one), "other": data(found.other)}
    return {"scheme": found.scheme, "on": found.on.isoformat(), "seedbed": found.seedbed, "digest": found.digest,
            "asked": recorded(found.asked),
            "lines": [{"name": line.name, "label": recorded(line.label), "value": recorded(line.value),
                       "unit": line.unit, "formula": line.formula, "from": list(line.origin), "rows": line.rows}
                      for line in found.lines],
            "rules": [{"name": one.name, "label": recorded(one.label), "value": recorded(one.ruling.value),
                       "start": recorded(one.ruling.start), "end": recorded(one.ruling.end),
                       "document": recorded(one.ruling.document), "number": one.ruling.number,
                       "status": one.ruling.status} for one in found.rules],
            "warnings": [{"zh": said(one, "zh"), "en": said(one, "en")} for one in found.warnings]}


def _results(found: Assessment, lang: Lang) -> list[Block]:
    lines = {line.name: line for line in found.lines}
    single = [lines[name] for name in found.results if name in lines and lines[name].rows is None]
    figures = [KeyFigure(line.label[lang], _valued(line.value, line.unit, found, lang), _unit(line)) for line in single]
    return [KeyFigures(figures)] if figures else []


def _unit(line: Line) -> str:
    return "" if line.unit == "share" else line.unit


def _lines(found: Assessment, lang: Lang) -> TableBlock:
    columns = [Column(t("assess.line", lang), weight=2), Column(t("assess.value", lang), "right", whole=True),
               Column(t("assess.unit", lang)), Column(t("assess.formula", lang), weight=2.5)]
    cells = [[line.label[lang], _valued(line.value, line.unit, found, lang) if line.rows is None else "↓", line.unit,
              line.formula] for line in found.lines]
    return TableBlock(columns, cells, t("assess.lines", lang))


def _valued(value: object, unit: str, found: Assessment, lang: Lang) -> str:
    """A value as written; money in whole fen or cents."""
    if isinstance(value, Decimal) and unit in MONEY:
        return amount(value, 2)
    return say(value, lang, found.words)


def tables(found: Assessment, lang: Lang) -> Iterator[TableBlock]:
    """Each table with the lines that made its columns: rows across where they are few, else what was made only."""
    from seedbed.operate.scheme import scheme

    asks = scheme(found.scheme).asks
    for name, table in found.tables.items():
        made = {line.name: line for line in found.lines if line.rows == name}
        if not table or not (made or name in asks):
            continue
        given = asks[name].columns if name in asks else {}
        labels = {key: (line.label[lang], line.unit) for key, line in made.items()}
        others = {key: ask for one in asks.values() for key, ask in one.columns.items()} if name not in asks else {}
        labels |= {key: (ask.label[lang], ask.unit) for key, ask in (others | given).items()}
        shown = [key for key in table[0] if key in labels
                 and any(row.get(key) not in (None, "–", "") for row in table)]
        title = asks[name].label[lang] if name in asks else made[name].label[lang] if name in made else name
        head = [_headed(*labels[key]) for key in shown]
        cells = [[_valued(row.get(key), labels[key][1], found, lang) for key in shown] for row in table]
        yield _laid(shown, head, cells, table, made, t("assess.rows", lang, table=title))


def _headed(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit and unit != "share" else label


def _laid(shown: list[str], head: list[str], cells: list[list[str]], table: Sequence[Mapping[str, object]],
          made: Mapping[str, Line], title: str) -> TableBlock:
    texts = [n for n, key in enumerate(shown) if isinstance(table[0].get(key), str) and cells[0][n] != "–"]
    name = texts[0] if texts else None
    if len(shown) > WIDE and len(table) <= FEW:
        columns = [Column("", weight=2), *(Column(row[name] if name is not None else str(n), "right")
                                           for n, row in enumerate(cells, start=1))]
        rows = [[head[n], *(row[n] for row in cells)] for n in range(len(shown)) if n != name]
        return TableBlock(columns, rows, title)
    kept = list(range(len(shown))) if len(shown) <= WIDE else \
        [n for n, key in enumerate(shown) if n == name or key in made][: WIDE]
    columns = [Column(head[n], "left" if n in texts else "right") for n in kept]
    return TableBlock(columns, [[row[n] for n in kept] for row in cells[:SHOWN]], title)


def rules_table(rules: Sequence[Used], lang: Lang) -> TableBlock:
    """The rules that went in, each with its days and its document."""
    columns = [Column(t("assess.rule", lang), weight=2), Column(t("assess.value", lang), "right"),
               Column(t("assess.holds", lang), weight=1.4), Column(t("assess.document", lang), weight=3),
               Column(t("assess.status", lang))]
    cells = [[one.label[lang], *ruled(one.ruling, one.unit, lang)] for one in rules]
    return TableBlock(columns, cells, t("assess.rules", lang))


def ruled(ruling: Ruling, unit: str, lang: Lang) -> list[str]:
    """What a rule says, from when to when, by which document, and of which kind."""
    value = t("assess.table_value", lang) if isinstance(ruling.value, dict) else \
        " ".join(filter(None, [amount(ruling.value), "" if unit == "share" else unit]))
    return [value, span(ruling.start, ruling.end, lang), " ".join(filter(None, [ruling.document[lang], ruling.number])),
            t("assess.draft_status" if ruling.status == "draft" else f"assess.{ruling.status}", lang)]


def span(start: object, end: object, lang: Lang) -> str:
    """From a day to a day, in words."""
    return t("assess.span", lang, start=start, end=end) if end else t("assess.since", lang, day=start)


def _compared(found: Compared, lang: Lang) -> Document:
    """The scalar lines of two days side by side, and the rules that differ."""
    one, other = found.one, found.other
    columns = [Column(t("assess.line", lang), weight=2), Column(one.on.isoformat(), "right"),
               Column(other.on.isoformat(), "right"), Column(t("assess.difference", lang), "right"),
               Column(t("assess.unit", lang))]
    cells = []
    for line in one.lines:
        values = _pairs(line.value, other[line.name])
        for n, (a, b) in enumerate(values, start=1):
            label = line.label[lang] + (f" [{n}]" if line.rows else "")
            gap = amount(b - a) if isinstance(a, Decimal) and isinstance(b, Decimal) else ""
            cells.append([label, say(a, lang, one.words), say(b, lang, other.words), gap, line.unit])
    blocks: list[Block] = [TableBlock(columns, cells, t("assess.compared", lang))]
    for made, beside in ((one, other), (other, one)):
        there = [used.ruling for used in beside.rules]
        if own := [used for used in made.rules if used.ruling not in there]:
            blocks += [Heading(made.on.isoformat()), rules_table(own, lang)]
    said_of = {f"{made.on}: {said(warning, lang)}": None for made in (one, other) for warning in made.warnings}
    blocks += [Callout(text, "warning") for text in said_of]
    return Document.of(f"{one.label[lang]}: {one.on} | {other.on}", lang, blocks)


def _pairs(a: object, b: object) -> list[tuple[object, object]]:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return list(zip(a, b, strict=False))
    return [(a, b)]


def posted(done: Posted, lang: Lang) -> Document:
    """What was recorded."""
    return Document.of("", lang, [Paragraph(t("assess.posted", lang, event=done.event, transfers=len(done.transfers),
                                              claims=len(done.claims), uses=done.uses))])


def bulk(report: Sequence[tuple[str, Assessment | Compared | None, str | None]], lang: Lang) -> Document:
    """A report by row: what each gave, or why it was refused."""
    good = sum(error is None for _, _, error in report)
    columns = [Column(t("assess.where", lang), weight=1.2), Column(t("assess.outcome", lang), weight=4)]
    cells = [[where, error or _short(made, lang)] for where, made, error in report]
    title = t("assess.bulk", lang, good=good, bad=len(report) - good)
    return Document.of("", lang, [TableBlock(columns, cells, title)])


def _short(made: Assessment | Compared | None, lang: Lang) -> str:
    if made is None:
        return ""
    if isinstance(made, Compared):
        return f"{made.one.on}: {_short(made.one, lang)} | {made.other.on}: {_short(made.other, lang)}"
    one = made
    lines: Mapping[str, Line] = {line.name: line for line in one.lines}
    parts = [f"{lines[name].label[lang]} {say(lines[name].value, lang, one.words)} {_unit(lines[name])}".strip()
             for name in one.results if name in lines and lines[name].rows is None]
    return ("；" if lang == "zh" else "; ").join(parts)
