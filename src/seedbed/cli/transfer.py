"""`seedbed transfer`: make, reserve, settle, release, reverse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.cli.options import By, Language, day

if TYPE_CHECKING:
    from seedbed.base.lang import Lang

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Transfers between accounts.")
Source = Annotated[str, typer.Argument(help="Account that gives.")]
Target = Annotated[str, typer.Argument(help="Account that takes.")]
Amount = Annotated[str, typer.Argument(help="How much, in the unit of the asset.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the transfer.")]
On = Annotated[str | None, typer.Option(help="The day it happened (default: today).")]
LONGEST = 100 * 365 * 24  # hours
Key = Annotated[str | None, typer.Option(help="Key that makes a repeated call the same transfer.")]


def _tell(made: Any, lang: Lang) -> None:
    from seedbed.show import terminal
    from seedbed.show.operate import record as shown

    terminal.show(shown.transfer(made, lang))


def _journal(by: str) -> Any:
    from seedbed.operate.record.journal import Journal

    return Journal.open(by=by)


@app.command()
def make(source: Source, target: Target, amount: Amount, on: On = None, key: Key = None,
         lot: Annotated[str | None, typer.Option(help="Only units of this lot.")] = None, by: By = "local",
         lang: Language = "en") -> None:
    """Transfer now."""
    _tell(_journal(by).transfer(source, target, amount, on=day(on, "on"), key=key, lot=lot), lang)


@app.command()
def reserve(source: Source, target: Target, amount: Amount,
            hours: Annotated[float, typer.Option(help="Hours until it lapses.")] = 24.0, key: Key = None,
            by: By = "local", lang: Language = "en") -> None:
    """Hold an amount, to be settled or released later."""
    if not 0 < hours <= LONGEST:
        raise InvalidInputError(f"{hours} is no time to hold.", where=Parameter("hours"),
                                fix=f"give more than 0 and at most {LONGEST}.")
    until = datetime.now(UTC) + timedelta(hours=hours)
    _tell(_journal(by).reserve(source, target, amount, until, key=key), lang)


@app.command()
def settle(name: Id, amount: Annotated[str | None, typer.Option(help="A part of it; the rest is free again.")] = None,
           on: On = None, key: Key = None, by: By = "local", lang: Language = "en") -> None:
    """Transfer what is reserved."""
    _tell(_journal(by).settle(name, amount, on=day(on, "on"), key=key), lang)


@app.command()
def release(name: Id, key: Key = None, by: By = "local", lang: Language = "en") -> None:
    """Let go what is reserved."""
    _tell(_journal(by).release(name, key=key), lang)


@app.command()
def reverse(name: Id, on: On = None, key: Key = None, by: By = "local", lang: Language = "en") -> None:
    """Undo a transfer, once, by another."""
    _tell(_journal(by).reverse(name, on=day(on, "on"), key=key), lang)
