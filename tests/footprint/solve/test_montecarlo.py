"""Draws, intervals and variance shares: wrong draws, a wrong refinement or a wrong gradient breaks one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.footprint.database import Database
from seedbed.footprint.inventory.compose import Recipe, compose
from seedbed.footprint.inventory.tables import PARAMETERS, Inventory, table
from seedbed.footprint.result import footprint
from seedbed.footprint.solve import montecarlo, variance
from seedbed.footprint.solve.amounts import amounts

CHAIN: dict[str, Recipe] = {
    "car": {"makes": [("car", 1)], "uses": [("steel", 2), ("kwh", 3)], "emits": [("co2", 1)]},
    "mill": {"makes": [("steel", 4)], "uses": [("kwh", 1), ("car", 0.01)], "emits": [("co2", 8)]},
    "plant": {"makes": [("kwh", 10)], "uses": [("steel", 0.2)], "emits": [("co2", 9)]},
}


def spread(inventory: Inventory, flow: str, distribution: str, **numbers: float) -> Inventory:
    """`inventory` with every non-reference exchange of `flow` uncertain."""
    chosen = (pl.col("flow") == flow) & ~pl.col("reference")
    columns = {"distribution": pl.lit(distribution)} | {key: pl.lit(value) for key, value in numbers.items()}
    return replace(inventory, exchanges=inventory.exchanges.with_columns(
        pl.when(chosen).then(value).otherwise(pl.col(key)).alias(key) for key, value in columns.items()))  # fmt: skip


def lognormal(inventory: Inventory, sigma: float) -> Inventory:
    """Every non-reference exchange log-normal around its amount."""
    chosen = ~pl.col("reference")
    return replace(inventory, exchanges=inventory.exchanges.with_columns(
        distribution=pl.when(chosen).then(pl.lit("lognormal")), loc=pl.when(chosen).then(pl.col("amount").log()),
        scale=pl.when(chosen).then(pl.lit(sigma))))  # fmt: skip


def test_every_draw_is_the_solution_of_its_own_system() -> None:
    database = Database(lognormal(compose(CHAIN), 0.4))
    chain = montecarlo.chain(database, [([0], [2.0])], database.method_number("gwp100-ar6"))
    drawn = chain.draw(7, range(40), 0.0)
    impacts, _ = chain.impacts(drawn)
    for amounts_, impact in zip(drawn, impacts[:, 0], strict=True):
        A = chain.terms.matrix(chain.terms.data(amounts_)).toarray()
        assert chain.direct(amounts_) @ np.linalg.solve(A, chain.demands[:, 0]) == pytest.approx(impact, rel=1e-8)


def test_draws_that_refinement_cannot_reach_are_factored_anew() -> None:
    database = Database(lognormal(compose(CHAIN), 2.5))
    chain = montecarlo.chain(database, [([0], [1.0])], database.method_number("gwp100-ar6"))
    drawn = chain.draw(1, range(200), 0.0)
    impacts, refactored = chain.impacts(drawn)
    assert refactored > 0
    for amounts_, impact in zip(drawn, impacts[:, 0], strict=True):
        A = chain.terms.matrix(chain.terms.data(amounts_)).toarray()
        exact = chain.direct(amounts_) @ np.linalg.solve(A, chain.demands[:, 0])
        assert impact == pytest.approx(exact, rel=1e-6)


def test_the_first_draws_do_not_depend_on_how_many_are_made() -> None:
    database = Database(lognormal(compose(CHAIN), 0.3))
    few = footprint("car", database=database).uncertainty(20, seed=3).samples
    many = footprint("car", database=database).uncertainty(100, seed=3).samples
    assert np.array_equal(few, many[:20])
    assert not np.array_equal(few, footprint("car", database=database).uncertainty(20, seed=4).samples)


@pytest.mark.parametrize(
    ("distribution", "numbers", "mean", "sd"),
    [
        ("normal", {"loc": 5.0, "scale": 0.5}, 5.0, 0.5),
        ("lognormal", {"loc": math.log(5.0), "scale": 0.2}, 5 * math.exp(0.02),
         5 * math.exp(0.02) * math.sqrt(math.exp(0.04) - 1)),
        ("uniform", {"low": 2.0, "high": 8.0}, 5.0, 6 / math.sqrt(12)),
        ("triangular", {"loc": 3.0, "low": 2.0, "high": 8.0}, 13 / 3, math.sqrt((4 + 64 + 9 - 16 - 6 - 24) / 18)),
        ("pert", {"loc": 3.0, "low": 2.0, "high": 8.0}, (2 + 12 + 8) / 6, math.sqrt(((22 / 6 - 2) * (8 - 22 / 6)) / 7)),
    ],
)  # fmt: skip
def test_draws_have_the_mean_and_spread_of_their_distribution(
    distribution: str, numbers: dict[str, float], mean: float, sd: float
) -> None:
    inventory = spread(compose({"p": {"makes": [("p", 1)], "emits": [("co2", 5)]}}), "co2", distribution, **numbers)
    drawn = amounts(inventory).draw(np.random.default_rng(0).standard_normal((40_000, 1)))[:, 1]
    assert drawn.mean() == pytest.approx(mean, rel=0.01)
    assert drawn.std() == pytest.approx(sd, rel=0.02)
    assert math.sqrt(amounts(inventory).uncertain.variance()[0]) == pytest.approx(sd, rel=1e-9)


def test_a_negative_log_normal_stays_negative() -> None:
    inventory = spread(compose({"p": {"makes": [("p", 1)], "emits": [("co2", -5)]}}), "co2", "lognormal",
                       loc=math.log(5.0), scale=0.2)  # fmt: skip
    assert (amounts(inventory).draw(np.random.default_rng(0).standard_normal((100, 1)))[:, 1] < 0).all()


def test_a_group_shares_one_draw() -> None:
    recipe: dict[str, Recipe] = {"p": {"makes": [("p", 1)], "emits": [("co2", 5), ("ch4", 5)]}}
    loose = spread(spread(compose(recipe), "co2", "normal", loc=5.0, scale=1.0), "ch4", "normal", loc=5.0, scale=1.0)
    tied = replace(loose, exchanges=loose.exchanges.with_columns(group=pl.lit("g")))
    assert amounts(loose).drivers == 2
    assert amounts(tied).drivers == 1


def test_correlation_within_processes_widens_a_sum() -> None:
    recipe: dict[str, Recipe] = {"p": {"makes": [("p", 1)], "emits": [("carbon dioxide", 5), ("methane", 0.2)]}}
    database = Database(lognormal(compose(recipe), 0.3))
    loose = footprint("p", database=database).uncertainty(2000)
    tied = footprint("p", database=database).uncertainty(2000, correlation=1.0)
    assert tied.sd == pytest.approx((5 * 1 + 0.2 * 29.8) * 0.3, rel=0.15)
    assert loose.sd < 0.85 * tied.sd


def test_linear_shares_agree_with_sobol_indices_when_the_spread_is_small() -> None:
    database = Database(lognormal(compose(CHAIN), 0.05))
    found = footprint("car", database=database).sobol(4000)
    assert found["share"].sum() == pytest.approx(1.0)
    assert found["first"].to_numpy() == pytest.approx(found["share"].to_numpy(), abs=0.05)
    assert found["total"].to_numpy() == pytest.approx(found["share"].to_numpy(), abs=0.05)


def test_linear_variance_is_the_variance_of_small_draws() -> None:
    database = Database(lognormal(compose(CHAIN), 0.02))
    chain = montecarlo.chain(database, [([0], [1.0])], database.method_number("gwp100-ar6"))
    samples, _ = montecarlo.sample(chain, 4000, 0)
    assert variance.linear(chain).sum() == pytest.approx(samples.var(), rel=0.06)


def test_a_parameter_moves_every_formula_that_uses_it() -> None:
    inventory = compose({"p": {"makes": [("p", 1)], "emits": [("carbon dioxide", 0), ("methane", 0)]}})
    inventory = replace(
        inventory,
        exchanges=inventory.exchanges.with_columns(
            formula=pl.when(pl.col("flow") == "carbon dioxide").then(pl.lit("2*a^2"))
            .when(pl.col("flow") == "methane").then(pl.lit("b"))),
        parameters=table(PARAMETERS, [
            {"name": "a", "value": 3.0, "distribution": "uniform", "low": 2.0, "high": 4.0},
            {"name": "b", "formula": "A/10"},
        ]),
    )  # fmt: skip
    database = Database(inventory)
    one = footprint("p", database=database)
    assert one.value == pytest.approx(2 * 9 + 29.8 * 0.3)
    samples = one.uncertainty(500).samples
    assert samples.min() >= 2 * 4 + 29.8 * 0.2
    assert samples.max() <= 2 * 16 + 29.8 * 0.4
    assert samples.std() > 1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.floats(0.01, 0.5))
def test_a_footprint_of_a_tenth_is_a_tenth(seed: int, sigma: float) -> None:
    rng = np.random.default_rng(seed)
    recipe: dict[str, Recipe] = {
        f"p{i}": {"makes": [(f"p{i}", float(rng.uniform(0.5, 2)))],
                  "emits": [("carbon dioxide", float(rng.uniform(0, 5)))],
                  "uses": [(f"p{j}", float(rng.uniform(0, 0.1))) for j in range(5) if j != i]}
        for i in range(5)
    }  # fmt: skip
    database = Database(lognormal(compose(recipe), sigma))
    assert footprint("p0", 0.1, database=database).value == 0.1 * footprint("p0", 1.0, database=database).value
