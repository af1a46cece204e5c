"""Economy, people and industrial output of the provinces, and their scenarios."""

from __future__ import annotations

from collections.abc import Iterator

from common import Raw, Record, fact, long_table, number, place_ids

ECONOMY = ("gdp", "primary_va", "secondary_va", "tertiary_va", "industry_va")
SECTORS = ("primary_va", "secondary_va", "tertiary_va")
# Series of the source whose value contradicts the rest of its own year: industry above the whole
# secondary sector, or sectors of the old vintage beside a revised total.
BAD = {
    ("CN-SD", "2018", "industry_va"),
    ("CN-JL", "2018", "industry_va"),
    *(("CN-TJ", "2018", name) for name in (*SECTORS, "industry_va")),
}
SUM_TOLERANCE = 0.005

INDUSTRY = {
    "aluminium_products_t": ("aluminium_products", 1e-6),
    "cement_t": ("cement", 1e-6),
    "chemical_fibre_t": ("chemical_fibre", 1e-6),
    "crude_steel_10kt": ("crude_steel", 0.01),
    "motor_vehicles_unit": ("vehicles", 1.0),
    "nonferrous_t": ("nonferrous_metals", 1e-6),
    "pig_iron_10kt": ("pig_iron", 0.01),
    "plain_glass_weightcase": ("glass", 1e-6),
    "steel_products_10kt": ("steel_products", 0.01),
}
# Values far from the years on both sides.
OUTLIERS = {
    ("CN-GZ", "2008", "vehicles"),
    ("CN-SX", "2013", "vehicles"),
    ("CN-AH", "2006", "aluminium_products"),
    ("CN-JL", "2014", "glass"),
}


@long_table("province_heat")
def province_heat(raw: Raw) -> Iterator[Record]:
    """Heat from networks in cities and counties; zero where there are none."""
    for row in raw.rows("cn_prov_district_heat_2020"):
        yield fact(row["place"], row["year"], "district_heat", float(row["value"]), int(row["quality"]))


@long_table("province_economy")
def province_economy(raw: Raw) -> Iterator[Record]:
    """GDP and its sectors (first release and revised), people, urbanisation, and shares derived from them."""
    panel = _value_added(raw)
    for (place, year), values in panel.items():
        off = _sectors_do_not_sum(values)
        for name, value in values.items():
            yield fact(place, year, name, value, 4 if off else 2, "sectors_do_not_sum" if off else "")
        if not off and all(name in values for name in SECTORS):
            total = sum(values[name] for name in SECTORS)
            for name in SECTORS:
                share = name.replace("_va", "_share")
                yield fact(place, year, share, values[name] / total, 2, "derived")
    for row in raw.rows("cn_prov_gdp_nbs_revised_anchor_years"):
        early = "preliminary" if row["year"] == "2024" else ""
        value = float(row["gdp_100m_cny"])
        yield fact(place_ids()[row["province_en"]], row["year"], "gdp_revised", value, 2, early)
    yield from _people(raw)


def _value_added(raw: Raw) -> dict[tuple[str, str], dict[str, float]]:
    panel: dict[tuple[str, str], dict[str, float]] = {}
    for row in raw.rows("cn_prov_gdp_wind_1990_2024"):
        place = place_ids()[row["province_en"]]
        if row["variable"] in ECONOMY and (place, row["year"], row["variable"]) not in BAD:
            panel.setdefault((place, row["year"]), {})[row["variable"]] = float(row["value"])
    return panel


def _sectors_do_not_sum(values: dict[str, float]) -> bool:
    if not all(name in values for name in (*SECTORS, "gdp")):
        return False
    return abs(sum(values[name] for name in SECTORS) / values["gdp"] - 1) > SUM_TOLERANCE


def _people(raw: Raw) -> Iterator[Record]:
    for row in raw.rows("cn_prov_population_2014_2023"):
        people = float(row["resident_population_10k"]) * 1e4
        yield fact(place_ids()[row["province_en"]], row["year"], "population", people, 1)
    for row in raw.rows("cn_prov_urbanisation_2012_2023"):
        place = place_ids()[row["province_cn"]]
        urban = number(row["urban_population_10k"], 1e4)
        rate = number(row["urbanisation_rate_pct"], 0.01)
        if urban is not None:
            yield fact(place, row["year"], "urban_population", urban, 2)
        if rate is not None:
            yield fact(place, row["year"], "urbanisation_rate", rate, 2)


@long_table("province_industry_output")
def province_industry_output(raw: Raw) -> Iterator[Record]:
    """Yearly output of materials and vehicles."""
    for row in raw.rows("cn_prov_industrial_output"):
        name, factor = INDUSTRY[row["variable"]]
        place, year = place_ids()[row["province_en"]], row["year"]
        odd = (place, year, name) in OUTLIERS
        value = float(row["value"]) * factor
        yield fact(place, year, name, value, 4 if odd else 2, "outlier" if odd else "")
