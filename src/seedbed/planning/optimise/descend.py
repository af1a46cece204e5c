"""The optimiser: many problems side by side in one compiled program, each with its own weights and constraints.

Adam on the augmented Lagrangian (Nocedal and Wright 2006, section 17.3). The best point met that holds all constraints
is kept, and the last round evaluates it once more, so that what is reported is what was simulated.
"""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, cast

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Float, Int

from seedbed.market.arrays import Array, Beliefs, Inputs, Scenario, apply, believing, mapped
from seedbed.market.programs import program
from seedbed.market.trajectory import run
from seedbed.planning.optimise.controls import Controls, Frame
from seedbed.planning.optimise.objective import Record, Totals, record, worth

TOLERANCE = 1e-3  # relative: a constraint broken by less counts as held
STIFFNESS, EVERY = 10.0, 5  # of the penalty; steps between updates of the multipliers
NEAR = 0.05  # the penalty is quadratic up to this violation and linear beyond: far away it must not drown the gain
MEMORY = 0.9  # of squared slopes: they shrink by orders once constraints hold
REACH = 6.0  # largest logit
SLOW = 0.1  # of the first step size is left at the last step


class Caps(NamedTuple):
    """Constraints, in the same sense as the objective: on average, in the tail or in the worst member."""

    budget: Float[Array, ""]  # CNY over the plan, at most; infinite: none
    yearly: Float[Array, " D"]  # CNY in each decided year, at most
    adoption: Float[Array, " M"]  # green share of purchases in the last year, at least
    gain: Float[Array, ""]  # CNY, at least (near-optimal alternatives); minus infinity: none


class Problem(NamedTuple):
    """One problem. `N` members share the variables; gains are against policy as it is in the same member."""

    beliefs: Beliefs  # leading axes N, M
    base: Totals  # of policy as it is, N
    tail: Float[Array, " N"]  # weights on members from the worst to the best
    weights: Totals  # CNY per unit of each total
    care: Float[Array, ""]  # 1: maximise the gain, 0: only `lean` counts
    lean: Float[Array, "M J"]  # reward per unit of mean intensity
    scale: Float[Array, ""]  # CNY of gain that count as one
    frame: Frame
    start: Controls
    reference: Float[Array, "4 4"]  # logits of the rule to stay near where nothing else counts
    caps: Caps
    rate: Float[Array, ""]  # step in logits; 0: only evaluate the start
    pull: Float[Array, ""]  # of the scale per squared logit away from `reference`


class Found(NamedTuple):
    """The best point of a problem; a record's fields have the leading axis N, its totals are summed over markets."""

    controls: Controls
    scenario: Scenario
    record: Record
    gain: Float[Array, ""]  # CNY against policy as it is, by the problem's tail
    violation: Float[Array, ""]  # largest relative violation of a constraint, 0 where all hold
    multipliers: Float[Array, " C"]  # of the constraints, per `scale`
    rule_slope: Float[Array, "4 4"]  # CNY of gain per unit of intensity of the rule
    slope: Float[Array, "M D J"]  # CNY of gain per unit of intensity of a slot in a year


class _Point(NamedTuple):
    scenario: Scenario
    record: Record
    gain: Array
    score: Array
    broken: Array


class _Search(NamedTuple):
    """What one step hands to the next."""

    controls: Controls
    adam: optax.OptState
    multipliers: Array
    best: Controls
    best_score: Array
    best_broken: Array


def simulate(inputs: Inputs, beliefs: Beliefs, scenario: Scenario) -> Record:
    """All markets (leading axis M) under one member's beliefs: totals and money added up over markets."""

    def market(one: Inputs, mine: Beliefs, change: Scenario) -> Record:
        changed = apply(believing(one, mine), change)
        return record(changed, run(changed))

    every = jax.vmap(market)(inputs, beliefs, scenario)
    return every._replace(totals=mapped(lambda x: x.sum(0), every.totals), money=every.money.sum(0))


def broken(caps: Caps, tail: Array, record: Record, gain: Array, scale: Array) -> Float[Array, " C"]:
    """Every constraint relative to its bound; positive: broken. Order: budget, years, adoption, gain."""

    def worst(values: Array) -> Array:
        """Costs and shortfalls by the tail: largest first."""
        return jnp.tensordot(tail, -jnp.sort(-values, axis=0), axes=1)

    return jnp.concatenate([
        (worst(record.totals.public_money) / caps.budget - 1)[None], worst(record.money) / caps.yearly - 1,
        worst(caps.adoption - record.adoption), ((caps.gain - gain) / scale)[None]])


def _judge(inputs: Inputs, p: Problem, controls: Controls, added: Array) -> _Point:
    scenario = p.frame.decode(controls)
    more = scenario._replace(fixed=scenario.fixed.at[:, -added.shape[1]:].add(added))
    found = jax.vmap(partial(simulate, inputs), in_axes=(0, None))(p.beliefs, more)
    gain = p.tail @ jnp.sort(worth(p.weights, found.totals) - worth(p.weights, p.base))
    mean = found.intensity.mean((0, 2, 3))
    score = p.care * gain / p.scale + (p.lean * mean).sum()
    return _Point(scenario, found, gain, score, broken(p.caps, p.tail, found, gain, p.scale))


def _lagrangian(inputs: Inputs, p: Problem, multipliers: Array, search: Array, moved: tuple[Controls, Array]
                ) -> tuple[Array, _Point]:
    """To be minimised where `search` is 1; minus the plain gain, in CNY, where it is 0."""
    point = _judge(inputs, p, *moved)
    near, far = jnp.minimum(point.broken, NEAR), jnp.maximum(point.broken - NEAR, 0.0)
    forced = (jnp.square(jnp.maximum(multipliers + STIFFNESS * near, 0.0)) - jnp.square(multipliers)) / (2 * STIFFNESS)
    forced += (multipliers + STIFFNESS * NEAR) * far
    pull = p.pull * jnp.square(moved[0].rule - p.reference).sum()
    return jnp.where(search > 0, -point.score + forced.sum() + pull, -point.gain), point


def _one(inputs: Inputs, p: Problem, steps: Int[Array, ""]) -> Found:
    slope = jax.value_and_grad(partial(_lagrangian, inputs, p), argnums=2, has_aux=True)
    adam = optax.scale_by_adam(b2=MEMORY)
    nothing = jnp.zeros_like(p.start.moves)
    count = 2 + p.caps.yearly.shape[0] + p.caps.adoption.shape[0]

    def advance(number: Array, s: _Search) -> tuple[_Search, Found]:
        last = number == steps
        at = mapped(lambda a, b: jnp.where(last, a, b), s.best, s.controls)
        (_, point), (by_controls, added) = slope(s.multipliers, jnp.where(last, 0.0, 1.0), (at, nothing))
        worst = jnp.maximum(point.broken.max(), 0.0)
        holds, held = worst <= TOLERANCE, s.best_broken <= TOLERANCE
        nearer = jnp.where(holds ^ held, holds, worst < s.best_broken)
        better = jnp.where(holds & held, point.score > s.best_score, nearer)
        best, score, least = mapped(lambda a, b: jnp.where(better & ~last, a, b), (at, point.score, worst),
                                    (s.best, s.best_score, s.best_broken))
        change, state = adam.update(by_controls, s.adam)
        rate = p.rate * (1 - (1 - SLOW) * number / jnp.maximum(steps, 1))
        controls = mapped(lambda x, u: jnp.clip(x - rate * u, -REACH, REACH), s.controls, change)
        firmer = jnp.maximum(s.multipliers + STIFFNESS * jnp.minimum(point.broken, NEAR), 0.0)
        multipliers = jnp.where((number % EVERY == EVERY - 1) & ~last, firmer, s.multipliers)
        inside = jax.nn.sigmoid(at.rule)
        by_rule = -by_controls.rule / (inside * (1 - inside) * (1 - p.frame.rule_low))
        found = Found(at, point.scenario, point.record, point.gain, worst, s.multipliers, by_rule, -added)
        return _Search(controls, state, multipliers, best, score, least), found

    first = _Search(p.start, adam.init(p.start), jnp.zeros(count), p.start, jnp.array(-jnp.inf), jnp.array(jnp.inf))
    step = cast(Callable[[Array, _Search], tuple[_Search, Found]], jax.jit(advance))  # traced once: shape and loop
    empty = mapped(lambda x: jnp.zeros(x.shape, x.dtype), jax.eval_shape(step, steps, first)[1])

    def again(number: Array, carried: tuple[_Search, Found]) -> tuple[_Search, Found]:
        return step(number, carried[0])

    return cast(Found, jax.lax.fori_loop(0, steps + 1, again, (first, empty))[1])


@program
def descend(inputs: Inputs, problems: Problem, steps: Int[Array, ""]) -> Found:
    """Solve all problems (leading axis P on every case) of one case (leading axis M); steps 0: evaluate starts."""
    return jax.vmap(_one, in_axes=(None, 0, None))(inputs, problems, steps)
