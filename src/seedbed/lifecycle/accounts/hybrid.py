"""Hybrid life-cycle assessment: the input-output table supplies what a process inventory leaves out.

`tiered` gives the emissions of the inputs nobody inventoried, priced in money, and `completed` adds them to every
footprint of a database. `integrate` puts processes and sectors into one system, in which sectors may also buy from
processes. Sources: Bullard, Penner & Pilati (1978) for the tiered form, Suh & Huppes (2005), Suh (2004) for the
integrated one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
import xarray as xr
from numpy.typing import ArrayLike
from scipy.sparse import block_array, csc_array, eye_array
from scipy.sparse.linalg import SuperLU, splu

from seedbed.base.errors import InvalidInputError
from seedbed.base.units import factor
from seedbed.lifecycle.accounts.leontief import multipliers, per_output
from seedbed.lifecycle.accounts.table import Array, InputOutput, Rows, frame
from seedbed.lifecycle.database import METHOD, Database
from seedbed.lifecycle.inventory.tables import Schema

PURCHASES: Schema = {
    "process": pl.String,
    "sector": pl.String,  # code, or "region:code"
    "spent": pl.Float64,  # money of the table's unit, in prices of the purchase, per unit of the process
    "price_index": pl.Float64,  # prices of that product at the purchase over those of the table; null: 1
}

Sparse = csc_array | ArrayLike


def tiered(purchases: Rows, table: InputOutput, stressor: str) -> pl.DataFrame:
    """Emissions of inputs known only by what was paid for them: spent / price_index × total intensity.

    `purchases` has the columns PURCHASES; paid at producers' prices (take trade and transport out, and enter
    them as purchases from their own sectors). Returns it with `intensity` (stressor per unit of money, whole
    chain) and `amount` (stressor per unit of process). Raises UnknownNameError for another sector or stressor,
    InvalidInputError for a purchase without sector or money, and for a price index that is not positive.
    """
    bought = frame(PURCHASES, purchases).with_columns(pl.col("price_index").fill_null(1.0))
    if (bad := bought.filter(pl.col("sector").is_null() | pl.col("spent").is_null())).height:
        raise InvalidInputError("a purchase lacks its sector or what was spent.",
                                where=f"purchases of {bad['process'][0]}", fix="give both, or leave the row out.")
    if (bad := bought.filter(~(pl.col("price_index") > 0))).height:
        raise InvalidInputError(f"price index {bad['price_index'][0]:g} of {bad['sector'][0]}.",
                                where=f"purchases of {bad['process'][0]}",
                                fix="give prices of the purchase over prices of the table's year.")
    table.stressor(stressor)
    total = multipliers(table, stressor)["total"].to_numpy()
    at = [table.sector(name) for name in bought["sector"]]
    return bought.with_columns(intensity=pl.Series(total[at])).with_columns(
        amount=pl.col("spent") / pl.col("price_index") * pl.col("intensity"))


def completed(
    database: Database, purchases: Rows, table: InputOutput, stressor: str, method: str = METHOD
) -> pl.DataFrame:
    """Footprints of all products of `database`, with what its processes buy beside the inventory.

    `purchases` as for `tiered`, per unit of a process's (first) product. Columns process, flow, `inventory` (the
    score of `method` without them), `purchases` (what they add, along the whole supply chain) and `total`.
    Raises UnknownNameError for another process, InvalidInputError where the stressor is no mass.
    """
    priced = tiered(purchases, table, stressor)
    unit = table.stressors["unit"][table.stressor(stressor)]
    try:
        kilograms = factor(unit, "kg")
    except ValueError as error:
        raise InvalidInputError(f"{error}.", where=f"stressor {stressor}",
                                fix="complete a climate footprint with a greenhouse gas.") from None
    made = database.columns["amount"].to_numpy()
    added = np.zeros(len(made))
    for process, amount in priced.group_by("process", maintain_order=True).agg(pl.col("amount").sum()).iter_rows():
        column = database.column(process)
        added[column] += amount * kilograms * made[column]
    inventory = np.asarray(database.scores[:, database.method_number(method)])
    extra = database.adjoint.solve(added)
    return database.columns.select("process", "flow").with_columns(
        inventory=pl.Series(inventory), purchases=pl.Series(extra), total=pl.Series(inventory + extra))


@dataclass(frozen=True, eq=False)
class Hybrid:
    """Processes and sectors as one system of p + n columns: `matrix` (square), `stressors` (s × p + n)."""

    items: tuple[str, ...]  # processes, then sectors "region:code"
    kinds: tuple[str, ...]  # of the stressors
    matrix: csc_array
    stressors: csc_array = field(repr=False)

    @cached_property
    def _factors(self) -> SuperLU:
        try:
            return splu(self.matrix)
        except RuntimeError as error:
            raise InvalidInputError("the hybrid system is singular.", where="integrated hybrid matrix",
                                    fix="look for a process without output.") from error

    def supply(self, demand: ArrayLike) -> Array:
        """How much every process runs and every sector makes for `demand` (p + n, or p + n × k)."""
        return self._factors.solve(np.asarray(demand, float))

    def totals(self) -> xr.DataArray:
        """Stressor per unit of every product and sector, whole chain: stressor × item."""
        found = self._factors.solve(np.asarray(self.stressors.toarray().T, order="F"), trans="T").T
        return xr.DataArray(found, dims=("stressor", "item"),
                            coords={"stressor": list(self.kinds), "item": list(self.items)})


def integrate(
    table: InputOutput, processes: Sequence[str], technology: Sparse, interventions: Sparse, upstream: Sparse,
    downstream: Sparse | None = None, prices: Sparse | None = None,
) -> Hybrid:
    """Processes beside the sectors of `table`:

        | technology   −downstream |
        | −upstream     I − A′     |      A′ = A − prices·downstream

    `technology` (p × p): net output of product i by process j, inputs negative. `interventions` (s × p): the
    stressors of the table by process. `upstream` (n × p): money spent on each sector per run of a process.
    `downstream` (p × n): products of processes a sector takes per unit of its output; with them `prices`
    (n × p), the money a unit of product costs, in the row of the sector it belongs to, so that what sectors
    now buy from the process no longer stands in A as well. Raises InvalidInputError where shapes disagree, or
    where a sector would buy more from a process than it buys from that process's sector in all.
    """
    p, n, s = len(processes), len(table.x), table.stressors.height
    given = {"technology": (technology, (p, p)), "interventions": (interventions, (s, p)),
             "upstream": (upstream, (n, p)), "downstream": (_none(downstream, p, n), (p, n)),
             "prices": (_none(prices, n, p), (n, p))}
    blocks = {name: csc_array(block, dtype=float) for name, (block, _) in given.items()}
    for name, (_, shape) in given.items():
        if blocks[name].shape != shape:
            raise InvalidInputError(f"{name} is {blocks[name].shape}, expected {shape}.", where="hybrid system",
                                    fix="give processes and sectors in the order of their labels.")
    A = csc_array(per_output(table.Z, table.x)) - blocks["prices"] @ blocks["downstream"]
    lowest = A.tocoo()
    if lowest.nnz and lowest.data.min() < -1e-9:
        i, j = (int(index[lowest.data.argmin()]) for index in lowest.coords)
        raise InvalidInputError(
            f"{table.keys[j]} would buy more from processes than all it buys from {table.keys[i]}.",
            where="downstream × prices", fix="lower the quantity or the price.")
    matrix = block_array([[blocks["technology"], -blocks["downstream"]], [-blocks["upstream"], eye_array(n) - A]])
    emitted = block_array([[blocks["interventions"], csc_array(per_output(table.F, table.x))]])
    return Hybrid((*processes, *table.keys), tuple(table.stressors["code"]), csc_array(matrix), csc_array(emitted))


def _none(block: Sparse | None, rows: int, columns: int) -> Sparse:
    return csc_array((rows, columns)) if block is None else block
