"""`seedbed check`: what is understood of a file of one's own: a market, an instrument, a mix, a scheme."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seedbed.cli.options import Language

app = typer.Typer(add_completion=False)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A .yaml file: a market, an instrument, a mix or a scheme.")],
    lang: Language = "en",
) -> None:
    """Every unit and range is checked; nothing is kept."""
    from seedbed.show import check as shown
    from seedbed.show import terminal

    terminal.show(shown.document(file, lang))
