"""`explain(place or plan) -> Explanation`: why a scenario differs from no policy, and what that rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.years import DECIDE, START, UNTIL
from seedbed.facts import places
from seedbed.market import definition as definitions
from seedbed.market.ensemble import BLOCK, Scenario
from seedbed.market.world import World, default_world
from seedbed.planning.explain.abatement import Measure, measures
from seedbed.planning.explain.cost import RATE
from seedbed.planning.explain.runs import OUTCOMES, TESTED, Game, headline
from seedbed.planning.explain.sensitivity import Sensitivity, Swing, sobol, swings
from seedbed.planning.explain.shapley import Shares, owen, shapley
from seedbed.planning.explain.trace import Trace, trace
from seedbed.planning.improve import improve
from seedbed.planning.scenarios import SCENARIOS, Field, check, prepare
from seedbed.policy.instrument import Kind
from seedbed.policy.rule import Rule

if TYPE_CHECKING:
    from seedbed.planning.plan import Plan

EXPLAINED = SCENARIOS[1:]  # all but no policy
BANDS = (0.05, 0.95)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Attribution:
    """What the four kinds add to no policy in one scenario: `kinds` kind × market × OUTCOMES × year; they add up.

    `base` is the outcome without policy, market × OUTCOMES × year.
    """

    scenario: str
    kinds: Float[np.ndarray, "4 M O T"]
    base: Float[np.ndarray, "M O T"]


@dataclass(frozen=True)
class Explanation:
    """Everything about the last of `attributions`; the other scenarios have their attribution only.

    `members`: draw × kind × market × TESTED × year, for bands. `instruments`: market × slot × OUTCOMES × year.
    """

    field: Field
    attributions: tuple[Attribution, ...]
    members: Float[np.ndarray, "D 4 M O T"]
    instruments: Shares
    samples: int
    measures: tuple[Measure, ...]
    swings: tuple[Swing, ...]
    sensitivity: Sensitivity | None

    @property
    def main(self) -> Attribution:
        """The attribution of the scenario that is explained in full."""
        return self.attributions[-1]

    def of_kinds(self, outcome: str, attribution: Attribution | None = None) -> Float[np.ndarray, "4 M"]:
        """One number per kind and market (see runs.headline)."""
        return headline((attribution or self.main).kinds)[..., OUTCOMES.index(outcome)]

    def bands(self, outcome: str, market: int | None = None) -> Float[np.ndarray, "2 5"]:
        """BANDS quantiles over draws of the four kinds and of their sum, in one market or over all."""
        drawn = headline(self.members)[..., TESTED.index(outcome)]
        chosen = drawn.sum(-1) if market is None else drawn[..., market]
        return np.quantile(np.concatenate([chosen, chosen.sum(1, keepdims=True)], axis=1), BANDS, axis=0)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: kinds by scenario, outcome and market; measures; swings; indices."""
        names, kinds = self.field.names, [k.value for k in Kind]
        by_kind = {a.scenario: {o: {k: dict(zip(names, self.of_kinds(o, a)[i].tolist(), strict=True))
                                    for i, k in enumerate(kinds)} for o in OUTCOMES} for a in self.attributions}
        rows = [vars(m) | {"public_per_tonne": m.public_per_tonne, "social_per_tonne": m.social_per_tonne}
                for m in self.measures]
        body: dict[str, Any] = {
            "place": self.field.place.id, "scenario": self.main.scenario, "decided": [DECIDE, self.field.until],
            "kinds": by_kind, "discount_rate": RATE, "samples": self.samples, "measures": rows,
            "swings": {s.factor: {"low": _by_outcome(s.low), "high": _by_outcome(s.high)} for s in self.swings}}
        if self.sensitivity is not None:
            body["sensitivity"] = self.sensitivity.to_dict(names)
        return body


def _by_outcome(values: np.ndarray) -> dict[str, float]:
    return dict(zip(OUTCOMES, values.sum(0).tolist(), strict=True))


def explained(field: Field, rule: Rule | None, scenario: str, *, members: int, samples: int, rows: int = 0,
              seed: int = 1, progress: Progress | None = None) -> Explanation:
    """Explain `scenario` of a field; `rule` is the improved rule (None: the scenarios before it only).

    `members` draws for bands, `samples` ≥ 2 rounds of orders for instruments, `rows` of the Sobol design (0: none).
    """
    say = progress or (lambda step, done, of: None)
    every = field.scenarios(rule)

    def game(name: str) -> Game:
        return Game(field, Scenario(*(part[SCENARIOS.index(name)] for part in every)), field.settled)

    known = [s for s in EXPLAINED if s != scenario and (rule is not None or s != "improved_rule")]
    found = [_attribution(game(name), name)[0] for name in known]
    mine = game(scenario)
    attribution, worth = _attribution(mine, scenario)
    drawn = shapley(mine.members(mine.of_kinds(), members, seed)).swapaxes(0, 1)
    done = count(1)

    def play(masks: np.ndarray) -> np.ndarray:
        played = mine.play(masks)
        say("instruments", next(done), samples)
        return played

    shares = owen(play, mine.kinds, worth, samples=samples, seed=seed)
    indices = sobol(mine, rows, seed, lambda done, of: say("sensitivity", done, of)) if rows else None
    return Explanation(field, (*found, attribution), drawn, shares, samples, measures(mine, shares),
                       swings(mine), indices)


def _attribution(game: Game, name: str) -> tuple[Attribution, np.ndarray]:
    worth = game.play(game.of_kinds())
    return Attribution(name, shapley(worth), worth[0]), worth


def explain(what: str | Plan, scenario: str = "improved_rule", *, markets: Sequence[str] | None = None,
            until: int = UNTIL, budget: float | None = None, members: int = 16, samples: int = 4, rows: int = 0,
            seed: int = 1, world: World | None = None, progress: Progress | None = None) -> Explanation:
    """Explain a scenario of a place (prepared first, and its rule improved where needed), or of a plan.

    `markets`, `until`, `budget` and `world` belong to a place; a plan has them. Raises UnknownNameError and
    InvalidInputError before anything runs.
    """
    if scenario not in EXPLAINED:
        raise UnknownNameError("scenario", scenario, EXPLAINED)
    if isinstance(what, str):
        field, rule = _field(what, scenario, markets, until, budget, members, world, progress)
    else:
        field, rule = what.field, what.improvement.rule
    return explained(field, rule, scenario, members=members, samples=samples, rows=rows, seed=seed, progress=progress)


def _field(place: str, scenario: str, markets: Sequence[str] | None, until: int, budget: float | None, members: int,
           world: World | None, progress: Progress | None) -> tuple[Field, Rule | None]:
    """The field of a place, and its improved rule where the scenario needs it."""
    where = places.resolve(place)
    chosen = [definitions.get(m) for m in markets] if markets else list(definitions.definitions().values())
    check(where, until, budget, members)
    field, _ = prepare(where, list({d.id: d for d in chosen}.values()), world or default_world(), until)
    if scenario != "improved_rule":
        return field, None
    say = progress or (lambda step, done, of: None)
    return field, improve(field, budget, lambda done, of: say("mix", done, of)).rule


def traced(place: str, market: str, year: int, scenario: str = "improved_rule", *, until: int = UNTIL,
           budget: float | None = None, world: World | None = None, progress: Progress | None = None) -> Trace:
    """The terms behind the shares of one market and year of a place.

    Raises UnknownNameError and InvalidInputError before anything runs.
    """
    if scenario not in SCENARIOS:
        raise UnknownNameError("scenario", scenario, SCENARIOS)
    if not START <= year <= until:
        raise InvalidInputError(f"{year} is not simulated.", where="--year",
                                fix=f"give a year from {START} to {until}.")
    field, rule = _field(place, scenario, [market], until, budget, BLOCK, world, progress)
    row = SCENARIOS.index(scenario)
    return trace(field, Scenario(*(part[row] for part in field.scenarios(rule))), scenario, field.names[0], year)
