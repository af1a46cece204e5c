"""`seedbed claim`: record, list, show; verify and withdraw."""

from __future__ import annotations

from typing import Annotated

import typer

from seedbed.cli.options import By, Language
from seedbed.cli.record import nouns

app = nouns("claim")
Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the claim.")]


def _become(name: str, status: str, by: str, lang: Language) -> None:
    from seedbed.operate.record.journal import Journal
    from seedbed.operate.record.nouns import Claim
    from seedbed.show import terminal
    from seedbed.show.operate import record as shown

    journal = Journal.open(by=by)
    claim = journal.get(Claim, name)
    verified = by if status == "verified" else None
    changed = Claim.model_validate({**claim.model_dump(), "status": status, "verified_by": verified})
    terminal.show(shown.added(journal.add(changed), lang))


@app.command()
def verify(name: Id, by: By, lang: Language = "en") -> None:
    """Verify a claim as the party --by, which is not the one that stated it."""
    _become(name, "verified", by, lang)


@app.command()
def withdraw(name: Id, by: By = "local", lang: Language = "en") -> None:
    """Withdraw a claim; it stays in the record."""
    _become(name, "withdrawn", by, lang)
