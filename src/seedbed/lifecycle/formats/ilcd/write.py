"""Writing an ILCD package: a zip of data sets that every reader of the format understands.

Elements stand in the order of the ILCD schemas 1.1. Numbers are written so that they read back to the
last bit; columns ILCD has no field for are attributes of our own namespace (`terms.EXTRA`).
"""

from __future__ import annotations

import math
import re
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import polars as pl

from seedbed.base import units
from seedbed.base.evidence import to_five
from seedbed.lifecycle.formats.ilcd import terms
from seedbed.lifecycle.inventory.tables import Inventory

Row = Mapping[str, Any]

_IDS = uuid.uuid5(uuid.NAMESPACE_URL, terms.EXTENSION)
_UUID = re.compile(r"[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_WRITTEN = (1980, 1, 1, 0, 0, 0)  # one date for all members: the same inventory gives the same file
_FOLDERS = {
    "unit group": "unitgroups",
    "flow property": "flowproperties",
    "flow": "flows",
    "source": "sources",
    "process": "processes",
    "LCIA method": "lciamethods",
}
_PROCESS_KINDS = {
    "unit": "Unit process, single operation", "market": "Unit process, black box", "system": "LCI result",
}
_FLOW_KINDS = {kind: name for name, kind in terms.FLOW_KINDS.items() if name != "Other flow"}
_REVIEWS = {kind: name for name, kind in reversed(terms.REVIEWS.items()) if name != "Accredited third party review"}
_ALLOCATIONS = {
    "none": "Allocation - 100% to main function", "cut-off": "Allocation - 100% to main function",
    "physical": "Allocation - mass", "economic": "Allocation - market value",
    "causal": "Allocation - physical causality", "substitution": "Substitution - specific",
}
_MEDIA = {"air": "Emissions to air", "water": "Emissions to water", "soil": "Emissions to soil"}


def write(inventory: Inventory, path: Path) -> None:
    """Write `inventory` as an ILCD package, a zip with the folder `ILCD`.

    `ilcd.read` gives the same tables back, but for `where`, which is then the place in the package, and null
    flags, which come back as no.
    Ids that are no UUIDs get one made from the id, which is kept beside it. What hangs on a process that
    is not in the inventory (its exchanges, say) is not written.
    """
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in _files(inventory):
            member = zipfile.ZipInfo(f"ILCD/{name}", _WRITTEN)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)


def _files(inventory: Inventory) -> Iterator[tuple[str, str]]:
    yield terms.DATABASE_FILE, _database(inventory)
    used = pl.concat([inventory.flows["unit"], inventory.methods["unit"]]).drop_nulls()
    for unit in used.unique(maintain_order=True):
        yield _file("unit group", unit), _unit_group(unit)
        yield _file("flow property", unit), _flow_property(unit)
    for flow in inventory.flows.iter_rows(named=True):
        yield _file("flow", flow["id"]), _flow(flow)
    for source in inventory.sources.iter_rows(named=True):
        yield _file("source", source["id"]), _source(source)
    usual = dict(inventory.flows.select("id", "unit").iter_rows())
    exchanges, parameters = _by(inventory.exchanges, "process"), _by(inventory.parameters, "process")
    shares = _by(inventory.allocation, "process")
    for process in inventory.processes.iter_rows(named=True):
        id = process["id"]
        parts = exchanges.get(id, []), parameters.get(id, []), shares.get(id, [])
        yield _file("process", id), _process(process, *parts, usual, inventory.licence)
    factors = _by(inventory.factors, "method")
    directions = {
        id: terms.natural_direction(compartment).capitalize()
        for id, compartment in inventory.flows.select("id", "compartment").iter_rows()
    }
    for method in inventory.methods.iter_rows(named=True):
        yield _file("LCIA method", method["id"]), _method(method, factors.get(method["id"], []), directions)


def _database(inventory: Inventory) -> str:
    """What belongs to no data set."""
    parameters = inventory.parameters.filter(pl.col("process").is_null()).iter_rows(named=True)
    return terms.About(
        name=inventory.name, version=inventory.version, licence=inventory.licence, depends=inventory.depends,
        parameters=tuple(terms.Parameter(**row) for row in parameters),
    ).model_dump_json(indent=1, exclude_none=True)


# --- data sets ---------------------------------------------------------------------------------------


def _unit_group(unit: str) -> str:
    return _document(
        "unitGroupDataSet", "u", {},
        _element("unitGroupInformation", {}, _information("unit group", unit, _leaf("common:name", unit)),
                 _element("quantitativeReference", {}, _leaf("referenceToReferenceUnit", 0))),
        _administration(),
        _element("units", {}, _element("unit", {"dataSetInternalID": 0}, _leaf("name", unit), _leaf("meanValue", 1.0))),
    )


def _flow_property(unit: str) -> str:
    name = units.dimension(unit) if units.canonical(unit) else unit
    group = _reference("referenceToReferenceUnitGroup", "unit group", unit, unit)
    return _document(
        "flowPropertyDataSet", "fp", {},
        _element("flowPropertiesInformation", {}, _information("flow property", unit, _leaf("common:name", name)),
                 _element("quantitativeReference", {}, group)),
        _administration(),
    )


def _flow(flow: Row) -> str:
    formula = _leaf("CASNumber", _cas(flow["cas"])) + _leaf("sumFormula", flow["formula"])
    method = _element("LCIMethod", {}, _leaf("typeOfDataSet", _FLOW_KINDS.get(flow["kind"])))
    property = ""
    if flow["unit"] is not None:
        reference = _reference("referenceToFlowPropertyDataSet", "flow property", flow["unit"], flow["unit"])
        property = _element("flowProperty", {"dataSetInternalID": 0}, reference, _leaf("meanValue", 1.0))
    return _document(
        "flowDataSet", "f", _extra(flow, "flows"),
        _element("flowInformation", {},
                 _information("flow", flow["id"], _base_names(flow), _classification(flow), formula),
                 _element("quantitativeReference", {}, _leaf("referenceToReferenceFlowProperty", 0))),
        _element("modellingAndValidation", {}, method),
        _administration(),
        _element("flowProperties", {}, property) if property else "",
    )


def _classification(flow: Row) -> str:
    """The category of a flow, that of an elementary flow made from its compartment if it has none."""
    if flow["kind"] != "elementary":
        return _classes(flow["category"], "common:classification", "common:class")
    medium, _, part = (flow["compartment"] or "").partition("/")
    made = ["Emissions", _MEDIA[medium], part] if medium in _MEDIA else ["Resources", f"Resources from {part}"]
    category = flow["category"] or ("/".join(filter(None, made)) if medium else None)
    return _classes(category, "common:elementaryFlowCategorization", "common:category")


def _source(source: Row) -> str:
    citation, link = source["citation"], source["url"]
    details = _texts("common:shortName", citation and citation[:500]) + _leaf("sourceCitation", citation)
    file = _element("referenceToDigitalFile", {"uri": link}) if link is not None else ""
    return _document(
        "sourceDataSet", "s", _extra(source, "sources"),
        _element("sourceInformation", {}, _information("source", source["id"], details, file)),
        _administration(),
    )


def _process(
    process: Row, exchanges: list[Row], parameters: list[Row], shares: list[Row], usual: Row, licence: str
) -> str:
    about = (
        _base_names(process),
        _classes(process["category"], "common:classification", "common:class"),
        _texts("common:generalComment", process["comment"]),
    )
    references = "".join(_leaf("referenceToReferenceFlow", row["row"]) for row in exchanges if row["reference"])
    place = _element("locationOfOperationSupplyOrProduction", {"location": process["place"]})
    return _document(
        "processDataSet", "p", _extra(process, "processes"),
        _element("processInformation", {},
                 _information("process", process["id"], *about),
                 _element("quantitativeReference", {"type": "Reference flow(s)"}, references) if references else "",
                 _element("time", {}, _leaf("common:referenceYear", process["start"]),
                          _leaf("common:dataSetValidUntil", process["end"])),
                 _element("geography", {}, place) if process["place"] is not None else "",
                 _some("mathematicalRelations", map(_parameter, parameters))),
        _modelling(process, shares),
        _administration(licence),
        _some("exchanges", (_exchange(row, usual, _fractions(row, exchanges, shares)) for row in exchanges)),
    )


def _modelling(process: Row, shares: list[Row]) -> str:
    """Kind, allocation, source, volume, review and quality of a process."""
    own = ({f"seedbed:{name}": value for name, value in share.items() if name != "process"} for share in shares)
    source = _reference("referenceToDataSource", "source", process["source"]) if process["source"] is not None else ""
    quality = "" if process["quality"] is None else _element("common:dataQualityIndicators", {}, _element(
        "common:dataQualityIndicator",
        {"name": "Overall quality", "value": list(terms.QUALITIES)[round(to_five(process["quality"])) - 1]},
    ))
    review = _element("review", {"type": _REVIEWS.get(process["review"])}, quality) if process["review"] else ""
    return _element(
        "modellingAndValidation", {},
        _element("LCIMethodAndAllocation", {},
                 _leaf("typeOfDataSet", _PROCESS_KINDS.get(process["kind"])),
                 _leaf("LCIMethodApproaches", _ALLOCATIONS.get(process["allocation"])),
                 _some("common:other", (_element("seedbed:allocation", share) for share in own))),
        _element("dataSourcesTreatmentAndRepresentativeness", {}, source,
                 _texts("annualSupplyOrProductionVolume", process["volume"])),
        _some("validation", [review]),
    )


def _fractions(exchange: Row, exchanges: list[Row], shares: list[Row]) -> str:
    """Shares of one exchange that each product causes, in per cent."""
    caused = [share for share in shares if share["row"] == exchange["row"] and share["method"] == "causal"]
    return "".join(
        _element("allocation", {"internalReferenceToCoProduct": other["row"], "allocatedFraction": percent})
        for share in caused
        for other in exchanges
        if other["flow"] == share["flow"] and (percent := _decimal(100 * share["factor"])) is not None
    )


def _exchange(exchange: Row, usual: Row, fractions: str) -> str:
    amount, flow = exchange["amount"], exchange["flow"]
    extra = _extra(exchange, "exchanges")
    if exchange["unit"] == usual.get(flow):
        extra.pop("seedbed:unit", None)
    source = _reference("referenceToDataSource", "source", exchange["source"]) if exchange["source"] is not None else ""
    return _element(
        "exchange", {"dataSetInternalID": exchange["row"], **extra},
        _reference("referenceToFlowDataSet", "flow", flow),
        _leaf("location", exchange["location"]),
        _leaf("exchangeDirection", exchange["direction"] and exchange["direction"].capitalize()),
        _leaf("meanAmount", 0.0 if amount is None else amount),
        _leaf("resultingAmount", 0.0 if amount is None else amount),
        _uncertainty(exchange, "Amount", amount),
        _some("allocations", [fractions]),
        _leaf("dataDerivationTypeStatus", "Missing important" if amount is None else None),
        _some("referencesToDataSource", [source]),
        _texts("generalComment", exchange["comment"]),
    )


def _parameter(parameter: Row) -> str:
    return _element(
        "variableParameter", {"name": parameter["name"], **_extra(parameter, "parameters")},
        _leaf("formula", parameter["formula"]),
        _leaf("meanValue", parameter["value"]),
        _uncertainty(parameter, "Value", parameter["value"]),
        _texts("comment", parameter["comment"]),
    )


def _uncertainty(row: Row, suffix: str, value: float | None) -> str:
    """Distribution of a value, as far as ILCD can state it: a spread that rounds to nothing is left out."""
    kind, scale = row["distribution"], row["scale"]
    if kind in ("triangular", "uniform"):
        bounds = _leaf(f"minimum{suffix}", row["low"]) + _leaf(f"maximum{suffix}", row["high"])
        return bounds + _leaf("uncertaintyDistributionType", kind)
    if kind not in ("normal", "lognormal") or scale is None or value is None:
        return ""
    spread = _decimal(2 * scale if kind == "normal" else math.exp(min(2 * scale, 20.0)))
    if spread is None:
        return ""
    name = "normal" if kind == "normal" else "log-normal"
    return _leaf("uncertaintyDistributionType", name) + _leaf("relativeStandardDeviation95In", spread)


def _method(method: Row, factors: list[Row], directions: Row) -> str:
    source = _reference("referenceToExternalDocumentation", "source", method["source"])
    quantity = _reference("referenceQuantity", "flow property", method["unit"], method["unit"])
    return _document(
        "LCIAMethodDataSet", "m", _extra(method, "methods"),
        _element("LCIAMethodInformation", {},
                 _information("LCIA method", method["id"],
                              _leaf("common:name", method["name_en"], {"xml:lang": "en"}),
                              _leaf("common:name", method["name_zh"], {"xml:lang": "zh"}),
                              source if method["source"] is not None else ""),
                 _element("quantitativeReference", {}, quantity if method["unit"] is not None else "")),
        _administration(),
        _some("characterisationFactors", (_factor(factor, directions) for factor in factors)),
    )


def _factor(factor: Row, directions: Row) -> str:
    return _element(
        "factor", {},
        _reference("referenceToFlowDataSet", "flow", factor["flow"]),
        _leaf("location", factor["place"]),
        _leaf("exchangeDirection", directions.get(factor["flow"], "Output")),
        _leaf("meanValue", factor["factor"]),
    )


# --- what the data sets share ------------------------------------------------------------------------


def _document(name: str, prefix: str, extra: Mapping[str, Any], *children: str) -> str:
    spaces = {
        "xmlns": terms.NAMESPACES[prefix], "xmlns:common": terms.NAMESPACES["c"], "xmlns:seedbed": terms.EXTENSION,
    }
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _element(name, {**spaces, "version": "1.1", **extra}, *children)


def _information(kind: str, id: str, *fields: str) -> str:
    return _element("dataSetInformation", {}, _leaf("common:UUID", _uuid_of(kind, id)), *fields)


def _administration(licence: str = "") -> str:
    return _element("administrativeInformation", {}, _element(
        "publicationAndOwnership", {}, _leaf("common:dataSetVersion", "01.00.000"),
        _texts("common:accessRestrictions", licence or None),
    ))


def _base_names(row: Row) -> str:
    names = [_leaf("baseName", row[f"name_{language}"], {"xml:lang": language}) for language in ("en", "zh")]
    return _some("name", names)


def _classes(category: str | None, system: str, level: str) -> str:
    if category is None:
        return ""
    levels = (_leaf(level, name, {"level": depth}) for depth, name in enumerate(category.split("/")))
    return _element("classificationInformation", {}, _element(system, {}, *levels))


def _reference(name: str, kind: str, id: str | None, text: str | None = None) -> str:
    """A reference to a data set by its UUID; an id that is none is kept beside it."""
    if id is None:
        return _element(name, {"type": f"{kind} data set"})
    key = _uuid_of(kind, id)
    attributes = {"type": f"{kind} data set", "refObjectId": key, "uri": f"../{_file(kind, id)}"}
    if key != id and kind not in ("unit group", "flow property"):
        attributes["seedbed:id"] = id
    return _element(name, attributes, _leaf("common:shortDescription", text))


def _extra(row: Row, table: str) -> dict[str, Any]:
    """Extension attributes of a row: what it says in the columns of `EXTRA`."""
    values = {name: row[name] for name in terms.EXTRA[table] if row[name] is not None and row[name] is not False}
    return {f"seedbed:{name}": value for name, value in values.items() if name != "id" or not _UUID.fullmatch(value)}


def _uuid_of(kind: str, id: str) -> str:
    made = kind in ("unit group", "flow property") or not _UUID.fullmatch(id)
    return str(uuid.uuid5(_IDS, f"{kind} {id}")) if made else id


def _file(kind: str, id: str) -> str:
    return f"{_FOLDERS[kind]}/{_uuid_of(kind, id)}.xml"


def _cas(number: str | None) -> str | None:
    """A CAS number with the leading zeros that ILCD wants; None for what is not one."""
    match = re.fullmatch(r"(\d{1,6})(-\d\d-\d)", number or "")
    return f"{match[1]:0>6}{match[2]}" if match else None


def _decimal(value: float) -> str | None:
    """`value` as ILCD's percentages are written, five digits of which at most three decimals, if it fits."""
    texts = (f"{value:.{decimals}f}" for decimals in (3, 2, 1, 0))
    text = next((text for text in texts if len(text.replace(".", "")) <= 5), None)
    return text if text is not None and (value == 0 or float(text)) else None


def _by(frame: pl.DataFrame, column: str) -> dict[str, list[Row]]:
    """Rows of a table by the value of a column."""
    groups: dict[str, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        groups.setdefault(row[column], []).append(row)
    return groups


# --- XML ---------------------------------------------------------------------------------------------


def _element(name: str, attributes: Mapping[str, Any], *children: str) -> str:
    written = "".join(f" {key}={quoteattr(_string(value))}" for key, value in attributes.items() if value is not None)
    return f"<{name}{written}>{''.join(children)}</{name}>"


def _some(name: str, children: Iterable[str]) -> str:
    """An element, if it has content."""
    content = "".join(children)
    return f"<{name}>{content}</{name}>" if content else ""


def _leaf(name: str, value: Any, attributes: Mapping[str, Any] | None = None) -> str:
    """An element with text, if there is any."""
    return "" if value is None else _element(name, attributes or {}, escape(_string(value), {"\r": "&#13;"}))


def _texts(name: str, value: Any) -> str:
    """An element of a field in several languages."""
    language = "zh" if _CHINESE.search(str(value)) else "en"
    return _leaf(name, value, {"xml:lang": language})


def _string(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else _NOT_XML.sub("\ufffd", str(value))
