"""Hybrid systems: priced inputs, and processes beside sectors, agree with what each half says alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.accounts.china import china_2007
from seedbed.lifecycle.accounts.hybrid import completed, integrate, tiered
from seedbed.lifecycle.accounts.leontief import multipliers, per_output
from seedbed.lifecycle.accounts.table import InputOutput
from seedbed.lifecycle.database import Database
from seedbed.lifecycle.inventory.compose import compose
from seedbed.lifecycle.result import footprint

MAKE = Callable[..., InputOutput]
quiet = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_priced_inputs_are_deflated_and_multiplied() -> None:
    found = tiered([{"process": "cell", "sector": "23", "spent": 3.0, "price_index": 1.5},
                    {"process": "cell", "sector": "CN:34", "spent": 0.2}], china_2007(), "co2")
    total = multipliers(china_2007(), "co2")["total"].to_numpy()
    assert found["amount"].to_list() == pytest.approx([2.0 * total[22], 0.2 * total[33]])
    assert found["intensity"][0] == pytest.approx(1.9, abs=0.1)  # kg CO2 per CNY of electricity in 2007


@pytest.mark.parametrize(("purchase", "error", "words"), [
    ({"sector": "99", "spent": 1.0}, UnknownNameError, "sector '99'"),
    ({"sector": "23", "spent": 1.0, "price_index": 0.0}, InvalidInputError, "price index 0 of 23"),
    ({"sector": "23"}, InvalidInputError, "purchases of cell"),
])
def test_purchases_that_cannot_be_priced_are_refused(
    purchase: dict[str, object], error: type[Exception], words: str,
) -> None:
    with pytest.raises(error, match=words):
        tiered([{"process": "cell"} | purchase], china_2007(), "co2")
    with pytest.raises(UnknownNameError, match="co2"):
        tiered([{"process": "cell", "sector": "23", "spent": 1.0}], china_2007(), "co")


def test_purchases_complete_every_footprint_that_depends_on_them() -> None:
    database = Database(compose({
        "module": {"makes": [("module", 2)], "uses": [("cell", 3)], "emits": [("carbon dioxide", 1)]},
        "cell": {"makes": [("cell", 1)], "uses": [("module", 0.1)], "emits": [("carbon dioxide", 4)]},
    }))
    bought = [{"process": "cell", "sector": "23", "spent": 2.0}, {"process": "cell", "sector": "34", "spent": 0.5}]
    found = completed(database, bought, china_2007(), "co2")
    extra = float(tiered(bought, china_2007(), "co2")["amount"].sum())
    runs = 1 / (1 - 0.1 * 3 / 2)  # cells that one cell takes, by way of the modules
    assert found["purchases"].to_list() == pytest.approx([1.5 * runs * extra, runs * extra])
    assert found["inventory"].to_list() == pytest.approx(
        [footprint(product, database=database).value for product in ("module", "cell")])
    assert found["total"].to_list() == pytest.approx((found["inventory"] + found["purchases"]).to_list())
    assert completed(database, [], china_2007(), "co2")["purchases"].to_list() == [0.0, 0.0]
    with pytest.raises(UnknownNameError, match="cel1"):
        completed(database, [bought[0] | {"process": "cel1"}], china_2007(), "co2")


@quiet
@given(seed=st.integers(0, 10_000))
def test_without_sales_to_sectors_the_integrated_system_is_the_tiered_one(seed: int, random_table: MAKE) -> None:
    table, rng = random_table(seed), np.random.default_rng(seed)
    technology = np.eye(3) - np.triu(rng.random((3, 3)), 1)
    interventions, upstream = rng.random((2, 3)), rng.random((12, 3))
    found = integrate(table, ["a", "b", "c"], technology, interventions, upstream).totals().to_numpy()
    runs = np.linalg.inv(technology)
    for s, stressor in enumerate(("co2", "water")):
        bought = [{"process": "abc"[j], "sector": key, "spent": upstream[i, j]}
                  for j in range(3) for i, key in enumerate(table.keys)]
        priced = tiered(bought, table, stressor)["amount"].to_numpy().reshape(3, 12).sum(axis=1)
        assert found[s, :3] == pytest.approx((interventions[s] + priced) @ runs)
        assert found[s, 3:] == pytest.approx(multipliers(table, stressor)["total"].to_numpy())


@quiet
@given(seed=st.integers(0, 10_000), price=st.floats(0.1, 1000))
def test_a_sector_told_as_a_process_leaves_all_totals_as_they_were(seed: int, price: float, random_table: MAKE) -> None:
    """A process that is the sector itself, sold by the piece: everybody now buys pieces, nobody counts twice."""
    table = random_table(seed)
    A, S = per_output(table.Z, table.x), per_output(table.F, table.x)
    k = 5
    prices = np.zeros((12, 1))
    prices[k] = price
    upstream = A[:, [k]] * price
    upstream[k] = 0.0
    technology = [[1 - A[k, k]]]
    downstream = A[[k]] / price
    downstream[0, k] = 0.0  # the sector of old keeps its own use; nobody else buys from it any more
    found = integrate(table, ["piece"], technology, S[:, [k]] * price, upstream, downstream, prices).totals().to_numpy()
    for s, stressor in enumerate(("co2", "water")):
        whole = multipliers(table, stressor)["total"].to_numpy()
        assert found[s, 1:] == pytest.approx(whole)
        assert found[s, 0] == pytest.approx(whole[k] * price)


def test_supply_meets_demand(random_table: MAKE) -> None:
    table = random_table(2)
    hybrid = integrate(table, ["a"], [[2.0]], [[1.0], [0.0]], np.full((12, 1), 0.5))
    demand = np.zeros(13)
    demand[0] = 4.0
    supply = hybrid.supply(demand)
    assert supply[0] == pytest.approx(2.0)
    assert hybrid.matrix @ supply == pytest.approx(demand, abs=1e-12)
    assert (hybrid.stressors @ supply) == pytest.approx(hybrid.totals().to_numpy() @ demand)


def test_blocks_that_do_not_fit_are_refused(random_table: MAKE) -> None:
    table = random_table(2)
    with pytest.raises(InvalidInputError, match=r"upstream is \(11, 1\), expected \(12, 1\)"):
        integrate(table, ["a"], [[1.0]], [[1.0], [1.0]], np.zeros((11, 1)))
    with pytest.raises(InvalidInputError, match="would buy more from processes"):
        integrate(table, ["a"], [[1.0]], [[1.0], [1.0]], np.zeros((12, 1)), np.ones((1, 12)), np.ones((12, 1)))
    with pytest.raises(InvalidInputError, match="process without output"):
        integrate(table, ["a"], [[0.0]], [[1.0], [1.0]], np.zeros((12, 1))).totals()
