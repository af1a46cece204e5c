"""Commands of the record that are alike for every noun: add from a file or fields, list, show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.cli.options import By, Language

From = Annotated[Path | None, typer.Option("--from", help="A .yaml, .json or .csv file of one or many.")]
Given = Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE, repeated; name.zh=… for a part.")]
Most = Annotated[int, typer.Option(min=1, max=1_000_000, help="Show at most so many.")]


FIELDS = {
    "party": ("id", "kind (organisation, person, site, public)", "name", "place", "parent", "codes", "since", "until"),
    "product": ("id", "maker", "name", "unit", "made_at", "codes", "flow", "mass", "supersedes"),
    "evidence": ("id", "kind (document, measurement, certificate, calculation, facts)", "title", "sha256", "issued",
                 "valid", "by", "source"),
    "claim": ("id", "about", "says", "quantity.value", "quantity.unit", "start", "end", "boundary", "method",
              "evidence", "by", "status", "verified_by", "supersedes"),
    "grant": ("id", "party", "scope (noun.read, noun.write, scheme.assess)", "of", "fields", "until"),
}
"""What `add` takes of each kind; a test holds them to the schemas."""


def nouns(kind: str) -> typer.Typer:
    """The commands of one kind of noun."""
    app = typer.Typer(add_completion=False, no_args_is_help=True, help=f"Record and read: {kind}.")

    @app.command(epilog=f"Fields: {', '.join(FIELDS[kind])}.")
    def add(source: From = None, given: Given = None, by: By = "local", lang: Language = "en") -> None:
        """Record new ones, or new versions of known ones: whole or not at all."""
        from seedbed.operate.record.journal import Journal
        from seedbed.operate.record.nouns import NOUNS
        from seedbed.show import terminal
        from seedbed.show.operate import record as shown

        made = [_noun(NOUNS[kind], said, where) for where, said in fields(source, given or [])]
        terminal.show(shown.added(Journal.open(by=by).add(*made), lang))

    @app.command("list")
    def list_nouns(most: Most = 50, owner: Annotated[str | None, typer.Option(help="Only of this party.")] = None,
                   about: Annotated[str | None, typer.Option(help="Only about this.")] = None,
                   lang: Language = "en") -> None:
        """List them as they hold now."""
        from itertools import islice

        from seedbed.operate.record.journal import Journal
        from seedbed.operate.record.nouns import NOUNS
        from seedbed.show import terminal
        from seedbed.show.operate import record as shown

        journal = Journal.open()
        found = list(islice(journal.all(NOUNS[kind], owner=owner, about=about), most + 1))
        terminal.show(shown.nouns(kind, found[:most], len(found) > most, journal.demo, lang))

    @app.command()
    def show(name: Annotated[str, typer.Argument(metavar="ID", help="Its id.")],
             version: Annotated[int | None, typer.Option(help="An earlier version.")] = None,
             lang: Language = "en") -> None:
        """Show one, and what happened to it."""
        from seedbed.operate.record.journal import Journal
        from seedbed.operate.record.nouns import NOUNS
        from seedbed.show import terminal
        from seedbed.show.operate import record as shown

        journal = Journal.open()
        found = journal.get(NOUNS[kind], name, version)
        terminal.show(shown.noun(kind, found, list(journal.events(stream=f"{kind}:{name}")), lang))

    return app


def _noun(schema: Any, fields: dict[str, Any], where: str) -> Any:
    from seedbed.base.datafile import parse

    return parse(fields, schema, where=where)


def fields(source: Path | None, given: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """What a file holds, with what --set says in its place, and where each stands."""
    own: dict[str, Any] = {}
    for word in given:
        name, sign, value = word.partition("=")
        if not sign:
            raise InvalidInputError(f"{word!r} is not NAME=VALUE.", where=Parameter("set"), fix="write id=cgn.")
        part = own
        *outer, last = name.strip().split(".")
        for key in outer:
            part = part.setdefault(key, {})
            if not isinstance(part, dict):
                raise InvalidInputError(f"{key} is given whole and in parts.", where=Parameter("set"),
                                        fix=f"give {key}, or {key}.zh and {key}.en.")
        if last in part:
            raise InvalidInputError(f"{name.strip()} is given twice.", where=Parameter("set"), fix="give it once.")
        part[last] = [one.strip() for one in value.split(",")] if last in ("evidence", "fields") else value.strip()
    if source is None:
        if not own:
            raise InvalidInputError("nothing is given.", where=Parameter("from"), fix="give --from FILE or --set id=….")
        return [("--set", own)]
    found = read(source)
    if not found:
        raise InvalidInputError("holds nothing.", where=str(source), fix="give at least one row.")
    return [(where, {**one, **own}) for where, one in found]


def read(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """The mappings that a file holds, and where each stands; heads of CSV like `name.zh` make parts."""
    import csv

    from seedbed.base.datafile import load_yaml
    from seedbed.lifecycle.formats.encodings import decode
    from seedbed.operate.asked import read_json

    if not path.is_file():
        raise InvalidInputError("does not exist.", where=str(path), fix="name a file.")
    suffix = path.suffix.lower()
    if suffix == ".csv":
        rows = list(csv.DictReader(decode(path.read_bytes()).splitlines()))
        for n, row in enumerate(rows, start=2):
            if None in row:
                raise InvalidInputError("has more cells than the head.", where=f"{path.name}, row {n}",
                                        fix="quote cells that hold commas.")
        return [(f"{path.name}, row {n}", _parts(row)) for n, row in enumerate(rows, start=2)]
    if suffix in (".yaml", ".yml"):
        raw: Any = load_yaml(path)
    elif suffix == ".json":
        raw = read_json(path)
    else:
        raise InvalidInputError(f"{path.name} is no kind of file this reads.", where=Parameter("from"),
                                fix="end its name in .yaml, .json or .csv.")
    several = raw if isinstance(raw, list) else [raw]
    if not all(isinstance(one, dict) for one in several):
        raise InvalidInputError("holds no fields.", where=path.name, fix="write NAME: VALUE lines, or a list of them.")
    return [(f"{path.name}, {n}", one) for n, one in enumerate(several, start=1)]


def _parts(row: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in row.items():
        if value is None or not value.strip():
            continue
        part = made
        *outer, last = name.strip().split(".")
        for key in outer:
            part = part.setdefault(key, {})
        part[last] = value.strip()
    return made
