"""Electricity: national and provincial capacity, generation and use; emission factors of the grid."""

from __future__ import annotations

from collections.abc import Iterator

from common import Raw, Record, fact, long_table, number, place_ids

GW, TWH = 0.01, 0.1  # from 10 000 kW, from 100 million kWh

# Raw series → (variable, factor, quality). Statistics of generation by the statistics bureau cover plants
# above a designated size; for wind and sun that leaves out much, so the council's series are used there.
NATIONAL = {
    "Installed Power Generation Capacity: YTD": ("capacity_total", GW, 1),
    "Installed Power Generation Capacity: Thermal Power: YTD": ("capacity_thermal", GW, 1),
    "Installed Power Generation Capacity: Thermal Power: Coal: YTD": ("capacity_coal", GW, 1),
    "Installed Power Generation Capacity: Thermal Power: Gas: YTD": ("capacity_gas", GW, 1),
    "China: Installed Capacity of Power Generation: Thermal Power: Biomass: YTD": ("capacity_biomass", GW, 1),
    "Installed Power Generation Capacity: Hydropower: YTD": ("capacity_hydro", GW, 1),
    "Installed Power Generation Capacity: Nuclear Power: YTD": ("capacity_nuclear", GW, 1),
    "Installed Power Generation Capacity: Wind Power: YTD": ("capacity_wind", GW, 1),
    "Installed Capacity: Solar Power Generation: National: YTD": ("capacity_solar", GW, 1),
    "Generating Capacity of New Equipment: Solar: YTD": ("added_solar", GW, 1),
    "Newly-added Installed Capacity of Power Generation: Wind Power: YTD": ("added_wind", GW, 1),
    "Newly-added Installed Capacity of Power Generation: Hydro Power: YTD": ("added_hydro", GW, 1),
    "Newly-added Installed Capacity of Power Generation: Nuclear Power: YTD": ("added_nuclear", GW, 1),
    "Newly-added Installed Capacity of Power Generation: Thermal Power: YTD": ("added_thermal", GW, 1),
    "China: Output: Electricity Production: YTD": ("generation_total", TWH, 1),
    "China: Output: Thermal Power: YTD": ("generation_thermal", TWH, 1),
    "China: Output: Hydropower: YTD": ("generation_hydro", TWH, 1),
    "China: Output: Nuclear Power: YTD": ("generation_nuclear", TWH, 1),
    "China: Electricity Generation: Wind Power: YTD": ("generation_wind", TWH, 1),
    "China: Power Generation: Solar Power": ("generation_solar", TWH, 2),
    "China: Electricity Consumption: Whole Society: YTD": ("consumption_total", TWH, 1),
    "China: Overall Social Power Consumption: Primary Industry: YTD": ("consumption_primary", TWH, 1),
    "China: Overall Social Power Consumption: Secondary Industry: YTD": ("consumption_secondary", TWH, 1),
    "China: Overall Social Power Consumption: Tertiary Industry: YTD": ("consumption_tertiary", TWH, 1),
    "China: Electricity Consumption by Urban and Rural Residents: YTD": ("consumption_households", TWH, 1),
    "China: Completed Investment in Power Supply Construction: Wind Power: YTD": ("investment_wind", 1.0, 1),
    "China: Completed Investment in Power Supply Construction: Hydro Power: YTD": (
        "investment_hydro",
        1.0,
        1,
    ),
    "China: Completed Investment in Power Supply Construction: Nuclear Power: YTD": (
        "investment_nuclear",
        1.0,
        1,
    ),
    "China: Completed Investment in Power Supply Construction: Thermal Power: YTD": (
        "investment_thermal",
        1.0,
        1,
    ),
    "China: Completed Investment of Power Grid Construction: YTD": ("investment_grid", 1.0, 1),
    "China: Average Utilization Hours of Power Generation Equipment: Thermal Power: YTD": (
        "hours_thermal",
        1.0,
        1,
    ),
    "China: Average Utilization Hours of Power Generation Equipment: Hydropower: YTD": (
        "hours_hydro",
        1.0,
        1,
    ),
    "China: Average Utilization Hours of Power Generation Equipment: Nuclear Power: YTD": (
        "hours_nuclear",
        1.0,
        1,
    ),
    "China: Average Utilization Hours of Power Generation Equipment: Wind Power: YTD": ("hours_wind", 1.0, 1),
    "China: Power Equipment Average Utilization of Solar Energy: YTD": ("hours_solar", 1.0, 1),
    "China: Coal Consumption Rate of Power Supply: YTD": ("coal_rate", 1.0, 1),
}
ABOVE_SIZE = {"generation_total", "generation_thermal", "generation_hydro", "generation_nuclear"}

# Values far from the years on both sides, which no plant or season explains.
OUTLIERS = {
    ("CN-SC", "2009", "hydro"),
    ("CN-GX", "2013", "wind"),
    ("CN-FJ", "2017", "generation_solar"),
    ("CN-GD", "2013", "generation_wind"),
}

MIX = {
    "generation_twh": ("generation", 1.0),
    "coal_pct": ("coal", 0.01),
    "gas_pct": ("gas", 0.01),
    "oil_pct": ("oil", 0.01),
    "hydro_pct": ("hydro", 0.01),
    "nuclear_pct": ("nuclear", 0.01),
    "wind_pct": ("wind", 0.01),
    "solar_pct": ("solar", 0.01),
    "bioenergy_pct": ("bioenergy", 0.01),
}

GRID_REGIONS = {
    "华北": "grid-north",
    "东北": "grid-northeast",
    "华东": "grid-east",
    "华中": "grid-central",
    "西北": "grid-northwest",
    "南方": "grid-south",
    "西南": "grid-southwest",
}
MONGOLIA = {"": "", "Mengxi": "_west", "Mengdong": "_east"}
FACTORS = {
    "national": "factor",
    "grid_region": "factor",
    "province": "factor",
    "national_ex_market_nonfossil": "factor_residual",
    "national_fossil_only": "factor_fossil",
}


@long_table("national_power")
def national_power(raw: Raw) -> Iterator[Record]:
    """Capacity, additions, generation, use, investment, hours of use."""
    for row in raw.rows("cn_power_national_annual"):
        if row["series"] not in NATIONAL:
            continue
        name, factor, quality = NATIONAL[row["series"]]
        scope = "above_size" if name in ABOVE_SIZE else ""
        yield fact("CN", row["year"], name, float(row["value"]) * factor, quality, scope)


@long_table("national_generation_mix")
def national_generation_mix(raw: Raw) -> Iterator[Record]:
    """Shares of all generation, small plants included."""
    for row in raw.rows("cn_generation_mix_owid_2015_2024"):
        for column, (name, factor) in MIX.items():
            value = number(row[column], factor)
            if value is not None:
                yield fact("CN", row["year"], name, value, 2)


@long_table("province_power_capacity")
def province_power_capacity(raw: Raw) -> Iterator[Record]:
    """Capacity by technology; solar of 2015 comes from the energy administration's own list."""
    for row in raw.rows("cn_prov_power_capacity_2007_2024"):
        place, year, name = place_ids()[row["province_en"]], row["year"], row["technology"]
        small = name == "wind" and int(year) < 2013
        odd = (place, year, name) in OUTLIERS
        notes = ("plants_6mw" if small else "", "outlier" if odd else "")
        yield fact(place, year, name, float(row["value_gw"]), 4 if odd else 2 if small else 1, *notes)
    for row in raw.rows("cn_prov_solar_2015_nea"):
        # Adds up to 42.2 GW where the administration published 43.2 GW: near, but not the list itself.
        yield fact(place_ids()[row["province_en"]], 2015, "solar", float(row["cum_mw_2015"]) / 1000, 2)


@long_table("province_power_output")
def province_power_output(raw: Raw) -> Iterator[Record]:
    """Generation by source and use of electricity."""
    for row in raw.rows("cn_prov_power_generation_consumption"):
        kind = row["variable"]
        name = kind if kind == "consumption" else f"generation_{kind}"
        scope = "" if kind == "consumption" else "above_size"
        place, year = place_ids()[row["province_en"]], row["year"]
        odd = (place, year, name) in OUTLIERS
        value = float(row["value_twh"])
        yield fact(place, year, name, value, 4 if odd else 2, scope, "outlier" if odd else "")


@long_table("renewable_utilisation", monthly=True)
def renewable_utilisation(raw: Raw) -> Iterator[Record]:
    """Share of available wind and solar power that was used, by month.

    Inner Mongolia is reported in two parts (its two grids). The raw file has a second block under the
    nation's name, standing where Xizang stands in the centre's list: it is read as Xizang, and says so.
    """
    seen: set[tuple[str, str]] = set()
    for row in raw.rows("cn_prov_renewable_utilisation_monthly_2021_2025"):
        place, year, month = place_ids()[row["province_en"]], *row["month"].split("-")
        second = place == "CN" and (row["technology"], row["month"]) in seen
        if place == "CN":
            seen.add((row["technology"], row["month"]))
        name = row["technology"].replace("pv", "solar") + MONGOLIA[row["subregion"]]
        value = float(row["utilisation_pct"]) / 100
        yield fact(
            "CN-XZ" if second else place,
            year,
            name,
            value,
            3 if second else 1,
            "place_inferred" if second else "",
        ) | {"month": f"{int(month):02d}"}


@long_table("grid_factors")
def grid_factors(raw: Raw) -> Iterator[Record]:
    """Average emission factors of electricity in use."""
    for row in raw.rows("cn_grid_emission_factors_2021_2023"):
        region = row["level"] == "grid_region"
        place = (GRID_REGIONS if region else place_ids())[row["region"]]
        yield fact(place, row["year"], FACTORS[row["level"]], float(row["kgCO2/kWh"]), 1)
