"""ILCD as others write it: properties, versions, references, spreads, shares, TianGong's places."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats.ilcd import read as ilcd
from seedbed.lifecycle.formats.ilcd.terms import compartment, place_code
from seedbed.lifecycle.inventory.tables import Reading

COMMON = 'xmlns:common="http://lca.jrc.it/ILCD/Common" version="1.1"'
STEEL, COAL, CO2, OTHER = (f"{digit * 8}-0000-0000-0000-000000000000" for digit in "1234")


def document(kind: str, spaces: str, body: str, version: str = "01.00.000") -> str:
    dated = f"<common:dataSetVersion>{version}</common:dataSetVersion>"
    return f"""<?xml version="1.0"?><{kind} xmlns="http://lca.jrc.it/ILCD/{spaces}" {COMMON}>{body}
      <administrativeInformation><publicationAndOwnership>{dated}</publicationAndOwnership>
      </administrativeInformation></{kind}>"""


def flow(id_: str, kind: str = "Product flow", *, property: str = "mass", mean: str = "1", classes: str = "",
         version: str = "01.00.000", name: str = "") -> str:
    return document("flowDataSet", "Flow", f"""
      <flowInformation><dataSetInformation><common:UUID>{id_}</common:UUID>
        <name><baseName xml:lang="en">{name or id_}</baseName></name>
        <classificationInformation><common:elementaryFlowCategorization>{classes}
        </common:elementaryFlowCategorization></classificationInformation></dataSetInformation>
        <quantitativeReference><referenceToReferenceFlowProperty>0</referenceToReferenceFlowProperty>
        </quantitativeReference></flowInformation>
      <modellingAndValidation><LCIMethod><typeOfDataSet>{kind}</typeOfDataSet></LCIMethod></modellingAndValidation>
      <flowProperties><flowProperty dataSetInternalID="0"><referenceToFlowPropertyDataSet refObjectId="{property}"/>
        <meanValue>{mean}</meanValue></flowProperty></flowProperties>""", version)


def exchange(number: int, of: str, amount: str, way: str = "Input", more: str = "") -> str:
    return (f'<exchange dataSetInternalID="{number}"><referenceToFlowDataSet refObjectId="{of}"/>'
            f"<exchangeDirection>{way}</exchangeDirection><meanAmount>{amount}</meanAmount>"
            f"<resultingAmount>{amount}</resultingAmount>{more}</exchange>")


def process(exchanges: str, *, reference: str = "0", place: str = "HEB-CN", allocation: str = "", name: str = "Works",
            kind: str = "Unit process, single operation") -> str:
    references = "".join(f"<referenceToReferenceFlow>{row}</referenceToReferenceFlow>" for row in reference.split())
    return document("processDataSet", "Process", f"""
      <processInformation><dataSetInformation><common:UUID>works</common:UUID>
        <name><baseName xml:lang="en">{name}</baseName><baseName xml:lang="zh">工厂</baseName></name>
        </dataSetInformation><quantitativeReference>{references}</quantitativeReference>
        <time><common:referenceYear>2019</common:referenceYear></time>
        <geography><locationOfOperationSupplyOrProduction location="{place}"/></geography></processInformation>
      <modellingAndValidation><LCIMethodAndAllocation><typeOfDataSet>{kind}</typeOfDataSet>
        <LCIMethodApproach>{allocation}</LCIMethodApproach></LCIMethodAndAllocation></modellingAndValidation>
      <exchanges>{exchanges}</exchanges>""")


MADE = exchange(0, STEEL, "1", "Output")


def read(folder: Path, process_text: str, *flows: str, **more: str) -> Reading:
    """A package with one process, and the flows steel and coal (t) unless others are given."""
    files = {"processes/p.xml": process_text}
    for number, text in enumerate(flows or (flow(STEEL), flow(COAL))):
        files[f"flows/{number}.xml"] = text
    files["flowproperties/mass.xml"] = document("flowPropertyDataSet", "FlowProperty", """
      <flowPropertiesInformation><dataSetInformation><common:UUID>mass</common:UUID></dataSetInformation>
      <quantitativeReference><referenceToReferenceUnitGroup refObjectId="units"/></quantitativeReference>
      </flowPropertiesInformation>""")
    files["unitgroups/units.xml"] = document("unitGroupDataSet", "UnitGroup", """
      <unitGroupInformation><dataSetInformation><common:UUID>units</common:UUID></dataSetInformation>
      <quantitativeReference><referenceToReferenceUnit>7</referenceToReferenceUnit></quantitativeReference>
      </unitGroupInformation><units><unit dataSetInternalID="7"><name>kg</name></unit></units>""")
    for name, text in (files | more).items():
        path = folder / "ILCD" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return ilcd.read(folder)


def test_amounts_would_stay_in_the_unit_of_the_exchange(tmp_path: Path) -> None:
    """A flow counted in pieces of 2.5 kg: three pieces are 7.5 kg, and so is their spread."""
    spread = "<uncertaintyDistributionType>normal</uncertaintyDistributionType>"
    spread += "<relativeStandardDeviation95In>0.4</relativeStandardDeviation95In>"
    reading = read(tmp_path, process(MADE + exchange(1, COAL, "3", more=spread)), flow(STEEL), flow(COAL, mean="2.5"))
    row = reading.inventory.exchanges.row(1, named=True)
    assert (row["amount"], row["loc"], row["scale"]) == (7.5, 7.5, 0.5)
    assert reading.inventory.flows["unit"].to_list() == ["kg", "kg"]


def test_flows_that_nobody_uses_would_fill_the_tables(tmp_path: Path) -> None:
    reading = read(tmp_path, process(MADE), flow(STEEL), flow(COAL), flow(OTHER))
    assert reading.inventory.flows["id"].to_list() == [STEEL]


def test_old_version_of_a_data_set_would_win(tmp_path: Path) -> None:
    reading = read(tmp_path, process(MADE), flow(STEEL, name="new", version="02.01.000"),
                   flow(STEEL, name="old", version="02.00.000"))
    assert reading.inventory.flows["name_en"].to_list() == ["new"]
    assert reading.defects.select("kind", "flow").rows() == [("duplicate_id", STEEL)]


def test_input_would_be_the_reference_where_an_output_is_named_too(tmp_path: Path) -> None:
    exchanges = exchange(1, COAL, "1") + exchange(2, STEEL, "1", "Output")
    found = read(tmp_path, process(exchanges, reference="1 2")).inventory.exchanges
    assert found.filter("reference")["flow"].to_list() == [STEEL]


def test_reminder_flows_would_count_twice(tmp_path: Path) -> None:
    reminder = "<functionType>General reminder flow</functionType>"
    found = read(tmp_path, process(MADE + exchange(1, COAL, "1", more=reminder))).inventory.exchanges
    assert found["flow"].to_list() == [STEEL]


def test_missing_amount_would_be_zero(tmp_path: Path) -> None:
    important = "<dataDerivationTypeStatus>Missing important</dataDerivationTypeStatus>"
    unimportant = "<dataDerivationTypeStatus>Missing unimportant</dataDerivationTypeStatus>"
    rows = MADE + exchange(1, COAL, "0", more=important) + exchange(2, COAL, "0", more=unimportant)
    rows += exchange(3, COAL, "") + exchange(4, COAL, "much")
    reading = read(tmp_path, process(rows))
    assert reading.inventory.exchanges["amount"].to_list() == [1.0, None, 0.0, None, None]
    assert reading.defects.select("kind", "row").rows() == [
        ("amount_missing", 1), ("amount_missing", 3), ("amount_not_number", 4)]


def test_variable_would_be_taken_for_the_amount(tmp_path: Path) -> None:
    row = ('<exchange dataSetInternalID="1"><referenceToFlowDataSet refObjectId="' + COAL + '"/>'
           "<exchangeDirection>Input</exchangeDirection><referenceToVariable>share</referenceToVariable>"
           "<meanAmount>2</meanAmount><resultingAmount>0.5</resultingAmount></exchange>")
    found = read(tmp_path, process(MADE + row)).inventory.exchanges.row(1, named=True)
    assert (found["amount"], found["formula"]) == (0.5, "2.0 * share")


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("log-normal", {"relativeStandardDeviation95In": "1.44"},
         ("lognormal", math.log(4), math.log(1.2), None, None)),
        ("uniform", {"minimumAmount": "3", "maximumAmount": "5"}, ("uniform", None, None, 3.0, 5.0)),
        ("triangular", {"minimumAmount": "3", "maximumAmount": "6"}, ("triangular", 3.0, None, 3.0, 6.0)),
        ("log-normal", {"relativeStandardDeviation95In": "0.2"}, (None,) * 5),
        ("undefined", {}, (None,) * 5),
    ],
)
def test_spread_of_95_percent_would_be_a_standard_deviation(
    tmp_path: Path, kind: str, fields: dict[str, str], expected: tuple[object, ...]
) -> None:
    """Triangle: the amount is the mean, (3 + mode + 6) / 3 = 4."""
    spread = f"<uncertaintyDistributionType>{kind}</uncertaintyDistributionType>"
    spread += "".join(f"<{name}>{text}</{name}>" for name, text in fields.items())
    reading = read(tmp_path, process(MADE + exchange(1, COAL, "4", more=spread)))
    found = reading.inventory.exchanges.select("distribution", "loc", "scale", "low", "high").row(1)
    assert found == pytest.approx(expected)
    assert reading.defects.height == (kind == "log-normal" and expected[0] is None)


def test_shares_of_products_would_be_lost(tmp_path: Path) -> None:
    """Each product states its own share: shares of the whole; on an input they are causal."""
    def share(product: int, percent: float) -> str:
        about = f'internalReferenceToCoProduct="{product}" allocatedFraction="{percent}"'
        return f"<allocations><allocation {about}/></allocations>"

    made = exchange(0, STEEL, "1", "Output", share(0, 80)) + exchange(1, COAL, "2", "Output", share(1, 20))
    general = read(tmp_path / "a", process(made, allocation="Allocation - market value")).inventory
    assert general.allocation.select("flow", "method", "row", "factor").rows() == [
        (STEEL, "economic", None, 0.8), (COAL, "economic", None, 0.2)]
    assert general.processes["allocation"].item() == "economic"
    causal = read(tmp_path / "b", process(MADE + exchange(1, COAL, "2", more=share(0, 60)))).inventory
    assert causal.allocation.select("flow", "method", "row", "factor").rows() == [(STEEL, "causal", 1, 0.6)]


def test_supply_mix_would_be_a_plant_among_others(tmp_path: Path) -> None:
    kinds = [
        read(tmp_path / name, process(MADE, name=name, kind=kind)).inventory.processes["kind"].item()
        for name, kind in (("Electricity mix, Hebei", "Unit process, black box"), ("Mix pretreatment", "LCI result"),
                           ("Electricity grid mix", "LCI result"))
    ]
    assert kinds == ["market", "system", "system"]


def test_file_that_is_no_xml_would_end_the_import(tmp_path: Path) -> None:
    reading = read(tmp_path, process(MADE), flow(STEEL), **{"flows/bad.xml": "<flow", "processes/odd.xml": "<html/>"})
    assert reading.defects.select("kind", "where").sort("where").rows() == [
        ("file_unreadable", f"{tmp_path.name}/ILCD/flows/bad.xml:1"),
        ("file_unreadable", f"{tmp_path.name}/ILCD/processes/odd.xml")]
    assert reading.inventory.processes.height == 1


def test_folder_of_something_else_would_be_an_empty_database(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(InvalidInputError, match="no ILCD data sets"):
        ilcd.read(tmp_path)
    with pytest.raises(InvalidInputError, match="neither a folder nor"):
        ilcd.read(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("code", "place"),
    [("HEB-CN", "CN-HE"), ("SZ-JS-CN", "CN-JS"), ("NMG-CN", "CN-NM"), ("CN", "CN"), ("RER", "RER"), ("", None)],
)
def test_province_would_be_taken_for_a_country(code: str, place: str | None) -> None:
    assert place_code(code) == place


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (("Emissions", "Emissions to air", "Emissions to air, unspecified"), "air"),
        (("Emissions", "Emissions to water", "Emissions to sea water"), "water/sea water"),
        (("Resources", "Resources from ground", "Renewable"), "resource/ground"),
        (("Land use", "Land occupation"), "resource/land occupation"),
        (("Other elementary flows",), None),
    ],
)
def test_medium_would_be_lost(levels: tuple[str, ...], expected: str | None) -> None:
    assert compartment(levels) == expected
