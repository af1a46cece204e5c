"""`plan(place) -> Plan`: diagnose → focus → mix → test → actions, for one place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, is_dataclass
from importlib.metadata import version
from itertools import count
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from pydantic import BaseModel

from seedbed.base.years import DECIDE, START, UNTIL
from seedbed.facts import places
from seedbed.market import definition as definitions
from seedbed.market.draws import KINDS
from seedbed.market.ensemble import CENTRAL, Indicators, ensemble
from seedbed.market.trajectory import Path
from seedbed.market.world import World, default_world
from seedbed.planning.actions import Action, ExportResponse, actions, export_response
from seedbed.planning.balances import Balances, balances
from seedbed.planning.diagnose import MarketDiagnosis, PlaceDiagnosis, diagnose_market, diagnose_place
from seedbed.planning.explain.explain import Explanation, explained
from seedbed.planning.focus import Focus, focus
from seedbed.planning.improve import DRAWS, Improvement, improve, within
from seedbed.planning.optimise.ground import ground, ready
from seedbed.planning.optimise.mixes import Mixes, best_mixes
from seedbed.planning.scenarios import RAMP, SCENARIOS, Field, central, check, mixes, prepare, test

if TYPE_CHECKING:
    import xarray

WHY_MEMBERS, WHY_SAMPLES = 16, 2  # enough for a report; `explain` takes more
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
OPTIMISER_CALLS = 6  # three for rules, three for mixes
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Part:
    """One market's part of the result: tCO2e avoided and CNY spent over the plan; CNY and jobs in the last year."""

    market: str
    avoided: float
    spent: float
    market_gain: float
    jobs_gain: float


@dataclass(frozen=True)
class Plan:
    """Everything a plan found; `why` says where it comes from, `field` and `path` hold the arrays behind it."""

    place: PlaceDiagnosis
    until: int
    seed: int
    members: int
    markets: tuple[MarketDiagnosis, ...]
    focus: Focus
    improvement: Improvement
    mixes: Mixes
    tested: Indicators
    actions: tuple[Action, ...]
    exports: tuple[ExportResponse, ...]
    balances: Balances
    why: Explanation
    field: Field
    path: Path

    @property
    def years(self) -> list[int]:
        """Simulated years."""
        return list(self.field.years)

    def bands(self, indicator: str, market: str | None = None) -> np.ndarray:
        """Quantiles (scenario × QUANTILES × year) of an indicator, of one market or summed over all."""
        values = getattr(self.tested, indicator)[..., 0]
        chosen = values.sum(2) if market is None else values[:, :, self.field.names.index(market)]
        return np.quantile(chosen, QUANTILES, axis=1).transpose(1, 0, 2)

    def avoided(self) -> np.ndarray:
        """Quantiles of life-cycle emissions avoided against "as it is", tCO2e over the plan, by scenario.

        Members are compared with themselves, so that only policy differs.
        """
        emitted = self.tested.life_cycle_emissions[:, :, :, DECIDE - START:, 0].sum((2, 3)) / 1000
        return np.quantile(emitted[SCENARIOS.index("as_is")] - emitted, QUANTILES, axis=1).T

    def parts(self) -> list[Part]:
        """What the improved rule does against "as it is", by market: medians of differences within each member."""
        better, now, first = SCENARIOS.index("improved_rule"), SCENARIOS.index("as_is"), DECIDE - START
        out = []
        for row, name in enumerate(self.field.names):
            emitted = self.tested.life_cycle_emissions[:, :, row, first:, 0].sum(-1) / 1000
            spent = self.tested.public_money[better, :, row, first:, 0].sum(-1)
            market, jobs = (getattr(self.tested, k)[:, :, row, -1, 0] for k in ("green_market", "jobs"))
            out.append(Part(name, *(float(np.median(x)) for x in (
                emitted[now] - emitted[better], spent, market[better] - market[now], jobs[better] - jobs[now]))))
        return out

    def public_money(self) -> np.ndarray:
        """Quantiles of public money, CNY cumulative over the decided years, by scenario."""
        spent = self.tested.public_money[:, :, :, DECIDE - START:, 0].sum((2, 3))
        return np.quantile(spent, QUANTILES, axis=1).T

    def to_dict(self) -> dict[str, Any]:
        """Plain data (plan.json)."""
        skip = ("tested", "why", "field", "path")
        body = {k: plain(getattr(self, k)) for k in self.__dataclass_fields__ if k not in skip}
        body["scenarios"] = {k: m.to_dict() for k, m in mixes(self.until, self.improvement.rule).items()}
        body["ramp_years"] = RAMP
        body["quantiles"] = list(QUANTILES)
        sums = [n for n in Indicators._fields if n not in ("green_share", "green_stock", "utilisation")]
        body["results"] = {name: {s: self.bands(name)[i].round(6).tolist() for i, s in enumerate(SCENARIOS)}
                           for name in sums}
        body["green_share"] = {m: {s: self.bands("green_share", m)[i].round(6).tolist()
                                   for i, s in enumerate(SCENARIOS)} for m in self.field.names}
        body["why"] = plain(self.why.to_dict())
        body["years"] = self.years
        body["provenance"] = self.provenance()
        return body

    def dataset(self) -> xarray.Dataset:
        """All members (outcome.nc): scenario × member × market × year."""
        import xarray as xr

        units = {"green_share": "share of purchases", "green_stock": "share of stock",
                 "jobs": "full-time jobs", "operating_emissions": "kgCO2e", "life_cycle_emissions": "kgCO2e",
                 "utilisation": "share of capacity"}
        axes = ("scenario", "member", "market", "year")
        data = {n: (axes, getattr(self.tested, n)[..., 0], {"unit": units.get(n, "CNY")})
                for n in Indicators._fields}
        coords = {"scenario": list(SCENARIOS), "member": list(range(self.members)),
                  "market": self.field.names, "year": self.years}
        return xr.Dataset(data, coords, attrs={k: str(v) for k, v in self.provenance().items()})

    def provenance(self) -> dict[str, Any]:
        """Versions and hashes that made this plan."""
        digest = hashlib.sha256()
        for leaf in jax.tree.leaves(self.field.inputs):
            digest.update(np.asarray(leaf).tobytes())
        rule = json.dumps(self.improvement.rule.matrix())
        return {"place": self.field.place.id, "seedbed": version("seedbed"), "jax": version("jax"),
                "seed": self.seed, "members": self.members, "uncertain": list(self.field.uncertain),
                "inputs_sha256": digest.hexdigest(),
                "improved_rule_sha256": hashlib.sha256(rule.encode()).hexdigest()}


def plain(value: Any) -> Any:
    """Dataclasses, models, arrays and tuples as JSON-ready data; NaN becomes None."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return plain(vars(value) if hasattr(value, "__dict__") else asdict(value))
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):  # a named tuple
        return plain(value._asdict())  # type: ignore[attr-defined]
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value


def plan(place: str, *, until: int = UNTIL, markets: Sequence[str] | None = None, budget: float | None = None,
         members: int = 200, seed: int = 1, world: World | None = None,
         uncertain: Sequence[str] = KINDS, progress: Progress | None = None) -> Plan:
    """Plan the cultivation of green markets in `place` (a province or the nation).

    `budget`: public money over the decided years, CNY (default: what the report's rule costs there).
    `uncertain` says what the bands contain (market.draws.KINDS).
    `progress` is told (step, done, of). Everything is checked before anything runs: UnknownNameError,
    InvalidInputError.
    """
    where = places.resolve(place)
    chosen = [definitions.get(m) for m in markets] if markets else list(definitions.definitions().values())
    check(where, until, budget, members)
    say = progress or (lambda step, done, of: None)
    say("diagnose", 0, 1)
    told = count(1)

    def tick(*_: int) -> None:
        say("mix", next(told), OPTIMISER_CALLS)

    with ThreadPoolExecutor(max_workers=2) as pool:
        def warm(national: Field) -> None:  # compiling takes longest: what comes later starts with what comes first
            pool.submit(ready, national)

        diagnosis = diagnose_place(where)
        field, _ = prepare(where, list({d.id: d for d in chosen}.values()), world or default_world(), until,
                           tuple(uncertain), warm)
        pool.submit(ensemble, field.inputs, field.spreads, field.scenarios(), jax.random.key(0), 1)
        first = _numpy(central(field.settled, field.scenarios()))
        found = tuple(diagnose_market(c, first, row) for row, c in enumerate(field.markets))
        say("diagnose", 1, 1)
        ranking = focus(field, first, diagnosis, found)
        say("focus", 1, 1)
        on = ground(field, (CENTRAL, *range(DRAWS)), seed)
        limits = within(on, budget)
        free = pool.submit(best_mixes, on, limits, tick)
        better = improve(field, budget, tick, on=on)
        best = free.result()
    path = _numpy(central(field.settled, field.scenarios(better.rule)))
    tested = test(field, better.rule, members=members, seed=seed,
                  progress=lambda done: say("test", done, members))
    rows = actions(field, path, tested, ranking, better.effects)
    say("actions", 1, 1)
    why = explained(field, better.rule, "improved_rule", members=min(members, WHY_MEMBERS), samples=WHY_SAMPLES,
                    seed=seed, progress=say)
    return Plan(diagnosis, until, seed, members, found, ranking, better, best, tested, rows,
                export_response(field, path), balances(field, path, tested, diagnosis, ranking), why, field, path)


def _numpy(path: Path) -> Path:
    return jax.tree.map(np.asarray, path)
