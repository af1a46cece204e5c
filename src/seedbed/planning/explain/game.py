"""A scenario as a game of policies: what happens when only some of its instruments act from DECIDE on.

Leaving an instrument out sets both its fixed strength and its share of the rule to zero after DECIDE; years before are
the same in every run. Nobody in the game is "no policy", everybody is the scenario. Runs go through the program that
`plan` has compiled already, as many at a time as a plan has scenarios.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from seedbed.base.years import DECIDE
from seedbed.market.arrays import Inputs, Scenario, mapped
from seedbed.market.ensemble import Indicators, ensemble
from seedbed.market.trajectory import Path
from seedbed.planning.case import Case, central
from seedbed.planning.explain.cost import resource_cost
from seedbed.planning.explain.shapley import coalitions
from seedbed.planning.scenarios import DECIDED, HERE, SCENARIOS
from seedbed.policy.instrument import Kind

OUTCOMES = ("green_share", "emissions", "public_money", "green_market", "exports", "jobs", "resource_cost")
"""Share of purchases; tCO2e of life-cycle emissions *avoided* (less than none: emitted); CNY; CNY; CNY; jobs; CNY."""
TESTED = OUTCOMES[:6]  # those that an ensemble keeps
UNITS = {"green_share": "share", "emissions": "tCO2e", "public_money": "CNY", "green_market": "CNY", "exports": "CNY",
         "jobs": "job", "resource_cost": "CNY"}
SUMMED = ("emissions", "public_money", "other_money", "resource_cost")
"""Outcomes that are sums over the decided years; the others are of the last year."""
BATCH, WORKERS = len(SCENARIOS), 2
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Game:
    """One scenario (leading axis M) of a case, to be run with parts of its instruments on anchored inputs."""

    case: Case
    scenario: Scenario
    inputs: Inputs

    @cached_property
    def kinds(self) -> Int[np.ndarray, "M J"]:
        """Kind of each slot (index in Kind), −1 where it does nothing after DECIDE."""
        acts = (np.asarray(self.scenario.fixed) + np.asarray(self.scenario.by_rule))[:, DECIDED].max(1) > 0
        return np.where(acts, np.asarray(self.inputs.kind).argmax(-1), -1)

    def of_kinds(self) -> Bool[np.ndarray, "S M J"]:
        """The sixteen sets of whole kinds, in the order of `shapley.coalitions`."""
        return coalitions(len(Kind))[:, np.maximum(self.kinds, 0)] & (self.kinds >= 0)

    def play(self, masks: Bool[np.ndarray, "N M J"]) -> Float[np.ndarray, "N M O T"]:
        """Central runs with the instruments of each mask: all OUTCOMES, by market and year."""
        return np.concatenate(self._batches(masks, self._central))[: len(masks)]

    def _central(self, changes: Scenario) -> np.ndarray:
        return outcomes(self.inputs, jax.tree.map(np.asarray, central(self.inputs, changes)))

    def members(self, masks: Bool[np.ndarray, "N M J"], members: int, seed: int) -> Float[np.ndarray, "N D M O T"]:
        """The same for the members D that an ensemble with this seed draws: the outcomes TESTED."""
        def run(changes: Scenario) -> np.ndarray:
            return of_ensemble(ensemble(self.case.inputs, self.case.spreads, changes, jax.random.key(seed), members,
                                   workers=1))

        return np.concatenate(self._batches(masks, run))[: len(masks)]

    def _batches(self, masks: np.ndarray, run: Callable[[Scenario], np.ndarray]) -> list[np.ndarray]:
        """`run` over the masks in batches of one shape (the last one filled up)."""
        count = -(-len(masks) // BATCH)
        filled = np.concatenate([masks, np.repeat(masks[-1:], count * BATCH - len(masks), axis=0)])
        return side_by_side(lambda n: run(self._masked(filled[n * BATCH:(n + 1) * BATCH])), count)

    def _masked(self, masks: np.ndarray) -> Scenario:
        later = np.array(self.case.years) >= DECIDE
        kept = np.where(later[:, None], masks[:, :, None], True)
        fixed, ruled, least, rule = (np.asarray(x) for x in self.scenario)
        return Scenario(*(jnp.asarray(x) for x in (
            fixed * kept, ruled * kept, least * kept, np.broadcast_to(rule, (len(masks), *rule.shape)))))


def side_by_side(run: Callable[[int], np.ndarray], count: int, progress: Progress | None = None) -> list[np.ndarray]:
    """[run(0), run(1), …]: the first alone, for it may compile, the others WORKERS at a time."""
    done = [run(0)]
    with ThreadPoolExecutor(WORKERS) as pool:
        for part in pool.map(run, range(1, count)):
            done.append(part)
            if progress:
                progress(len(done), count)
    return done


def outcomes(inputs: Inputs, path: Path) -> Float[np.ndarray, "S M O T"]:
    """OUTCOMES of runs of one place (`path` on the host, leading axes S, M)."""
    books = mapped(lambda x: x[:, :, :, HERE], path.account)
    green = np.asarray(inputs.setting.technologies.green)
    parts = (books.green_share, books.life_cycle_emissions / -1000, books.public_money.sum(-1), books.green_market,
             np.einsum("smti,mi->smt", books.exports, green), books.jobs, resource_cost(inputs, path))
    return np.stack(parts, axis=2)


def of_ensemble(found: Indicators, names: Sequence[str] = TESTED) -> Float[np.ndarray, "*L O T"]:
    """Outcomes (default: TESTED) of indicators of one place, whatever their leading axes."""
    parts = found._asdict() | {"emissions": found.life_cycle_emissions / -1000}
    return np.stack([np.asarray(parts[name], dtype=np.float64)[..., HERE] for name in names], axis=-2)


def headline(values: Float[np.ndarray, "*L O T"], names: Sequence[str] = OUTCOMES) -> Float[np.ndarray, "*L O"]:
    """One number an outcome (default: the first of OUTCOMES): the sum over the decided years for SUMMED, the last year
    for the others."""
    names = names[: values.shape[-2]]
    summed = np.array([name in SUMMED for name in names])
    return np.where(summed, values[..., DECIDED].sum(-1), values[..., -1])
