"""Vehicle sales of the nation, and what provinces and countries state about vehicles and chargers."""

from __future__ import annotations

from collections.abc import Iterator

from common import Raw, Record, country_ids, fact, long_table, number

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
    """Public charging points in use at year end; those of 2025 are counted before it ended."""
    for row in raw.rows("cn_prov_public_charging_2016_2025"):
        if row["variable"] == "public_charging_points":
            late = "preliminary" if row["year"] == "2025" else ""
            value, quality = float(row["value"]), int(row["quality"])
            yield fact(row["place"], row["year"], "public_charging_points", value, quality, late)


UNUSABLE = ("CN-HL", "CN-XZ")  # digits of their counts seem lost: 1,816 and 338 vehicles
STOCK_YEAR = "2022"


@long_table("province_vehicles")
def province_vehicles(raw: Raw) -> Iterator[Record]:
    """Private cars; new energy vehicles in use of one year, and the others of that year.

    Where the count is unusable it is estimated from public charging points, as in the other provinces together.
    """
    cars = {(r["place"], r["year"]): float(r["value"]) for r in raw.rows("cn_prov_private_cars_2005_2023")}
    for (place, year), value in cars.items():
        yield fact(place, year, "private_cars", value, 1)
    points = {r["place"]: float(r["value"]) for r in raw.rows("cn_prov_public_charging_2016_2025")
              if r["year"] == STOCK_YEAR and r["variable"] == "public_charging_points"}
    counted = {r["place"]: float(r["value"]) for r in raw.rows("cn_prov_nev_stock_2022") if r["place"] not in UNUSABLE}
    each = sum(counted.values()) / sum(points[place] for place in counted)
    for place in points:
        known = place in counted
        electric = counted[place] if known else round(each * points[place], -2)
        marks = ("unverified",) if known else ("derived", "unverified")
        quality = 3 if known else 4
        yield fact(place, STOCK_YEAR, "nev_stock", electric, quality, *marks)
        others = cars[place, STOCK_YEAR] - electric
        yield fact(place, STOCK_YEAR, "other_cars", others, quality, "derived", "unverified")
