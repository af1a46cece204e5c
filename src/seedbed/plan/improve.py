"""The improved rule: the sixteen numbers of kind × stage, moved by gradient for one place under its budget.

Objective (stated, so that it can be argued with): carbon value × life-cycle emissions avoided, less public
money at its marginal cost, less what mandates cost buyers; emissions of what still runs at the end count five
more years; a penalty beyond the budget; a weak pull to the report's rule where the objective is indifferent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from seedbed.errors import InvalidInputError
from seedbed.labels import Text
from seedbed.market.account import Account
from seedbed.market.arrays import Inputs
from seedbed.market.ensemble import Scenario, apply
from seedbed.market.trajectory import run
from seedbed.plan.scenarios import DECIDE, SCENARIOS, START, Field, settle
from seedbed.policy.rule import Rule, report_rule

CARBON_VALUE = 500.0  # CNY/tCO2e; an assumption of the plan, shown in the report
PUBLIC_MONEY = 1.2  # marginal cost of one CNY of public money; an assumption, shown in the report
AFTERLIFE = 5.0  # years that emissions of the last year go on counting
PULL = 0.002  # of the objective's scale per squared logit away from the report's rule
STEPS, RATE = 60, 0.2
LIMIT = 0.98


@dataclass(frozen=True)
class Improvement:
    """The improved rule and why: slopes of the objective at the report's rule, and the money of both.

    `slopes` is CNY of objective per unit of intensity (positive: more helps); `effects` is what each
    instrument adds to the objective at the improved rule, CNY, to first order.
    """

    rule: Rule
    slopes: np.ndarray  # 4×4
    budget: float  # CNY over DECIDE…until
    report_cost: float
    improved_cost: float
    gain: float  # objective, improved over report, CNY
    effects: np.ndarray  # market × slot


def _run(anchored: Inputs, scenario: Scenario, matrix: Array) -> Account:
    changed = Scenario(scenario.fixed, scenario.by_rule, jnp.broadcast_to(matrix, scenario.rule.shape))
    return jax.vmap(lambda one, change: run(apply(one, change)).account)(anchored, changed)


def _worth(anchored: Inputs, scenario: Scenario, matrix: Array) -> tuple[Array, Array]:
    """(objective without penalty, public money), both CNY over the decided years."""
    books = _run(anchored, scenario, matrix)
    first = DECIDE - START
    emitted = books.life_cycle_emissions[:, first:].sum() + AFTERLIFE * books.operating_emissions[:, -1].sum()
    money = books.public_money[:, first:].sum()
    return -(CARBON_VALUE / 1000 * emitted + PUBLIC_MONEY * money + books.burden[:, first:].sum()), money


@eqx.filter_jit
def _loss(moved: tuple[Array, Array], anchored: Inputs, scenario: Scenario, budget: Array, start: Array,
          scale: Array) -> tuple[Array, tuple[Array, Array]]:
    """`moved`: logits of the rule (4×4), and a strength added to every instrument (market × year × slot)."""
    logits, added = moved
    more = scenario._replace(fixed=scenario.fixed + added)
    worth, money = _worth(anchored, more, jax.nn.sigmoid(logits))
    beyond = jax.nn.softplus(50 * (money / budget - 1)) / 50
    return -worth / scale + 20 * beyond + PULL * ((logits - start) ** 2).sum(), (worth, money)


_slope = eqx.filter_jit(jax.value_and_grad(_loss, has_aux=True))


def _number(value: float) -> Array:
    """A strong float64: a weak one would compile the program again."""
    return jnp.asarray(np.float64(value))


def improve(field: Field, budget: float | None,
            progress: Callable[[int, int], None] | None = None) -> Improvement:
    """Improve the rule for `field`; `budget` in CNY over the plan (None: what the report's rule costs).

    Raises InvalidInputError when the budget cannot be met by any rule: what earlier promises already cost.
    """
    anchored = settle(field.inputs)
    every = field.scenarios()
    scenario = Scenario(*(part[SCENARIOS.index("report_rule")] for part in every))
    report = jnp.asarray(np.array(report_rule().matrix()))
    start = jax.scipy.special.logit(jnp.clip(report, 1 - LIMIT, LIMIT))

    nothing = jnp.zeros_like(scenario.fixed)

    def evaluate(logits: Array, money: float) -> tuple[float, float, Float[Array, "4 4"]]:
        (_, (worth, spent)), slope = _slope((logits, nothing), anchored, scenario, _number(money), start,
                                            scale)
        return float(worth), float(spent), slope[0]

    scale = _number(1.0)
    worth, cost, _ = evaluate(start, 1.0)
    scale = _number(max(abs(worth) * 0.02, 1.0))
    floor = evaluate(jnp.full((4, 4), -8.0, dtype=jnp.float64), 1.0)[1]
    money = cost if budget is None else budget
    if not money > floor:
        raise InvalidInputError(
            f"the budget of {money / 1e9:.2f} bn CNY cannot be met: promises already made cost "
            f"{floor / 1e9:.2f} bn.",
            where="--budget", fix=f"give more than {floor / 1e9:.2f}.")
    slopes = _slopes(anchored, scenario, start, nothing)[0]
    logits, found = _descend(evaluate, start, money, progress)
    by_instrument = _slopes(anchored, scenario, logits, nothing)[1]
    matrix = np.round(np.asarray(jax.nn.sigmoid(logits)), 3)
    rule = Rule.from_matrix("improved", Text(zh="改进规则", en="Improved rule"),
                            f"optimised for {field.place.name.en}", matrix.tolist())
    strength = np.asarray(_strength(anchored, scenario, logits))
    effects = (by_instrument * strength).sum(1)
    return Improvement(rule, slopes, money, cost, found[1], found[0] - worth, effects)


def _slopes(anchored: Inputs, scenario: Scenario, logits: Array,
            nothing: Array) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of the objective without budget, CNY: by entry of the rule, by market × year × slot."""
    _, (rule, added) = _slope((logits, nothing), anchored, scenario, _number(1e30), logits, _number(1.0))
    inside = jax.nn.sigmoid(logits)
    return np.asarray(-rule / (inside * (1 - inside))), np.asarray(-added)


@eqx.filter_jit
def _strength(anchored: Inputs, scenario: Scenario, logits: Array) -> Array:
    """Intensity of every instrument under a rule, market × year × slot (first place)."""
    changed = scenario._replace(rule=jnp.broadcast_to(jax.nn.sigmoid(logits), scenario.rule.shape))
    return jax.vmap(lambda one, change: run(apply(one, change)).intensity[:, 0])(anchored, changed)


def _descend(evaluate: Callable[[Array, float], tuple[float, float, Array]], start: Array, money: float,
             progress: Callable[[int, int], None] | None) -> tuple[Array, tuple[float, float]]:
    """Adam; keeps the best rule met whose cost is within the budget (by 0.1 %)."""
    chain = optax.adam(RATE)
    logits, state = start, chain.init(start)
    best: tuple[Array, tuple[float, float]] | None = None
    cheapest: tuple[Array, tuple[float, float]] | None = None
    for number in range(STEPS):
        worth, spent, slope = evaluate(logits, money)
        if spent <= money * 1.001 and (best is None or worth > best[1][0]):
            best = (logits, (worth, spent))
        if cheapest is None or spent < cheapest[1][1]:
            cheapest = (logits, (worth, spent))
        updates, state = chain.update(slope, state)
        logits = jnp.clip(jnp.asarray(optax.apply_updates(logits, updates)), -6.0, 6.0)
        if progress:
            progress(number + 1, STEPS)
    found = best or cheapest
    assert found is not None
    return found
