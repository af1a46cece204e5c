"""`seedbed facts`: list the tables, show their numbers, name their sources."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.cli.options import Language

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Numbers with their sources.")
TableArgument = Annotated[str, typer.Argument(help="Id of a table, as `seedbed facts list` shows it.")]


@app.command("list")
def list_tables(lang: Language = "en") -> None:
    """List the tables: title, years, publisher, quality."""
    from seedbed.show import facts as shown
    from seedbed.show import terminal

    terminal.show(shown.listed(lang))


@app.command()
def show(
    table: TableArgument,
    place: Annotated[str | None, typer.Option(help="A place: id, name in Chinese or English, or code.")] = None,
    year: Annotated[str | None, typer.Option(help="A year, or a span such as 2015-2024.")] = None,
    variable: Annotated[str | None, typer.Option(help="A variable of the table.")] = None,
    csv: Annotated[str | None, typer.Option(help="Write all rows as CSV to this file; - is the screen.")] = None,
    to: Annotated[Path | None, typer.Option(help="Write a .csv, .parquet, .json, .html or .pdf file.")] = None,
    lang: Language = "en",
) -> None:
    """Show the numbers of a table, or a part of them."""
    from seedbed import facts
    from seedbed.cli.verb import tell
    from seedbed.show.facts import written
    from seedbed.show.write import check, write

    if csv not in (None, "-"):
        check(Path(str(csv)), (".csv",), "csv")
    found = facts.read(table, place=place, year=_span(year), variable=variable)
    if year is not None and found.data.is_empty():
        whole = facts.read(table, place=place, variable=variable).data["year"]
        raise InvalidInputError(f"{table} has no row of {year}.", where=Parameter("year"),
                                fix=f"give years from {whole.min()} to {whole.max()}.")
    if csv == "-":
        sys.stdout.buffer.write(found.data.write_csv().encode())
        sys.stdout.flush()
    elif csv:
        write(Path(csv), written(found, lang), "csv")
    else:
        tell(found, lang, to)


@app.command()
def source(table: TableArgument, lang: Language = "en") -> None:
    """Say where the numbers of a table come from and what its variables mean."""
    from seedbed import facts
    from seedbed.show import facts as shown
    from seedbed.show import terminal

    terminal.show(shown.about(facts.source(table), lang))


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="A .csv file with the columns place, variable, year, value, source.")],
    lang: Language = "en",
) -> None:
    """Lay your own numbers over the tables that ship: checked whole, kept in your home folder.

    Columns that may be added: table, unit, quality. Every later result names the tables that hold own data.
    """
    from seedbed import facts
    from seedbed.show import facts as shown
    from seedbed.show import terminal

    terminal.show(shown.added(facts.add(file), lang))


@app.command()
def forget(table: TableArgument, lang: Language = "en") -> None:
    """Take back your own numbers of a table."""
    from seedbed import facts
    from seedbed.show import terminal
    from seedbed.show.words import t

    terminal.say(t("facts.forgotten", lang, count=facts.forget(table), table=table))


def _span(text: str | None) -> int | tuple[int, int] | None:
    """`2024` → 2024, `2015-2024` → (2015, 2024)."""
    if text is None:
        return None
    parts = text.split("-")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise InvalidInputError(f"{text!r} is not a year.", where=Parameter("year"), fix="write 2024 or 2015-2024.")
    return int(parts[0]) if len(parts) == 1 else (int(parts[0]), int(parts[1]))
