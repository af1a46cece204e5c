"""`seedbed accounts`: what an input-output table says of emissions: who emits, for whom, and through what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.kept import whole_file
from seedbed.cli.options import Language

SHIPPED = "china-2007"
app = typer.Typer(add_completion=False)


@app.command()
def accounts(
    table: Annotated[str, typer.Argument(
        help=f"{SHIPPED}, or a file: .csv, .xlsx, .parquet or .npz in the layout that --layout writes.")] = SHIPPED,
    stressor: Annotated[str | None, typer.Option(help="Code of what is emitted (default: the first).")] = None,
    region: Annotated[str | None, typer.Option(help="Region of sectors and products (default: the first).")] = None,
    of: Annotated[str | None, typer.Option(
        help="Multipliers instead: of output, or of the code of a primary input or stressor.")] = None,
    top: Annotated[int, typer.Option(min=1, max=100_000, help="Rows of each table.")] = 10,
    sheet: Annotated[str | None, typer.Option(help="Sheet of an Excel file (default: the first).")] = None,
    unit: Annotated[str, typer.Option(help="Money of a file.")] = "CNY",
    tolerance: Annotated[float, typer.Option(min=0.0, max=1.0, help="Accepted imbalance of a file, relative.")] = 1e-6,
    to: Annotated[Path | None, typer.Option(help="Write all rows as .csv, .parquet or .json, or a page.")] = None,
    layout: Annotated[Path | None, typer.Option(help="Write the table itself as .csv or .parquet.")] = None,
    lang: Language = "en",
) -> None:
    """Emissions of an input-output table by producer and by consumer, in trade, and per unit of money."""
    from seedbed.lifecycle.accounts import files
    from seedbed.show import terminal
    from seedbed.show.lifecycle import accounts as shown
    from seedbed.show.write import check, kinds, write

    check(to, kinds(("document", "rows", "data")))
    check(layout, (".csv", ".parquet"), "layout")
    idle = {Parameter("sheet"): sheet, Parameter("unit"): unit != "CNY", Parameter("tolerance"): tolerance != 1e-6}
    for option in (option for option, given in idle.items() if given and table == SHIPPED):
        raise InvalidInputError("tells how a file is read, and the table that ships is none.", where=option,
                                fix="leave it out, or name a file.")
    if not (len(unit) == 3 and unit.isascii() and unit.isupper()):
        raise InvalidInputError(f"{unit!r} is no currency.", where=Parameter("unit"),
                                fix="write a code of ISO 4217: CNY.")
    found = files.opened(table, sheet=sheet, unit=unit, tolerance=tolerance)
    of = of or (None if found.stressors.height else "output")
    if of is not None:
        page, parts = shown.multiplier_document(found, of, lang, top), shown.multiplier_written(found, of, lang)
    else:
        page = shown.document(found, lang, stressor=stressor, region=region, top=top)
        parts = shown.written(found, lang, stressor=stressor, region=region, top=top)
    terminal.show(page)
    if to is not None:
        write(to, parts)
        terminal.written(to, lang)
    if layout is not None:
        whole_file(layout, lambda path: files.save(found, path))
        terminal.written(layout, lang)
