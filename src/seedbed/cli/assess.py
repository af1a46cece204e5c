"""`seedbed assess`: a scheme applied to a file or to fields, by the rules of a day, and recorded if that is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.cli.options import By, Language, To

app = typer.Typer(add_completion=False, help="Run a scheme.")


@app.command()
def assess(
    scheme: Annotated[str, typer.Argument(help="Id or name of a scheme, as `seedbed scheme list` shows.")],
    source: Annotated[Path | None, typer.Option("--from", help="A .yaml, .json, .csv or .xlsx file of what is asked; "
                                                               "CSV rows are assessed one by one.")] = None,
    given: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE, repeated: a field.")] = None,
    on: Annotated[str | None, typer.Option(help="The day whose rules count (default: today).")] = None,
    compare: Annotated[str | None, typer.Option(help="Also under the rules of this day, side by side.")] = None,
    post: Annotated[bool, typer.Option("--post", help="Record it, with its transfers, claims and uses.")] = False,
    decision: Annotated[str | None, typer.Option(help="Who decided, where no rule is in force.")] = None,
    by: By = "local",
    to: To = None,
    lang: Language = "en",
) -> None:
    """Lines with formulas, the rules used with their documents, and what to mind.

    A file of many rows gets a report by row. With --post it is recorded whole or not at all.
    """
    from seedbed.cli.verb import tell
    from seedbed.operate.asked import asked_in, reported
    from seedbed.operate.assess import assess as made_by
    from seedbed.operate.scheme import scheme as named
    from seedbed.show import terminal
    from seedbed.show.operate import assess as shown
    from seedbed.show.write import check, kinds

    check(to, kinds(("document", "rows", "data")))
    if post and compare:
        raise InvalidInputError("records one day's result only.", where=Parameter("post"), fix="leave --compare out.")
    found = named(scheme)
    fields = _pairs(given or [])
    several = asked_in(source, found) if source else []
    if len(several) < 2:
        asked: dict[str, Any] = {**(several[0].fields if several else {}), **fields}
        results: list[Any] = [made_by(scheme, asked, on, compare)]
    else:
        if to is not None:
            raise InvalidInputError("holds one assessment.", where=Parameter("to"), fix="give a file of one.")
        report = reported(several, lambda row: made_by(scheme, {**row, **fields}, on, compare))
        terminal.show(shown.bulk(report, lang))
        if any(row.error for row in report):
            raise typer.Exit(2)
        results = [row.result for row in report]
    recorded = []
    if post:  # before anything is written: what cannot be recorded leaves nothing
        from seedbed.operate.post import post as record
        from seedbed.operate.record.journal import Journal

        recorded = record(results, Journal.open(by=by), decision)
    if len(several) < 2:
        tell(results[0], lang, to)
    for done in recorded:
        terminal.show(shown.posted(done, lang))


def _pairs(words: list[str]) -> dict[str, str]:
    out = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign:
            raise InvalidInputError(f"{word!r} is not NAME=VALUE.", where=Parameter("set"), fix="write years=8.")
        out[name.strip()] = value.strip()
    return out
