"""The choice rules at the size of FTT's transport module: 71 regions, 31 technologies, 20 steps in each of 40 years.

The market is made up, with the sparsity of FTT's baseline: a region holds 8 to 17 of the technologies. Beside ours
stands the same equation as a plain loop over pairs and as whole-array NumPy, on the same market in the same run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from bench.measure import Result
from seedbed.market.choice import FamiliarLogit
from seedbed.market.pairwise import STEEPNESS, Cost, Tanh, Turnover, held, rational_tanh, trajectory, turnover

REGIONS, TECHNOLOGIES, STEPS, YEARS = 71, 31, 20, 40
RATE = 0.25  # a year, between all pairs
REPORTED = 0.24  # seconds: FTT's share kernel of one scenario, as stated for it; the whole module takes 2.8
CHUNK = 8  # scenarios at a time: more do not fit the cache


class Market(NamedTuple):
    """Shares (I, R) and costs (T+1, I, R) of one scenario, with the turnover between all pairs."""

    start: np.ndarray
    cost: Cost
    rates: np.ndarray


def market(dense: bool) -> Market:
    """A made-up market of the full size; `dense`: every region holds every technology."""
    rng = np.random.default_rng(0)
    count = np.full(REGIONS, TECHNOLOGIES) if dense else rng.integers(8, 18, REGIONS)
    rank = rng.permuted(np.tile(np.arange(TECHNOLOGIES)[:, None], REGIONS), axis=0)
    start = rng.gamma(0.5, size=rank.shape) * (rank < count)
    mean = rng.normal(0, 0.5, rank.shape) + rng.normal(0, 0.02, (YEARS + 1, *rank.shape)).cumsum(0)
    spread = np.broadcast_to(rng.uniform(0.1, 0.8, rank.shape), mean.shape)
    rates = np.full((TECHNOLOGIES, TECHNOLOGIES, 1), RATE)
    return Market(start / start.sum(0), Cost(jnp.asarray(mean), jnp.asarray(spread)), rates)


def compact(full: Market) -> Market:
    """The market with only as many rows as a region holds technologies at most."""
    order = held(full.start)
    rows = jax.tree.map(lambda x: jnp.take_along_axis(x, jnp.asarray(order)[None], 1), full.cost)
    rates = np.broadcast_to(full.rates, (TECHNOLOGIES, *full.start.shape))[order[:, None], order, np.arange(REGIONS)]
    return Market(np.take_along_axis(full.start, order, 0), rows, rates)


def scenarios(one: Market, count: int) -> tuple[jax.Array, Cost]:
    """`count` scenarios that differ in cost, scenarios innermost, in chunks (leading axis) of at most CHUNK."""
    size = min(count, CHUNK)
    shift = np.random.default_rng(1).normal(0, 0.1, (count // size, 1, len(one.start), 1, size))
    mean = one.cost.mean[None, ..., None] + jnp.asarray(shift)
    spread = jnp.broadcast_to(one.cost.spread[None, ..., None], mean.shape)
    start = jnp.broadcast_to(jnp.asarray(one.start)[None, ..., None], (count // size, *one.start.shape, size))
    return start, Cost(mean, spread)


def shares(start: jax.Array, cost: Cost, rates: Turnover, tanh: Tanh) -> jax.Array:
    """Shares of all years of all scenarios, a chunk after another."""
    return jax.lax.map(lambda chunk: trajectory(chunk[0], chunk[1], rates, steps=STEPS, tanh=tanh), (start, cost))


def logit_shares(start: jax.Array, cost: Cost) -> jax.Array:
    """The same market under the logit at β = 1: shares move towards what is chosen by the turnover of a step."""
    choice = jax.vmap(FamiliarLogit(jnp.asarray(1.0)), in_axes=1, out_axes=1)

    def step(share: jax.Array, mean: jax.Array) -> jax.Array:
        return share + RATE / STEPS * (choice(-mean, jnp.maximum(share, 1e-12), jnp.ones_like(share)) - share)

    def year(share: jax.Array, ends: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        parts = jnp.arange(STEPS) / STEPS
        share = jax.lax.scan(lambda s, p: (step(s, (1 - p) * ends[0] + p * ends[1]), None), share, parts)[0]
        return share, share

    def chunk(data: tuple[jax.Array, jax.Array]) -> jax.Array:
        share, mean = (x.reshape(*x.shape[:-2], -1) for x in data)
        return jax.lax.scan(year, share, (mean[:-1], mean[1:]))[1]

    return jax.lax.map(chunk, (start, cost.mean))


def loop(share: np.ndarray, mean: np.ndarray, spread: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """One step as a plain loop over regions and pairs; pairs without a share are skipped."""
    change, dt = np.zeros_like(share), 1 / STEPS
    for r in range(share.shape[1]):
        for i in range(len(share)):
            for j in range(i):
                one, other = share[i, r], share[j, r]
                if one <= 0 or other <= 0:
                    continue
                width = np.sqrt(spread[i, r] ** 2 + spread[j, r] ** 2)
                prefer = (1 + np.tanh(STEEPNESS * (mean[j, r] - mean[i, r]) / width)) / 2
                gain = rates[i, j, 0] * prefer - rates[j, i, 0] * (1 - prefer)
                k1 = one * other * gain
                k2 = (one + dt * k1 / 2) * (other - dt * k1 / 2) * gain
                k3 = (one + dt * k2 / 2) * (other - dt * k2 / 2) * gain
                moved = dt * (k1 + 2 * k2 + 2 * k3 + (one + dt * k3) * (other - dt * k3) * gain) / 6
                change[i, r] += moved
                change[j, r] -= moved
    return change


def whole_arrays(share: np.ndarray, mean: np.ndarray, spread: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """One step with all ordered pairs as arrays (I, I, R)."""
    one, other, dt = share[:, None], share[None], 1 / STEPS
    width = np.sqrt(spread[:, None] ** 2 + spread[None] ** 2)
    prefer = (1 + np.tanh(STEEPNESS * (mean[None] - mean[:, None]) / width)) / 2
    gain = rates * prefer - rates.swapaxes(0, 1) * (1 - prefer)
    k1 = one * other * gain
    k2 = (one + dt * k1 / 2) * (other - dt * k1 / 2) * gain
    k3 = (one + dt * k2 / 2) * (other - dt * k2 / 2) * gain
    return (dt * (k1 + 2 * k2 + 2 * k3 + (one + dt * k3) * (other - dt * k3) * gain) / 6).sum(1)


def timed(function: Callable[[], Any], runs: int) -> tuple[float, float]:
    """(wall, processor) seconds, each the least of `runs` calls after one that compiles."""
    jax.block_until_ready(function())
    times = []
    for _ in range(runs):
        begin, work = time.perf_counter(), time.process_time()
        jax.block_until_ready(function())
        times.append((time.perf_counter() - begin, time.process_time() - work))
    wall, processor = zip(*times, strict=True)
    return min(wall), min(processor)


def pairwise(quick: bool) -> Iterator[Result]:
    """The pairwise rule, exact and fast, and the logit, in batches of 1, 8 and 64 scenarios; gradient; plain NumPy."""
    runs = 2 if quick else 5
    full, few = market(dense=False), compact(market(dense=False))
    peer = yield from _plain(full, few)
    rates = turnover(few.rates[..., None])
    for name, tanh, target in (("exact", jnp.tanh, None), ("fast", rational_tanh, 1e3 * REPORTED / 10)):
        run = jax.jit(lambda start, cost, tanh=tanh: shares(start, cost, rates, tanh))
        for count in (1, 8, 64):
            data = scenarios(few, count)
            yield _result(f"pairwise, {name}, {count} scenarios", target if count == 64 else None,
                          timed(lambda: run(*data), runs), count, peer)  # noqa: B023
    yield _gradient(few, rates, runs)
    every = market(dense=True)
    data, dense = scenarios(every, CHUNK), turnover(every.rates[..., None])
    run = jax.jit(lambda start, cost: shares(start, cost, dense, rational_tanh))
    yield _result(f"pairwise, fast, {CHUNK} scenarios, all technologies held everywhere", None,
                  timed(lambda: run(*data), runs), CHUNK, None)
    run = jax.jit(logit_shares)
    for count in (1, 8, 64):
        data = scenarios(few, count)
        yield _result(f"logit, {count} scenarios", 1e3 * REPORTED / 100 if count == 64 else None,
                      timed(lambda: run(*data), runs), count, peer)  # noqa: B023


def _plain(full: Market, few: Market) -> Iterator[Result]:
    """The same market in plain NumPy, from a few steps; yields two results and returns the loop's milliseconds."""
    lines = []
    for name, function, data, steps in (("a loop over pairs", loop, full, 1), ("whole arrays", whole_arrays, few, 5)):
        mean, spread = (np.asarray(x[0]) for x in data.cost)
        begin = time.perf_counter()
        for _ in range(steps):
            function(data.start, mean, spread, data.rates)
        lines.append((time.perf_counter() - begin) / steps * STEPS * YEARS * 1e3)
        yield Result(f"NumPy, {name}", None, lines[-1], "ms", f"from {steps} of {STEPS * YEARS} steps")
    return lines[0]


def _result(what: str, target: float | None, seconds: tuple[float, float], count: int, peer: float | None) -> Result:
    wall, processor = (1e3 * s / count for s in seconds)
    ratio = "" if peer is None else f"; the loop takes {peer / wall:,.0f} ×"
    note = f"a scenario; processor {processor:.2f} ms{ratio}; reported for FTT's kernel: {1e3 * REPORTED:.0f} ms"
    return Result(what, target, wall, "ms", note)


def _gradient(few: Market, rates: Turnover, runs: int) -> Result:
    start, cost = scenarios(few, CHUNK)
    forward = jax.jit(lambda mean: shares(start, cost._replace(mean=mean), rates, rational_tanh)[:, -1, 0].sum())
    slope = jax.jit(jax.grad(forward))
    ahead, back = (timed(lambda: f(cost.mean), runs)[1] for f in (forward, slope))  # noqa: B023
    note = f"processor time, {CHUNK} scenarios, with respect to all costs of all years"
    return Result("pairwise, fast: gradient ÷ forward", None, back / ahead, "×", note)
