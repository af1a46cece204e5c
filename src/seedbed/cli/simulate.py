"""`seedbed simulate`: one market under a mix, as tables, a chart and files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seedbed.cli.options import Language
from seedbed.cli.verb import ask, asks, tell
from seedbed.market.requests import SimulateRequest

app = typer.Typer(add_completion=False)


@app.command()
@asks(SimulateRequest, runs=True)
def simulate(
    request: SimulateRequest,
    lang: Language = "en",
    csv: Annotated[Path | None, typer.Option(help="Write all variables as long CSV.")] = None,
    netcdf: Annotated[Path | None, typer.Option(help="Write all variables as netCDF.")] = None,
    to: Annotated[Path | None, typer.Option(help="Write a .html, .pdf, .csv, .parquet, .json or .nc file.")] = None,
) -> None:
    from seedbed.show.outcome import written
    from seedbed.show.write import check, write

    check(csv, (".csv",), "csv")
    check(netcdf, (".nc",), "netcdf")
    outcome = ask(request, lang)
    for path in (csv, netcdf):
        if path is not None:
            write(path, written(outcome, lang))
    tell(outcome, lang, to)
