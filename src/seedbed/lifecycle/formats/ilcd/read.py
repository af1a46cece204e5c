"""ILCD: data sets in XML files, one each, linked by UUIDs; a package is a folder or an archive of them.

ILCD data format 1.1 (European Commission, Joint Research Centre), as soda4LCA, openLCA and TianGong
write it. An exchange is stated in the reference unit of its flow's reference property; what one unit of
that is worth is the mean value the flow gives for the property.
"""

from __future__ import annotations

import re
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import polars as pl
from pydantic import ValidationError

from seedbed.base.errors import InvalidInputError
from seedbed.base.units import canonical
from seedbed.lifecycle.formats.ilcd import markup, terms
from seedbed.lifecycle.formats.ilcd.epd import WARMING, counted
from seedbed.lifecycle.formats.packages import (
    UNREADABLE,
    Progress,
    Unpacked,
    check_size,
    damaged,
    database_name,
    slashed,
)
from seedbed.lifecycle.formats.tally import Tally
from seedbed.lifecycle.inventory.tables import (
    DEFECTS,
    EXCHANGES,
    FACTORS,
    FLOWS,
    METHODS,
    PARAMETERS,
    PROCESSES,
    SOURCES,
    Inventory,
    Reading,
    table,
)

_FOLDERS = ("processes", "flows", "flowproperties", "unitgroups", "sources", "lciamethods")
_STEP = 500  # files between two reports of progress
_UUID = re.compile(rb"UUID[^<>]*>\s*([^<\s]+)\s*<")  # the first of a data set is its own


def read(path: Path, *, name: str | None = None, progress: Progress | None = None) -> Reading:
    """Read an ILCD package: a folder, a zip or a tar archive (gz, bz2, xz).

    Flows that neither an exchange nor a factor uses are left out unread. Of data sets with one UUID the
    latest version is kept. A process with several reference flows is scaled by the first output among them.
    `progress` is told how much of how much has been read (bytes of an archive, files of a folder).

    Raises InvalidInputError if `path` is not of the three or holds no data set of ILCD's.
    """
    package = _Package()
    with tempfile.TemporaryFile() as space:
        flows = _Later(space)
        for where, content in _files(path, progress or (lambda done, total: None)):
            (flows if _kind(where) == "flows" else package).add(where, content)
        for where, content in flows.of(package.used_flows()):
            package.add(where, content)
    if not any(package.sets.values()):
        unread = (row for row in package.defects if row["kind"] == "file_unreadable")
        why = next((f": {row['where']}: {row['detail']}" for row in unread), "")
        raise InvalidInputError(
            f"holds no ILCD data sets that can be read{why}.", where=path.name,
            fix=f"give a package with the folders {', '.join(_FOLDERS)}."
        )
    return _assemble(package, database_name(name, package.about.name, path))


# --- files -------------------------------------------------------------------------------------------


def _files(path: Path, progress: Progress) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files of a package that matter, in the order of the package."""
    try:
        if path.is_dir():
            yield from _folder(path, progress)
        elif path.is_file() and zipfile.is_zipfile(path):
            yield from _zip(path, progress)
        elif path.is_file() and tarfile.is_tarfile(path):
            yield from _tar(path, progress)
        else:
            raise InvalidInputError("is neither a folder nor a zip or tar archive.", where=str(path),
                                    fix="give the package as published.")
    except UNREADABLE as error:
        raise damaged(path, error) from error


def _wanted(name: str) -> bool:
    low = name.lower()
    return (_kind(name) in _FOLDERS and low.endswith(".xml")) or low.endswith(terms.DATABASE_FILE.lower())


def _kind(name: str) -> str:
    """The folder that a file lies in, which says of what kind its data set is."""
    return name.rpartition("/")[0].rpartition("/")[2].lower()


def _folder(path: Path, progress: Progress) -> Iterator[tuple[str, bytes]]:
    inside = [(file, f"{path.name}/{file.relative_to(path).as_posix()}") for file in sorted(path.rglob("*.*"))]
    files = [(file, name) for file, name in inside if _wanted(name) and file.is_file()]
    for number, (file, name) in enumerate(files):
        yield name, file.read_bytes()
        if number % _STEP == 0:
            progress(number, len(files))
    progress(len(files), len(files))


def _zip(path: Path, progress: Progress) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        check_size(path, ((member.file_size, member.compress_size) for member in archive.infolist()))
        for member in archive.infolist():
            member.filename = slashed(member.filename)  # it is opened by the name that was written
        members = [member for member in archive.infolist() if _wanted(member.filename)]
        total = sum(member.compress_size for member in members)
        done = 0
        for number, member in enumerate(members):
            yield member.filename, archive.read(member)
            done += member.compress_size
            if number % _STEP == 0:
                progress(done, total)
        progress(total, total)


def _tar(path: Path, progress: Progress) -> Iterator[tuple[str, bytes]]:
    total, unpacked = path.stat().st_size, Unpacked(path)
    with path.open("rb") as raw, tarfile.open(fileobj=raw) as archive:
        for number, member in enumerate(archive):
            unpacked.add(member.size)
            content = archive.extractfile(member) if member.isfile() and _wanted(member.name) else None
            if content is not None:
                yield member.name, content.read()
            if number % _STEP == 0:
                progress(raw.tell(), total)
        progress(total, total)


class _Later:
    """Flows laid aside on the disk: packages bring many times more of them than their processes use."""

    def __init__(self, space: IO[bytes]) -> None:
        self.space = space
        self.index: list[tuple[str, str | None, int]] = []  # name of the file, id of the flow, size

    def add(self, where: str, content: bytes) -> None:
        """Lay a file aside. The id of a flow that must be read anyhow is None."""
        found = None if terms.EXTENSION.encode() in content else _UUID.search(content)
        self.index.append((where, found[1].decode() if found else None, len(content)))
        self.space.write(content)

    def of(self, used: set[str]) -> Iterator[tuple[str, bytes]]:
        """The files of the flows in `used`, in the order in which they came."""
        self.space.seek(0)
        for where, id, size in self.index:
            content = self.space.read(size)
            if id is None or id in used:
                yield where, content


# --- putting the data sets together --------------------------------------------------------------------


class _Package:
    """Data sets of a package by kind and id, as they are read."""

    def __init__(self) -> None:
        self.sets: dict[str, dict[str, markup.DataSet]] = {kind: {} for kind in markup.SCHEMAS}
        self.about = terms.About()
        self.defects: list[dict[str, Any]] = []
        self.stated: list[tuple[str, str, str, int]] = []  # file, kind, id, exchanges or factors

    def add(self, where: str, content: bytes) -> None:
        """Take in one file; of two data sets with one id the later version stays, or the first."""
        if where.endswith(terms.DATABASE_FILE):
            try:
                self.about = terms.About.model_validate_json(content)
            except ValidationError as error:
                self.defects.append({"kind": "file_unreadable", "where": where, "detail": error.errors()[0]["msg"]})
            return
        try:
            data = markup.read(content, where)
        except markup.UnreadableError as error:
            self.defects.append({"kind": "file_unreadable", "where": error.where, "detail": error.detail})
            return
        sets = self.sets[data.kind]
        self.stated.append((where, data.kind, data.id, data.stated))
        if held := sets.get(data.id):
            concerns = {"processes": {"process": data.id}, "flows": {"flow": data.id}}.get(data.kind, {})
            self.defects.append({"kind": "duplicate_id", "where": where, "detail": data.id, **concerns})
        if held is None or data.version > held.version:
            sets[data.id] = data

    def used_flows(self) -> set[str]:
        """Ids of the flows that exchanges and factors name."""
        parts = (self.parts("processes", "exchanges"), self.parts("methods", "factors"))
        return {id for rows in parts for id in rows["flow"].unique() if id is not None}

    def rows(self, kind: str) -> pl.DataFrame:
        """The table of a kind of data sets."""
        return pl.DataFrame([data.row for data in self.sets[kind].values()], schema=markup.SCHEMAS[kind], orient="row")

    def parts(self, of: str, kind: str) -> pl.DataFrame:
        """A table of the rows that come with data sets of the kind `of`."""
        rows = [row for data in self.sets[of].values() for row in data.parts[kind]]
        return pl.DataFrame(rows, schema=markup.PARTS[kind], orient="row")

    def tally(self, processes: pl.DataFrame, exchanges: pl.DataFrame) -> Tally:
        """What the files state, with the modules of declarations that became `processes` and `exchanges`."""
        tally = Tally()
        for where, kind, id_, stated in self.stated:
            kept = id_ if self.sets[kind][id_].file == where else None
            if kind == "processes":
                tally.saw(where, "processes", kept)
                tally.saw(where, "exchanges", kept, stated)
            elif kind == "methods":
                tally.saw(where, "factors", kept, stated)
        files = dict(processes.select("id", "where").iter_rows())
        modules = [id_ for id_ in files if id_ not in self.sets["processes"]]
        implied = exchanges.filter((pl.col("flow") == WARMING) | pl.col("process").is_in(modules))
        for id_ in modules:
            tally.change(files[id_], "processes", id_)
        for id_, count in implied.group_by("process", maintain_order=True).len().iter_rows():
            tally.change(files[id_], "exchanges", id_, count)
        return tally

    def met(self) -> list[dict[str, Any]]:
        """Defects of the files, and of the data sets that were kept."""
        kept = [data for sets in self.sets.values() for data in sets.values()]
        return self.defects + [defect for data in kept for defect in data.defects]


def _assemble(package: _Package, name: str) -> Reading:
    """The inventory of a package whose files have all been read."""
    processes, methods, units = package.rows("processes"), package.rows("methods"), _units(package)
    about = package.about
    known = _flows(package.rows("flows"), units)
    exchanges = _exchanges(package.parts("processes", "exchanges"), known)
    processes, known, exchanges = counted(package.parts("processes", "modules"), processes, known, exchanges)
    stated = _natural(package.parts("methods", "factors"), known)
    factors = stated.unique(["method", "flow", "place"], keep="first", maintain_order=True)
    used = pl.concat([exchanges["flow"], factors["flow"], known.filter("ours")["id"]]).unique()
    parameters = table(PARAMETERS, [parameter.model_dump() for parameter in about.parameters])
    inventory = Inventory(
        name=name,
        version=about.version or _latest(processes, methods),
        processes=processes.select(PROCESSES.keys()),
        flows=known.join(used.to_frame("id"), on="id", how="semi", maintain_order="left").select(FLOWS.keys()),
        exchanges=exchanges,
        parameters=pl.concat([parameters, package.parts("processes", "parameters")]),
        allocation=package.parts("processes", "allocation"),
        sources=_sources(package.rows("sources"), processes),
        methods=_methods(methods, units),
        factors=factors.select(FACTORS.keys()),
        depends=about.depends,
        licence=about.licence or "; ".join(processes["terms"].drop_nulls().unique(maintain_order=True)),
    )
    met = table(DEFECTS, package.met())
    defects = pl.concat([met, *(table(DEFECTS, rows) for rows in _defects(inventory, stated, known))])
    return Reading(inventory, defects, seen=package.tally(processes, exchanges).frame())


def _latest(*kinds: pl.DataFrame) -> str:
    """Day of the latest revision among data sets."""
    latest = pl.concat([rows["revised"] for rows in kinds]).max()
    return latest if isinstance(latest, str) else ""


def _units(package: _Package) -> pl.DataFrame:
    """Of each flow property its name, the symbol of its reference unit, and `unit`, that symbol's usual spelling."""
    groups = package.rows("unit_groups")
    spelling = {symbol: canonical(symbol) or symbol for symbol in groups["symbol"].drop_nulls().unique()}
    return package.rows("flow_properties").join(groups, left_on="unit_group", right_on="id", how="left").select(
        property="id", property_name="name", symbol="symbol", usual=pl.col("symbol").replace(spelling)
    )


def _flows(rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Flows with their unit, its `symbol` in the source, and `mean`: units a unit of an exchange is worth."""
    return rows.join(units, on="property", how="left", maintain_order="left").with_columns(
        unit=pl.coalesce("unit", "usual"), mean=pl.when(pl.col("mean") > 0).then("mean").otherwise(1.0)
    )


def _exchanges(rows: pl.DataFrame, flows: pl.DataFrame) -> pl.DataFrame:
    """Exchanges with their numbers in the unit of their flow."""
    mean, lognormal = pl.col("mean").fill_null(1.0), pl.col("distribution") == "lognormal"
    joined = rows.join(flows.select("mean", "symbol", flow="id"), on="flow", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("amount", "low", "high") * mean,
        loc=pl.when(lognormal).then(pl.col("loc") + mean.log()).otherwise(pl.col("loc") * mean),
        scale=pl.when(lognormal).then("scale").otherwise(pl.col("scale") * mean),
        formula=pl.when(mean == 1).then("formula").otherwise(pl.format("({}) * {}", "formula", mean)),
        unit=pl.coalesce("unit", "symbol"),
    ).select(EXCHANGES.keys())


def _natural(rows: pl.DataFrame, flows: pl.DataFrame) -> pl.DataFrame:
    """Factors per unit of the flow in its natural direction, those stated in that direction first.

    What a method states for the other direction only (a resource given back) counts with the other sign.
    """
    joined = rows.join(flows.select("compartment", "mean", flow="id"), on="flow", how="left", maintain_order="left")
    resource = pl.col("compartment").str.starts_with("resource")
    opposite = pl.when(resource).then(pl.col("direction") == "output").otherwise(pl.col("direction") == "input")
    per_unit = pl.col("factor") / pl.col("mean").fill_null(1.0)
    return (
        joined.with_columns(opposite=opposite & pl.col("compartment").is_not_null())
        .with_columns(factor=pl.when("opposite").then(0.0 - per_unit).otherwise(per_unit))
        .sort("opposite", maintain_order=True)
    )


def _methods(rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Methods; a unit that only repeats the name of its property gives way to the property's unit."""
    joined = rows.join(units, left_on="quantity", right_on="property", how="left", maintain_order="left")
    repeats = pl.col("unit").is_null() | (pl.col("unit") == pl.col("property_name"))
    unit = pl.when(repeats).then(pl.coalesce("usual", "unit")).otherwise("unit")
    return joined.with_columns(unit=unit).select(METHODS.keys())


def _sources(rows: pl.DataFrame, processes: pl.DataFrame) -> pl.DataFrame:
    """Sources; one that the package does not hold is known by the text of the reference to it."""
    cited = processes.select(id="source", citation="cited").drop_nulls().unique("id", keep="first")
    lost = cited.join(rows, on="id", how="anti")
    return pl.concat([rows, table(SOURCES, lost.sort("id"))])


def _defects(inventory: Inventory, stated: pl.DataFrame, known: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Defects that show only when the data sets are together."""
    files = inventory.processes.select("where", process="id")
    ids = known.select(flow="id")
    lost = inventory.exchanges.join(ids, on="flow", how="anti", maintain_order="left").select("process", "row", "flow")
    yield lost.join(files, on="process", how="left", maintain_order="left").with_columns(kind=pl.lit("flow_missing"))
    yield stated.join(ids, on="flow", how="anti").select("flow", "where", kind=pl.lit("flow_missing"), detail="method")
    twice = ~pl.struct("method", "flow", "place", "direction").is_first_distinct()
    yield stated.filter(twice).select("flow", "where", kind=pl.lit("duplicate_id"), detail="method")
    flows = inventory.flows.select("unit", "name_zh", "name_en", "where", flow="id")
    yield flows.filter(pl.col("unit").is_null()).select("flow", "where", kind=pl.lit("flow_unknown_unit"))
    nameless = pl.col("name_zh").is_null() & pl.col("name_en").is_null()
    yield flows.filter(nameless).select("flow", "where", kind=pl.lit("name_missing"))
