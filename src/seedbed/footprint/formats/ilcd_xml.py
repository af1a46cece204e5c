"""The data sets of an ILCD package as rows: what each XML file says, before the files are put together."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

import polars as pl

from seedbed.footprint.formats import ilcd_terms as terms
from seedbed.footprint.formats.ilcd_terms import EXTENSION, clark
from seedbed.footprint.inventory import tables
from seedbed.footprint.inventory.tables import ALLOCATION, EXCHANGES, PARAMETERS, SOURCES, Schema

Element = ElementTree.Element
Row = tuple[Any, ...]
Found = tuple[dict[str, Any], dict[str, list[Row]]]
"""A row of the data set's own table, and rows of other tables."""
Report = Callable[..., None]
"""Takes the kind of a defect and columns of DEFECTS as keywords."""

PROCESSES: Schema = {**tables.PROCESSES, "revised": pl.String, "terms": pl.String, "cited": pl.String}
FLOWS: Schema = {**tables.FLOWS, "property": pl.String, "mean": pl.Float64, "ours": pl.Boolean}
METHODS: Schema = {**tables.METHODS, "quantity": pl.String, "revised": pl.String}
FACTORS: Schema = {**tables.FACTORS, "direction": pl.String, "where": pl.String}
FLOW_PROPERTIES: Schema = {"id": pl.String, "name": pl.String, "unit_group": pl.String}
UNIT_GROUPS: Schema = {"id": pl.String, "symbol": pl.String}

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_WEB = ("http://", "https://", "www.", "doi:")


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set: its `row` in the table of its kind, rows of other tables that go with it, what is wrong with it."""

    kind: str  # a key of SCHEMAS
    id: str
    version: tuple[int, ...]
    row: Row
    parts: Mapping[str, list[Row]]
    defects: list[dict[str, Any]]


class UnreadableError(Exception):
    """A file that is not XML, or not a data set of ILCD's: `where` is file and line, `detail` the reason."""

    def __init__(self, where: str, detail: str) -> None:
        super().__init__(f"{where}: {detail}")
        self.where, self.detail = where, detail


@dataclass(frozen=True, slots=True)
class _File:
    """What the reader of a data set gets: the root, its data set information and a list for defects."""

    root: Element
    info: Element
    id: str
    where: str
    defects: list[dict[str, Any]]

    def report(self, kind: str, **columns: Any) -> None:
        """Note a defect; `columns` are those of DEFECTS."""
        self.defects.append({"kind": kind, "where": self.where, **columns})


def read(content: bytes, where: str) -> DataSet:
    """The data set in a file. Raises UnreadableError."""
    try:
        root = ElementTree.fromstring(content)
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
    extra = _extra(root, kind, SCHEMAS[kind])
    id = extra.get("id") or _text(info, "c:UUID") or PurePosixPath(where).stem
    file = _File(root, info, id, where, [])
    row, parts = reader(file)
    row = {**row, "id": id, "where": where, "ours": bool(extra), **extra}
    version = _text(root, f"{prefix}:administrativeInformation/{prefix}:publicationAndOwnership/c:dataSetVersion")
    numbers = tuple(int(part) for part in re.findall(r"\d+", version or ""))
    return DataSet(kind, id, numbers, _row(SCHEMAS[kind], row), parts, file.defects)


def number(text: str | None) -> float | None:
    """The finite number that `text` writes, else None."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in (text or "") else None


# --- processes ---------------------------------------------------------------------------------------


def _process(file: _File) -> Found:
    root, fields = file.root, _fields(file.info)
    exchanges = _exchanges(file)
    _mark_reference(file, exchanges)
    allocation = _allocation(root)
    shares = _our_shares(root) or _shares(root, exchanges, allocation)
    row = {
        **_names(fields.get("name", ())),
        **_coverage(root),
        **_quality(root),
        "category": "/".join(_contents(_fields(fields.get("classificationInformation")).get("classification", ()))) or None,
        "kind": terms.PROCESS_KINDS.get(_text(root, f"{_METHOD}/p:typeOfDataSet") or ""),
        "allocation": shares[0]["method"] if shares else allocation,
        "comment": _comment(file.info, "c:generalComment"),
        "revised": _revised(root, "p"),
        "terms": _text(root, f"{_PUBLICATION}/c:accessRestrictions") or _text(root, f"{_PUBLICATION}/c:licenseType"),
    }
    if not (row["name_zh"] or row["name_en"]):
        file.report("name_missing", process=file.id)
    return row, {
        "exchanges": [_row(EXCHANGES, {"process": file.id, **exchange}) for exchange in exchanges],
        "parameters": [_row(PARAMETERS, {"process": file.id, **parameter}) for parameter in _parameters(file)],
        "allocation": [_row(ALLOCATION, {"process": file.id, **share}) for share in shares],
    }


_METHOD = "p:modellingAndValidation/p:LCIMethodAndAllocation"
_TREATMENT = "p:modellingAndValidation/p:dataSourcesTreatmentAndRepresentativeness"
_REVIEW = "p:modellingAndValidation/p:validation/p:review"
_PUBLICATION = "p:administrativeInformation/p:publicationAndOwnership"


def _coverage(root: Element) -> dict[str, Any]:
    """Place, period, yearly volume and source of a process."""
    location = root.find(clark("p:processInformation/p:geography/p:locationOfOperationSupplyOrProduction"))
    source = root.find(clark(f"{_TREATMENT}/p:referenceToDataSource"))
    return {
        "place": terms.place_code(None if location is None else location.get("location")),
        "start": _year(_text(root, "p:processInformation/p:time/c:referenceYear")),
        "end": _year(_text(root, "p:processInformation/p:time/c:dataSetValidUntil")),
        "volume": number(_text(root, f"{_TREATMENT}/p:annualSupplyOrProductionVolume")),
        "source": _reference(source),
        "cited": None if source is None else _comment(source, "c:shortDescription"),
    }


def _quality(root: Element) -> dict[str, Any]:
    """The strongest review, and the score of the overall quality (or the mean of the criteria judged)."""
    found = {terms.REVIEWS.get(review.get("type", "")) for review in root.iterfind(clark(_REVIEW))}
    judged = {
        item.get("name"): terms.QUALITIES[item.get("value", "")]
        for item in root.iterfind(clark(f"{_REVIEW}/c:dataQualityIndicators/c:dataQualityIndicator"))
        if item.get("value") in terms.QUALITIES
    }
    mean = sum(judged.values()) / len(judged) if judged else None
    strongest = [review for review in dict.fromkeys(terms.REVIEWS.values()) if review in found]
    return {"review": strongest[-1] if strongest else None, "quality": judged.get("Overall quality", mean)}


def _allocation(root: Element) -> str | None:
    """The first approach to allocation that says how; TianGong writes the field without its plural."""
    fields = ("p:LCIMethodApproaches", "p:LCIMethodApproach")
    stated = [text for field in fields for text in _texts(root, f"{_METHOD}/{field}")]
    return next((terms.ALLOCATIONS[text] for text in stated if text in terms.ALLOCATIONS), None)


def _exchanges(file: _File) -> list[dict[str, Any]]:
    """Exchanges of a process."""
    rows: dict[int, dict[str, Any]] = {}
    for node in file.root.iterfind(clark("p:exchanges/p:exchange")):
        fields = _fields(node)
        if "reminder" in (_content(fields.get("functionType")) or ""):
            continue  # already counted in the other exchanges (ILCD, exchange function type)
        number = _integer(node.get("dataSetInternalID"))
        if number is None or number in rows:
            file.report("duplicate_id", process=file.id, detail=f"dataSetInternalID={number}")
            number = max(rows, default=-1) + 1
        key = {"row": number, "flow": _reference(fields.get("referenceToFlowDataSet"))}
        rows[number] = key | {
            "direction": (_content(fields.get("exchangeDirection")) or "").lower() or None,
            "reference": False, "avoided": False,
            **_amount(fields, partial(file.report, process=file.id, **key)),
            "source": _reference(node.find(clark("p:referencesToDataSource/p:referenceToDataSource"))),
            "comment": _comment(node, "p:generalComment"),
            **_extra(node, "exchanges", EXCHANGES),
        }  # fmt: skip
    return list(rows.values())


def _amount(fields: Mapping[str, Element], report: Report) -> dict[str, Any]:
    """Amount, formula and uncertainty of an exchange, in the unit of its flow's reference property.

    The resulting amount is the mean amount times the value of a variable. A zero marked "Missing important"
    stands for an amount that is not known (ILCD, data derivation type).
    """
    mean, variable = _content(fields.get("meanAmount")), _content(fields.get("referenceToVariable"))
    text = _content(fields.get("resultingAmount")) or (None if variable else mean)
    amount, factor = number(text), number(mean)
    formula = variable if variable is None or factor in (None, 1.0) else f"{factor!r} * {variable}"
    if amount == 0 and _content(fields.get("dataDerivationTypeStatus")) == "Missing important":
        amount = text = None
    if text is not None and amount is None:
        report("amount_not_number", detail=text)
    elif amount is None and formula is None:
        report("amount_missing")
    return {"amount": amount, "formula": formula, **_uncertainty(fields, "Amount", amount, report)}


def _uncertainty(fields: Mapping[str, Element], suffix: str, value: float | None, report: Report) -> dict[str, Any]:
    """Columns of the distribution of `value`.

    ILCD states the spread of 95 % of the values: the squared geometric standard deviation of a log-normal,
    twice the standard deviation of a normal. A triangle has its mode where its mean is the value
    (mean = (low + mode + high) / 3), if that lies between its bounds.
    """
    kind = _content(fields.get("uncertaintyDistributionType"))
    if kind in (None, "undefined"):
        return {}
    spread = number(_content(fields.get("relativeStandardDeviation95In")))
    low, high = (number(_content(fields.get(f"{bound}{suffix}"))) for bound in ("minimum", "maximum"))
    bounds = {"low": low, "high": high}
    if kind == "log-normal" and value and spread is not None and spread >= 1:
        return {"distribution": "lognormal", "loc": math.log(abs(value)), "scale": math.log(spread) / 2}
    if kind == "normal" and value is not None and spread is not None and spread >= 0:
        return {"distribution": "normal", "loc": value, "scale": spread / 2}
    if kind == "uniform" and low is not None and high is not None and low <= high:
        return {"distribution": "uniform", **bounds}
    if kind == "triangular" and low is not None and high is not None and value is not None and low <= value <= high:
        mode = 3 * value - low - high
        return {"distribution": "triangular", "loc": mode if low <= mode <= high else value, **bounds}
    report("uncertainty_bad", value=spread, detail=kind)
    return {}


def _mark_reference(file: _File, exchanges: list[dict[str, Any]]) -> None:
    """Mark the reference exchange: of several that are named, the first output, else the first."""
    if any(exchange["reference"] for exchange in exchanges):
        return
    by_row = {exchange["row"]: exchange for exchange in exchanges}
    stated = _texts(file.root, "p:processInformation/p:quantitativeReference/p:referenceToReferenceFlow")
    named = [by_row[row] for text in stated if (row := _integer(text)) in by_row]
    named.sort(key=lambda exchange: exchange["direction"] != "output")
    if named:
        named[0]["reference"] = True
    else:
        file.report("reference_missing", process=file.id)


def _shares(root: Element, exchanges: list[dict[str, Any]], allocation: str | None) -> list[dict[str, Any]]:
    """Allocated fractions. Where each product states only its own, they are shares of the whole process."""
    flows = {exchange["row"]: exchange["flow"] for exchange in exchanges}
    found = [
        (_integer(node.get("dataSetInternalID")), _integer(share.get("internalReferenceToCoProduct")), percent / 100)
        for node in root.iterfind(clark("p:exchanges/p:exchange"))
        for share in node.iterfind(clark("p:allocations/p:allocation"))
        if (percent := number(share.get("allocatedFraction"))) is not None
    ]
    found = [(row, product, factor) for row, product, factor in found if row in flows and product in flows]
    if all(row == product for row, product, _ in found):
        method = "economic" if allocation == "economic" else "physical"
        return [{"flow": flows[product], "method": method, "factor": factor} for _, product, factor in found]
    return [
        {"flow": flows[product], "method": "causal", "row": row, "factor": factor}
        for row, product, factor in found
        if row != product
    ]


def _our_shares(root: Element) -> list[dict[str, Any]]:
    """Shares as our packages carry them."""
    return [_own(node, ALLOCATION) for node in root.iterfind(clark(f"{_METHOD}/c:other/e:allocation"))]


def _parameters(file: _File) -> Iterator[dict[str, Any]]:
    for node in file.root.iterfind(clark("p:processInformation/p:mathematicalRelations/p:variableParameter")):
        fields = _fields(node)
        value = number(_content(fields.get("meanValue")))
        if name := node.get("name"):
            yield {
                "name": name, "value": value, "formula": _content(fields.get("formula")),
                "comment": _comment(node, "p:comment"),
                **_uncertainty(fields, "Value", value, partial(file.report, process=file.id)),
                **_extra(node, "parameters", PARAMETERS),
            }  # fmt: skip


# --- the other data sets -----------------------------------------------------------------------------


def _flow(file: _File) -> Found:
    fields = _fields(file.info)
    kind = terms.FLOW_KINDS.get(_text(file.root, "f:modellingAndValidation/f:LCIMethod/f:typeOfDataSet") or "")
    classes = _fields(fields.get("classificationInformation"))
    levels = _contents(classes.get("elementaryFlowCategorization", classes.get("classification", ())))
    cas = _content(fields.get("CASNumber"))
    return {
        **_names(fields.get("name", ())),
        "kind": kind,
        "compartment": terms.compartment(levels) if kind == "elementary" else None,
        "cas": cas.lstrip("0") if cas else None,
        "formula": _content(fields.get("sumFormula")),
        "category": "/".join(levels) or None,
        **_property(file.root),
    }, {}


def _property(root: Element) -> dict[str, Any]:
    """The reference property of a flow, and how much of it one unit of the flow's amounts is."""
    chosen = _text(root, "f:flowInformation/f:quantitativeReference/f:referenceToReferenceFlowProperty")
    found = root.findall(clark("f:flowProperties/f:flowProperty"))
    named = [node for node in found if node.get("dataSetInternalID") == chosen]
    fields = _fields(next(iter(named or (found if len(found) == 1 else [])), None))
    property = _reference(fields.get("referenceToFlowPropertyDataSet"))
    return {"property": property, "mean": number(_content(fields.get("meanValue")))}


def _flow_property(file: _File) -> Found:
    names = _names(file.info.iterfind(clark("c:name")))
    path = "fp:flowPropertiesInformation/fp:quantitativeReference/fp:referenceToReferenceUnitGroup"
    group = _reference(file.root.find(clark(path)))
    return {"name": names["name_en"] or names["name_zh"], "unit_group": group}, {}


def _unit_group(file: _File) -> Found:
    chosen = _text(file.root, "u:unitGroupInformation/u:quantitativeReference/u:referenceToReferenceUnit")
    units = file.root.iterfind(clark("u:units/u:unit"))
    return {"symbol": {unit.get("dataSetInternalID"): _text(unit, "u:name") for unit in units}.get(chosen)}, {}


def _source(file: _File) -> Found:
    short, full = _comment(file.info, "c:shortName"), _text(file.info, "s:sourceCitation")
    files = [node.get("uri") for node in file.info.iterfind(clark("s:referenceToDigitalFile"))]
    links = [text for text in (full, *files) if text and text.startswith(_WEB)]
    citation = short if full is None or full.startswith(_WEB) else full
    return {"citation": citation, "url": links[0] if links else None, "year": _published(citation)}, {}


def _method(file: _File) -> Found:
    quantity = file.root.find(clark("m:LCIAMethodInformation/m:quantitativeReference/m:referenceQuantity"))
    row = {
        **_names(file.info.iterfind(clark("c:name"))),
        "unit": None if quantity is None else _comment(quantity, "c:shortDescription"),
        "quantity": _reference(quantity),
        "source": _reference(file.info.find(clark("m:referenceToExternalDocumentation"))),
        "revised": _revised(file.root, "m"),
    }
    return row, {"factors": list(_factors(file))}


def _factors(file: _File) -> Iterator[Row]:
    for node in file.root.iterfind(clark("m:characterisationFactors/m:factor")):
        fields = _fields(node)
        flow, text = _reference(fields.get("referenceToFlowDataSet")), _content(fields.get("meanValue"))
        factor = number(text)
        if factor is None:
            file.report("amount_not_number", flow=flow, detail=text)
            continue
        place = terms.place_code(_content(fields.get("location")))
        yield file.id, flow, place, factor, (_content(fields.get("exchangeDirection")) or "").lower(), file.where


# --- fields ------------------------------------------------------------------------------------------


def _row(schema: Schema, values: Mapping[str, Any]) -> Row:
    return tuple(values.get(name) for name in schema)


def _content(node: Element | None) -> str | None:
    text = None if node is None else node.text
    return (text and text.strip()) or None


def _fields(node: Element | None) -> dict[str, Element]:
    """The children of a node by name, the first of each."""
    fields: dict[str, Element] = {}
    for child in () if node is None else node:
        fields.setdefault(child.tag.rpartition("}")[2], child)
    return fields


def _text(node: Element, path: str) -> str | None:
    return _content(node.find(clark(path)))


def _texts(node: Element, path: str) -> list[str]:
    return _contents(node.iterfind(clark(path)))


def _contents(nodes: Iterable[Element]) -> list[str]:
    return [text for node in nodes if (text := _content(node))]


def _by_language(nodes: Iterable[Element]) -> dict[str, str]:
    """Text by language (two letters, English if none is stated); several of one language in sequence."""
    parts: dict[str, list[str]] = {}
    for node in nodes:
        if text := _content(node):
            parts.setdefault(node.get(_LANGUAGE, "en")[:2], []).append(text)
    return {language: "; ".join(texts) for language, texts in parts.items()}


def _names(nodes: Iterable[Element]) -> dict[str, Any]:
    """Names in Chinese and English; one in another language stands in for English if there is neither."""
    texts = _by_language(nodes)
    zh = texts.get("zh")
    return {"name_zh": zh, "name_en": texts.get("en") or (None if zh else next(iter(texts.values()), None))}


def _comment(node: Element, path: str) -> str | None:
    """Text of a field in several languages: Chinese, else English, else any."""
    texts = _by_language(node.iterfind(clark(path)))
    text = texts.get("zh") or texts.get("en") or next(iter(texts.values()), None)
    return None if text == "nan" else text  # a missing value, as spreadsheets exported by pandas write it


def _integer(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"-?\d{1,10}", text) and abs(int(text)) < 2**31 else None


def _year(text: str | None) -> int | None:
    match = re.match(r"\d{4}", text or "")
    return int(match[0]) if match else None


def _published(citation: str | None) -> int | None:
    """The year of a citation, if there is one year only, or one in brackets: `… 919–937 (2017)`."""
    years = _YEAR.findall(citation or "")
    if len(set(years)) > 1:
        years = re.findall(r"((?:19|20)\d\d)[a-z]?[)）]", citation or "")
    return int(years[0]) if len(set(years)) == 1 else None


def _reference(node: Element | None) -> str | None:
    """Id of the data set that a reference names."""
    return None if node is None else node.get(clark("e:id")) or node.get("refObjectId") or None


def _revised(root: Element, prefix: str) -> str | None:
    """Day of the last revision, else of the entry."""
    administrative = f"{prefix}:administrativeInformation/{prefix}:"
    revised = _text(root, f"{administrative}publicationAndOwnership/c:dateOfLastRevision")
    return (revised or _text(root, f"{administrative}dataEntryBy/c:timeStamp") or "")[:10] or None


def _own(node: Element, schema: Schema) -> dict[str, Any]:
    """Columns of `schema` that a package of ours put on `node`."""
    prefix = f"{{{EXTENSION}}}"
    attributes = {key.removeprefix(prefix): text for key, text in node.items() if key.startswith(prefix)}
    return {name: _typed(text, schema[name]) for name, text in attributes.items() if name in schema}


def _extra(node: Element, table: str, schema: Schema) -> dict[str, Any]:
    """The columns `EXTRA[table]` of a row that we wrote; nothing if others did."""
    own = _own(node, schema)
    if not own:
        return {}
    absent = {name: False if schema[name] == pl.Boolean else None for name in terms.EXTRA.get(table, ()) if name != "id"}
    return absent | own


def _typed(text: str, kind: Any) -> Any:
    if kind == pl.Boolean:
        return text == "true"
    return {pl.Float64: number, pl.Int32: _integer}.get(kind, str)(text)


_READERS: dict[str, tuple[str, str, Callable[[_File], Found]]] = {
    clark("p:processDataSet"): ("processes", "p:processInformation", _process),
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
}
