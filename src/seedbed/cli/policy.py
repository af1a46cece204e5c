"""`seedbed policy`: list the instruments, show one in full, draw their years."""

from __future__ import annotations

from typing import Annotated

import typer

from seedbed.cli.options import Language

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The library of policy instruments.")
MarketOption = Annotated[str | None, typer.Option(help="Only instruments that reach this market.")]


@app.command("list")
def list_instruments(
    kind: Annotated[str | None, typer.Option(help="mandatory, incentive, guidance or supporting")] = None,
    market: MarketOption = None,
    channel: Annotated[str | None, typer.Option(help="government, enterprise, household or export")] = None,
    lang: Language = "en",
) -> None:
    """List the instruments: kind, lever, channels, status and years of history."""
    from seedbed.market.slots import instruments
    from seedbed.show import policy, terminal

    terminal.show(policy.listed(instruments(kind=kind, market=market, channel=channel), lang))


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of an instrument, as `list` shows it.")],
    lang: Language = "en",
) -> None:
    """Show one instrument: every field, its history, the document and the reference of every value."""
    from seedbed.policy.instrument import get
    from seedbed.show import policy, terminal

    terminal.show(policy.about(get(name), lang))


@app.command()
def timeline(market: MarketOption = None, lang: Language = "en") -> None:
    """Draw which instruments were in force in which year; the height of a bar is the intensity."""
    from seedbed.market.slots import instruments
    from seedbed.show import policy, terminal

    terminal.show(policy.timeline(instruments(market=market), lang))
