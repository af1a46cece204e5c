"""Bringing a database in: detect its format, read it, judge it, and let it go live or not.

Whatever happens, the version that was live stays so until the new one is whole on the disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from seedbed.base.errors import InvalidInputError, SeedbedError
from seedbed.base.progress import Progress
from seedbed.lifecycle.formats import reader
from seedbed.lifecycle.formats.packages import damaged
from seedbed.lifecycle.gate.detect import detect
from seedbed.lifecycle.gate.judging import KEY, PARAMETER, judge, take_out
from seedbed.lifecycle.gate.kinds import kinds
from seedbed.lifecycle.gate.report import (
    Decision,
    ImportReport,
    account,
    balance,
    lines,
    outweighed,
    summarise,
    unexplained,
)
from seedbed.lifecycle.inventory.store import Store
from seedbed.lifecycle.inventory.tables import DEFECTS, Inventory, Reading, table
from seedbed.lifecycle.linked import STARTER, linked

Others = Mapping[str, Inventory]
ROUNDS = 100
"""Judgements after which an inventory that still shows new errors is given up."""


def import_database(path: Path, store: Store, *, name: str | None = None, format: str | None = None,
                    quarantine: bool = False, progress: Progress | None = None) -> ImportReport:
    """Read the database at `path`, judge it and make it live in `store` if it has no errors.

    With `quarantine` what its errors name is taken out (each as its kind says) and judged again until no
    error is left; the rest goes live, and what was taken out is kept beside it (tables `quarantine` and
    `removed_…`, all defects in `defects`). Else, and where taking out does not help, nothing is changed.
    `name` is by default the source's own; `format` (one of `formats.READERS`) by default what its content shows.
    What lost more files than it brought is refused too. Raises InvalidInputError for what is no database at all.
    """
    tell = progress or (lambda stage, done, total: None)
    if name == STARTER:
        raise InvalidInputError(f"{STARTER} is the database that ships.", where="database name",
                                fix="give another name.")
    if name is not None:
        store.live(name)  # refuses what cannot name a database, before the reading
    reading, format = _read(path, name, format, tell)
    inventory = reading.inventory
    previous = store.live(inventory.name)
    others = linked(store, inventory.depends)
    end = _settle(reading, others, quarantine, tell)
    replaces = previous is not None and _holds_processes(store, inventory.name)
    files = account(inventory, reading.seen, end.defects)
    decision = "refused" if outweighed(reading.seen, end.defects) else _decide(end, inventory, replaces)
    report = ImportReport(
        name=inventory.name, version=inventory.version, format=format, source=path.name, decision=decision, hash=None,
        previous=previous, rounds=end.rounds, files=files,
        lines=lines(balance(reading.seen, inventory, end.removed)), read=_heights(inventory),
        live={} if decision == "refused" else _heights(end.inventory),
        removed={} if decision == "refused" else {name: rows.height for name, rows in end.removed.items()},
        missing_databases=tuple(other for other in inventory.depends if other not in others),
        found=summarise(end.defects, inventory),
    )
    if decision == "refused":
        return report
    tell("store", 0, 1)
    extra = {f"removed_{table}": rows for table, rows in end.removed.items()}
    snapshot = store.put(end.inventory, report=report.to_json(),
                         extra={"defects": end.defects, "quarantine": end.quarantine, **extra})
    store.make_live(inventory.name, snapshot.hash)
    tell("store", 1, 1)
    return report.model_copy(update={"hash": snapshot.hash})


def _holds_processes(store: Store, name: str) -> bool:
    """Whether the live version of a database has processes; a damaged one has none to lose."""
    try:
        return store.snapshot(name).rows["processes"] > 0
    except (SeedbedError, OSError, KeyError, ValueError):
        return False


def _read(path: Path, name: str | None, format: str | None, tell: Progress) -> tuple[Reading, str]:
    format = format or detect(path)
    read = reader(format)
    try:
        reading = read(path, name=name, progress=lambda done, total: tell("read", done, total))
    except SeedbedError:
        raise
    except Exception as error:  # files that tools write wrong, or that are made to harm, fail in ways nobody lists
        raise damaged(path, error) from error
    untold = table(DEFECTS, unexplained(balance(reading.seen, reading.inventory, {}), reading.defects))
    defects = pl.concat([reading.defects, untold])
    return replace(reading, inventory=_taken_in(reading.inventory), defects=defects), format


def _taken_in(inventory: Inventory) -> Inventory:
    """The inventory with elementary flows that no medium is said of, and that are only taken in, as resources."""
    ways = inventory.exchanges.group_by("flow").agg(only=(pl.col("direction") == "input").all())
    flows = inventory.flows.join(ways.rename({"flow": "id"}), on="id", how="left", maintain_order="left")
    taken = pl.col("compartment").is_null() & (pl.col("kind") == "elementary") & pl.col("only").fill_null(False)
    return replace(inventory, flows=flows.with_columns(
        compartment=pl.when(taken).then(pl.lit("resource")).otherwise("compartment")).drop("only"))


@dataclass(frozen=True, slots=True)
class _End:
    """Where the judgements ended: what may go live, all `defects` (with `round`), and what was taken out and why."""

    inventory: Inventory
    defects: pl.DataFrame
    quarantine: pl.DataFrame
    removed: Mapping[str, pl.DataFrame]
    rounds: int
    clean: bool


def _settle(reading: Reading, others: Others, quarantine: bool, tell: Progress) -> _End:
    """Judge, take out what is wrong, and judge again: taking out may leave others without a supplier."""
    defects: list[pl.DataFrame] = []
    reasons: list[pl.DataFrame] = []
    removed: dict[str, list[pl.DataFrame]] = {}
    while True:
        tell("judge", len(defects), len(defects) + 1)
        verdict = judge(reading, others=others)
        defects.append(verdict.defects.with_columns(round=pl.lit(len(defects), pl.Int32)))
        parted = take_out(verdict.inventory, verdict.errors)
        if not quarantine or not parted.removed or len(defects) == ROUNDS:
            break
        reasons.append(defects[-1].join(verdict.errors, on=KEY, how="semi", nulls_equal=True, maintain_order="left"))
        for name, rows in parted.removed.items():
            removed.setdefault(name, []).append(rows)
        reading = Reading(parted.inventory, places=reading.places)
    found = pl.concat(defects).with_columns(parameter=PARAMETER)
    found = found.unique([*KEY, "parameter"], keep="first", maintain_order=True).drop("parameter")
    return _End(
        inventory=reading.inventory, defects=found,
        quarantine=_with_level(pl.concat(reasons) if reasons else defects[0].clear()),
        removed={name: pl.concat(rows) for name, rows in removed.items()},
        rounds=len(defects), clean=not verdict.errors.height,
    )


def _with_level(reasons: pl.DataFrame) -> pl.DataFrame:
    levels = {name: entry.quarantine for name, entry in kinds().items()}
    return reasons.with_columns(level=pl.col("kind").replace_strict(levels, return_dtype=pl.String))


def _decide(end: _End, inventory: Inventory, replaces: bool) -> Decision:
    """What becomes of it: nothing read is refused, and never takes the place of processes (`replaces`)."""
    left = end.inventory
    emptied = inventory.processes.height and not left.processes.height
    unread = end.defects.filter(pl.col("kind") == "file_unreadable").height
    nothing = not left.processes.height and not left.factors.height and (not left.flows.height or unread)
    if not end.clean or emptied or nothing or (replaces and not left.processes.height):
        return "refused"
    return "quarantined" if end.quarantine.height else "live"


def _heights(inventory: Inventory) -> dict[str, int]:
    return {name: table.height for name, table in inventory.tables().items()}
