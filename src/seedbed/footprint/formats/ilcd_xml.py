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
from seedbed.footprint.inventory.tables import Schema

Element = ElementTree.Element
Row = tuple[Any, ...]
Report = Callable[..., None]
"""Takes the columns of a row of DEFECTS as keywords."""

PROCESSES: Schema = {**tables.PROCESSES, "revised": pl.String, "terms": pl.String}
FLOWS: Schema = {**tables.FLOWS, "property": pl.String, "mean": pl.Float64, "ours": pl.Boolean}
METHODS: Schema = {**tables.METHODS, "quantity": pl.String, "revised": pl.String}
FACTORS: Schema = {**tables.FACTORS, "direction": pl.String}
FLOW_PROPERTIES: Schema = {"id": pl.String, "name": pl.String, "unit_group": pl.String}
UNIT_GROUPS: Schema = {"id": pl.String, "symbol": pl.String}

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_WEB = ("http://", "https://", "doi:", "www.")


class DataSet(NamedTuple):
    """One data set: its `row` of the table of its kind, and `parts`, rows of other tables that belong to it."""

    id: str
    version: tuple[int, ...]
    row: Row
    parts: Mapping[str, list[Row]] = {}


def read(content: bytes, where: str, report: Report) -> tuple[str, DataSet] | None:
    """The table and the row of a data set; None, and a defect, if it is no XML or no data set of ILCD's."""
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        report(kind="file_unreadable", where=f"{where}:{error.position[0]}", detail=str(error))
        return None
    except (LookupError, ValueError) as error:  # an encoding that does not exist, or is not kept
        report(kind="file_unreadable", where=where, detail=str(error))
        return None
    if root.tag not in _READERS:
        report(kind="file_unreadable", where=where, detail=root.tag)
        return None
    kind, reader = _READERS[root.tag]
    return kind, reader(root, where, report)


# --- data sets ---------------------------------------------------------------------------------------


def _process(root: Element, where: str, report: Report) -> DataSet:
    info, modelling = "p:processInformation", "p:modellingAndValidation"
    publication = "p:administrativeInformation/p:publicationAndOwnership"
    treatment = f"{modelling}/p:dataSourcesTreatmentAndRepresentativeness"
    method = f"{modelling}/p:LCIMethodAndAllocation"
    extra = _extra(root, "processes", tables.PROCESSES)
    id = extra.get("id") or _uuid(root, f"{info}/p:dataSetInformation", where)
    zh, en = _names(root, f"{info}/p:dataSetInformation/p:name/*")
    row = {
        "id": id, "name_zh": zh, "name_en": en,
        "place": terms.place_code(_attribute(root, f"{info}/p:geography/p:locationOfOperationSupplyOrProduction", "location")),
        "category": "/".join(_texts(root, f"{info}/p:dataSetInformation/p:classificationInformation/c:classification[1]/c:class")) or None,
        "kind": terms.PROCESS_KINDS.get(_text(root, f"{method}/p:typeOfDataSet") or ""),
        "start": _year(_text(root, f"{info}/p:time/c:referenceYear")),
        "end": _year(_text(root, f"{info}/p:time/c:dataSetValidUntil")),
        "volume": number(_text(root, f"{treatment}/p:annualSupplyOrProductionVolume")),
        "allocation": _allocation(root, method),
        "review": _review(root, f"{modelling}/p:validation/p:review"),
        "quality": _quality(root, f"{modelling}/p:validation/p:review/c:dataQualityIndicators/c:dataQualityIndicator"),
        "source": _reference(root.find(clark(f"{treatment}/p:referenceToDataSource"))),
        "comment": _comment(root, f"{info}/p:dataSetInformation/c:generalComment"),
        "where": where, "revised": _revised(root, "p"),
        "terms": _text(root, f"{publication}/c:accessRestrictions") or _text(root, f"{publication}/c:licenseType"),
    }  # fmt: skip
