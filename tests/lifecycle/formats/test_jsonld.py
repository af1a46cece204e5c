"""openLCA JSON-LD: both versions of the schema say the same; units, allocation and defects."""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path
from typing import Any

import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats.jsonld import read as jsonld
from seedbed.lifecycle.inventory.tables import Reading

Json = dict[str, Any]
UNITS = [{"@id": "kg", "name": "kg", "referenceUnit": True, "conversionFactor": 1.0},
         {"@id": "t", "name": "t", "conversionFactor": 1000.0}]


def flow(id_: str, kind: str = "PRODUCT_FLOW", **more: Any) -> Json:
    """Counted by mass in kg, and by pieces of 2.5 kg: a kg is 0.4 pieces."""
    properties = [{"referenceFlowProperty": True, "conversionFactor": 1.0, "flowProperty": {"@id": "mass"}},
                  {"conversionFactor": 0.4, "flowProperty": {"@id": "pieces"}}]
    return {"@type": "Flow", "@id": id_, "name": id_, "flowType": kind, "flowProperties": properties} | more


def exchange(number: int, of: str, amount: Any, **more: Any) -> Json:
    return {"@type": "Exchange", "internalId": number, "flow": {"@id": of, "name": of}, "amount": amount} | more


def process(*exchanges: Json, id: str = "works", **more: Any) -> Json:
    return {"@type": "Process", "@id": id, "name": id, "exchanges": list(exchanges)} | more


MADE = exchange(1, "steel", 1.0, input=False, quantitativeReference=True)


def read(folder: Path, *objects: Json) -> Reading:
    """A package of a unit group, two properties, the flows steel, coal and CO2, and `objects`."""
    nature = {"category": {"@id": "low"}}
    given = [
        {"@type": "UnitGroup", "@id": "masses", "units": UNITS},
        {"@type": "UnitGroup", "@id": "counts", "units": [
            {"@id": "item", "name": "Item(s)", "referenceUnit": True, "conversionFactor": 1.0}]},
        {"@type": "FlowProperty", "@id": "mass", "unitGroup": {"@id": "masses"}},
        {"@type": "FlowProperty", "@id": "pieces", "unitGroup": {"@id": "counts"}},
        {"@type": "Category", "@id": "air", "name": "Emission to air"},
        {"@type": "Category", "@id": "low", "name": "low population density", "category": {"@id": "air"}},
        {"@type": "Location", "@id": "place", "name": "China", "code": "CN"},
        flow("steel"), flow("coal"), flow("CO2", "ELEMENTARY_FLOW", **nature), *objects,
    ]
    folders = {"UnitGroup": "unit_groups", "FlowProperty": "flow_properties", "Category": "categories",
               "Location": "locations", "Flow": "flows", "Process": "processes", "Parameter": "parameters",
               "ImpactMethod": "lcia_methods", "ImpactCategory": "lcia_categories"}
    path = folder / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for obj in given:
            archive.writestr(f"{folders[obj['@type']]}/{obj['@id']}.json", json.dumps(obj))
    return jsonld.read(path)


def test_versions_of_the_schema_would_differ(tmp_path: Path) -> None:
    """Version 1 says `input`, `quantitativeReference`, `avoidedProduct`; version 2 puts `is` before each."""
    former = process(
        MADE, exchange(2, "coal", 0.4, input=True), exchange(3, "CO2", 1.8, input=False),
        exchange(4, "coal", 0.1, input=True, avoidedProduct=True), location={"@id": "place", "name": "China"},
    )
    text = json.dumps(former)
    for name in ("input", "quantitativeReference", "avoidedProduct"):
        text = text.replace(f'"{name}"', f'"is{name[0].upper()}{name[1:]}"')
    first, second = read(tmp_path, former).inventory, read(tmp_path, json.loads(text)).inventory
    assert first.exchanges.equals(second.exchanges)
    assert first.exchanges.select("direction", "reference", "avoided").rows() == [
        ("output", True, False), ("input", False, False), ("output", False, False), ("input", False, True)]
    assert first.processes["place"].item() == "CN"


@pytest.mark.parametrize(
    ("more", "amount"),
    [
        ({"unit": {"@id": "t"}, "flowProperty": {"@id": "mass"}}, 3000.0),
        ({"unit": {"@id": "item"}, "flowProperty": {"@id": "pieces"}}, 7.5),
        ({"unit": {"@id": "elsewhere", "name": "t"}, "flowProperty": {"@id": "lost"}}, 3000.0),
        ({}, 3.0),
    ],
)
def test_amount_would_stay_in_its_own_unit(tmp_path: Path, more: Json, amount: float) -> None:
    spread = {"distributionType": "NORMAL_DISTRIBUTION", "mean": 3.0, "sd": 0.3}
    reading = read(tmp_path, process(MADE, exchange(2, "coal", 3.0, input=True, uncertainty=spread, **more)))
    row = reading.inventory.exchanges.row(1, named=True)
    assert (row["amount"], row["loc"], row["scale"]) == pytest.approx((amount, amount, amount / 10))
    assert not reading.defects.height


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"distributionType": "LOG_NORMAL_DISTRIBUTION", "geomMean": 4, "geomSd": 1.2},
         ("lognormal", math.log(4), math.log(1.2), None, None)),
        ({"distributionType": "TRIANGLE_DISTRIBUTION", "minimum": 3, "mode": 4, "maximum": 6},
         ("triangular", 4.0, None, 3.0, 6.0)),
        ({"distributionType": "UNIFORM_DISTRIBUTION", "minimum": 3, "maximum": 6}, ("uniform", None, None, 3.0, 6.0)),
        ({"distributionType": "NO_DISTRIBUTION"}, (None,) * 5),
    ],
)
def test_distribution_would_be_lost(tmp_path: Path, given: Json, expected: tuple[Any, ...]) -> None:
    found = read(tmp_path, process(MADE, exchange(2, "coal", 4.0, input=True, uncertainty=given))).inventory.exchanges
    assert found.select("distribution", "loc", "scale", "low", "high").row(1) == pytest.approx(expected)


def test_path_of_categories_would_be_lost(tmp_path: Path) -> None:
    flows = {row["id"]: row for row in read(tmp_path, process(MADE)).inventory.flows.iter_rows(named=True)}
    assert flows["CO2"]["category"] == "Emission to air/low population density"
    assert flows["CO2"]["compartment"] == "air/low population density"
    assert (flows["CO2"]["kind"], flows["steel"]["kind"], flows["steel"]["unit"]) == ("elementary", "product", "kg")


def test_shares_would_go_to_the_wrong_exchange(tmp_path: Path) -> None:
    """Version 1 names the flow of a causal share's exchange, version 2 its internal id."""
    def share(product: str, value: float, **target: Any) -> Json:
        kind = "CAUSAL_ALLOCATION" if target else "ECONOMIC_ALLOCATION"
        return {"allocationType": kind, "product": {"@id": product}, "value": value} | (
            {"exchange": target} if target else {})

    shares = [share("steel", 0.9), share("coal", 0.1), share("steel", 0.7, internalId=3),
              share("coal", 0.3, flow={"@id": "CO2"}), share("steel", 0.5, internalId=99)]
    made = (MADE, exchange(2, "coal", 1.0, input=False), exchange(3, "CO2", 1.8, input=False))
    reading = read(tmp_path, process(*made, allocationFactors=shares, defaultAllocationMethod="ECONOMIC_ALLOCATION"))
    assert reading.inventory.allocation.select("flow", "method", "row", "factor").rows() == [
        ("steel", "economic", None, 0.9), ("coal", "economic", None, 0.1), ("steel", "causal", 3, 0.7),
        ("coal", "causal", 3, 0.3)]
    assert reading.inventory.processes["allocation"].item() == "economic"
    assert reading.defects.select("kind", "value").rows() == [("allocation_missing", 1.0)]


def test_parameters_and_formulas_would_be_lost(tmp_path: Path) -> None:
    own = [{"name": "yield", "isInputParameter": True, "value": 0.5},
           {"name": "need", "inputParameter": False, "formula": "1 / yield", "value": 2.0}]
    used = exchange(2, "coal", 2.0, input=True, amountFormula="max(need; 1) ^ 2")
    general = {"@type": "Parameter", "@id": "g", "name": "base", "value": 3.0}
    reading = read(tmp_path, process(MADE, used, parameters=own), general)
    assert reading.inventory.exchanges["formula"].to_list() == [None, "max(need; 1) ^ 2"]
    assert reading.inventory.parameters.select("process", "name", "value", "formula").rows() == [
        ("works", "yield", 0.5, None), ("works", "need", 2.0, "1 / yield"), (None, "base", 3.0, None)]


def test_impact_factors_would_stay_in_their_own_unit(tmp_path: Path) -> None:
    factor = {"flow": {"@id": "CO2"}, "value": 1000.0, "unit": {"@id": "t"}, "flowProperty": {"@id": "mass"}}
    category = {"@type": "ImpactCategory", "@id": "gwp", "name": "warming", "referenceUnitName": "kg CO2e",
                "impactFactors": [factor]}
    method = {"@type": "ImpactMethod", "@id": "m", "name": "EF", "impactCategories": [{"@id": "gwp"}]}
    inventory = read(tmp_path, process(MADE), category, method).inventory
    assert inventory.methods.select("id", "name_en", "unit").rows() == [("gwp", "EF: warming", "kg CO2e")]
    assert inventory.factors.select("method", "flow", "factor").rows() == [("gwp", "CO2", 1.0)]


def test_what_is_wrong_would_not_be_named(tmp_path: Path) -> None:
    rows = (
        MADE, exchange(2, "lost", 1.0, input=True), exchange(3, "coal", None, input=True),
        exchange(4, "coal", "much", input=True),
        exchange(5, "coal", 1.0, input=True, unit={"@id": "x", "name": "kWh"}),
        exchange(6, "coal", 1.0, input=True, amountFormula="Ref('A1')"),
        exchange(7, "coal", 1.0, input=True, uncertainty={"distributionType": "NORMAL_DISTRIBUTION", "sd": -1}),
    )
    reading = read(tmp_path, process(*rows, processDocumentation={"validFrom": "9999-01-01"}))
    assert sorted(reading.defects.select("kind", "row").rows(), key=str) == [
        ("amount_missing", 3), ("amount_not_number", 4), ("flow_missing", 2), ("formula_bad", 6), ("period_bad", None),
        ("uncertainty_bad", 7), ("unit_not_convertible", 5)]
    assert reading.defects["where"].unique().to_list() == ["processes/works.json"]


def test_folder_without_objects_would_be_an_empty_database(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"name": "package"}')
    with pytest.raises(InvalidInputError, match="no openLCA object"):
        jsonld.read(tmp_path)


def test_loose_files_would_not_be_recognised(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([flow("steel"), process(MADE)]))
    assert jsonld.read(tmp_path / "a.json").inventory.processes["id"].to_list() == ["works"]
