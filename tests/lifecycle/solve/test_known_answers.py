"""Published answers of the matrix method: a change of sign, scaling or direction breaks one of them."""

from __future__ import annotations

import numpy as np
import pytest

from seedbed.lifecycle.database import Database
from seedbed.lifecycle.inventory.compose import Recipe, compose
from seedbed.lifecycle.inventory.tables import FACTORS, METHODS, table
from seedbed.lifecycle.result import footprint
from seedbed.lifecycle.solve import contribution
from seedbed.lifecycle.solve.scenario import Change, changed


def test_heijungs_and_suh_electricity_and_fuel() -> None:
    # Heijungs & Suh (2002), ch. 2: 1000 kWh of electricity; fuel 100 l, SO2 and CO2 and crude oil.
    data = compose({
        "electricity": {"makes": [("kwh", 10)], "uses": [("fuel", 2)], "emits": [("co2", 1), ("so2", 0.1)]},
        "fuel": {"makes": [("fuel", 100)], "emits": [("co2", 10), ("so2", 2), ("oil", -50)]},
    })
    database = Database(data)
    scaling = database.solve([database.column("electricity")], [1000])
    assert scaling == pytest.approx([100, 2])
    flows = dict(zip(database.system.flows["id"], database.system.B @ scaling, strict=True))
    assert flows == pytest.approx({"co2": 120, "so2": 14, "oil": -100})


def _loop() -> Database:
    methods = table(METHODS, [{"id": f, "name_en": f, "unit": "kg"} for f in ("f1", "f2")])
    factors = table(FACTORS, [{"method": f, "flow": f, "factor": 1.0} for f in ("f1", "f2")])
    data = compose(
        {
            "p1": {"makes": [("p1", 1)], "uses": [("p2", 1)], "emits": [("f1", 1), ("f2", 2)]},
            "p2": {"makes": [("p2", 1)], "uses": [("p1", 0.5)], "emits": [("f1", 2), ("f2", 1)]},
        },
        methods=methods, factors=factors,
    )
    return Database(data)


def test_openlca_loop_scaling_direct_and_upstream() -> None:
    database = _loop()
    scaling = database.solve([0], [2.0])
    assert scaling == pytest.approx([4, 4])
    for method, direct, upstream in (("f1", [4, 8], (12, 10)), ("f2", [8, 4], (12, 8))):
        number = database.method_number(method)
        assert contribution.hotspots(database, scaling, number).value == pytest.approx(direct)
        top = contribution.tree(database, 0, 2.0, number, depth=1, cutoff=0.0)
        assert top.value == pytest.approx(upstream[0])
        assert top.children[0].value == pytest.approx(upstream[1])


def test_openlca_simple_product_flow_and_impact() -> None:
    methods = table(METHODS, [{"id": "m", "name_en": "m", "unit": "p"}])
    factors = table(FACTORS, [{"method": "m", "flow": "e", "factor": 0.5}])
    database = Database(compose({"p": {"makes": [("p", 1)], "emits": [("e", 21)]}}, methods=methods, factors=factors))
    scaling = database.solve([0], [2.0])
    assert database.system.B @ scaling == pytest.approx([42])
    assert 2 * database.scores[0, database.method_number("m")] == pytest.approx(21)


def test_a_tree_with_no_cutoff_adds_up_at_every_node() -> None:
    database = _loop()
    top = contribution.tree(database, 0, 2.0, database.method_number("f1"), depth=12, cutoff=0.0)
    for _, node in top.walk():
        assert node.value == pytest.approx(node.direct + node.rest + sum(child.value for child in node.children))


def test_shares_of_allocation_lose_nothing() -> None:
    data = compose({
        "both": {"makes": [("a", 2), ("b", 3)], "uses": [("c", 1)], "emits": [("co2", 10)],
                 "allocation": "economic", "shares": {"a": 3, "b": 1}},
        "c": {"makes": [("c", 1)], "emits": [("co2", 4)]},
    })
    database = Database(data)
    total = database.solve([database.column("both", "a"), database.column("both", "b")], [2, 3])
    assert database.system.B @ total == pytest.approx([14])
    only_a = database.solve([database.column("both", "a")], [2])
    assert database.system.B @ only_a == pytest.approx([0.75 * 14])


def test_substitution_credits_the_displaced_process() -> None:
    data = compose({
        "chp": {"makes": [("power", 1), ("heat", 2)], "emits": [("co2", 10)], "allocation": "substitution"},
        "boiler": {"makes": [("heat", 1)], "emits": [("co2", 3)]},
    })
    database = Database(data)
    assert database.system.B @ database.solve([database.column("chp")], [1]) == pytest.approx([10 - 2 * 3])


@pytest.mark.parametrize("allocation", ["economic", "substitution", "causal", "cut-off"])
def test_why_adds_up_to_the_score(allocation: str) -> None:
    data = compose({
        "chp": {"makes": [("power", 4), ("heat", 2)], "emits": [("carbon dioxide", 10), ("methane", 1)],
                "uses": [("power", 0.5), ("coal", 2)], "leaves": [("ash", 3)], "credits": [("cement", 0.5)],
                "allocation": allocation, "shares": {"power": 3, "heat": 1}},
        "boiler": {"makes": [("heat", 1)], "emits": [("carbon dioxide", 3)]},
        "mine": {"makes": [("coal", 5)], "emits": [("carbon dioxide", 3)], "uses": [("power", 1)]},
        "kiln": {"makes": [("cement", 2)], "emits": [("carbon dioxide", 1.6)]},
        "landfill": {"treats": [("ash", 1)], "emits": [("carbon dioxide", 0.1)]},
    })
    database = Database(data)
    for process, product in (("chp", "power"), ("mine", "coal"), ("landfill", "ash")):
        found = footprint(product, database=database)
        assert found.suppliers[0].process == process
        assert found.why(process)["value"].sum() == pytest.approx(found.value)
        assert found.flows()["value"].sum() == pytest.approx(found.value)
        assert found.processes()["value"].sum() == pytest.approx(found.value)


def test_a_place_has_its_own_factor_or_that_of_the_region_around_it() -> None:
    methods = table(METHODS, [{"id": "water", "name_en": "water", "unit": "m3"}])
    known = {None: 1.0, "CN": 10.0, "CN-GD": 0.0, "US": 7.0}
    factors = table(FACTORS, [{"method": "water", "flow": "w", "place": p, "factor": f} for p, f in known.items()])
    places = ("CN-GD", "CN-GX", "US", "FR")
    recipes: dict[str, Recipe] = {
        place: {"makes": [(f"at {place}", 1)], "place": place, "emits": [("w", 2)]} for place in places
    }
    recipes["all"] = {"makes": [("all", 1)], "uses": [(f"at {place}", 1) for place in places]}
    database = Database(compose(recipes, methods=methods, factors=factors))
    values = [footprint(f"at {place}", database=database, method="water").value for place in places]
    assert values == [0.0, 20.0, 14.0, 2.0]
    whole = footprint("all", database=database, method="water")
    assert whole.value == pytest.approx(36.0)
    assert whole.flows()["value"].to_list() == pytest.approx([36.0])
    assert whole.why("CN-GX")["value"].sum() == pytest.approx(20.0)
    assert whole.uncertainty(3).samples == pytest.approx([36.0] * 3)
    doubled = changed(database, [Change("US", "w", amount=4)])
    assert footprint("all", database=doubled, method="water").value == pytest.approx(50.0)


def test_a_waste_left_is_treated() -> None:
    data = compose({
        "product": {"makes": [("product", 1)], "leaves": [("scrap", 2)], "emits": [("co2", 1)]},
        "landfill": {"treats": [("scrap", 4)], "emits": [("co2", 8)]},
    })
    database = Database(data)
    assert database.system.B @ database.solve([database.column("product")], [1]) == pytest.approx([1 + 2 / 4 * 8])


def test_suppliers_nearest_place_first_then_by_volume() -> None:
    data = compose({
        "gd": {"makes": [("kwh", 1)], "place": "CN-GD", "volume": 3.0, "emits": [("co2", 1)]},
        "gx": {"makes": [("kwh", 1)], "place": "CN-GX", "volume": 1.0, "emits": [("co2", 2)]},
        "us": {"makes": [("kwh", 1)], "place": "US", "volume": 100.0, "emits": [("co2", 9)]},
    })
    database = Database(data)
    shares = {place: {database.system.columns["process"][c]: w for c, w, _ in database.supply("kwh", place)}
              for place in ("CN-GD", "CN-HN", "CN", "US", "DE")}
    assert shares["CN-GD"] == {"gd": 1.0}
    assert shares["CN-HN"] == shares["CN"] == {"gd": 0.75, "gx": 0.25}
    assert shares["US"] == {"us": 1.0}
    assert np.isclose(sum(shares["DE"].values()), 1.0)
