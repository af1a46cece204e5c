"""The improved rule: the sixteen numbers of kind × stage, moved by gradient for one place under its budget.

Objective (stated, so that it can be argued with): carbon value × life-cycle emissions avoided, less public money
at its marginal cost, less what mandates cost buyers; emissions of what still runs at the end count five more
years; a penalty beyond the budget; a weak pull to the report's rule where the objective is indifferent.
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
    """The improved rule and why: slopes of the objective at the report's rule, and the money of both."""

    rule: Rule
    slopes: np.ndarray  # 4×4, CNY of objective per unit of intensity at the report's rule (positive: more helps)
    budget: float  # CNY over DECIDE…until
    report_cost: float
    improved_cost: float
    gain: float  # objective, improved over report, CNY


def _run(anchored: Inputs, scenario: Scenario, matrix: Array):  # noqa: ANN202
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
def _loss(logits: Array, anchored: Inputs, scenario: Scenario, budget: Array, start: Array, scale: Array):  # noqa: ANN202
    worth, money = _worth(anchored, scenario, jax.nn.sigmoid(logits))
    beyond = jax.nn.softplus(50 * (money / budget - 1)) / 50
    return -worth / scale + 20 * beyond + PULL * ((logits - start) ** 2).sum(), (worth, money)


_slope = eqx.filter_jit(jax.value_and_grad(_loss, has_aux=True))


def improve(field: Field, budget: float | None, progress: Callable[[int, int], None] | None = None) -> Improvement:
    """Improve the rule for `field`; `budget` in CNY over the plan (None: what the report's rule costs).

    Raises InvalidInputError when the budget cannot be met by any rule: what earlier promises already cost.
    """
    anchored = settle(field.inputs)
    every = field.scenarios()
    scenario = Scenario(*(part[SCENARIOS.index("report_rule")] for part in every))
    report = jnp.asarray(report_rule().matrix())
    start = jax.scipy.special.logit(jnp.clip(report, 1 - LIMIT, LIMIT))

    def evaluate(logits: Array, money: float) -> tuple[float, float, Float[Array, "4 4"]]:
        (_, (worth, spent)), slope = _slope(logits, anchored, scenario, jnp.asarray(money), start, scale)
        return float(worth), float(spent), slope

    scale = jnp.asarray(1.0)
    worth, cost, _ = evaluate(start, 1.0)
    scale = jnp.asarray(max(abs(worth) * 0.02, 1.0))
    floor = evaluate(jnp.full((4, 4), -8.0), 1.0)[1]
    money = cost if budget is None else budget
    if not money > floor:
        raise InvalidInputError(
            f"the budget of {money / 1e9:.2f} bn CNY cannot be met: promises already made cost {floor / 1e9:.2f} bn.",
            where="--budget", fix=f"give more than {floor / 1e9:.2f}.")
    slopes = np.asarray(_plain_slope(anchored, scenario, report))
    logits, found = _descend(evaluate, start, money, progress)
    matrix = np.round(np.asarray(jax.nn.sigmoid(logits)), 3)
    rule = Rule.from_matrix("improved", Text(zh="改进规则", en="Improved rule"),
                            f"optimised for {field.place.name.en}", matrix.tolist())
    return Improvement(rule, slopes, money, cost, found[1], found[0] - worth)


def _plain_slope(anchored: Inputs, scenario: Scenario, report: Array) -> Array:
    """Slope of the objective with respect to the sixteen numbers, through the same compiled program."""
    logits = jax.scipy.special.logit(jnp.clip(report, 1 - LIMIT, LIMIT))
    unlimited = jnp.asarray(1e30)
    _, slope = _slope(logits, anchored, scenario, unlimited, logits, jnp.asarray(1.0))
    inside = jax.nn.sigmoid(logits)
    return -slope / (inside * (1 - inside))


def _descend(evaluate, start: Array, money: float, progress) -> tuple[Array, tuple[float, float]]:  # noqa: ANN001
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
        logits = jnp.clip(logits + updates, -6.0, 6.0)
        if progress:
            progress(number + 1, STEPS)
    found = best or cheapest
    assert found is not None
    return found
