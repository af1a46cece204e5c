"""`seedbed declare`: an exporter's year, with certificates, and the Commission's template filled from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.cli.options import Language, To, day

app = typer.Typer(add_completion=False, help="Border declarations.")


@app.command()
def declare(
    source: Annotated[Path, typer.Argument(help="A .yaml file: an installation, its processes, precursors and lots.")],
    on: Annotated[str | None, typer.Option(help="The day whose rules count for emissions (default: the last).")] = None,
    template: Annotated[Path | None, typer.Option(help="The Commission's communication template (.xlsx).")] = None,
    filled: Annotated[Path | None, typer.Option(help="Where to write the template, filled.")] = None,
    to: To = None,
    lang: Language = "en",
) -> None:
    """Embedded emissions of every process, certificates of every importer's year by three kinds of evidence.

    With --template and --filled the operator's template is filled; all else in it stays as it is.
    """
    from seedbed.cli.verb import tell
    from seedbed.operate.declare import declare as declared
    from seedbed.operate.declare import fill_template, read
    from seedbed.show import terminal
    from seedbed.show.words import t
    from seedbed.show.write import check, kinds

    check(to, kinds(("document", "rows", "data")))
    if (template is None) != (filled is None):
        raise InvalidInputError("go together.", where=Parameter("template"), fix="give --template and --filled.")
    if filled is not None:
        check(filled, (".xlsx",))
    found = read(source)
    tell(declared(found, day(on, "on")), lang, to)
    if template is not None and filled is not None:
        terminal.say(t("declare.filled", lang, count=fill_template(found, template, filled)))
        terminal.written(filled, lang)
