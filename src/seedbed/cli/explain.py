"""`seedbed explain`: why a scenario brings what it brings in a place, and why a share is what it is."""

from __future__ import annotations

from typing import Annotated

import typer

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.years import MIDWAY
from seedbed.cli.options import Language, To
from seedbed.cli.verb import ask, asks, tell
from seedbed.planning.requests import ExplainRequest, TraceRequest

app = typer.Typer(add_completion=False)


@app.command()
@asks(ExplainRequest, without=("markets", "rows"))
def explain(
    request: ExplainRequest,
    market: Annotated[str | None, typer.Option(help="One market (default: all).")] = None,
    outcome: Annotated[str, typer.Option(
        help="emissions (avoided), green_share (of one market), public_money, green_market, exports, jobs or "
             "resource_cost.")] = "emissions",
    sensitivity: Annotated[bool, typer.Option("--sensitivity", help="Shares of variance (Sobol indices).")] = False,
    rows: Annotated[int, typer.Option(min=16, help="Rows of --sensitivity; each is 22 simulations.")] = 128,
    trace: Annotated[str | None, typer.Option(
        help="A technology of --market: the terms and parameters behind its share, and nothing else.")] = None,
    year: Annotated[int, typer.Option(help="The year of --trace.")] = MIDWAY,
    to: To = None,
    lang: Language = "en",
) -> None:
    from seedbed.show.explain.page import check

    if trace is not None:
        if market is None:
            raise InvalidInputError("no market is named.", where=Parameter("trace"), fix="add --market.")
        asked = TraceRequest(place=request.place, market=market, technology=trace, year=year,
                             scenario=request.scenario, until=request.until, budget=request.budget,
                             price=request.price)
        tell(ask(asked, lang), lang, to)
        return
    check(outcome, None if market is None else 1)
    chosen = None if market is None else (market,)
    wanted = request.model_copy(update={"markets": chosen, "rows": rows if sensitivity else 0})
    tell(ask(wanted, lang), lang, to, outcome=outcome)
