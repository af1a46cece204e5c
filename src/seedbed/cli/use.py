"""`seedbed use`: what claims take from the world; what a rule excludes is refused."""

from __future__ import annotations

from typing import Annotated

import typer

from seedbed.cli.options import By, Language, day
from seedbed.cli.record import From, Given, fields

app = typer.Typer(add_completion=False, no_args_is_help=True, help="No double claim.")


@app.command()
def take(source: From = None, given: Given = None,
         on: Annotated[str | None, typer.Option(help="The day whose rules count (default: today).")] = None,
         decision: Annotated[str | None, typer.Option(help="Who decided, where no rule is in force.")] = None,
         by: By = "local", lang: Language = "en") -> None:
    """Record uses, all or none."""
    from seedbed.base.datafile import parse
    from seedbed.operate.record.journal import Journal
    from seedbed.operate.record.nouns import Use
    from seedbed.show import terminal
    from seedbed.show.operate import record as shown

    made = [parse({"by": by, **said}, Use, where=where) for where, said in fields(source, given or [])]
    Journal.open(by=by).take(*made, on=day(on, "on"), decision=decision)
    terminal.show(shown.uses(made, lang))


@app.command("list")
def list_uses(of: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
              lang: Language = "en") -> None:
    """List uses by source."""
    from seedbed.operate.record.journal import Journal
    from seedbed.show import terminal
    from seedbed.show.operate import record as shown

    terminal.show(shown.uses(Journal.open().uses(of), lang))


@app.command()
def rules(lang: Language = "en") -> None:
    """List what excludes what, from which day, by which document."""
    from seedbed.operate.record.uses import exclusions
    from seedbed.show import terminal
    from seedbed.show.operate import record as shown

    terminal.show(shown.exclusions(exclusions(), lang))
