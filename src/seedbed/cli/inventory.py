"""`seedbed inventory`: life-cycle databases of others, brought in, looked at and written out again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from seedbed.base.kept import whole_file, whole_folder
from seedbed.cli.options import Language
from seedbed.lifecycle.formats import FORMATS, WRITERS, check_name, writer, written_as

app = typer.Typer(add_completion=False, no_args_is_help=True,
                  help="Life-cycle databases: import, list, show, export, template.")

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
    from seedbed.cli.verb import progress
    from seedbed.lifecycle.gate.importing import import_database
    from seedbed.lifecycle.inventory.store import Store
    from seedbed.show import terminal
    from seedbed.show.lifecycle import databases, imported
    from seedbed.show.write import check, write

    check(report, (".html", ".pdf", ".json"), "report")
    with progress(lang) as say:
        made = import_database(path, Store(), name=name, format=format, quarantine=quarantine, progress=say)
    if report is not None:
        write(report, imported.written(made, lang), "report")
    terminal.show(databases.imported(made, lang, written=report is not None))
    if report is not None:
        terminal.written(report, lang)
    if made.decision == "refused":
        raise typer.Exit(2)


@app.command("list")
def list_databases(lang: Language = "en") -> None:
    """List the databases that are there: version, what they hold, which snapshot is live."""
    from seedbed.lifecycle.inventory.store import Store
    from seedbed.lifecycle.linked import STARTER, opened
    from seedbed.show import terminal
    from seedbed.show.lifecycle import databases

    terminal.show(databases.listed(opened(STARTER), Store(), lang))


@app.command()
def show(name: Database, lang: Language = "en") -> None:
    """Say what a database holds: processes by kind and place, methods, licence, and what its import found."""
    from seedbed.lifecycle.inventory.store import Store
    from seedbed.lifecycle.linked import STARTER, opened
    from seedbed.show import terminal
    from seedbed.show.lifecycle import databases

    terminal.show(databases.about(opened(name), None if name == STARTER else Store().snapshot(name), lang))


@app.command()
def export(
    name: Database,
    path: Annotated[Path, typer.Argument(help="File or folder to write.")],
    format: Annotated[str | None, typer.Option(
        help=f"{', '.join(WRITERS)} (default: .xlsx is a workbook, .zip is ILCD, else a folder of CSV).")] = None,
    lang: Language = "en",
) -> None:
    """Write a database for other software, or as an Excel or CSV form."""
    from seedbed.lifecycle.linked import opened
    from seedbed.show import terminal

    chosen = format or written_as(path)
    write = writer(chosen)
    check_name(path, chosen)
    inventory = opened(name)
    _place(path, FORMATS[chosen].folder, lambda part: write(inventory, part))
    terminal.written(path, lang)


@app.command()
def template(
    path: Annotated[Path, typer.Argument(help="An .xlsx file, or a folder for CSV files.")],
    lang: Language = "en",
) -> None:
    """Write the form, in both languages, in which a plant or product can be described, with an example."""
    from seedbed.lifecycle.formats.form.write import write_template
    from seedbed.show import terminal

    _place(path, written_as(path) != "xlsx", write_template)
    terminal.written(path, lang)


def _place(path: Path, folder: bool, write: Callable[[Path], object]) -> None:
    """Let `write` make the file or folder `path`, whole or not at all."""
    if not folder:
        whole_file(path, write)
        return
    with whole_folder(path) as work:
        write(work)
