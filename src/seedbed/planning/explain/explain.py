"""`explain(place) -> Explanation`: why a scenario differs from no policy, and what that rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.base.progress import Progress, silent
from seedbed.base.shown import Shown
from seedbed.base.years import DECIDE, MIDWAY, START, UNTIL
from seedbed.market import definition as definitions
from seedbed.market.world import World, default_world
from seedbed.planning.case import Case, check_budget, check_members
from seedbed.planning.explain.abatement import Measure, measures
from seedbed.planning.explain.cost import RATE
from seedbed.planning.explain.game import OUTCOMES, TESTED, Game, headline
from seedbed.planning.explain.sensitivity import Sensitivity, Swing, sobol, swings
from seedbed.planning.explain.shapley import Shares, owen, shapley
from seedbed.planning.explain.trace import Trace, trace
from seedbed.planning.improve import improve
from seedbed.planning.scenarios import SCENARIOS
from seedbed.policy.instrument import Kind
from seedbed.policy.rule import Rule

if TYPE_CHECKING:
    import polars
    import xarray

EXPLAINED = SCENARIOS[1:]  # all but no policy
BANDS = (0.05, 0.95)


@dataclass(frozen=True)
class Attribution:
    """What the four kinds add to no policy in one scenario: `kinds` kind × market × OUTCOMES × year; they add up.

    `base` is the outcome without policy, market × OUTCOMES × year.
    """

    scenario: str
    kinds: Float[np.ndarray, "4 M O T"]
    base: Float[np.ndarray, "M O T"]


@dataclass(frozen=True, repr=False)
class Explanation(Shown):
    """Everything about the last of `attributions`; the other scenarios have their attribution only.

    `members`: draw × kind × market × TESTED × year, for bands. `instruments`: market × slot × OUTCOMES × year.
    """

    case: Case
    attributions: tuple[Attribution, ...]
    members: Float[np.ndarray, "D 4 M O T"]
    instruments: Shares
    samples: int
    measures: tuple[Measure, ...]
    swings: tuple[Swing, ...]
    sensitivity: Sensitivity | None

    def about(self) -> dict[str, object]:
        tonnes = dict(zip(Kind, self.of_kinds("emissions").sum(1).tolist(), strict=True))
        return {"place": self.case.place.name.en, "scenario": f"{self.main.scenario}, against no policy",
                "years": f"{DECIDE}–{self.case.until}", "markets": len(self.case.names),
                **{f"avoided by {kind.value}": f"{value:.3g} tCO2e" for kind, value in tonnes.items()},
                "draws": len(self.members), "rounds": self.samples}

    def to_xarray(self) -> xarray.Dataset:
        """What each kind adds, by scenario, market, outcome and year."""
        import xarray as xr

        axes = {"scenario": [a.scenario for a in self.attributions], "kind": [k.value for k in Kind],
                "market": self.case.names, "outcome": list(OUTCOMES), "year": list(self.case.years)}
        return xr.Dataset({"added": (tuple(axes), np.stack([a.kinds for a in self.attributions]))}, axes)

    def to_polars(self) -> polars.DataFrame:
        """The same as long rows."""
        import polars as pl

        return pl.from_pandas(self.to_xarray().to_dataframe().reset_index())

    @property
    def main(self) -> Attribution:
        """The attribution of the scenario that is explained in full."""
        return self.attributions[-1]

    def of_kinds(self, outcome: str, attribution: Attribution | None = None) -> Float[np.ndarray, "4 M"]:
        """One number per kind and market (see game.headline)."""
        return headline((attribution or self.main).kinds)[..., OUTCOMES.index(outcome)]

    def bands(self, outcome: str, market: int | None = None) -> Float[np.ndarray, "2 5"]:
        """BANDS quantiles over draws of the four kinds and of their sum, in one market or over all."""
        drawn = headline(self.members)[..., TESTED.index(outcome)]
        chosen = drawn.sum(-1) if market is None else drawn[..., market]
        return np.quantile(np.concatenate([chosen, chosen.sum(1, keepdims=True)], axis=1), BANDS, axis=0)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: kinds by scenario, outcome and market; measures; swings; indices."""
        names, kinds = self.case.names, [k.value for k in Kind]
        by_kind = {a.scenario: {o: {k: dict(zip(names, self.of_kinds(o, a)[i].tolist(), strict=True))
                                    for i, k in enumerate(kinds)} for o in OUTCOMES} for a in self.attributions}
        rows = [vars(m) | {"public_per_tonne": m.public_per_tonne, "social_per_tonne": m.social_per_tonne}
                for m in self.measures]
        body: dict[str, Any] = {
            "place": self.case.place.id, "scenario": self.main.scenario, "decided": [DECIDE, self.case.until],
            "kinds": by_kind, "discount_rate": RATE, "samples": self.samples, "measures": rows,
            "swings": {s.factor: {"low": _by_outcome(s.low), "high": _by_outcome(s.high)} for s in self.swings}}
        if self.sensitivity is not None:
            body["sensitivity"] = self.sensitivity.to_dict(names)
        return body


def _by_outcome(values: np.ndarray) -> dict[str, float]:
    return dict(zip(OUTCOMES, values.sum(0).tolist(), strict=True))


def explained(case: Case, rule: Rule | None, scenario: str, *, members: int, samples: int, rows: int = 0,
              seed: int = 1, progress: Progress | None = None) -> Explanation:
    """Explain `scenario` of a case; `rule` is the improved rule (None: the scenarios before it only).

    `members` draws for bands, `samples` ≥ 2 rounds of orders for instruments, `rows` of the Sobol design (0: none).
    """
    say = progress or silent

    def game(name: str) -> Game:
        return Game(case, case.scenario(name, rule), case.settled)

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
    return Explanation(case, (*found, attribution), drawn, shares, samples, measures(mine, shares),
                       swings(mine), indices)


def _attribution(game: Game, name: str) -> tuple[Attribution, np.ndarray]:
    worth = game.play(game.of_kinds())
    return Attribution(name, shapley(worth), worth[0]), worth


def explain(place: str, *, scenario: str = "improved_rule", markets: Sequence[str] | None = None, until: int = UNTIL,
            budget: float | None = None, members: int = 16, samples: int = 4, rows: int = 0, seed: int = 1,
            price: Sequence[str] | None = None, world: World | None = None,
            progress: Progress | None = None) -> Explanation:
    """Explain a scenario of a place, whose rule is improved first where that is the one; see `explained`.

    `budget` is that of the improved rule, CNY. A plan that is there explains itself (`Plan.explain`). Raises
    UnknownNameError and InvalidInputError before anything runs.
    """
    if scenario not in EXPLAINED:
        raise UnknownNameError("scenario", scenario, EXPLAINED)
    check_members(members)
    for name, number, least, most in (("samples", samples, 2, 1000), ("rows", rows, 0, 4096)):
        if not least <= number <= most:
            raise InvalidInputError(f"{number:,} is out of range.", where=Parameter(name),
                                    fix=f"give a whole number from {least} to {most:,}.")
    if budget is not None and scenario != "improved_rule":
        raise InvalidInputError("changes the improved rule only.", where=Parameter("budget"), fix="leave it out.")
    case, rule = _prepared(place, scenario, markets, until, budget, price, world, progress)
    return explained(case, rule, scenario, members=members, samples=samples, rows=rows, seed=seed, progress=progress)


def _prepared(place: str, scenario: str, markets: Sequence[str] | None, until: int, budget: float | None,
              price: Sequence[str] | None, world: World | None, progress: Progress | None) -> tuple[Case, Rule | None]:
    """The case of a place, and its improved rule where the scenario needs it."""
    check_budget(budget)
    case = Case.of(place, markets=markets, until=until, world=world, price=price)
    if scenario != "improved_rule":
        return case, None
    say = progress or silent
    return case, improve(case, budget, lambda done, of: say("mix", done, of)).rule


def _technology(market: definitions.Definition, name: str) -> str:
    """The id of a technology by id or by its label in either language. Raises UnknownNameError."""
    for one in market.technologies:
        if name.strip().lower() in (one.id, one.label.zh, one.label.en.lower()):
            return one.id
    raise UnknownNameError("technology", name, [name for t in market.technologies for name in (t.id, t.label.zh)])


def traced(place: str, market: str, technology: str, *, year: int = MIDWAY, scenario: str = "improved_rule",
           until: int = UNTIL, budget: float | None = None, price: Sequence[str] | None = None,
           world: World | None = None, progress: Progress | None = None) -> Trace:
    """The terms behind the share of a technology in one market and year of a place, and every parameter.

    Raises UnknownNameError and InvalidInputError before anything runs.
    """
    if scenario not in SCENARIOS:
        raise UnknownNameError("scenario", scenario, SCENARIOS)
    if not START <= year <= until:
        raise InvalidInputError(f"{year} is not simulated.", where=Parameter("year"),
                                fix=f"give a year from {START} to {until}.")
    technology = _technology(definitions.get(market), technology)
    case, rule = _prepared(place, scenario, [market], until, budget, price, world, progress)
    priced = (world or default_world()).priced(price)
    return trace(case, case.scenario(scenario, rule), scenario, case.names[0], technology, year, priced)
