"""A declaration: emissions a tonne of each process, the certificates of each importer's year, and what to choose."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from seedbed.base.text import Lang
from seedbed.operate.assess import Assessment
from seedbed.operate.declare import Declared
from seedbed.show.document import Block, Callout, Column, Document, KeyFigure, KeyFigures, Section, TableBlock
from seedbed.show.operate import assess as lines
from seedbed.show.operate.words import amount, said
from seedbed.show.words import t
from seedbed.show.write import Row, Written


def document(found: Declared, lang: Lang) -> Document:
    """The page: the installation, then a section an importer and year."""
    of = found.declaration
    title = t("declare.title", lang, site=of.site.name[lang], start=of.start, end=of.end)
    sections = [Section("goods", t("declare.goods", lang), [_goods(found, lang), *_lacking(found, lang),
                                                                      *_warned(found.goods, lang)])]
    sections += [Section(f"certificates-{n}", t("declare.certificates", lang, importer=importer, year=year),
                         _certificates(made, lang)) for n, ((importer, year), made) in
                 enumerate(found.certificates.items())]
    return Document(title, "", lang, of.site.city, sections)


def _goods(found: Declared, lang: Lang) -> TableBlock:
    columns = [Column(t("declare.process", lang), weight=1.3), Column(t("declare.category", lang), weight=1.6),
               Column(t("declare.produced", lang), "right"), Column(t("declare.direct", lang), "right"),
               Column(t("declare.indirect", lang), "right"), Column(t("declare.see", lang), "right")]
    rows = zip(found.declaration.processes, found.goods["direct"], found.goods["indirect"], found.goods["see"],
               strict=True)
    cells = [[one.id, one.category, amount(one.produced_t), *(amount(value, 4) for value in values)]
             for one, *values in rows]
    return TableBlock(columns, cells, t("declare.per_tonne", lang))


def _certificates(made: Assessment, lang: Lang) -> list[Block]:
    figures = []
    for name in ("certificates", "cost", "to_hold"):
        line = next((one for one in made.lines if one.name == name), None)
        if line is not None and isinstance(line.value, Decimal):
            figures.append(KeyFigure(line.label[lang], amount(line.value, 0), line.unit))
    tables = list(lines.tables(made, lang))
    rules = [lines.rules_table(made.rules, lang)] if made.rules else []
    return [KeyFigures(figures), *tables, *rules, *_warned(made, lang)]


def _lacking(found: Declared, lang: Lang) -> list[Block]:
    if not found.lacking:
        return []
    return [Callout(t("declare.lacking", lang, names=", ".join(found.lacking)), "warning")]


def _warned(made: Assessment, lang: Lang) -> list[Block]:
    return [Callout(said(one, lang), "warning") for one in made.warnings]


def written(found: Declared, lang: Lang) -> Written:
    """The page; rows of all lines; everything as data."""
    return Written(lambda: document(found, lang), lambda: rows(found, lang), lambda: data(found))


def rows(found: Declared, lang: Lang) -> Iterator[Row]:
    """The lines of every assessment."""
    yield from ({"part": "goods", **row} for row in lines.rows(found.goods, lang))
    for (importer, year), made in found.certificates.items():
        yield from ({"part": f"{importer} {year}", **row} for row in lines.rows(made, lang))


def data(found: Declared) -> dict[str, object]:
    """Declaration and assessments."""
    from seedbed.operate.record.chain import recorded

    return {"declaration": recorded(found.declaration), "goods": lines.data(found.goods),
            "certificates": [{"importer": importer, "year": year, **lines.data(made)}
                             for (importer, year), made in found.certificates.items()]}
