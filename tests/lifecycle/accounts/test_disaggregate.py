"""A sector made into several: all balances hold, and what is known of the parts comes out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.accounts.china import china_2007
from seedbed.lifecycle.accounts.disaggregate import disaggregate, shares_by_code
from seedbed.lifecycle.accounts.imports import domestic
from seedbed.lifecycle.accounts.leontief import multipliers
from seedbed.lifecycle.accounts.regions import accounts
from seedbed.lifecycle.accounts.table import InputOutput

CELLS = pl.DataFrame({"code": ["18a", "18b"], "name_zh": ["光伏设备", "其他电气机械"],
                      "name_en": ["Photovoltaic equipment", "Other electrical machinery"]})
quiet = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quiet
@given(share=st.floats(0.05, 0.95), lead=st.floats(0.0, 1.0))
def test_parts_balance_and_the_rest_of_the_table_stays(share: float, lead: float) -> None:
    whole = china_2007()
    exported = share + (min(1.0, share * 2.5) - share) * lead
    table = disaggregate(whole, "18", CELLS.with_columns(
        output=pl.Series([share, 1 - share]), export=pl.Series([exported, 1 - exported])))
    assert table.keys[16:20] == ["CN:17", "CN:18a", "CN:18b", "CN:19"]
    assert table.Z.sum(axis=1) + table.Y.sum(axis=1) == pytest.approx(table.x, rel=1e-8)
    assert table.Z.sum(axis=0) + table.V.sum(axis=0) == pytest.approx(table.x, rel=1e-8)
    assert (table.Z >= 0).all()
    merged = np.eye(42)[np.r_[:18, 17, 18:42]]
    assert merged.T @ table.Z @ merged == pytest.approx(whole.Z, rel=1e-9)
    sold = merged.T @ table.Y
    assert sold == pytest.approx(whole.Y, rel=1e-9, abs=1e-3)
    assert table.F.sum() == pytest.approx(whole.F.sum())
    assert table.Y[17, 5] == pytest.approx(exported * whole.Y[17, 5])


def test_parts_of_one_technology_have_the_intensity_of_the_whole() -> None:
    whole = china_2007()
    table = disaggregate(whole, "CN:18", CELLS.with_columns(output=pl.Series([0.1, 0.9])))
    total = multipliers(table, "co2")["total"].to_numpy()
    assert total[17:19] == pytest.approx(multipliers(whole, "co2")["total"].to_numpy()[17])
    before, after = (accounts(domestic(t)).regions.exports.sel(region="CN").item() for t in (whole, table))
    assert after == pytest.approx(before)


def test_known_emissions_of_parts_are_kept() -> None:
    whole = china_2007()
    table = disaggregate(whole, "23", pl.DataFrame({
        "code": ["coal", "other"], "name_en": ["Coal power", "Other power"],
        "output": [0.8, 0.2], "co2": [0.98, 0.02]}))
    assert table.F[0, 22:24] == pytest.approx(whole.F[0, 22] * np.array([0.98, 0.02]))
    direct = multipliers(table, "co2")["direct"].to_numpy()
    assert direct[22] / direct[23] == pytest.approx(0.98 / 0.8 / (0.02 / 0.2))


@pytest.mark.parametrize(("parts", "words"), [
    ({"output": [0.4, 0.4]}, "shares 'output'"),
    ({"output": [-0.1, 1.1]}, "shares 'output'"),
    ({"output": [0.02, 0.98], "export": [0.9, 0.1]}, "18a sells more abroad than it makes"),
])
def test_parts_that_cannot_be_are_refused(parts: dict[str, list[float]], words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        disaggregate(china_2007(), "18", CELLS.with_columns(pl.Series(k, v) for k, v in parts.items()))
    with pytest.raises(UnknownNameError):
        disaggregate(china_2007(), "81", CELLS.with_columns(output=pl.Series([0.5, 0.5])))


def test_a_part_of_a_region_is_a_part_of_that_region_only(random_table: Callable[..., InputOutput]) -> None:
    whole = random_table(4)
    table = disaggregate(whole, "r1:s2", pl.DataFrame({
        "code": ["p", "q"], "name_en": ["p", "q"], "output": [0.3, 0.7], "water": [1.0, 0.0]}))
    before, after = accounts(whole).regions, accounts(table).regions
    assert after.consumption.sel(stressor="co2").to_numpy() == pytest.approx(
        before.consumption.sel(stressor="co2").to_numpy())
    assert table.sectors["region"].to_list().count("r1") == 5


def test_the_longest_code_that_fits_decides() -> None:
    values = [{"code": code, "value": value}
              for code, value in (("85414020", 30.0), ("85013100", 60.0), ("90010000", 10.0))]
    concordance = [{"code": "85", "part": "18b"}, {"code": "854140", "part": "18a"}, {"code": "9001", "part": "20"}]
    assert shares_by_code(values, concordance, ["18a", "18b", "20"]).tolist() == pytest.approx([0.3, 0.6, 0.1])
    with pytest.raises(InvalidInputError, match="1 codes have no part, among them 90010000"):
        shares_by_code(values, concordance[:2], ["18a", "18b"])
    with pytest.raises(InvalidInputError, match="shares of '85' add up to 2"):
        shares_by_code(values, [*concordance, concordance[0]], ["18a"])


def test_a_code_of_several_parts_is_divided_by_its_shares() -> None:
    concordance = [{"code": "01", "part": "a", "share": 0.3}, {"code": "01", "part": "b", "share": 0.7},
                   {"code": "0102", "part": "b"}]
    values = [{"code": "010110", "value": 10.0}, {"code": "010210", "value": 10.0}]
    assert shares_by_code(values, concordance, ["a", "b"]).tolist() == pytest.approx([0.15, 0.85])


def test_customs_codes_of_2007_find_their_sectors(shared: Callable[[str], Path]) -> None:
    """National Bureau of Statistics, 2007 table, appendix 4: 7,428 codes of the customs and their sectors of 135."""
    xlrd = pytest.importorskip("xlrd")
    sheet = xlrd.open_workbook(str(shared("lca/cn_io_2007/nbs_excel/fu4.xls"))).sheet_by_index(0)
    cells = [[cell if isinstance(cell, str) else f"{cell:.0f}" for cell in sheet.row_values(i)]
             for i in range(3, sheet.nrows - 1)]
    concordance = [{"code": code.zfill(8), "part": part.zfill(5), "share": 1 / len(sectors.split("/"))}
                   for code, _, sectors in cells for part in sectors.split("/")]
    assert len({row["code"] for row in concordance}) == 7428
    exports = [{"code": code, "value": value}
               for code, value in (("72083810", 5.0), ("87032314", 3.0), ("85015300", 2.0))]
    steel, cars, machines = "32059", "37074", "39077"
    assert shares_by_code(exports, concordance, [steel, cars, machines]).tolist() == pytest.approx([0.5, 0.3, 0.2])
    with pytest.raises(InvalidInputError, match="among them 99999999"):
        shares_by_code([{"code": "99999999", "value": 1.0}], concordance, [steel])


def test_chemicals_split_as_the_table_of_135_sectors_has_them(shared: Callable[[str], Path]) -> None:
    """Outputs and exports of the chemical industries of the larger table, put into the smaller one."""
    xlrd = pytest.importorskip("xlrd")
    sheet = xlrd.open_workbook(str(shared("lca/cn_io_2007/nbs_excel/0401.xls"))).sheet_by_index(0)
    head = [str(cell) for cell in sheet.row_values(9)]
    output, exports = head.index("GO"), head.index("EX")
    rows = [sheet.row_values(i) for i in range(10, 145)]
    within = range(38, 49)  # sectors 039 … 049: basic chemicals to plastics
    parts = pl.DataFrame({"code": [str(rows[i][2]) for i in within], "name_zh": [rows[i][1] for i in within],
                          "output": [rows[i][output] for i in within], "export": [rows[i][exports] for i in within]})
    whole = china_2007()
    assert float(parts["output"].sum()) * 1e4 == pytest.approx(whole.x[11], rel=1e-9)
    table = disaggregate(whole, "12", parts.with_columns(pl.col("output", "export") / pl.col("output", "export").sum()))
    assert table.x[11:22] == pytest.approx(parts["output"].to_numpy() * 1e4, rel=1e-9)
    assert table.Y[11:22, 5] == pytest.approx(parts["export"].to_numpy() * 1e4, rel=1e-9)
    assert table.Z.sum(axis=1) + table.Y.sum(axis=1) == pytest.approx(table.x, rel=1e-8)
