"""`seedbed learn`: calibrate a market to its history again, with its posterior and how well it was found."""

from __future__ import annotations

from typing import Annotated

import typer

from seedbed.cli.options import Language, To
from seedbed.cli.verb import ask, asks, tell
from seedbed.learning.requests import LearnRequest

app = typer.Typer(add_completion=False)


@app.command()
@asks(LearnRequest)
def learn(
    request: LearnRequest,
    save: Annotated[bool, typer.Option(
        "--save", help="Keep the result in your home folder: later runs of simulate and plan use it.")] = False,
    forget: Annotated[bool, typer.Option(
        "--forget", help="Take back what was kept of this market, and do nothing else.")] = False,
    to: To = None,
    lang: Language = "en",
) -> None:
    from seedbed.learning.fit import forget as take_back
    from seedbed.market import definition as definitions
    from seedbed.show import terminal
    from seedbed.show.words import t

    if forget:
        market = definitions.get(request.market).id
        terminal.say(t("learn.forgotten" if take_back(market) else "learn.none", lang, market=market))
        return
    found = ask(request, lang)
    tell(found, lang, to)
    if save:
        terminal.written(found.keep(), lang)
        terminal.say(t("learn.kept", lang, market=found.definition.id))
