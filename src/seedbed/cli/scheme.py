"""`seedbed scheme`: the schemes that run; one with all that it asks, says and gives; its form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seedbed.cli.options import Language

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Schemes that run.")
Id = Annotated[str, typer.Argument(help="Id or name of a scheme.")]


@app.command("list")
def list_schemes(lang: Language = "en") -> None:
    """List the schemes by area, shipped and your own."""
    from seedbed.operate.scheme import schemes
    from seedbed.show import terminal
    from seedbed.show.operate.scheme import listed

    terminal.show(listed(schemes(), lang))


@app.command()
def show(scheme: Id, lang: Language = "en") -> None:
    """Show what a scheme asks, its steps, its rules with their documents, and worked cases."""
    from seedbed.operate.scheme import scheme as named
    from seedbed.show import terminal
    from seedbed.show.operate.scheme import document

    terminal.show(document(named(scheme), lang))


@app.command()
def template(scheme: Id, to: Annotated[Path, typer.Option(help="The .xlsx file to write.")],
             lang: Language = "en") -> None:
    """Write an Excel form to be filled and given to `seedbed assess --from`."""
    from seedbed.operate.scheme import scheme as named
    from seedbed.show import terminal
    from seedbed.show.operate.scheme import form
    from seedbed.show.write import check

    check(to, (".xlsx",))
    form(named(scheme), to)
    terminal.written(to, lang)
