"""`ensemble(place) -> Ensemble`: many members of the scenarios of a place, summed up in memory that does not grow.

`sharded` writes the same as a folder of shards that run anywhere and in any order (market.shard_files).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jax

from seedbed.base.progress import Progress
from seedbed.base.shown import Shown
from seedbed.base.years import UNTIL
from seedbed.market import shard_files, shards
from seedbed.market.arrays import Scenario
from seedbed.market.draws import KINDS
from seedbed.market.ensemble import blocks, summary
from seedbed.market.nation import check_seed
from seedbed.market.provenance import inputs_sha256, made_with
from seedbed.market.world import World
from seedbed.planning.case import Case, check_members
from seedbed.planning.scenarios import SCENARIOS
from seedbed.policy.rule import Rule

if TYPE_CHECKING:
    import polars
    import xarray

SHARD = 64  # members of a shard


@dataclass(frozen=True, repr=False)
class Ensemble(Shown):
    """Mean, deviation, quantiles and their error bounds of every indicator, by scenario, market, year and place."""

    dataset: xarray.Dataset

    def about(self) -> dict[str, object]:
        data = self.dataset
        return {"place": data.attrs["place"], "members": data.attrs["members"],
                "years": f"{int(data.year[0])}–{int(data.year[-1])}", "markets": ", ".join(data.market.values.tolist()),
                "scenarios": ", ".join(data.scenario.values.tolist()), "uncertain": data.attrs["uncertain"],
                "seedbed": data.attrs["seedbed"]}

    def to_polars(self) -> polars.DataFrame:
        """Means by scenario, market, year and place."""
        import polars as pl

        means = self.dataset[[name for name in self.dataset.data_vars if str(name).endswith("_mean")]]
        return pl.from_pandas(means.to_dataframe().reset_index())

    def to_xarray(self) -> xarray.Dataset:
        """Everything, with units and what made it."""
        return self.dataset


def ensemble(place: str, *, members: int = 1000, until: int = UNTIL, markets: Sequence[str] | None = None,
             seed: int = 1, rule: Rule | None = None, uncertain: Sequence[str] = KINDS,
             price: Sequence[str] | None = None, world: World | None = None,
             progress: Progress | None = None) -> Ensemble:
    """No policy, policy as it is, the report's rule and, with `rule`, that one, on the same draws.

    Raises UnknownNameError and InvalidInputError before anything runs.
    """
    check_members(members, seed)
    case = Case.of(place, markets=markets, until=until, world=world, price=price, uncertain=uncertain)
    names, scenarios = _scenarios(case, rule)
    found = summary(blocks(*case.stacked(scenarios), jax.random.key(seed), range(members)),
                    lambda done: progress("test", done, members) if progress else None)
    attributes = {"place": case.place.id, "uncertain": ", ".join(case.uncertain), "seed": str(seed),
                  "members": str(members), "inputs_sha256": inputs_sha256(case.inputs), **made_with()}
    return Ensemble(shard_files.labelled(found, scenarios=names, markets=case.names, years=list(case.years),
                                         places=[case.place.id], attributes=attributes))


def sharded(place: str, folder: Path, *, members: int = 1000, shard_size: int = SHARD, until: int = UNTIL,
            markets: Sequence[str] | None = None, seed: int = 1, rule: Rule | None = None,
            uncertain: Sequence[str] = KINDS, price: Sequence[str] | None = None,
            world: World | None = None) -> shards.Manifest:
    """Write the manifest and inputs of such an ensemble into `folder`; nothing is simulated yet. Raises as `ensemble`.

    Planning again into the same folder keeps every finished shard that is still right.
    """
    check_seed(seed)
    shards.check_sizes(members, shard_size)
    case = Case.of(place, markets=markets, until=until, world=world, price=price, uncertain=uncertain)
    names, scenarios = _scenarios(case, rule)
    stacked = case.stacked(scenarios)
    made = shards.manifest(stacked, place=case.place.id, places=[case.place.id], markets=case.names, scenarios=names,
                           years=list(case.years), uncertain=list(case.uncertain), seed=seed, members=members,
                           shard_size=shard_size)
    shard_files.create(folder, made, stacked)
    return made


def _scenarios(case: Case, rule: Rule | None) -> tuple[list[str], Scenario]:
    """Names and arrays of the scenarios; the improved rule only where there is one."""
    count = len(SCENARIOS) if rule else len(SCENARIOS) - 1
    return list(SCENARIOS[:count]), Scenario(*(part[:count] for part in case.scenarios(rule)))
