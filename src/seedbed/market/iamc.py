"""Results in the format of the integrated-assessment community: model, scenario, region, variable, unit, years.

Variable names follow the common template (`Emissions|CO2|…`, `Share|…`); what it has no name for is named in its way.
pyam reads the tables as they are.
"""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import xarray

    from seedbed.market.simulate import Outcome

NAMES = {
    "green_share": ("Green Share|Purchases", "%", 100.0), "green_stock": ("Green Share|Stock", "%", 100.0),
    "green_market": ("Market Size|Green", "million CNY_2023/yr", 1e-6),
    "market_size": ("Market Size", "million CNY_2023/yr", 1e-6),
    "public_money": ("Policy Cost|Public Expenditure", "million CNY_2023/yr", 1e-6),
    "private_investment": ("Investment", "million CNY_2023/yr", 1e-6),
    "operating_emissions": ("Emissions|CO2|Operation", "Mt CO2/yr", 1e-9),
    "life_cycle_emissions": ("Emissions|CO2|Life Cycle", "Mt CO2-equiv/yr", 1e-9),
    "exports": ("Trade|Exports|Green", "million CNY_2023/yr", 1e-6), "jobs": ("Employment", "thousand", 1e-3),
    "utilisation": ("Capacity Utilization|Green", "%", 100.0),
}
INDEX = ["model", "scenario", "region", "variable", "unit"]


def of_members(tested: xarray.Dataset, region: str, model: str) -> pd.DataFrame:
    """Medians over the members of a plan's scenarios, a variable a market and indicator; one column a year."""
    rows: list[list[object]] = []
    for name, (label, unit, factor) in NAMES.items():
        middle = tested[name].median("member") * factor
        for scenario in tested.scenario.values:
            for market in tested.market.values:
                rows.append([model, str(scenario), region, f"{label}|{market}", unit,
                             *middle.sel(scenario=scenario, market=market).values.tolist()])
    return _wide(rows, tested.year.values.tolist())


def of_outcome(outcome: Outcome, model: str) -> pd.DataFrame:
    """A simulation (medians over members, if any): sums and shares by technology, a row a place and variable."""
    data = outcome.middle
    market, scenario = data.attrs.get("market") or outcome.dataset.attrs["market"], "simulate"
    names = {p.id: p.name.en for p in outcome.compiled.places}
    rows: list[list[object]] = []
    for place in data.place.values:
        here = data.sel(place=place)
        found = {"green_share": here.green_share, "market_size": here.market_size.sum("technology"),
                 "public_money": here.public_money.sum("instrument"), "private_investment": here.private_investment,
                 "operating_emissions": here.operating_emissions, "life_cycle_emissions": here.life_cycle_emissions,
                 "jobs": here.jobs}
        for name, values in found.items():
            label, unit, factor = NAMES[name]
            rows.append([model, scenario, names[str(place)], f"{label}|{market}", unit, *(values.values * factor)])
        bought = here.purchases.sum("channel")
        share = bought / bought.sum("technology") * 100
        rows.extend([model, scenario, names[str(place)], f"Share|Purchases|{market}|{technology}", "%",
                     *share.sel(technology=technology).values] for technology in data.technology.values)
    return _wide(rows, data.year.values.tolist())


def _wide(rows: list[list[object]], years: list[int]) -> pd.DataFrame:
    """One column a year; rows without any value (no factories in a market) are left out."""
    return pd.DataFrame(rows, columns=[*INDEX, *years]).dropna(how="all", subset=years)
