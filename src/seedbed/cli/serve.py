"""`seedbed serve`: the same verbs over HTTP."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from seedbed.cli.options import Language

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: any that is free.")] = 8750,
    host: Annotated[str, typer.Option(
        help="Address to listen on; another than this machine's needs SEEDBED_TOKEN.")] = "127.0.0.1",
    show: Annotated[bool, typer.Option("--open", help="Open the first page in a browser.")] = False,
    lang: Language = "en",
) -> None:
    """Every verb at POST /v1/VERB, long ones as jobs; facts and schemes as tables; the schema at /openapi.json."""
    from seedbed.show import terminal
    from seedbed.show.words import t

    def say(address: str) -> None:
        terminal.say(t("service.at", lang, address=address))

    import_module("seedbed.service.run").serve(host, port, show=show, say=say)
