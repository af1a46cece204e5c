"""`seedbed journal`: where the record is, whether it is whole, and whether it adds up."""

from __future__ import annotations

import typer

from seedbed.cli.options import Language

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The record.")


@app.command()
def verify(lang: Language = "en") -> None:
    """Check every hash, link, balance and block; name the first that is broken."""
    from seedbed.operate.record.journal import Journal
    from seedbed.show import terminal
    from seedbed.show.operate import record as shown

    found = Journal.open().verify()
    terminal.show(shown.verdict(found, lang))
    if found.broken:
        raise typer.Exit(1)


@app.command()
def trial(lang: Language = "en") -> None:
    """The trial balance of every asset: zero."""
    from seedbed.operate.record.journal import Journal
    from seedbed.show import terminal
    from seedbed.show.operate import record as shown

    terminal.show(shown.trial(Journal.open().trial(), lang))


@app.command()
def where() -> None:
    """Name the database."""
    from seedbed.operate.record.store import url

    typer.echo(url().split("@")[-1])
