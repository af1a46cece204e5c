"""What is wrong in a database's tables is named, one kind a mistake; what is right is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import polars as pl
import pytest

from seedbed.lifecycle.gate.judging import ALL_CHECKS, judge, take_out
from seedbed.lifecycle.gate.kinds import kinds
from seedbed.lifecycle.gate.view import View
from seedbed.lifecycle.inventory.compose import Recipe, compose
from seedbed.lifecycle.inventory.tables import ALLOCATION, DEFECTS, PARAMETERS, Inventory, Reading, table
from seedbed.lifecycle.starter.build import starter

SOUND: dict[str, Recipe] = {
    "mill": {"makes": [("steel", 1.0)], "uses": [("coal", 0.5), ("power", 2.0)], "leaves": [("dust", 0.1)],
             "emits": [("carbon dioxide", 1.8)]},
    "mine": {"makes": [("coal", 1.0)], "emits": [("methane", 0.01)]},
    "plant": {"makes": [("power", 1.0)], "uses": [("coal", 0.3)], "emits": [("carbon dioxide", 0.8)]},
    "tip": {"treats": [("dust", 1.0)], "emits": [("methane", 0.001)]},
}


def found(inventory: Inventory, *, others: Mapping[str, Inventory] | None = None) -> list[tuple[str, str | None]]:
    """Kinds of defect and the processes they concern."""
    return judge(Reading(inventory), others=others).defects.select("kind", "process").rows()


def change(part: str, where: pl.Expr, **columns: object) -> Callable[[Inventory], Inventory]:
    """A change of some rows of a table."""
    def apply(inventory: Inventory) -> Inventory:
        rows: pl.DataFrame = getattr(inventory, part)
        new = [pl.when(where).then(pl.lit(value, rows.schema[name])).otherwise(name).alias(name)
               for name, value in columns.items()]
        return replace(inventory, **{part: rows.with_columns(new)})

    return apply


def at(process: str, flow: str) -> pl.Expr:
    return (pl.col("process") == process) & (pl.col("flow") == flow)


MILL_COAL, MILL_STEEL = at("mill", "coal"), at("mill", "steel")


def test_sound_database_would_have_defects() -> None:
    assert found(compose(SOUND)) == []
    assert not judge(Reading(starter())).errors.height


@pytest.mark.parametrize(
    ("mistake", "kind", "process"),
    [
        (change("exchanges", MILL_COAL, amount=None), "amount_missing", "mill"),
        (change("exchanges", MILL_COAL, amount=float("inf")), "amount_not_number", "mill"),
        (change("exchanges", MILL_COAL, flow="cole"), "flow_missing", "mill"),
        (change("exchanges", MILL_COAL, process="mil"), "process_missing", "mil"),
        (change("exchanges", MILL_COAL, direction=None), "direction_missing", "mill"),
        (change("flows", pl.col("id") == "coal", unit="sack"), "flow_unknown_unit", None),
        (change("exchanges", MILL_STEEL, reference=False), "reference_missing", "mill"),
        (change("exchanges", MILL_STEEL, amount=0.0), "reference_zero", "mill"),
        (change("exchanges", at("tip", "dust"), direction="output"), "reference_direction", "tip"),
        (change("exchanges", MILL_COAL, provider="plant"), "provider_missing", "mill"),
        (change("exchanges", at("mine", "coal"), flow="steel"), "many_providers", None),
        (change("processes", pl.col("id") == "mine", id="mill"), "duplicate_id", "mill"),
        (change("flows", pl.col("id") == "coal", id="steel"), "duplicate_id", None),
        (change("exchanges", MILL_COAL, row=1), "duplicate_id", "mill"),
        (change("processes", pl.col("id") == "mine", name_en=" "), "name_missing", "mine"),
        (change("processes", pl.col("id") == "mine", start=2020, end=2010), "period_bad", "mine"),
        (change("processes", pl.col("id") == "mine", place="SD-CN"), "place_unknown", "mine"),
        (change("exchanges", MILL_COAL, distribution="normal", loc=0.5), "uncertainty_bad", "mill"),
        (change("exchanges", MILL_COAL, distribution="bell"), "uncertainty_bad", "mill"),
        (change("exchanges", MILL_COAL, distribution="uniform", low=2.0, high=1.0), "uncertainty_bad", "mill"),
        (change("exchanges", MILL_COAL, formula="1 +"), "formula_bad", "mill"),
        (change("exchanges", MILL_COAL, formula="1 / 0"), "formula_bad", "mill"),
        (change("exchanges", MILL_COAL, formula="share * 2"), "parameter_missing", "mill"),
    ],
)
def test_mistake_would_pass(mistake: Callable[[Inventory], Inventory], kind: str, process: str | None) -> None:
    view = View(mistake(compose(SOUND)), {})
    defects = pl.concat([check(view) for check in ALL_CHECKS])
    assert defects.filter(kind=kind)["process"].to_list() == [process]


def test_input_that_nobody_supplies_would_pass() -> None:
    """… unless a database it depends on supplies it, or it is only credited with nothing."""
    alone = {name: recipe for name, recipe in SOUND.items() if name not in ("mine", "tip")}
    assert sorted(found(compose(alone))) == [("unlinked", "mill"), ("unlinked", "mill"), ("unlinked", "plant")]
    others = {"other": compose({name: SOUND[name] for name in ("mine", "tip")}, name="other")}
    assert found(compose(alone), others=others) == []
    named = change("exchanges", MILL_COAL, provider="other:mine")(compose(alone))
    assert found(named, others=others) == []
    wrong = change("exchanges", MILL_COAL, provider="other:tip")(compose(alone))
    assert found(wrong, others=others) == [("provider_missing", "mill")]


def test_product_entered_twice_would_pass() -> None:
    twice = compose(SOUND | {"mill 2": SOUND["mill"]})
    named = change("processes", pl.col("id") == "mill 2", name_en="mill")(twice)
    assert ("duplicate_product", "mill 2") in found(named)
    assert ("duplicate_product", "mill 2") not in found(twice)


def test_circle_of_parameters_would_be_endless() -> None:
    rows = [{"process": "mill", "name": "a", "formula": "b + 1"}, {"process": "mill", "name": "b", "formula": "a + 1"},
            {"name": "c", "formula": "nowhere"}, {"name": "d", "value": 2.0}]
    inventory = replace(compose(SOUND), parameters=table(PARAMETERS, rows))
    inventory = change("exchanges", MILL_COAL, formula="d / 4")(inventory)
    defects = judge(Reading(inventory)).defects.select("kind", "process", "detail")
    assert sorted(defects.rows()) == [
        ("formula_bad", "mill", "a = b + 1"), ("formula_bad", "mill", "b = a + 1"),
        ("parameter_missing", None, "c = nowhere")]


def shares(method: str, **factors: float) -> Inventory:
    both: Recipe = {"makes": [("steel", 1.0), ("slag", 0.3)], "emits": [("carbon dioxide", 1.8)], "allocation": method}
    rows = [{"process": "mill", "flow": flow, "method": method, "factor": value} for flow, value in factors.items()]
    return replace(compose({"mill": both}), allocation=table(ALLOCATION, rows))


@pytest.mark.parametrize(
    ("inventory", "expected"),
    [
        (shares("none"), ["allocation_none"]),
        (shares("cut-off"), []),
        (shares("physical"), []),  # both in kg: by amount
        (shares("economic"), ["allocation_missing", "allocation_missing"]),
        (shares("economic", steel=0.9), ["allocation_missing"]),
        (shares("economic", steel=9.0, slag=1.0), []),
        (shares("economic", steel=1.0, slag=-0.1), ["allocation_sum"]),
    ],
)
def test_products_would_be_divided_by_nothing(inventory: Inventory, expected: list[str]) -> None:
    assert [kind for kind, _ in found(inventory)] == expected


def test_kind_that_the_gate_finds_would_have_no_words() -> None:
    """Every kind is explained in both languages, and only errors are taken out."""
    for name, kind in kinds().items():
        for text in (kind.label, kind.meaning, kind.fix):
            assert text.zh, name
            assert text.en, name


def test_taking_out_would_take_too_much() -> None:
    """An exchange goes by its row, a process with all that is its own, a distribution alone."""
    inventory = change("exchanges", at("plant", "coal"), distribution="bell", loc=1.0)(compose(SOUND))
    defects = table(DEFECTS, [
        {"kind": "amount_missing", "process": "mill", "row": 2}, {"kind": "reference_zero", "process": "tip"},
        {"kind": "uncertainty_bad", "process": "plant", "row": 2}, {"kind": "unlinked", "process": "mine", "row": 1},
    ])
    parted = take_out(inventory, defects)
    assert parted.inventory.processes["id"].to_list() == ["mill", "mine", "plant"]
    assert parted.inventory.exchanges.height == inventory.exchanges.height - 3
    assert parted.inventory.exchanges["distribution"].null_count() == parted.inventory.exchanges.height
    assert {name: rows.height for name, rows in parted.removed.items()} == {
        "processes": 1, "exchanges": 3, "uncertainty": 1}
    assert parted.removed["uncertainty"]["distribution"].to_list() == ["bell"]
    assert take_out(inventory, defects.clear()).removed == {}
