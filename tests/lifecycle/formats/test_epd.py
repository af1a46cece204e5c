"""Environmental product declarations: results by module become footprints by module, and say so."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from seedbed.lifecycle.database import Database
from seedbed.lifecycle.gate.importing import import_database
from seedbed.lifecycle.gate.report import ImportReport
from seedbed.lifecycle.inventory.store import Store
from seedbed.lifecycle.result import footprint

COMMON = 'xmlns:common="http://lca.jrc.it/ILCD/Common" version="1.1"'
PARTS = {
    "flowproperties/m": f'''<flowPropertyDataSet xmlns="http://lca.jrc.it/ILCD/FlowProperty" {COMMON}>
      <flowPropertiesInformation><dataSetInformation><common:UUID>m</common:UUID><common:name>Mass</common:name>
      </dataSetInformation><quantitativeReference><referenceToReferenceUnitGroup refObjectId="u"/>
      </quantitativeReference></flowPropertiesInformation></flowPropertyDataSet>''',
    "unitgroups/u": f'''<unitGroupDataSet xmlns="http://lca.jrc.it/ILCD/UnitGroup" {COMMON}><unitGroupInformation>
      <dataSetInformation><common:UUID>u</common:UUID></dataSetInformation><quantitativeReference>
      <referenceToReferenceUnit>0</referenceToReferenceUnit></quantitativeReference></unitGroupInformation><units>
      <unit dataSetInternalID="0"><name>kg</name><meanValue>1</meanValue></unit></units></unitGroupDataSet>''',
    "flows/f": f'''<flowDataSet xmlns="http://lca.jrc.it/ILCD/Flow" {COMMON}><flowInformation><dataSetInformation>
      <common:UUID>f</common:UUID><name><baseName>block</baseName></name></dataSetInformation><quantitativeReference>
      <referenceToReferenceFlowProperty>0</referenceToReferenceFlowProperty></quantitativeReference></flowInformation>
      <modellingAndValidation><LCIMethod><typeOfDataSet>Product flow</typeOfDataSet></LCIMethod>
      </modellingAndValidation><flowProperties><flowProperty dataSetInternalID="0"><referenceToFlowPropertyDataSet
      refObjectId="m"/><meanValue>1</meanValue></flowProperty></flowProperties></flowDataSet>''',
}
DECLARED = '''<processDataSet xmlns="http://lca.jrc.it/ILCD/Process" {common}><processInformation>
  <dataSetInformation><common:UUID>p</common:UUID><name><baseName>block works</baseName></name></dataSetInformation>
  <quantitativeReference><referenceToReferenceFlow>0</referenceToReferenceFlow></quantitativeReference>
  </processInformation><modellingAndValidation><LCIMethodAndAllocation><typeOfDataSet>EPD</typeOfDataSet>
  </LCIMethodAndAllocation></modellingAndValidation><exchanges><exchange dataSetInternalID="0">
  <referenceToFlowDataSet refObjectId="f"/><exchangeDirection>Output</exchangeDirection>
  <meanAmount>{per}</meanAmount></exchange></exchanges><LCIAResults>{results}</LCIAResults></processDataSet>'''
RESULT = '''<LCIAResult><referenceToLCIAMethodDataSet refObjectId="x"><common:shortDescription>{name}
  </common:shortDescription></referenceToLCIAMethodDataSet><common:other>{amounts}</common:other></LCIAResult>'''
AMOUNT = '<epd:amount xmlns:epd="http://www.iai.kit.edu/EPD/2013" epd:module="{module}">{value}</epd:amount>'


def imported(folder: Path, results: dict[str, dict[str, float]], per: float = 1) -> tuple[ImportReport, Store]:
    """A package with one declaration: indicator → module → value."""
    def amounts(values: dict[str, float]) -> str:
        return "".join(AMOUNT.format(module=module, value=value) for module, value in values.items())

    said = "".join(RESULT.format(name=name, amounts=amounts(values)) for name, values in results.items())
    with zipfile.ZipFile(folder / "epd.zip", "w") as file:
        for name, text in PARTS.items():
            file.writestr(f"ILCD/{name}.xml", text)
        file.writestr("ILCD/processes/p.xml", DECLARED.format(common=COMMON, per=per, results=said))
    store = Store(folder / "home")
    return import_database(folder / "epd.zip", store, name="epd"), store


def values(store: Store) -> dict[str, float]:
    database = Database(store.open("epd"))
    names = [name for name in database.inventory.flows["name_en"] if name and name.startswith("block")]
    return {name: footprint(name, database=database).value for name in names}


def test_every_module_is_a_footprint_and_the_product_carries_a1_to_a3(tmp_path):
    report, store = imported(tmp_path, {"GWP-total": {"A1-A3": 1.35, "A4": 0.05, "C3": 0.2, "D": -0.11}})
    assert report.decision == "live"
    assert report.of("epd_modules") is not None
    assert values(store) == pytest.approx({"block": 1.35, "block [A4]": 0.05, "block [C3]": 0.2, "block [D]": -0.11})


def test_modules_of_the_product_that_are_stated_apart_are_added_and_the_declared_unit_counts(tmp_path):
    _, store = imported(tmp_path, {"Global Warming Potential": {"A1": 10, "A2": 2, "A3": 3, "D": -1}}, per=5)
    assert values(store) == pytest.approx({"block": 3.0, "block [D]": -0.2})


def test_the_total_counts_and_neither_its_parts_nor_other_indicators(tmp_path):
    _, store = imported(tmp_path, {"Ozone depletion": {"A1-A3": 7}, "GWP-fossil": {"A1-A3": 2},
                                   "Global warming potential - biogenic": {"A1-A3": -1}, "GWP-total": {"A1-A3": 1}})
    assert values(store) == pytest.approx({"block": 1.0})


@pytest.mark.parametrize("results", [{}, {"Ozone depletion": {"A1-A3": 7}}, {"GWP-fossil": {"A1-A3": 2}}])
def test_a_declaration_without_a_total_of_warming_is_refused_and_never_a_footprint_of_zero(tmp_path, results):
    report, _ = imported(tmp_path, results)
    assert report.decision == "refused"
    assert report.of("epd_results") is not None
