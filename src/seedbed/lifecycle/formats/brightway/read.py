"""Brightway: reads datapackages (`bw_processing`) and `.bw2package` files.

A datapackage is a zip file or folder with `datapackage.json` and NumPy arrays in resource groups: for each
entry of a matrix its (row, column) ids, its number, whether its sign is flipped, its factor and its
distribution. Groups fill the matrices in order, a later one replacing the cells it names. Tables (`.csv`)
may say what the ids are. The layout is that of https://github.com/brightway-lca/bw_processing, the codes of
distributions those of `stats_arrays`, `.bw2package` as documented in `bw2io.package`.

Technosphere entries are positive for products made and negative for products used.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from seedbed.base.errors import InvalidInputError, SeedbedError
from seedbed.lifecycle.formats.brightway import bw2package, tables
from seedbed.lifecycle.formats.brightway.tables import (
    BIOSPHERE,
    CHARACTERISATION,
    ENTRIES,
    FACTORS,
    TECHNOSPHERE,
    Array,
    Node,
)
from seedbed.lifecycle.formats.packages import UNREADABLE, Unpacked, database_name
from seedbed.lifecycle.formats.tally import Tally
from seedbed.lifecycle.inventory.tables import Reading, table


def read(path: Path, *, name: str | None = None, progress: Callable[[int, int], None] | None = None) -> Reading:
    """Read a datapackage (zip or folder), a folder of zipped datapackages, or a `.bw2package` file.

    A folder of packages is one inventory: matrices and methods together, in the order of file names.
    Raises InvalidInputError if there is no such package. What cannot be expressed becomes a defect:
    scenario arrays and interfaces, distributions without a counterpart, factors of single places.
    """
    if path.suffix.lower() == ".bw2package":
        return bw2package.read(path, name)
    packages = [_Package(part) for part in _parts(path)]
    nodes: dict[str, dict[str, Node]] = {role: {} for role in tables.ROLES}
    matrices: dict[str, pl.DataFrame] = {}
    methods: list[pl.DataFrame] = []
    defects: list[dict[str, Any]] = []
    tally = Tally()
    for number, package in enumerate(packages):
        package.describe(nodes, defects)
        for matrix, group, entries in package.groups(defects):
            if matrix == CHARACTERISATION:
                tally.saw(path.name, "factors", _method(group), entries.height)
                methods.append(_factors(group, entries, package.name, defects))
                continue
            if matrix not in (TECHNOSPHERE, BIOSPHERE):
                defects.append({"kind": "not_inventory", "where": package.name, "detail": matrix})
                continue
            earlier = matrices.get(matrix, entries.clear())
            if not package.metadata.get("sum_inter_duplicates"):
                for column, count in _by_column(earlier.join(entries, on=["row", "col"], how="semi")):
                    tally.change(path.name, "exchanges", column, -count)
                earlier = earlier.join(entries, on=["row", "col"], how="anti")
            matrices[matrix] = pl.concat([earlier, entries])
            for column, count in _by_column(entries):
                tally.saw(path.name, "exchanges", column, count)
        if progress:
            progress(number + 1, len(packages))
    empty = pl.DataFrame(schema=ENTRIES)
    technosphere, biosphere = matrices.get(TECHNOSPHERE, empty), matrices.get(BIOSPHERE, empty)
    for column in pl.concat([technosphere["col"], biosphere["col"]]).unique(maintain_order=True):
        tally.saw(path.name, "processes", column)
    name = database_name(name, packages[0].metadata.get("name"), path)
    return tables.inventory(name, nodes, technosphere, biosphere, methods, defects, tally)


def _by_column(entries: pl.DataFrame) -> Iterable[tuple[str, int]]:
    """How many entries each column has."""
    return entries.group_by("col", maintain_order=True).len().iter_rows()  # type: ignore[return-value]


def _parts(path: Path) -> list[Path]:
    """The packages at a path: itself, or the zip files of a folder."""
    if path.is_dir() and not (path / "datapackage.json").exists():
        found = [part for part in sorted(path.glob("*.zip")) if _is_package(part)]
    else:
        found = [path] if path.is_dir() or _is_package(path) else []
    if not found:
        raise InvalidInputError("this is no Brightway datapackage.", where=str(path.name),
                                fix="give a zip file or folder with a datapackage.json in it.")
    return found


def _is_package(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "datapackage.json" in archive.namelist()


def _array(data: bytes) -> Array:
    """A NumPy array. Raises ValueError for a header that promises more than the file holds."""
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)
    if math.prod(shape) * dtype.itemsize > len(data):
        raise ValueError(f"an array of {' × '.join(map(str, shape))} is announced in {len(data):,} bytes")
    return np.load(io.BytesIO(data), allow_pickle=False)


class _Package:
    """One datapackage: its metadata, and the entries of its groups."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unpacked = Unpacked(path)
        try:
            self.metadata: dict[str, Any] = json.loads(self.bytes("datapackage.json"))
            self.resources: list[dict[str, Any]] = self.metadata["resources"]
        except (ValueError, TypeError, *UNREADABLE) as error:
            raise InvalidInputError(f"its datapackage.json cannot be read ({error}).", where=path.name,
                                    fix="write the package again.") from error
        self.name = path.name

    def bytes(self, name: str) -> bytes:
        if self.path.is_dir():
            return (self.path / name).read_bytes()
        with zipfile.ZipFile(self.path) as archive:
            member = archive.getinfo(name)
            self.unpacked.add(member.file_size)
            return archive.read(member)

    def array(self, resource: Mapping[str, Any]) -> Array:
        data = self.bytes(resource["path"])
        if resource["path"].endswith(".parquet"):
            frame = pl.read_parquet(data)
            return frame.to_numpy(structured=frame.width > 1).reshape(-1)
        return _array(data)

    def groups(self, defects: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any], pl.DataFrame]]:
        """Matrix, description and entries of every group of single numbers."""
        groups: dict[str, dict[str, dict[str, Any]]] = {}
        for resource in self.resources:
            if "group" in resource:
                groups.setdefault(resource["group"], {})[resource.get("kind", "")] = resource
        for label, parts in groups.items():
            about = parts.get("indices", {})
            where = f"{self.name}/{label}"
            if about.get("category") != "vector" or "data" not in parts:
                defects.append({"kind": "file_unreadable", "where": where, "detail": about.get("category")})
                continue
            try:
                arrays = {kind: self.array(part) for kind, part in parts.items() if kind in tables.ARRAYS}
                entries = tables.entries(**arrays)
            except SeedbedError:
                raise
            except Exception as error:  # arrays of other types and shapes fail in whatever way they do
                defects.append({"kind": "file_unreadable", "where": where, "detail": str(error)})
                continue
            if not self.metadata.get("sum_intra_duplicates", True):
                entries = entries.unique(["row", "col"], keep="last", maintain_order=True)
            yield about.get("matrix", ""), about, entries

    def describe(self, nodes: dict[str, dict[str, Node]], defects: list[dict[str, Any]]) -> None:
        """Add what the package's tables say of its ids, by the role the id has in a matrix."""
        matrix_of = {part.get("group"): part.get("matrix", "") for part in self.resources}
        for resource in self.resources:
            if resource.get("mediatype") != "text/csv":
                continue
            try:
                rows = pl.read_csv(self.bytes(resource["path"]), infer_schema=False)
            except (pl.exceptions.PolarsError, *UNREADABLE) as error:
                where = f"{self.name}/{resource.get('path')}"
                defects.append({"kind": "file_unreadable", "where": where, "detail": str(error)})
                continue
            if "id" not in rows.columns:
                continue
            uses = {(matrix_of.get(group, ""), axis.rstrip("s")) for group, axis in resource.get("valid_for", [])}
            roles = {tables.ROLE_OF[use] for use in uses if use in tables.ROLE_OF} or set(tables.ROLES)
            described = {row["id"]: tables.node(row) for row in rows.iter_rows(named=True)}
            for role in roles:
                nodes[role] |= described


def _factors(
    group: Mapping[str, Any], entries: pl.DataFrame, where: str, defects: list[dict[str, Any]]
) -> pl.DataFrame:
    """FACTORS of a characterisation group; those of single places left out (a package has no names of places)."""
    method = _method(group)
    if "global_index" in group:
        everywhere = entries.filter(col=str(group["global_index"]))
        if left_out := entries.height - everywhere.height:
            defects.append({"kind": "place_unknown", "where": where, "value": left_out, "detail": method})
        entries = everywhere
    return table(FACTORS, entries.select(method=pl.lit(method), flow="row", factor="value"))


def _method(group: Mapping[str, Any]) -> str:
    """The indicator that a characterisation group is of."""
    identifier = group.get("identifier") or group["group"]
    return identifier if isinstance(identifier, str) else " | ".join(map(str, identifier))
