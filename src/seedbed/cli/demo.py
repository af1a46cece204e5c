"""`seedbed demo`: a coherent world in a record of its own, and its removal."""

from __future__ import annotations

from typing import Annotated

import typer

from seedbed.cli.options import Language

app = typer.Typer(add_completion=False, help="A demonstration record.")


@app.command()
def demo(remove: Annotated[bool, typer.Option("--remove", help="Remove it.")] = False, lang: Language = "en") -> None:
    """Parties, products with footprints, a tender, suppliers, trips, certificates, a border declaration; all invented
    but footprints and rules, in a database apart from yours.
    """
    from seedbed.cli.verb import progress
    from seedbed.operate.demo import make
    from seedbed.show import terminal
    from seedbed.show.operate import demo as shown

    if remove:
        terminal.show(shown.removed(make.remove(), lang))
        return
    with progress(lang) as say:
        path, counts = make.make(say)
    terminal.show(shown.made(path, counts, lang))
    typer.echo(f"export SEEDBED_DATABASE=sqlite:///{path}")  # in one line, to be copied
