"""`seedbed inventory`: life-cycle databases of others, brought in, looked at and written out again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.kept import whole_file, whole_folder
from seedbed.cli.options import Language, check_suffix, progress_bar
from seedbed.lifecycle.formats import FORMATS, WRITERS, writer, written_as

if TYPE_CHECKING:
    from seedbed.base.lang import Lang
    from seedbed.lifecycle.gate.report import ImportReport
    from seedbed.lifecycle.inventory.store import Store
    from seedbed.lifecycle.inventory.tables import Inventory

app = typer.Typer(no_args_is_help=True, help="Life-cycle databases: import, list, show, export, template.")

STARTER = "starter"

Database = Annotated[str, typer.Argument(help="A database, as `seedbed inventory list` shows it.")]


@app.command("import")
def bring_in(
    path: Annotated[Path, typer.Argument(help="File, zip or folder: ILCD, EcoSpold, openLCA JSON-LD, SimaPro CSV …")],
    name: Annotated[str | None, typer.Option(help="Name of the database (default: the source's own).")] = None,
    format: Annotated[str | None, typer.Option(help="Format (default: what the content shows).")] = None,
    quarantine: Annotated[bool, typer.Option(
        "--quarantine", help="Take out what has errors and let the rest go live.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write the report as .html, .pdf or .json.")] = None,
    lang: Language = "en",
) -> None:
    """Read a database, check it, and make it live if it has no errors; else nothing changes (exit code 2)."""
    from seedbed.lifecycle.gate.importing import import_database
    from seedbed.show.lifecycle import databases, terminal
    from seedbed.show.words import t

    check_suffix(report, (".html", ".pdf", ".json"), "--report")
    with progress_bar() as bar:
        task = bar.add_task(path.name, total=None)

        def say(stage: str, done: int, of: int) -> None:
            bar.update(task, description=t(f"inventory.stage.{stage}", lang), completed=done, total=of or None)

        made = import_database(path, _store(), name=name, format=format, quarantine=quarantine, progress=say)
    if report is not None:
        whole_file(report, lambda part: _write_report(made, part, lang))
    terminal.show(*databases.imported(made, lang, written=report is not None))
    if report is not None:
        terminal.written(report, lang)
    if made.decision == "refused":
        raise typer.Exit(2)


@app.command("list")
def list_databases(lang: Language = "en") -> None:
    """List the databases that are there: version, what they hold, which snapshot is live."""
    from seedbed.show.lifecycle import databases, terminal

    terminal.show(databases.listed(_open(STARTER), _store(), lang))


@app.command()
def show(name: Database, lang: Language = "en") -> None:
    """Say what a database holds: processes by kind and place, methods, licence, and what its import found."""
    from seedbed.show.lifecycle import databases, terminal

    terminal.show(*databases.about(_open(name), None if name == STARTER else _store().snapshot(name), lang))


@app.command()
def export(
    name: Database,
    path: Annotated[Path, typer.Argument(help="File or folder to write.")],
    format: Annotated[str | None, typer.Option(
        help=f"{', '.join(WRITERS)} (default: .xlsx is a workbook, .zip is ILCD, else a folder of CSV).")] = None,
    lang: Language = "en",
) -> None:
    """Write a database for other software, or as an Excel or CSV form."""
    from seedbed.show.lifecycle import terminal

    chosen = format or written_as(path)
    write = writer(chosen)
    inventory = _open(name)
    _place(path, FORMATS[chosen].folder, lambda part: write(inventory, part))
    terminal.written(path, lang)


@app.command()
def template(
    path: Annotated[Path, typer.Argument(help="An .xlsx file, or a folder for CSV files.")],
    lang: Language = "en",
) -> None:
    """Write the form, in both languages, in which a plant or product can be described, with an example."""
    from seedbed.lifecycle.formats.form.write import write_template
    from seedbed.show.lifecycle import terminal

    _place(path, path.suffix.lower() != ".xlsx", write_template)
    terminal.written(path, lang)


def _place(path: Path, folder: bool, write: Callable[[Path], object]) -> None:
    """Let `write` make the file or folder `path`, whole or not at all."""
    if not folder:
        whole_file(path, write)
        return
    with whole_folder(path) as work:
        write(work)


def _store() -> Store:
    from seedbed.lifecycle.inventory.store import Store

    return Store()


def _open(name: str) -> Inventory:
    if name == STARTER:
        from seedbed.lifecycle.starter.build import starter

        return starter()
    return _store().open(name)


def _write_report(made: ImportReport, path: Path, lang: Lang) -> None:
    """The report as the kind of file that the suffix of `path` names."""
    import json

    if path.suffix.lower() == ".json":
        path.write_text(json.dumps(made.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return
    from seedbed.show.html import to_html
    from seedbed.show.import_page import import_page
    from seedbed.show.pdf import to_pdf

    document = import_page(made, lang)
    path.write_bytes(to_pdf(document) if path.suffix.lower() == ".pdf" else to_html(document).encode())
