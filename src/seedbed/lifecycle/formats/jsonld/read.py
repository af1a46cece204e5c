"""openLCA JSON-LD: reads the packages of openLCA 1.4 and later (schema versions 1 to 4).

A package is a zip file or folder of one JSON object a file, in a folder for each type. Version 2 renamed many
keys (https://github.com/GreenDelta/olca-schema, CHANGES.md); both names are read, whatever version the package
says it is. How the tables are filled:

- an amount is given in a unit of one of the flow's properties; in the flow's unit, the reference unit of its
  reference property, it is `amount · unit factor / property factor` (openLCA's ReferenceAmount);
- factors of impact methods are per unit and property in the same way, so they convert inversely;
- avoided products are inputs marked `avoided`, as openLCA lists them;
- a process's `source` is its publication, else the first of its sources; `quality` is the mean score of its
  data-quality entry; `allocation` is its default method.

`otherProperties` of an object may hold columns that the schema has no field for, as `write` puts them.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from seedbed.base import formulas, units
from seedbed.base.errors import InvalidInputError
from seedbed.base.evidence import from_five
from seedbed.lifecycle.formats.collect import Collector
from seedbed.lifecycle.formats.fields import (
    KNOWN,
    SPREAD,
    Spread,
    calendar_year,
    cas_number,
    compartment,
    dimension,
    formula,
    lognormal,
    names,
    said,
    spread,
    symbol,
)
from seedbed.lifecycle.formats.jsonld.fields import OWN, Json, _flag, _length, _list, _number, _own, _part, _ref, _text
from seedbed.lifecycle.formats.packages import UNREADABLE, Member, Progress, database_name, members
from seedbed.lifecycle.formats.shares import Shares
from seedbed.lifecycle.inventory.tables import TABLES, Reading

Package = Callable[[str], Iterable[tuple[str, Json]]]
"""The objects of a folder (`processes`, `flows` …), each with the name of its file."""

ALLOCATION = {
    "PHYSICAL_ALLOCATION": "physical",
    "ECONOMIC_ALLOCATION": "economic",
    "CAUSAL_ALLOCATION": "causal",
    "NO_ALLOCATION": "none",
}
FLOW_TYPES = {"PRODUCT_FLOW": "product", "WASTE_FLOW": "waste", "ELEMENTARY_FLOW": "elementary"}
PROCESS_TYPES = {"UNIT_PROCESS": "unit", "LCI_RESULT": "system"}
_REVIEWS = {  # review types of ILCD, which openLCA 2 uses
    "Dependent internal review": "internal",
    "Independent internal review": "internal",
    "Independent external review": "external",
    "Accredited third party review": "external",
    "Independent review panel": "panel",
    "Not reviewed": "none",
}
_FOLDERS = {
    "UnitGroup": "unit_groups", "FlowProperty": "flow_properties", "Category": "categories", "Location": "locations",
    "Source": "sources", "Flow": "flows", "Process": "processes", "Parameter": "parameters",
    "ImpactMethod": "lcia_methods", "ImpactCategory": "lcia_categories",
}
_ASIDE = ("actors", "currencies", "dq_systems", "social_indicators", "nw_sets", "bin")
"""Folders that describe people, money and quality: nothing of an inventory is lost with them."""
_ABOUT = ("context.json", "olca-schema.json", "openlca.json", f"{OWN}.json")
"""Files that describe the package."""
_TYPES: dict[Any, type | tuple[type, ...]] = {pl.String: str, pl.Float64: (int, float), pl.Int32: int, pl.Boolean: bool}


def read(path: Path, *, name: str | None = None, progress: Progress | None = None) -> Reading:
    """Read a package (zip file or folder), or one JSON file. `progress` is told processes read and all processes.

    Bad records become defects, located by the file in the package. Raises InvalidInputError only if there are
    no openLCA objects at all.
    """
    with members(path, ".json") as files:
        collected = Collector()
        folders: dict[str, list[Member]] = {}
        for file in files:
            folders.setdefault(file.name.rpartition("/")[0].rpartition("/")[2].lower(), []).append(file)
        stray: dict[str, list[tuple[str, Json]]] = {}  # objects in other folders than those of their type

        def package(folder: str) -> Iterator[tuple[str, Json]]:
            yield from (found for file in folders.get(folder, ()) for found in _objects(file, collected))
            yield from stray.get(folder, ())

        if not folders.keys() & set(_FOLDERS.values()):  # loose files: their types tell what they are
            loose = [found for file in files for found in _objects(file, collected)]
            if not any(obj.get("@type") in _FOLDERS for _, obj in loose):
                raise InvalidInputError("there is no openLCA object here.", where=path.name,
                                        fix="give a package that openLCA exported as JSON-LD.")
            by_type = {folder: [(file, obj) for file, obj in loose if obj.get("@type") == kind]
                       for kind, folder in _FOLDERS.items()}
            return parse(lambda folder: by_type[folder], database_name(name, None, path), collected)
        for folder, inside in folders.items():
            if folder in {*_FOLDERS.values(), *_ASIDE}:
                continue
            other = 0
            for file in inside:
                for found in () if file.name.rpartition("/")[2] in _ABOUT else _objects(file, collected):
                    kind = _FOLDERS.get(str(found[1].get("@type")))
                    other += kind is None
                    stray.setdefault(kind or "", []).append(found)
            if other:
                collected.defect("not_inventory", inside[0].name, value=float(other), detail=folder or "@type")
        about = next((obj for f in files if f.name.endswith(f"{OWN}.json") for _, obj in _objects(f, collected)), {})
        return parse(package, database_name(name, _text(about, "name"), path), collected, about=about,
                     progress=progress, total=len(folders.get("processes", ())))


def _objects(file: Member, collected: Collector) -> Iterator[tuple[str, Json]]:
    """The object of a file, or the objects of its list."""
    try:
        with file.open() as stream:
            value = json.load(stream)
    except (ValueError, *UNREADABLE) as error:
        collected.defect("file_unreadable", file.name, detail=str(error))
        return
    for obj in value if isinstance(value, list) else [value]:
        if isinstance(obj, dict):
            yield file.name, obj
        else:
            collected.defect("file_unreadable", file.name, detail=type(obj).__name__)


def parse(package: Package, name: str, collected: Collector | None = None, *, about: Json | None = None,
          progress: Progress | None = None, total: int = 0) -> Reading:
    """The tables of a package's objects. `about`: version, licence and dependencies of the database."""
    reader = _Reader(package, collected or Collector())
    for step in (reader.units, reader.context, reader.sources, reader.flows):
        step()
    for done, (where, obj, _, process) in enumerate(reader.entities("processes"), start=1):
        reader.process(obj, process, where)
        if progress:
            progress(done, max(done, total))
    for where, obj in package("parameters"):
        reader.parameter(None, obj, _own(obj), where)
    reader.methods()
    reader.settle_shares()
    about = about or {}
    depends = about.get("depends")
    depends = tuple(word for word in depends if isinstance(word, str)) if isinstance(depends, list) else ()
    return reader.collected.reading(name, version=_text(about, "version") or "", licence=_text(about, "licence") or "",
                                    depends=depends, exchanges=reader.exchanges())


class _Group(NamedTuple):
    """A unit group: its reference unit, and how many of it one unit (by id) is."""

    reference: str | None
    sizes: dict[str, float]


class _Flow(NamedTuple):
    """A flow: its unit, its reference property, and how much of each property one unit has."""

    id: str
    unit: str | None
    reference: str | None
    properties: dict[str, float]


class _Row(NamedTuple):
    """An exchange as allocation factors refer to it: internal id, row and flow (id in the file)."""

    internal_id: Any
    number: int
    flow: str | None


class _Reader:
    def __init__(self, package: Package, collected: Collector) -> None:
        self.package = package
        self.collected = collected
        self.groups: dict[str, _Group] = {}  # of each flow property
        self.categories: dict[str, tuple[str, str | None]] = {}  # name and parent
        self.places: dict[str, str | None] = {}
        self.known: dict[str, _Flow] = {}
        self.sizes: dict[tuple[str | None, ...], float | None] = {}
        self.ids: dict[str, str] = {}  # of objects that bear another id in the file
        self.taken: set[tuple[str, str]] = set()
        self.shares = Shares()

    def entities(self, folder: str) -> Iterator[tuple[str, Json, str, str]]:
        """Objects of a folder that have an id of their own: file, object, id in the file, and id in the tables."""
        for where, obj in self.package(folder):
            given = _text(obj, "@id") or where.rpartition("/")[2].removesuffix(".json")
            own = _own(obj).get("id")
            id_ = own if isinstance(own, str) else given
            self.count(folder, where, obj, None if (folder, id_) in self.taken else id_)
            if (folder, id_) in self.taken:
                self.collected.defect("duplicate_id", where, process=id_ if folder == "processes" else None,
                                      flow=id_ if folder == "flows" else None, detail=id_)
                continue
            self.taken.add((folder, id_))
            if id_ != given:
                self.ids[given] = id_
            yield where, obj, given, id_

    def count(self, folder: str, where: str, obj: Json, id_: str | None) -> None:
        """Tally what an object states; `id_` None where it is not taken."""
        tally = self.collected.tally
        if folder == "processes":
            tally.saw(where, "processes", id_)
            tally.saw(where, "exchanges", id_, _length(obj, "exchanges"))
        elif folder == "lcia_categories":
            tally.saw(where, "factors", id_, _length(obj, "impactFactors"))

    def resolve(self, ref: str | None) -> str | None:
        return None if ref is None else self.ids.get(ref, ref)

    # Units, categories, places, sources

    def units(self) -> None:
        groups: dict[str, _Group] = {}
        for _, obj, given, _ in self.entities("unit_groups"):
            reference, sizes = None, {}
            for unit in _list(obj, "units"):
                if _flag(unit, "isRefUnit", "referenceUnit"):
                    reference = symbol(_text(unit, "name"))
                if (size := _number(unit.get("conversionFactor", 1.0))) and (id_ := _text(unit, "@id")):
                    sizes[id_] = size
            groups[given] = _Group(reference, sizes)
        for _, obj, given, _ in self.entities("flow_properties"):
            if (group := groups.get(_ref(obj, "unitGroup") or "")) is not None:
                self.groups[given] = group

    def context(self) -> None:
        for _, obj, given, _ in self.entities("categories"):
            self.categories[given] = (_text(obj, "name") or "", _ref(obj, "category"))
        for _, obj, given, _ in self.entities("locations"):
            self.places[given] = said(_text(obj, "code") or _text(obj, "name"))

    def category(self, obj: Json) -> str | None:
        """Path of an object's category: a text since version 2, before the chain of its parents."""
        found = obj.get("category")
        if not isinstance(found, dict):
            return _text(obj, "category")
        path, id_ = [], _ref(obj, "category")
        while id_ in self.categories and len(path) < 100:  # categories may form a circle
            title, id_ = self.categories[id_]
            path.insert(0, title)
        return "/".join(path) or _text(found, "name")

    def place(self, obj: Json) -> str | None:
        ref = _ref(obj, "location")
        return self.places[ref] if ref in self.places else said(_text(obj.get("location"), "name"))

    def sources(self) -> None:
        for _, obj, _, id_ in self.entities("sources"):
            title, text = _text(obj, "name"), _text(obj, "textReference")
            parts = [text] if title and text and title in text else [title, text]
            year = _number(obj.get("year"))
            row = {"id": id_, "citation": ". ".join(filter(None, parts)) or None, "url": _text(obj, "url"),
                   "year": int(year) if year and 0 < year < 9999 else None}
            self.add("sources", row, _own(obj))

    def add(self, table: str, row: Json, own: Json) -> None:
        """Append a row, with the columns that `own` states beside the schema: `[as read, as meant]` each.

        An object that was edited since no longer reads the same; then what it says now holds.
        """
        schema = TABLES[table]
        for column, pair in own.items():
            kind = schema.get(column)
            if kind is None or not isinstance(pair, list) or len(pair) != 2 or row.get(column) != pair[0]:
                continue
            value = pair[1]
            fits = isinstance(value, _TYPES[kind]) and isinstance(value, bool) == (kind == pl.Boolean)
            if value is None or fits:
                row[column] = value
        self.collected.add(table, **row)

    # Flows and conversion

    def flows(self) -> None:
        for where, obj, given, id_ in self.entities("flows"):
            properties: dict[str, float] = {}
            reference = None
            for entry in _list(obj, "flowProperties"):
                if (ref := _ref(entry, "flowProperty")) is None:
                    continue
                properties[ref] = _number(entry.get("conversionFactor", 1.0)) or math.nan
                if reference is None or _flag(entry, "isRefFlowProperty", "referenceFlowProperty"):
                    reference = ref
            group = self.groups.get(reference or "")
            flow = self.known[given] = _Flow(id_, group.reference if group else None, reference, properties)
            kind, path = FLOW_TYPES.get(_text(obj, "flowType") or ""), self.category(obj)
            medium = compartment((path or "").split("/")) if kind == "elementary" else None
            row = {"id": id_, **names(_text(obj, "name")), "kind": kind, "unit": flow.unit, "compartment": medium,
                   "cas": cas_number(_text(obj, "cas")), "formula": said(_text(obj, "formula")), "category": path,
                   "where": where}
            if flow.unit is None or not units.canonical(flow.unit):
                self.collected.defect("flow_unknown_unit", where, flow=id_, detail=flow.unit)
            if not _text(obj, "name"):
                self.collected.defect("name_missing", where, flow=id_)
            self.add("flows", row, _own(obj))

    def size(self, flow: _Flow, obj: Json) -> float | None:
        """How many of the flow's unit one unit of an amount is; None if they do not convert."""
        key = (flow.id, _ref(obj, "flowProperty"), _ref(obj, "unit"), _text(obj.get("unit"), "name"))
        if key not in self.sizes:
            self.sizes[key] = self._size(flow, *key[1:])
        return self.sizes[key]

    def _size(self, flow: _Flow, quantity: str | None, unit: str | None, unit_name: str | None) -> float | None:
        if flow.unit is None:
            return 1.0  # nothing to convert to: amounts stand as they are
        quantity = quantity or flow.reference or ""
        group = self.groups.get(quantity)
        unit_size = 1.0 if unit is None and unit_name is None else group.sizes.get(unit or "") if group else None
        per_unit = flow.properties.get(quantity, math.nan)
        if unit_size is not None and not math.isnan(per_unit):
            return unit_size / per_unit
        if unit_name and dimension(unit_name) == dimension(flow.unit):  # ids that lead nowhere: by the unit's name
            return 1.0 if symbol(unit_name) == flow.unit else units.factor(unit_name, flow.unit)
        return None

    # Processes

    def process(self, obj: Json, process: str, where: str) -> None:
        own, doc = _own(obj), obj.get("processDocumentation")
        doc = doc if isinstance(doc, dict) else {}
        title = _text(obj, "name")
        if not title:
            self.collected.defect("name_missing", where, process=process)
        refs = [_ref(doc, "publication"), *(_text(ref, "@id") for ref in _list(doc, "sources"))]
        row = {
            "id": process, **names(title), "place": self.place(obj), "category": self.category(obj),
            "kind": PROCESS_TYPES.get(_text(obj, "processType") or ""),
            "start": self.year(doc, "validFrom", process, where), "end": self.year(doc, "validUntil", process, where),
            "allocation": ALLOCATION.get(_text(obj, "defaultAllocationMethod") or ""), "review": _review(doc),
            "quality": from_five(_score(_text(obj, "dqEntry"))), "source": self.resolve(next(filter(None, refs), None)),
            "comment": _text(obj, "description"), "where": where,
        }
        rows = self.process_exchanges(process, obj, own, where)
        self.allocation(process, obj, rows, own, where)
        for position, parameter in enumerate(_list(obj, "parameters")):
            self.parameter(process, parameter, _part(own, "parameters", position), where)
        self.add("processes", row, own)

    def year(self, doc: Json, key: str, process: str, where: str) -> int | None:
        try:
            return calendar_year(_text(doc, key))
        except ValueError:
            self.collected.defect("period_bad", where, process=process, detail=_text(doc, key))
            return None

    def process_exchanges(self, process: str, obj: Json, own: Json, where: str) -> list[_Row]:
        """Add the exchanges of a process.

        Rows are the internal ids, or positions where those are not there or not unique.
        """
        exchanges = _list(obj, "exchanges")
        given = [exchange.get("internalId") for exchange in exchanges]
        numbered = all(type(i) is int and 0 < i < 2**31 for i in given) and len(set(given)) == len(given)
        if not numbered and len(set(map(str, given))) < len(given) and None not in given:
            self.collected.defect("duplicate_id", where, process=process, detail="internalId")
        rows: list[int] = given if numbered else list(range(1, len(given) + 1))  # type: ignore[assignment]
        found = []
        for position, (row, exchange) in enumerate(zip(rows, exchanges, strict=True)):
            extra = _part(own, "exchanges", position)
            row = self.exchange(process, row, exchange, extra, where)
            found.append(_Row(exchange.get("internalId"), row, _ref(exchange, "flow")))
        return found

    def exchange(self, process: str, row: int, obj: Json, extra: Json, where: str) -> int:
        """Add one exchange; its row."""
        ref = _ref(obj, "flow")
        flow = self.known.get(ref or "")
        key = {"process": process, "row": row, "flow": self.resolve(ref)}
        size = 1.0
        if flow is None:
            self.collected.defect("flow_missing", where, **key, detail=_text(obj.get("flow"), "name"))
        else:
            size = self.size(flow, obj)
        given = obj.get("amount")
        amount = _number(given)
        if size is None:
            detail = f"{_text(obj.get('unit'), 'name')} → {flow.unit if flow else None}"
            self.collected.defect("unit_not_convertible", where, **key, value=amount, detail=detail)
        text = self.formula(obj, "amountFormula", where, **key)
        if amount is None and (given is not None or text is None):
            missing = "amount_missing" if given is None else "amount_not_number"
            self.collected.defect(missing, where, **key, detail=None if given is None else str(given))
        values = {
            **key, "direction": "input" if _flag(obj, "isInput", "input") else "output",
            "amount": None if amount is None or size is None else amount * size, "unit": _text(obj.get("unit"), "name"),
            "reference": _flag(obj, "isQuantitativeReference", "quantitativeReference"),
            "avoided": _flag(obj, "isAvoidedProduct", "avoidedProduct"), "provider": _ref(obj, "defaultProvider"),
            "formula": None if size is None else text if text is None or size == 1 else f"({text})*{size!r}",
            **dict(zip(SPREAD, self.spread(obj, amount, size, where, key), strict=True)),
            "pedigree": _text(obj, "dqEntry") or _text(obj, "pedigreeUncertainty"),
            "comment": _text(obj, "description"), "location": self.place(obj),
        }
        self.add("exchanges", values, extra)
        return values["row"]

    def formula(self, obj: Json, key: str, where: str, **about: Any) -> str | None:
        try:
            text = formula(_text(obj, key))
            return text and formulas.plain(text, openlca=True)
        except ValueError:  # it stays, so that nobody takes the amount beside it for its value
            self.collected.defect("formula_bad", where, **about, detail=_text(obj, key))
            return _text(obj, key)

    def spread(self, obj: Json, amount: float | None, size: float | None, where: str,
               about: Mapping[str, Any]) -> Spread:
        """The distribution of an amount, whose unit is `size` of the flow's."""
        given = obj.get("uncertainty")
        if not isinstance(given, dict) or size is None:
            return KNOWN
        try:
            return _spread(given, amount, size)
        except ValueError:
            detail = " ".join(f"{key}={value}" for key, value in given.items() if not key.startswith("@"))
            self.collected.defect("uncertainty_bad", where, **about, value=amount, detail=detail)
            return KNOWN

    def allocation(self, process: str, obj: Json, rows: list[_Row], own: Json, where: str) -> None:
        """Add the shares; those without a product, value or method, or for no exchange, are one defect together."""
        by_id = {row.internal_id: row.number for row in rows if isinstance(row.internal_id, int)}
        uses = Counter(row.flow for row in rows)
        by_flow = {row.flow: row.number for row in rows if uses[row.flow] == 1}  # version 1 names the exchange's flow
        unusable = 0
        for position, entry in enumerate(_list(obj, "allocationFactors")):
            method = ALLOCATION.get(_text(entry, "allocationType") or "")
            product, factor, target = _ref(entry, "product"), _number(entry.get("value")), entry.get("exchange")
            row = None
            if method == "causal" and isinstance(target, dict):
                id_ = target.get("internalId")
                row = by_id.get(id_) if isinstance(id_, int) else by_flow.get(_ref(target, "flow"))
            lost = method == "causal" and isinstance(target, dict) and row is None
            if written := self.formula(entry, "formula", where, process=process):
                factor = math.nan
            if product is None or factor is None or method in (None, "none") or lost:
                unusable += 1
                continue
            values = {"process": process, "flow": self.resolve(product), "method": method, "row": row, "factor": factor}
            if written:
                self.shares.add(len(self.collected.columns["allocation"]["process"]), process, written)
            self.add("allocation", values, _part(own, "allocation", position))
        if unusable:
            kind = "allocation_missing" if _text(obj, "defaultAllocationMethod") else "allocation_none"
            self.collected.defect(kind, where, process=process, value=unusable, detail="allocationFactors")

    def settle_shares(self) -> None:
        """Factors stated by formula, now that all parameters are read."""
        factors, where = self.collected.columns["allocation"]["factor"], self.collected.columns["processes"]
        files = dict(zip(where["id"], where["where"], strict=True))
        self.shares.settle(
            self.collected.frame("parameters"), factors.__setitem__, lambda process, formula: self.collected.defect(
                "formula_bad", files.get(process) or "", process=process, detail=formula))

    def parameter(self, process: str | None, obj: Json, own: Json, where: str) -> None:
        title = _text(obj, "name")
        dependent = not obj.get("isInputParameter", obj.get("inputParameter", not obj.get("formula")))
        text = self.formula(obj, "formula", where, process=process) if dependent else None
        value = _number(obj.get("value"))
        if title is None:
            self.collected.defect("name_missing", where, process=process)
            return
        if value is None and text is None:
            self.collected.defect("amount_missing", where, process=process, detail=title)
        about = {"process": process}
        self.add("parameters", {
            "process": process, "name": title, "value": value, "formula": text, "comment": _text(obj, "description"),
            **dict(zip(SPREAD, self.spread(obj, value, 1.0, where, about), strict=True)),
        }, own)

    def exchanges(self) -> pl.DataFrame:
        """The exchanges, providers named as in the tables (they may be read after their users)."""
        frame = self.collected.frame("exchanges")
        return frame.with_columns(pl.col("provider").replace(self.ids)) if self.ids else frame

    # Impact methods

    def methods(self) -> None:
        """One indicator an impact category, named `method: category`."""
        groups: dict[str, str] = {}
        for _, obj, *_ in self.entities("lcia_methods"):
            groups |= {ref: title for entry in _list(obj, "impactCategories")
                       if (ref := _text(entry, "@id")) and (title := _text(obj, "name"))}
        for where, obj, given, id_ in self.entities("lcia_categories"):
            own, title = _own(obj), ": ".join(filter(None, (groups.get(given), _text(obj, "name"))))
            row = {"id": id_, **names(title), "unit": _text(obj, "refUnit") or _text(obj, "referenceUnitName"),
                   "source": self.resolve(_ref(obj, "source"))}
            self.add("methods", row, own)
            for position, entry in enumerate(_list(obj, "impactFactors")):
                self.characterise(id_, entry, _part(own, "factors", position), where)

    def characterise(self, method: str, obj: Json, extra: Json, where: str) -> None:
        ref, given = _ref(obj, "flow"), _number(obj.get("value"))
        flow, target = self.known.get(ref or ""), self.resolve(ref)
        size = 1.0
        if flow is None:
            self.collected.defect("flow_missing", where, flow=target, detail=method)
        elif (size := self.size(flow, obj)) is None:
            self.collected.defect("unit_not_convertible", where, flow=target, value=given, detail=method)
        if given is None:
            missing = "amount_missing" if obj.get("value") is None else "amount_not_number"
            self.collected.defect(missing, where, flow=target, detail=method)
        if target is not None and given is not None and size is not None:
            values = {"method": method, "flow": target, "place": self.place(obj), "factor": given / size}
            self.add("factors", values, extra)


def _spread(given: Json, amount: float | None, size: float) -> Spread:
    """Columns of an uncertainty, times `size`. Raises ValueError if its parameters make no distribution."""
    kind = (_text(given, "distributionType") or "").upper()
    low, mode, high, mean, sd, median, gsd = (
        None if (value := _number(given.get(key))) is None else value * (1.0 if key == "geomSd" else size)
        for key in ("minimum", "mode", "maximum", "mean", "sd", "geomMean", "geomSd")
    )
    scaled = None if amount is None else amount * size
    if kind.startswith("LOG"):
        return lognormal(scaled if median is None else median, gsd)
    if kind.startswith("NORMAL"):
        return spread("normal", scaled if mean is None else mean, sd)
    if kind.startswith("TRIANG"):
        return spread("triangular", mode, None, low, high)
    if kind.startswith("UNIFORM"):
        return spread("uniform", None, None, low, high)
    return spread(None if kind in ("", "NONE", "NO_DISTRIBUTION") else kind)


def _review(doc: Json) -> str | None:
    """The strongest of the reviews whose type is known."""
    found = {_REVIEWS.get(_text(review, "reviewType") or "") for review in _list(doc, "reviews")}
    return next((level for level in ("panel", "external", "internal", "none") if level in found), None)


def _score(entry: str | None) -> float | None:
    """Mean of the scores of a data-quality entry such as `(1;3;2;n.a.;1)`."""
    scores = [int(score) for score in re.findall(r"(?<![\d.])[1-5](?![\d.])", entry or "")]
    return sum(scores) / len(scores) if scores else None
