"""Who supplies whom when nobody is named, and how a process of several products is divided."""

from __future__ import annotations

import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.database import Database
from seedbed.lifecycle.inventory.compose import Recipe, compose
from seedbed.lifecycle.result import footprint


def suppliers(database: Database, flow: str, place: str = "CN") -> dict[str, float]:
    return {str(database.columns["process"][column]): share for column, share, _ in database.supply(flow, place)}


def test_of_equally_near_suppliers_the_market_of_the_asked_year_comes_first() -> None:
    recipes: dict[str, Recipe] = {
        "old": {"makes": [("kwh", 1)], "start": 2010, "end": 2015, "kind": "market",
                "emits": [("carbon dioxide", 0.9)]},
        "new": {"makes": [("kwh", 1)], "start": 2016, "end": 2022, "kind": "market",
                "emits": [("carbon dioxide", 0.6)]},
        "plant": {"makes": [("kwh", 1)], "start": 2016, "end": 2022, "emits": [("carbon dioxide", 0.5)]},
        "mill": {"makes": [("steel", 1)], "uses": [("kwh", 2)]},
    }
    database = Database(compose(recipes))
    assert suppliers(database, "kwh") == {"new": 1.0}
    for year, maker, value in ((2012, "old", 1.8), (2020, "new", 1.2), (2030, "new", 1.2), (2001, "old", 1.8)):
        assert suppliers(database.for_year(year), "kwh") == {maker: 1.0}
        assert footprint("steel", year=year, database=database).value == pytest.approx(value)


def test_a_process_supplies_itself_only_when_nobody_else_can() -> None:
    alone: dict[str, Recipe] = {"a": {"makes": [("x", 1)], "uses": [("x", 0.5)], "emits": [("carbon dioxide", 1)]}}
    assert footprint("x", database=Database(compose(alone))).value == pytest.approx(2)
    other: dict[str, Recipe] = {"b": {"makes": [("x", 1)], "place": "US", "emits": [("carbon dioxide", 4)]}}
    made = footprint("x", database=Database(compose(alone | other)))
    assert [s.process for s in made.suppliers] == ["a"]
    assert made.value == pytest.approx(1 + 0.5 * 4)


def test_suppliers_without_a_known_volume_share_alike() -> None:
    recipes: dict[str, Recipe] = {
        "a": {"makes": [("x", 1)], "volume": 9.0}, "b": {"makes": [("x", 1)]},
        "c": {"makes": [("x", 1)], "volume": 1.0},
    }
    assert suppliers(Database(compose(recipes)), "x") == pytest.approx({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    recipes["b"]["volume"] = 0.0
    assert suppliers(Database(compose(recipes)), "x") == pytest.approx({"a": 0.9, "c": 0.1})


def test_physical_allocation_divides_by_mass_and_economic_needs_its_factors() -> None:
    both: Recipe = {"makes": [("a", 1), ("b", 3)], "emits": [("carbon dioxide", 8)], "allocation": "physical"}
    database = Database(compose({"both": both}))
    assert [footprint(product, database=database).value for product in "ab"] == pytest.approx([2, 2])
    with pytest.raises(InvalidInputError, match=r"process both: .* \(economic allocation\)"):
        _ = Database(compose({"both": both | {"allocation": "economic"}})).scores
    by_value = Database(compose({"both": both | {"allocation": "economic", "shares": {"a": 3, "b": 1}}}))
    assert [footprint(product, database=by_value).value for product in "ab"] == pytest.approx([6, 2 / 3])
    cut = Database(compose({"both": both | {"allocation": "cut-off"}}))
    assert footprint("a", database=cut).value == pytest.approx(8)
    assert cut.columns["flow"].to_list() == ["a"]
