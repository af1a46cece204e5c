"""`seedbed backtest`: forecasts from past origins, each made only with what was known then, and their scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seedbed.cli.options import Language, To
from seedbed.cli.verb import ask, asks, tell
from seedbed.learning.requests import BacktestRequest

app = typer.Typer(add_completion=False)


@app.command()
@asks(BacktestRequest, positional=("target",))
def backtest(
    request: BacktestRequest,
    out: Annotated[Path | None, typer.Option(help="Write the quantiles as CSV.")] = None,
    to: To = None,
    lang: Language = "en",
) -> None:
    from seedbed.show.write import check

    check(out, (".csv", ".parquet"), "out")
    tell(ask(request, lang), lang, out or to)
