"""Facts: the list of tables, the numbers of one, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seedbed import facts
from seedbed.base.text import Lang
from seedbed.facts import Facts, Table, own, places
from seedbed.facts.own import Row as Own
from seedbed.show import charts
from seedbed.show.document import Block, Callout, Column, Document, Figure, Paragraph, TableBlock
from seedbed.show.speaker import Speaker
from seedbed.show.write import Row, Written

SHOWN_ROWS = 60
DRAWN = 6  # series in a chart


def document(found: Facts, lang: Lang) -> Document:
    """The first rows of a table, or a part of it, with its source; a few series of years as a chart."""
    c, source = Speaker(lang), found.table
    blocks: list[Block] = [_long(c, found) if source.is_long else _catalogue(c, found)]
    if chart := _chart(c, found):
        blocks.append(chart)
    blocks.append(Paragraph(f"{source.publisher[lang]} — {source.reference}"))
    if found.data.height > SHOWN_ROWS:
        blocks.append(Callout(c.t("facts.more", shown=SHOWN_ROWS, all=found.data.height)))
    return Document.of(source.title[lang], lang, blocks)


def written(found: Facts, lang: Lang) -> Written:
    """Rows as they are in the table."""
    return Written(lambda: document(found, lang), lambda: rows(found), lambda: list(rows(found)))


def rows(found: Facts) -> Iterator[Row]:
    """Every row with the columns of the table."""
    yield from found.data.iter_rows(named=True)


def listed(lang: Lang) -> Document:
    """All tables: title, years, publisher, quality."""
    c = Speaker(lang)
    columns = [Column(c.t(f"facts.{key}"), weight=weight, whole=key == "table") for key, weight in (
        ("table", 1.5), ("title", 2), ("years", 0.8), ("publisher", 1.5), ("quality", 0.7))]
    cells = [[table.id, table.title[lang], _years(table), table.publisher[lang], _mark(c, table)]
             for table in facts.tables()]
    return Document.of("", lang, [TableBlock(columns, cells, "")])


def about(table: Table, lang: Lang) -> Document:
    """Where the numbers of a table come from, and what its variables mean."""
    c = Speaker(lang)
    mine = sorted({row.source for row in own.rows(table.id)})
    known = {"title": table.title[lang], "publisher": table.publisher[lang], "reference": table.reference,
             "via": table.via, "licence": table.licence, "class": table.ship_class, "quality": _mark(c, table),
             "years": _years(table), "note": table.note[lang] if table.note else None,
             "own": c.join(mine) if mine else None}
    cells = [[c.t(f"facts.{key}"), text] for key, text in known.items() if text]
    names = [[name, meaning.label[lang], meaning.unit or ""]
             for name, meaning in (table.variables | table.columns).items()]
    heads = [Column(c.t(f"facts.{key}")) for key in ("variable", "label", "unit")]
    return Document.of("", lang, [TableBlock([Column(""), Column("", weight=4)], cells, ""),
                                  TableBlock(heads, names, "")])


def added(found: Sequence[Own], lang: Lang) -> Document:
    """Own numbers that were laid over a table, beside what they take the place of."""
    c = Speaker(lang)
    columns = [Column(c.t(f"facts.{key}"), "right" if key in ("value", "before") else "left")
               for key in ("table", "place", "year", "variable", "value", "before", "unit", "quality", "origin")]
    cells = []
    for row in found[:SHOWN_ROWS]:
        meaning = facts.source(row.table).variables[row.variable]
        cells.append([row.table, places.name_of(row.place)[lang], str(row.year), meaning.label[lang],
                      f"{row.value:,.10g}", "" if row.before is None else f"{row.before:,.10g}", meaning.unit,
                      str(row.quality), row.source])
    blocks: list[Block] = [TableBlock(columns, cells, c.t("facts.added", count=len(found)))]
    if len(found) > SHOWN_ROWS:
        blocks.append(Callout(c.t("facts.more", shown=SHOWN_ROWS, all=len(found))))
    return Document.of("", lang, blocks)


def _mark(c: Speaker, table: Table) -> str:
    return f"{table.quality} ({c.t('facts.unverified')})" if table.unverified else str(table.quality)


def _years(table: Table) -> str:
    return "–".join(str(year) for year in dict.fromkeys(table.years)) if table.years else ""


def _long(c: Speaker, found: Facts) -> TableBlock:
    keys = ["place", "year", *(["month"] if "month" in found.data.columns else [])]
    columns = [Column(c.t(f"facts.{key}"), "right" if key == "value" else "left")
               for key in (*keys, "variable", "value", "unit", "quality", "note")]
    cells = []
    for row in found.data.head(SHOWN_ROWS).iter_rows(named=True):
        meaning = found.table.variables[row["variable"]]
        notes = [facts.note(code)[c.lang] for code in (row["note"] or "").split()]
        value = "" if row["value"] is None else f"{row['value']:,.10g}"
        cells.append([places.name_of(row["place"])[c.lang], *(str(row[key]) for key in keys[1:]),
                      meaning.label[c.lang], value, meaning.unit, str(row["quality"]), c.clauses(notes)])
    return TableBlock(columns, cells, "")


def _catalogue(c: Speaker, found: Facts) -> TableBlock:
    """Columns of the other language are left out where both are there."""
    other = "_en" if c.lang == "zh" else "_zh"
    stems = {name[:-3] for name in found.data.columns if name.endswith(other)}
    both = {stem for stem in stems if f"{stem}_{c.lang}" in found.data.columns}
    shown = [name for name in found.data.columns if not (name.endswith(other) and name[:-3] in both)]
    cells = [["" if cell is None else str(cell) for cell in row]
             for row in found.data.select(shown).head(SHOWN_ROWS).iter_rows()]
    return TableBlock([Column(found.table.columns[name].label[c.lang]) for name in shown], cells, "")


def _chart(c: Speaker, found: Facts) -> Figure | None:
    """Up to DRAWN series of one unit over years that all of them have."""
    if not found.table.is_long or "month" in found.data.columns:
        return None
    series: dict[tuple[str, str], dict[int, float]] = {}
    for place, variable, year, value in found.data.select("place", "variable", "year", "value").iter_rows():
        if value is not None:
            series.setdefault((place, variable), {})[int(year)] = float(value)
    units = {found.table.variables[variable].unit for _, variable in series}
    years = sorted(set.intersection(*(set(values) for values in series.values()))) if series else []
    if not 0 < len(series) <= DRAWN or len(units) != 1 or len(years) < 3:
        return None
    unit = units.pop()
    lines = [charts.Line(f"{place}.{variable}", f"{places.name_of(place)[c.lang]} · "
                         f"{found.table.variables[variable].label[c.lang]}", [values[y] for y in years])
             for (place, variable), values in series.items()]
    title = found.table.title[c.lang]
    return Figure(charts.lines(years, lines, unit={"zh": unit, "en": unit}, lang=c.lang), title, title)
