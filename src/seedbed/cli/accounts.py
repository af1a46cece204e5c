"""`seedbed accounts`: what an input-output table says of emissions: who emits, for whom, and through what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.kept import whole_file
from seedbed.cli.options import Language, check_suffix

if TYPE_CHECKING:
    from seedbed.lifecycle.accounts.table import InputOutput

SHIPPED = "china-2007"


def accounts(
    table: Annotated[str, typer.Argument(
        help=f"{SHIPPED}, or a file: .csv, .xlsx, .parquet or .npz in the layout that --layout writes.")] = SHIPPED,
    stressor: Annotated[str | None, typer.Option(help="Code of what is emitted (default: the first).")] = None,
    region: Annotated[str | None, typer.Option(help="Region of sectors and products (default: the first).")] = None,
    of: Annotated[str | None, typer.Option(
        help="Multipliers instead: of output, or of the code of a primary input or stressor.")] = None,
    top: Annotated[int, typer.Option(min=1, help="Rows of each table.")] = 10,
    sheet: Annotated[str | None, typer.Option(help="Sheet of an Excel file (default: the first).")] = None,
    unit: Annotated[str, typer.Option(help="Money of a file.")] = "CNY",
    tolerance: Annotated[float, typer.Option(min=0.0, help="Accepted imbalance of a file, relative.")] = 1e-6,
    to: Annotated[Path | None, typer.Option(help="Write all rows as .csv or .json.")] = None,
    layout: Annotated[Path | None, typer.Option(help="Write the table itself as .csv or .parquet.")] = None,
    lang: Language = "en",
) -> None:
    """Emissions of an input-output table by producer and by consumer, in trade, and per unit of money."""
    from seedbed.lifecycle.accounts import files
    from seedbed.show.lifecycle import accounts as shown
    from seedbed.show.lifecycle import terminal

    check_suffix(to, (".csv", ".json"))
    check_suffix(layout, (".csv", ".parquet"), "--layout")
    found = _table(table, sheet, unit, tolerance)
    of = of or (None if found.stressors.height else "output")
    if of is not None:
        rows = shown.multiplied(found, of)
        content = {".csv": rows.write_csv, ".json": rows.write_json}
        terminal.show(terminal.grid(shown.multiplier_table(found, rows, of, lang, top)))
    else:
        view = shown.AccountsView(found, *shown.chosen(found, stressor, region), lang, top)
        content = {".csv": lambda: shown.to_csv(view), ".json": lambda: shown.to_json(view)}
        terminal.show(terminal.title(view.title), *map(terminal.grid, shown.summary(view)))
    if to is not None:
        made = content[to.suffix.lower()]()
        whole_file(to, lambda path: path.write_text(made, encoding="utf-8"))
        terminal.written(to, lang)
    if layout is not None:
        whole_file(layout, lambda path: files.save(found, path))
        terminal.written(layout, lang)


def _table(name: str, sheet: str | None, unit: str, tolerance: float) -> InputOutput:
    """The shipped table, or a file. Raises InvalidInputError where there is neither."""
    from seedbed.base.errors import InvalidInputError
    from seedbed.lifecycle.accounts.china import china_2007
    from seedbed.lifecycle.accounts.files import load

    if name == SHIPPED:
        return china_2007()
    path = Path(name)
    if not path.is_file():
        raise InvalidInputError("is no file.", where=name, fix=f"name a table, or {SHIPPED}.")
    return load(path, sheet=sheet, unit=unit, tolerance=tolerance)
