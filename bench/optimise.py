"""The optimiser: what it takes in a plan, and gradient beside CMA-ES on the same objective in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import cma
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from bench.measure import Result, best
from seedbed.market.arrays import Array, Inputs
from seedbed.market.ensemble import CENTRAL
from seedbed.planning.case import Case
from seedbed.planning.improve import DRAWS, improve, within
from seedbed.planning.optimise.controls import Controls
from seedbed.planning.optimise.descend import REACH, Found, Problem, simulate
from seedbed.planning.optimise.ground import STEPS, Ground, Limits, ground
from seedbed.planning.optimise.mixes import best_mixes
from seedbed.planning.optimise.objective import worth
from seedbed.planning.optimise.regions import order

PLACE, UNTIL = "guangdong", 2035
POPULATION = 16
SEEDS = (1, 2, 3)
EQUAL = 0.9999  # both end within a few digits of the same optimum


def optimise(quick: bool) -> Iterator[Result]:
    """Time in a plan, the comparison with CMA-ES on the rule and on one market's strengths, and the regions."""
    markets = ("vehicles", "electricity") if quick else None
    case = Case.of(PLACE, markets=markets, until=UNTIL)
    begin = time.perf_counter()
    on = ground(case, (CENTRAL, *range(DRAWS)), 1)
    yield Result("optimiser made ready, with compiling", None, time.perf_counter() - begin, "s", "one run")
    yield from _in_a_plan(on, quick)
    limits = within(on, None)
    yield from _beside("rule (16)", on, on.problem(limits=limits, pull=0.0), 600 if quick else 4000)
    alone = ground(Case.of(PLACE, markets=["electricity"], until=UNTIL), lanes=1)
    yield from _beside("electricity, every strength", alone, alone.problem(free=True, limits=Limits()),
                       2000 if quick else 20000)
    begin = time.perf_counter()
    found = order(markets=markets, until=UNTIL)
    yield Result("31 provinces in order, with compiling", None, time.perf_counter() - begin, "s",
                 f"together {found.together / 1e9:,.0f} bn, apart {found.apart / 1e9:,.0f} bn CNY")


def _in_a_plan(on: Ground, quick: bool) -> Iterator[Result]:
    """What a plan adds once programs are compiled: improved rules under draws and views, front, alternatives."""

    def both() -> None:
        with ThreadPoolExecutor(1) as pool:
            free = pool.submit(best_mixes, on, within(on, None))
            improve(on.case, None, on=on)
            free.result()

    yield Result("optimiser in a plan, warm", 8, best(both, 1 if quick else 3), "s",
                 f"{24 + 24} problems × {STEPS} steps")


def _beside(what: str, on: Ground, problem: Problem, evaluations: int) -> Iterator[Result]:
    """Gain and seconds of the gradient and of CMA-ES from the same start, on the same objective."""
    found: list[Found] = []
    seconds = best(lambda: found.append(on.solve([problem], 3 * STEPS)[0]), 3) / on.lanes
    gained = float(found[-1].gain)
    judge, start = _judge(on, problem)
    runs = [_cma(judge, start, evaluations, seed, gained) for seed in SEEDS]
    top = max(gain for gain, _, _ in runs)
    reached = [at for _, _, at in runs if at is not None]
    size = f"{len(start)} variables"
    yield Result(f"{what}: gain of gradient ÷ best of {len(SEEDS)} CMA-ES runs", EQUAL, gained / top, "×",
                 f"{gained / 1e9:.2f} and {top / 1e9:.2f} bn CNY; {size}", at_least=True)
    spent = float(np.mean([t for _, t, _ in runs]))
    told = f"reached the gradient's gain in {len(reached)} of {len(SEEDS)} runs" + (
        f", first after {min(reached):.1f} s" if reached else "")
    yield Result(f"{what}: seconds of CMA-ES ÷ gradient", None, spent / seconds, "×",
                 f"{spent:.1f} s for {evaluations:,} evaluations, {seconds:.2f} s; {told}")


Judge = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def _judge(on: Ground, problem: Problem) -> tuple[Judge, np.ndarray]:
    """(what takes points in logits and returns their gain and public money, the start): forward runs only."""
    free = np.asarray(problem.frame.free)
    shape = problem.start.moves.shape
    where = np.flatnonzero(np.broadcast_to(free[:, None], shape))
    start = np.asarray(problem.start.moves).ravel()[where] if len(where) else np.asarray(problem.start.rule).ravel()

    @eqx.filter_jit
    def run(inputs: Inputs, p: Problem, points: Float[Array, "P n"]) -> tuple[Array, Array]:
        def one(point: Array) -> tuple[Array, Array]:
            controls = Controls(p.start.rule, jnp.zeros(p.start.moves.size).at[where].set(point).reshape(shape)
                                ) if len(where) else Controls(point.reshape(4, 4), p.start.moves)
            scenario = p.frame.decode(controls)
            found = jax.vmap(lambda b: simulate(inputs, b, scenario))(p.beliefs)
            gains = worth(p.weights, found.totals) - worth(p.weights, p.base)
            return gains.mean(), found.totals.public_money.mean()

        return jax.vmap(one)(points)

    given = jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), problem)

    def judge(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        gain, money = run(on.case.inputs, given, jnp.asarray(points))
        return np.asarray(gain), np.asarray(money) / float(problem.caps.budget) - 1

    return judge, start


def _cma(judge: Judge, start: np.ndarray, evaluations: int, seed: int,
         goal: float) -> tuple[float, float, float | None]:
    """(best gain within the budget, seconds, seconds until `goal` was reached)."""
    judge(np.tile(start, (POPULATION, 1)))  # compiles
    strategy = cma.CMAEvolutionStrategy(start, 1.0, {
        "popsize": POPULATION, "bounds": [-REACH, REACH], "seed": seed, "verbose": -9, "maxfevals": evaluations,
        "CMA_diagonal": len(start) > 100, "tolfun": 0, "tolflatfitness": 10**6})
    begin, top, at = time.perf_counter(), -np.inf, None
    scale = max(abs(goal), 1.0)
    while not strategy.stop():
        points = strategy.ask()
        gain, beyond = judge(np.array(points))
        strategy.tell(points, list(-gain / scale + 10 * np.maximum(beyond, 0)))
        top = max(top, float(np.max(np.where(beyond <= 0, gain, -np.inf))))
        if at is None and top >= goal:
            at = time.perf_counter() - begin
    return top, time.perf_counter() - begin, at
