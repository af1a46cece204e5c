"""Ensembles: many draws of what is uncertain, the same draws for every scenario.

The unit of work is a block of members in one compiled program (`at_once`). Chunks and workers only group blocks,
so neither changes a single bit of any member. A member's draw depends on the key and its number alone (`draws`).
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from seedbed.base.errors import InvalidInputError
from seedbed.market.arrays import Array, Beliefs, Inputs, Scenario, apply, believing, mapped, put
from seedbed.market.draws import Spread, member
from seedbed.market.programs import program, seldom
from seedbed.market.steer import steered
from seedbed.market.stream import Stream
from seedbed.market.trajectory import Path, anchored, follow

BLOCK, WIDE = 8, 256  # members at a time: on processors, on accelerators, which a block of eight leaves idle
CENTRAL = -1  # number of the member without draws
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Stacked(NamedTuple):
    """What an ensemble is of: stacked markets, their spreads, and the scenarios (axes scenario, market)."""

    markets: Inputs
    spreads: Spread
    scenarios: Scenario


class Indicators(NamedTuple):
    """What is kept of every member; leading axes: scenario, member, market, then year and place."""

    green_share: Float[Array, "T R"]
    green_stock: Float[Array, "T R"]
    green_market: Float[Array, "T R"]  # CNY, domestic purchases of green technologies
    market_size: Float[Array, "T R"]
    public_money: Float[Array, "T R"]
    other_money: Float[Array, "T R"]  # Account.borne
    private_investment: Float[Array, "T R"]
    operating_emissions: Float[Array, "T R"]  # kgCO2e
    life_cycle_emissions: Float[Array, "T R"]
    exports: Float[Array, "T R"]  # CNY, green technologies
    jobs: Float[Array, "T R"]
    utilisation: Float[Array, "T R"]  # of green factories, capacity-weighted; NaN where none are simulated


INDICATORS = dict.fromkeys(Indicators._fields, "CNY") | {
    "green_share": "share", "green_stock": "share", "operating_emissions": "kgCO2e", "life_cycle_emissions": "kgCO2e",
    "jobs": "job", "utilisation": "share"}
"""Every indicator with its unit (a key of show's units)."""


def indicators(inputs: Inputs, year: Path) -> Indicators:
    """Reduce one year of a run (a `Path` without its time axis) to its indicators, in single precision."""
    t, books = inputs.setting.technologies, year.account
    stock = year.stock.sum(1)
    weight = t.green * t.bounded
    use = (year.utilisation * weight).sum() / jnp.where(weight.sum() > 0, weight.sum(), jnp.nan)
    found = Indicators(
        books.green_share, (stock * t.green).sum(-1) / stock.sum(-1), books.green_market,
        books.market_size.sum(-1), books.public_money.sum(-1), books.borne, books.private_investment,
        books.operating_emissions, books.life_cycle_emissions, (books.exports * t.green).sum(-1), books.jobs,
        jnp.broadcast_to(use, books.jobs.shape))
    return mapped(lambda x: x.astype(jnp.float32), found)


def under(inputs: Inputs, change: Scenario) -> Indicators:
    """The indicators of all years of one market under a change."""
    changed = apply(inputs, change)
    return follow(changed, partial(indicators, changed))


def stack(inputs: Sequence[Inputs]) -> Inputs:
    """Several markets as one pytree with a leading market axis (they share all shapes)."""
    return jax.tree.map(lambda *leaves: jnp.asarray(np.stack(leaves)), *inputs)


@seldom
def _drawn(centre: Beliefs, spreads: Spread, key: Array, numbers: Int[Array, " N"]) -> Beliefs:
    def one(number: Array) -> Beliefs:
        drawn = jax.vmap(member, in_axes=(0, 0, None, None))(centre, spreads, key, jnp.maximum(number, 0))
        return mapped(lambda c, d: jnp.where(number == CENTRAL, c, d), centre, drawn)

    return jax.vmap(one)(numbers)


@program
def _settled(markets: Inputs, beliefs: Beliefs, forecast: tuple[int, ...]) -> Beliefs:
    def one(mine: Beliefs) -> Beliefs:
        return settle(believing(markets, mine), forecast).beliefs

    return jax.vmap(one)(beliefs)


def settle(markets: Inputs, forecast: tuple[int, ...]) -> Inputs:
    """Stacked markets, anchored; those with the numbers `forecast` (see `forecasting`) are steered as well."""
    markets = jax.vmap(anchored)(markets)
    if not forecast:
        return markets
    which = np.array(forecast)
    shocks = jax.vmap(steered)(mapped(lambda x: x[which], markets)).beliefs.shocks
    return put(lambda i: i.beliefs.shocks, markets, markets.beliefs.shocks.at[which].set(shocks))


def forecasting(markets: Inputs) -> tuple[int, ...]:
    """Numbers of the stacked markets that have a forecast."""
    return tuple(int(n) for n in np.flatnonzero(np.asarray(markets.ahead.known).any((1, 2))))


@program
def _block(markets: Inputs, beliefs: Beliefs, scenarios: Scenario) -> Indicators:
    """Members × markets × scenarios; result axes: member, market, scenario, year, place."""

    def market(one: Inputs, mine: Beliefs, changes: Scenario) -> Indicators:
        return jax.vmap(partial(under, believing(one, mine)))(changes)

    every = jax.vmap(market, in_axes=(0, 0, Scenario(1, 1, 1, 1)))
    return jax.vmap(every, in_axes=(None, 0, None))(markets, beliefs, scenarios)


def drawn(markets: Inputs, spreads: Spread, key: Array, numbers: Sequence[int]) -> Beliefs:
    """Beliefs of members by number, before anchoring (leading axes N, M); CENTRAL: the beliefs as they are."""
    return _by_block(lambda part: _drawn(markets.beliefs, spreads, key, jnp.asarray(part)), np.asarray(numbers))


def settled(markets: Inputs, beliefs: Beliefs) -> Beliefs:
    """Beliefs to run with (leading axes N, M): whatever else is believed, the first year gives what was observed.

    Where there is a forecast, the next years under policy as it is follow it (`steer`).
    """
    forecast = forecasting(markets)
    return _by_block(lambda part: _settled(markets, part, forecast), beliefs)


def _by_block(run: Callable[[Any], Beliefs], members: Any) -> Beliefs:
    """`run` over the members BLOCK at a time, the last block filled up: one compiled program whatever their number."""
    count = len(jax.tree.leaves(members)[0])
    filled = mapped(lambda x: np.concatenate([x, np.repeat(x[-1:], -count % BLOCK, axis=0)]), members)
    parts = [run(mapped(lambda x, at=at: x[at: at + BLOCK], filled)) for at in range(0, count, BLOCK)]
    return jax.tree.map(lambda *x: np.concatenate(x)[:count], *parts)


def at_once() -> int:
    """Members in one block on this machine."""
    return BLOCK if jax.default_backend() == "cpu" else WIDE


def blocks(markets: Inputs, spreads: Spread, scenarios: Scenario, key: Array, members: range, *,
           workers: int = 2) -> Iterator[Indicators]:
    """Members in their order, some at a time: axes member, scenario, market, year, place (float32, host).

    `members` starts at a multiple of BLOCK; `scenarios` has a leading scenario axis on each field. At most
    `workers` + 1 blocks exist at a time, and `workers` changes nothing else: blocks are independent.
    """
    if members.start % BLOCK:
        raise InvalidInputError(f"members from number {members.start} cannot be run.", where="members",
                                fix=f"start at a multiple of {BLOCK}.")

    forecast, size = forecasting(markets), at_once()

    def work(first: int) -> Indicators:
        beliefs = _drawn(markets.beliefs, spreads, key, jnp.arange(first, first + size))
        part = _block(markets, _settled(markets, beliefs, forecast), scenarios)
        return mapped(lambda x: np.moveaxis(np.asarray(x)[: members.stop - first], 2, 1), part)

    with ThreadPoolExecutor(max_workers=workers) as pool:
        waiting: deque[Future[Indicators]] = deque()
        for first in range(members.start, members.stop, size):
            waiting.append(pool.submit(work, first))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def ensemble(markets: Inputs, spreads: Spread, scenarios: Scenario, key: Array, members: int, *,
             workers: int = 2, progress: Callable[[int], None] | None = None) -> Indicators:
    """Every member: indicators with axes scenario, member, market, year, place (float32, on the host).

    `progress` is told the members finished so far. Memory grows with `members`: of many keep a `summary`.
    """
    found = blocks(markets, spreads, scenarios, key, range(members), workers=workers)
    out: Indicators | None = None
    done = 0
    for block in found:
        out = out or Indicators(*(np.empty((len(x[0]), members, *x.shape[2:]), np.float32) for x in block))
        for kept, field in zip(out, block, strict=True):
            kept[:, done: done + len(field)] = np.moveaxis(field, 1, 0)
        done += len(block[0])
        if progress:
            progress(done)
    assert out is not None
    return out


class Summary(NamedTuple):
    """What is kept of many members; axes of every indicator: scenario, market, year, place."""

    mean: Indicators
    deviation: Indicators  # sample standard deviation over members
    quantile: Indicators  # with QUANTILES as its first axis
    error: Indicators  # the same: how far the quantile of all members can be from `quantile`; a bound, not an estimate


def summary(members: Iterable[Indicators], progress: Callable[[int], None] | None = None) -> Summary:
    """Means, deviations and QUANTILES of members (leading axis member) that arrive in parts, in flat memory."""
    streams = Indicators(*(Stream() for _ in Indicators._fields))
    for part in members:
        for stream, values in zip(streams, part, strict=True):
            stream.add(values)
        if progress:
            progress(streams[0].count)
    mean, deviation = (Indicators(*x) for x in zip(*(s.moments() for s in streams), strict=True))
    found = [[s.quantile(q) for q in QUANTILES] for s in streams]
    quantile = Indicators(*(np.stack([e.value for e in one]) for one in found))
    error = Indicators(*(np.stack([np.maximum(e.upper - e.value, e.value - e.lower) for e in one]) for one in found))
    return Summary(mean, deviation, quantile, error)
