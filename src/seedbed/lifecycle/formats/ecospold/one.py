"""EcoSpold 1: reads the XML exchange format of ecoinvent 1 and 2, which SimaPro and openLCA write too.

A file holds any number of datasets (a process each) in the namespace `http://www.EcoInvent.org/EcoSpold01`.
How the tables are filled where the format says it in its own way:

- the group of an exchange gives its direction: inputs 1, 2, 3 and 5 come from the technosphere and 4 from
  nature; outputs are 0 the reference product, 1 an avoided product, 2 a co-product, 3 waste for treatment
  and 4 to nature;
- exchange numbers identify nothing beyond their dataset (ecoinvent gives a product the number of the
  dataset that makes it, others count), so a flow is what bears one name: its id is a hash of kind, name,
  compartment and dimension of the unit, the same in every file. Processes keep the number of their dataset;
- an input names its supplier by number (ecoinvent) or by product and place; where that fits exactly one
  dataset it is the `provider`;
- `standardDeviation95` is GSD² of a lognormal and 2 s.d. of a normal distribution;
- allocation fractions are percentages, for each co-product and exchange.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from lxml import etree

from seedbed.base import units
from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats.collect import Collector, in_flow_units
from seedbed.lifecycle.formats.fields import (
    KNOWN,
    SPREAD,
    UNKNOWN_YEAR,
    Spread,
    calendar_year,
    cas_number,
    compartment,
    content_id,
    dimension,
    lognormal,
    names,
    number,
    pedigree,
    said,
    spread,
    symbol,
)
from seedbed.lifecycle.formats.packages import UNREADABLE, XML, Member, Progress, database_name, members
from seedbed.lifecycle.inventory.tables import TABLES, Reading

_NAMESPACE = "{http://www.EcoInvent.org/EcoSpold01}"
_TO_NATURE, _FROM_NATURE = ("outputGroup", "4"), ("inputGroup", "4")
_GROUPS = {  # element, code: kind of flow, direction, reference, avoided
    ("inputGroup", "1"): ("product", "input", False, False),
    ("inputGroup", "2"): ("product", "input", False, False),
    ("inputGroup", "3"): ("product", "input", False, False),
    _FROM_NATURE: ("elementary", "input", False, False),
    ("inputGroup", "5"): ("product", "input", False, False),
    ("outputGroup", "0"): ("product", "output", True, False),
    ("outputGroup", "1"): ("product", "output", False, True),
    ("outputGroup", "2"): ("product", "output", False, False),
    ("outputGroup", "3"): ("waste", "output", False, False),
    _TO_NATURE: ("elementary", "output", False, False),
}
_NO_GROUP = ("product", None, False, False)
_DISTRIBUTIONS = {"1": "lognormal", "2": "normal", "3": "triangular", "4": "uniform"}
_SYSTEMS = ("0", "2")  # dataset types: system non-terminated, system terminated
_IMPACT_TYPES = ("3", "4")  # dataset types that are no process: elementary flow, impact category


def read(path: Path, *, name: str | None = None, progress: Progress | None = None) -> Reading:
    """Read an EcoSpold 1 file, or all of a folder or zip file. `progress` is told bytes read and bytes in all.

    Amounts are in the unit of the flow, which is the unit its maker uses. Bad records become defects, located
    as `file, dataset number`. Raises InvalidInputError only if there is no EcoSpold 1 dataset at all.
    """
    reader = _Reader()
    with members(path, ".xml", ".spold") as files:
        total, done = sum(file.size for file in files), 0
        for file in files:
            reader.read_file(file, progress and (lambda n, done=done: progress(done + n, total)))
            done += file.size
            if progress:
                progress(done, total)
    if not reader.datasets:
        why = "".join(f" ({file}: {detail})" for file, detail in list(reader.damaged.items())[:1])
        raise InvalidInputError(f"there is no EcoSpold 1 dataset here that can be read{why}.", where=path.name,
                                fix="give an EcoSpold 1 file; EcoSpold 2 has a reader of its own.")
    return reader.reading(database_name(name, None, path))


class _Row(NamedTuple):
    """An exchange as allocations refer to it."""

    number: int
    flow: str
    direction: str | None


class _Reader:
    def __init__(self) -> None:
        self.collected = Collector()
        self.datasets = self.met = 0  # processes, and datasets of any kind
        self.damaged: dict[str, str] = {}  # files, and why
        self.processes: set[str] = set()
        self.sources: set[str] = set()
        self.flow_units: dict[str, str | None] = {}
        self.seen: set[str] = set()
        self.made: set[str] = set()  # flows whose unit is that of a maker
        self.named: list[tuple[str | None, str | None]] = []  # number and place of each exchange: names of its supplier
        self.numbering: set[str] = set()  # processes whose own product bears the number of their dataset

    def read_file(self, file: Member, progress: Callable[[int], None] | None) -> None:
        before = self.met
        for element in self.parsed(file, progress):
            self.met += 1
            self.dataset(element, file.name)
        if self.met == before and file.name not in self.damaged:
            with file.open() as stream:
                ours = b"ecospold" in stream.read(4096).lower()
            self.collected.defect("file_unreadable" if ours else "not_inventory", file.name, detail="dataset")

    def parsed(self, file: Member, progress: Callable[[int], None] | None) -> Iterator[Any]:
        """Datasets one by one as they are parsed; a damaged file gives those before the damage."""
        try:
            with file.open() as stream:
                for _, element in etree.iterparse(stream, tag=f"{_NAMESPACE}dataset", **XML):
                    yield element
                    element.clear()
                    if progress:
                        progress(min(stream.tell(), file.size))
        except (etree.XMLSyntaxError, *UNREADABLE) as error:
            self.damaged[file.name] = str(error)
            self.collected.defect("file_unreadable", file.name, detail=str(error))

    def dataset(self, dataset: Any, file: str) -> None:
        about: dict[str, Any] = {}
        for element in dataset.iterfind(f"{_NAMESPACE}metaInformation//*"):
            about.setdefault(element.tag.removeprefix(_NAMESPACE), element)
        kind = _attribute(about, "dataSetInformation", "type")
        if kind in _IMPACT_TYPES:
            self.collected.tally.saw(file, "processes", None)
            title = _attribute(about, "referenceFunction", "name")
            self.collected.defect("file_unreadable", f"{file}, dataset {dataset.get('number')}", detail=title)
            return
        self.datasets += 1
        place = said(_attribute(about, "geography", "location"))
        process, where = self.identify(dataset.get("number"), about, place, file)
        sources = self.read_sources(dataset)
        start, end = (self.year(about, edge, process, where) for edge in ("start", "end"))
        rows: dict[str, list[_Row]] = {}
        listed = list(dataset.iterfind(f"{_NAMESPACE}flowData/{_NAMESPACE}exchange"))
        self.collected.tally.saw(file, "processes", process)
        self.collected.tally.saw(file, "exchanges", process, len(listed))
        chief = _chief(dataset, listed, _attribute(about, "referenceFunction", "name"))
        for row, exchange in enumerate(listed, start=1):
            added = self.exchange(process, row, exchange, sources, where, chief=exchange is chief)
            rows.setdefault(exchange.get("number", ""), []).append(added)
            makes = exchange is chief or _group(exchange) == _REFERENCE
            if makes and exchange.get("number") == dataset.get("number"):
                self.numbering.add(process)
        local = names(_attribute(about, "referenceFunction", "localName"))
        titles = {key: title for key, title in local.items() if key == "name_zh"}
        titles |= names(_attribute(about, "referenceFunction", "name"))
        if not titles:
            self.collected.defect("name_missing", where, process=process)
        self.collected.add(
            "processes", id=process, **titles, place=place, start=start, end=end, where=where,
            category=_path(_attribute(about, "referenceFunction", key) for key in ("category", "subCategory")),
            kind="system" if kind in _SYSTEMS else "unit",
            allocation=self.allocation(process, dataset, rows, where),
            source=sources.get(_attribute(about, "dataGeneratorAndPublication", "referenceToPublishedSource") or ""),
            comment=said(_attribute(about, "referenceFunction", "generalComment")),
        )

    def identify(self, given: str | None, about: dict[str, Any], place: str | None, file: str) -> tuple[str, str]:
        """Id of a process, unique also where numbers are not, and where it stands."""
        process = given or content_id(_attribute(about, "referenceFunction", "name") or "", place or "")
        where = f"{file}, dataset {process}"
        if process in self.processes:
            self.collected.defect("duplicate_id", where, process=process)
            process = f"{process}-{self.datasets}"
        self.processes.add(process)
        return process, where

    def year(self, about: dict[str, Any], edge: str, process: str, where: str) -> int | None:
        for form in ("Year", "YearMonth", "Date"):
            if (element := about.get(edge + form)) is not None:
                try:
                    return calendar_year(element.text)
                except ValueError:
                    self.collected.defect("period_bad", where, process=process, detail=element.text)
        return None

    def read_sources(self, dataset: Any) -> dict[str, str]:
        """Id in SOURCES of each source number of the dataset."""
        found = {}
        for source in dataset.iterfind(f"{_NAMESPACE}metaInformation//{_NAMESPACE}source"):
            keys = ("firstAuthor", "additionalAuthors", "title", "titleOfAnthology", "journal", "publisher",
                    "placeOfPublications")
            citation = ". ".join(filter(None, (said((source.get(key) or "").strip(" .")) for key in keys)))
            year = number(source.get("year"))
            published = int(year) if year and year < UNKNOWN_YEAR else None
            id_ = found[source.get("number", "")] = content_id(citation, str(published))
            if id_ not in self.sources:
                self.sources.add(id_)
                self.collected.add("sources", id=id_, citation=citation or None, year=published)
        return found

    def exchange(self, process: str, row: int, exchange: Any, sources: dict[str, str], where: str, *,
                 chief: bool) -> _Row:
        """Add one exchange; the `chief` one is the reference though its group does not say so."""
        group = _group(exchange)
        kind, direction, reference, avoided = _GROUPS.get(group, _NO_GROUP) if group else _NO_GROUP
        reference = reference or chief
        unit = symbol(exchange.get("unit"))
        flow = self.flow(kind, direction, exchange, unit, where)
        key = {"process": process, "row": row, "flow": flow}
        text = exchange.get("meanValue")
        amount = number(text)
        if amount is None:
            missing = "amount_not_number" if text and text.strip() else "amount_missing"
            self.collected.defect(missing, where, **key, detail=text)
        try:
            distribution = _spread(exchange, amount)
        except ValueError:
            distribution = KNOWN
            fields = ("uncertaintyType", "standardDeviation95", "minValue", "mostLikelyValue", "maxValue")
            detail = " ".join(f"{field}={exchange.get(field)}" for field in fields if exchange.get(field))
            self.collected.defect("uncertainty_bad", where, **key, value=amount, detail=detail)
        comment = said(exchange.get("generalComment"))
        self.collected.add(
            "exchanges", **key, direction=direction, amount=amount, unit=exchange.get("unit"), reference=reference,
            avoided=avoided, **dict(zip(SPREAD, distribution, strict=True)), pedigree=pedigree(comment),
            source=sources.get(exchange.get("referenceToSource", "")), comment=comment,
        )
        wanted = kind == "product" and direction == "input"
        self.named.append((exchange.get("number"), said(exchange.get("location"))) if wanted else (None, None))
        return _Row(row, flow, direction)

    def flow(self, kind: str, direction: str | None, exchange: Any, unit: str | None, where: str) -> str:
        """The flow an exchange names, made where it is first met; the unit is that of its first maker."""
        title, path = exchange.get("name", "").strip(), (exchange.get("category"), exchange.get("subCategory"))
        elementary = kind == "elementary"
        medium = compartment(path, from_nature=direction == "input") if elementary else None
        flow = content_id(kind, title, medium or "", dimension(unit))
        maker = kind == "product" and direction == "output"
        if maker and flow not in self.made:
            self.made.add(flow)
            self.flow_units[flow] = unit
        if flow in self.seen:
            return flow
        self.seen.add(flow)
        self.flow_units.setdefault(flow, unit)
        if not title:
            self.collected.defect("name_missing", where, flow=flow)
        if unit is None or not units.canonical(unit):
            self.collected.defect("flow_unknown_unit", where, flow=flow, detail=unit)
        self.collected.add(
            "flows", id=flow, **names(title), kind=kind, compartment=medium, category=_path(path), where=where,
            cas=cas_number(exchange.get("CASNumber")), formula=said(exchange.get("formula")),
        )
        return flow

    def allocation(self, process: str, dataset: Any, rows: dict[str, list[_Row]], where: str) -> str | None:
        """Add the shares of the co-products; the method they stand for.

        One share a co-product where it is the same for every exchange, else (`causal`) one an exchange.
        """
        shares: dict[str, dict[int, float]] = {}
        method = "physical"
        for element in dataset.iterfind(f"{_NAMESPACE}flowData/{_NAMESPACE}allocation"):
            product, fraction = element.get("referenceToCoProduct", ""), number(element.get("fraction"))
            made = [row.flow for row in rows.get(product, ()) if row.direction == "output"]
            if not made or fraction is None:
                self.collected.defect("allocation_missing", where, process=process, detail=product)
                continue
            method = "economic" if element.get("allocationMethod") == "1" else method
            targets = [text for child in element if (text := (child.text or "").strip()) in rows]
            share = shares.setdefault(made[0], {})
            share |= {row.number: fraction / 100 for target in targets or rows for row in rows[target]}
        if not shares:
            return None
        everything = {number for share in shares.values() for number in share}
        alike = all(len(set(share.values())) == 1 and share.keys() == everything for share in shares.values())
        if not alike:  # of what a product is given no share of, it bears none
            shares = {flow: dict.fromkeys(sorted(everything), 0.0) | share for flow, share in shares.items()}
        method = method if alike else "causal"
        for flow, share in shares.items():
            for row, factor in list(share.items())[: 1 if alike else None]:
                self.collected.add("allocation", process=process, flow=flow, method=method, row=None if alike else row,
                                   factor=factor)
        return method

    def reading(self, name: str) -> Reading:
        exchanges = self.with_providers(in_flow_units(self.collected, self.flow_units))
        unit = pl.col("id").replace_strict(self.flow_units, return_dtype=pl.String)
        flows = self.collected.frame("flows").with_columns(unit=unit)
        return self.collected.reading(name, exchanges=exchanges, flows=flows)

    def with_providers(self, exchanges: pl.DataFrame) -> pl.DataFrame:
        """Suppliers named by number, or by place where just one dataset makes the product there.

        Numbers name suppliers only in packages whose datasets number their own product like themselves; elsewhere they
        count the lines.
        """
        named = pl.DataFrame(self.named, schema={"number": pl.String, "place": pl.String}, orient="row")
        wanted = exchanges.drop("provider").hstack(named)
        places = self.collected.frame("processes").select(process="id", place="place")
        makers = (
            exchanges.filter((pl.col("direction") == "output") & ~pl.col("avoided"))
            .select("flow", "process").unique().join(places, on="process")
        )
        naming = sorted(self.numbering) if 2 * len(self.numbering) >= self.datasets else []
        numbered = makers.filter(pl.col("process").is_in(naming)).select("flow", number="process", by_number="process")
        makers_there = makers.group_by("flow", "place").agg(by_place=pl.col("process"))
        alone = makers_there.filter(pl.col("by_place").list.len() == 1)
        found = wanted.join(numbered, on=["flow", "number"], how="left", maintain_order="left").join(
            alone.explode("by_place"), on=["flow", "place"], how="left", maintain_order="left"
        )
        return found.with_columns(provider=pl.coalesce("by_number", "by_place")).select(*TABLES["exchanges"])


_REFERENCE, _CO_PRODUCT = ("outputGroup", "0"), ("outputGroup", "2")


def _group(exchange: Any) -> tuple[str, str] | None:
    """Element and code of the group of an exchange."""
    return next(((child.tag.removeprefix(_NAMESPACE), (child.text or "").strip()) for child in exchange), None)


def _chief(dataset: Any, exchanges: Sequence[Any], title: str | None) -> Any:
    """The reference of a dataset that marks none: its only product, or of several the one that it is called after; of
    several that it divides, else the first."""
    if any(_group(exchange) == _REFERENCE for exchange in exchanges):
        return None
    made = [exchange for exchange in exchanges if _group(exchange) == _CO_PRODUCT]
    named = [exchange for exchange in made if exchange.get("name", "").strip() == (title or "").strip()]
    divided = dataset.find(f"{_NAMESPACE}flowData/{_NAMESPACE}allocation") is not None
    return next(iter(named or (made if divided or len(made) == 1 else [])), None)


def _attribute(about: Mapping[str, Any], element: str, name: str) -> str | None:
    return about[element].get(name) if element in about else None


def _path(parts: Iterable[str | None]) -> str | None:
    return "/".join(part.strip() for part in parts if part and part.strip()) or None


def _spread(exchange: Any, amount: float | None) -> Spread:
    """The distribution of an exchange, in its own unit. Raises ValueError if its fields make none."""
    code = exchange.get("uncertaintyType")
    if code in (None, "", "0") or amount is None:
        return KNOWN
    width, low, high, mode = (
        number(exchange.get(key)) for key in ("standardDeviation95", "minValue", "maxValue", "mostLikelyValue")
    )
    match _DISTRIBUTIONS.get(code):
        case "lognormal":
            return lognormal(amount, None if width is None or width < 1 else math.sqrt(width))
        case "normal":
            return spread("normal", amount, None if width is None else width / 2)
        case "triangular":
            if mode is None and low is not None and high is not None:
                mode = 3 * amount - low - high  # the format asks for the mean alone: (low + mode + high) / 3
            return spread("triangular", mode, None, low, high)
        case kind:
            return spread(kind or code, None, None, low, high)
