"""Population and GDP of the provinces to 2060 under three shared socio-economic pathways."""

from __future__ import annotations

from collections.abc import Iterator

from common import Raw, Record, fact, long_table, place_ids

PATHWAYS = ("SSP1", "SSP2", "SSP5")


@long_table("province_scenarios")
def province_scenarios(raw: Raw) -> Iterator[Record]:
    """Five-year steps; GDP in 100 million CNY, people in persons."""
    for name in ("population", "gdp"):
        for row in raw.rows(f"cn_prov_ssp_{name}"):
            if row["scenario"] in PATHWAYS:
                variable = f"{name}_{row['scenario'].lower()}"
                place = place_ids()[row["province_en"]]
                yield fact(place, row["year"], variable, float(row["value"]), 2, "projection")
