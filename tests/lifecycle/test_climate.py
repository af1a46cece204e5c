"""Which flows are greenhouse gases, and in which part of ISO 14067's split they count."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from seedbed.lifecycle.inventory.tables import FLOWS, table
from seedbed.lifecycle.methods import climate


def _factors(**flow: object) -> dict[str, float]:
    flows = table(FLOWS, [{"id": "x", "kind": "elementary", "unit": "kg", "compartment": "air"} | flow])
    return dict(climate.factors(flows).select("method", "factor").iter_rows())


@pytest.mark.parametrize(
    ("flow", "part", "ar6", "headline"),
    [
        ({"name_en": "Carbon dioxide, fossil", "cas": "124-38-9"}, "fossil", 1.0, True),
        ({"name_en": "Carbon dioxide"}, "fossil", 1.0, True),
        ({"name_en": "Carbon dioxide, non-biogenic", "name_zh": "二氧化碳（非生物源）", "cas": "124-38-9"},
         "fossil", 1.0, True),
        ({"name_en": "carbon dioxide (biogenic)", "cas": "124-38-9"}, "biogenic_co2", 1.0, False),
        ({"name_en": "Carbon dioxide, non-fossil"}, "biogenic_co2", 1.0, False),
        ({"name_en": "carbon dioxide (land use change)", "cas": "124-38-9"}, "land_use", 1.0, True),
        ({"name_en": "Carbon dioxide, in air", "cas": "124-38-9", "compartment": "resource/air"},
         "removal", -1.0, False),
        ({"name_en": "Carbon dioxide, fossil", "cas": "124-38-9",
          "compartment": "air/lower stratosphere + upper troposphere"}, "aircraft", 1.0, True),
        ({"name_en": "carbon dioxide (biogenic)", "cas": "124-38-9",
          "compartment": "air/lower stratosphere and upper troposphere"}, "biogenic_co2", 1.0, False),
        ({"name_en": "Carbon dioxide (land use change)", "cas": "124-38-9", "compartment": "resource/air"},
         "land_use", -1.0, True),
        ({"name_en": "Methane, fossil", "cas": "74-82-8"}, "fossil", 29.8, True),
        ({"name_en": "methane (biogenic)", "cas": "74-82-8"}, "biogenic", 27.0, True),
        ({"name_zh": "氧化亚氮", "cas": "10024-97-2"}, "fossil", 273.0, True),
        ({"name_en": "Sulphur hexafluoride"}, "fossil", 25200.0, True),
        ({"name_en": "Dinitrogen monoxide", "unit": "g"}, "fossil", 0.273, True),
    ],
)
def test_a_gas_counts_in_its_part_and_in_the_headline_only_if_that_part_does(
    flow: dict[str, object], part: str, ar6: float, headline: bool
) -> None:
    found = _factors(**flow)
    assert found[f"gwp100-ar6/{part}"] == pytest.approx(ar6)
    assert ("gwp100-ar6" in found) == headline
    assert found["gwp100-ar6/net"] == pytest.approx(ar6)
    assert len([name for name in found if name.startswith("gwp100-ar6/")]) == 2


@pytest.mark.parametrize(
    "flow",
    [{"name_en": "Carbon dioxide", "compartment": "water"}, {"name_en": "Carbon monoxide", "cas": "630-08-0"},
     {"name_en": "Methane, tetrachloro-x"}, {"name_en": "Carbon dioxide", "kind": "product"}],
)
def test_what_is_no_greenhouse_gas_in_air_counts_nothing(flow: dict[str, object]) -> None:
    assert _factors(**flow) == {}


def test_both_reports_give_methane_its_own_potential() -> None:
    found = _factors(name_en="Methane, fossil")
    assert (found["gwp100-ar5"], found["gwp100-ar6"]) == (30.0, 29.8)


def test_ar6_potentials_agree_with_the_environmental_footprint_method() -> None:
    """European Commission, JRC, EF reference package 3.1 (2022), method "Climate change": an independent
    transcription of the IPCC's table. Where we give a flow no part of the headline it counts 0 there as well:
    biogenic carbon dioxide, emitted or taken up.
    """
    theirs = pl.read_csv(Path(__file__).parent / "ef31_climate_change.csv").with_row_index("id")
    flows = theirs.select(pl.col("id").cast(pl.String), "cas", "compartment", name_en="name")
    flows = flows.with_columns(kind=pl.lit("elementary"), unit=pl.lit("kg"))
    ours = climate.factors(table(FLOWS, flows)).filter(pl.col("method") == "gwp100-ar6")
    found = flows.join(ours, left_on="id", right_on="flow", how="left", maintain_order="left")["factor"].fill_null(0.0)
    assert theirs.height == 92
    wrong = theirs.with_columns(ours=found).filter(pl.col("ours") != pl.col("factor"))
    assert not wrong.height, wrong
