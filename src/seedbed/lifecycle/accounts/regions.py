"""Who emits, and for whom: production- and consumption-based accounts of every region.

accounts(table) answers for any input-output table, national or multi-regional. With S the stressors per unit of
output, L = (I − A)⁻¹ and y_c the final demand of region c, the flow from origin r to consumer c is the sum over the
sectors of r of S·L·y_c (Peters 2008; Miller & Blair, chapter 10). All accounts are sums of that flow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
import xarray as xr

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.accounts.leontief import Leontief, per_output
from seedbed.lifecycle.accounts.table import Array, InputOutput

COLUMNS = 256
"""Right-hand sides solved at once: more share one pass over the factors, fewer need less memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """The accounts of a table; every array is labelled, the unit of a stressor is its coordinate `unit`.

    `regions` (stressor × region):
        production      emitted in the region, by its sectors and its final users (D_pba)
        consumption     emitted anywhere for its final demand, and by its final users (D_cba)
        exports         emitted in the region for final demand elsewhere (D_exp)
        imports         emitted elsewhere for its final demand (D_imp)
        final_use       emitted by its final users themselves; part of the first two
        export_value    money received from other regions (no stressor)
        export_intensity  exports / export_value (出口贸易隐含碳强度)
      so that production − consumption = exports − imports.
    `trade` (stressor × origin × destination): emitted in origin for final demand of destination.
    `sectors` (stressor × sector): `production`, `exports`, and per unit of money `direct` and `total`.
    `products` (stressor × region × product): `consumption` and `imports` of the region by the product it buys
      (production chains only, without `final_use`).
    """

    regions: xr.Dataset
    trade: xr.DataArray
    sectors: xr.Dataset
    products: xr.Dataset


def accounts(table: InputOutput) -> Accounts:
    """The accounts of every stressor in `table`.

    One factorisation, one solution for each region that buys and one for each stressor and region that
    produces. Raises InvalidInputError where the table has no stressors, or where its imports are still among
    its uses (`domestic` and `mirrored` in `imports.py` take them out).
    """
    _check(table)
    regions, products = table.regions, list(dict.fromkeys(table.sectors["code"]))
    home, buyer = (_numbers(labels["region"], regions) for labels in (table.sectors, table.demands))
    product = _numbers(table.sectors["code"], products)
    makers = int(home.max()) + 1  # regions that produce come first

    system = Leontief(table.Z, table.x, name=table.name)
    demand = _sum(table.Y, buyer, len(regions), axis=1)
    outputs = system.outputs(demand)
    direct = per_output(table.F, table.x)
    totals = _by_origin(system, direct, home, makers)
    parts = [_one(S, by_origin, outputs, demand, home, product)
             for S, by_origin in zip(direct, totals, strict=True)]
    trade, made, total, bought = (np.stack(part) for part in zip(*parts, strict=True))
    trade = np.pad(trade, ((0, 0), (0, len(regions) - makers), (0, 0)))
    return _labelled(table, trade, made, total, bought, _sum(table.FY, buyer, len(regions), axis=1), products)


def _check(table: InputOutput) -> None:
    where = table.name or "input-output table"
    if not table.stressors.height:
        raise InvalidInputError("it has no stressors to account for.", where=where, fix="give stressors and F.")
    if "import" in table.demands["kind"].to_list():
        raise InvalidInputError("imports are among the uses of this table.", where=where,
                                fix="take them out first with domestic(table), or mirrored(table) to count them.")


def _numbers(column: pl.Series, known: list[str]) -> np.ndarray:
    """Position in `known` of every entry."""
    number = {name: i for i, name in enumerate(known)}
    return np.array([number[name] for name in column], dtype=np.intp)


def _sum(array: Array, group: np.ndarray, groups: int, *, axis: int) -> Array:
    """Sums of `array` over the members of each group along `axis`."""
    moved = np.moveaxis(array, axis, 0)
    found = np.zeros((groups, *moved.shape[1:]))
    np.add.at(found, group, moved)
    return np.moveaxis(found, 0, axis)


def _by_origin(system: Leontief, direct: Array, home: np.ndarray, makers: int) -> Iterator[Array]:
    """For every stressor (s × n): its total in a unit of every product by the region it is emitted in, makers × n."""
    at_once = max(1, COLUMNS // makers)
    of_region = home == np.arange(makers)[:, None]
    for first in range(0, len(direct), at_once):
        some = np.where(of_region, direct[first: first + at_once, None], 0.0)
        yield from system.multipliers(some.reshape(-1, len(home))).reshape(some.shape)


def _one(
    S: Array, by_origin: Array, outputs: Array, demand: Array, home: np.ndarray, product: np.ndarray,
) -> tuple[Array, Array, Array, Array]:
    """One stressor: trade (makers × R), emissions (n × 2: all, for elsewhere), totals (n), products (2 × R × p)."""
    makers = len(by_origin)
    emitted = S[:, None] * outputs
    own = emitted[np.arange(len(S)), home]
    total = by_origin.sum(axis=0)
    count = int(product.max()) + 1
    foreign = np.repeat(total[None], demand.shape[1], axis=0)
    foreign[:makers] -= by_origin
    bought = np.stack([_sum(demand * m, product, count, axis=0).T for m in (total[:, None], foreign.T)])
    made = np.stack([emitted.sum(axis=1), emitted.sum(axis=1) - own], axis=1)
    return _sum(emitted, home, makers, axis=0), made, total, bought


def _labelled(
    table: InputOutput, trade: Array, made: Array, total: Array, bought: Array, final_use: Array,
    products: list[str],
) -> Accounts:
    regions = table.regions
    stressor = {"stressor": table.stressors["code"].to_list(),
                "unit": ("stressor", table.stressors["unit"].to_list())}
    at_home = np.einsum("srr->sr", trade)
    exports, imports = trade.sum(axis=2) - at_home, trade.sum(axis=1) - at_home
    value = export_values(table)
    by_region = {"production": trade.sum(axis=2) + final_use, "consumption": trade.sum(axis=1) + final_use,
                 "exports": exports, "imports": imports, "final_use": final_use}
    sectors = {"production": made[:, :, 0], "exports": made[:, :, 1],
               "direct": per_output(table.F, table.x), "total": total}
    names = {name: ("sector", table.sectors[name].to_list()) for name in table.sectors.columns}
    return Accounts(
        regions=xr.Dataset(
            {name: (("stressor", "region"), values) for name, values in by_region.items()}
            | {"export_value": ("region", value),
               "export_intensity": (("stressor", "region"), exports / np.where(value > 0, value, np.nan))},
            coords=stressor | {"region": regions}),
        trade=xr.DataArray(trade, dims=("stressor", "origin", "destination"),
                           coords=stressor | {"origin": regions, "destination": regions}),
        sectors=xr.Dataset({name: (("stressor", "sector"), values) for name, values in sectors.items()},
                           coords=stressor | {"sector": table.keys} | names),
        products=xr.Dataset({name: (("stressor", "region", "product"), bought[:, i])
                             for i, name in enumerate(("consumption", "imports"))},
                            coords=stressor | {"region": regions, "product": products}),
    )


def export_values(table: InputOutput) -> Array:
    """Money each region (in the order of `table.regions`) receives for sales to other regions."""
    home, buyer = (_numbers(labels["region"], table.regions) for labels in (table.sectors, table.demands))
    found = np.zeros(len(table.regions))
    for r in range(len(found)):
        mine = np.flatnonzero(home == r)
        if not mine.size:
            continue
        rows = slice(mine[0], mine[-1] + 1) if mine[-1] - mine[0] + 1 == mine.size else mine
        abroad = (table.Z[rows] @ (home != r).astype(float)).sum()
        found[r] = abroad + table.Y[rows][:, buyer != r].sum()
    return found
