"""`seedbed account`: open, list, balance."""

from __future__ import annotations

from typing import Annotated

import typer

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.cli.options import By, Language

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Accounts of points, certificates and allowances.")
Id = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Id of the account.")]


@app.command("open")
def open_account(
    account: Id,
    owner: Annotated[str, typer.Option(help="The party that holds it.")],
    asset: Annotated[str, typer.Option(help="What it holds, such as points:CN-GD.")],
    unit: Annotated[str | None, typer.Option(help="Unit of the asset, where it is new.")] = None,
    digits: Annotated[int | None, typer.Option(min=0, max=12, help="Decimals that the asset is counted in.")] = None,
    serial: Annotated[bool, typer.Option("--serial", help="Its units are numbered one by one.")] = False,
    negative: Annotated[bool, typer.Option("--negative", help="May be below zero: an issuer's account.")] = False,
    by: By = "local",
    lang: Language = "en",
) -> None:
    """Open an account, and have its asset known."""
    from seedbed.operate.record.journal import Journal
    from seedbed.operate.record.nouns import Account, Asset
    from seedbed.show import terminal
    from seedbed.show.operate import record as shown

    journal = Journal.open(by=by)
    if unit:
        journal.asset(Asset(id=asset, unit=unit, digits=digits or 0, serial=serial))
    elif digits is not None or serial:
        raise InvalidInputError("an asset that is there keeps its digits and numbering.", where=Parameter("digits"),
                                fix="leave it out, or give --unit too where the asset is new.")
    journal.account(Account(id=account, owner=owner, asset=asset, negative=negative))
    terminal.show(shown.balance(account, journal.balance(account), journal.serials(account), lang))


@app.command()
def balance(account: Id, on: Annotated[str | None, typer.Option(help="At the end of this day.")] = None,
            lang: Language = "en") -> None:
    """What an account holds, what of it is reserved, and its numbers."""
    from seedbed.cli.options import day
    from seedbed.operate.record.journal import Journal
    from seedbed.show import terminal
    from seedbed.show.operate import record as shown

    journal = Journal.open()
    held = journal.balance(account, day(on, "on"))
    terminal.show(shown.balance(account, held, [] if on else journal.serials(account), lang))


@app.command("list")
def list_accounts(owner: Annotated[str | None, typer.Option(help="Only of this party.")] = None,
                  asset: Annotated[str | None, typer.Option(help="Only of this asset.")] = None,
                  lang: Language = "en") -> None:
    """List accounts with their balances."""
    from seedbed.operate.record.journal import Journal
    from seedbed.show import terminal
    from seedbed.show.operate import record as shown

    journal = Journal.open()
    terminal.show(shown.accounts([(one, journal.balance(one.id)) for one in journal.accounts(owner=owner, asset=asset)],
                                 lang))
