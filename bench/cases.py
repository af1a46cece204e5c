"""What is measured; each case yields its lines of the table."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import lru_cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bench.measure import Result, best, fresh, memory
from seedbed.base.errors import SeedbedError
from seedbed.facts import places
from seedbed.market.arrays import Inputs, Scenario
from seedbed.market.compile import compile_market
from seedbed.market.definition import definitions
from seedbed.market.draws import Spread
from seedbed.market.ensemble import BLOCK, Summary, blocks, ensemble, indicators, stack, summary
from seedbed.market.programs import program
from seedbed.market.stream import MARKS
from seedbed.market.trajectory import anchored, follow, run
from seedbed.market.world import default_world
from seedbed.planning.plan import plan
from seedbed.policy.mix import as_it_is

START, UNTIL = 2024, 2060


@lru_cache(maxsize=2)
def field(everywhere: bool) -> tuple[Inputs, Spread, Scenario]:
    """All markets in the 31 provinces, or in the nation, stacked, under policy as it is."""
    where = list(places.provinces()) if everywhere else [places.resolve(places.NATION)]
    mix = as_it_is(range(START, UNTIL + 1))
    made = [compile_market(d, where, default_world(), start=START, until=UNTIL).under(mix)
            for d in definitions().values()]
    inputs = stack([m.inputs for m in made])
    spreads = jax.tree.map(lambda *x: jnp.stack(x), *[Spread.of(m.definition) for m in made])
    now = inputs.drivers
    return inputs, spreads, Scenario(*(x[None] for x in (now.fixed, now.by_rule, now.least, inputs.rule)))


def one(quick: bool) -> Iterator[Result]:
    """One market in one place."""
    inputs = jax.tree.map(lambda x: x[0], field(False)[0])
    forward = program(lambda given: run(anchored(given)))
    yield Result("one market, one place", 2, best(lambda: forward(inputs), 5 if quick else 30) * 1e3, "ms")


def everywhere(quick: bool) -> Iterator[Result]:
    """All markets in all provinces, one scenario."""
    inputs = field(True)[0]
    forward = program(jax.vmap(lambda i: follow(i, lambda year: indicators(i, year))))
    seconds = best(lambda: forward(inputs), 3 if quick else 10)
    yield Result("all markets × 31 provinces", 100, seconds * 1e3, "ms")


def _members(members: int, workers: int = 2) -> list[np.ndarray]:
    return list(ensemble(*field(True), jax.random.key(1), members, workers=workers))


def _summary(members: int, workers: int = 2) -> Summary:
    return summary(blocks(*field(True), jax.random.key(1), range(members), workers=workers))


def members_alone(members: int) -> None:
    """Print seconds and the high-water mark of this process (MB); the child of `members`."""
    _summary(MARKS + BLOCK)  # compiles, and holds all that a summary ever holds
    begin = time.perf_counter()
    _summary(members)
    seconds = time.perf_counter() - begin
    print(json.dumps([seconds, memory()[1]]))


def members(quick: bool) -> Iterator[Result]:
    """The ensemble summed up as it runs, each size in a process of its own, for its memory."""
    sizes = (144, 176) if quick else (200, 1000)
    found = []
    for size in sizes:
        code = f"from bench.cases import members_alone; members_alone({size})"
        seconds, peak = json.loads(fresh(["-c", code])[1].splitlines()[-1])
        found.append(peak)
        yield Result(f"the same, {size:,} members", 20 if size == 1000 else None, seconds, "s",
                     f"{seconds / size * 1e3:.0f} ms a member")
        yield Result(f"memory high-water mark, {size:,} members", None, peak, "MB")
    grown = (found[1] - found[0]) / (sizes[1] - sizes[0])
    yield Result("memory per further member", None, grown, "MB", "flat would be 0")


def gradient(quick: bool) -> Iterator[Result]:
    """Slope of emissions and money in every intensity, over the forward run that gives the same number."""
    for wide, label in ((False, "one place"), (True, "31 provinces")):
        inputs = field(wide)[0]

        def worth(fixed: jax.Array, given: Inputs) -> jax.Array:
            books = jax.vmap(run)(eqx.tree_at(lambda i: i.drivers.fixed, given, fixed)).account
            return books.life_cycle_emissions.sum() + books.public_money.sum() + books.burden.sum()

        forward, slope = program(worth), program(jax.grad(worth))
        runs = 3 if quick else 8
        base = best(lambda f=forward, i=inputs: f(i.drivers.fixed, i), runs)
        back = best(lambda f=slope, i=inputs: f(i.drivers.fixed, i), runs)
        yield Result(f"gradient ÷ forward, all markets, {label}", 4, back / base, "×",
                     f"{base * 1e3:.1f} ms forward")


def cold(quick: bool) -> Iterator[Result]:
    """`seedbed plan guangdong` with an empty cache of compiled programs."""
    with tempfile.TemporaryDirectory() as folder:
        seconds, _ = fresh(["-m", "seedbed.cli", "plan", "guangdong", "--out", f"{folder}/out"],
                           {"SEEDBED_CACHE": f"{folder}/cache", "JAX_COMPILATION_CACHE_DIR": f"{folder}/cache"})
    yield Result("seedbed plan guangdong, cold", 30, seconds, "s", "one run")


def help_screen(quick: bool) -> Iterator[Result]:
    """`seedbed --help` in a new process."""
    seconds = min(fresh(["-m", "seedbed.cli", "--help"])[0] for _ in range(3 if quick else 7))
    yield Result("seedbed --help, cold", 0.3, seconds, "s")


def places_all(quick: bool) -> Iterator[Result]:
    """A plan of every province and the nation in one process; a failure is a line of its own."""
    named = [p.id for p in places.provinces()] + [places.NATION]
    named = named[-2:] if quick else named
    begin, failed = time.perf_counter(), []
    for name in named:
        since = time.perf_counter()
        try:
            plan(name, members=50)
            print(f"{name}: {time.perf_counter() - since:.1f} s", flush=True)
        except (SeedbedError, ArithmeticError, ValueError, AssertionError) as error:
            failed.append(name)
            print(f"{name}: failed, {type(error).__name__}: {error}", flush=True)
    yield Result(f"plans of {len(named)} places, 50 members", None, time.perf_counter() - begin, "s")
    yield Result("plans that failed", 0, len(failed), "places", " ".join(failed))


def same(quick: bool) -> Iterator[Result]:
    """Numbers that differ in any bit: the same seed again, another number of workers, of members."""
    base = _members(2 * BLOCK)
    others = {"same seed again": _members(2 * BLOCK), "workers 1 and 2": _members(2 * BLOCK, workers=1),
              f"{BLOCK + 3} of {2 * BLOCK} members": _members(BLOCK + 3)}
    for label, other in others.items():
        pairs = [(a[:, : b.shape[1]], b) for a, b in zip(base, other, strict=True)]
        differ = sum(int((a.view(np.uint32) != b.view(np.uint32)).sum()) for a, b in
                     ((np.ascontiguousarray(a), np.ascontiguousarray(b)) for a, b in pairs))
        yield Result(f"differing numbers: {label}", 0, differ, "")
    one, other = (jax.tree.leaves(_summary(MARKS + 2 * BLOCK, workers=w)) for w in (1, 3))
    differ = sum(a.tobytes() != b.tobytes() for a, b in zip(one, other, strict=True))
    yield Result("differing arrays: summaries by 1 and 3 workers", 0, differ, "")


CASES: dict[str, Callable[[bool], Iterator[Result]]] = {
    "one": one, "all": everywhere, "members": members, "gradient": gradient, "cold": cold, "help": help_screen,
    "same": same, "places": places_all,
}
