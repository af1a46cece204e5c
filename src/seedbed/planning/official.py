"""Indicators that governments count by, and what is emitted in the place itself.

Direct emissions are those of fuels and processes in the place: power and heat that a market buys are emitted where they
are made (power in the electricity market), so that markets add up. Markets whose data are thin are left out.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from seedbed.base.years import START
from seedbed.facts import places
from seedbed.market.definition import CARRIERS
from seedbed.planning.atlas import nationwide, own
from seedbed.planning.runs import bands
from seedbed.planning.scenarios import HERE, SCENARIOS

if TYPE_CHECKING:
    import xarray

    from seedbed.planning.case import Case
    from seedbed.planning.plan import Plan

COUNTED = (("non_fossil", "electricity", "green_stock"), ("nev_sales", "vehicles", "green_share"),
           ("nev_stock", "vehicles", "green_stock"), ("short_process", "steel", "green_stock"),
           ("green_buildings", "buildings", "green_share"), ("efficient_appliances", "appliances", "green_share"))
"""Name, market, and the indicator of a run that it is."""


@dataclass(frozen=True)
class Official:
    """Shares by name (scenario × QUANTILES × year), and the names of those that start from the place's own numbers, not
    the nation's; tCO2 a year by scenario, market and year; the year of the peak.

    A peak in START came then or before; None: emissions still rise in the last year.
    """

    shares: dict[str, Float[np.ndarray, "S Q T"]]
    own: frozenset[str]
    direct: xarray.DataArray
    peak: dict[str, int | None]

    def to_dict(self) -> dict[str, Any]:
        """Plain data: bands by name and scenario; tCO2 by scenario and market; the peaks."""
        shares = {name: dict(zip(SCENARIOS, values.round(6).tolist(), strict=True))
                  for name, values in self.shares.items()}
        emitted = {s: {m: self.direct.sel(scenario=s, market=m).values.round(1).tolist()
                       for m in self.direct.market.values.tolist()} for s in SCENARIOS}
        return {"shares": shares, "direct_emissions": emitted, "peak": self.peak}


def official(plan: Plan) -> Official:
    """The indicators of a plan, as far as it has the markets."""
    known = {name: bands(plan.tested[what].sel(market=market))
              for name, market, what in COUNTED if market in plan.case.names}
    emitted = direct(plan.case, plan.runs).sel(market=plan.sound)
    here = {m.definition.id for m in plan.case.markets if plan.case.place.id == places.NATION
            or own(m, nationwide(m.definition, plan.until))[HERE]}
    mine = frozenset(name for name, market, _ in COUNTED if market in here)
    return Official(known, mine, emitted, {s: _peak(emitted.sel(scenario=s).sum("market")) for s in SCENARIOS})


def direct(case: Case, runs: xarray.Dataset) -> xarray.DataArray:
    """tCO2 a year of fuels and processes, by scenario, market and year of central runs."""
    technologies = case.inputs.setting.technologies
    energy, process = np.asarray(technologies.energy), np.asarray(technologies.process)
    factor = np.asarray(case.inputs.drivers.carrier_factor)[:, :, HERE]
    made = [list(CARRIERS).index(name) for name in ("electricity", "heat")]
    bought = np.einsum("mic,mtc->mti", energy[..., made], factor[..., made])
    whole = np.einsum("mic,mtc->mti", energy, factor) + process[:, None]
    stock = runs.stock.sum("channel").transpose("scenario", "market", "year", "technology").values
    every, elsewhere = ((stock * part).sum(-1) for part in (whole, bought))
    part = np.where(every > 0, 1 - elsewhere / np.where(every > 0, every, 1.0), 1.0)
    return runs.operating_emissions.transpose("scenario", "market", "year") * part / 1000


def _peak(emitted: xarray.DataArray) -> int | None:
    """The year of the most emissions; None where it is the last one."""
    year = int(emitted.year[int(np.argmax(emitted.values))])
    return None if year == int(emitted.year[-1]) and year > START else year
