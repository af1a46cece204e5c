"""`plan(place) -> Plan`: diagnose → focus → mix → test → actions, for one place."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from seedbed.base.datafile import is_dict
from seedbed.base.kept import write_json
from seedbed.base.plain import plain
from seedbed.base.progress import Progress, silent
from seedbed.base.shown import Shown
from seedbed.base.years import DECIDE, UNTIL
from seedbed.market.draws import KINDS
from seedbed.market.ensemble import CENTRAL, INDICATORS, QUANTILES, ensemble
from seedbed.market.provenance import inputs_sha256, made_with
from seedbed.market.world import World
from seedbed.planning.actions import Action, ExportResponse, Step, actions, export_response, phases, steps
from seedbed.planning.balances import Balances, balances
from seedbed.planning.case import Case, check_budget, check_members
from seedbed.planning.diagnose import MarketDiagnosis, PlaceDiagnosis, diagnose_market, diagnose_place
from seedbed.planning.differences import Difference, differences
from seedbed.planning.explain.explain import Explanation, explained
from seedbed.planning.focus import Focus, focus
from seedbed.planning.improve import DRAWS, Improvement, improve, within
from seedbed.planning.official import Official, official
from seedbed.planning.optimise.ground import ground, ready
from seedbed.planning.optimise.mixes import Mixes, best_mixes
from seedbed.planning.runs import bands, central, tonnes
from seedbed.planning.runs import members as members_of
from seedbed.planning.scenarios import RAMP, SCENARIOS, SINCE, mixes, row
from seedbed.planning.targets import Met, asked, met
from seedbed.policy.instrument import Payer
from seedbed.policy.mix import Mix

if TYPE_CHECKING:
    import pandas
    import polars
    import xarray

WHY_MEMBERS, WHY_SAMPLES = 16, 2  # enough for a report; `explain` takes more
OPTIMISER_CALLS = 6  # three for rules, three for mixes


@dataclass(frozen=True)
class Part:
    """One market's part of what changes against "as it is": tCO2e and CNY over the plan; CNY and jobs at its end."""

    market: str
    avoided: float
    spent: float
    market_gain: float
    jobs_gain: float


@dataclass(frozen=True, repr=False)
class Plan(Shown):
    """Everything a plan found; `why` says where it comes from.

    `runs` are central runs and `tested` the members of all scenarios, by name (planning.runs).
    """

    place: PlaceDiagnosis
    until: int
    seed: int
    members: int
    markets: tuple[MarketDiagnosis, ...]
    focus: Focus
    improvement: Improvement
    mixes: Mixes
    tested: xarray.Dataset
    actions: tuple[Action, ...]
    steps: tuple[Step, ...]
    exports: tuple[ExportResponse, ...]
    differences: tuple[Difference, ...]
    balances: Balances
    why: Explanation
    case: Case
    runs: xarray.Dataset
    targets: tuple[Met, ...] = ()
    prices: tuple[str, ...] = ()  # energy prices other than the world's, as they were asked for

    def about(self) -> dict[str, object]:
        avoided, money = self.avoided(self.sound)[row("improved_rule")], self.public_money()[row("improved_rule")]
        middle, ends = len(QUANTILES) // 2, (0, -1)
        return {"place": self.case.place.name.en, "years": f"{DECIDE}–{self.until}", "members": self.members,
                "now": ", ".join(self.focus.tier("now")), "next": ", ".join(self.focus.tier("next")),
                "avoided": f"{avoided[middle]:.3g} tCO2e ({avoided[ends[0]]:.3g} to {avoided[ends[1]]:.3g})",
                "public money": f"{money[middle]:.3g} CNY", "seedbed": self.provenance()["seedbed"]}

    @property
    def years(self) -> list[int]:
        """Simulated years."""
        return list(self.case.years)

    def bands(self, indicator: str, market: str | None = None) -> np.ndarray:
        """Quantiles (scenario × QUANTILES × year) of an indicator, of one market or summed over all."""
        values = self.tested[indicator]
        return bands(values.sum("market") if market is None else values.sel(market=market))

    @property
    def first_phase(self) -> int:
        """The last year of the plan's first five-year plan."""
        return phases(self.until)[0][1]

    @property
    def thin(self) -> list[str]:
        """The markets with weak data: no headline rests on them and they have no target."""
        return [m.id for m in self.markets if m.data == "thin"]

    @property
    def sound(self) -> list[str]:
        """The other markets."""
        return [m.id for m in self.markets if m.data != "thin"]

    def avoided(self, markets: Sequence[str] | None = None) -> np.ndarray:
        """Quantiles of life-cycle emissions avoided against "as it is", tCO2e over the plan, by scenario.

        Of `markets` (default: all). Members are compared with themselves, so that only policy differs.
        """
        return bands(self._saved(markets).sel(scenario=list(SCENARIOS)))

    def chance(self, markets: Sequence[str] | None = None) -> float:
        """Part of the members in which the improved rule avoids emissions against "as it is"."""
        return float((self._saved(markets).sel(scenario="improved_rule") > 0).mean())

    def _saved(self, markets: Sequence[str] | None) -> xarray.DataArray:
        """tCO2e avoided against "as it is" in `markets` (default: all), by scenario and member."""
        emitted = tonnes(self.tested.life_cycle_emissions).sel(market=list(markets or self.case.names)).sum("market")
        return emitted.sel(scenario="as_is") - emitted

    def parts(self) -> list[Part]:
        """What the improved rule does against "as it is", by market: medians of differences within each member."""
        better, now = (self.tested.sel(scenario=name) for name in ("improved_rule", "as_is"))
        last = better.isel(year=-1) - now.isel(year=-1)
        found = (tonnes(now.life_cycle_emissions) - tonnes(better.life_cycle_emissions),
                 (better.public_money - now.public_money).sel(year=SINCE).sum("year"), last.green_market, last.jobs)
        columns = (x.median("member").values.tolist() for x in found)
        return [Part(*part) for part in zip(self.case.names, *columns, strict=True)]

    def public_money(self, markets: Sequence[str] | None = None) -> np.ndarray:
        """Quantiles of public money in `markets` (default: all), CNY over the decided years, by scenario."""
        return self.decided("public_money", markets)

    @cached_property
    def official(self) -> Official:
        """The indicators that governments count by."""
        return official(self)

    def by_payer(self) -> xarray.DataArray:
        """CNY by scenario, payer (policy.instrument.Payer) and year, in the central runs.

        Who hands out or waives pays that; a programme is paid by its public payer, or by the province, and by firms;
        what operators spend to emit less is the firms'.
        """
        import xarray as xr

        runs, slots = self.runs, [[i and i.payer for i in m.slots.instruments] for m in self.case.markets]
        held = xr.DataArray(np.asarray(self.case.inputs.levers.budget), dims=("market", "slot"))
        programmes = runs.public_money - runs.transfers * held
        private = runs.other_money - runs.transfers * (1 - held)
        spent = runs.abatement.sum("market")
        found: list[xarray.DataArray] = []
        for payer in Payer:
            mine = xr.DataArray([[float(p == payer) for p in row] for row in slots], dims=("market", "slot"))
            rest = (1 - held) if payer == Payer.province else 0.0
            paid = runs.transfers * mine + programmes * (mine * held + rest)
            own = float(payer == Payer.firm)
            found.append((paid + private * own).sum(("market", "slot")) + spent * own)
        return xr.concat(found, xr.DataArray([p.value for p in Payer], dims="payer", name="payer")).transpose(
            "scenario", "payer", "year")

    def decided(self, indicator: str, markets: Sequence[str] | None = None) -> np.ndarray:
        """Quantiles of an indicator summed over `markets` (default: all) and decided years, by scenario."""
        of = self.tested[indicator].sel(market=list(markets or self.case.names), year=SINCE)
        return bands(of.sum(("market", "year")))

    def explain(self, scenario: str = "improved_rule", *, members: int = 16, samples: int = 4, rows: int = 0,
                seed: int = 1, progress: Progress | None = None) -> Explanation:
        """Explain a scenario of this plan, with more draws, rounds or shares of variance than `why` (see `explain`)."""
        return explained(self.case, self.improvement.rule, scenario, members=members, samples=samples, rows=rows,
                         seed=seed, progress=progress)

    def to_dict(self) -> dict[str, Any]:
        """Plain data (plan.json)."""
        skip = ("tested", "why", "case", "runs")
        body = {k: plain(getattr(self, k)) for k in self.__dataclass_fields__ if k not in skip}
        made = mixes(self.case.place, self.until, self.improvement.rule, self.case.decided)
        body["scenarios"] = {k: m.to_dict() for k, m in made.items()}
        body["ramp_years"] = RAMP
        body["quantiles"] = list(QUANTILES)

        def by_scenario(indicator: str, market: str | None = None) -> dict[str, Any]:
            return dict(zip(SCENARIOS, self.bands(indicator, market).round(6).tolist(), strict=True))

        body["results"] = {name: by_scenario(name) for name, unit in INDICATORS.items() if unit != "share"}
        paid = self.by_payer().round(0)
        body["by_payer"] = {s: {p: paid.sel(scenario=s, payer=p).values.tolist() for p in paid.payer.values.tolist()}
                            for s in SCENARIOS}
        body["official"] = self.official.to_dict()
        body["green_share"] = {m: by_scenario("green_share", m) for m in self.case.names}
        body["why"] = plain(self.why.to_dict())
        body["years"] = self.years
        body["provenance"] = self.provenance()
        return body

    def to_xarray(self) -> xarray.Dataset:
        """All members (outcome.nc): scenario × member × market × year."""
        return self.tested.assign_attrs({k: str(v) for k, v in self.provenance().items()})

    def to_polars(self) -> polars.DataFrame:
        """Every member as long rows: scenario, member, market, year and the indicators."""
        import polars as pl

        return pl.from_pandas(self.tested.to_dataframe().reset_index())

    def to_iamc(self, model: str = "Seedbed") -> pandas.DataFrame:
        """Medians of every scenario in the format that pyam reads; see market.iamc."""
        from seedbed.market.iamc import of_members

        return of_members(self.tested, self.case.place.name.en, model)

    def save(self, path: str | Path) -> None:
        """Write plan.json, which `load` reads."""
        write_json(Path(path), plain(self.to_dict()))

    def provenance(self) -> dict[str, Any]:
        """Versions and hashes that made this plan."""
        rule = json.dumps(self.improvement.rule.matrix())
        return {"place": self.case.place.id, "seed": self.seed, "members": self.members,
                "uncertain": list(self.case.uncertain), "inputs_sha256": inputs_sha256(self.case.inputs),
                "improved_rule_sha256": hashlib.sha256(rule.encode()).hexdigest(), **made_with(),
                **({"own_prices": ", ".join(self.prices)} if self.prices else {}),
                **({"own_decisions": _said(self.case.decided)} if self.case.decided else {}),
                **({"own_floors": ", ".join(f"{k}={v:g}" for k, v in self.case.floors.items())}
                   if self.case.floors else {})}


def _said(mix: Mix) -> str:
    """A mix as the words that `--set` takes."""
    body = mix.to_dict()["instruments"]
    assert is_dict(body)
    return ", ".join(f"{name}={value}@{span}" for name, spans in body.items() for span, value in spans.items())


def plan(place: str, *, until: int = UNTIL, markets: Sequence[str] | None = None, budget: float | None = None,
         members: int = 200, seed: int = 1, uncertain: Sequence[str] = KINDS,
         mix: Mix | Mapping[str, object] | Sequence[str] | None = None, price: Sequence[str] | None = None,
         target: Sequence[str] | None = None, floor: Mapping[str, float] | None = None, world: World | None = None,
         progress: Progress | None = None) -> Plan:
    """Plan the cultivation of green markets in `place` (a province or the nation).

    `budget`: public money over the decided years, CNY (default: what the report's rule costs there).
    `mix` is what is decided already (`charging_network=0.9@2026:2030`, a `Mix` or its plain data): it holds in every
    scenario but that without policy, and the rule decides on the rest.
    `uncertain` says what the bands contain (market.draws.KINDS). `price` changes energy prices
    (`petrol=9.5@2027:2035`, market.world), `target` asks how probably green shares are met (`vehicles=0.6@2030`).
    Standing mandates, guidance and support are not weakened; `floor` says otherwise (0–1 of the ceiling by
    instrument, "all" for the others).
    `progress` is told (step, done, of). Everything is checked before anything runs: UnknownNameError,
    InvalidInputError.
    """
    check_budget(budget)
    check_members(members, seed)
    say = progress or silent
    say("diagnose", 0, 1)
    told = count(1)

    def tick(*_: int) -> None:
        say("mix", next(told), OPTIMISER_CALLS)

    with ThreadPoolExecutor(max_workers=2) as pool:
        def warm(national: Case) -> None:  # compiling takes longest: what comes later starts with what comes first
            pool.submit(ready, national)

        case = Case.of(place, markets=markets, until=until, world=world, price=price, uncertain=uncertain,
                       decided=mix, floors=floor, warm=warm)
        targets = asked(target, case.names, until)
        pool.submit(ensemble, *case.stacked(case.scenarios()), jax.random.key(0), 1)
        diagnosis = diagnose_place(case.place)
        first = central(case, case.central())
        found = tuple(diagnose_market(c, first) for c in case.markets)
        say("diagnose", 1, 1)
        ranking = focus(case, first, diagnosis, found)
        say("focus", 1, 1)
        on = ground(case, (CENTRAL, *range(DRAWS)), seed)
        limits = within(on, budget)
        free = pool.submit(best_mixes, on, limits, tick)
        better = improve(case, budget, tick, on=on)
        best = free.result()
    runs = central(case, case.central(better.rule))
    tested = members_of(case, ensemble(*case.stacked(case.scenarios(better.rule)), jax.random.key(seed), members,
                                       progress=lambda done: say("test", done, members)))
    rows = actions(case, runs, tested, ranking, better.effects)
    say("actions", 1, 1)
    why = explained(case, better.rule, "improved_rule", members=min(members, WHY_MEMBERS), samples=WHY_SAMPLES,
                    seed=seed, progress=say)
    return Plan(diagnosis, until, seed, members, found, ranking, better, best, tested, rows, steps(case, runs, better),
                export_response(case, runs), differences(case), balances(case, runs, tested, diagnosis, ranking), why,
                case, runs, met(tested, targets), tuple(price or ()))
