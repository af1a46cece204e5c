"""The judgement: every check over one inventory, and the inventory without what is wrong in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from seedbed.lifecycle.gate.checks import CHECKS
from seedbed.lifecycle.gate.formulas import formulas_sound
from seedbed.lifecycle.gate.kinds import Quarantine, kind, kinds, of_severity
from seedbed.lifecycle.gate.outliers import magnitudes
from seedbed.lifecycle.gate.scores import check_results
from seedbed.lifecycle.gate.view import View
from seedbed.lifecycle.inventory.join import join
from seedbed.lifecycle.inventory.tables import COLUMNS, DEFECTS, Inventory, Reading, Schema, table
from seedbed.lifecycle.solve.system import build

ALL_CHECKS = (*CHECKS, formulas_sound, magnitudes)
"""Checks of the tables; those of results need a system."""
FOUND: Schema = {**DEFECTS, "stands": pl.Boolean}
"""DEFECTS, and whether the tables still show the defect."""
REASONS = ("amount_not_number", "unit_not_convertible", "formula_bad")
"""What a reader may say of an amount that it leaves out."""
KEY = ("kind", "process", "row", "flow")
"""What a defect is about; a process may have several bad parameters, and a package several bad files, which only
`PARAMETER` tells apart."""
PARAMETER = (
    pl.when(pl.col("kind").is_in(["formula_bad", "parameter_missing"]) & pl.col("row").is_null()).then("detail")
    .when(pl.col("process").is_null() & pl.col("row").is_null() & pl.col("flow").is_null()).then("where")
)
_UNCERTAINTY = ("distribution", "loc", "scale", "low", "high", "group")
_OF_PROCESS = {"processes": "id", "exchanges": "process", "parameters": "process", "allocation": "process"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate found in an inventory: `defects` (FOUND schema), each once.

    Defects that were met while reading and left no trace in the tables do not stand: the reader has mended
    them as far as it could (kept one of two records, dropped a distribution).
    """

    inventory: Inventory
    defects: pl.DataFrame

    @property
    def errors(self) -> pl.DataFrame:
        """The defects that keep the inventory from going live."""
        return self.defects.filter(pl.col("stands") & pl.col("kind").is_in(of_severity("error")))


def judge(reading: Reading, *, others: Mapping[str, Inventory] | None = None) -> Verdict:
    """Everything that is wrong with an inventory, the defects met while reading included.

    `others` are the databases it depends on, by name. Results are judged without what the tables already
    show to be wrong. Raises UnknownNameError for a defect of a kind that kinds.yaml does not define.
    """
    view = View(reading.inventory, others or {})
    of_tables = pl.concat([check(view) for check in ALL_CHECKS])
    rest = take_out(reading.inventory, of_tables).inventory
    standing = _specific(pl.concat([of_tables, _results(replace(view, inventory=rest))]), reading.defects)
    for name in reading.defects["kind"].unique():
        kind(name)
    lost = pl.col("kind").is_in([name for name, entry in kinds().items() if entry.lost])
    found = pl.concat([reading.defects.with_columns(stands=lost), standing.with_columns(stands=True)])
    rest_of_columns = [pl.col(name).drop_nulls().first() for name in ("where", "value", "detail")]
    key = (*KEY, PARAMETER.alias("parameter"))
    once = found.group_by(*key, maintain_order=True).agg(*rest_of_columns, pl.col("stands").any())
    return Verdict(reading.inventory, _located(once.drop("parameter"), reading))


def _results(view: View) -> pl.DataFrame:
    """Defects of the solved system that lie in this database, not in those it depends on."""
    system = build(join(view.inventory, list(view.others.values())) if view.others else view.inventory)
    found = check_results(view, system) if system.size else table(DEFECTS)
    own = view.inventory.processes["id"].implode()
    return found.filter(pl.col("process").is_null() | pl.col("process").is_in(own))


def _specific(standing: pl.DataFrame, read: pl.DataFrame) -> pl.DataFrame:
    """A missing amount is what the reader says of it: no number, a unit that cannot be converted, a bad formula."""
    reasons = read.filter(pl.col("kind").is_in(REASONS) & pl.col("row").is_not_null())
    missing = pl.col("kind") == "amount_missing"
    explained = reasons.join(standing.filter(missing), on=["process", "row"], how="semi", maintain_order="left")
    unexplained = standing.join(explained.with_columns(kind=pl.lit("amount_missing")), on=["kind", "process", "row"],
                                how="anti", maintain_order="left")
    return pl.concat([unexplained, explained])


_COLUMN = {  # of a sheet, in which a kind of defect is seen; others in that of the flow
    "uncertainty_bad": "uncertainty", "formula_bad": "formula", "parameter_missing": "formula",
    "amount_missing": "amount", "amount_not_number": "amount", "unit_not_convertible": "unit",
    "provider_missing": "provider",
    "direction_missing": "direction", "reference_missing": "reference", "reference_several": "reference",
    "reference_zero": "amount", "reference_direction": "direction",
}


def _cells(defects: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """`defects` with `cell`, the cell of a sheet in which they are seen, where the reader knows it."""
    columns = pl.col("kind").replace_strict(_COLUMN, default="flow").replace_strict(
        {column: number for number, column in enumerate(COLUMNS)}, return_dtype=pl.Int32)
    named = pl.when(PARAMETER.is_not_null() & (pl.col("kind") != "file_unreadable")).then(
        pl.col("detail").str.split(" = ").list.first())
    asked = defects.with_columns(name=named, column=columns)
    rows = places.filter(pl.col("row").is_not_null()).drop("name")
    parameters = places.filter(pl.col("row").is_null()).drop("row").with_columns(pl.col("name").str.to_lowercase())
    found = asked.with_columns(pl.col("name").str.to_lowercase()).join(
        rows, on=["process", "row"], how="left", maintain_order="left").join(
        parameters, on=["process", "name"], how="left", nulls_equal=True, maintain_order="left", suffix="_own")
    sheet, line, letters = (pl.coalesce(part, f"{part}_own") for part in ("sheet", "line", "letters"))
    letter = letters.list.get("column", null_on_oob=True)
    return found.with_columns(cell=pl.format("{}!{}{}", sheet, letter, line)).drop(
        "name", "column", "sheet", "line", "letters", "sheet_own", "line_own", "letters_own")


def _located(defects: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Defects in the order of kinds.yaml, each with its cell or the file of its process or flow where none is said."""
    inventory, defects = reading.inventory, _cells(defects, reading.places)
    processes = inventory.processes.unique("id", keep="first").select(process="id", of_process="where")
    flows = inventory.flows.unique("id", keep="first").select(flow="id", of_flow="where")
    located = defects.join(processes, on="process", how="left", maintain_order="left").join(
        flows, on="flow", how="left", maintain_order="left")
    of_flow = pl.when(pl.col("process").is_null()).then("of_flow")
    order = pl.col("kind").replace_strict({name: number for number, name in enumerate(kinds())})
    return table(FOUND, located.with_columns(where=pl.coalesce("where", "cell", "of_process", of_flow))
                 .sort(order, maintain_order=True).select(list(FOUND)))


@dataclass(frozen=True, slots=True)
class Parted:
    """An inventory parted in two: `inventory` is what stays, `removed` the rows taken out, by table.

    `removed` also has the exchanges that stay without their distribution, as they were ("uncertainty").
    """

    inventory: Inventory
    removed: Mapping[str, pl.DataFrame]


def take_out(inventory: Inventory, defects: pl.DataFrame) -> Parted:
    """`inventory` without what its errors name, each as its kind says (kinds.yaml, `quarantine`).

    A defect of an exchange that names no row takes its process out, one of a parameter of the whole
    database that parameter. Of flows with one id the first stays.
    """

    def of(level: Quarantine) -> pl.DataFrame:
        wanted = [name for name, entry in kinds().items() if entry.quarantine == level]
        return defects.filter(pl.col("kind").is_in(wanted))

    rowless = pl.col("process").is_not_null() & pl.col("row").is_null()
    exchange_level = of("exchange")
    processes = pl.concat([of("process"), exchange_level.filter(rowless)])["process"].drop_nulls().unique()
    exchanges = exchange_level.select("process", "row").filter(pl.col("row").is_not_null()).unique()
    lost = exchange_level.filter(pl.col("process").is_null())["detail"].str.split(" = ").list.first()
    gone = {
        name: getattr(inventory, name).select(pl.col(key).is_in(processes.implode()).fill_null(False)).to_series()
        for name, key in _OF_PROCESS.items()
    }
    gone["exchanges"] |= _listed(inventory.exchanges, exchanges)
    gone["parameters"] |= inventory.parameters.select(
        pl.col("process").is_null() & pl.col("name").is_in(lost.drop_nulls().implode()).fill_null(False)).to_series()
    gone["flows"] = ~inventory.flows.select(pl.col("id").is_first_distinct()).to_series()
    parts = {name: getattr(inventory, name) for name in gone}
    kept = {name: frame.filter(~gone[name]) for name, frame in parts.items()}
    removed = {name: frame.filter(gone[name]) for name, frame in parts.items()}
    wrong = _listed(kept["exchanges"], of("uncertainty").select("process", "row").unique())
    removed["uncertainty"] = kept["exchanges"].filter(wrong & kept["exchanges"]["distribution"].is_not_null())
    kept["exchanges"] = kept["exchanges"].with_columns(
        pl.when(wrong).then(None).otherwise(pl.col(name)).alias(name) for name in _UNCERTAINTY)
    return Parted(replace(inventory, **kept), {name: frame for name, frame in removed.items() if frame.height})


def _listed(exchanges: pl.DataFrame, keys: pl.DataFrame) -> pl.Series:
    """Which exchanges are among `keys` (process, row)."""
    marked = exchanges.select("process", "row").join(
        keys.with_columns(listed=True), on=["process", "row"], how="left", nulls_equal=True, maintain_order="left")
    return marked["listed"].fill_null(False)

