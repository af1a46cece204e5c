"""Carbon of the provinces, and the national markets and money around it."""

from __future__ import annotations

from collections.abc import Iterator

from common import Raw, Record, fact, long_table, number, place_ids

# The sectors of the CEADs inventory that the product looks at; the rest is only in the total.
SECTORS = {
    "TotalEmissions": "total",
    "Production and Supply of Electric Power, Steam and Hot Water": "power_heat",
    "Smelting and Pressing of Ferrous Metals": "steel",
    "Nonmetal Mineral Products": "nonmetal_minerals",
    "Raw Chemical Materials and Chemical Products": "chemicals",
    "Smelting and Pressing of Nonferrous Metals": "nonferrous",
    "Petroleum Processing and Coking": "refining_coking",
    "Coal Mining and Dressing": "coal_mining",
    "Papermaking and Paper Products": "paper",
    "Textile Industry": "textiles",
    "Construction": "construction",
    "Transportation, Storage, Post and Telecommunication Services": "transport",
    "Wholesale, Retail Trade and Catering Services": "trade_catering",
    "Farming, Forestry, Animal Husbandry, Fishery and Water Conservancy": "agriculture",
    "Urban": "households_urban",
    "Rural": "households_rural",
}

ETS = {
    "volume_t": "volume",
    "turnover_cny": "turnover",
    "first_open_cny_per_t": "price_open",
    "year_end_close_cny_per_t": "price_close",
    "low_close_cny_per_t": "price_low",
    "high_close_cny_per_t": "price_high",
    "implied_avg_cny_per_t": "price_mean",
}
ETS_ROUNDED_YEARS = {"2023", "2024"}

RECYCLED = {
    "volume_10_types_mt": ("volume", 1.0),
    "value_10_types_100m_cny": ("value", 1.0),
    "avg_volume_11th_FYP_10kt": ("volume", 0.01),
    "avg_volume_12th_FYP_10kt": ("volume", 0.01),
    "avg_volume_13th_FYP_10kt": ("volume", 0.01),
    "share_ferrous_of_value_pct": ("ferrous_share_of_value", 0.01),
    "share_nonferrous_of_value_pct": ("nonferrous_share_of_value", 0.01),
}


@long_table("province_co2")
def province_co2(raw: Raw) -> Iterator[Record]:
    """CO2 by sector. The total includes cement process emissions, which `process` shows apart."""
    for row in raw.rows("cn_prov_co2_ceads_sector_1997_2019"):
        name = SECTORS.get(row["sector"])
        if name is None:
            continue
        place = place_ids()[row["province_en"]]
        yield fact(place, row["year"], name, float(row["MtCO2"]), 1)
        if name == "total":
            yield fact(place, row["year"], "process", float(row["of_which_process_MtCO2"]), 1)
    for row in raw.rows("cn_co2_ceads_national_1997_2019"):
        yield fact("CN", row["year"], "total", float(row["MtCO2"]), 1)


@long_table("national_ets", extra=("reference",))
def national_ets(raw: Raw) -> Iterator[Record]:
    """Trade in national emission allowances by calendar year; the mean price is turnover over volume."""
    for row in raw.rows("cn_ets_national_annual_2021_2024"):
        rounded = row["year"] in ETS_ROUNDED_YEARS
        for column, name in ETS.items():
            value = number(row[column])
            if value is None:
                continue
            notes = ["derived"] if name == "price_mean" else []
            notes += ["rounded"] if rounded and name in ("volume", "turnover", "price_mean") else []
            record = fact("CN", row["year"], name, value, 2 if rounded else 1, *notes)
            yield record | {"reference": row["source"]}


@long_table("national_recycled")
def national_recycled(raw: Raw) -> Iterator[Record]:
    """Recovered materials of ten kinds. Before 2021 only means of five-year plans are published."""
    for row in raw.rows("cn_recycled_resources"):
        name, factor = RECYCLED[row["indicator"]]
        mean = "five_year_mean" if "FYP" in row["indicator"] else ""
        implied = "derived" if row["source"].startswith(("implied", "+")) else ""
        yield fact("CN", row["year"], name, float(row["value"]) * factor, 3, mean, implied)


@long_table("national_green_loans", monthly=True)
def national_green_loans(raw: Raw) -> Iterator[Record]:
    """Balance of green loans; the statistical scope changed in 2025, so 2024 is implied from 2025."""
    for row in raw.rows("cn_green_loans_balance"):
        year, month, _ = row["date"].split("-")
        recalled = "verify" in row["source"]
        notes = ["unverified" if recalled else "", "derived" if row["source"].startswith("implied") else ""]
        notes += ["scope_break" if int(year) >= 2024 else ""]
        value = float(row["green_loans_tn_cny"])
        yield fact("CN", year, "balance", value, 4 if recalled else 2, *notes) | {"month": month}
