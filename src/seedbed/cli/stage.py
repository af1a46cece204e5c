"""`seedbed stage`: the life-cycle stage of a market, the industrialisation stage of a place."""

from __future__ import annotations

import typer

from seedbed.cli.options import Language, To
from seedbed.cli.verb import asks, tell
from seedbed.planning.requests import StageRequest
from seedbed.show.words import t

app = typer.Typer(add_completion=False, no_args_is_help=True, help=t("request.verb.stage", "en"))


@app.command()
@asks(StageRequest, without=("year",))
def market(request: StageRequest, to: To = None, lang: Language = "en") -> None:
    """Year by year, with probabilities, for a market or product."""
    from seedbed.market.stage_of import stage_of

    tell(stage_of(request.name), lang, to)


@app.command()
@asks(StageRequest)
def place(request: StageRequest, to: To = None, lang: Language = "en") -> None:
    """Industrialisation stage of a place and, for a province, its industry type."""
    from seedbed.planning.stage import stage_of_place

    tell(stage_of_place(request.name, year=request.year), lang, to)
