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

The helpers without underscore at the top are shared with the other readers of exchange formats.
"""

from __future__ import annotations

import hashlib
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any, NamedTuple

import polars as pl
from lxml import etree

from seedbed.errors import InvalidInputError
from seedbed.footprint.inventory import formulas, units
from seedbed.footprint.inventory.tables import DEFECTS, TABLES, Inventory, Reading

Progress = Callable[[int, int], None]
Spread = tuple[str | None, float | None, float | None, float | None, float | None]
"""Columns of a distribution: kind, loc, scale, low, high."""
SPREAD = ("distribution", "loc", "scale", "low", "high")
KNOWN: Spread = (None, None, None, None, None)
XML: dict[str, Any] = {"huge_tree": True, "resolve_entities": False, "no_network": True, "remove_comments": True}
"""Options of every parser: files may be huge, and must not make it fetch or expand anything."""

_CHINESE = re.compile("[\u3400-\u9fff]")
_CAS = re.compile(r"0*(\d{2,7}-\d\d-\d)")
_PEDIGREE = re.compile(r"\s*\(\s*([1-5])" + r"\s*[,;]\s*([1-5])" * 4 + r"\s*[,;)]")
_DATE = re.compile(r"\s*(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T[\d:.]+)?(Z|[+-]\d\d:?\d\d)?\s*")
_UNSAID = {"", "-", "nan", "n.a.", "na", "unknown", "unspecified"}
_UNKNOWN_YEAR = 9999


# ---- shared: collecting rows -------------------------------------------------------------------------------------


class Collector:
    """Rows of the tables, column by column, and the defects met while they are read."""

    def __init__(self) -> None:
        schemas = TABLES | {"defects": DEFECTS}
        self.columns: dict[str, dict[str, list[Any]]] = {key: {c: [] for c in s} for key, s in schemas.items()}

    def add(self, table: str, **row: Any) -> None:
        """Append a row; absent columns are null."""
        columns = self.columns[table]
        assert row.keys() <= columns.keys(), row.keys() - columns.keys()
        for name, values in columns.items():
            values.append(row.get(name))

    def defect(self, kind: str, where: str, **fields: Any) -> None:
        self.add("defects", kind=kind, where=where, **fields)

    def frame(self, table: str) -> pl.DataFrame:
        return pl.DataFrame(self.columns[table], schema=(TABLES | {"defects": DEFECTS})[table])

    def reading(self, name: str, **about: Any) -> Reading:
        """Everything collected. `about`: further fields of the Inventory, also tables that replace the collected."""
        frames = {key: self.frame(key) for key in TABLES if key not in about}
        fields: dict[str, Any] = {"version": ""} | frames | about
        return Reading(Inventory(name, **fields), self.frame("defects"))


def database_name(name: str | None, path: Path) -> str:
    """`name`, or else the file's as a lower-case word."""
    word = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")
    return name or (word if word[:1].isalpha() else f"database-{word}".strip("-"))


# ---- shared: files -----------------------------------------------------------------------------------------------


class Member(NamedTuple):
    """A file of a package: its name inside, its size in bytes, and how to open it."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


@contextmanager
def members(path: Path, *suffixes: str) -> Iterator[list[Member]]:
    """Files with one of `suffixes` in a zip file or folder (in its order, sorted by name), or `path` itself.

    Raises InvalidInputError if there is none, or if the zip file is damaged.
    """
    if not path.exists():
        raise InvalidInputError("there is no such file.", where=str(path), fix="correct the path.")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            inside = [Member(e.filename, e.file_size, lambda e=e: archive.open(e)) for e in archive.infolist()]
            yield _wanted(inside, path, suffixes)
    else:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        root = path if path.is_dir() else path.parent
        found = [
            Member(file.relative_to(root).as_posix(), file.stat().st_size, lambda file=file: file.open("rb"))
            for file in files if file.is_file()
        ]  # fmt: skip
        yield _wanted(found, path, suffixes)


def _wanted(found: list[Member], path: Path, suffixes: Sequence[str]) -> list[Member]:
    wanted = [
        file for file in found if file.name.lower().endswith(tuple(suffixes))
        and "__MACOSX" not in file.name and not file.name.rpartition("/")[2].startswith(".")
    ]  # fmt: skip
    if not wanted:
        raise InvalidInputError(f"there is no {' or '.join(suffixes)} file here.", where=path.name,
                                fix="give the file, folder or zip file that was exported.")  # fmt: skip
    return wanted


# ---- shared: what fields mean ------------------------------------------------------------------------------------


def said(text: str | None) -> str | None:
    """The text, or None for the ways in which files say nothing (`-`, `NaN`, `unknown` …)."""
    text = text.strip() if text else ""
    return None if text.lower() in _UNSAID else text


def names(text: str | None) -> dict[str, str]:
    """A name as the column of its language."""
    text = text.strip() if text else ""
    return {"name_zh" if _CHINESE.search(text) else "name_en": text} if text else {}


def cas_number(text: str | None) -> str | None:
    """A CAS number without leading zeros; None if it is not one."""
    found = _CAS.fullmatch(text.strip()) if text else None
    return found[1] if found else None


def content_id(*parts: str) -> str:
    """An id that follows from what a thing is, for formats that give it none."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).hexdigest()


def number(text: str | None) -> float | None:
    """A finite number; None if the text is not one. Raises nothing."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def calendar_year(text: str | None) -> int | None:
    """Year of a date, None if none is said (the year 9999 stands for unknown). Raises ValueError if it is not a date.

    A date with an offset west of Greenwich is midnight UTC as openLCA writes it: the day before the one meant.
    """
    if not text or not text.strip():
        return None
    found = _DATE.fullmatch(text)
    if not found or int(found[1]) >= _UNKNOWN_YEAR:
        raise ValueError(text)
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    west = "T" not in text and found[3] and (found[4] or "").startswith("-")
    return (date(year, month, day) + timedelta(days=1)).year if west else year


def spread(kind: str | None, loc: float | None = None, scale: float | None = None, low: float | None = None,
           high: float | None = None) -> Spread:  # fmt: skip
    """A distribution's columns, all null if it has no width. Raises ValueError if it is none."""
    match kind:
        case None:
            return KNOWN
        case "normal" | "lognormal":
            needed, bounds = (loc, scale), (0.0, scale)
        case "triangular" | "pert":
            needed, bounds = (low, loc, high), (low, loc, high)
        case "uniform":
            needed, bounds = (low, high), (low, high)
        case _:
            raise ValueError(kind)
    values = [value for value in needed if value is not None and math.isfinite(value)]
    if len(values) < len(needed) or sorted(bounds) != list(bounds):  # type: ignore[type-var]
        raise ValueError(kind)
    return KNOWN if bounds[0] == bounds[-1] else (kind, loc, scale, low, high)


def lognormal(median: float | None, gsd: float | None) -> Spread:
    """A lognormal distribution by its median (of either sign) and geometric standard deviation."""
    if not median or gsd is None or gsd < 1:
        raise ValueError("lognormal")
    return spread("lognormal", math.log(abs(median)), math.log(gsd))


def pedigree(text: str | None) -> str | None:
    """The five scores a text begins with, as `(2;3;1;2;4)`."""
    found = _PEDIGREE.match(text) if text else None
    return f"({';'.join(found.groups())})" if found else None


def formula(text: str | None) -> str | None:
    """A formula in the evaluator's syntax: `**`, commas between arguments, `==`, `!=`. Raises ValueError if it is none.

    The names and the order of the source's text are kept.
    """
    if not text or not text.strip():
        return None
    plain = text.strip().lstrip("=").strip().replace("^", "**").replace(";", ",").replace("<>", "!=")
    plain = re.sub(r"(?<![<>=!])=(?!=)", "==", plain)
    try:
        formulas.names(plain)
    except InvalidInputError as error:
        raise ValueError(text) from error
    if "'" in plain or '"' in plain:  # a reference to something that is no parameter, such as Ref('…')
        raise ValueError(text)
    return plain


_MEDIA = {
    "resource": "resource", "resources": "resource", "natural resource": "resource", "raw": "resource",
    "air": "air", "atmosphere": "air", "troposphere": "air/troposphere", "stratosphere": "air/stratosphere",
    "rural": "air/troposphere/rural", "urban": "air/troposphere/urban",
    "water": "water", "freshwater": "water/fresh water", "fresh water body": "water/fresh water body",
    "saline water body": "water/saline water body", "subterranean": "water/subterranean",
    "soil": "soil", "ground": "soil", "terrestrial": "soil/terrestrial", "human-dominated": "soil/human-dominated",
}  # fmt: skip
"""First word of a category path that tells the medium. Paths may begin inside one: openLCA cuts them for EcoSpold 1."""
_MEDIUM_WORDS = re.compile(r"\b(resources?|air|atmosphere|freshwater|water|soil|ground)\b")
_PARTS = {
    "low. pop.": "low population density", "high. pop.": "high population density",
    "low. pop., long-term": "low population density, long-term", "low population": "low population density",
    "unspecified": "", "unspecific": "",
}  # fmt: skip


def compartment(path: Iterable[str | None], *, from_nature: bool = False) -> str | None:
    """`air`, `water`, `soil` or `resource` with sub-compartments, from a category path; None if it names none.

    What is taken `from_nature` is a resource whatever its medium (`water/river` → `resource/water/river`).
    """
    parts = [part.strip(" -").replace("-,", ",").lower() for part in path if part]
    medium = None
    while parts and medium is None:
        word = _MEDIUM_WORDS.search(parts[0])
        medium = _MEDIA.get(parts[0]) or (_MEDIA[word[1]] if word else None)
        parts = parts[1:]
    if medium is None:
        return "resource" if from_nature else None
    inside = [_PARTS.get(part, part).removeprefix("in ") for part in parts]
    if from_nature and not medium.startswith("resource"):
        medium = "resource/" + ("ground" + medium[4:] if medium.startswith("soil") else medium)
    return "/".join([medium, *filter(None, inside)])


# ---- shared: units -----------------------------------------------------------------------------------------------


def symbol(unit: str | None) -> str | None:
    """The unit's symbol, or its own spelling where the table of units lacks it."""
    unit = unit.strip() if unit else ""
    return (units.canonical(unit) or unit) if unit else None


def dimension(unit: str | None) -> str:
    """Dimension of a unit; an unknown unit is a dimension of its own."""
    return "" if unit is None else units.dimension(unit) if units.canonical(unit) else unit


def in_flow_units(collected: Collector, flow_units: Mapping[str, str | None]) -> pl.DataFrame:
    """The exchanges with amounts, distributions and formulas in the unit of their flow instead of `unit`.

    Amounts that cannot be converted become null; each is a defect `unit_not_convertible`.
    """
    exchanges = collected.frame("exchanges")
    types = {"flow": pl.String, "to": pl.String}
    flows = pl.DataFrame({"flow": list(flow_units), "to": list(flow_units.values())}, schema=types)
    pairs = exchanges.select("flow", "unit").unique().join(flows, on="flow", how="left").select("unit", "to").unique()
    factors = [unit_size(unit, to) for unit, to in pairs.iter_rows()]
    pairs = pairs.with_columns(size=pl.Series(factors, dtype=pl.Float64))
    sized = (
        exchanges.join(flows, on="flow", how="left", maintain_order="left")
        .join(pairs, on=["unit", "to"], how="left", nulls_equal=True, maintain_order="left")
    )  # fmt: skip
    where = dict(zip(collected.columns["processes"]["id"], collected.columns["processes"]["where"], strict=True))
    failed = sized.filter(pl.col("size").is_null()).select("process", "row", "flow", "amount", "unit", "to")
    for process, row, flow, amount, unit, to in failed.iter_rows():
        collected.defect("unit_not_convertible", where[process], process=process, row=row, flow=flow, value=amount,
                         detail=f"{unit} → {to}")  # fmt: skip
    size, log = pl.col("size"), pl.col("distribution") == "lognormal"
    same = size == 1
    gone = size.is_null()
    return sized.with_columns(
        amount=pl.when(same).then("amount").otherwise(pl.col("amount") * size),
        loc=pl.when(same).then("loc").when(log).then(pl.col("loc") + size.log()).otherwise(pl.col("loc") * size),
        scale=pl.when(same | log).then("scale").otherwise(pl.col("scale") * size),
        low=pl.when(same).then("low").otherwise(pl.col("low") * size),
        high=pl.when(same).then("high").otherwise(pl.col("high") * size),
        distribution=pl.when(~gone).then("distribution"),
        formula=pl.when(same).then("formula").when(~gone).then(pl.format("({})*{}", "formula", "size")),
    ).drop("to", "size")  # fmt: skip


def unit_size(unit: str | None, to: str | None) -> float | None:
    """How many `to` one `unit` is; None if they do not convert."""
    if symbol(unit) == symbol(to):
        return 1.0
    if unit is None or to is None or dimension(unit) != dimension(to):
        return None
    return units.factor(unit, to)


# ---- EcoSpold 1 --------------------------------------------------------------------------------------------------

_NAMESPACE = "{http://www.EcoInvent.org/EcoSpold01}"
_ROOT = f"{_NAMESPACE}ecoSpold"
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
        raise InvalidInputError("there is no EcoSpold 1 dataset here.", where=path.name,
                                fix="give an EcoSpold 1 file; EcoSpold 2 has a reader of its own.")  # fmt: skip
    return reader.reading(database_name(name, path))


class _Row(NamedTuple):
    """An exchange as allocations refer to it."""

    number: int
    flow: str
    direction: str | None


class _Reader:
    def __init__(self) -> None:
        self.collected = Collector()
        self.datasets = 0
        self.processes: set[str] = set()
        self.sources: set[str] = set()
        self.flow_units: dict[str, str | None] = {}
        self.seen: set[str] = set()
        self.made: set[str] = set()  # flows whose unit is that of a maker
        self.named: list[tuple[str | None, str | None]] = []  # number and place of each exchange: names of its supplier

    def read_file(self, file: Member, progress: Callable[[int], None] | None) -> None:
        """Datasets one by one as they are parsed; a damaged file gives those before the damage."""
        try:
            with file.open() as stream:
                for _, element in etree.iterparse(stream, tag=f"{_NAMESPACE}dataset", **XML):
                    self.dataset(element, file.name)
                    element.clear()
                    if progress:
                        progress(min(stream.tell(), file.size))
        except (etree.XMLSyntaxError, OSError, EOFError, zipfile.BadZipFile) as error:
            self.collected.defect("file_unreadable", file.name, detail=str(error))

    def dataset(self, dataset: Any, file: str) -> None:
        about: dict[str, Any] = {}
        for element in dataset.iterfind(f"{_NAMESPACE}metaInformation//*"):
            about.setdefault(element.tag.removeprefix(_NAMESPACE), element)
        kind = _attribute(about, "dataSetInformation", "type")
        if kind in _IMPACT_TYPES:
            return
        self.datasets += 1
        place = said(_attribute(about, "geography", "location"))
        process, where = self.identify(dataset.get("number"), about, place, file)
        sources = self.read_sources(dataset)
        start, end = (self.year(about, edge, process, where) for edge in ("start", "end"))
        rows: dict[str, list[_Row]] = {}
        for row, exchange in enumerate(dataset.iterfind(f"{_NAMESPACE}flowData/{_NAMESPACE}exchange"), start=1):
            added = self.exchange(process, row, exchange, sources, where)
            rows.setdefault(exchange.get("number", ""), []).append(added)
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
        )  # fmt: skip

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
                    "placeOfPublications")  # fmt: skip
            citation = ". ".join(filter(None, (said((source.get(key) or "").strip(" .")) for key in keys)))
            year = number(source.get("year"))
            published = int(year) if year and year < _UNKNOWN_YEAR else None
            id_ = found[source.get("number", "")] = content_id(citation, str(published))
            if id_ not in self.sources:
                self.sources.add(id_)
                self.collected.add("sources", id=id_, citation=citation or None, year=published)
        return found

    def exchange(self, process: str, row: int, exchange: Any, sources: dict[str, str], where: str) -> _Row:
        """Add one exchange."""
        group = next(((child.tag.removeprefix(_NAMESPACE), (child.text or "").strip()) for child in exchange), None)
        kind, direction, reference, avoided = _GROUPS.get(group, _NO_GROUP) if group else _NO_GROUP
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
        )  # fmt: skip
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
        )  # fmt: skip
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
        alike = all(len(set(share.values())) == 1 for share in shares.values())
        method = method if alike else "causal"
        for flow, share in shares.items():
            for row, factor in list(share.items())[: 1 if alike else None]:
                self.collected.add("allocation", process=process, flow=flow, method=method, row=None if alike else row,
                                   factor=factor)  # fmt: skip
        return method

    def reading(self, name: str) -> Reading:
        exchanges = self.with_providers(in_flow_units(self.collected, self.flow_units))
        unit = pl.col("id").replace_strict(self.flow_units, return_dtype=pl.String)
        flows = self.collected.frame("flows").with_columns(unit=unit)
        return self.collected.reading(name, exchanges=exchanges, flows=flows)

    def with_providers(self, exchanges: pl.DataFrame) -> pl.DataFrame:
        """Suppliers named by number, or by place where just one dataset makes the product there."""
        named = pl.DataFrame(self.named, schema={"number": pl.String, "place": pl.String}, orient="row")
        wanted = exchanges.drop("provider").hstack(named)
        places = self.collected.frame("processes").select(process="id", place="place")
        makers = (
            exchanges.filter((pl.col("direction") == "output") & ~pl.col("avoided"))
            .select("flow", "process").unique().join(places, on="process")
        )  # fmt: skip
        numbered = makers.select("flow", number="process", by_number="process")
        makers_there = makers.group_by("flow", "place").agg(by_place=pl.col("process"))
        alone = makers_there.filter(pl.col("by_place").list.len() == 1)
        found = wanted.join(numbered, on=["flow", "number"], how="left", maintain_order="left").join(
            alone.explode("by_place"), on=["flow", "place"], how="left", maintain_order="left"
        )
        return found.with_columns(provider=pl.coalesce("by_number", "by_place")).select(*TABLES["exchanges"])


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
