"""`footprint(product, …) -> Footprint`: the life-cycle impact of an amount of a product, and why it is so."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from seedbed.base import units
from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.base.shown import Shown
from seedbed.base.text import Text
from seedbed.facts import places as china
from seedbed.lifecycle.database import METHOD, Database
from seedbed.lifecycle.inventory.join import join
from seedbed.lifecycle.inventory.store import Store
from seedbed.lifecycle.inventory.tables import Inventory
from seedbed.lifecycle.linked import STARTER, linked
from seedbed.lifecycle.methods import climate
from seedbed.lifecycle.solve import contribution
from seedbed.lifecycle.solve.contribution import Node
from seedbed.lifecycle.solve.factor import Array

if TYPE_CHECKING:
    import xarray

    from seedbed.lifecycle.solve.montecarlo import Progress
    from seedbed.lifecycle.uncertainty import Uncertainty

DRAWS = 1000
"""Draws of an uncertainty, where nothing else is said."""


def stored(store: Store, name: str, digest: str | None = None) -> Database:
    """A database of a store, with the databases it links to; matrices and scores are kept beside it."""
    snapshot = store.snapshot(name, digest)

    def load() -> Inventory:
        inventory = store.open(name, snapshot.hash)
        return join(inventory, list(linked(store, inventory.depends).values()))

    # What a database links to may change, so matrices that depend on others are not kept.
    folder = None if snapshot.depends else snapshot.derived
    return Database(load, name=name, version=snapshot.version, digest=snapshot.hash, folder=folder)


@cache
def starter(year: int | None = None) -> Database:
    """The starter database that ships with Seedbed, with suppliers as of `year`."""
    from seedbed.lifecycle.starter.build import starter as inventory

    return Database(inventory(), year=year)


@dataclass(frozen=True, slots=True)
class Supplier:
    """A process that supplies the product asked for: its column, share, and distance (`places.distance`)."""

    column: int
    process: str
    name: Text
    place: str
    share: float
    distance: int


@dataclass(frozen=True, repr=False)
class Footprint(Shown):
    """The impact of `amount` (`unit`) of a product at a place.

    `value` is in the method's `per` unit (kgCO2e for climate change). `parts` splits a climate footprint
    as ISO 14067 asks; the parts of the headline add up to `value`. Everything else is asked by a method
    of this object and comes from the same matrices.
    """

    product: str
    name: Text
    amount: float
    unit: str
    place: str
    year: int | None
    method: str
    per: str
    value: float
    parts: dict[str, float]
    suppliers: tuple[Supplier, ...]
    flow_unit: str
    database: Database = field(repr=False, compare=False)

    def about(self) -> dict[str, object]:
        return {"product": f"{self.amount:g} {self.unit} {self.product} ({self.name.en})", "place": self.place,
                "value": f"{self.value:.6g} {self.per}", "method": self.method, "year": self.year or "latest data",
                "suppliers": len(self.suppliers), "database": f"{self.database.name} {self.database.version}"}

    def to_polars(self) -> pl.DataFrame:
        """The processes that give off most, most first."""
        return self.processes(1_000)

    def to_xarray(self) -> xarray.Dataset:
        """The parts of the footprint by name (ISO 14067), with what made it."""
        import xarray as xr

        parts = self.parts or {"total": self.value}
        values = xr.DataArray(list(parts.values()), {"part": list(parts)}, ["part"], attrs={"unit": self.per})
        return xr.Dataset({"impact": values}, attrs={"product": self.product, "place": self.place,
                                                     "method": self.method, "value": self.value})

    @property
    def demand(self) -> list[float]:
        """What is asked of each supplier, in the flow's unit."""
        total = self.amount * units.factor(self.unit, self.flow_unit)
        return [total * supplier.share for supplier in self.suppliers]

    @property
    def _method(self) -> int:
        return self.database.method_number(self.method)

    def scaling(self) -> Array:
        """How much every process runs for this demand, by column."""
        return self.database.solve([s.column for s in self.suppliers], self.demand)

    def trees(self, *, depth: int = 4, cutoff: float = 0.02) -> list[Node]:
        """The supply tree of each supplier, branches under `cutoff` of its total summed as `rest`."""
        pairs = zip(self.suppliers, self.demand, strict=True)
        return [
            contribution.tree(self.database, s.column, amount, self._method, depth=depth, cutoff=cutoff)
            for s, amount in pairs
        ]

    def processes(self, count: int = 20) -> pl.DataFrame:
        """Hot-spots: the processes that give off most themselves (process, names, place, value, share)."""
        spots = contribution.hotspots(self.database, self.scaling(), self._method)
        rows = spots.largest(count)
        table = self.database.columns[rows.tolist()].select("column", "process", "flow", "place", "name_zh", "name_en")
        quality = self.database.inventory.processes.select("id", "quality")
        return (
            table.join(quality, left_on="process", right_on="id", how="left", maintain_order="left")
            .with_columns(value=pl.Series(spots.value[rows]), share=pl.Series(_share(spots.value[rows], self.value)))
            .filter(pl.col("value") != 0)
        )

    def flows(self, count: int = 20) -> pl.DataFrame:
        """Exchanges with nature that matter most (flow, names, compartment, value, share)."""
        value = contribution.by_flow(self.database, self.scaling(), self._method)
        rows = np.argsort(-np.abs(value), kind="stable")[:count]
        table = self.database.system.flows[rows.tolist()].select("id", "name_zh", "name_en", "compartment", "unit")
        return table.with_columns(
            value=pl.Series(value[rows]), share=pl.Series(_share(value[rows], self.value))
        ).filter(pl.col("value") != 0)

    def why(self, process: str) -> pl.DataFrame:
        """Every exchange of a process with what it carries per unit of product, its uncertainty and source.

        Columns: flow, names, direction, amount and unit (per unit of the process's product, by allocation),
        supplier, value (of `method`, per unit of product; they add up to the product's score), distribution,
        scale, year, citation, url, comment.
        """
        return _why(self.database, process, self._method)

    def edges(self, count: int = 40) -> list[tuple[int, int, float]]:
        """The largest supplies (supplier column, consumer column, impact carried), for a Sankey."""
        return contribution.edges(self.database, self.scaling(), self._method, count)

    def uncertainty(
        self, draws: int = DRAWS, seed: int = 0, *, correlation: float = 0.0, progress: Progress | None = None
    ) -> Uncertainty:
        """Monte Carlo over every uncertain amount of the supply chain; same seed, same bits.

        `correlation` makes the numbers of one process move together.
        """
        from seedbed.lifecycle.uncertainty import uncertainty

        return uncertainty([self], draws=draws, seed=seed, correlation=correlation, progress=progress)[0]

    def sobol(self, draws: int = 512, seed: int = 0, *, progress: Progress | None = None) -> pl.DataFrame:
        """Sobol indices, first-order and total, of the processes that matter most to the uncertainty."""
        from seedbed.lifecycle.uncertainty import sobol

        return sobol(self, draws=draws, seed=seed, progress=progress)

    def to_dict(self) -> dict[str, Any]:
        """The result and what made it, as plain values for JSON."""
        from importlib.metadata import version

        return {
            "product": self.product, "name": {"zh": self.name.zh, "en": self.name.en}, "amount": self.amount,
            "unit": self.unit, "place": self.place, "year": self.year, "method": self.method,
            "value": self.value, "per": self.per, "parts": self.parts,
            "suppliers": [
                {"process": s.process, "place": s.place, "share": s.share, "distance": s.distance}
                for s in self.suppliers
            ],
            "made_by": {
                "seedbed": version("seedbed"), "database": self.database.name,
                "version": self.database.version, "digest": self.database.digest,
            },
        }


def footprint(
    product: str,
    amount: float = 1.0,
    unit: str | None = None,
    *,
    place: str = china.NATION,
    year: int | None = None,
    method: str = METHOD,
    database: Database | str = STARTER,
) -> Footprint:
    """The life-cycle impact of `amount` of `product`, as supplied to `place`.

    `product` is a flow's id or its name in Chinese or English; `unit` any unit of its dimension (default: the
    flow's own). `place` is a place of China by any of its names, or a place code of the database. `database` is one
    that is open or the name of one (`open_database`), the default method GWP100 of AR6. `year` chooses suppliers by
    their period of validity. Raises UnknownNameError and InvalidInputError.
    """
    if not math.isfinite(amount):
        raise InvalidInputError(f"an amount of {amount} cannot be supplied.", where=product, fix="give a number.")
    database = _for_year(database, year)
    _check_year(database, database.year)
    asked = database.product(product)
    flow, code = asked["id"], place_code(place)
    shares = database.supply(flow, code)
    if not shares:
        raise InvalidInputError(f"nobody supplies {product!r}.", where=database.name,
                                fix="import a database that has a process for it.")
    number = database.method_number(method)
    counted: str = unit or asked["unit"]
    total = _in_unit(counted, asked["unit"], flow) * amount
    columns, weights = [column for column, _, _ in shares], np.array([share for _, share, _ in shares])
    per_unit = weights @ database.scores[columns]
    return Footprint(
        product=flow, name=text(asked["name_zh"], asked["name_en"], flow), amount=amount, unit=counted, place=code,
        year=database.year, method=method, per=str(database.methods["unit"][number]),
        value=float(total * per_unit[number]), parts=_parts(database, method, total * per_unit),
        suppliers=_suppliers(database, shares), database=database, flow_unit=asked["unit"],
    )


REACH = 10  # years that a process may be used before or after its own


def _check_year(database: Database, year: int | None) -> None:
    """Raise InvalidInputError for a year of which the database knows nothing."""
    if year is None:
        return
    known = database.inventory.processes.select("start", "end").drop_nulls("start")
    if not known.height:
        return
    first, last = known.select(pl.col("start").min(), last=pl.coalesce("end", "start").max()).row(0)
    if not first - REACH <= year <= last + REACH:
        raise InvalidInputError(f"no process of {database.name} is of {year}: they are of {first}–{last}.",
                                where=Parameter("year"), fix="leave it out for the latest, or give one of these years.")


def place_code(place: str) -> str:
    """Code of a place of China by any of its names; other codes (`US`, `GLO`) pass as they are."""
    if place.isascii() and place.isupper() and len(place) <= 3 and place != china.NATION:
        return place
    return china.resolve(place).id


def named(name: str, database: Database) -> tuple[str | None, str | None]:
    """(product, None) or (None, place): places of China first, then products, then place codes of the database."""
    if china.known(name):
        return None, china.resolve(name).id
    try:
        return database.product(name)["id"], None
    except UnknownNameError as error:
        codes = database.columns["place"].drop_nulls().to_list()
        if name in codes:
            return None, name
        places = UnknownNameError("place", name, china.names()).near
        raise UnknownNameError("place or product", name, [*places, *error.near] or codes) from None


def text(zh: str | None, en: str | None, fallback: str) -> Text:
    """Both languages, from whichever the database has."""
    return Text(zh=zh or en or fallback, en=en or zh or fallback)


def open_database(name: str = STARTER, year: int | None = None) -> Database:
    """The starter set, or the live version of a database of the user's home. Raises UnknownNameError."""
    return starter(year) if name == STARTER else stored(Store(), name).for_year(year)


def _for_year(database: Database | str, year: int | None) -> Database:
    if isinstance(database, str):
        return open_database(database, year)
    return database if year is None else database.for_year(year)


def _in_unit(unit: str, to: str, flow: str) -> float:
    try:
        return units.factor(unit, to)
    except ValueError as error:
        fitting = ", ".join(units.alike(to))
        raise InvalidInputError(f"{error}.", where=f"unit of {flow}", fix=f"give the amount in {fitting}.") from None


def _parts(database: Database, method: str, values: Array) -> dict[str, float]:
    """ISO 14067's split of a climate method; other methods have none."""
    if method not in (climate.method_id(report) for report in climate.REPORTS):
        return {}
    return {part: float(values[database.method_number(f"{method}/{part}")]) for part in climate.part_names()}


def _suppliers(database: Database, shares: list[tuple[int, float, int]]) -> tuple[Supplier, ...]:
    columns = database.columns[[column for column, _, _ in shares]]
    return tuple(
        Supplier(column, row["process"], text(row["name_zh"], row["name_en"], row["process"]), row["place"], share, far)
        for (column, share, far), row in zip(shares, columns.iter_rows(named=True), strict=True)
    )


def _share(values: Array, total: float) -> Array:
    return values / total if total else np.zeros_like(values)


def _why(database: Database, process: str, method: int) -> pl.DataFrame:
    column = database.column(process)
    system, inventory = database.system, database.inventory
    made = float(system.columns["amount"][column])
    part, carried = contribution.by_exchange(database, column, method)
    makers = system.columns.select("column", supplier="process")
    suppliers = (
        system.links.filter(pl.col("process") == process)
        .join(makers, on="column", maintain_order="left")
        .group_by("row", maintain_order=True)
        .agg(pl.col("supplier").str.join(", "))
    )
    numbered = system.exchanges.with_columns(part=pl.Series(part), value=pl.Series(carried / made).fill_nan(None))
    joined = (
        numbered.filter(pl.col("process") == process)
        .join(suppliers, on="row", how="left", maintain_order="left")
        .join(inventory.flows.select("name_zh", "name_en", flow="id", flow_unit="unit"), on="flow", how="left",
              maintain_order="left")
        .join(inventory.sources.select("citation", "url", source="id"), on="source", how="left", maintain_order="left")
    )
    return joined.select(
        "flow", "name_zh", "name_en", "direction", "reference", "supplier", "distribution", "scale", "year",
        "citation", "url", "comment", "value", amount=pl.col("amount") * pl.col("part") / made, unit="flow_unit",
    ).sort(pl.col("value").abs(), descending=True, nulls_last=True)
