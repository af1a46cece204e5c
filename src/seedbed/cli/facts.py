"""`seedbed facts`: list the tables, show their numbers, name their sources."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.lang import Lang
from seedbed.cli.options import Language

if TYPE_CHECKING:
    from rich.table import Table as Grid

    from seedbed.facts import Facts, Table

app = typer.Typer(help="Numbers with their sources.", no_args_is_help=True)

TableArgument = Annotated[str, typer.Argument(help="Id of a table, as `seedbed facts list` shows it.")]

WORDS = {
    "table": {"zh": "数据表", "en": "Table"},
    "title": {"zh": "名称", "en": "Title"},
    "publisher": {"zh": "发布者", "en": "Publisher"},
    "reference": {"zh": "出处", "en": "Reference"},
    "via": {"zh": "获取途径", "en": "Reached through"},
    "licence": {"zh": "许可", "en": "Licence"},
    "years": {"zh": "年份", "en": "Years"},
    "class": {"zh": "类别", "en": "Class"},
    "quality": {"zh": "质量", "en": "Quality"},
    "note": {"zh": "说明", "en": "Note"},
    "unverified": {"zh": "未核实", "en": "unverified"},
    "variable": {"zh": "变量", "en": "Variable"},
    "label": {"zh": "含义", "en": "Meaning"},
    "unit": {"zh": "单位", "en": "Unit"},
    "place": {"zh": "地区", "en": "Place"},
    "year": {"zh": "年份", "en": "Year"},
    "month": {"zh": "月份", "en": "Month"},
    "value": {"zh": "数值", "en": "Value"},
    "more": {
        "zh": "仅显示前 {shown} 行，共 {all} 行；加 --csv - 输出全部",
        "en": "first {shown} of {all} rows; add --csv - for all",
    },
}
SHOWN_ROWS = 60


@app.command("list")
def list_tables(lang: Language = "en") -> None:
    """List the tables: title, years, publisher, quality."""
    from seedbed import facts

    grid = _grid(*(WORDS[key][lang] for key in ("table", "title", "years", "publisher", "quality")))
    for table in facts.tables():
        mark = f"{table.quality} {WORDS['unverified'][lang]}" if table.unverified else str(table.quality)
        grid.add_row(table.id, table.title[lang], _years(table), table.publisher[lang], mark)
    _print(grid)


@app.command()
def show(
    table: TableArgument,
    place: Annotated[
        str | None, typer.Option(help="A place: id, name in Chinese or English, or code.")
    ] = None,
    year: Annotated[str | None, typer.Option(help="A year, or a span such as 2015-2024.")] = None,
    variable: Annotated[str | None, typer.Option(help="A variable of the table.")] = None,
    csv: Annotated[
        str | None, typer.Option(help="Write all rows as CSV to this file; - is the screen.")
    ] = None,
    lang: Language = "en",
) -> None:
    """Show the numbers of a table, or a part of them."""
    from seedbed import facts

    found = facts.read(table, place=place, year=_span(year), variable=variable)
    if csv == "-":
        found.data.write_csv(sys.stdout.buffer)
    elif csv:
        found.data.write_csv(Path(csv))
    else:
        _print(_rows(found, lang), _cite(found.source, lang), *_cut(found, lang))


@app.command()
def source(table: TableArgument, lang: Language = "en") -> None:
    """Say where the numbers of a table come from and what its variables mean."""
    from seedbed import facts

    entry = facts.source(table)
    about = _grid("", "")
    mark = f"{entry.quality} ({WORDS['unverified'][lang]})" if entry.unverified else str(entry.quality)
    for key, text in (
        ("title", entry.title[lang]),
        ("publisher", entry.publisher[lang]),
        ("reference", entry.reference),
        ("via", entry.via),
        ("licence", entry.licence),
        ("class", entry.ship_class),
        ("quality", mark),
        ("years", _years(entry)),
        ("note", entry.note[lang] if entry.note else None),
    ):
        if text:
            about.add_row(WORDS[key][lang], text)
    names = _grid(*(WORDS[key][lang] for key in ("variable", "label", "unit")))
    for name, meaning in (entry.variables | entry.columns).items():
        names.add_row(name, meaning.label[lang], meaning.unit or "")
    _print(about, names)


def _span(text: str | None) -> int | tuple[int, int] | None:
    """`2024` → 2024, `2015-2024` → (2015, 2024)."""
    from seedbed.base.errors import InvalidInputError

    if text is None:
        return None
    parts = text.split("-")
    if len(parts) > 2 or not all(part.isdigit() for part in parts):
        raise InvalidInputError(f"{text!r} is not a year.", where="--year", fix="write 2024 or 2015-2024.")
    return int(parts[0]) if len(parts) == 1 else (int(parts[0]), int(parts[1]))


def _rows(found: Facts, lang: Lang) -> Grid:
    return _long_rows(found, lang) if found.source.is_long else _catalogue_rows(found, lang)


def _long_rows(found: Facts, lang: Lang) -> Grid:
    from seedbed import facts
    from seedbed.facts import places

    keys = ["place", "year", *(["month"] if "month" in found.data.columns else [])]
    grid = _grid(*(WORDS[key][lang] for key in (*keys, "variable", "value", "unit", "quality", "note")))
    for row in found.data.head(SHOWN_ROWS).iter_rows(named=True):
        meaning = found.source.variables[row["variable"]]
        notes = [facts.note(code)[lang] for code in (row["note"] or "").split()]
        when = [str(row[key]) for key in keys[1:]]
        what = (meaning.label[lang], f"{row['value']:,.10g}", meaning.unit, str(row["quality"]))
        grid.add_row(places.name_of(row["place"])[lang], *when, *what, "; ".join(notes))
    return grid


def _catalogue_rows(found: Facts, lang: Lang) -> Grid:
    """Columns of the other language are left out where both are there."""
    other = "_en" if lang == "zh" else "_zh"
    pairs = {name[:-3] for name in found.data.columns if name.endswith(other)}
    both = {stem for stem in pairs if f"{stem}_{lang}" in found.data.columns}
    columns = [name for name in found.data.columns if not (name.endswith(other) and name[:-3] in both)]
    grid = _grid(*(found.source.columns[name].label[lang] for name in columns))
    for row in found.data.select(columns).head(SHOWN_ROWS).iter_rows():
        grid.add_row(*("" if cell is None else str(cell) for cell in row))
    return grid


def _cut(found: Facts, lang: Lang) -> list[str]:
    total = found.data.height
    return [WORDS["more"][lang].format(shown=SHOWN_ROWS, all=total)] if total > SHOWN_ROWS else []


def _cite(table: Table, lang: Lang) -> str:
    return f"{table.publisher[lang]} — {table.reference}"


def _years(table: Table) -> str:
    return "–".join(str(year) for year in dict.fromkeys(table.years)) if table.years else ""


def _grid(*headings: str) -> Grid:
    from rich import box
    from rich.table import Table as Grid

    return Grid(*headings, box=box.SIMPLE_HEAD, show_header=any(headings))


def _print(*things: Grid | str) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    for thing in things:
        console.print(Text(thing) if isinstance(thing, str) else thing)
