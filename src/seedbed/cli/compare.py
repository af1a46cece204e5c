"""`seedbed compare`: two plans side by side."""

from __future__ import annotations

import typer

from seedbed.cli.options import Language, To
from seedbed.cli.verb import ask, asks, tell
from seedbed.planning.requests import CompareRequest

app = typer.Typer(add_completion=False)


@app.command()
@asks(CompareRequest)
def compare(request: CompareRequest, to: To = None, lang: Language = "en") -> None:
    """Options are those of plans that are made now."""
    tell(ask(request, lang), lang, to)
