"""`seedbed tender`: a tender evaluated with footprints from the record; its form; its release in the open standard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seedbed.cli.options import By, Language, To, day

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Tenders.")
Source = Annotated[Path, typer.Argument(help="A .yaml, .json (own or OCDS) or .xlsx file that holds a tender.")]
On = Annotated[str | None, typer.Option(help="The day whose rules and claims count (default: today).")]


@app.command()
def evaluate(source: Source, on: On = None,
             post: Annotated[bool, typer.Option("--post", help="Record the evaluation.")] = False,
             by: By = "local", to: To = None, lang: Language = "en") -> None:
    """Rank the bids of every lot, and say what would have to change for another to win."""
    from seedbed.cli.verb import tell
    from seedbed.operate import tender
    from seedbed.operate.record.journal import Journal
    from seedbed.operate.tender_form import read
    from seedbed.show import terminal
    from seedbed.show.words import t
    from seedbed.show.write import check, kinds

    check(to, kinds(("document", "rows", "data")))
    journal = Journal.open(by=by)
    made = tender.evaluate(read(source), journal, day(on, "on"))
    tell(made, lang, to)
    if post:
        terminal.say(t("tender.posted", lang, event=tender.post(made, journal)))


@app.command()
def release(source: Source, to: Annotated[Path, typer.Option(help="The .json file to write.")], on: On = None,
            evaluated: Annotated[bool, typer.Option("--award", help="With ranking and awards.")] = False,
            by: By = "local", prefix: Annotated[str, typer.Option(help="Registered OCID prefix.")] = "ocds-seedbed",
            lang: Language = "en") -> None:
    """Write an Open Contracting (OCDS 1.1) release package of a tender, or of its award."""
    from seedbed.base.kept import write_json
    from seedbed.operate import ocds, tender
    from seedbed.operate.record.journal import Journal
    from seedbed.operate.tender_form import read
    from seedbed.show import terminal
    from seedbed.show.write import check

    check(to, (".json",))
    found, when = read(source), day(on, "on")
    made = tender.evaluate(found, Journal.open(by=by), when) if evaluated else None
    body = ocds.release(found, made, lang=lang, prefix=prefix, on=when)
    packed = ocds.package([body], uri=f"urn:ocds:{body['id']}", publisher=found.buyer, on=made.on if made else
                          when or found.published)
    write_json(to, packed)
    terminal.written(to, lang)


@app.command()
def template(to: Annotated[Path, typer.Option(help="The .xlsx file to write.")], lang: Language = "en") -> None:
    """Write the Excel form of a tender."""
    from seedbed.show import terminal
    from seedbed.show.operate.tender import form
    from seedbed.show.write import check

    check(to, (".xlsx",))
    form(to)
    terminal.written(to, lang)
