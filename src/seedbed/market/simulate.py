"""`simulate(...) -> Outcome`: one market, named arrays out."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.base.progress import Progress
from seedbed.base.shown import Shown
from seedbed.base.years import FIRST, START, UNTIL
from seedbed.facts import places
from seedbed.market import definition as definitions
from seedbed.market.arrays import Inputs, believing, mapped
from seedbed.market.choice import RULES
from seedbed.market.compile import Compiled, check_years, compile_market
from seedbed.market.draws import KINDS, Spread, check, member
from seedbed.market.drivers import ALONE
from seedbed.market.ensemble import BLOCK
from seedbed.market.history import check_present
from seedbed.market.nation import central, check_places, check_seed, surroundings, whole
from seedbed.market.programs import program
from seedbed.market.provenance import inputs_sha256, made_with
from seedbed.market.slots import DOMESTIC
from seedbed.market.steer import settled
from seedbed.market.trajectory import Path, run
from seedbed.market.world import World, default_world
from seedbed.policy.mix import Mix, mix_of, parse_assignments
from seedbed.policy.rule import Stage

if TYPE_CHECKING:
    import pandas
    import polars
    import xarray


@dataclass(frozen=True, repr=False)
class Outcome(Shown):
    """What a simulation found; `dataset` has the axes place, channel, technology, year [, member]."""

    dataset: xarray.Dataset
    compiled: Compiled

    def about(self) -> dict[str, object]:
        data, made = self.dataset, self.dataset.attrs
        last = data.green_share.isel(year=-1)
        return {"market": made["market"], "place": ", ".join(data.place.values[:4].tolist()),
                "years": f"{int(data.year[0])}–{int(data.year[-1])}", "members": made["members"],
                "green share": f"{float(last.median()):.1%} of purchases in {int(data.year[-1])}",
                "public money": f"{float(data.public_money.sum(('year', 'place', 'instrument')).median()):.3g} CNY",
                "seedbed": made["seedbed"]}

    def to_xarray(self) -> xarray.Dataset:
        """Everything, with units and what made it."""
        return self.dataset

    def to_polars(self) -> polars.DataFrame:
        """Long rows, as `table`."""
        import polars as pl

        return pl.DataFrame(self.table(), infer_schema_length=None)

    def to_iamc(self, model: str = "Seedbed") -> pandas.DataFrame:
        """The main variables in the format of the integrated-assessment community (read by pyam); see market.iamc."""
        from seedbed.market.iamc import of_outcome

        return of_outcome(self, model)

    @property
    def middle(self) -> xarray.Dataset:
        """The run, or the medians over its members."""
        return self.dataset.median("member") if "member" in self.dataset.dims else self.dataset

    def table(self) -> list[dict[str, object]]:
        """Long rows place, year, technology, variable, value; with members the value is their median, between the
        ends `low` and `high` of their 90 % range. Medians of parts need not add up."""
        rows: list[dict[str, object]] = []
        for name, variable in self.dataset.data_vars.items():
            drawn = "member" in variable.dims
            ends = np.quantile(variable.values, (0.05, 0.5, 0.95), axis=0) if drawn else variable.values[None]
            axes = [(str(d), cast(np.ndarray, variable.coords[d].values)) for d in variable.dims if d != "member"]
            said = {"variable": str(name), "unit": variable.attrs["unit"], **({"statistic": "median"} if drawn else {})}
            for index in np.ndindex(ends.shape[1:]):
                where = {d: names[i].item() for (d, names), i in zip(axes, index, strict=True)}
                found = ends[(slice(None), *index)].tolist()
                values = {"value": found[1], "low": found[0], "high": found[2]} if drawn else {"value": found[0]}
                rows.append({**where, **said, **values})
        return rows


@program
def _block(inputs: Inputs, spread: Spread, key: Array, numbers: Array, forecast: bool) -> Path:
    def one(number: Array) -> Path:
        mine = member(inputs.beliefs, spread, key, number)
        return run(settled(believing(inputs, mine), forecast=forecast))

    return jax.vmap(one)(numbers)


def simulate(market: str, place: str | Sequence[str] = "china",
             mix: Mix | Mapping[str, object] | Sequence[str] | None = None, *, base: str = "as_is", start: int = START,
             until: int = UNTIL, seed: int = 1, members: int | None = None, uncertain: Sequence[str] = KINDS,
             price: Sequence[str] | None = None, choice: str = "logit", world: World | None = None,
             progress: Progress | None = None) -> Outcome:
    """Simulate `market` in a place or several under a mix over start…until.

    `mix`: a `Mix`, its plain data, or assignments such as "charging_network=0.6@2026:2030" on top of `base` (policy as
    it is, no policy or the report's rule). With `members`, beliefs are drawn that many times and every variable gains
    the axis `member`; `uncertain` says what the draws contain (market.draws.KINDS). The same seed gives the same bits
    whatever `members` is. `choice` is the choice rule (market.choice.RULES), `world` what every market sees from
    outside. Raises UnknownNameError and InvalidInputError before anything runs.
    """
    if choice not in RULES:
        raise UnknownNameError("choice", choice, RULES)
    check(uncertain)
    definition = definitions.get(market)
    chosen = [places.resolve(name) for name in ([place] if isinstance(place, str) else place)]
    check_places(chosen)
    check_seed(seed)
    check_years(start, until)
    _check_size(members, len(chosen), until - start + 1)
    if start > START:
        raise InvalidInputError(f"{start} is after the last observed year, {START}: nothing says how it would begin.",
                                where=Parameter("start"), fix=f"give a year from {FIRST} to {START}.")
    check_present(definition, chosen, start)
    asked, mix = mix, mix_of(mix, base, range(start, until + 1))
    world = (world or default_world()).priced(price)
    world.check_acts(price, definition.carriers, until)
    around = ALONE if whole(chosen) else surroundings(definition, world, start, until, choice)
    compiled = compile_market(definition, chosen, world, start=start, until=until, around=around)
    compiled = compiled.choosing(choice).under(mix)
    _check_acts(compiled, asked)
    if members is None:
        path = jax.tree.map(np.asarray, central(compiled.inputs, compiled.forecast))
    else:
        path = _members(compiled, seed, members, uncertain, progress)
    dataset = _dataset(compiled, path, members)
    dataset.attrs.update(provenance(compiled, mix, seed, members) | ({"own_prices": ", ".join(price)} if price else {}))
    if members is not None:
        dataset.attrs["uncertain"] = ", ".join(uncertain)
    return Outcome(dataset, compiled)


HELD = 2e10  # bytes of results that one call may hold
NUMBERS = 700  # numbers of a member, place and year, with copies


def _check_size(members: int | None, where: int, years: int) -> None:
    """Raise InvalidInputError for members that are none, or so many that their results could not be held."""
    if members is None:
        return
    if members < 1:
        raise InvalidInputError(f"{members} members are none.", where=Parameter("members"),
                                fix="give at least 1, or leave it out for the central run.")
    each = 8 * where * years * NUMBERS
    if members * each > HELD:
        raise InvalidInputError(f"the results of {members:,} members would take {members * each / 1e9:,.0f} GB.",
                                where=Parameter("members"),
                                fix=f"give at most {int(HELD / each):,}, or plan an ensemble, which streams.")


def _check_acts(compiled: Compiled, asked: object) -> None:
    """Raise InvalidInputError for an assignment that cannot act: in no year of the run, or not on this market."""
    if asked is None:
        return
    if isinstance(asked, Mix | Mapping):
        mix = asked if isinstance(asked, Mix) else Mix.from_dict(cast(Mapping[str, object], asked))
        acts = [name for name, schedule in mix.schedules.items()
                if set(schedule) & set(compiled.years) and name in compiled.slots.names]
        if mix.schedules and not acts and not mix.rule:
            raise InvalidInputError(f"nothing of it acts on {compiled.definition.id} in {compiled.years[0]}–"
                                    f"{compiled.years[-1]}.", where=Parameter("mix"),
                                    fix="name years of the run and instruments that reach the market.")
        return
    for name, schedule in parse_assignments(cast(Sequence[str], asked)).schedules.items():
        if not set(schedule) & set(compiled.years):
            raise InvalidInputError(f"no year of {name} is simulated ({compiled.years[0]}–{compiled.years[-1]}).",
                                    where=Parameter("mix"), fix="name years of the run.")
        if name not in compiled.slots.names:
            raise InvalidInputError(f"{name} does not reach the market {compiled.definition.id}.",
                                    where=Parameter("mix"), fix="seedbed policy list --market shows which ones do.")


def _members(compiled: Compiled, seed: int, members: int, uncertain: Sequence[str],
             progress: Progress | None) -> Path:
    spread, key = Spread.of(compiled.definition, uncertain), jax.random.key(seed)
    parts: list[Path] = []
    for first in range(0, members, BLOCK):
        part = _block(compiled.inputs, spread, key, jnp.arange(first, first + BLOCK), compiled.forecast)
        parts.append(mapped(lambda x: np.asarray(x)[: members - first], part))  # noqa: B023
        if progress:
            progress("simulate", min(first + BLOCK, members), members)
    return jax.tree.map(lambda *xs: np.concatenate(xs), *parts)


def provenance(compiled: Compiled, mix: Mix, seed: int, members: int | None) -> dict[str, str]:
    """Versions and hashes that made a result."""
    said = json.dumps(mix.to_dict(), sort_keys=True, ensure_ascii=False)
    return {"market": compiled.definition.id, "choice": compiled.inputs.choice, "seed": str(seed),
            "members": str(members or 0), "inputs_sha256": inputs_sha256(compiled.inputs),
            "mix_sha256": hashlib.sha256(said.encode()).hexdigest(), "mix": said, **made_with()}


def _dataset(compiled: Compiled, path: Path, members: int | None) -> xarray.Dataset:
    import xarray as xr

    n = len(compiled.definition.technologies)
    unit = compiled.definition.service_unit.en
    books = path.account
    used = [j for j, name in enumerate(compiled.slots.names) if name]
    lead = () if members is None else ("member",)
    i, r = ("technology",), ("place",)
    parts = {
        "share": (path.share[..., :n], ("year", *r, "channel", *i), "share"),
        "purchases": (path.bought[..., :n], ("year", *r, "channel", *i), unit),
        "stock": (path.stock[..., :n], ("year", *r, "channel", *i), unit),
        "price": (path.price[..., :n], ("year", *i), f"CNY/{compiled.definition.capacity_unit.en}"),
        "factory_utilisation": (path.utilisation[..., :n], ("year", *i), "share"),
        "infrastructure": (path.infrastructure, ("year", *r), "share of need"),
        "stage_probability": (path.stage, ("year", *r, "stage"), "probability"),
        "market_size": (books.market_size[..., :n], ("year", *r, *i), "CNY"),
        "exports": (books.exports[..., :n], ("year", *r, *i), "CNY"),
        "public_money": (books.public_money[..., used], ("year", *r, "instrument"), "CNY"),
        "other_money": (books.other_money[..., used], ("year", *r, "instrument"), "CNY"),
        "carbon_payments": (books.carbon_payments[..., used], ("year", *r, "instrument"), "CNY"),
        "intensity": (path.intensity[..., used], ("year", *r, "instrument"), "share of ceiling"),
    }
    for name, label in (("purchase_tax", "CNY"), ("support", "CNY"), ("private_investment", "CNY"),
                        ("operating_emissions", "kgCO2e"), ("life_cycle_emissions", "kgCO2e"),
                        ("jobs", "job"), ("credit_price", "CNY per service unit and year"),
                        ("burden", "CNY"), ("abatement", "CNY"), ("green_share", "share")):
        parts[name] = (getattr(books, name), ("year", *r), label)
    coords = {
        "year": list(compiled.years), "place": [p.id for p in compiled.places],
        "channel": [c.value for c in DOMESTIC],
        "technology": [t.id for t in compiled.definition.technologies],
        "stage": [s.value for s in Stage],
        "instrument": [compiled.slots.names[j] for j in used],
    }
    if members is not None:
        coords["member"] = list(range(members))
    data = {k: ((*lead, *dims), np.asarray(v), {"unit": u}) for k, (v, dims, u) in parts.items()}
    return xr.Dataset(data, coords)
