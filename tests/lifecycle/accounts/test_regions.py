"""Production and consumption accounts: published ones, an independent program's, and what must always hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.accounts import leontief
from seedbed.lifecycle.accounts.china import china_2007
from seedbed.lifecycle.accounts.regions import accounts
from seedbed.lifecycle.accounts.table import Array, InputOutput, input_output

NAMES = {"production": "pba", "consumption": "cba", "imports": "imp", "exports": "exp"}
MAKE = Callable[..., InputOutput]
quiet = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def matrix(path: Path, labels: int) -> tuple[Array, list[tuple[str, str]], list[tuple[str, ...]]]:
    """Numbers, column labels (two header rows) and row labels (`labels` columns) of a published matrix."""
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    columns = list(zip(lines[0][labels:], lines[1][labels:], strict=True))
    rows = [line for line in lines[2:] if line[labels:] and line[labels]]
    return (np.array([line[labels:] for line in rows], float), columns, [tuple(line[:labels]) for line in rows])


def test_accounts_of_the_published_test_system(shared: Callable[[str], Path]) -> None:
    """The test system of pymrio (Stadler 2021): six regions, eight sectors, and its published accounts."""
    folder = shared("lca/pymrio_test_mrio")
    Z, _, names = matrix(folder / "test_mrio_Z.csv", 2)
    Y, demands, _ = matrix(folder / "test_mrio_Y.csv", 2)
    F, _, stressors = matrix(folder / "test_mrio_F.csv", 2)
    FY, _, _ = matrix(folder / "test_mrio_FY.csv", 2)
    found = accounts(input_output(
        [{"region": r, "code": s, "name_en": s} for r, s in names], Z,
        [{"region": r, "code": c, "name_en": c} for r, c in demands], Y,
        stressors=[{"code": s, "name_en": c, "unit": "kg"} for s, c in stressors], F=F, FY=FY))
    for ours, theirs in NAMES.items():
        published = pl.read_csv(folder / f"test_mrio_D_{theirs}_reg.csv")[:, 2:].to_numpy()
        assert found.regions[ours].to_numpy() == pytest.approx(published, rel=1e-12)


def test_accounts_of_the_published_test_system_need_no_file() -> None:
    """The same system as pymrio ships it, and some of its published accounts."""
    shipped = pytest.importorskip("pymrio").load_test()
    emissions = shipped.emissions
    found = accounts(input_output(
        [{"region": r, "code": s, "name_en": s} for r, s in shipped.Z.index], shipped.Z.to_numpy(),
        [{"region": r, "code": c, "name_en": c} for r, c in shipped.Y.columns], shipped.Y.to_numpy(),
        stressors=[{"code": s, "name_en": c, "unit": "kg"} for s, c in emissions.F.index], F=emissions.F.to_numpy(),
        FY=emissions.F_Y.to_numpy())).regions
    assert found.consumption.to_numpy() == pytest.approx(np.array([
        [207752104.431628, 115468289.281101, 345798792.665361, 446060180.239669, 416485670.756169, 824407840.666072],
        [86427438.5861189, 72007225.6218769, 375333542.269398, 172157308.123248, 127893828.362898, 290156970.155461],
    ]), rel=1e-12)
    assert found.exports.to_numpy() == pytest.approx(np.array([
        [41987157.1651395, 16466030.9015135, 166633984.020701, 48808928.6954147, 103815835.267949, 131904473.091059],
        [1923514.94643625, 1426778.99966924, 181078576.620188, 18027795.9767510, 8524822.85546012, 31139442.5083905],
    ]), rel=1e-12)


def pymrio_accounts(table: InputOutput) -> Any:
    pymrio = pytest.importorskip("pymrio")
    pandas = pytest.importorskip("pandas")
    index = pandas.MultiIndex.from_frame(table.sectors.select("region", sector="code").to_pandas())
    buyers = pandas.MultiIndex.from_frame(table.demands.select("region", category="code").to_pandas())
    stressors = pandas.Index(table.stressors["code"].to_list(), name="stressor")
    extension = {"name": "e", "F": pandas.DataFrame(table.F, stressors, index),
                 "F_Y": pandas.DataFrame(table.FY, stressors, buyers)}
    system = pymrio.IOSystem(Z=pandas.DataFrame(table.Z, index, index), Y=pandas.DataFrame(table.Y, index, buyers),
                             e=extension)
    system.calc_all()
    return system.e


@quiet
@given(seed=st.integers(0, 10_000), regions=st.integers(1, 4), sectors=st.integers(1, 5), idle=st.booleans())
def test_any_system_has_the_accounts_that_pymrio_finds(
    seed: int, regions: int, sectors: int, idle: bool, random_table: MAKE,
) -> None:
    table = random_table(seed, regions, sectors, idle=idle and regions * sectors > 1)
    found, theirs = accounts(table), pymrio_accounts(table)
    for ours, name in NAMES.items():
        expected = getattr(theirs, f"D_{name}_reg").to_numpy()
        assert found.regions[ours].to_numpy() == pytest.approx(expected, rel=1e-9, abs=1e-9 * expected.max())
    for values, name in ((found.products.consumption, "D_cba"), (found.products.imports, "D_imp"),
                         (found.sectors.production, "D_pba"), (found.sectors.exports, "D_exp"),
                         (found.sectors.total, "M")):
        expected = getattr(theirs, name).to_numpy()
        ours = values.to_numpy().reshape(expected.shape)
        assert ours == pytest.approx(expected, rel=1e-9, abs=1e-9 * np.abs(expected).max())


@quiet
@given(seed=st.integers(0, 10_000))
def test_what_is_emitted_is_emitted_for_somebody(seed: int, random_table: MAKE) -> None:
    table = random_table(seed)
    found = accounts(table)
    regions = found.regions
    everything = table.F.sum(axis=1) + table.FY.sum(axis=1)
    assert regions.production.sum("region").to_numpy() == pytest.approx(everything, rel=1e-12)
    assert regions.consumption.sum("region").to_numpy() == pytest.approx(everything, rel=1e-12)
    net = regions.production - regions.consumption
    assert net.to_numpy() == pytest.approx((regions.exports - regions.imports).to_numpy(), abs=1e-9 * everything.max())
    assert found.sectors.production.to_numpy() == pytest.approx(table.F, rel=1e-9)
    in_products = (found.products.consumption.sum("product") + regions.final_use).transpose("stressor", "region")
    assert in_products.to_numpy() == pytest.approx(regions.consumption.to_numpy(), rel=1e-9)
    assert found.products.imports.sum("product").to_numpy() == pytest.approx(regions.imports.to_numpy(), rel=1e-9)


def test_export_intensity_is_emissions_for_others_over_money_from_others(random_table: MAKE) -> None:
    table = random_table(7, 2, 3)
    found = accounts(table).regions.sel(region="r0")
    money = table.Z[:3, 3:].sum() + table.Y[:3, 2:].sum()
    assert found.export_value.item() == pytest.approx(money)
    assert found.export_intensity.to_numpy() == pytest.approx(found.exports.to_numpy() / money)


def test_a_region_that_only_buys_imports_all_it_consumes(random_table: MAKE) -> None:
    table = random_table(3, 2, 3)
    leaving = pl.when(pl.col("code") == "capital")
    away = table.demands.with_columns(region=leaving.then(pl.lit("r9")).otherwise("region"),
                                      code=pl.concat_str("region", "code"))
    found = accounts(replace(table, demands=away, FY=np.zeros_like(table.FY))).regions
    assert found.region.to_numpy().tolist() == ["r0", "r1", "r9"]
    last = found.sel(region="r9")
    assert last.consumption.to_numpy() == pytest.approx(last.imports.to_numpy())
    assert last.production.to_numpy().tolist() == [0.0, 0.0]
    assert np.isnan(last.export_intensity.to_numpy()).all()


def test_factors_of_32_bits_give_the_same(
    random_table: MAKE, monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = random_table(11, 6, 20)
    exact = accounts(table)
    monkeypatch.setattr(leontief, "EXACT_UP_TO", 10)
    refined = accounts(table)
    for name in NAMES:
        assert refined.regions[name].to_numpy() == pytest.approx(exact.regions[name].to_numpy(), rel=1e-10)
    assert refined.sectors.total.to_numpy() == pytest.approx(exact.sectors.total.to_numpy(), rel=1e-10)


def test_a_table_too_fine_for_32_bits_is_factored_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leontief, "EXACT_UP_TO", 1)
    A = np.array([[0.5, 0.5 - 1e-9], [0.5, 0.5 - 1e-9]])  # of every unit sold, only a billionth is left over
    system = leontief.Leontief(A, np.ones(2))
    assert system.outputs(np.ones(2)) == pytest.approx(np.linalg.solve(np.eye(2) - A, np.ones(2)), rel=1e-6)


def test_an_economy_that_takes_more_than_it_makes_is_refused(random_table: MAKE) -> None:
    with pytest.raises(InvalidInputError, match=r"not productive|singular"):
        leontief.Leontief(np.array([[0.6, 0.6], [0.6, 0.6]]), np.ones(2), name="made up")
    with pytest.raises(InvalidInputError, match="singular"):
        leontief.Leontief(np.eye(2), np.ones(2), name="made up")


def test_imports_among_the_uses_are_not_accounted_as_home_goods(random_table: MAKE) -> None:
    with pytest.raises(InvalidInputError, match=r"domestic\(table\)"):
        accounts(china_2007())
    table = random_table(1)
    with pytest.raises(InvalidInputError, match="no stressors"):
        accounts(replace(table, stressors=table.stressors[:0], F=table.F[:0], FY=table.FY[:0]))
