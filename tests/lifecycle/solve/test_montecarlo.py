"""Draws, intervals and variance shares: wrong draws, a wrong refinement or a wrong gradient breaks one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from seedbed.lifecycle.database import Database
from seedbed.lifecycle.inventory.compose import Recipe, compose
from seedbed.lifecycle.inventory.tables import PARAMETERS, Inventory, table
from seedbed.lifecycle.result import footprint
from seedbed.lifecycle.solve import montecarlo, variance
from seedbed.lifecycle.solve.amounts import amounts
from seedbed.lifecycle.solve.factor import Factor

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
        pl.when(chosen).then(value).otherwise(pl.col(key)).alias(key) for key, value in columns.items()))


def lognormal(inventory: Inventory, sigma: float) -> Inventory:
    """Every non-reference exchange log-normal around its amount."""
    chosen = ~pl.col("reference")
    return replace(inventory, exchanges=inventory.exchanges.with_columns(
        distribution=pl.when(chosen).then(pl.lit("lognormal")), loc=pl.when(chosen).then(pl.col("amount").log()),
        scale=pl.when(chosen).then(pl.lit(sigma))))


def economy(size: int) -> Inventory:
    """Processes that nearly all supply one another, directly or not."""
    rng = np.random.default_rng(size)
    recipes: dict[str, Recipe] = {}
    for i in range(size):
        suppliers = rng.choice([j for j in range(size) if j != i], 4, replace=False)
        recipes[f"p{i}"] = {
            "makes": [(f"p{i}", float(rng.uniform(0.5, 2)))], "emits": [("carbon dioxide", float(rng.uniform(0, 5)))],
            "uses": [(f"p{j}", float(rng.uniform(0, 0.1))) for j in suppliers],
        }
    return compose(recipes)


def test_every_draw_is_the_solution_of_its_own_system() -> None:
    database = Database(lognormal(compose(CHAIN), 0.4))
    chain = montecarlo.chain(database, [([0], [2.0])], database.method_number("gwp100-ar6"))
    drawn = chain.draw(7, range(40), 0.0)
    impacts, _ = chain.impacts(drawn)
    for amounts_, impact in zip(drawn, impacts[:, 0], strict=True):
        A = chain.terms.matrix(chain.terms.data(amounts_)).toarray()
        assert chain.direct(amounts_) @ np.linalg.solve(A, chain.demands[:, 0]) == pytest.approx(impact, rel=1e-7)


def test_draws_that_refinement_cannot_reach_are_factored_anew() -> None:
    database = Database(lognormal(compose(CHAIN), 2.5))
    chain = montecarlo.chain(database, [([0], [1.0])], database.method_number("gwp100-ar6"))
    drawn = chain.draw(1, range(200), 0.0)
    impacts, anew = chain.impacts(drawn)
    assert anew.any()
    assert not anew.all()
    for amounts_, impact in zip(drawn, impacts[:, 0], strict=True):
        A = chain.terms.matrix(chain.terms.data(amounts_)).toarray()
        exact = chain.direct(amounts_) @ np.linalg.solve(A, chain.demands[:, 0])
        assert impact == pytest.approx(exact, rel=1e-6)


def test_a_draw_has_the_same_bits_however_many_are_made_and_by_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(lognormal(economy(150), 0.3))
    found = footprint("p3", database=database)
    many = found.uncertainty(100, seed=3).samples
    for draws in (1, 20, 100):
        assert np.array_equal(found.uncertainty(draws, seed=3).samples, many[:draws])
    for workers in (1, 5):
        monkeypatch.setattr("os.cpu_count", lambda workers=workers: workers)
        assert np.array_equal(footprint("p3", database=database).uncertainty(100, seed=3).samples, many)
    assert not np.isin(found.uncertainty(20, seed=4).samples, many).any()


def test_refinement_finds_what_a_factor_of_each_draw_finds() -> None:
    database = Database(lognormal(economy(150), 0.5))
    chain = montecarlo.chain(database, [([3], [1.0]), ([4], [2.0])], database.method_number("gwp100-ar6"))
    drawn = chain.draw(0, range(48), 0.3)
    impacts, anew = chain.impacts(drawn)
    assert anew.sum() < 5
    for amounts_, impact in zip(drawn, impacts, strict=True):
        exact = chain.direct(amounts_) @ Factor(chain.terms.matrix(chain.terms.data(amounts_))).solve(chain.demands)
        assert impact == pytest.approx(exact, rel=1e-7)


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
)
def test_draws_have_the_mean_and_spread_of_their_distribution(
    distribution: str, numbers: dict[str, float], mean: float, sd: float
) -> None:
    inventory = spread(compose({"p": {"makes": [("p", 1)], "emits": [("co2", 5)]}}), "co2", distribution, **numbers)
    evenly = special.ndtri((np.arange(1000) + 0.5) / 1000)[:, None]
    drawn = amounts(inventory).draw(evenly)[:, 1]
    assert drawn.mean() == pytest.approx(mean, rel=0.002)
    assert drawn.std() == pytest.approx(sd, rel=0.01)
    assert math.sqrt(amounts(inventory).uncertain.variance()[0]) == pytest.approx(sd, rel=1e-9)


def test_a_negative_log_normal_stays_negative() -> None:
    inventory = spread(compose({"p": {"makes": [("p", 1)], "emits": [("co2", -5)]}}), "co2", "lognormal",
                       loc=math.log(5.0), scale=0.2)
    assert (amounts(inventory).draw(np.random.default_rng(0).standard_normal((100, 1)))[:, 1] < 0).all()


def tied(inventory: Inventory) -> Inventory:
    """All uncertain exchanges in one group."""
    group = pl.when(pl.col("distribution").is_not_null()).then(pl.lit("g"))
    return replace(inventory, exchanges=inventory.exchanges.with_columns(group=group))


def test_a_group_shares_one_draw_across_processes() -> None:
    loose = lognormal(compose({
        "p": {"makes": [("p", 1)], "uses": [("q", 2)], "emits": [("carbon dioxide", 5)]},
        "q": {"makes": [("q", 1)], "emits": [("carbon dioxide", 3)]},
    }), 0.2)
    assert (amounts(loose).drivers, amounts(tied(loose)).drivers) == (3, 1)
    drawn = amounts(tied(loose)).draw(np.random.default_rng(0).standard_normal((50, 1)))
    moved = drawn / amounts(loose).base()  # by the same factor in every draw
    uncertain = moved[:, moved.std(axis=0) > 0]
    assert uncertain.shape == (50, 3)
    assert uncertain == pytest.approx(np.repeat(uncertain[:, :1], 3, axis=1))
    # 5·m + 2·m · 3·m with m = exp(0.2 z)
    samples = footprint("p", database=Database(tied(loose))).uncertainty(200).samples
    m = np.sort((np.sqrt(25 + 24 * samples) - 5) / 12)
    assert np.log(m).std() == pytest.approx(0.2, rel=0.15)


def test_numbers_of_one_process_are_correlated_as_asked_and_others_are_not() -> None:
    chain = montecarlo.chain(Database(lognormal(compose(CHAIN), 0.3)), [([0], [1.0])], 0)
    z = np.stack([montecarlo.normals(1, draw, chain.amounts, 0.6) for draw in range(3000)])
    expected = np.where(chain.amounts.process[:, None] == chain.amounts.process, 0.6, 0.0)
    np.fill_diagonal(expected, 1.0)
    assert np.cov(z.T) == pytest.approx(expected, abs=0.08)


def test_what_is_drawn_together_cancels_or_adds_up_in_the_linear_variance() -> None:
    recipe: dict[str, Recipe] = {"p": {"makes": [("p", 1)], "emits": [("carbon dioxide", 5), ("methane", 1)]}}
    given = spread(spread(compose(recipe), "carbon dioxide", "normal", loc=5.0, scale=1.0), "methane", "normal",
                   loc=-0.2, scale=0.1)
    for inventory, sd in ((given, math.hypot(1, 2.98)), (tied(given), 1 + 2.98)):
        chain = montecarlo.chain(Database(inventory), [([0], [1.0])], Database(inventory).method_number("gwp100-ar6"))
        assert np.concatenate(variance.linear(chain)).sum() == pytest.approx(sd**2)
        samples, _ = montecarlo.sample(chain, 2000, 0)
        assert samples.std() == pytest.approx(sd, rel=0.06)


def test_sobol_indices_of_a_product_are_those_of_theory() -> None:
    """y = x1·x2, both uniform from 0: relative variances s = 1/3, share alone s/(s² + 2s), in all (s + s²)/(s² + 2s).
    """
    inventory = compose({
        "p": {"makes": [("p", 1)], "uses": [("q", 2)]}, "q": {"makes": [("q", 1)], "emits": [("carbon dioxide", 2)]},
    })
    for flow in ("q", "carbon dioxide"):
        inventory = spread(inventory, flow, "uniform", low=0.0, high=4.0)
    found = footprint("p", database=Database(inventory)).sobol(2500)
    assert found["first"].to_list() == pytest.approx([3 / 7, 3 / 7], abs=0.04)
    assert found["total"].to_list() == pytest.approx([4 / 7, 4 / 7], abs=0.04)


def test_correlation_within_processes_widens_a_sum() -> None:
    recipe: dict[str, Recipe] = {"p": {"makes": [("p", 1)], "emits": [("carbon dioxide", 5), ("methane", 0.2)]}}
    database = Database(lognormal(compose(recipe), 0.3))
    loose = footprint("p", database=database).uncertainty(2000)
    tied = footprint("p", database=database).uncertainty(2000, correlation=1.0)
    assert tied.sd == pytest.approx((5 * 1 + 0.2 * 29.8) * 0.3, rel=0.15)
    assert loose.sd < 0.85 * tied.sd


def test_linear_shares_agree_with_sobol_indices_when_the_spread_is_small() -> None:
    database = Database(lognormal(compose(CHAIN), 0.05))
    found = footprint("car", database=database).sobol(2000)
    assert found["share"].sum() == pytest.approx(1.0)
    assert found["first"].to_numpy() == pytest.approx(found["share"].to_numpy(), abs=0.05)
    assert found["total"].to_numpy() == pytest.approx(found["share"].to_numpy(), abs=0.05)


def test_linear_variance_is_the_variance_of_small_draws() -> None:
    database = Database(lognormal(compose(CHAIN), 0.02))
    chain = montecarlo.chain(database, [([0], [1.0])], database.method_number("gwp100-ar6"))
    samples, _ = montecarlo.sample(chain, 4000, 0)
    assert np.concatenate(variance.linear(chain)).sum() == pytest.approx(samples.var(), rel=0.06)


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
    )
    database = Database(inventory)
    one = footprint("p", database=database)
    assert one.value == pytest.approx(2 * 9 + 29.8 * 0.3)
    found = one.uncertainty(500)
    assert found.samples.min() >= 2 * 4 + 29.8 * 0.2
    assert found.samples.max() <= 2 * 16 + 29.8 * 0.4
    assert found.samples.std() == pytest.approx((4 * 3 + 2.98) * 2 / math.sqrt(12), rel=0.1)
    assert found.shares.select("process", "share", "numbers").rows() == [("a", 1.0, 1)]
    shares = one.sobol(400)
    assert shares["process"].to_list() == ["a"]
    assert shares["total"].to_list() == pytest.approx([1.0], abs=0.15)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31), st.floats(0.01, 0.5))
def test_a_footprint_of_a_tenth_is_a_tenth(seed: int, sigma: float) -> None:
    rng = np.random.default_rng(seed)
    recipe: dict[str, Recipe] = {
        f"p{i}": {"makes": [(f"p{i}", float(rng.uniform(0.5, 2)))],
                  "emits": [("carbon dioxide", float(rng.uniform(0, 5)))],
                  "uses": [(f"p{j}", float(rng.uniform(0, 0.1))) for j in range(5) if j != i]}
        for i in range(5)
    }
    database = Database(lognormal(compose(recipe), sigma))
    assert footprint("p0", 0.1, database=database).value == 0.1 * footprint("p0", 1.0, database=database).value
