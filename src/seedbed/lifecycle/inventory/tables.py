"""The inventory: processes, flows and exchanges as six tables, and the schema every reader fills.

An inventory is columnar from end to end (a database has a hundred thousand exchanges), immutable, and
knows nothing of files. Amounts are 64-bit floats in the unit of their flow; readers convert. What a
source does not say is null, never a guess: the import gate judges nulls, the solver refuses them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

Schema = dict[str, Any]

PROCESSES: Schema = {
    "id": pl.String,  # unique in the database; stable across versions
    "name_zh": pl.String,  # at least one of the two names
    "name_en": pl.String,
    "place": pl.String,  # ISO 3166-2 of a province, ISO 3166-1 alpha-2, "GLO", "RER" … as lifecycle/places.py
    "category": pl.String,  # path, parts joined by "/"
    "kind": pl.String,  # "unit" | "system" (an aggregated result) | "market" (a supply mix)
    "start": pl.Int32,  # validity period, calendar years, both included
    "end": pl.Int32,
    "volume": pl.Float64,  # yearly production in the unit of the reference flow: the weight in supply mixes
    "allocation": pl.String,  # key of ALLOCATION_METHODS
    "review": pl.String,  # "none" | "internal" | "external" | "panel", as far as the source says
    "quality": pl.Float64,  # 1 good … 4 poor (docs/data.md); readers convert scores of 1–5
    "source": pl.String,  # id in SOURCES
    "comment": pl.String,
    "where": pl.String,  # file or sheet (and row) the process was read from
}

FLOWS: Schema = {
    "id": pl.String,
    "name_zh": pl.String,
    "name_en": pl.String,
    "kind": pl.String,  # "product" | "waste" | "elementary"
    "unit": pl.String,  # the unit of every amount of this flow; a symbol of inventory/units.py where possible
    "compartment": pl.String,  # elementary: "air" | "water" | "soil" | "resource", then "/…" sub-compartment
    "cas": pl.String,  # without leading zeros: "124-38-9"
    "formula": pl.String,
    "category": pl.String,
    "where": pl.String,
}

EXCHANGES: Schema = {
    "process": pl.String,
    "row": pl.Int32,  # with `process` the key of an exchange: its number in the source
    "flow": pl.String,
    "direction": pl.String,  # "input" | "output"
    "amount": pl.Float64,  # in the flow's unit; null: the source gives none
    "unit": pl.String,  # as the source wrote it
    "reference": pl.Boolean,  # the product (or the waste treated) that the process is scaled by
    "avoided": pl.Boolean,  # credited: the process displaces the provider of this product
    "provider": pl.String,  # process id, or "database:process"; null: linked by flow and place
    "formula": pl.String,  # amount as a function of parameters; takes precedence over `amount`
    "distribution": pl.String,  # "normal" | "lognormal" | "triangular" | "uniform" | "pert"; null: known
    "loc": pl.Float64,  # normal: mean; lognormal: mean of ln|x|; triangular, pert: mode
    "scale": pl.Float64,  # normal: s.d.; lognormal: s.d. of ln|x|
    "low": pl.Float64,  # triangular, uniform, pert: bounds (also truncation of the others)
    "high": pl.Float64,
    "group": pl.String,  # exchanges of one group share one draw (correlated)
    "pedigree": pl.String,  # five scores "(2;3;1;2;4)"
    "year": pl.Int32,
    "source": pl.String,  # id in SOURCES
    "comment": pl.String,
    "location": pl.String,  # of an exchange with nature that happens elsewhere than its process; null: there
}

PARAMETERS: Schema = {
    "process": pl.String,  # null: of the whole database
    "name": pl.String,
    "value": pl.Float64,
    "formula": pl.String,  # of other parameters; takes precedence over `value`
    "unit": pl.String,
    "distribution": pl.String,  # as in EXCHANGES
    "loc": pl.Float64,
    "scale": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "comment": pl.String,
}

ALLOCATION: Schema = {  # shares by which a process of several products is divided
    "process": pl.String,
    "flow": pl.String,  # the product that gets the share
    "method": pl.String,  # "physical" | "economic" | "causal"
    "row": pl.Int32,  # causal: the exchange the share is for; else null
    "factor": pl.Float64,  # share of the burden (causal: of that exchange); shares of a process are normalised
}

SOURCES: Schema = {
    "id": pl.String,
    "citation": pl.String,  # publisher, title, table or page
    "url": pl.String,
    "year": pl.Int32,
    "licence": pl.String,
}

METHODS: Schema = {  # impact methods (one row an indicator) …
    "id": pl.String,
    "name_zh": pl.String,
    "name_en": pl.String,
    "unit": pl.String,
    "source": pl.String,
}

FACTORS: Schema = {  # … and their characterisation factors
    "method": pl.String,
    "flow": pl.String,
    "place": pl.String,  # null: everywhere
    "factor": pl.Float64,  # per unit of the flow, in the natural direction of the flow
}

DEFECTS: Schema = {  # what a reader or the import gate found; kinds and their wording: gate/kinds.yaml
    "kind": pl.String,
    "process": pl.String,
    "row": pl.Int32,
    "flow": pl.String,
    "where": pl.String,  # file, sheet, row, column
    "value": pl.Float64,  # the number the defect is about
    "detail": pl.String,  # names and ids only (no sentence: the wording is in kinds.yaml)
}

SEEN: Schema = {  # what a source states, counted as it is met (formats/tally.py)
    "file": pl.String,
    "what": pl.String,  # "processes" | "exchanges" | "factors"
    "of": pl.String,  # id of the process, or of the indicator of factors; null: not taken
    "seen": pl.Int64,
    "changed": pl.Int64,  # made by the reader as the format implies; below zero: merged
}

TABLES: dict[str, Schema] = {
    "processes": PROCESSES,
    "flows": FLOWS,
    "exchanges": EXCHANGES,
    "parameters": PARAMETERS,
    "allocation": ALLOCATION,
    "sources": SOURCES,
    "methods": METHODS,
    "factors": FACTORS,
}

ALLOCATION_METHODS = ("none", "physical", "economic", "causal", "cut-off", "substitution")
"""`none`: one product, or all burden to the reference product. `cut-off`: co-products leave without
burden or credit. `substitution`: co-products are credited with the process they displace."""


def table(schema: Schema, rows: Iterable[Mapping[str, object]] | pl.DataFrame = ()) -> pl.DataFrame:
    """`rows` as a table of `schema`: columns in its order and type, absent ones null, others refused."""
    if isinstance(rows, pl.DataFrame):
        frame = rows
    else:
        rows = list(rows)
        if strange := {key for row in rows for key in row} - set(schema):
            raise ValueError(f"not columns of this table: {sorted(strange)}")
        frame = pl.DataFrame(rows, schema=schema) if rows else pl.DataFrame(schema=schema)
    if strange := set(frame.columns) - set(schema):
        raise ValueError(f"not columns of this table: {sorted(strange)}")
    absent = [pl.lit(None, dtype=kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
    return frame.with_columns(absent).select(pl.col(name).cast(kind) for name, kind in schema.items())


@dataclass(frozen=True, slots=True)
class Inventory:
    """A life-cycle database in memory: the tables of `TABLES`, and the databases it links to.

    `name` is a lower-case word, `version` whatever the publisher calls it; `depends` names the databases
    (in the store) where providers and flows may also be found.
    """

    name: str
    version: str
    processes: pl.DataFrame = field(default_factory=lambda: table(PROCESSES))
    flows: pl.DataFrame = field(default_factory=lambda: table(FLOWS))
    exchanges: pl.DataFrame = field(default_factory=lambda: table(EXCHANGES))
    parameters: pl.DataFrame = field(default_factory=lambda: table(PARAMETERS))
    allocation: pl.DataFrame = field(default_factory=lambda: table(ALLOCATION))
    sources: pl.DataFrame = field(default_factory=lambda: table(SOURCES))
    methods: pl.DataFrame = field(default_factory=lambda: table(METHODS))
    factors: pl.DataFrame = field(default_factory=lambda: table(FACTORS))
    depends: tuple[str, ...] = ()
    licence: str = ""

    def tables(self) -> dict[str, pl.DataFrame]:
        """Every table by name."""
        return {name: getattr(self, name) for name in TABLES}


PLACES: Schema = {"process": pl.String, "row": pl.Int32, "name": pl.String, "sheet": pl.String, "line": pl.Int32,
                  "letters": pl.List(pl.String)}
"""The sheet and line of an exchange (`row`) or parameter (`name`), with the letter of each of COLUMNS of its sheet."""
COLUMNS = ("flow", "direction", "amount", "unit", "formula", "uncertainty", "reference", "provider")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader brings: the inventory as the source states it, the defects met while reading, where its rows stand
    (PLACES) in the cells of a sheet, where people look for them, and what it saw (SEEN) in each file."""

    inventory: Inventory
    defects: pl.DataFrame = field(default_factory=lambda: table(DEFECTS))
    places: pl.DataFrame = field(default_factory=lambda: table(PLACES))
    seen: pl.DataFrame = field(default_factory=lambda: table(SEEN))
