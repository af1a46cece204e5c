"""Brightway: writes datapackages, in the layout that `read` describes.

Technosphere entries are positive for products made and negative for products used. Ids are hashes of
database and id, so that they do not meet those of another database.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from seedbed.lifecycle.formats.brightway import tables
from seedbed.lifecycle.formats.brightway.tables import BIOSPHERE, CHARACTERISATION, TECHNOSPHERE, Array
from seedbed.lifecycle.inventory.tables import Inventory
from seedbed.lifecycle.methods import climate
from seedbed.lifecycle.solve import system as systems

_INDICES = [("row", np.int64), ("col", np.int64)]
_DISTRIBUTIONS = [
    ("uncertainty_type", np.uint8), ("loc", np.float64), ("scale", np.float64), ("shape", np.float64),
    ("minimum", np.float64), ("maximum", np.float64), ("negative", bool),
]
_GLOBAL = 1  # the id Brightway gives the place GLO: the column of factors that hold everywhere
_KINDS = {name: code for code, name in tables.DISTRIBUTIONS.items()}


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
