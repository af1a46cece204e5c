"""Scenarios by low-rank update must be what building the changed inventory again gives."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.database import Database
from seedbed.lifecycle.inventory.compose import Recipe, compose
from seedbed.lifecycle.inventory.tables import PARAMETERS, table
from seedbed.lifecycle.result import Footprint, footprint
from seedbed.lifecycle.solve.contribution import Node
from seedbed.lifecycle.solve.scenario import Change, Replacement, Setting, changed


def _random(seed: int, size: int = 12) -> Database:
    rng = np.random.default_rng(seed)
    recipes: dict[str, Recipe] = {}
    for i in range(size):
        suppliers = rng.choice([j for j in range(size) if j != i], 3, replace=False)
        recipes[f"p{i}"] = {
            "makes": [(f"f{i % 8}", 1.0)], "emits": [("carbon dioxide", float(rng.uniform(0, 3)))],
            "uses": [(f"f{j % 8}", float(rng.uniform(0, 0.25)), f"p{j}") for j in suppliers],
        }
    return Database(compose(recipes))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.floats(0, 0.3))
def test_changed_amounts_equal_a_fresh_build(seed: int, count: int, amount: float) -> None:
    database = _random(seed)
    uses = database.inventory.exchanges.filter(pl.col("direction") == "input")
    rows = uses.unique(["process", "flow"], keep="first", maintain_order=True).head(count)
    changes = [Change(row["process"], row["flow"], amount=amount) for row in rows.iter_rows(named=True)]
    quick = changed(database, changes)
    assert quick.scores == pytest.approx(Database(quick.inventory).scores, rel=1e-9, abs=1e-12)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.05, 0.95))
def test_changed_suppliers_equal_a_fresh_build(seed: int, share: float) -> None:
    database = _random(seed)
    makers = database.inventory.exchanges.filter(pl.col("reference"))
    twice = makers.filter(pl.len().over("flow") > 1)
    use = database.inventory.exchanges.filter(
        (pl.col("direction") == "input") & pl.col("flow").is_in(twice["flow"].implode())
    ).row(0, named=True)
    first, second = twice.filter(pl.col("flow") == use["flow"])["process"].head(2)
    change = Change(use["process"], use["flow"], suppliers={first: share, second: 1 - share})
    quick = changed(database, [change])
    assert quick.scores == pytest.approx(Database(quick.inventory).scores, rel=1e-9, abs=1e-12)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 0.3), st.booleans())
def test_replaced_suppliers_equal_a_fresh_build(seed: int, amount: float, grams: bool) -> None:
    """Together with a changed amount, for buyers by name and by place, of one supplier and of several."""
    database = _random(seed)
    inventory = database.inventory
    loose = pl.when(pl.int_range(pl.len()) % 3 > 0).then("provider")
    unit = pl.when((pl.col("id") == "f2") & grams).then(pl.lit("g")).otherwise("unit")
    inventory = replace(inventory, exchanges=inventory.exchanges.with_columns(provider=loose),
                        flows=inventory.flows.with_columns(unit=unit))
    database = Database(inventory)
    use = inventory.exchanges.filter(pl.col("direction") == "input").row(seed % 36, named=True)
    changes = [Change(use["process"], use["flow"], amount=amount), Replacement("p1", "p2"), Replacement("p0", "p11")]
    quick = changed(database, changes)
    fresh = Database(quick.inventory)
    assert quick.scores == pytest.approx(fresh.scores, rel=1e-9, abs=1e-12)
    sold = fresh.system.links.filter(pl.col("column") == fresh.column("p1"))
    assert set(sold["process"]) <= {"p1", "p2"}


def test_the_grid_is_replaced_by_wind() -> None:
    inventory = compose({
        "grid": {"makes": [("electricity", 1)], "emits": [("carbon dioxide", 0.6)]},
        "wind": {"makes": [("wind power", 1)], "uses": [("electricity", 0.01)], "emits": [("carbon dioxide", 0.01)]},
        "mill": {"makes": [("steel", 1)], "uses": [("electricity", 2)], "emits": [("carbon dioxide", 1)]},
        "car": {"makes": [("car", 1)], "uses": [("steel", 1), ("electricity", 1)]},
    })
    after = changed(Database(inventory), [Replacement("grid", "wind")])
    assert footprint("car", database=after).value == pytest.approx(3 * (0.01 + 0.01 * 0.6) + 1)
    named = {node.column for node in _nodes(footprint("car", database=after))}
    assert named == {after.column(process) for process in ("car", "mill", "wind", "grid")}
    flows = inventory.flows.with_columns(unit=pl.when(pl.col("id") == "steel").then(pl.lit("MJ")).otherwise("unit"))
    with pytest.raises(InvalidInputError, match="wind in place of mill"):
        changed(Database(replace(inventory, flows=flows)), [Replacement("mill", "wind")])


def _nodes(made: Footprint) -> list[Node]:
    return [node for tree in made.trees(depth=9, cutoff=0.0) for _, node in tree.walk()]


@pytest.mark.parametrize("distribution", ["lognormal", "normal", "triangular", "formula"])
def test_an_exchange_that_is_divided_stays_one_uncertain_number(distribution: str) -> None:
    inventory = compose({
        "a": {"makes": [("a", 1)], "uses": [("b", 2, "b1")]},
        "b1": {"makes": [("b", 1)], "emits": [("carbon dioxide", 3)]},
        "b2": {"makes": [("b", 1)], "emits": [("carbon dioxide", 3)]},
    })
    use = (pl.col("flow") == "b") & (pl.col("direction") == "input")
    loc = math.log(2) if distribution == "lognormal" else 2.0
    numbers = {"distribution": pl.lit(distribution), "loc": pl.lit(loc), "scale": pl.lit(0.3), "low": pl.lit(1.2),
               "high": pl.lit(3.5)}
    inventory = replace(inventory, exchanges=inventory.exchanges.with_columns(
        pl.when(use).then(value).otherwise(pl.col(name)).alias(name) for name, value in numbers.items()))
    if distribution == "formula":
        written = inventory.exchanges.with_columns(formula=pl.when(use).then(pl.lit("1 + x")))
        x = {"name": "x", "value": 1.0, "distribution": "uniform", "low": 0.0, "high": 3.0}
        inventory = replace(inventory, exchanges=written, parameters=table(PARAMETERS, [x]))
    database = Database(inventory)
    divided = changed(database, [Change("a", "b", suppliers={"b1": 1, "b2": 3})])
    assert footprint("a", database=divided).uncertainty(40).samples == pytest.approx(
        footprint("a", database=database).uncertainty(40).samples)


def test_an_emission_and_a_parameter_can_change() -> None:
    inventory = compose({
        "a": {"makes": [("a", 1)], "uses": [("b", 2)], "emits": [("carbon dioxide", 1)]},
        "b": {"makes": [("b", 1)], "emits": [("carbon dioxide", 3)]},
    })
    formula = pl.when(pl.col("flow") == "b", pl.col("direction") == "input").then(pl.lit("x"))
    inventory = replace(inventory, exchanges=inventory.exchanges.with_columns(formula=formula),
                        parameters=table(PARAMETERS, [{"name": "x", "value": 2.0}]))
    database = Database(inventory)
    climate = database.method_number("gwp100-ar6")
    assert database.scores[:, climate] == pytest.approx([7, 3])
    after = changed(database, [Change("b", "carbon dioxide", amount=5), Setting("X", 4)])
    assert after.scores[:, climate] == pytest.approx([21, 5])
    assert Database(after.inventory).scores[:, climate] == pytest.approx([21, 5])


def test_a_scenario_names_what_is_not_there() -> None:
    database = _random(0)
    with pytest.raises(UnknownNameError, match="p99"):
        changed(database, [Change("p99", "f0", amount=1)])
    with pytest.raises(UnknownNameError, match="coal"):
        changed(database, [Change("p0", "coal", amount=1)])
    with pytest.raises(UnknownNameError, match="parameter"):
        changed(database, [Setting("x", 1.0)])
    with pytest.raises(UnknownNameError, match="p77"):
        changed(database, [Replacement("p0", "p77")])


def test_a_scenario_that_uses_up_all_it_makes_is_refused() -> None:
    database = Database(compose({
        "a": {"makes": [("a", 1)], "uses": [("b", 0.5)]}, "b": {"makes": [("b", 1)], "uses": [("a", 1)]},
    }))
    with pytest.raises(InvalidInputError, match="use up all"):
        changed(database, [Change("a", "b", amount=1.0)])
