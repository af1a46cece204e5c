"""Life-cycle databases on the terminal: what an import found, which are there, what one holds."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from rich.console import RenderableType
from rich.text import Text

from seedbed.base.text import Lang
from seedbed.lifecycle.gate.report import ImportReport
from seedbed.lifecycle.inventory.store import Snapshot, Store
from seedbed.lifecycle.inventory.tables import Inventory
from seedbed.show import import_page
from seedbed.show.document import Column
from seedbed.show.lifecycle import quantities
from seedbed.show.lifecycle.tables import Rows
from seedbed.show.lifecycle.terminal import GREY, grid
from seedbed.show.numbers import MISSING, digits
from seedbed.show.words import t

PLACES = 8
COUNTED = ("processes", "flows", "exchanges", "methods")
TONES = {"live": "bold green", "quarantined": "bold yellow", "refused": "bold red"}


def imported(report: ImportReport, lang: Lang, *, written: bool) -> Iterator[RenderableType]:
    """The decision, what was found by kind, and the rows by table; how to see more, where no report is `written`."""
    title = t("import.title", lang, name=report.name)
    yield Text.assemble((f"{title} {report.version}".rstrip() + "\n", "bold"),
                        (t(f"import.decision.{report.decision}", lang), TONES[report.decision]))
    if report.decision == "refused":
        yield Text(t("import.settle", lang))
    if report.missing_databases:
        yield Text(t("import.missing", lang, names=", ".join(report.missing_databases)), style="yellow")
    if report.found:
        yield grid(import_page.kinds_found(report, lang))
    yield grid(import_page.rows_by_table(report, lang))
    if report.found and not written:
        yield Text(t("inventory.see", lang), style=GREY)


def listed(starter: Inventory, store: Store, lang: Lang) -> RenderableType:
    """The databases that are there, the starter set first."""
    rows = [_listed(starter.name, starter.version, _heights(starter), MISSING, t("inventory.shipped", lang), 1)]
    for name in store.names():
        live = store.snapshot(name)
        rows.append(_listed(name, live.version, dict(live.rows), live.hash, f"{live.created:%Y-%m-%d}",
                            len(store.versions(name))))
    columns = [_column(key, lang) for key in ("database", "version", ">processes", ">flows", ">exchanges", ">methods",
                                              "snapshot", "since", ">kept")]
    return grid(Rows(t("inventory.listed", lang), columns, rows, note=t("inventory.home", lang, home=store.home)))


def _listed(name: str, version: str, rows: dict[str, int], hash: str, since: str, kept: int) -> tuple[str, ...]:
    return (name, version, *(digits(rows[key], 9) for key in COUNTED), hash, since, str(kept))


def about(inventory: Inventory, snapshot: Snapshot | None, lang: Lang) -> Iterator[RenderableType]:
    """What a database holds, and what its import found."""
    yield Text(f"{inventory.name} {inventory.version}", style="bold")
    yield grid(_holds(inventory, snapshot, lang))
    yield grid(_by(inventory.processes, "kind", "inventory.by_kind", lang))
    yield grid(_by(inventory.processes, "place", "inventory.by_place", lang))
    if inventory.methods.height:
        yield grid(_methods(inventory, lang))
    found = snapshot.report() if snapshot else None
    if found is not None:
        report = ImportReport.model_validate(found)
        yield Text(t(f"import.decision.{report.decision}", lang), style=TONES[report.decision])
        if report.found:
            yield grid(import_page.kinds_found(report, lang))
    yield Text(t("inventory.ask", lang, name=inventory.name), style=GREY)


def _holds(inventory: Inventory, snapshot: Snapshot | None, lang: Lang) -> Rows:
    counts = [(t(f"import.rows.{name}", lang), digits(rows, 9)) for name, rows in _heights(inventory).items() if rows]
    facts = [("licence", inventory.licence), ("depends", ", ".join(inventory.depends))]
    if snapshot is not None:
        facts += [("snapshot", snapshot.hash), ("since", f"{snapshot.created:%Y-%m-%d}"),
                  ("folder", str(snapshot.folder))]
    named = [(t(f"inventory.column.{key}", lang), value) for key, value in facts if value]
    return Rows(t("inventory.holds", lang), [_column("item", lang), _column("entry", lang)], [*counts, *named])


def _by(processes: pl.DataFrame, key: str, title: str, lang: Lang) -> Rows:
    """Processes counted by a column, the most frequent first; what is rare is summed."""
    counted = processes.group_by(pl.col(key).fill_null("")).len().sort("len", key, descending=[True, False])
    rows = [(_called(key, value, lang), digits(number, 9)) for value, number in counted.head(PLACES).iter_rows()]
    shares = [number / processes.height for number in counted["len"].head(PLACES)]
    if rest := processes.height - int(counted["len"].head(PLACES).sum()):
        rows.append((t("inventory.others", lang, count=counted.height - PLACES), digits(rest, 9)))
        shares.append(rest / processes.height)
    return Rows(t(title, lang), [_column(key, lang), _column(">processes", lang)], rows, shares)


def _called(key: str, value: str, lang: Lang) -> str:
    if key == "place":
        return quantities.place_name(value, lang) if value else t("inventory.unnamed", lang)
    return t(f"inventory.kind.{value or 'unit'}", lang)


def _methods(inventory: Inventory, lang: Lang) -> Rows:
    first, second = ("name_zh", "name_en") if lang == "zh" else ("name_en", "name_zh")
    named = inventory.methods.select("id", pl.coalesce(first, second, "id").alias("name"), pl.col("unit").fill_null(""))
    return Rows(t("inventory.methods", lang), [_column(key, lang) for key in ("method", "name", "unit")],
                list(named.iter_rows()))


def _heights(inventory: Inventory) -> dict[str, int]:
    return {name: table.height for name, table in inventory.tables().items()}


def _column(key: str, lang: Lang) -> Column:
    return Column(t(f"inventory.column.{key.lstrip('>')}", lang), "right" if key.startswith(">") else "left")
