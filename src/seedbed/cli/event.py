"""`seedbed event`: what happened, as recorded."""

from __future__ import annotations

from typing import Annotated

import typer

from seedbed.cli.options import Language
from seedbed.cli.record import Most

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Events as recorded.")


@app.callback()
def _events() -> None:
    """Events as recorded."""


@app.command("list")
def list_events(about: Annotated[str | None, typer.Option(help="Only about this.")] = None,
                kind: Annotated[str | None, typer.Option(help="Only of this kind, such as claim.recorded@1.")] = None,
                most: Most = 50, lang: Language = "en") -> None:
    """List events in the order recorded."""
    from seedbed.operate.record.journal import Journal
    from seedbed.show import terminal
    from seedbed.show.operate import record as shown

    terminal.show(shown.events(list(Journal.open().events(about=about, kind=kind, most=most)), lang))
