"""China in 2007: the shipped table, its CO2, and what was published about both."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed import facts
from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.accounts.china import china_2007
from seedbed.lifecycle.accounts.imports import domestic, mirrored
from seedbed.lifecycle.accounts.leontief import multipliers
from seedbed.lifecycle.accounts.regions import accounts
from seedbed.lifecycle.accounts.table import InputOutput, input_output

MT = 1e9


def test_the_table_balances_in_rows_and_columns_and_adds_up_to_gdp() -> None:
    table = china_2007()
    assert table.Z.sum(axis=1) + table.Y.sum(axis=1) == pytest.approx(table.x, rel=1e-8)
    assert table.Z.sum(axis=0) + table.V.sum(axis=0) == pytest.approx(table.x, rel=1e-8)
    assert table.V.sum() / 1e12 == pytest.approx(26.6044, abs=1e-4)  # NBS: value added 26.6 trillion CNY
    assert table.sectors.null_count().sum_horizontal().item() == 0


def test_co2_is_all_of_the_inventories_and_none_twice() -> None:
    table = china_2007()
    provinces = facts.read("province_co2", year=2007).data.filter(pl.col("place") != "CN")
    total = float(provinces.filter(pl.col("variable") == "total")["value"].sum())
    assert (table.F.sum() + table.FY.sum()) / MT == pytest.approx(total, rel=1e-6)
    national = facts.read("province_co2").series("total")[2007]
    assert total / national == pytest.approx(1.042, abs=1e-3)  # the provinces add up to more than the nation
    power = float(provinces.filter(pl.col("variable") == "power_heat")["value"].sum())
    assert table.F[0, table.sector("23")] / MT == pytest.approx(power, rel=1e-6)
    assert table.FY[0, :2] / MT == pytest.approx([123.34, 149.63], abs=0.01)


def test_the_concordance_places_every_inventory_sector_once() -> None:
    rows = facts.read("io_2007_concordance").data
    shares = rows.group_by("ceads_sector").agg(pl.col("share").sum())
    assert shares.height == 47
    assert shares["share"].to_numpy() == pytest.approx(1.0, abs=1e-8)
    assert rows.select(pl.struct("ceads_sector", "code").is_unique().all()).item()
    codes = facts.read("io_2007_sectors").data.filter(pl.col("kind") == "sector")["code"]
    assert set(rows["code"]) == {*codes, "FU101", "FU102"}
    assert rows.select("reason_zh", "reason_en").null_count().sum_horizontal().item() == 0


def test_emissions_for_exports_lie_where_the_literature_puts_them() -> None:
    """About 30 % of emissions over 2002–2011 (Liu, Mao & Song 2017, doi 10.1371/journal.pone.0176089), 21.6–36.8 %
    over 1997–2010 (non-competitive tables)."""
    found = accounts(domestic(china_2007())).regions.sel(stressor="co2", region="CN")
    assert found.exports.item() / found.production.item() == pytest.approx(0.30, abs=0.02)
    assert found.exports.item() / MT == pytest.approx(2060, abs=1)
    # 出口贸易隐含碳强度: emissions for exports over the value of exports, kg/CNY.
    assert found.export_value.item() / 1e12 == pytest.approx(9.5541, abs=1e-4)
    assert found.export_intensity.item() == pytest.approx(0.2156, abs=1e-4)


def test_imports_taken_as_home_goods_overstate_exports_as_published() -> None:
    """41.0 % of greenhouse gases when imports stay in the uses (Chen & Zhang 2010, Energy Policy 38, 6180)."""
    table = china_2007()
    exports = table.Y[:, table.demands["kind"].to_list().index("export")]
    embodied = multipliers(table, "co2")["total"].to_numpy() @ exports
    assert embodied / (table.F.sum() + table.FY.sum()) == pytest.approx(0.41, abs=0.01)


def test_consumption_is_below_production_by_what_is_published() -> None:
    """Net transfer of 6.6 % of production, non-competitive table (Liu, Chen, Chen & Yang 2016, doi
    10.1016/j.jclepro.2016.02.085); 20.5 % with foreign technology (Global Carbon Budget 2022)."""
    budget = facts.read("country_co2_accounts")
    territorial, consumption = (budget.series(name)[2007] for name in ("territorial", "consumption"))
    found = accounts(mirrored(china_2007())).regions.sel(stressor="co2", region="CN")
    transfer = (found.production - found.consumption).item() / found.production.item()
    assert 0.066 < transfer < 1 - consumption / territorial
    assert found.consumption.item() / MT == pytest.approx(6283, abs=1)


def test_the_mirror_consumes_what_the_whole_chain_multiplies() -> None:
    """Both ways to count imports at home technology agree: Y at home × multipliers of the competitive table."""
    table = china_2007()
    home = [region == "CN" for region in table.demands["region"]]
    expected = multipliers(table, "co2")["total"].to_numpy() @ table.Y[:, home].sum(axis=1) + table.FY.sum()
    found = accounts(mirrored(table)).regions.consumption.sel(stressor="co2", region="CN").item()
    assert found == pytest.approx(expected, rel=1e-9)


def small(imports: tuple[float, float]) -> InputOutput:
    sectors = [{"region": "CN", "code": code, "name_en": code} for code in ("a", "b")]
    demands = [{"region": region, "code": kind, "name_en": kind, "kind": kind}
               for region, kind in (("CN", "final"), ("RoW", "export"), ("RoW", "import"))]
    Y = np.array([[6.0, 4.0, -imports[0]], [9.0, 2.0, -imports[1]]])
    return input_output(sectors, [[1.0, 2.0], [3.0, 1.0]], demands, Y,
                        stressors=[{"code": "co2", "name_en": "CO2", "unit": "kg"}], F=[[1.0, 2.0]])


@settings(max_examples=15, deadline=None)
@given(a=st.floats(0, 3, allow_subnormal=False), b=st.floats(0, 3, allow_subnormal=False))
def test_taking_imports_out_keeps_output_and_its_emissions(a: float, b: float) -> None:
    table = small((a, b))
    for split in (domestic(table), mirrored(table)):
        assert split.Z.sum(axis=1) + split.Y.sum(axis=1) == pytest.approx(split.x)
        assert split.x[:2].tolist() == table.x.tolist()
        assert accounts(split).regions.production.sel(region="CN").item() == pytest.approx(3.0)
    home = domestic(table)
    assert home.V[-1].sum() + (table.Y[:, :2] - home.Y).sum() == pytest.approx(a + b)  # to sectors, to final use


@pytest.mark.parametrize(("imports", "words"), [((9.5, 0.0), "CN:a is imported for 9.5"),
                                                ((-1.0, 0.0), "imported for -1")])
def test_more_imports_than_uses_are_refused(imports: tuple[float, float], words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        domestic(small(imports))


def test_a_table_without_imports_has_none_to_take_out() -> None:
    with pytest.raises(InvalidInputError, match="no column of imports"):
        domestic(domestic(china_2007()))
