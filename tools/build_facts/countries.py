"""Power, economy and carbon of countries and of the world. Taiwan is a place of China without data here."""

from __future__ import annotations

from collections.abc import Iterator

from common import Raw, Record, country_ids, fact, long_table

ENERGY = {
    "solar_installed_capacity": ("capacity_solar", 0.001),
    "wind_installed_capacity": ("capacity_wind", 0.001),
    "grid_scale_bess_capacity": ("capacity_storage", 1.0),
    "electricity_generation_twh": ("generation_total", 1.0),
    "solar_generation_twh": ("generation_solar", 1.0),
    "wind_generation_twh": ("generation_wind", 1.0),
    "hydro_generation_twh": ("generation_hydro", 1.0),
    "nuclear_generation_twh": ("generation_nuclear", 1.0),
    "geo_biomass_other_twh": ("generation_other_renewable", 1.0),
    "coal_inputs_elec_generation": ("generation_coal", 1.0),
    "gas_inputs_elec_generation": ("generation_gas", 1.0),
    "oil_inputs_elec_generation": ("generation_oil", 1.0),
}

STRUCTURE = {
    "total_population_with_projections": ("population", 1.0),
    "gdppercapita_us_inflation_adjusted": ("gdp_per_capita", 1.0),
    "agriculture_percent_of_gdp": ("primary_share", 0.01),
    "industry_percent_of_gdp": ("secondary_share", 0.01),
    "services_percent_of_gdp": ("tertiary_share", 0.01),
    "urban_population_percent_of_total": ("urbanisation_rate", 0.01),
    "agriculture_workers_percent_of_employment": ("primary_employment_share", 0.01),
}
LAST_COUNTED_YEAR = 2023

ACCOUNTS = {"territorial": "territorial", "consumption": "consumption"}


@long_table("country_power")
def country_power(raw: Raw) -> Iterator[Record]:
    """Capacity of wind, sun and grid batteries, and generation by source."""
    for row in raw.rows("country_energy_ei2025"):
        if row["indicator"] in ENERGY and row["country"] in country_ids():
            name, factor = ENERGY[row["indicator"]]
            value = float(row["value"]) * factor
            yield fact(country_ids()[row["country"]], row["year"], name, value, 1)


@long_table("country_gdp")
def country_gdp(raw: Raw) -> Iterator[Record]:
    """GDP at current dollars."""
    for row in raw.rows("country_gdp_worldbank"):
        value = float(row["gdp_current_usd"])
        yield fact(country_ids()[row["iso3"]], row["year"], "gdp", value, 1)


@long_table("country_structure")
def country_structure(raw: Raw) -> Iterator[Record]:
    """Population, income and the shares an industrialisation index needs."""
    for row in raw.rows("country_structure_gapminder"):
        if row["indicator"] not in STRUCTURE:
            continue
        name, factor = STRUCTURE[row["indicator"]]
        future = "projection" if int(row["year"]) > LAST_COUNTED_YEAR else ""
        value = float(row["value"]) * factor
        yield fact(country_ids()[row["iso3"]], row["year"], name, value, 2 if future else 1, future)


@long_table("country_co2_accounts")
def country_co2_accounts(raw: Raw) -> Iterator[Record]:
    """CO2 emitted in a country and CO2 of what it consumes."""
    for row in raw.rows("country_co2_accounts_gcb2022"):
        if row["account"] in ACCOUNTS:
            place, name = country_ids()[row["country"]], ACCOUNTS[row["account"]]
            yield fact(place, row["year"], name, float(row["MtCO2"]), 1)
