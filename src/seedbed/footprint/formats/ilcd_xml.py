"""The data sets of an ILCD package as rows: what each XML file says, before the files are put together."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree import ElementTree

import polars as pl

from seedbed.footprint.formats import ilcd_terms as terms
from seedbed.footprint.formats.ilcd_terms import EXTENSION, clark
from seedbed.footprint.inventory import tables
from seedbed.footprint.inventory.tables import ALLOCATION, EXCHANGES, PARAMETERS, SOURCES, Schema

Element = ElementTree.Element
Row = tuple[Any, ...]
Report = Callable[..., None]
"""Takes columns of DEFECTS as keywords."""

PROCESSES: Schema = {**tables.PROCESSES, "revised": pl.String, "terms": pl.String}
FLOWS: Schema = {**tables.FLOWS, "property": pl.String, "mean": pl.Float64, "ours": pl.Boolean}
METHODS: Schema = {**tables.METHODS, "quantity": pl.String, "revised": pl.String}
FACTORS: Schema = {**tables.FACTORS, "direction": pl.String, "where": pl.String}
FLOW_PROPERTIES: Schema = {"id": pl.String, "name": pl.String, "unit_group": pl.String}
UNIT_GROUPS: Schema = {"id": pl.String, "symbol": pl.String}

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_WEB = ("http://", "https://", "www.", "doi:")


class DataSet(NamedTuple):
    """One data set: its `row` in the table of its kind, and `parts`: rows of other tables that go with it."""

    id: str
    version: tuple[int, ...]
    row: Row
    parts: Mapping[str, list[Row]] = {}


def read(content: bytes, where: str, report: Report) -> tuple[str, DataSet] | None:
    """Kind (a key of `SCHEMAS`) and content of a data set; None, and a defect, if the file is none of ILCD's."""
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        report(kind="file_unreadable", where=f"{where}:{error.position[0]}", detail=str(error))
        return None
    except (LookupError, ValueError) as error:  # an encoding that does not exist
        report(kind="file_unreadable", where=where, detail=str(error))
        return None
    if root.tag not in _READERS:
        report(kind="file_unreadable", where=where, detail=root.tag)
        return None
    kind, reader = _READERS[root.tag]
    return kind, reader(root, where, report)


def number(text: str | None) -> float | None:
    """The finite number that `text` writes, else None."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in (text or "") else None


# --- processes ---------------------------------------------------------------------------------------


def _process(root: Element, where: str, report: Report) -> DataSet:
    about = "p:processInformation/p:dataSetInformation"
    process = _uuid(root, about, where) | _extra(root, "processes", tables.PROCESSES)
    exchanges, references = _exchanges(root, process["id"], where, report)
    _mark_reference(exchanges, references, process["id"], where, report)
    allocation = _allocation(root)
    shares = _our_shares(root) or _shares(root, exchanges, allocation)
    if any(share["method"] == "causal" for share in shares):
        allocation = "causal"
    row = {
        **_names(root, f"{about}/p:name/*"),
        **_coverage(root),
        **_quality(root),
        "category": _path(root, f"{about}/p:classificationInformation/c:classification[1]/c:class"),
        "kind": terms.PROCESS_KINDS.get(_text(root, f"{_METHOD}/p:typeOfDataSet") or ""),
        "allocation": allocation,
        "comment": _comment(root, f"{about}/c:generalComment"),
        "where": where,
        "revised": _revised(root, "p:administrativeInformation"),
        "terms": _text(root, f"{_PUBLICATION}/c:accessRestrictions") or _text(root, f"{_PUBLICATION}/c:licenseType"),
        **process,
    }
    if not (row["name_zh"] or row["name_en"]):
        report(kind="name_missing", process=row["id"], where=where)
    parts = {
        "exchanges": [_row(EXCHANGES, exchange) for exchange in exchanges],
        "parameters": [_row(PARAMETERS, parameter) for parameter in _parameters(root, row["id"], where, report)],
        "allocation": [_row(ALLOCATION, {"process": row["id"], **share}) for share in shares],
    }
    return DataSet(row["id"], _version(root, "p"), _row(PROCESSES, row), parts)


_METHOD = "p:modellingAndValidation/p:LCIMethodAndAllocation"
_TREATMENT = "p:modellingAndValidation/p:dataSourcesTreatmentAndRepresentativeness"
_REVIEW = "p:modellingAndValidation/p:validation/p:review"
_PUBLICATION = "p:administrativeInformation/p:publicationAndOwnership"


def _coverage(root: Element) -> dict[str, Any]:
    """Place, period, yearly volume and source of a process."""
    location = root.find(clark("p:processInformation/p:geography/p:locationOfOperationSupplyOrProduction"))
    return {
        "place": terms.place_code(None if location is None else location.get("location")),
        "start": _year(_text(root, "p:processInformation/p:time/c:referenceYear")),
        "end": _year(_text(root, "p:processInformation/p:time/c:dataSetValidUntil")),
        "volume": number(_text(root, f"{_TREATMENT}/p:annualSupplyOrProductionVolume")),
        "source": _reference(root.find(clark(f"{_TREATMENT}/p:referenceToDataSource"))),
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
    stated = [text for tag in ("p:LCIMethodApproaches", "p:LCIMethodApproach") for text in _texts(root, f"{_METHOD}/{tag}")]
    return next((terms.ALLOCATIONS[text] for text in stated if text in terms.ALLOCATIONS), None)


def _exchanges(root: Element, process: str, where: str, report: Report) -> tuple[list[dict[str, Any]], list[int]]:
    """Exchanges of a process, and the numbers of those it names as reference flows."""
    rows: dict[int, dict[str, Any]] = {}
    for node in root.iterfind(clark("p:exchanges/p:exchange")):
        fields = {child.tag.rpartition("}")[2]: child for child in node}
        if "reminder" in (_content(fields.get("functionType")) or ""):
            continue  # already counted in the other exchanges (ILCD, exchange function type)
        key = _integer(node.get("dataSetInternalID"))
        if key is None or key in rows:
            report(kind="duplicate_id", process=process, where=where, detail=f"dataSetInternalID={key}")
            key = max(rows, default=-1) + 1
        at = {"process": process, "row": key, "flow": _reference(fields.get("referenceToFlowDataSet"))}
        direction = (_content(fields.get("exchangeDirection")) or "").lower() or None
        rows[key] = at | {
            "direction": direction, "reference": False, "avoided": False,
            **_amount(fields, where, lambda at=at, **columns: report(**at, **columns)),
            "source": _reference(node.find(clark("p:referencesToDataSource/p:referenceToDataSource"))),
            "comment": _comment(node, "p:generalComment"),
            **_extra(node, "exchanges", EXCHANGES),
        }  # fmt: skip
    stated = root.iterfind(clark("p:processInformation/p:quantitativeReference/p:referenceToReferenceFlow"))
    return list(rows.values()), [key for node in stated if (key := _integer(_content(node))) is not None]


def _amount(fields: Mapping[str, Element], where: str, report: Report) -> dict[str, Any]:
    """Amount, formula and uncertainty of an exchange, in the unit of its flow's reference property.

    The resulting amount is the mean amount times the value of a variable. A zero marked "Missing important"
    stands for an amount that is not known (ILCD, data derivation type).
    """
    mean, variable = _content(fields.get("meanAmount")), _content(fields.get("referenceToVariable"))
    text = _content(fields.get("resultingAmount")) or (None if variable else mean)
    amount = number(text)
    factor = number(mean)
    formula = None if variable is None else variable if factor in (None, 1.0) else f"{factor!r} * {variable}"
    if amount == 0 and _content(fields.get("dataDerivationTypeStatus")) == "Missing important":
        amount = text = None
    if text is not None and amount is None:
        report(kind="amount_not_number", where=where, detail=text)
    elif amount is None and formula is None:
        report(kind="amount_missing", where=where)
    return {"amount": amount, "formula": formula, **_uncertainty(fields, amount, where, report)}


def _uncertainty(fields: Mapping[str, Element], value: float | None, where: str, report: Report) -> dict[str, Any]:
    """Columns of the distribution of `value`.

    ILCD states the spread of 95 % of the values: the squared geometric standard deviation of a log-normal,
    twice the standard deviation of a normal. A triangle has its mode where its mean is the value
    (mean = (low + mode + high) / 3), if that lies between its bounds.
    """
    kind = _content(fields.get("uncertaintyDistributionType"))
    spread = number(_content(fields.get("relativeStandardDeviation95In")))
    low, high = (
        number(_content(fields.get(f"{bound}Amount", fields.get(f"{bound}Value")))) for bound in ("minimum", "maximum")
    )
    bounds = {"low": low, "high": high}
    if kind in (None, "undefined"):
        return {}
    if kind == "log-normal" and value and spread is not None and spread >= 1:
        return {"distribution": "lognormal", "loc": math.log(abs(value)), "scale": math.log(spread) / 2}
    if kind == "normal" and value is not None and spread is not None and spread >= 0:
        return {"distribution": "normal", "loc": value, "scale": spread / 2}
    if kind == "uniform" and low is not None and high is not None and low <= high:
        return {"distribution": "uniform", **bounds}
    if kind == "triangular" and low is not None and high is not None and value is not None and low <= value <= high:
        mode = 3 * value - low - high
        return {"distribution": "triangular", "loc": mode if low <= mode <= high else value, **bounds}
    report(kind="uncertainty_bad", where=where, value=spread, detail=kind)
    return {}


def _mark_reference(
    exchanges: list[dict[str, Any]], stated: list[int], process: str, where: str, report: Report
) -> None:
    """Mark the reference exchange: of several that are named, the first output, else the first."""
    if any(exchange["reference"] for exchange in exchanges):
        return
    named = sorted((exchange for exchange in exchanges if exchange["row"] in stated), key=lambda e: stated.index(e["row"]))
    chosen = next((exchange for exchange in named if exchange["direction"] == "output"), named[0] if named else None)
    if chosen is None:
        report(kind="reference_missing", process=process, where=where)
    else:
        chosen["reference"] = True


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


def _parameters(root: Element, process: str, where: str, report: Report) -> Iterator[dict[str, Any]]:
    for node in root.iterfind(clark("p:processInformation/p:mathematicalRelations/p:variableParameter")):
        fields = {child.tag.rpartition("}")[2]: child for child in node}
        value = number(_content(fields.get("meanValue")))
        yield {
            "process": process, "name": node.get("name"), "value": value,
            "formula": _content(fields.get("formula")),
            "comment": _comment(node, "p:comment"),
            **_uncertainty(fields, value, where, lambda **columns: report(process=process, **columns)),
            **_extra(node, "parameters", PARAMETERS),
        }  # fmt: skip


# --- the other data sets -----------------------------------------------------------------------------


def _flow(root: Element, where: str, report: Report) -> DataSet:
    about = "f:flowInformation/f:dataSetInformation"
    extra = _extra(root, "flows", tables.FLOWS)
    kind = terms.FLOW_KINDS.get(_text(root, "f:modellingAndValidation/f:LCIMethod/f:typeOfDataSet") or "")
    classes = f"{about}/f:classificationInformation"
    path = _texts(root, f"{classes}/c:elementaryFlowCategorization[1]/c:category") or _texts(
        root, f"{classes}/c:classification[1]/c:class"
    )
    cas = _text(root, f"{about}/f:CASNumber")
    row = {
        **_names(root, f"{about}/f:name/*"),
        "kind": kind,
        "compartment": terms.compartment(path) if kind == "elementary" else None,
        "cas": cas.lstrip("0") if cas else None,
        "formula": _text(root, f"{about}/f:sumFormula"),
        "category": "/".join(path) or None,
        "where": where,
        **_property(root),
        "ours": bool(extra),
        **_uuid(root, about, where),
        **extra,
    }
    return DataSet(row["id"], _version(root, "f"), _row(FLOWS, row))


def _property(root: Element) -> dict[str, Any]:
    """The reference property of a flow, and how much of it one unit of the flow's amounts is."""
    chosen = _text(root, "f:flowInformation/f:quantitativeReference/f:referenceToReferenceFlowProperty")
    found = root.findall(clark("f:flowProperties/f:flowProperty"))
    node = next((node for node in found if node.get("dataSetInternalID") == chosen), found[0] if len(found) == 1 else None)
    if node is None:
        return {}
    property = _reference(node.find(clark("f:referenceToFlowPropertyDataSet")))
    return {"property": property, "mean": number(_text(node, "f:meanValue"))}


def _flow_property(root: Element, where: str, report: Report) -> DataSet:
    about = "fp:flowPropertiesInformation/fp:dataSetInformation"
    names = _names(root, f"{about}/c:name")
    group = root.find(clark("fp:flowPropertiesInformation/fp:quantitativeReference/fp:referenceToReferenceUnitGroup"))
    row = _uuid(root, about, where) | {"name": names["name_en"] or names["name_zh"], "unit_group": _reference(group)}
    return DataSet(row["id"], _version(root, "fp"), _row(FLOW_PROPERTIES, row))


def _unit_group(root: Element, where: str, report: Report) -> DataSet:
    chosen = _text(root, "u:unitGroupInformation/u:quantitativeReference/u:referenceToReferenceUnit")
    names = {unit.get("dataSetInternalID"): _text(unit, "u:name") for unit in root.iterfind(clark("u:units/u:unit"))}
    row = _uuid(root, "u:unitGroupInformation/u:dataSetInformation", where) | {"symbol": names.get(chosen)}
    return DataSet(row["id"], _version(root, "u"), _row(UNIT_GROUPS, row))


def _source(root: Element, where: str, report: Report) -> DataSet:
    about = "s:sourceInformation/s:dataSetInformation"
    short = _comment(root, f"{about}/c:shortName")
    full = _text(root, f"{about}/s:sourceCitation")
    file = root.find(clark(f"{about}/s:referenceToDigitalFile"))
    links = [text for text in (full, None if file is None else file.get("uri")) if text and text.startswith(_WEB)]
    citation = short if full is None or full.startswith(_WEB) else full
    row = {
        "citation": citation,
        "url": links[0] if links else None,
        "year": _published(citation),
        **_uuid(root, about, where),
        **_extra(root, "sources", SOURCES),
    }
    return DataSet(row["id"], _version(root, "s"), _row(SOURCES, row))


def _method(root: Element, where: str, report: Report) -> DataSet:
    about = "m:LCIAMethodInformation/m:dataSetInformation"
    quantity = root.find(clark("m:LCIAMethodInformation/m:quantitativeReference/m:referenceQuantity"))
    row = {
        **_names(root, f"{about}/c:name"),
        "unit": None if quantity is None else _comment(quantity, "c:shortDescription"),
        "quantity": _reference(quantity),
        "source": _reference(root.find(clark(f"{about}/m:referenceToExternalDocumentation"))),
        "revised": _revised(root, "m:administrativeInformation"),
        **_uuid(root, about, where),
        **_extra(root, "methods", tables.METHODS),
    }
    factors = list(_factors(root, row["id"], where, report))
    return DataSet(row["id"], _version(root, "m"), _row(METHODS, row), {"factors": factors})


def _factors(root: Element, method: str, where: str, report: Report) -> Iterator[Row]:
    for node in root.iterfind(clark("m:characterisationFactors/m:factor")):
        flow = _reference(node.find(clark("m:referenceToFlowDataSet")))
        text = _text(node, "m:meanValue")
        factor = number(text)
        if factor is None:
            report(kind="amount_not_number", flow=flow, where=where, detail=text)
            continue
        place = terms.place_code(_text(node, "m:location"))
        yield method, flow, place, factor, (_text(node, "m:exchangeDirection") or "").lower(), where


# --- fields ------------------------------------------------------------------------------------------


def _row(schema: Schema, values: Mapping[str, Any]) -> Row:
    return tuple(values.get(name) for name in schema)


def _content(node: Element | None) -> str | None:
    text = None if node is None else node.text
    return (text and text.strip()) or None


def _text(node: Element, path: str) -> str | None:
    return _content(node.find(clark(path)))


def _texts(node: Element, path: str) -> list[str]:
    return [text for child in node.iterfind(clark(path)) if (text := _content(child))]


def _path(node: Element, path: str) -> str | None:
    return "/".join(_texts(node, path)) or None


def _by_language(nodes: Iterable[Element]) -> dict[str, str]:
    """Text by language (two letters, English if none is stated); several of one language in sequence."""
    parts: dict[str, list[str]] = {}
    for node in nodes:
        if text := _content(node):
            parts.setdefault(node.get(_LANGUAGE, "en")[:2], []).append(text)
    return {language: "; ".join(texts) for language, texts in parts.items()}


def _names(root: Element, path: str) -> dict[str, Any]:
    """Names in Chinese and English; one in another language stands in for English if there is neither."""
    texts = _by_language(root.iterfind(clark(path)))
    zh = texts.get("zh")
    return {"name_zh": zh, "name_en": texts.get("en") or (None if zh else next(iter(texts.values()), None))}


def _comment(node: Element, path: str) -> str | None:
    """Text of a field in several languages: Chinese, else English, else any."""
    texts = _by_language(node.iterfind(clark(path)))
    text = texts.get("zh") or texts.get("en") or next(iter(texts.values()), None)
    return None if text == "nan" else text  # a missing value, as spreadsheets exported by pandas write it


def _integer(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\s*-?\d{1,9}\s*", text) else None


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


def _uuid(root: Element, about: str, where: str) -> dict[str, Any]:
    return {"id": _text(root, f"{about}/c:UUID") or where.rpartition("/")[2].rpartition(".")[0]}


def _version(root: Element, prefix: str) -> tuple[int, ...]:
    text = _text(root, f"{prefix}:administrativeInformation/{prefix}:publicationAndOwnership/c:dataSetVersion")
    return tuple(int(part) for part in re.findall(r"\d+", text or ""))


def _revised(root: Element, administrative: str) -> str | None:
    """Day of the last revision, else of the entry."""
    prefix = administrative.partition(":")[0]
    revised = _text(root, f"{administrative}/{prefix}:publicationAndOwnership/c:dateOfLastRevision")
    return (revised or _text(root, f"{administrative}/{prefix}:dataEntryBy/c:timeStamp") or "")[:10] or None


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
    absent = {name: False if schema[name] == pl.Boolean else None for name in terms.EXTRA[table] if name != "id"}
    return absent | own


def _typed(text: str, kind: Any) -> Any:
    if kind == pl.Boolean:
        return text == "true"
    return {pl.Float64: number, pl.Int32: _integer}.get(kind, str)(text)


_READERS: dict[str, tuple[str, Callable[[Element, str, Report], DataSet]]] = {
    clark("p:processDataSet"): ("processes", _process),
    clark("f:flowDataSet"): ("flows", _flow),
    clark("fp:flowPropertyDataSet"): ("flow_properties", _flow_property),
    clark("u:unitGroupDataSet"): ("unit_groups", _unit_group),
    clark("s:sourceDataSet"): ("sources", _source),
    clark("m:LCIAMethodDataSet"): ("methods", _method),
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
