"""Scenarios by low-rank update must be what building the changed inventory again gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.errors import InvalidInputError, UnknownNameError
from seedbed.footprint.database import Database
from seedbed.footprint.inventory.compose import Recipe, compose
from seedbed.footprint.inventory.tables import PARAMETERS, table
from seedbed.footprint.solve.scenario import Change, Setting, changed


def _random(seed: int, size: int = 12) -> Database:
    rng = np.random.default_rng(seed)
    recipes: dict[str, Recipe] = {}
    for i in range(size):
        suppliers = rng.choice([j for j in range(size) if j != i], 3, replace=False)
        recipes[f"p{i}"] = {
            "makes": [(f"f{i % 8}", 1.0)], "emits": [("carbon dioxide", float(rng.uniform(0, 3)))],
            "uses": [(f"f{j % 8}", float(rng.uniform(0, 0.25)), f"p{j}") for j in suppliers],
        }  # fmt: skip
    return Database(compose(recipes))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.floats(0, 0.3))
def test_changed_amounts_equal_a_fresh_build(seed: int, count: int, amount: float) -> None:
    database = _random(seed)
    uses = database.inventory.exchanges.filter(pl.col("direction") == "input")
    rows = uses.unique(["process", "flow"], keep="first", maintain_order=True).head(count)
    changes = [Change(row["process"], row["flow"], amount=amount) for row in rows.iter_rows(named=True)]
    quick = changed(database, changes)
    assert quick.scores == pytest.approx(Database(quick.inventory).scores, rel=1e-9, abs=1e-12)


@settings(max_examples=25, deadline=None)
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


def test_an_emission_and_a_parameter_can_change() -> None:
    inventory = compose({
        "a": {"makes": [("a", 1)], "uses": [("b", 2)], "emits": [("carbon dioxide", 1)]},
        "b": {"makes": [("b", 1)], "emits": [("carbon dioxide", 3)]},
    })  # fmt: skip
    formula = pl.when(pl.col("flow") == "b", pl.col("direction") == "input").then(pl.lit("x"))
    inventory = replace(inventory, exchanges=inventory.exchanges.with_columns(formula=formula),
                        parameters=table(PARAMETERS, [{"name": "x", "value": 2.0}]))  # fmt: skip
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


def test_a_scenario_that_uses_up_all_it_makes_is_refused() -> None:
    database = Database(compose({
        "a": {"makes": [("a", 1)], "uses": [("b", 0.5)]}, "b": {"makes": [("b", 1)], "uses": [("a", 1)]},
    }))  # fmt: skip
    with pytest.raises(InvalidInputError, match="use up all"):
        changed(database, [Change("a", "b", amount=1.0)])
