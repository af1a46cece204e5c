"""openLCA JSON-LD: writes a package of schema version 2, which openLCA 2 imports.

What the schema has a field for is written there. The rest (Chinese beside English names, yearly volumes,
groups, the last bit of a logarithm …) goes where openLCA keeps what it does not know, in `otherProperties`.
To find the rest, the objects are read back with `read.parse` before they are packed, and every cell that comes
out different is added as `[as read, as meant]`. So reading the file gives the same tables to the last bit,
except `where`, which is then the place in the package, and the order of exchanges, by process.
"""

from __future__ import annotations

import json
import math
import re
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl

from seedbed.base import formulas, units
from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats.jsonld.read import ALLOCATION, FLOW_TYPES, OWN, PROCESS_TYPES, Json, parse
from seedbed.lifecycle.inventory.tables import TABLES, Inventory

Folders = dict[str, list[Json]]
Row = dict[str, Any]

VERSION = 2
_NAMESPACE = uuid.UUID("6e2c3a52-6a0e-5d0c-9a0b-6f2b5d0c3e11")
_SAFE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,35}")  # openLCA: at most 36 characters, and files are named by them
_ALLOCATION = {method: kind for kind, method in ALLOCATION.items()}
_FLOW_TYPES = {kind: type_ for type_, kind in FLOW_TYPES.items()}
_PROCESS_TYPES = {kind: type_ for type_, kind in PROCESS_TYPES.items()} | {"market": "UNIT_PROCESS"}
_UNITS = {  # ids of openLCA's reference data: unit, its group, the flow property; names of the latter
    "kg": ("20aadc24-a391-41cf-b340-3e4529f44bde", "93a60a57-a4c8-11da-a746-0800200c9a66",
           "93a60a56-a3c8-11da-a746-0800200b9a66", "Units of mass", "Mass"),
    "MJ": ("52765a6c-3896-43c2-b2f4-c679acf13efe", "93a60a57-a3c8-11da-a746-0800200c9a66",
           "f6811440-ee37-11de-8a39-0800200c9a66", "Units of energy", "Energy"),
    "m3": ("1c3a9695-398d-4b1f-b07e-a8715b610f70", "93a60a57-a3c8-12da-a746-0800200c9a66",
           "93a60a56-a3c8-22da-a746-0800200c9a66", "Units of volume", "Volume"),
    "m2": ("3ce61faa-5716-41c1-aef6-b5920054acc9", "93a60a57-a3c8-18da-a746-0800200c9a66",
           "93a60a56-a3c8-19da-a746-0800200c9a66", "Units of area", "Area"),
    "m2*a": ("c7266b67-4ea2-457f-b391-9b94e26e195a", "93a60a57-a3c8-20da-a746-0800200c9a66",
             "93a60a56-a3c8-21da-a746-0800200c9a66", "Units of area*time", "Area*time"),
    "m3*a": ("ee5f2241-18af-4444-b457-b275660e5a20", "93a60a57-a3c8-23da-a746-0800200c9a66",
             "441238a3-ba09-46ec-b35b-c30cfba746d1", "Units of volume*time", "Volume*time"),
    "m": ("3d314eab-ef11-4ff3-a35e-9bc5cd858694", "838aaa22-0117-11db-92e3-0800200c9a66",
          "838aaa23-0117-11db-92e3-0800200c9a66", "Units of length", "Length"),
    "t*km": ("0dea4ed8-bb6b-4049-b2b4-b2c413ef2180", "838aaa21-0117-11db-92e3-0800200c9a66",
             "838aaa20-0117-11db-92e3-0800200c9a66", "Units of mass*length", "Goods transport (mass*distance)"),
    "p*km": ("fe8da65d-f0ea-4496-b13e-1955aaa412d7", "11d161f0-37e3-4d49-bf7a-ff4f31a9e5c7",
             "8766e10f-9f41-4db0-8173-ad0d002a5b98", "Units of person transport", "Person transport"),
    "v*km": ("19a89180-e40c-4f6b-bcd3-d7347566d1e7", "af16ae7e-3e04-408a-b8ae-5b3666dbe7f9",
             "ecbe0a5d-f397-4b74-993d-32d231e4bcf9", "Units of vehicle transport", "Vehicle transport"),
    "Item(s)": ("6dabe201-aaac-4509-92f0-d00c26cb72ab", "5beb6eed-33a9-47b8-9ede-1dfe8f679159",
                "01846770-4cfe-4a25-8ad9-919d8d378345", "Units of items", "Number of items"),
    "kBq": ("e9773595-284e-46dd-9671-5fc9ff406833", "93a60a57-a3c8-16da-a746-0800200c9a66",
            "93a60a56-a3c8-17da-a746-0800200c9a66", "Units of radioactivity", "Radioactivity"),
}


def write(inventory: Inventory, path: Path) -> None:
    """Write `inventory` as a zip file. The same inventory gives the same bytes.

    Raises InvalidInputError for what no package can say: ids that are not there or not unique, rows of a
    process or method that is not there, numbers that are not finite.
    """
    tables = _in_order(inventory)
    folders = _Writer(inventory, tables).folders()
    _add_rest(folders, tables, inventory)
    about = {"name": inventory.name, "version": inventory.version, "licence": inventory.licence,
             "depends": list(inventory.depends)}
    files = {"openlca.json": {"schemaVersion": VERSION}, "olca-schema.json": {"version": VERSION}, f"{OWN}.json": about}
    files |= {f"{folder}/{obj['@id']}.json": obj for folder, objects in folders.items() for obj in objects}
    try:
        texts = {name: json.dumps(obj, ensure_ascii=False, allow_nan=False) for name, obj in files.items()}
    except ValueError as error:
        raise InvalidInputError("a number is not finite.", where=inventory.name,
                                fix="import the database through the gate first.") from error
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)


def _in_order(inventory: Inventory) -> dict[str, pl.DataFrame]:
    """The tables with the rows of each process and method together, in the order of their owners."""
    tables = inventory.tables()
    for name in ("processes", "flows", "sources", "methods"):
        ids = tables[name]["id"]
        if ids.null_count() or ids.is_duplicated().any():
            _refuse(f"ids of {name} are missing or not unique", inventory, ids.filter(ids.is_duplicated()).to_list())
    owners = {"exchanges": "process", "parameters": "process", "allocation": "process", "factors": "method"}
    for name, key in owners.items():
        owning = tables["methods" if key == "method" else "processes"]
        owner = owning.select(pl.col("id").alias(key)).with_row_index("at")
        placed = tables[name].join(owner, on=key, how="left", maintain_order="left")
        lost = placed.filter(pl.col("at").is_null() & (pl.col(key).is_not_null() | (name != "parameters")))
        if lost.height:
            _refuse(f"rows of {name} belong to no {key}", inventory, lost[key].to_list())
        tables[name] = placed.sort("at", nulls_last=True, maintain_order=True).drop("at")
    exchanges, shares, factors = tables["exchanges"], tables["allocation"], tables["factors"]
    keys = exchanges.select("process", "row")
    if exchanges["row"].null_count() or keys.is_duplicated().any():
        twice = keys.filter(keys.is_duplicated())["process"].to_list()
        _refuse("rows of exchanges are missing or not unique", inventory, twice)
    lacking = pl.any_horizontal(pl.col("flow", "factor").is_null())
    needed = lacking | ~pl.col("method").is_in(["physical", "economic", "causal"])
    aimed = shares.filter(pl.col("row").is_not_null()).join(keys, on=["process", "row"], how="anti")
    if (bad := pl.concat([shares.filter(needed.fill_null(True)), aimed])).height:
        _refuse("allocation lacks a flow, factor, method or exchange", inventory, bad["process"].to_list())
    if (bad := factors.filter(lacking)).height:
        _refuse("impact factors lack a flow or value", inventory, bad["method"].to_list())
    return tables


def _refuse(what: str, inventory: Inventory, ids: list[Any]) -> None:
    shown = ", ".join(map(str, ids[:3]))
    raise InvalidInputError(f"{what}{f': {shown}' if shown else ''}.", where=inventory.name,
                            fix="import the database through the gate first.")


class _Writer:
    """Makes the objects of a package, in the fields of the schema."""

    def __init__(self, inventory: Inventory, tables: Mapping[str, pl.DataFrame]) -> None:
        self.inventory = inventory
        self.tables = tables
        self.ids = {name: {id_: _file_id(name, id_) for id_ in tables[name]["id"]}
                    for name in ("processes", "flows", "sources", "methods")}
        self.flows = {row["id"]: row for row in tables["flows"].iter_rows(named=True)}

    def folders(self) -> Folders:
        parts = {name: _parts(self.tables[name], "process") for name in ("exchanges", "parameters", "allocation")}
        factors = _parts(self.tables["factors"], "method")
        found = {row["unit"]: None for row in self.flows.values() if row["unit"] is not None}
        places = [*self.tables["processes"]["place"], *self.tables["exchanges"]["location"],
                  *self.tables["factors"]["place"]]
        return {
            "unit_groups": [_unit_group(unit) for unit in found],
            "flow_properties": [_flow_property(unit) for unit in found],
            "locations": [_entity("Location", _made_id("place", place), place, code=place)
                          for place in dict.fromkeys(places) if place is not None],
            "sources": [self.source(row) for row in self.tables["sources"].iter_rows(named=True)],
            "flows": [self.flow(row) for row in self.flows.values()],
            "processes": [self.process(row, parts) for row in self.tables["processes"].iter_rows(named=True)],
            "parameters": [
                _parameter(row) | {"@id": _made_id("parameter", f"{number} {row['name']}")}
                for number, row in enumerate(parts["parameters"].get(None, ()))
            ],
            "lcia_categories": [self.category(row, factors) for row in self.tables["methods"].iter_rows(named=True)],
            "lcia_methods": list(self.methods()),
        }

    def entity(self, type_: str, table: str, row: Row, **fields: Any) -> Json:
        """An object for a row that has an id: under this id if it can name a file, else with the id beside."""
        id_ = self.ids[table][row["id"]]
        name = row.get("name_en") or row.get("name_zh")
        own = {} if id_ == row["id"] else {"otherProperties": {OWN: {"id": row["id"]}}}
        return _entity(type_, id_, name, **fields) | own

    def ref(self, type_: str, table: str, id_: str | None, name: str | None = None) -> Json | None:
        return None if id_ is None else _entity(type_, self.ids[table].get(id_, id_), name)

    def source(self, row: Row) -> Json:
        citation = row["citation"]
        return self.entity("Source", "sources", row | {"name_en": citation}, textReference=citation, url=row["url"],
                           year=row["year"])

    def flow(self, row: Row) -> Json:
        category = row["category"]
        if row["kind"] == "elementary" and category is None and row["compartment"]:
            category = f"Elementary flows/{row['compartment']}"
        factors = None
        if row["unit"] is not None:
            factors = [{"@type": "FlowPropertyFactor", "isRefFlowProperty": True, "conversionFactor": 1.0,
                        "flowProperty": _property_ref(row["unit"])}]
        return self.entity("Flow", "flows", row, category=category, flowType=_FLOW_TYPES.get(row["kind"]),
                           cas=row["cas"], formula=row["formula"], isInfrastructureFlow=False,
                           flowProperties=factors)

    def process(self, row: Row, parts: Mapping[str, Mapping[str | None, list[Row]]]) -> Json:
        exchanges = parts["exchanges"].get(row["id"], [])
        proper = all(exchange["row"] > 0 for exchange in exchanges)
        internal = {e["row"]: e["row"] if proper else number for number, e in enumerate(exchanges, start=1)}
        source = self.ref("Source", "sources", row["source"])
        document = _object("ProcessDocumentation", validFrom=_day(row["start"], "01-01"),
                           validUntil=_day(row["end"], "12-31"), publication=source,
                           sources=[source] if source else None)
        return self.entity(
            "Process", "processes", row, description=row["comment"], category=row["category"],
            processType=_PROCESS_TYPES.get(row["kind"]), defaultAllocationMethod=_ALLOCATION.get(row["allocation"]),
            isInfrastructureProcess=False, location=_place_ref(row["place"]), processDocumentation=document,
            lastInternalId=max(internal.values(), default=0),
            exchanges=[self.exchange(exchange, internal[exchange["row"]]) for exchange in exchanges],
            parameters=[_parameter(parameter) for parameter in parts["parameters"].get(row["id"], ())],
            allocationFactors=[self.share(share, internal) for share in parts["allocation"].get(row["id"], ())],
        )

    def exchange(self, row: Row, internal_id: int) -> Json:
        flow = self.flows.get(row["flow"], {})
        written = row["unit"] is not None and flow.get("unit") is not None  # else openLCA takes the reference unit
        return _object(
            "Exchange", internalId=internal_id, flow=self.ref("Flow", "flows", row["flow"], flow.get("name_en")),
            isInput=row["direction"] == "input", amount=row["amount"], amountFormula=_formula(row),
            unit=_unit_ref(flow["unit"]) if written else None,
            flowProperty=_property_ref(flow["unit"]) if written else None,
            isQuantitativeReference=bool(row["reference"]), isAvoidedProduct=bool(row["avoided"]),
            defaultProvider=self.ref("Process", "processes", row["provider"]), uncertainty=_uncertainty(row),
            dqEntry=row["pedigree"], description=row["comment"], location=_place_ref(row["location"]),
        )

    def share(self, row: Row, internal: Mapping[int, int]) -> Json:
        target = None if row["row"] is None else {"@type": "ExchangeRef", "internalId": internal[row["row"]]}
        return _object("AllocationFactor", allocationType=_ALLOCATION[row["method"]], value=row["factor"],
                       product=self.ref("Flow", "flows", row["flow"]), exchange=target)

    # Impact methods: an indicator called `method: category` is a category of that method

    def category(self, row: Row, factors: Mapping[str | None, list[Row]]) -> Json:
        group, title = self.title(row)
        named = row | {"name_en": title}
        return self.entity("ImpactCategory", "methods", named, refUnit=row["unit"], category=group,
                           source=self.ref("Source", "sources", row["source"]),
                           impactFactors=[self.factor(factor) for factor in factors.get(row["id"], ())])

    def factor(self, row: Row) -> Json:
        unit = self.flows.get(row["flow"], {}).get("unit")
        return _object(
            "ImpactFactor", flow=self.ref("Flow", "flows", row["flow"]), value=row["factor"],
            unit=None if unit is None else _unit_ref(unit), location=_place_ref(row["place"]),
            flowProperty=None if unit is None else _property_ref(unit),
        )

    def methods(self) -> Iterator[Json]:
        groups: dict[str, list[Row]] = {}
        for row in self.tables["methods"].iter_rows(named=True):
            groups.setdefault(self.title(row)[0], []).append(row)
        for group, rows in groups.items():
            categories = [self.ref("ImpactCategory", "methods", row["id"], self.title(row)[1]) for row in rows]
            yield _entity("ImpactMethod", _made_id("method", group), group, impactCategories=categories)

    def title(self, row: Row) -> tuple[str, str]:
        """Names of an indicator's method and category."""
        group, found, title = (row["name_en"] or row["name_zh"] or "").partition(": ")
        return (group, title) if found and group and title else (self.inventory.name, group)


def _add_rest(folders: Folders, tables: Mapping[str, pl.DataFrame], inventory: Inventory) -> None:
    """Add to `otherProperties` every cell that does not come back from the objects as they are."""
    back = parse(
        lambda folder: [(f"{folder}/{obj['@id']}.json", obj) for obj in folders.get(folder, ())], inventory.name
    ).inventory.tables()
    owners = {  # table: where each of its rows is said
        "processes": _whole(folders["processes"]), "flows": _whole(folders["flows"]),
        "sources": _whole(folders["sources"]), "methods": _whole(folders["lcia_categories"]),
        "exchanges": _entries(folders["processes"], "exchanges", "exchanges"),
        "allocation": _entries(folders["processes"], "allocation", "allocationFactors"),
        "parameters": [*_entries(folders["processes"], "parameters", "parameters"), *_whole(folders["parameters"])],
        "factors": _entries(folders["lcia_categories"], "factors", "impactFactors"),
    }
    for name, schema in TABLES.items():
        for column in schema.keys() - {"where"}:
            meant, read = tables[name][column], back[name][column]
            for at in meant.ne_missing(read).arg_true():
                obj, part, position = owners[name][at]
                own = obj.setdefault("otherProperties", {}).setdefault(OWN, {})
                if part:
                    own = own.setdefault("rows", {}).setdefault(part, {}).setdefault(str(position), {})
                own[column] = [read[at], meant[at]]


Place = tuple[Json, str, int]
"""An object, and the list and position in it."""


def _whole(objects: Iterable[Json]) -> list[Place]:
    return [(obj, "", 0) for obj in objects]


def _entries(objects: Iterable[Json], part: str, key: str) -> list[Place]:
    return [(obj, part, position) for obj in objects for position in range(len(obj.get(key, ())))]


# ---- parts of objects ----------------------------------------------------------------------------------------------


def _made_id(kind: str, text: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{text}"))


def _file_id(kind: str, id_: str) -> str:
    return id_ if _SAFE.fullmatch(id_) else _made_id(kind, id_)


def _object(type_: str, **fields: Any) -> Json:
    return {"@type": type_} | {key: value for key, value in fields.items() if value is not None}


def _entity(type_: str, id_: str, name: str | None, **fields: Any) -> Json:
    return {"@type": type_, "@id": id_} | _object(type_, name=name, **fields)


def _parts(frame: pl.DataFrame, key: str) -> dict[str | None, list[Row]]:
    parts: dict[str | None, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        parts.setdefault(row[key], []).append(row)
    return parts


def _ids(unit: str) -> tuple[str, str, str, str, str]:
    """Ids of a unit, its group and property, and their names."""
    if unit in _UNITS:
        return _UNITS[unit]
    dimension = units.dimension(unit) if units.canonical(unit) else unit
    named = f"{dimension} ({unit})" if dimension != unit else unit
    return (*(_made_id(kind, unit) for kind in ("unit", "group", "property")), f"Units of {named}", named.capitalize())  # type: ignore[return-value]


def _unit_ref(unit: str) -> Json:
    return _entity("Unit", _ids(unit)[0], unit)


def _property_ref(unit: str) -> Json:
    return _entity("FlowProperty", _ids(unit)[2], _ids(unit)[4])


def _unit_group(unit: str) -> Json:
    only = _unit_ref(unit) | {"isRefUnit": True, "conversionFactor": 1.0}
    return _entity("UnitGroup", _ids(unit)[1], _ids(unit)[3], defaultFlowProperty=_property_ref(unit), units=[only])


def _flow_property(unit: str) -> Json:
    kind = "ECONOMIC_QUANTITY" if _ids(unit)[3].startswith("Units of money") else "PHYSICAL_QUANTITY"
    return _property_ref(unit) | {
        "flowPropertyType": kind, "unitGroup": _entity("UnitGroup", _ids(unit)[1], _ids(unit)[3]),
    }


def _place_ref(place: str | None) -> Json | None:
    return None if place is None else _entity("Location", _made_id("place", place), place)


def _day(year: int | None, day: str) -> str | None:
    return None if year is None or not 0 < year < 10000 else f"{year:04d}-{day}"


def _formula(row: Mapping[str, Any]) -> str | None:
    """A formula so that openLCA reads it as we do; one that nobody can read, as it is."""
    text = row["formula"]
    with suppress(InvalidInputError):
        return text and formulas.plain(text)
    return text


def _parameter(row: Row) -> Json:
    scope = "GLOBAL_SCOPE" if row["process"] is None else "PROCESS_SCOPE"
    return _object("Parameter", name=row["name"], parameterScope=scope, isInputParameter=row["formula"] is None,
                   value=row["value"], formula=_formula(row), description=row["comment"],
                   uncertainty=_uncertainty(row))


def _uncertainty(row: Row) -> Json | None:
    """The distribution of a row; PERT as the triangle of the same corners. None if a parameter is missing."""
    loc, scale, low, high = row["loc"], row["scale"], row["low"], row["high"]
    match row["distribution"]:
        case "lognormal":
            kind, found = "LOG_NORMAL_DISTRIBUTION", {"geomMean": _exp(loc), "geomSd": _exp(scale)}
        case "normal":
            kind, found = "NORMAL_DISTRIBUTION", {"mean": loc, "sd": scale}
        case "triangular" | "pert":
            kind, found = "TRIANGLE_DISTRIBUTION", {"minimum": low, "mode": loc, "maximum": high}
        case "uniform":
            kind, found = "UNIFORM_DISTRIBUTION", {"minimum": low, "maximum": high}
        case _:
            return None
    if any(value is None or not math.isfinite(value) for value in found.values()):
        return None
    return _object("Uncertainty", distributionType=kind, **found)


def _exp(value: float | None) -> float | None:
    try:
        return None if value is None else math.exp(value)
    except OverflowError:
        return math.inf
