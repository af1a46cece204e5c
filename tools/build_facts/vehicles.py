"""Vehicle sales of the nation, and what provinces and countries state about vehicles and chargers."""

from __future__ import annotations

from collections.abc import Iterator

from common import Raw, Record, country_ids, fact, long_table, number, place_ids

SALES = {
    "vehicle_sales_ytd_10k": ("sales", 1e4),
    "nev_sales_ytd_unit": ("nev", 1.0),
    "bev_ytd_unit": ("bev", 1.0),
    "phev_ytd_unit": ("phev", 1.0),
    "fcev_ytd_unit": ("fcev", 1.0),
    "nev_passenger_ytd_unit": ("nev_passenger", 1.0),
}

IEA_PARAMETERS = {
    "EV sales": "sales",
    "EV stock": "stock",
    "EV sales share": "sales_share",
    "EV stock share": "stock_share",
}
IEA_CATEGORIES = {"Historical": "", "Projection-STEPS": "_steps", "Projection-APS": "_aps"}
IEA_CHARGERS = {"Publicly available fast": "public_fast", "Publicly available slow": "public_slow"}
IEA_SCENARIO_YEARS = range(2024, 2036)


@long_table("national_vehicles")
def national_vehicles(raw: Raw) -> Iterator[Record]:
    """CAAM sales by kind of drive; the share of new energy vehicles is derived."""
    for row in raw.rows("cn_vehicle_sales_caam_annual"):
        values: dict[str, float] = {}
        for column, (name, factor) in SALES.items():
            value = number(row[column], factor)
            if value is not None:
                values[name] = value
                yield fact("CN", row["year"], name, value, 1)
        if "nev" in values:
            yield fact("CN", row["year"], "nev_share", values["nev"] / values["sales"], 1, "derived")


@long_table("country_ev")
def country_ev(raw: Raw) -> Iterator[Record]:
    """IEA electric cars: history, and the two scenarios for the years after it."""
    for row in raw.rows("country_ev_iea_gevo2024"):
        name = IEA_PARAMETERS.get(row["parameter"])
        if row["mode"] != "Cars" or name is None or row["region"] not in country_ids():
            continue
        scenario = IEA_CATEGORIES[row["category"]]
        if scenario and int(row["year"]) not in IEA_SCENARIO_YEARS:
            continue
        share = name.endswith("share")
        variable = (name if share else f"{name}_{row['powertrain'].lower()}") + scenario
        value = round(float(row["value"]) * (0.01 if share else 1.0), 6)
        yield fact(
            country_ids()[row["region"]], row["year"], variable, value, 1, "projection" * bool(scenario)
        )


@long_table("country_charging")
def country_charging(raw: Raw) -> Iterator[Record]:
    """IEA public charging points, fast and slow; history only."""
    for row in raw.rows("country_ev_iea_gevo2024"):
        name = IEA_CHARGERS.get(row["powertrain"])
        if row["category"] == "Historical" and name and row["region"] in country_ids():
            yield fact(country_ids()[row["region"]], row["year"], name, float(row["value"]), 1)


@long_table("province_charging")
def province_charging(raw: Raw) -> Iterator[Record]:
    """Public charging points as the press reports the industry alliance's counts: not checked."""
    for row in raw.rows("cn_prov_public_charging_piles_2017_2023"):
        value = float(row["public_charging_piles"])
        yield fact(place_ids()[row["province_cn"]], row["year"], "public_chargers", value, 3, "unverified")


@long_table("province_nev_stock", extra=("as_of", "definition", "publisher", "reference"))
def province_nev_stock(raw: Raw) -> Iterator[Record]:
    """New energy vehicles in use as each province states them; dates and definitions differ."""
    for row in raw.rows("cn_prov_nev_stock_2023_official_statements"):
        as_of = row["as_of"]
        year = as_of[:4] if as_of[:4].isdigit() else "2023"
        # A count of another year or of battery vehicles only cannot be set beside the others.
        odd = "not_comparable" if as_of == "2023-01" or row["definition"] != "NEV" else ""
        place, value = place_ids()[row["province_cn"]], float(row["nev_stock_10k"]) * 1e4
        yield fact(place, year, "nev_stock", value, 4 if odd else 3, "unverified", odd) | {
            "as_of": "2023-12" if as_of == "年末" else as_of,
            "definition": row["definition"],
            "publisher": row["publisher"],
            "reference": row["url"],
        }
