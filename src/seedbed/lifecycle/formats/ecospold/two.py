"""EcoSpold 2: reads the XML exchange format of ecoinvent 3, one activity a file (`.spold`).

Folders and zip files may bring master data (`MasterData/*.xml`), from which names, units, CAS numbers and
sources are completed. How the tables are filled where the format says it in its own way:

- one activity may stand in several files, each for one of its products, so a process is called
  `activity_product` (as the files are); `activityLinkId` with the product names the provider;
- treatment of waste is a reference product with a negative amount, and waste left is a negative input. Such
  flows become waste: the treatment takes them in (reference, input), others put them out, all positive;
- after allocation the files keep the formulas and `mu` of before, so that a formula is taken only if it
  gives the amount beside it, and a lognormal lies around the amount. Formulas may use the variable names
  of parameters, exchanges, properties and production volumes: all are parameters of the process;
- variances are those with pedigree uncertainty; the format's beta distribution is PERT;
- several products with prices get economic shares by revenue, others by the property the dataset names.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree

from seedbed.base import formulas, units
from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats.collect import Collector, in_flow_units
from seedbed.lifecycle.formats.fields import (
    KNOWN,
    SPREAD,
    Spread,
    calendar_year,
    cas_number,
    compartment,
    formula,
    names,
    number,
    said,
    spread,
    symbol,
    unit_size,
)
from seedbed.lifecycle.formats.packages import UNREADABLE, XML, Member, Progress, database_name, members
from seedbed.lifecycle.inventory.tables import TABLES, Reading

_NS = "{http://www.EcoInvent.org/EcoSpold02}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_DATASETS = ("activityDataset", "childActivityDataset")
_PEDIGREE = (
    "reliability", "completeness", "temporalCorrelation", "geographicalCorrelation", "furtherTechnologyCorrelation",
)
_MARKETS = ("1", "10")  # special activity types: market activity, market group
_SYSTEM = "2"  # activity type: system terminated
_AGREES = 1e-3  # relative difference of a formula's value from the amount beside it, by rounding


def read(path: Path, *, name: str | None = None, progress: Progress | None = None) -> Reading:
    """Read one `.spold` file, or all of a folder or zip file. `progress` is told files read and all files.

    Amounts are in the unit of the flow, which is the unit it is first met with. Bad records become defects,
    located by the file. Raises InvalidInputError only if there is no EcoSpold 2 activity at all.
    """
    reader = _Reader()
    with members(path, ".spold", ".xml") as files:
        files = sorted(files, key=lambda file: file.name.lower().endswith(".spold"))  # master data first
        for done, file in enumerate(files, start=1):
            reader.read_file(file)
            if progress:
                progress(done, len(files))
    if not reader.found:
        read = reader.collected.columns["defects"]
        why = "".join(f" ({where}: {detail})" for where, detail in list(zip(read["where"], read["detail"],
                                                                            strict=True))[:1])
        raise InvalidInputError(f"there is no EcoSpold 2 activity here that can be read{why}.", where=path.name,
                                fix="give .spold files; EcoSpold 1 has a reader of its own.")
    return reader.reading(database_name(name, None, path))


@dataclass(frozen=True, slots=True)
class _Product:
    """A product output as allocation and linking see it."""

    flow: str
    amount: float
    unit: str | None
    element: Any


class _Reader:
    def __init__(self) -> None:
        self.collected = Collector()
        self.found = False
        self.master: dict[str, Any] = {}  # entries of master data by id
        self.flow_units: dict[str, str | None] = {}
        self.ids: set[str] = set()  # of processes and sources
        self.turned: list[bool] = []  # exchanges that a waste flow turns round
        self.links: list[str | None] = []  # activity that each exchange names as its provider
        self.makers: dict[tuple[str, str], str] = {}  # (activity, product): process
        self.discarded: set[str] = set()  # flows that their activities call waste

    def read_file(self, file: Member) -> None:
        try:
            with file.open() as stream:
                root = etree.parse(stream, etree.XMLParser(**XML)).getroot()
        except (etree.XMLSyntaxError, *UNREADABLE) as error:
            self.collected.defect("file_unreadable", file.name, detail=str(error))
            return
        if root.tag.startswith(f"{_NS}valid"):
            self.master |= {id_: entry for entry in root if (id_ := entry.get("id"))}
            return
        datasets = [dataset for name in _DATASETS for dataset in root.iterfind(f"{_NS}{name}")]
        if not datasets:
            held = next((child.tag for child in root if isinstance(child.tag, str)), root.tag)
            ours = "ecospold" in root.tag.lower() or file.name.lower().endswith(".spold")
            self.collected.defect("file_unreadable" if ours else "not_inventory", file.name,
                                  detail=held.rpartition("}")[2])
        for dataset in datasets:
            self.found = True
            self.activity(dataset, file.name)

    def activity(self, dataset: Any, where: str) -> None:
        about = _first(dataset, "activityDescription/activity")
        period = _first(dataset, "activityDescription/timePeriod")
        activity = about.get("id") or where
        exchanges = [
            element for name in ("intermediateExchange", "elementaryExchange")
            for element in dataset.iterfind(f"{_NS}flowData/{_NS}{name}")
        ]
        references = [e.get("intermediateExchangeId", "") for e in exchanges if _group(e) == ("output", "0")]
        real = [e.get("intermediateExchangeId", "") for e in exchanges
                if _group(e) == ("output", "0") and number(e.get("amount"))]
        reference = next(iter(real or references), None)
        process = self.identify(f"{activity}_{reference}" if reference else activity, where)
        self.collected.tally.saw(where, "processes", process)
        self.collected.tally.saw(where, "exchanges", process, len(exchanges))
        relations = self.variables(process, dataset, exchanges, where)
        products = []
        for row, element in enumerate(exchanges, start=1):
            product = self.exchange(process, row, element, reference, relations, where)
            if product:
                products.append(product)
                self.makers.setdefault((activity, product.flow), process)
        made = next((product for product in products if product.flow == reference), None)
        if made:
            self.makers[activity, made.flow] = process
        titles = _names(about, "activityName")
        if not titles:
            self.collected.defect("name_missing", where, process=process)
        special = about.get("specialActivityType")
        kind = "system" if about.get("type") == _SYSTEM else "market" if special in _MARKETS else "unit"
        publication = _first(dataset, "administrativeInformation/dataGeneratorAndPublication")
        self.collected.add(
            "processes", id=process, **titles, place=self.place(dataset), kind=kind, where=where,
            category=_category(dataset), start=self.year(period, "startDate", process, where),
            end=self.year(period, "endDate", process, where), volume=self.volume(made),
            allocation=self.allocation(process, products, about.get("masterAllocationPropertyId")),
            source=self.source(publication, "publishedSource"), comment=_texts(about.find(f"{_NS}generalComment")),
        )

    def identify(self, process: str, where: str) -> str:
        """The id of a process, also where another file bears it."""
        if process in self.ids:
            self.collected.defect("duplicate_id", where, process=process)
            process = f"{process}-{len(self.ids)}"
        self.ids.add(process)
        return process

    def place(self, dataset: Any) -> str | None:
        geography = _first(dataset, "activityDescription/geography")
        entry = self.master.get(geography.get("geographyId", ""))
        return said(_text(geography, "shortname")) or (said(_text(entry, "shortname")) if entry is not None else None)

    def year(self, period: Any, key: str, process: str, where: str) -> int | None:
        try:
            return calendar_year(period.get(key))
        except ValueError:
            self.collected.defect("period_bad", where, process=process, detail=period.get(key))
            return None

    def volume(self, made: _Product | None) -> float | None:
        """Yearly production in the unit of the flow."""
        stated = number(made.element.get("productionVolumeAmount")) if made else None
        size = unit_size(made.unit, self.flow_units[made.flow]) if made else None
        return abs(stated) * size if stated is not None and size is not None else None

    def source(self, element: Any, prefix: str) -> str | None:
        """Id of the source that attributes of an element name, added to SOURCES."""
        id_ = element.get(f"{prefix}Id")
        if id_ and id_ not in self.ids:
            self.ids.add(id_)
            entry = self.master.get(id_)
            found = entry if entry is not None else {
                "firstAuthor": element.get(f"{prefix}FirstAuthor"), "year": element.get(f"{prefix}Year"),
            }
            keys = ("firstAuthor", "additionalAuthors", "title", "titleOfAnthology", "journal", "publisher",
                    "placeOfPublications")
            parts = [said((found.get(key) or "").strip(" .")) for key in keys]
            year = number(found.get("year"))
            self.collected.add("sources", id=id_, citation=". ".join(filter(None, parts)) or None,
                               year=int(year) if year and 0 < year < 9999 else None)
        return id_ or None

    # Formulas

    def variables(self, process: str, dataset: Any, exchanges: Sequence[Any], where: str) -> dict[Any, str]:
        """Add everything that has a variable name as a parameter; the formulas that give their amounts, by element."""
        volumes = [(e, "productionVolumeVariableName", "productionVolumeAmount") for e in exchanges]
        within = [(p, "variableName", "amount") for e in exchanges for p in (e, *e.iterfind(f"{_NS}property"))]
        stated = [(p, "variableName", "amount") for p in dataset.iterfind(f"{_NS}flowData/{_NS}parameter")]
        everything = [*stated, *within, *volumes]
        known = {
            element.get(name).lower(): value for element, name, amount in everything
            if element.get(name) and (value := number(element.get(amount))) is not None
        }
        relations: dict[Any, str] = {}
        for element, *_ in [*stated, *within]:
            text = element.get("mathematicalRelation")
            if text and element.get("isCalculatedAmount") == "true":
                if (agreed := _agreed(text, number(element.get("amount")), known)) is not None:
                    relations[element] = agreed
                else:
                    self.collected.defect("formula_bad", where, process=process, detail=text)
        used = {name for text in relations.values() for name in formulas.names(text)}
        for element, name, amount in everything:
            is_parameter = element.tag == f"{_NS}parameter"
            if element.get(name) and (is_parameter or element.get(name).lower() in used):
                self.parameter(process, element, name, amount, relations, where)
        return relations

    def parameter(self, process: str, element: Any, name: str, amount: str, relations: Mapping[Any, str],
                  where: str) -> None:
        value = number(element.get(amount))
        if value is None:
            self.collected.defect("amount_missing", where, process=process, detail=element.get(name))
        own = element.tag == f"{_NS}parameter"
        distribution = self.spread(element, value, where, {"process": process}) if own else KNOWN
        self.collected.add(
            "parameters", process=process, name=element.get(name), value=value, unit=_text(element, "unitName"),
            formula=relations.get(element) if amount == "amount" else None, comment=_text(element, "name"),
            **dict(zip(SPREAD, distribution, strict=True)),
        )

    def spread(self, element: Any, amount: float | None, where: str, about: Mapping[str, Any]) -> Spread:
        try:
            return _spread(element, amount)
        except ValueError:
            found = element.find(f"{_NS}uncertainty")[0]
            detail = " ".join([found.tag.removeprefix(_NS), *(f"{key}={value}" for key, value in found.attrib.items())])
            self.collected.defect("uncertainty_bad", where, **about, value=amount, detail=detail)
            return KNOWN

    # Exchanges

    def exchange(self, process: str, row: int, element: Any, reference: str | None, relations: Mapping[Any, str],
                 where: str) -> _Product | None:
        """Add one exchange; what allocation and linking need to know if it is a product made."""
        direction, group = _group(element)
        unit = symbol(_text(element, "unitName") or self.of_master(element, "unitName"))
        flow = self.flow(element, direction, unit, where)
        key = {"process": process, "row": row, "flow": flow}
        text = element.get("amount")
        amount = number(text)
        if amount is None:
            missing = "amount_not_number" if text and text.strip() else "amount_missing"
            self.collected.defect(missing, where, **key, detail=text)
        is_reference = (direction, group) == ("output", "0") and flow == reference
        matrix = element.find(f"{_NS}uncertainty/{_NS}pedigreeMatrix")
        scores = [matrix.get(name) for name in _PEDIGREE] if matrix is not None else []
        self.collected.add(
            "exchanges", **key, direction=direction, amount=amount, unit=unit, reference=is_reference, avoided=False,
            formula=relations.get(element), **dict(zip(SPREAD, self.spread(element, amount, where, key), strict=True)),
            pedigree=f"({';'.join(scores)})" if all(scores) and scores else None,
            source=self.source(element, "source"), comment=_text(element, "comment"),
        )
        technical = element.tag == f"{_NS}intermediateExchange"
        self.turned.append(technical and (direction == "input" or group == "0"))
        self.links.append(element.get("activityLinkId") if direction == "input" else None)
        made = direction == "output" and (group == "0" or (group == "2" and flow not in self.discarded))
        return _Product(flow, amount, unit, element) if made and amount else None

    def of_master(self, element: Any, name: str) -> str | None:
        entry = self.master.get(_flow_id(element))
        return _text(entry, name) if entry is not None else None

    def flow(self, element: Any, direction: str | None, unit: str | None, where: str) -> str:
        """The flow of an exchange, added where it is first met."""
        flow = _flow_id(element)
        entry = self.master.get(flow)
        sources = [element] if entry is None else [element, entry]
        if _group(element) == ("output", "3") or any(_discarded(source) for source in sources):
            self.discarded.add(flow)
        if flow in self.flow_units:
            return flow
        self.flow_units[flow] = unit
        elementary = element.tag == f"{_NS}elementaryExchange"
        titles = next(filter(None, (_names(source, "name") for source in sources)), {})
        if not titles:
            self.collected.defect("name_missing", where, flow=flow)
        if unit is None or not units.canonical(unit):
            self.collected.defect("flow_unknown_unit", where, flow=flow, detail=unit)
        path = next((found for source in sources if (found := _compartment(source))), ())
        self.collected.add(
            "flows", id=flow, **titles, kind="elementary" if elementary else "product", unit=unit, where=where,
            compartment=compartment(path, from_nature=direction == "input") if elementary else None,
            cas=next(filter(None, (cas_number(source.get("casNumber")) for source in sources)), None),
            formula=next(filter(None, (said(source.get("formula")) for source in sources)), None),
            category="/".join(path) or None,
        )
        return flow

    def allocation(self, process: str, products: Sequence[_Product], master: str | None) -> str | None:
        """Add shares of several products by revenue and by the property the dataset names; the method of the latter."""
        if len(products) < 2:
            return None
        prices = [_property(product.element, None) for product in products]
        named = [_property(product.element, master) for product in products] if master else prices
        ways = {"economic": prices} | ({} if named == prices else {"physical": named})
        for way, values in ways.items():
            if all(value is not None for value in values) and any(values):
                for product, value in zip(products, values, strict=True):
                    self.collected.add("allocation", process=process, flow=product.flow, method=way,
                                       factor=abs(product.amount) * (value or 0.0))
        return None if master is None else "economic" if named == prices else "physical"

    # The whole

    def reading(self, name: str) -> Reading:
        exchanges = in_flow_units(self.collected, self.flow_units)
        references = exchanges.filter(pl.col("reference") & (pl.col("amount") != 0)).group_by("flow").agg(
            treated=(pl.col("amount") < 0).all()
        )
        treated = set(references.filter("treated")["flow"]) | (self.discarded - set(references["flow"]))
        is_waste = pl.col("flow").is_in(list(treated))
        linked = self.linked(exchanges.with_columns(turned=pl.Series(self.turned, dtype=pl.Boolean) & is_waste))
        flows = self.collected.frame("flows")
        waste = (pl.col("kind") == "product") & pl.col("id").is_in(list(treated))
        flows = flows.with_columns(kind=pl.when(waste).then(pl.lit("waste")).otherwise("kind"))
        return self.collected.reading(name, exchanges=_turned(linked), flows=flows)

    def linked(self, exchanges: pl.DataFrame) -> pl.DataFrame:
        """Providers by the activity that is named and the product; one that is not there keeps the id it would have."""
        makers = pl.DataFrame(
            [(activity, flow, process) for (activity, flow), process in self.makers.items()],
            schema={"link": pl.String, "flow": pl.String, "found": pl.String}, orient="row",
        )
        named = exchanges.with_columns(link=pl.Series(self.links, dtype=pl.String))
        return named.join(makers, on=["link", "flow"], how="left", maintain_order="left").with_columns(
            provider=pl.coalesce("found", pl.col("link") + "_" + pl.col("flow"))
        )


def _turned(exchanges: pl.DataFrame) -> pl.DataFrame:
    """Exchanges with those marked `turned` in the other direction, amount and distribution with the other sign."""
    turn = pl.col("turned")
    other = pl.when(pl.col("direction") == "input").then(pl.lit("output")).otherwise(pl.lit("input"))
    logs = pl.col("distribution") == "lognormal"
    return exchanges.with_columns(
        direction=pl.when(turn).then(other).otherwise("direction"),
        amount=pl.when(turn).then(-pl.col("amount")).otherwise("amount"),
        formula=pl.when(turn).then(pl.format("-({})", "formula")).otherwise("formula"),
        loc=pl.when(turn & ~logs).then(-pl.col("loc")).otherwise("loc"),
        low=pl.when(turn).then(-pl.col("high")).otherwise("low"),
        high=pl.when(turn).then(-pl.col("low")).otherwise("high"),
    ).select(*TABLES["exchanges"])


def _agreed(text: str, amount: float | None, known: Mapping[str, float]) -> str | None:
    """The formula, if it gives the amount with the values that are stated."""
    try:
        plain = formula(text)
        value = float(formulas.evaluate(plain, known)) if plain else math.nan
    except (ValueError, ArithmeticError, TypeError, InvalidInputError):
        return None
    return plain if amount is not None and math.isclose(value, amount, rel_tol=_AGREES) else None


def _spread(element: Any, amount: float | None) -> Spread:
    """The distribution of an amount. Raises ValueError if its parameters make none, or do not hold the amount."""
    found = element.find(f"{_NS}uncertainty")
    if found is None or not len(found) or not amount:
        return KNOWN
    given = found[0]
    kind = given.tag.removeprefix(_NS)
    low, high, mode, frequent, with_pedigree, basic = (
        number(given.get(key)) for key in
        ("minValue", "maxValue", "mostLikelyValue", "mostFrequentValue", "varianceWithPedigreeUncertainty", "variance")
    )
    variance = basic if with_pedigree is None else with_pedigree
    match kind:
        case "undefined" | "pedigreeMatrix" | "comment":
            return KNOWN
        case "lognormal" | "normal":
            scale = None if variance is None or variance < 0 else math.sqrt(variance)
            return spread(kind, math.log(abs(amount)) if kind == "lognormal" else amount, scale)
        case "triangular" | "uniform" | "beta" if low is not None and high is not None and low <= amount <= high:
            if kind == "beta":
                return spread("pert", mode if frequent is None else frequent, None, low, high)
            return spread(kind, mode if kind == "triangular" else None, None, low, high)
    raise ValueError(kind)


# ---- parts of elements ---------------------------------------------------------------------------------------------


def _first(element: Any, path: str) -> Any:
    """The element of a path, or an empty one."""
    found = element.find("/".join(f"{_NS}{part}" for part in path.split("/")))
    return etree.Element("absent") if found is None else found


def _texts_of(element: Any, name: str) -> Iterator[tuple[str, str]]:
    """Language and text of the children of one name."""
    for child in element.iterfind(f"{_NS}{name}"):
        if child.text and child.text.strip():
            yield child.get(_LANGUAGE, ""), child.text.strip()


def _text(element: Any, name: str) -> str | None:
    return next((text for _, text in _texts_of(element, name)), None)


def _texts(element: Any) -> str | None:
    """The paragraphs of a comment, in the order of their index."""
    found = () if element is None else element.iterfind(f"{_NS}text")
    paragraphs = sorted(found, key=lambda paragraph: number(paragraph.get("index")) or 0)
    return "\n".join(text for paragraph in paragraphs if (text := (paragraph.text or "").strip())) or None


def _names(element: Any, name: str) -> dict[str, str]:
    """Columns of a name: its Chinese and English forms, else the first by its letters."""
    found = dict(reversed(list(_texts_of(element, name))))
    columns = {f"name_{language}": found[language] for language in ("zh", "en") if language in found}
    return columns or names(_text(element, name))


def _group(element: Any) -> tuple[str | None, str]:
    """Direction and code of an exchange."""
    for direction in ("input", "output"):
        if (code := _text(element, f"{direction}Group")) is not None:
            return direction, code
    return None, ""


def _flow_id(element: Any) -> str:
    return element.get("intermediateExchangeId") or element.get("elementaryExchangeId") or element.get("id", "")


def _discarded(element: Any) -> bool:
    """Whether its classification calls a flow waste."""
    return any(
        _text(entry, "classificationSystem") == "By-product classification"
        and (_text(entry, "classificationValue") or "").lower() == "waste"
        for entry in element.iterfind(f"{_NS}classification")
    )


def _compartment(element: Any) -> tuple[str, ...]:
    found = element.find(f"{_NS}compartment")
    if found is None:
        return ()
    return tuple(text for name in ("compartment", "subcompartment") if (text := _text(found, name)))


def _category(dataset: Any) -> str | None:
    """The class of an activity, ISIC where it is classified by several systems."""
    found = {
        _text(entry, "classificationSystem") or "": _text(entry, "classificationValue")
        for entry in dataset.iterfind(f"{_NS}activityDescription/{_NS}classification")
    }
    return next((found[system] for system in sorted(found, key=lambda system: not system.startswith("ISIC"))), None)


def _property(element: Any, id_: str | None) -> float | None:
    """Value of a property of a product by its id, or its price."""
    for entry in element.iterfind(f"{_NS}property"):
        if entry.get("propertyId") == id_ or (id_ is None and (_text(entry, "name") or "").lower().startswith("price")):
            return number(entry.get("amount"))
    return None
