"""An ILCD process data set as rows: the process, its exchanges, parameters and allocation shares."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from seedbed.base.evidence import from_five
from seedbed.lifecycle.formats.ilcd import epd, terms
from seedbed.lifecycle.formats.ilcd import fields as field
from seedbed.lifecycle.formats.ilcd.fields import Element, File, Found, Report
from seedbed.lifecycle.formats.ilcd.terms import clark
from seedbed.lifecycle.inventory.tables import ALLOCATION, EXCHANGES, PARAMETERS

_METHOD = "p:modellingAndValidation/p:LCIMethodAndAllocation"
_TREATMENT = "p:modellingAndValidation/p:dataSourcesTreatmentAndRepresentativeness"
_REVIEW = "p:modellingAndValidation/p:validation/p:review"
_PUBLICATION = "p:administrativeInformation/p:publicationAndOwnership"


def process(file: File) -> Found:
    """Rows of a process data set."""
    root, fields = file.root, field.children(file.info)
    classes = field.children(fields.get("classificationInformation"))
    exchanges = _exchanges(file)
    _mark_reference(file, exchanges)
    allocation = _allocation(root)
    shares = _our_shares(root) or _shares(root, exchanges, allocation)
    access, licence = (field.text_at(root, f"{_PUBLICATION}/c:{tag}") for tag in ("accessRestrictions", "licenseType"))
    names = field.names(fields.get("name", ()))
    row = {
        **names,
        **_coverage(root),
        **_quality(root),
        "category": "/".join(field.contents(classes.get("classification", ()))) or None,
        "kind": _kind(root, " ".join(filter(None, names.values()))),
        "allocation": shares[0]["method"] if shares else allocation,
        "comment": field.comment(file.info, "c:generalComment"),
        "revised": field.revised(root, "p"),
        "terms": access or licence,
    }
    if not (row["name_zh"] or row["name_en"]):
        file.report("name_missing", process=file.id)
    modules = epd.warming(root, file.id) if _only_results(root, exchanges) else []
    if _only_results(root, exchanges):
        whole = any(row["module"] == epd.PRODUCT[0] for row in modules)
        file.report("epd_modules" if whole else "epd_results", process=file.id,
                    detail=", ".join(row["module"] for row in modules) or names.get("name_en") or names.get("name_zh"))
    return row, {
        "exchanges": [field.as_row(EXCHANGES, {"process": file.id, **exchange}) for exchange in exchanges],
        "parameters": [field.as_row(PARAMETERS, {"process": file.id, **parameter}) for parameter in _parameters(file)],
        "allocation": [field.as_row(ALLOCATION, {"process": file.id, **share}) for share in shares],
        "modules": [field.as_row(epd.MODULES, row) for row in modules],
    }


def _only_results(root: Element, exchanges: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a data set is an environmental product declaration: a product, results by module, no inventory."""
    declared = field.text_at(root, f"{_METHOD}/p:typeOfDataSet") == "EPD"
    results = any(element.tag.rpartition("}")[2] == "LCIAResult" for element in root.iter())
    return (declared or results) and all(exchange.get("reference") for exchange in exchanges)


def _kind(root: Element, name: str) -> str | None:
    """Kind of a process; ILCD has no type for supply mixes, they say it in the name (or in its field for mixes)."""
    kind = terms.PROCESS_KINDS.get(field.text_at(root, f"{_METHOD}/p:typeOfDataSet") or "")
    return "market" if kind != "system" and terms.supply_mix().search(name) else kind


def _coverage(root: Element) -> dict[str, Any]:
    """Place, period, yearly volume and source of a process."""
    location = root.find(clark("p:processInformation/p:geography/p:locationOfOperationSupplyOrProduction"))
    source = root.find(clark(f"{_TREATMENT}/p:referenceToDataSource"))
    return {
        "place": terms.place_code(None if location is None else location.get("location")),
        "start": field.year(field.text_at(root, "p:processInformation/p:time/c:referenceYear")),
        "end": field.year(field.text_at(root, "p:processInformation/p:time/c:dataSetValidUntil")),
        "volume": field.number(field.text_at(root, f"{_TREATMENT}/p:annualSupplyOrProductionVolume")),
        "source": field.reference(source),
        "cited": None if source is None else field.comment(source, "c:shortDescription"),
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
    return {"review": strongest[-1] if strongest else None, "quality": from_five(judged.get("Overall quality", mean))}


def _allocation(root: Element) -> str | None:
    """The first approach to allocation that says how; TianGong writes the field without its plural."""
    tags = ("p:LCIMethodApproaches", "p:LCIMethodApproach")
    stated = [text for tag in tags for text in field.texts_at(root, f"{_METHOD}/{tag}")]
    return next((terms.ALLOCATIONS[text] for text in stated if text in terms.ALLOCATIONS), None)


def _exchanges(file: File) -> list[dict[str, Any]]:
    """Exchanges of a process."""
    rows: dict[int, dict[str, Any]] = {}
    for node in file.root.iterfind(clark("p:exchanges/p:exchange")):
        fields = field.children(node)
        if "reminder" in (field.content(fields.get("functionType")) or ""):
            # already counted in the other exchanges (ILCD, exchange function type)
            file.report("counted_elsewhere", process=file.id, detail=node.get("dataSetInternalID"),
                        flow=field.reference(fields.get("referenceToFlowDataSet")))
            continue
        number = field.integer(node.get("dataSetInternalID"))
        if number is None or number in rows:
            file.report("duplicate_id", process=file.id, detail=f"dataSetInternalID={number}")
            number = max(rows, default=-1) + 1
        key = {"row": number, "flow": field.reference(fields.get("referenceToFlowDataSet"))}
        report = partial(file.report, process=file.id, **key)
        extra = field.extra(node, "exchanges", EXCHANGES)
        amount, formula = _amount(fields, extra.get("formula"), report)
        rows[number] = key | {
            "direction": (field.content(fields.get("exchangeDirection")) or "").lower() or None,
            "amount": amount, "formula": formula, "reference": False, "avoided": False,
            "source": field.reference(node.find(clark("p:referencesToDataSource/p:referenceToDataSource"))),
            "comment": field.comment(node, "p:generalComment"),
            "location": terms.place_code(field.content(fields.get("location"))),
            **(extra or _uncertainty(fields, "Amount", amount, report)),
        }
    return list(rows.values())


def _amount(
    fields: Mapping[str, Element], formula: str | None, report: Report
) -> tuple[float | None, str | None]:
    """Amount of an exchange, in the unit of its flow's reference property, and the formula it follows.

    The resulting amount is the mean amount times the value of a variable. A zero marked "Missing important"
    stands for an amount that is not known (ILCD, data derivation type).
    """
    mean, variable = field.content(fields.get("meanAmount")), field.content(fields.get("referenceToVariable"))
    text = field.content(fields.get("resultingAmount")) or (None if variable else mean)
    amount, factor = field.number(text), field.number(mean)
    if formula is None and variable is not None:
        formula = variable if factor in (None, 1.0) else f"{factor!r} * {variable}"
    if amount == 0 and field.content(fields.get("dataDerivationTypeStatus")) == "Missing important":
        amount = text = None
    if text is not None and amount is None:
        report("amount_not_number", detail=text)
    elif amount is None and formula is None:
        report("amount_missing")
    return amount, formula


def _uncertainty(fields: Mapping[str, Element], suffix: str, value: float | None, report: Report) -> dict[str, Any]:
    """Columns of the distribution of `value`.

    ILCD states the spread of 95 % of the values: the squared geometric standard deviation of a log-normal,
    twice the standard deviation of a normal. A triangle has its mode where its mean is the value
    (mean = (low + mode + high) / 3), if that lies between its bounds.
    """
    kind = field.content(fields.get("uncertaintyDistributionType"))
    if kind in (None, "undefined"):
        return {}
    spread = field.number(field.content(fields.get("relativeStandardDeviation95In")))
    low, high = (field.number(field.content(fields.get(f"{bound}{suffix}"))) for bound in ("minimum", "maximum"))
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


def _mark_reference(file: File, exchanges: list[dict[str, Any]]) -> None:
    """Mark the reference exchange: of several that are named, the first output, else the first."""
    if any(exchange["reference"] for exchange in exchanges):
        return
    by_row = {exchange["row"]: exchange for exchange in exchanges}
    stated = field.texts_at(file.root, "p:processInformation/p:quantitativeReference/p:referenceToReferenceFlow")
    named = [by_row[row] for text in stated if (row := field.integer(text)) in by_row]
    named.sort(key=lambda exchange: exchange["direction"] != "output")
    if named:
        named[0]["reference"] = True
    else:
        file.report("reference_missing", process=file.id)


def _shares(root: Element, exchanges: list[dict[str, Any]], allocation: str | None) -> list[dict[str, Any]]:
    """Allocated fractions. Where each product states only its own, they are shares of the whole process."""
    flows = {exchange["row"]: exchange["flow"] for exchange in exchanges}
    stated = [
        (field.integer(node.get("dataSetInternalID")), share)
        for node in root.iterfind(clark("p:exchanges/p:exchange"))
        for share in node.iterfind(clark("p:allocations/p:allocation"))
    ]
    found = [
        (row, product, percent / 100)
        for row, share in stated
        if (product := field.integer(share.get("internalReferenceToCoProduct"))) in flows and row in flows
        if (percent := field.number(share.get("allocatedFraction"))) is not None
    ]
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
    return [field.own(node, ALLOCATION) for node in root.iterfind(clark(f"{_METHOD}/c:other/e:allocation"))]


def _parameters(file: File) -> Iterator[dict[str, Any]]:
    for node in file.root.iterfind(clark("p:processInformation/p:mathematicalRelations/p:variableParameter")):
        fields = field.children(node)
        extra = field.extra(node, "parameters", PARAMETERS)
        value = field.number(field.content(fields.get("meanValue")))
        if name := node.get("name"):
            yield {
                "name": name, "value": value, "formula": field.content(fields.get("formula")),
                "comment": field.comment(node, "p:comment"),
                **(extra or _uncertainty(fields, "Value", value, partial(file.report, process=file.id))),
            }
