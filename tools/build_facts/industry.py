"""National output of industrial products, one series a product."""

from __future__ import annotations

from collections.abc import Iterator

from common import Raw, Record, fact, long_table

# Raw series → (variable, factor to the table's unit). Power series are in `national_power`.
PRODUCTS = {
    "Raw Coal": ("coal", 0.01),
    "Coke": ("coke", 0.01),
    "Gasoline": ("gasoline", 0.01),
    "Diesel Oil": ("diesel", 0.01),
    "Kerosene": ("kerosene", 0.01),
    "Cement": ("cement", 0.01),
    "Plain Glass": ("glass", 0.01),
    "Pig Irons": ("pig_iron", 0.01),
    "Crude Steels": ("crude_steel", 0.01),
    "Steel Materials": ("steel_products", 0.01),
    "Ten Kinds of Non-ferrous Metals": ("nonferrous_metals", 0.01),
    "Alumina": ("alumina", 0.01),
    "Aluminous Materials": ("aluminium_products", 0.01),
    "Copper Materials": ("copper_products", 0.01),
    "Ethylene": ("ethylene", 0.01),
    "Sulfuric Acid": ("sulphuric_acid", 0.01),
    "Plastics in Primary Forms": ("primary_plastics", 0.01),
    "Plastic Products": ("plastic_products", 0.01),
    "Chemical Fibers": ("chemical_fibre", 0.01),
    "Yarn": ("yarn", 0.01),
    "Machine-made Paper and Paperboards": ("paper", 0.01),
    "Household Refrigerators": ("refrigerators", 0.01),
    "Household Freezers": ("freezers", 0.01),
    "Household Washing Machines": ("washing_machines", 0.01),
    "Air Conditioner": ("air_conditioners", 0.01),
    "Color TV": ("colour_tvs", 0.01),
    "Micro-computer Equipments": ("microcomputers", 0.01),
    "Smartphones": ("smartphones", 0.01),
    "Integrated Circuit": ("integrated_circuits", 1e-5),
    "Automobiles": ("vehicles", 0.01),
    "New Energy Vehicles": ("nev", 0.01),
    "CRH": ("high_speed_trains", 1.0),
    "Railway Locomotives": ("locomotives", 1.0),
    "Civil Steel Ship": ("ships", 0.01),
    "Solar Cells (Photovoltaic Cells)": ("pv_cells", 0.01),
    "Power Generation Equipment": ("power_equipment", 0.01),
    "AC Motors": ("ac_motors", 0.01),
    "Industrial Boilers": ("industrial_boilers", 0.001),
    "Industrial Robot": ("industrial_robots", 1.0),
    "Metal-cutting Machine Tool": ("machine_tools", 0.01),
    "Elevators, Escalators and Lifts": ("elevators", 0.01),
    "Air Pollution Control Equipments": ("air_pollution_equipment", 1.0),
}
# Years whose value cannot be set beside their neighbours: the scope or the unit of the count changed.
BREAKS = {("air_pollution_equipment", year) for year in (2005, 2006)}


@long_table("national_industry_output")
def national_industry_output(raw: Raw) -> Iterator[Record]:
    """Output from January to December, as released at the end of each year."""
    for row in raw.rows("cn_industrial_output_national_annual"):
        product = row["series"].removeprefix("Output: ").removesuffix(": YTD")
        if product not in PRODUCTS:
            continue
        name, factor = PRODUCTS[product]
        odd = (name, int(row["year"])) in BREAKS
        yield fact(
            "CN",
            row["year"],
            name,
            float(row["value"]) * factor,
            4 if odd else 1,
            "scope_break" if odd else "",
        )
