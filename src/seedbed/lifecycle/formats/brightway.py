"""Brightway: reads datapackages (`bw_processing`) and `.bw2package` files, writes datapackages.

A datapackage is a zip file or folder with `datapackage.json` and NumPy arrays in resource groups: for each
entry of a matrix its (row, column) ids, its number, whether its sign is flipped, its factor and its
distribution. Groups fill the matrices in order, a later one replacing the cells it names. Tables (`.csv`)
may say what the ids are. The layout is that of https://github.com/brightway-lca/bw_processing, the codes of
distributions those of `stats_arrays`, `.bw2package` as documented in `bw2io.package`.

Technosphere entries are positive for products made and negative for products used. Ids in packages written
here are hashes of database and id, so that they do not meet those of another database.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats import brightway_tables as tables
from seedbed.lifecycle.formats import bw2package
from seedbed.lifecycle.formats.brightway_tables import ENTRIES, FACTORS, Node
from seedbed.lifecycle.formats.packages import UNREADABLE
from seedbed.lifecycle.inventory.tables import Inventory, Reading, table
from seedbed.lifecycle.methods import climate
from seedbed.lifecycle.solve import system as systems

Array = np.ndarray[Any, Any]

TECHNOSPHERE, BIOSPHERE, CHARACTERISATION = "technosphere_matrix", "biosphere_matrix", "characterization_matrix"
_INDICES = [("row", np.int64), ("col", np.int64)]
_DISTRIBUTIONS = [
    ("uncertainty_type", np.uint8), ("loc", np.float64), ("scale", np.float64), ("shape", np.float64),
    ("minimum", np.float64), ("maximum", np.float64), ("negative", bool),
]
_GLOBAL = 1  # the id Brightway gives the place GLO: the column of factors that hold everywhere
_KINDS = {name: code for code, name in tables.DISTRIBUTIONS.items()}


# Reading


def read(path: Path, *, name: str | None = None, progress: Callable[[int, int], None] | None = None) -> Reading:
    """Read a datapackage (zip or folder), a folder of zipped datapackages, or a `.bw2package` file.

    A folder of packages is one inventory: matrices and methods together, in the order of file names.
    Raises InvalidInputError if there is no such package. What cannot be expressed becomes a defect:
    scenario arrays and interfaces, distributions without a counterpart, factors of single places.
    """
    if path.suffix == ".bw2package":
        return bw2package.read(path, name)
    packages = [_Package(part) for part in _parts(path)]
    nodes: dict[str, dict[str, Node]] = {role: {} for role in tables.ROLES}
    matrices: dict[str, pl.DataFrame] = {}
    methods: list[pl.DataFrame] = []
    defects: list[dict[str, Any]] = []
    for number, package in enumerate(packages):
        package.describe(nodes, defects)
        for matrix, group, entries in package.groups(defects):
            if matrix == CHARACTERISATION:
                methods.append(_factors(group, entries, package.name, defects))
            elif package.metadata.get("sum_inter_duplicates"):
                matrices[matrix] = pl.concat([matrices.get(matrix, entries.clear()), entries])
            else:
                earlier = matrices.get(matrix, entries.clear()).join(entries, on=["row", "col"], how="anti")
                matrices[matrix] = pl.concat([earlier, entries])
        if progress:
            progress(number + 1, len(packages))
    empty = pl.DataFrame(schema=ENTRIES)
    return tables.inventory(
        name or re.sub(r"[^\w.-]+", "_", packages[0].metadata.get("name") or path.stem).lower(),
        nodes, matrices.get(TECHNOSPHERE, empty), matrices.get(BIOSPHERE, empty), methods, defects,
    )


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


class _Package:
    """One datapackage: its metadata, and the entries of its groups."""

    def __init__(self, path: Path) -> None:
        self.path = path
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
            return archive.read(name)

    def array(self, resource: Mapping[str, Any]) -> Array:
        data = self.bytes(resource["path"])
        if resource["path"].endswith(".parquet"):
            frame = pl.read_parquet(data)
            return frame.to_numpy(structured=frame.width > 1).reshape(-1)
        return np.load(io.BytesIO(data), allow_pickle=False)

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
            except (ValueError, pl.exceptions.PolarsError, *UNREADABLE) as error:
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
    identifier = group.get("identifier") or group["group"]
    method = identifier if isinstance(identifier, str) else " | ".join(map(str, identifier))
    if "global_index" in group:
        everywhere = entries.filter(col=str(group["global_index"]))
        if left_out := entries.height - everywhere.height:
            defects.append({"kind": "place_unknown", "where": where, "value": left_out, "detail": method})
        entries = everywhere
    return table(FACTORS, entries.select(method=pl.lit(method), flow="row", factor="value"))


# Writing


def write(inventory: Inventory, folder: Path, *, year: int | None = None) -> list[Path]:
    """Write the system of `inventory` (suppliers as of `year`) and methods; returns the files written.

    The methods are those of the inventory, and climate change as we count it (`methods.climate`).
    Products of one process become processes of their own by its allocation, as `solve.system` divides it.
    An entry that is one uncertain exchange carries its distribution; sums and formulas are written as
    numbers. Factors that hold in one place only are left out, as the exchanges with nature here have none.
    """
    system = systems.build(inventory, year=year)
    flows = system.flows.drop("number")
    numbers = {flow: number for number, flow in enumerate(flows["id"])}
    ours = climate.factors(flows).filter(pl.col("method").is_in([climate.method_id(name) for name in climate.REPORTS]))
    own = inventory.factors.filter(pl.col("place").is_null() & pl.col("flow").is_in(flows["id"].implode()))
    everywhere = pl.concat([own.join(ours, on="method", how="anti", maintain_order="left"), ours])
    factors = {}
    for (method,), rows in everywhere.group_by("method", maintain_order=True):
        factors[str(method)] = np.zeros(flows.height)
        np.add.at(factors[str(method)], [numbers[flow] for flow in rows["flow"]], rows["factor"].to_numpy())
    processes, products = tables.columns(system.columns, inventory)
    return write_package(
        folder, name=inventory.name, processes=processes, products=products, flows=flows,
        technosphere=system.A, biosphere=system.B, factors=factors, licence=inventory.licence,
        spreads=(_spread(system, system.technosphere), _spread(system, system.biosphere)),
    )


def write_package(
    folder: Path,
    *,
    name: str,
    processes: pl.DataFrame,
    products: pl.DataFrame,
    flows: pl.DataFrame,
    technosphere: sparse.csc_matrix,
    biosphere: sparse.csc_matrix,
    factors: Mapping[str, Array] | None = None,
    licence: str = "",
    spreads: tuple[Array | None, Array | None] = (None, None),
) -> list[Path]:
    """Write `inventory.zip` and, for each method, `method-<method>.zip`; returns their paths.

    `technosphere` (n, n), positive for products made; `biosphere` (m, n); `factors` by method (m,). The
    tables describe columns (`processes`), rows (`products`) and rows of the biosphere (`flows`); column `id`
    is the name that, hashed with `name`, gives the package's id, other columns go along. `spreads`: for the
    stored entries of each matrix, in their order, an array of Brightway's distribution fields.

    A method is a package of its own because `bw2calc` adds up all factors it is given. Demands are asked
    with `node_id(name, process)`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    nodes, elementary = _ids(name, processes["id"]), _ids(name, flows["id"])
    resources = [
        *_group("technosphere", TECHNOSPHERE, nodes, nodes, technosphere, spreads[0], flip=technosphere.data < 0),
        *_group("biosphere", BIOSPHERE, elementary, nodes, biosphere, spreads[1]),
        _table("processes", [("technosphere", "col"), ("biosphere", "col")], nodes, processes),
        _table("products", [("technosphere", "row")], nodes, products),
        _table("flows", [("biosphere", "row")], elementary, flows),
    ]
    written = [_save(folder / "inventory.zip", name, licence, resources)]
    for method, values in (factors or {}).items():
        matrix = sparse.csc_matrix(np.asarray(values, dtype=float)[:, None])
        label = re.sub(r"[^\w-]+", "-", method).strip("-")
        if any(path.name == f"method-{label}.zip" for path in written):
            label += f"-{len(written)}"
        about = {"identifier": [method], "global_index": _GLOBAL}
        parts = list(_group("factors", CHARACTERISATION, elementary, np.array([_GLOBAL]), matrix, None, **about))
        written.append(_save(folder / f"method-{label}.zip", f"{name}-{label}", licence, parts))
    return written


def node_id(database: str, name: str) -> int:
    """The id in packages of a process, product or flow called `name`: 63 bits of a hash."""
    digest = hashlib.blake2b(f"{database}\x1f{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def _ids(database: str, names: Sequence[str] | pl.Series) -> Array:
    return np.array([node_id(database, name) for name in names], dtype=np.int64)


Resource = tuple[dict[str, Any], bytes]


def _group(
    label: str, matrix: str, rows: Array, columns: Array, values: sparse.csc_matrix, spread: Array | None, *,
    flip: Array | None = None, **about: Any,
) -> Iterator[Resource]:
    """The resources of a matrix's stored entries. Where `flip`, the number is stored with its sign changed."""
    numbers = values.data.astype(np.float64)
    arrays = {"indices": np.empty(values.nnz, dtype=_INDICES), "data": numbers}
    arrays["indices"]["row"] = rows[values.indices]
    arrays["indices"]["col"] = np.repeat(columns, np.diff(values.indptr))
    if flip is not None and flip.any():
        arrays |= {"data": np.where(flip, -numbers, numbers), "flip": flip}
    if spread is not None and (spread["uncertainty_type"] > 1).any():
        arrays["distributions"] = spread
    for kind, array in arrays.items():
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=False)
        yield {
            "profile": "data-resource", "format": "npy", "mediatype": "application/octet-stream",
            "name": f"{label}.{kind}", "path": f"{label}.{kind}.npy", "matrix": matrix, "kind": kind,
            "group": label, "category": "vector", "nrows": values.nnz, **about,
        }, buffer.getvalue()


def _table(label: str, valid_for: list[tuple[str, str]], ids: Array, rows: pl.DataFrame) -> Resource:
    described = rows.rename({"id": "code"}).with_columns(id=pl.Series(ids)).select("id", pl.exclude("id"))
    return {
        "profile": "data-resource", "mediatype": "text/csv", "path": f"{label}.csv", "name": label,
        "valid_for": valid_for,
    }, described.write_csv().encode()


def _save(path: Path, name: str, licence: str, resources: Sequence[Resource]) -> Path:
    """Zip the resources with their description; the same content gives the same bytes."""
    metadata = {
        "profile": "data-package", "name": re.sub(r"[^\w.-]+", "_", name), "id": f"{node_id(name, path.name):016x}",
        "licenses": [{"name": licence}] if licence else [], "resources": [about for about, _ in resources],
        "combinatorial": False, "sequential": False, "seed": None, "64_bit_indices": True,
        "sum_intra_duplicates": True, "sum_inter_duplicates": False, "matrix_serialize_format_type": "numpy",
    }
    text = json.dumps(metadata, ensure_ascii=False, indent=2).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, data in [("datapackage.json", text), *((about["path"], data) for about, data in resources)]:
            archive.writestr(zipfile.ZipInfo(file), data, zipfile.ZIP_DEFLATED)
    return path


def _spread(system: systems.System, pattern: systems.Pattern) -> Array:
    """Distribution fields of the entries of a matrix, for the numbers stored.

    An entry has a distribution here if it is one exchange with a distribution and without a formula.
    """
    values = pattern.data(system.amounts.base())
    stored = np.abs(values) if pattern is system.technosphere else values
    out = np.zeros(values.size, dtype=_DISTRIBUTIONS)
    for field in ("scale", "shape", "minimum", "maximum"):
        out[field] = np.nan
    out["loc"], out["negative"] = stored, stored < 0
    alone = np.bincount(pattern.position, minlength=values.size)[pattern.position] == 1
    rows = system.exchanges[pattern.exchange[alone]].select("distribution", "formula", "loc", "scale", "low", "high")
    uncertain = (rows["distribution"].is_not_null() & rows["formula"].is_null()).to_numpy()
    rows, position = rows.filter(uncertain), pattern.position[alone][uncertain]
    times = pattern.coefficient[alone][uncertain] * np.where(stored[position] == values[position], 1.0, -1.0)
    loc, scale, low, high = (rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in rows.columns[2:])
    logarithmic = (rows["distribution"] == "lognormal").to_numpy()
    out["uncertainty_type"][position] = rows["distribution"].replace_strict(_KINDS, return_dtype=pl.UInt8).to_numpy()
    out["loc"][position] = np.where(logarithmic, loc + np.log(np.abs(times)), times * loc)
    out["scale"][position] = np.where(logarithmic, scale, np.abs(times) * scale)
    out["minimum"][position] = np.where(times > 0, times * low, times * high)
    out["maximum"][position] = np.where(times > 0, times * high, times * low)
    return out
