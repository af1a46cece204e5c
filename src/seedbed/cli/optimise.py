"""`seedbed optimise`: the best rule or the best strengths for stated weights and limits, and provinces in order."""

from __future__ import annotations

from typing import Annotated

import typer

from seedbed.base.errors import InvalidInputError
from seedbed.cli.options import Language, To
from seedbed.cli.verb import ask, asks, tell
from seedbed.planning.requests import OptimiseRequest, OrderRequest

app = typer.Typer(add_completion=False)


@app.command()
@asks(OptimiseRequest)
def optimise(
    request: OptimiseRequest,
    regions: Annotated[bool, typer.Option("--regions", help="Which provinces first under one budget (china).")] = False,
    to: To = None,
    lang: Language = "en",
) -> None:
    if regions:
        asked = OrderRequest(place=request.place, markets=request.markets, until=request.until, budget=request.budget)
        tell(ask(asked, lang), lang, to)
        return
    found = ask(request, lang)
    tell(found, lang, to)
    if broken := found.broken:
        raise InvalidInputError(f"the best that was found breaks {', '.join(broken)}.", where=request.place,
                                fix="loosen the limit, or let more change: --ramp, --until.")
