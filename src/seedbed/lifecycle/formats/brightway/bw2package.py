"""Brightway's `.bw2package` files: databases and impact methods as BZip2-compressed JSON.

JSON has no tuples and no other keys than text, so `bw2io` writes them as objects with `__tuple__` or
`__dict__` (documented in `bw2io.package` and `bw2data.serialization`). A database maps (database, code) to
a dataset with its exchanges; a dataset without a production exchange makes one unit of itself.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats.brightway import tables
from seedbed.lifecycle.formats.brightway.tables import ENTRIES, FACTORS, Node
from seedbed.lifecycle.formats.packages import UNREADABLE, database_name, unpacked_bz2
from seedbed.lifecycle.formats.tally import Tally
from seedbed.lifecycle.inventory.tables import Reading

Key = tuple[str, str]
"""Database and code of a node."""

_SIGNS = {"production": 1, "generic production": 1, "substitution": 1, "technosphere": -1, "generic consumption": -1}
_PROCESSES = ("process", "processwithreferenceproduct", "multifunctional", "nonlinked", None)


def read(path: Path, name: str | None = None) -> Reading:
    """Read all databases and methods of a file as one inventory, named after the first database.

    Nodes of databases that are not in the file stay references to them ("database:code").
    Raises InvalidInputError if the file is not of this form.
    """
    objects = _load(path)
    databases = {str(item["name"]): item["data"] for item in objects if isinstance(item["data"], dict)}
    datasets: dict[Key, dict[str, Any]] = {}
    for database in databases.values():
        datasets |= {tuple(key): dataset for key, dataset in database.items()}
    reader = _Reader(path.name, datasets)
    for key, dataset in datasets.items():
        reader.read(key, dataset)
    methods = [reader.factors(item) for item in objects if isinstance(item["data"], list)]
    entries = {label: pl.DataFrame(rows, schema=ENTRIES, orient="row") for label, rows in reader.entries.items()}
    own = [key for key in reader.nodes["flow"] if key not in reader.outside]
    return tables.inventory(
        database_name(name, next(iter(databases), None), path), reader.nodes, entries["technosphere"],
        entries["biosphere"], methods, reader.defects, reader.tally, reader.outside, keep=own,
    )


def _load(path: Path) -> list[dict[str, Any]]:
    def restore(item: dict[str, Any]) -> object:
        if "__tuple__" in item:
            return tuple(item["data"])
        return dict(zip(item["keys"], item["values"], strict=True)) if "__dict__" in item else item

    try:
        content = json.loads(unpacked_bz2(path), object_hook=restore)
        objects = content if isinstance(content, list) else [content]
        if all({"name", "data"} <= set(item) for item in objects):
            return objects
        problem = "an object has no name or data"
    except (ValueError, TypeError, *UNREADABLE) as error:
        problem = str(error)
    raise InvalidInputError(f"this is no bw2package file ({problem}).", where=path.name,
                            fix="export it from Brightway with BW2Package.export_obj.")


def _code(key: Key) -> str:
    return "|".join(key)


def _is_key(source: object) -> bool:
    """Whether a node is named by database and code."""
    return isinstance(source, list | tuple) and len(source) == 2 and all(isinstance(part, str) for part in source)


class _Reader:
    def __init__(self, file: str, datasets: Mapping[Key, Mapping[str, Any]]) -> None:
        self.file = file
        self.datasets = datasets
        self.nodes: dict[str, dict[str, Node]] = {role: {} for role in tables.ROLES}
        self.entries: dict[str, list[tuple[Any, ...]]] = {"technosphere": [], "biosphere": []}
        self.outside: dict[str, str] = {}
        self.defects: list[dict[str, Any]] = []
        self.tally = Tally()

    def read(self, key: Key, dataset: Mapping[str, Any]) -> None:
        about = tables.node({**dataset, "code": key[1], "formula": None})
        if dataset.get("type") not in _PROCESSES and not dataset.get("exchanges"):
            self.nodes["product" if dataset.get("type") == "product" else "flow"][_code(key)] = about
            return
        self.nodes["process"][_code(key)] = about
        exchanges = dataset.get("exchanges", [])
        self.tally.saw(self.file, "processes", _code(key))
        self.tally.saw(self.file, "exchanges", _code(key), len(exchanges))
        if not any(exchange.get("type") == "production" for exchange in exchanges):
            exchanges = [{"type": "production", "input": key, "amount": 1.0}, *exchanges]
            self.tally.change(self.file, "exchanges", _code(key))
        for exchange in exchanges:
            self.exchange(key, exchange)

    def exchange(self, key: Key, exchange: Mapping[str, Any]) -> None:
        amount, kind = exchange.get("amount"), exchange.get("type")
        if not _is_key(exchange.get("input")) or (kind not in _SIGNS and kind != "biosphere"):
            self.defect("unlinked", process=key[1], detail=str(exchange.get("name") or kind))
            return
        source: Key = tuple(exchange["input"])
        if not isinstance(amount, int | float) or not math.isfinite(amount):
            self.defect("amount_missing", process=key[1], flow=source[1], detail=str(amount))
            return
        if self.refer(source, "flow" if kind == "biosphere" else "product", exchange.get("categories")):
            self.defect("elementary_unmatched", flow=source[1], detail=":".join(source))
        times = _SIGNS.get(kind, 1)
        fields = [exchange.get(field) for field in ("uncertainty type", "loc", "scale", "minimum", "maximum")]
        spread = [None if isinstance(value, float) and math.isnan(value) else value for value in fields]
        self.entries["biosphere" if kind == "biosphere" else "technosphere"].append(
            (_code(source), _code(key), float(times * amount), kind == "production", float(times), *spread)
        )

    def refer(self, source: Key, role: str, categories: object = None) -> bool:
        """Note a node of another database; whether it is a new one in nature, of which no compartment is known."""
        code = _code(source)
        if source in self.datasets or code in self.outside:
            return False
        self.outside[code] = f"{database_name(None, source[0], Path(self.file))}:{source[1]}"
        self.nodes[role][code] = tables.node({"code": source[1], "categories": categories})
        return role == "flow" and not categories

    def factors(self, method: Mapping[str, Any]) -> pl.DataFrame:
        """FACTORS of a method: rows (flow, factor) or (flow, factor, place)."""
        title = method["name"] if isinstance(method["name"], str) else " | ".join(map(str, method["name"]))
        self.tally.saw(self.file, "factors", title, len(method["data"]))
        rows, strange = [], 0
        for source, value, *place in method["data"]:
            factor = value["amount"] if isinstance(value, dict) else value
            if not _is_key(source) or not isinstance(factor, int | float) or not math.isfinite(factor):
                strange += 1
                continue
            rows.append((title, method.get("metadata", {}).get("unit"), _code(tuple(source)),
                         place[0] if place and place[0] != "GLO" else None, float(factor)))
            self.refer(tuple(source), "flow")
        if strange:
            self.defect("rows_left_out", value=float(strange),
                        detail=f"{title}: factors without a number, or of flows without database and code")
        return pl.DataFrame(rows, schema=FACTORS, orient="row")

    def defect(self, kind: str, **fields: Any) -> None:
        self.defects.append({"kind": kind, "where": self.file, **fields})
