"""Databases that link to each other: processes keep apart, flows are shared, parameters stay with their owners."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.database import Database
from seedbed.lifecycle.inventory.compose import compose
from seedbed.lifecycle.inventory.join import join
from seedbed.lifecycle.inventory.store import Store
from seedbed.lifecycle.inventory.tables import PARAMETERS, Inventory, table
from seedbed.lifecycle.result import footprint, stored


def grid() -> Inventory:
    """Power from coal; its emission is a formula of a parameter of the whole database."""
    data = compose({
        "plant": {"makes": [("kwh", 1)], "uses": [("coal", 0.3, "mine")], "emits": [("carbon dioxide", 0)]},
        "mine": {"makes": [("coal", 1)], "emits": [("carbon dioxide", 0.1)]},
    }, name="grid")
    burnt = (pl.col("process") == "plant") & (pl.col("flow") == "carbon dioxide")
    return replace(data, exchanges=data.exchanges.with_columns(formula=pl.when(burnt).then(pl.lit("0.3*c"))),
                   parameters=table(PARAMETERS, [{"name": "c", "value": 2.0}]))


def works(provider: str | None) -> Inventory:
    """A mill that buys power of another database, and has a process and a parameter of the same names as that."""
    power = ("kwh", 2.0, provider) if provider else ("kwh", 2.0)
    data = compose({
        "mill": {"makes": [("steel", 1)], "uses": [power, ("ore", 1, "mine")]},
        "mine": {"makes": [("ore", 1)], "emits": [("carbon dioxide", 0.05)]},
    }, name="works")
    return replace(data, depends=("grid",), parameters=table(PARAMETERS, [{"name": "c", "value": 99.0}]))


@pytest.mark.parametrize("provider", ["grid:plant", None])
def test_a_database_is_supplied_by_the_one_it_links_to(provider: str | None) -> None:
    database = Database(join(works(provider), [grid()]))
    power = 0.3 * 2.0 + 0.3 * 0.1
    assert footprint("kwh", database=database).value == pytest.approx(power)
    made = footprint("steel", database=database)
    assert made.value == pytest.approx(2 * power + 0.05)
    assert set(database.columns["process"]) == {"mill", "mine", "grid:plant", "grid:mine"}
    assert made.processes()["process"].to_list() == ["grid:plant", "grid:mine", "mine"]


def test_databases_of_the_store_find_each_other(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for inventory in (grid(), works("grid:plant")):
        store.make_live(inventory.name, store.put(inventory).hash)
    before = footprint("steel", database=stored(store, "works")).value
    assert before == pytest.approx(footprint("steel", database=Database(join(works(None), [grid()]))).value)
    cleaner = replace(grid(), parameters=table(PARAMETERS, [{"name": "c", "value": 1.0}]))
    store.make_live("grid", store.put(cleaner).hash)
    assert footprint("steel", database=stored(store, "works")).value == pytest.approx(before - 2 * 0.3)


def test_a_flow_counted_in_two_units_is_refused() -> None:
    other = grid()
    other = replace(other, flows=other.flows.with_columns(
        unit=pl.when(pl.col("id") == "kwh").then(pl.lit("MJ")).otherwise("unit")))
    with pytest.raises(InvalidInputError, match=r"works \+ grid: flow kwh is counted in"):
        join(works("grid:plant"), [other])
