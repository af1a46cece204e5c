"""A life-cycle database ready to be asked: matrices, factors and the table of all scores, each made once.

The **adjoint score table** is the centre: one solve with Aᵀ gives, for every product and every method at
once, the impact of a unit: `Λ = A⁻ᵀ Bᵀ C`. A footprint is then a look-up, and every contribution tree,
hot-spot and "why" comes from the same numbers.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
from scipy import sparse

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.inventory.tables import Inventory
from seedbed.lifecycle.methods import climate
from seedbed.lifecycle.places import around, distance
from seedbed.lifecycle.solve.factor import Array, Factor
from seedbed.lifecycle.solve.link import link
from seedbed.lifecycle.solve.system import System, build

LAYOUT = "5"
"""Version of what is kept in a snapshot's folder; raised whenever matrices or scores are made differently."""
_SHOWN = ("columns", "products", "methods")
"""Tables kept beside the matrices, so that a look-up needs no inventory."""
METHOD = climate.method_id("ar6")
"""The default method: GWP100 of AR6."""


class Database:
    """An inventory with its matrices for one year (None: the latest data); immutable, made when first asked for.

    `inventory` may be a function that loads it. With a `folder` (a snapshot's `derived`), matrices and scores
    are kept there and read back the next time, and a look-up does not load the inventory at all.
    """

    def __init__(
        self, inventory: Inventory | Callable[[], Inventory], *, name: str = "", version: str = "",
        year: int | None = None, digest: str = "", folder: Path | None = None,
    ) -> None:
        self._inventory = inventory
        self.name = inventory.name if isinstance(inventory, Inventory) else name
        self.version = inventory.version if isinstance(inventory, Inventory) else version
        self.year = year
        self.digest = digest
        self.folder = folder

    def for_year(self, year: int | None) -> Database:
        """This database with the suppliers of another year."""
        if year == self.year:
            return self
        return Database(self._inventory, name=self.name, version=self.version, year=year, digest=self.digest,
                        folder=self.folder)

    @cached_property
    def inventory(self) -> Inventory:
        """The inventory behind the matrices."""
        return self._inventory if isinstance(self._inventory, Inventory) else self._inventory()

    @cached_property
    def _kept(self) -> Path | None:
        """Folder of this year's matrices and scores, complete; None without a place to keep them."""
        if self.folder is None:
            return None
        kept = self.folder / f"{LAYOUT}-{self.year or 'latest'}"
        if not kept.exists():
            if not os.access(self.folder.parent, os.W_OK):  # a store that others look after
                return None
            self.folder.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder, prefix=".new-") as name:
                unfinished = Path(name) / "kept"
                unfinished.mkdir()
                fresh = Database(self.inventory, year=self.year)
                fresh.system.save(unfinished)
                for part in _SHOWN:
                    getattr(fresh, part).write_ipc_stream(unfinished / f"{part}.arrows")
                np.save(unfinished / "direct.npy", fresh.direct)
                np.save(unfinished / "scores.npy", fresh.scores)
                with suppress(OSError):  # another process has just made the same
                    unfinished.rename(kept)
        return kept

    @cached_property
    def system(self) -> System:
        """The matrices."""
        return build(self.inventory, year=self.year) if self._kept is None else System.load(self._kept, self.inventory)

    def _shown(self, part: str, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        return make() if self._kept is None else pl.read_ipc_stream(self._kept / f"{part}.arrows")

    @cached_property
    def columns(self) -> pl.DataFrame:
        """What each column of the matrices is (`solve.columns`), with the process's `name_zh` and `name_en`."""

        def make() -> pl.DataFrame:
            names = self.inventory.processes.select("name_zh", "name_en", process="id")
            return self.system.columns.join(names, on="process", how="left", maintain_order="left")

        return self._shown("columns", make)

    @cached_property
    def products(self) -> pl.DataFrame:
        """The flows that columns make (FLOWS schema)."""
        return self._shown(
            "products", lambda: self.inventory.flows.join(self.columns.select(id="flow"), on="id", how="semi")
        )

    def variant(self, inventory: Callable[[], Inventory], scores: Array) -> Database:
        """This database with another inventory of the same columns, whose score table is known."""
        other = Database(inventory, name=self.name, version=self.version, year=self.year, digest=self.digest)
        other.__dict__.update(columns=self.columns, products=self.products, methods=self.methods, scores=scores)
        return other

    @cached_property
    def factor(self) -> Factor:
        """Factor of A: solves for the scaling of a demand."""
        return Factor(self.system.A)

    @cached_property
    def adjoint(self) -> Factor:
        """Factor of Aᵀ: solves for the scores of all products."""
        return Factor(sparse.csc_matrix(self.system.A.T))

    @cached_property
    def methods(self) -> pl.DataFrame:
        """Impact methods, METHODS schema: climate change of AR6 and AR5, then those the database brings."""

        def make() -> pl.DataFrame:
            own = self.inventory.methods.filter(~pl.col("id").is_in(climate.methods()["id"].implode()))
            return pl.concat([climate.methods(), own])

        return self._shown("methods", make)

    @cached_property
    def _method_number(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.methods["id"])}

    def method_number(self, method: str) -> int:
        """Column of a method in `direct` and `scores`. Raises UnknownNameError with the nearest."""
        try:
            return self._method_number[method]
        except KeyError:
            raise UnknownNameError("method", method, self._method_number) from None

    @cached_property
    def characterisation(self) -> sparse.csr_matrix:
        """C: impact of a unit of each elementary flow, (flows × methods), factors that hold everywhere."""
        flows = self.system.flows
        rows = _numbered(self._factors.filter(pl.col("place").is_null()), flows, self._method_number)
        shape = (flows.height, len(self._method_number))
        return sparse.csr_matrix((rows["factor"], (rows["i"], rows["j"])), shape=shape)

    @cached_property
    def _factors(self) -> pl.DataFrame:
        flows = self.system.flows.drop("location").unique("id", keep="first", maintain_order=True)
        own = self.inventory.factors.filter(pl.col("factor").is_finite())
        own = own.join(flows, left_on="flow", right_on="id", how="semi")
        return pl.concat([climate.factors(flows), own.filter(~pl.col("method").str.starts_with("gwp100-"))])

    @cached_property
    def _local(self) -> dict[int, dict[str, tuple[Array, Array]]]:
        """Method → place → rows of B and their factors there."""
        local = _numbered(self._factors.filter(pl.col("place").is_not_null()), self.system.flows, self._method_number)
        found: dict[int, dict[str, tuple[Array, Array]]] = {}
        for (method, place), rows in local.group_by("j", "place", maintain_order=True):
            found.setdefault(cast(int, method), {})[cast(str, place)] = rows["i"].to_numpy(), rows["factor"].to_numpy()
        return found

    def weights(self, method: int, flows: Array, columns: Array) -> Array:
        """Impact of a unit of each of `flows` (rows of B) that each of `columns` gives off or takes, of one shape.

        A factor of the place counts first, then of the regions around it, then what holds everywhere; the place is that
        of the column, or of the exchange where it has its own.
        """
        general = self.characterisation[:, [method]].toarray().ravel()
        found = general[flows]
        local = self._local.get(method, {})
        if local:
            own = self.system.flows["location"].gather(flows).rename("own")
            codes = pl.DataFrame([own, self.system.columns["place"].gather(columns).rename("column")]).select(
                pl.coalesce("own", "column", pl.lit("GLO"))).to_series()
            for (place,), rows in pl.DataFrame({"place": codes}).with_row_index().group_by("place"):
                here = general.copy()
                for region in reversed(around(cast(str, place))):
                    if region in local:
                        here[local[region][0]] = local[region][1]
                numbers = rows["index"].to_numpy()
                found[numbers] = here[flows[numbers]]
        return found

    def direct_of(self, B: sparse.csc_matrix) -> Array:
        """Impact of exchanges with nature `B` (flows × columns), (columns × methods)."""
        direct = (B.T @ self.characterisation).toarray()
        entries = sparse.coo_matrix(B)
        for method in self._local:
            value = entries.data * self.weights(method, entries.row, entries.col)
            direct[:, method] = np.bincount(entries.col, weights=value, minlength=len(direct))
        return direct

    @cached_property
    def direct(self) -> Array:
        """Impact of each column's own exchanges with nature, (columns × methods)."""
        if self._kept is not None:
            return np.load(self._kept / "direct.npy", mmap_mode="r")
        return self.direct_of(self.system.B)

    @cached_property
    def scores(self) -> Array:
        """The adjoint score table: impact per unit of each column's product, (columns × methods)."""
        if self._kept is not None:
            return np.load(self._kept / "scores.npy", mmap_mode="r")
        return self.adjoint.solve(self.direct)

    def product(self, product: str) -> dict[str, Any]:
        """The product flow called `product` (id, or name in zh or en), a row of `products`.

        Raises UnknownNameError with the nearest names, InvalidInputError for a name that several have.
        """
        wanted = product.strip().lower()
        for key in ("id", "name_en", "name_zh"):
            found = self.products.filter(pl.col(key).str.to_lowercase() == wanted)
            if found.height == 1:
                return found.row(0, named=True)
            if found.height > 1:
                ids = ", ".join(found["id"].head(5))
                raise InvalidInputError(f"{found.height} products are called {product!r}.", where=self.name,
                                        fix=f"name one by its id: {ids}.")
        known = [name for key in ("id", "name_en", "name_zh") for name in self.products[key].drop_nulls()]
        raise UnknownNameError(f"product of {self.name}", product, known)

    def supply(self, flow: str, place: str) -> list[tuple[int, float, int]]:
        """Who supplies `flow` to `place`: (column, share, distance) as `solve.link` decides."""
        makers = self.columns.filter(pl.col("flow") == flow)
        if makers.height == 1:
            return [(makers["column"][0], 1.0, distance(place, makers["place"][0] or "GLO"))]
        wanted = pl.DataFrame(
            {"process": [""], "row": [0], "flow": [flow], "provider": [None], "place": [place]},
            schema=dict.fromkeys(("process", "flow", "provider", "place"), pl.String) | {"row": pl.Int32},
        )
        return list(link(wanted, makers, year=self.year).select("column", "weight", "distance").iter_rows())

    def column(self, process: str, flow: str | None = None) -> int:
        """Number of a process's column (of its product `flow`, where it has several)."""
        rows = self.columns.filter(pl.col("process") == process)
        rows = rows if flow is None else rows.filter(pl.col("flow") == flow)
        if rows.height == 0:
            raise UnknownNameError(f"process of {self.name}", process, self.columns["process"])
        return int(rows["column"][0])

    def solve(self, columns: Sequence[int], amounts: Sequence[float]) -> Array:
        """Scaling of every column for a demand of `amounts` (flow's units) from `columns`."""
        demand = np.zeros(self.system.size)
        np.add.at(demand, list(columns), amounts)
        return self.factor.solve(demand)


def _numbered(factors: pl.DataFrame, flows: pl.DataFrame, methods: dict[str, int]) -> pl.DataFrame:
    """`factors` with the row `i` of B and the number `j` of the method; the first of several counts."""
    numbers = pl.DataFrame([*methods.items()], schema={"method": pl.String, "j": pl.Int64}, orient="row")
    found = factors.join(flows.select(flow="id", i="number"), on="flow").join(numbers, on="method")
    return found.unique(["i", "j", "place"], keep="first", maintain_order=True)
