"""Life-cycle databases: what an import found, which are there, what one holds."""

from __future__ import annotations

import polars as pl

from seedbed.base.errors import SeedbedError
from seedbed.base.text import Lang
from seedbed.lifecycle.gate.report import ImportReport
from seedbed.lifecycle.inventory.store import Snapshot, Store
from seedbed.lifecycle.inventory.tables import Inventory
from seedbed.show.document import Block, Callout, Column, Document, Paragraph, TableBlock
from seedbed.show.lifecycle import imported as page
from seedbed.show.lifecycle import quantities
from seedbed.show.lifecycle.tables import listing
from seedbed.show.numbers import MISSING, digits
from seedbed.show.words import t

PLACES = 8
COUNTED = ("processes", "flows", "exchanges", "methods")


def imported(report: ImportReport, lang: Lang, *, written: bool) -> Document:
    """The decision, what was found by kind, and the rows by table; how to see more, where no report is `written`."""
    blocks: list[Block] = [_decision(report, lang)]
    if report.files.left_out:
        blocks.append(page.files(report, lang))
    if report.decision == "refused":
        blocks.append(Paragraph(t("import.settle", lang)))
    if report.missing_databases:
        blocks.append(Callout(t("import.missing", lang, names=", ".join(report.missing_databases)), "warning"))
    if report.found:
        blocks.append(page.kinds_found(report, lang))
    if any(line.refused or line.left_out for line in report.lines):
        blocks.append(page.account_of(report, lang, files=5))
    blocks.append(page.rows_by_table(report, lang))
    if report.found and not written:
        blocks.append(Callout(t("inventory.see", lang)))
    return Document.of(f"{t('import.title', lang, name=report.name)} {report.version}".rstrip(), lang, blocks)


def _decision(report: ImportReport, lang: Lang) -> Callout:
    return Callout(t(f"import.decision.{report.decision}", lang), "info" if report.decision == "live" else "warning")


def listed(starter: Inventory, store: Store, lang: Lang) -> Document:
    """The databases that are there, the starter set first."""
    rows = [_listed(starter.name, starter.version, _heights(starter), MISSING, t("inventory.shipped", lang), 1)]
    for name in store.names():
        try:
            live = store.snapshot(name)
        except (SeedbedError, OSError, ValueError, KeyError) as error:
            rows.append((name, t("inventory.broken", lang), *[MISSING] * (len(COUNTED) + 2), str(error)[:40]))
            continue
        rows.append(_listed(name, live.version, dict(live.rows), live.hash, f"{live.created:%Y-%m-%d}",
                            len(store.versions(name))))
    columns = [_column(key, lang) for key in ("database", "version", ">processes", ">flows", ">exchanges", ">methods",
                                              "snapshot", "since", ">kept")]
    note = t("inventory.home", lang, home=store.home)
    return Document.of(t("inventory.listed", lang), lang, [listing("", columns, rows, note=note)])


def _listed(name: str, version: str, rows: dict[str, int], hash: str, since: str, kept: int) -> tuple[str, ...]:
    return (name, version, *(digits(rows[key], 9) for key in COUNTED), hash, since, str(kept))


def about(inventory: Inventory, snapshot: Snapshot | None, lang: Lang) -> Document:
    """What a database holds, and what its import found."""
    blocks: list[Block] = [_holds(inventory, snapshot, lang),
                           *(_by(inventory.processes, key, f"inventory.by_{key}", lang) for key in ("kind", "place"))]
    if inventory.methods.height:
        blocks.append(_methods(inventory, lang))
    if found := snapshot.report() if snapshot else None:
        report = ImportReport.model_validate(found)
        blocks.append(_decision(report, lang))
        if report.found:
            blocks.append(page.kinds_found(report, lang))
    blocks.append(Callout(t("inventory.ask", lang, name=inventory.name)))
    return Document.of(f"{inventory.name} {inventory.version}", lang, blocks)


def _holds(inventory: Inventory, snapshot: Snapshot | None, lang: Lang) -> TableBlock:
    counts = [(t(f"import.rows.{name}", lang), digits(rows, 9)) for name, rows in _heights(inventory).items() if rows]
    facts = [("licence", inventory.licence), ("depends", ", ".join(inventory.depends))]
    if snapshot is not None:
        facts += [("snapshot", snapshot.hash), ("since", f"{snapshot.created:%Y-%m-%d}"),
                  ("folder", str(snapshot.folder))]
    named = [(t(f"inventory.column.{key}", lang), value) for key, value in facts if value]
    return listing(t("inventory.holds", lang), [_column("item", lang), _column("entry", lang)], [*counts, *named])


def _by(processes: pl.DataFrame, key: str, title: str, lang: Lang) -> TableBlock:
    """Processes counted by a column, the most frequent first; what is rare is summed."""
    counted = processes.group_by(pl.col(key).fill_null("")).len().sort("len", key, descending=[True, False])
    rows = [(_called(key, value, lang), digits(number, 9)) for value, number in counted.head(PLACES).iter_rows()]
    shares = [number / processes.height for number in counted["len"].head(PLACES)]
    if rest := processes.height - int(counted["len"].head(PLACES).sum()):
        rows.append((t("inventory.others", lang, count=counted.height - PLACES), digits(rest, 9)))
        shares.append(rest / processes.height)
    return listing(t(title, lang), [_column(key, lang), _column(">processes", lang)], rows, shares)


def _called(key: str, value: str, lang: Lang) -> str:
    if key == "place":
        return quantities.place_name(value, lang) if value else t("inventory.unnamed", lang)
    return t(f"inventory.kind.{value or 'unit'}", lang)


def _methods(inventory: Inventory, lang: Lang) -> TableBlock:
    first, second = ("name_zh", "name_en") if lang == "zh" else ("name_en", "name_zh")
    named = inventory.methods.select("id", pl.coalesce(first, second, "id").alias("name"), pl.col("unit").fill_null(""))
    return listing(t("inventory.methods", lang), [_column(key, lang) for key in ("method", "name", "unit")],
                list(named.iter_rows()))


def _heights(inventory: Inventory) -> dict[str, int]:
    return {name: table.height for name, table in inventory.tables().items()}


def _column(key: str, lang: Lang) -> Column:
    return Column(t(f"inventory.column.{key.lstrip('>')}", lang), "right" if key.startswith(">") else "left")
