"""What technologies cost, and what they emit over their lives."""

from __future__ import annotations

from collections.abc import Iterator

from common import Raw, Record, catalogue, country_ids, fact, long_table, number

PV_CHINA = {
    "module_price_rmb_per_w": "module_price_cny",
    "system_price_rmb_per_w": "system_price_cny",
    "inverter_price_rmb_per_w": "inverter_price_cny",
}
IRENA_PV = {
    "Total installed solar cost (2019 USD/kW)": "system_cost_usd",
    "Solar LCOE (2019 USD/kWh)": "lcoe_usd",
    "Solar capacity factor": "capacity_factor",
}
IRENA_WIND = {
    "Total installed cost onshore wind (2019 USD/kW)": "onshore_cost",
    "Onshore wind LCOE (2019 USD/kWh)": "onshore_lcoe",
    "Onshore wind capacity factor": "onshore_capacity_factor",
    "Offshore wind total installed costs (2019 USD/kW)": "offshore_cost",
    "Offshore wind LCOE (2019 USD/kWh)": "offshore_lcoe",
    "Offshore wind capacity factor": "offshore_capacity_factor",
}
# 2022 follows from the 14 % fall to 2023 that the press release of 2023 states.
CORROBORATED_BATTERY_YEARS = {2013, 2022, 2023, 2024}

LIFECYCLE = {
    "Coal": ("coal", "煤电", "Coal power"),
    "Coal with carbon capture (CCS)": ("coal_ccs", "煤电(碳捕集)", "Coal power with carbon capture"),
    "Concentrating solar (tower)": ("csp_tower", "光热发电(塔式)", "Concentrating solar power, tower"),
    "Concentrating solar (trough)": ("csp_trough", "光热发电(槽式)", "Concentrating solar power, trough"),
    "Gas": ("gas", "气电", "Gas power"),
    "Gas with carbon capture (CCS)": ("gas_ccs", "气电(碳捕集)", "Gas power with carbon capture"),
    "Hydropower": ("hydro", "水电", "Hydropower"),
    "Nuclear": ("nuclear", "核电", "Nuclear power"),
    "Offshore wind": ("wind_offshore", "海上风电", "Offshore wind"),
    "Onshore wind": ("wind_onshore", "陆上风电", "Onshore wind"),
    "Solar PV, cadmium (on-ground)": ("pv_cdte_ground", "碲化镉光伏(地面)", "Cadmium telluride PV, ground"),
    "Solar PV, cadmium (roof)": ("pv_cdte_roof", "碲化镉光伏(屋顶)", "Cadmium telluride PV, roof"),
    "Solar PV, silicon (on-ground)": ("pv_si_ground", "晶硅光伏(地面)", "Silicon PV, ground"),
    "Solar PV, silicon (roof)": ("pv_si_roof", "晶硅光伏(屋顶)", "Silicon PV, roof"),
}

FUELS_ZH = {
    "crude oil": "原油",
    "natural gas liquids": "天然气液",
    "motor gasoline": "车用汽油",
    "jet kerosene": "航空煤油",
    "other kerosene": "其他煤油",
    "gas/diesel oil": "柴油",
    "residual fuel oil": "燃料油",
    "LPG": "液化石油气",
    "ethane": "乙烷",
    "naphtha": "石脑油",
    "bitumen": "沥青",
    "lubricants": "润滑油",
    "petroleum coke": "石油焦",
    "refinery gas": "炼厂干气",
    "anthracite": "无烟煤",
    "coking coal": "炼焦煤",
    "other bituminous coal": "其他烟煤",
    "sub-bituminous coal": "次烟煤",
    "lignite": "褐煤",
    "oil shale": "油页岩",
    "patent fuel": "型煤",
    "coke oven coke": "焦炭",
    "coal tar": "煤焦油",
    "gas works gas": "煤气厂煤气",
    "coke oven gas": "焦炉煤气",
    "blast furnace gas": "高炉煤气",
    "oxygen steel furnace gas": "转炉煤气",
    "natural gas": "天然气",
    "municipal waste (non-biomass fraction)": "城市垃圾(非生物质部分)",
    "industrial wastes": "工业废物",
    "waste oils": "废油",
    "peat": "泥炭",
    "wood/wood waste (biogenic)": "木材及木废料(生物成因)",
}


@long_table("tech_cost_pv")
def tech_cost_pv(raw: Raw) -> Iterator[Record]:
    """Module price of the world with its experience, Chinese prices, and IRENA's cost by country."""
    for row in raw.rows("tech_pv_module_price_world_1976_2019"):
        yield fact("WLD", row["year"], "module_price_usd", float(row["module_price_usd_per_w"]), 1)
        yield fact("WLD", row["year"], "cumulative_capacity", float(row["cumulative_capacity_mw"]) / 1000, 1)
    for row in raw.rows("tech_pv_china_prices_2007_2020"):
        yield fact("CN", row["year"], "cumulative_capacity", float(row["cum_capacity_gw"]), 2)
        for column, name in PV_CHINA.items():
            yield fact("CN", row["year"], name, float(row[column]), 2)
    yield from _irena(raw, IRENA_PV)


@long_table("tech_cost_wind")
def tech_cost_wind(raw: Raw) -> Iterator[Record]:
    """IRENA's cost of wind power, China and the world."""
    yield from _irena(raw, IRENA_WIND)


def _irena(raw: Raw, columns: dict[str, str]) -> Iterator[Record]:
    for row in raw.rows("tech_costs_irena2020"):
        if row["Entity"] not in ("China", "World"):
            continue
        for column, name in columns.items():
            value = number(row[column])
            if value is not None:
                yield fact(country_ids()[row["Entity"]], row["Year"], name, value, 2)


@long_table("tech_cost_battery")
def tech_cost_battery(raw: Raw) -> Iterator[Record]:
    """Battery pack price of the world; years without a second source say so."""
    for row in raw.rows("tech_battery_pack_price_bnef"):
        checked = int(row["year"]) in CORROBORATED_BATTERY_YEARS
        mark = "" if checked else "unverified"
        yield fact("WLD", row["year"], "pack_price", float(row["usd_per_kwh"]), 2 if checked else 4, mark)


@catalogue("tech_lifecycle", "technology", "name_zh", "name_en", "intensity", "year", "quality")
def tech_lifecycle(raw: Raw) -> Iterator[Record]:
    """Greenhouse gas per unit of electricity over the life of a plant."""
    for row in raw.rows("tech_lifecycle_impacts_unece"):
        key, zh, en = LIFECYCLE[row["Entity"]]
        yield {
            "technology": key,
            "name_zh": zh,
            "name_en": en,
            "intensity": float(row["ghg_emissions"]),
            "year": int(row["Year"]),
            "quality": 2,
        }


@catalogue("fuel_factors", "fuel", "name_zh", "name_en", "factor", "quality", "note")
def fuel_factors(raw: Raw) -> Iterator[Record]:
    """CO2 of burning a fuel, per unit of net heat."""
    for row in raw.rows("ef_ipcc2006_fuels"):
        name = row["fuel"]
        yield {
            "fuel": "_".join(name.lower().replace("/", " ").replace("-", " ").split("(")[0].split()),
            "name_zh": FUELS_ZH[name],
            "name_en": name[0].upper() + name[1:],
            "factor": float(row["kgco2_per_tj_ncv"]),
            "quality": 4,
            "note": "unverified",
        }
