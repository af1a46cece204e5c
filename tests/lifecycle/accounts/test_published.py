"""Multipliers, linkages and coefficients that statistical offices and handbooks have printed.

Where a comment says `computed`, the numbers come from another program on the same table, to more digits.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seedbed.lifecycle.accounts.china import china_2007
from seedbed.lifecycle.accounts.leontief import Leontief, complete_consumption, linkages, multipliers
from seedbed.lifecycle.accounts.table import Array, InputOutput, input_output


def national(Z: Array, x: Array, **rows: Array) -> InputOutput:
    """A table of one region whose final demand is what is left; `rows` are primary inputs."""
    sectors = [{"region": "XX", "code": str(i), "name_en": f"sector {i}"} for i in range(len(x))]
    demands = [{"region": "XX", "code": "all", "name_en": "all final demand"}]
    return input_output(sectors, Z, demands, (x - Z.sum(axis=1))[:, None], x=x,
                        inputs=[{"code": code, "name_en": code} for code in rows],
                        V=np.array(list(rows.values())) if rows else None)


def test_income_multipliers_of_the_netherlands_2000() -> None:
    """D'Hernoncourt, Cordier & Hadley (2011), Input-output multipliers specification sheet (SPICOSA), million EUR."""
    Z = np.array([[2731, 3, 8260, 36, 59, 615], [4, 282, 2013, 3979, 188, 60], [3322, 291, 40218, 480, 8004, 16999],
                  [983, 53, 2400, 4395, 85, 3458], [121, 70, 565, 135, 14103, 9509],
                  [2884, 1078, 28400, 1404, 9339, 106994]], float)
    x = np.array([21863, 12292, 210900, 18249, 60244, 435953.0])
    pay = np.array([2336, 520, 35083, 1629, 14339, 151784.0])
    found = multipliers(national(Z, x, pay=pay), "pay")["ratio"].to_numpy()
    assert found == pytest.approx([2.466, 2.333, 1.840, 2.372, 1.953, 1.417], abs=5e-4)
    assert found == pytest.approx([2.4658, 2.3333, 1.8399, 2.3722, 1.9530, 1.4171], abs=5e-5)  # computed


def test_linkages_of_germany_1995() -> None:
    """Eurostat Manual of Supply, Use and Input-Output Tables (2008), chapter 15, million EUR.

    The forward linkage of industry is handed down as 1.6691, and only that one differs: the table gives 1.6910.
    """
    Z = np.array([[1131, 25480, 1, 607, 710, 762], [7930, 304584, 64167, 41082, 11981, 30360],
                  [426, 7334, 3875, 5296, 23457, 9155], [3559, 72717, 14190, 74399, 10835, 21008],
                  [3637, 96115, 31027, 65755, 193176, 34223], [1552, 14986, 1747, 11225, 15058, 22070]], float)
    x = np.array([43910, 1079446, 245606, 540063, 692487, 508918.0])
    found = linkages(national(Z, x))
    assert found["backward"].to_numpy() == pytest.approx([1.7048, 1.8413, 1.8136, 1.6035, 1.5951, 1.3782], abs=5e-5)
    assert found["forward"].to_numpy() == pytest.approx([2.1126, 1.6910, 1.3558, 1.5848, 2.1037, 1.2106], abs=5e-5)
    assert found["backward_index"].mean() == pytest.approx(1)
    assert found.filter(pl.col("key"))["code"].to_list() == ["0", "1"]
    co2 = np.array([10448, 558327, 11194, 71269, 8792, 26990.0])  # Eurostat, air emission accounts, 1000 t
    carbon = multipliers(national(Z, x, co2=co2), "co2")["total"].to_numpy() * 1000
    assert carbon == pytest.approx([418.471, 768.628, 272.550, 235.709, 58.288, 123.419], abs=5e-4)  # computed


def test_carbon_intensities_of_germany_2009() -> None:
    """UN, Handbook on Supply and Use Tables and Input-Output Tables (2018): t CO2 per million EUR.

    The table is printed in rounded billion EUR, hence 0.6 %.
    """
    Z = np.array([[3, 20, 0, 0, 0, 1], [7, 394, 48, 56, 11, 30], [1, 11, 18, 8, 28, 10], [4, 139, 17, 181, 38, 40],
                  [6, 131, 30, 124, 261, 51], [0, 18, 3, 12, 17, 47]], float)
    x = np.array([42, 1451, 234, 907, 1010, 721.0])
    co2 = np.array([9260, 550893, 9162, 80990, 12077, 24173.0])  # 1000 t
    found = multipliers(national(Z, x, co2=co2), "co2")["total"].to_numpy()
    assert found == pytest.approx([365.6923, 558.1841, 186.2633, 165.0078, 41.4028, 76.9417], abs=5e-5)  # computed
    assert found == pytest.approx([363.803, 558.261, 186.001, 165.476, 41.586, 76.668], rel=6e-3)


@pytest.mark.parametrize(("size", "closest"), [(42, 3e-5), (135, 1e-5)])
def test_complete_consumption_coefficients_of_china_2007(
    size: int, closest: float, shared: Callable[[str], Path],
) -> None:
    """Published by the National Bureau of Statistics to five digits."""
    with np.load(shared(f"lca/cn_io_2007/cn2007_{size}.npz")) as file:
        Z, x, published = file["Z"], file["X"], file["C_published"]
    assert np.abs(Leontief(Z, x).complete_consumption(range(size)) - published).max() < closest
    if size == 42:
        assert np.abs(complete_consumption(china_2007()).to_numpy() - published).max() < closest


def test_coefficients_of_single_products_are_columns_of_all() -> None:
    table = china_2007()
    some = complete_consumption(table, ["23", "CN:14"])
    assert some.product.to_numpy().tolist() == ["CN:23", "CN:14"]
    assert some.to_numpy() == pytest.approx(complete_consumption(table).to_numpy()[:, [22, 13]], abs=1e-14)


def test_some_published_coefficients_of_china_2007_need_no_file() -> None:
    """NBS, 2007 Input-Output Tables of China: coal, electricity and metal in electricity and machines."""
    found = complete_consumption(china_2007(), ["01", "06", "18", "23"])
    for sector, product, printed in (("02", "23", 0.20568), ("23", "23", 0.64012), ("01", "01", 0.24699),
                                     ("14", "18", 0.66157), ("01", "06", 0.60480)):
        assert found.sel(sector=f"CN:{sector}", product=f"CN:{product}").item() == pytest.approx(printed, abs=1e-5)


def test_multipliers_of_the_united_kingdom_2010(shared: Callable[[str], Path]) -> None:
    """Office for National Statistics, input-output analytical tables 2010, 127 products."""
    cells = pl.read_csv(shared("lca/iotables/uk_2010_data.csv.gz"), infer_schema_length=None, null_values=["NA"])
    results = pl.read_csv(shared("lca/iotables/uk_test_results.csv"), infer_schema_length=None, null_values=["NA"])
    products = cells.filter(pl.col("indicator").str.starts_with("Matrix of coefficients"))["uk_col"]
    products = products.unique(maintain_order=True).to_list()
    wide = cells.filter(pl.col("indicator").str.starts_with("Input-Output table")).pivot(
        on="uk_col", index="uk_row", values="values", aggregate_function="first")

    def rows(*names: str) -> Array:
        chosen = pl.DataFrame({"uk_row": names}).join(wide, on="uk_row", maintain_order="left")
        return chosen.select(products).to_numpy()

    pay, *others = rows("Compensation of employees", "Gross Operating Surplus", "Taxes less subsidies on production")
    table = national(rows(*products), rows("Total output")[0], pay=pay, gva=pay + sum(others))
    assert multipliers(table)["total"].to_numpy() == pytest.approx(results["Output multiplier"].to_numpy(), abs=1e-9)
    for code, title in (("pay", "Employment cost"), ("gva", "GVA")):
        found = multipliers(table, code)
        effects = results[f"{title} effects"].to_numpy()
        assert found["total"].to_numpy() == pytest.approx(effects, abs=1e-9)
        printed = results[f"{title} multiplier"].cast(pl.Float64).to_numpy()
        defined = found["ratio"].is_not_null().to_numpy()
        assert printed[~defined].tolist() in ([], [0.0])  # owner-occupied dwellings pay nobody
        assert found["ratio"].to_numpy()[defined] == pytest.approx(printed[defined], abs=1e-9)
