"""The data sets of an ILCD package as rows: what each XML file says, before the files are put together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

import polars as pl

from seedbed.lifecycle.formats.fields import cas_number
from seedbed.lifecycle.formats.ilcd import fields as field
from seedbed.lifecycle.formats.ilcd import process, terms
from seedbed.lifecycle.formats.ilcd.epd import MODULES
from seedbed.lifecycle.formats.ilcd.fields import Element, File, Found, Row
from seedbed.lifecycle.formats.ilcd.terms import clark
from seedbed.lifecycle.inventory import tables
from seedbed.lifecycle.inventory.tables import ALLOCATION, EXCHANGES, PARAMETERS, SOURCES, Schema

PROCESSES: Schema = {**tables.PROCESSES, "revised": pl.String, "terms": pl.String, "cited": pl.String}
FLOWS: Schema = {**tables.FLOWS, "property": pl.String, "mean": pl.Float64, "ours": pl.Boolean}
METHODS: Schema = {**tables.METHODS, "quantity": pl.String, "revised": pl.String}
FACTORS: Schema = {**tables.FACTORS, "direction": pl.String, "where": pl.String}
FLOW_PROPERTIES: Schema = {"id": pl.String, "name": pl.String, "unit_group": pl.String}
UNIT_GROUPS: Schema = {"id": pl.String, "symbol": pl.String}

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_STATED = {"processes": "p:exchanges/p:exchange", "methods": "m:characterisationFactors/m:factor"}
_WEB = ("http://", "https://", "www.", "doi:")


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set: its `row` in the table of its kind, rows of other tables that go with it, what is wrong with it,
    and how many exchanges or factors it states."""

    kind: str  # a key of SCHEMAS
    id: str
    file: str
    version: tuple[int, ...]
    row: Row
    parts: Mapping[str, list[Row]]
    defects: list[dict[str, Any]]
    stated: int


class UnreadableError(Exception):
    """A file that is not XML, or not a data set of ILCD's: `where` is file and line, `detail` the reason."""

    def __init__(self, where: str, detail: str) -> None:
        super().__init__(f"{where}: {detail}")
        self.where, self.detail = where, detail


_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["'][^>]*\?>""")


def _parsed(content: bytes) -> Element:
    """The root of a file; in an encoding that the parser lacks (GBK), or in one that it does not declare."""
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        declared = _DECLARED.match(content)
        body = content[declared.end():] if declared else content
        said = declared[1].decode().lower() if declared else ""
        for name in filter(None, dict.fromkeys(("" if said in ("gbk", "gb2312") else said, "utf-8", "gb18030"))):
            try:
                return ElementTree.fromstring(body.decode(name).lstrip())
            except (ElementTree.ParseError, LookupError, ValueError):
                continue
        raise error


def read(content: bytes, where: str) -> DataSet:
    """The data set in a file. Raises UnreadableError."""
    try:
        root = _parsed(content)
    except ElementTree.ParseError as error:
        raise UnreadableError(f"{where}:{error.position[0]}", str(error)) from error
    except (LookupError, ValueError) as error:  # an encoding that does not exist
        raise UnreadableError(where, str(error)) from error
    if root.tag not in _READERS:
        raise UnreadableError(where, root.tag)
    kind, information, reader = _READERS[root.tag]
    prefix = information.partition(":")[0]
    info = root.find(clark(f"{information}/{prefix}:dataSetInformation"))
    info = ElementTree.Element("") if info is None else info
    extra = field.extra(root, kind, SCHEMAS[kind])
    id = extra.get("id") or field.text_at(info, "c:UUID") or PurePosixPath(where).stem
    file = File(root, info, id, where, [])
    row, parts = reader(file)
    row = {**row, "id": id, "where": where, "ours": bool(extra), **extra}
    publication = f"{prefix}:administrativeInformation/{prefix}:publicationAndOwnership"
    version = re.findall(r"\d+", field.text_at(root, f"{publication}/c:dataSetVersion") or "")
    stated = len(root.findall(clark(_STATED[kind]))) if kind in _STATED else 0
    values = field.as_row(SCHEMAS[kind], row)
    return DataSet(kind, id, where, tuple(map(int, version)), values, parts, file.defects, stated)


def _flow(file: File) -> Found:
    fields = field.children(file.info)
    kind = terms.FLOW_KINDS.get(field.text_at(file.root, "f:modellingAndValidation/f:LCIMethod/f:typeOfDataSet") or "")
    classes = field.children(fields.get("classificationInformation"))
    levels = field.contents(classes.get("elementaryFlowCategorization", classes.get("classification", ())))
    cas = field.content(fields.get("CASNumber"))
    return {
        **field.names(fields.get("name", ())),
        "kind": kind,
        "compartment": terms.compartment(levels) if kind == "elementary" else None,
        "cas": cas_number(cas),
        "formula": field.content(fields.get("sumFormula")),
        "category": "/".join(levels) or None,
        **_property(file.root),
    }, {}


def _property(root: Element) -> dict[str, Any]:
    """The reference property of a flow, and how much of it one unit of the flow's amounts is."""
    chosen = field.text_at(root, "f:flowInformation/f:quantitativeReference/f:referenceToReferenceFlowProperty")
    found = root.findall(clark("f:flowProperties/f:flowProperty"))
    named = [node for node in found if node.get("dataSetInternalID") == chosen]
    fields = field.children(next(iter(named or (found if len(found) == 1 else [])), None))
    property = field.reference(fields.get("referenceToFlowPropertyDataSet"))
    return {"property": property, "mean": field.number(field.content(fields.get("meanValue")))}


def _flow_property(file: File) -> Found:
    names = field.names(file.info.iterfind(clark("c:name")))
    path = "fp:flowPropertiesInformation/fp:quantitativeReference/fp:referenceToReferenceUnitGroup"
    group = field.reference(file.root.find(clark(path)))
    return {"name": names["name_en"] or names["name_zh"], "unit_group": group}, {}


def _unit_group(file: File) -> Found:
    chosen = field.text_at(file.root, "u:unitGroupInformation/u:quantitativeReference/u:referenceToReferenceUnit")
    units = file.root.iterfind(clark("u:units/u:unit"))
    return {"symbol": {unit.get("dataSetInternalID"): field.text_at(unit, "u:name") for unit in units}.get(chosen)}, {}


def _source(file: File) -> Found:
    short, full = field.comment(file.info, "c:shortName"), field.text_at(file.info, "s:sourceCitation")
    files = [node.get("uri") for node in file.info.iterfind(clark("s:referenceToDigitalFile"))]
    links = [text for text in (full, *files) if text and text.startswith(_WEB)]
    citation = short if full is None or full.startswith(_WEB) else full
    return {"citation": citation, "url": links[0] if links else None, "year": _published(citation)}, {}


def _method(file: File) -> Found:
    quantity = file.root.find(clark("m:LCIAMethodInformation/m:quantitativeReference/m:referenceQuantity"))
    row = {
        **field.names(file.info.iterfind(clark("c:name"))),
        "unit": None if quantity is None else field.comment(quantity, "c:shortDescription"),
        "quantity": field.reference(quantity),
        "source": field.reference(file.info.find(clark("m:referenceToExternalDocumentation"))),
        "revised": field.revised(file.root, "m"),
    }
    return row, {"factors": list(_factors(file))}


def _factors(file: File) -> Iterator[Row]:
    for node in file.root.iterfind(clark("m:characterisationFactors/m:factor")):
        fields = field.children(node)
        flow, text = field.reference(fields.get("referenceToFlowDataSet")), field.content(fields.get("meanValue"))
        factor = field.number(text)
        if factor is None:
            file.report("amount_not_number", flow=flow, detail=text)
            continue
        place = terms.place_code(field.content(fields.get("location")))
        yield file.id, flow, place, factor, (field.content(fields.get("exchangeDirection")) or "").lower(), file.where


def _published(citation: str | None) -> int | None:
    """The year of a citation, if there is one year only, or one in brackets: `… 919–937 (2017)`."""
    years = _YEAR.findall(citation or "")
    if len(set(years)) > 1:
        years = re.findall(r"((?:19|20)\d\d)[a-z]?[)\uff09]", citation or "")
    return int(years[0]) if len(set(years)) == 1 else None


_READERS: dict[str, tuple[str, str, Callable[[File], Found]]] = {
    clark("p:processDataSet"): ("processes", "p:processInformation", process.process),
    clark("f:flowDataSet"): ("flows", "f:flowInformation", _flow),
    clark("fp:flowPropertyDataSet"): ("flow_properties", "fp:flowPropertiesInformation", _flow_property),
    clark("u:unitGroupDataSet"): ("unit_groups", "u:unitGroupInformation", _unit_group),
    clark("s:sourceDataSet"): ("sources", "s:sourceInformation", _source),
    clark("m:LCIAMethodDataSet"): ("methods", "m:LCIAMethodInformation", _method),
}
SCHEMAS: dict[str, Schema] = {
    "processes": PROCESSES,
    "flows": FLOWS,
    "flow_properties": FLOW_PROPERTIES,
    "unit_groups": UNIT_GROUPS,
    "sources": SOURCES,
    "methods": METHODS,
}
PARTS: dict[str, Schema] = {
    "exchanges": EXCHANGES,
    "parameters": PARAMETERS,
    "allocation": ALLOCATION,
    "factors": FACTORS,
    "modules": MODULES,
}
