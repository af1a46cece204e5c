"""Ensembles: many draws of what is uncertain, the same draws for every scenario.

The unit of work is a block of BLOCK members in one compiled program. Chunks and workers only group blocks,
so neither changes a single bit of any member. A member's draw depends on the key and its number alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from seedbed.market.arrays import Array, Inputs
from seedbed.market.draws import Spread, draw
from seedbed.market.trajectory import Path, anchored, follow

BLOCK = 8


class Scenario(NamedTuple):
    """What a scenario changes, for stacked markets: leading axis M."""

    fixed: Float[Array, "M T J"]
    by_rule: Float[Array, "M T J"]
    rule: Float[Array, "M 4 4"]


class Indicators(NamedTuple):
    """What is kept of every member; leading axes: scenario, member, market, then year and place."""

    green_share: Float[Array, "T R"]
    green_stock: Float[Array, "T R"]
    green_market: Float[Array, "T R"]  # CNY, domestic purchases of green technologies
    market_size: Float[Array, "T R"]
    public_money: Float[Array, "T R"]
    private_investment: Float[Array, "T R"]
    operating_emissions: Float[Array, "T R"]  # kgCO2e
    life_cycle_emissions: Float[Array, "T R"]
    exports: Float[Array, "T R"]  # CNY, green technologies
    jobs: Float[Array, "T R"]
    utilisation: Float[Array, "T R"]  # of green factories, capacity-weighted; NaN where none are simulated


def indicators(inputs: Inputs, year: Path) -> Indicators:
    """Reduce one year of a run (a `Path` without its time axis) to its indicators, in single precision."""
    t, books = inputs.setting.technologies, year.account
    stock = year.stock.sum(1)
    weight = t.green * t.bounded
    use = (year.utilisation * weight).sum() / jnp.where(weight.sum() > 0, weight.sum(), jnp.nan)
    found = Indicators(
        books.green_share, (stock * t.green).sum(-1) / stock.sum(-1), books.green_market,
        books.market_size.sum(-1), books.public_money.sum(-1), books.private_investment,
        books.operating_emissions, books.life_cycle_emissions, (books.exports * t.green).sum(-1), books.jobs,
        jnp.broadcast_to(use, books.jobs.shape))
    return jax.tree.map(lambda x: x.astype(jnp.float32), found)


def stack(inputs: Sequence[Inputs]) -> Inputs:
    """Several markets as one pytree with a leading market axis (they share all shapes)."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *inputs)


def apply(inputs: Inputs, scenario: Scenario) -> Inputs:
    """The inputs under another scenario; works with or without the market axis."""
    return eqx.tree_at(lambda i: (i.drivers.fixed, i.drivers.by_rule, i.rule), inputs,
                       (scenario.fixed, scenario.by_rule, scenario.rule))


def one_member(inputs: Inputs, spread: Spread, scenarios: Scenario, key: Array) -> Indicators:
    """One market, one draw, all scenarios (leading axis S): anchored once, so that only policy differs."""
    mine = anchored(eqx.tree_at(lambda i: i.beliefs, inputs, draw(inputs.beliefs, spread, key)))

    def scenario(change: Scenario) -> Indicators:
        changed = apply(mine, change)
        return follow(changed, partial(indicators, changed))

    return jax.vmap(scenario)(scenarios)


@eqx.filter_jit
def _block(markets: Inputs, spreads: Spread, scenarios: Scenario, key: Array, numbers: Array) -> Indicators:
    """BLOCK members × markets × scenarios; result axes: member, market, scenario, year, place."""

    def member(number: Array) -> Indicators:
        own = jax.random.fold_in(key, number)
        keys = jax.random.split(own, markets.rule.shape[0])
        return jax.vmap(one_member, in_axes=(0, 0, Scenario(1, 1, 1), 0))(markets, spreads, scenarios, keys)

    return jax.vmap(member)(numbers)


def ensemble(markets: Inputs, spreads: Spread, scenarios: Scenario, key: Array, members: int, *,
             workers: int = 2, progress: Callable[[int], None] | None = None) -> Indicators:
    """Indicators with axes scenario, member, market, year, place (float32, on the host).

    `scenarios` has a leading scenario axis on each field. `progress` is told the members finished so far.
    The result does not depend on `workers`: blocks are independent and written to their own place.
    """
    count, _, years, _ = scenarios.fixed.shape
    shape = (count, members, *markets.anchor_share.shape[:1], years, markets.anchor_share.shape[1])
    out = Indicators(*(np.empty(shape, dtype=np.float32) for _ in Indicators._fields))

    def work(block: int) -> int:
        first, last = block * BLOCK, min((block + 1) * BLOCK, members)
        part = _block(markets, spreads, scenarios, key, jnp.arange(first, first + BLOCK))
        for kept, field in zip(out, part, strict=True):
            kept[:, first:last] = np.moveaxis(np.asarray(field)[: last - first], 2, 0)
        return last

    with ThreadPoolExecutor(max_workers=workers) as pool:
        for last in pool.map(work, range(-(-members // BLOCK))):
            if progress:
                progress(last)
    return out
