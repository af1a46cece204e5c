"""The choice rules at the size of FTT's transport module: 71 regions, 31 technologies, 20 steps in each of 40 years.

The market is made up, with the sparsity of FTT's baseline: a region holds 8 to 17 of the technologies. Beside ours
stands the same equation as a plain loop over pairs and as whole-array NumPy, on the same market in the same run.
Times are of one scenario; 64 at once use two threads, one each for half of the chunks, as ensembles do. Targets are
parts of the 0.24 s reported for FTT's own share kernel at this size; its whole transport module is reported with 2.8 s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from bench.measure import Result
from seedbed.market.choice import FamiliarLogit
from seedbed.market.pairwise import Cost, Turnover, held, trajectory, turnover
from seedbed.market.preference import STEEPNESS, Tanh, rational_tanh

REGIONS, TECHNOLOGIES, STEPS, YEARS = 71, 31, 20, 40
RATE = 0.25  # a year, between all pairs
REPORTED = 0.24  # seconds
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


def groups(full: Market) -> list[Market]:
    """The market by how many technologies its regions hold, each group with no more rows than it needs."""
    rates = np.broadcast_to(full.rates, (TECHNOLOGIES, *full.start.shape))
    return [Market(full.start[order, lanes], jax.tree.map(lambda x: x[:, order, lanes], full.cost),  # noqa: B023
                   rates[order[:, None], order, lanes]) for lanes, order in held(full.start)]


def scenarios(one: Market, count: int) -> tuple[jax.Array, Cost]:
    """`count` scenarios that differ in cost, scenarios innermost, in chunks (leading axis) of at most CHUNK."""
    size = min(count, CHUNK)
    shift = np.random.default_rng(1).normal(0, 0.1, (count // size, 1, len(one.start), 1, size))
    mean = one.cost.mean[None, ..., None] + jnp.asarray(shift)
    spread = jnp.broadcast_to(one.cost.spread[None, ..., None], mean.shape)
    start = jnp.broadcast_to(jnp.asarray(one.start)[None, ..., None], (count // size, *one.start.shape, size))
    return start, Cost(mean, spread)


def shares(data: Sequence[tuple[jax.Array, Cost]], rates: Sequence[Turnover], tanh: Tanh) -> list[jax.Array]:
    """Shares of all years of all scenarios by group, a chunk after another."""
    def group(start: jax.Array, cost: Cost, rates: Turnover) -> jax.Array:
        return jax.lax.map(lambda x: trajectory(x[0], x[1], rates, steps=STEPS, tanh=tanh), (start, cost))

    return [group(start, cost, turned) for (start, cost), turned in zip(data, rates, strict=True)]


def logit_shares(data: Sequence[tuple[jax.Array, Cost]], steps: int) -> list[jax.Array]:
    """The same market under the logit at β = 1: shares move towards what is chosen by the turnover of a step."""
    choice = jax.vmap(FamiliarLogit(jnp.asarray(1.0)), in_axes=1, out_axes=1)

    def step(share: jax.Array, mean: jax.Array) -> jax.Array:
        return share + RATE / steps * (choice(-mean, jnp.maximum(share, 1e-12), jnp.ones_like(share)) - share)

    def year(share: jax.Array, ends: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        parts = jnp.arange(steps) / steps
        share = jax.lax.scan(lambda s, p: (step(s, (1 - p) * ends[0] + p * ends[1]), None), share, parts)[0]
        return share, share

    def chunk(data: tuple[jax.Array, jax.Array]) -> jax.Array:
        share, mean = (x.reshape(*x.shape[:-2], -1) for x in data)
        return jax.lax.scan(year, share, (mean[:-1], mean[1:]))[1]

    return [jax.lax.map(chunk, (start, cost.mean)) for start, cost in data]


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


def threads(run: Callable[[Any], Any], parts: Sequence[Market], count: int) -> Callable[[], list[Any]]:
    """`run` on `count` scenarios, half of their chunks in each of two threads where there are several chunks."""
    data = [scenarios(part, count) for part in parts]
    chunks = len(data[0][0])
    cuts = [slice(None)] if chunks == 1 else [slice(0, chunks // 2), slice(chunks // 2, None)]
    halves = [jax.tree.map(lambda x, cut=cut: x[cut], data) for cut in cuts]
    pool = ThreadPoolExecutor(len(halves))
    return lambda: [jax.block_until_ready(found) for found in pool.map(run, halves)]


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
    runs, sizes = (2, (8, 64)) if quick else (5, (1, 8, 64))
    full = market(dense=False)
    peer = yield from _plain(full)
    parts = groups(full)
    rates = [turnover(part.rates[..., None]) for part in parts]
    for name, tanh in (("exact", jnp.tanh), ("fast", rational_tanh)):
        run = jax.jit(lambda data, tanh=tanh: shares(data, rates, tanh))
        for count in sizes:
            target = 1e3 * REPORTED / 10 if count == 64 else None
            yield _result(f"pairwise, {name}", target, timed(threads(run, parts, count), runs), count, peer)
    yield _gradient(parts, rates, runs)
    every = market(dense=True)
    run = jax.jit(lambda data: shares(data, [turnover(every.rates[..., None])], rational_tanh))
    data = [scenarios(every, CHUNK)]
    yield _result("pairwise, fast, everything held everywhere", None, timed(lambda: run(data), runs), CHUNK, None)
    for often, steps in ((f"{STEPS} times a year", STEPS), ("once a year", 1)):
        run = jax.jit(lambda data, steps=steps: logit_shares(data, steps))
        for count in sizes:
            target = 1e3 * REPORTED / 100 if count == 64 else None
            yield _result(f"logit, {often}", target, timed(threads(run, parts, count), runs), count, peer)


def _plain(full: Market) -> Generator[Result, None, float]:
    """The same market in plain NumPy, from a few steps; returns the loop's milliseconds."""
    lines = []
    for name, function, steps in (("a loop over pairs", loop, 1), ("whole arrays", whole_arrays, 3)):
        mean, spread = (np.asarray(x[0]) for x in full.cost)
        begin = time.perf_counter()
        for _ in range(steps):
            function(full.start, mean, spread, full.rates)
        lines.append((time.perf_counter() - begin) / steps * STEPS * YEARS * 1e3)
        yield Result(f"NumPy, {name}", None, lines[-1], "ms", f"from {steps} of {STEPS * YEARS} steps")
    return lines[0]


def _result(what: str, target: float | None, seconds: tuple[float, float], count: int, peer: float | None) -> Result:
    wall, processor = (1e3 * s / count for s in seconds)
    ratio = "" if peer is None else f"; NumPy loop {peer / wall:,.0f} ×"
    return Result(f"{what}, {count} at once", target, wall, "ms", f"CPU {processor:.2f} ms{ratio}")


def _gradient(parts: list[Market], rates: list[Turnover], runs: int) -> Result:
    data = [scenarios(part, CHUNK) for part in parts]

    @jax.jit
    def last(means: list[jax.Array]) -> jax.Array:
        moved = [(start, cost._replace(mean=mean)) for (start, cost), mean in zip(data, means, strict=True)]
        return sum((found[:, -1, 0].sum() for found in shares(moved, rates, rational_tanh)), jnp.zeros(()))

    means = [cost.mean for _, cost in data]
    ahead, back = (timed(lambda: f(means), runs)[1] for f in (last, jax.jit(jax.grad(last))))  # noqa: B023
    return Result("pairwise, fast: gradient ÷ forward", None, back / ahead, "×", f"CPU, {CHUNK} at once, to all costs")
