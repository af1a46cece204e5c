"""Runs of a case with named axes: `runs.intensity.sel(scenario="as_is", market="steel", year=2030)`."""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from seedbed.market.ensemble import INDICATORS, QUANTILES, Indicators
from seedbed.market.slots import DOMESTIC
from seedbed.market.trajectory import Path
from seedbed.planning.case import Case
from seedbed.planning.scenarios import HERE, SCENARIOS, SINCE
from seedbed.policy.rule import Stage

if TYPE_CHECKING:
    import xarray

_AXES = {
    "share": ("channel", "technology"), "bought": ("channel", "technology"), "stock": ("channel", "technology"),
    "service": ("technology",), "price": ("technology",), "utilisation": ("technology",), "intensity": ("slot",),
    "stage": ("phase",), "infrastructure": (), "public_money": ("slot",), "carbon_payments": ("slot",),
    "other_money": ("slot",), "transfers": ("slot",),
    "market_size": ("technology",), "exports": ("technology",),
}
_NOWHERE = ("price", "utilisation")  # the same in every place


def central(case: Case, path: Path) -> xarray.Dataset:
    """Central runs (leading axes scenario, market) by name: every field of `Path` and of its account."""
    import xarray as xr

    values = {**path._asdict(), **path.account._asdict()}
    del values["account"]
    data: dict[str, Any] = {}
    for name, found in values.items():
        here = found if name in _NOWHERE else found[:, :, :, HERE]
        data[name] = (("scenario", "market", "year", *_AXES.get(name, ())), here)
    return xr.Dataset(data, {"scenario": list(SCENARIOS), "market": case.names, "year": list(case.years),
                             "channel": [c.value for c in DOMESTIC], "phase": [s.value for s in Stage]})


def members(case: Case, found: Indicators) -> xarray.Dataset:
    """Members (axes scenario, member, market, year, place) by name, with units."""
    import xarray as xr

    axes = ("scenario", "member", "market", "year")
    data = {name: (axes, values[..., HERE], {"unit": INDICATORS[name]}) for name, values in found._asdict().items()}
    coordinates = {"scenario": list(SCENARIOS), "member": list(range(found.jobs.shape[1])), "market": case.names,
                   "year": list(case.years)}
    return xr.Dataset(data, coordinates)


def tonnes(emissions: xarray.DataArray) -> xarray.DataArray:
    """kgCO2e of the decided years as tCO2e, summed over them."""
    return emissions.sel(year=SINCE).sum("year") / 1000


def bands(values: xarray.DataArray) -> Float[np.ndarray, "S Q *T"]:
    """Quantiles over members: scenario × QUANTILES × what is left."""
    members = values.transpose("member", "scenario", ...)
    return np.moveaxis(np.quantile(members.values, QUANTILES, axis=0), 0, 1)
