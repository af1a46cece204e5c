"""EcoSpold 1: groups, units, distributions, allocation, suppliers; every defect."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path

import polars as pl
import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats.ecospold import one as ecospold1
from seedbed.lifecycle.inventory.tables import Reading

STEEL = '<exchange number="1" name="Steel" unit="kg" meanValue="1"><outputGroup>0</outputGroup></exchange>'


def dataset(
    exchanges: str = STEEL, *, number: str = "1", name: str = "Steel making", place: str = "CN", function: str = "",
    period: str = "<startYear>2015</startYear><endYear>2020</endYear>", kind: str = "1", more: str = "",
    flows: str = "",
) -> str:
    return f"""<dataset number="{number}"><metaInformation><processInformation>
      <referenceFunction name="{name}" category="metals" subCategory="ferro" amount="1" unit="kg" {function}/>
      <geography location="{place}"/><timePeriod>{period}</timePeriod><dataSetInformation type="{kind}"/>
      </processInformation>{more}</metaInformation><flowData>{exchanges}{flows}</flowData></dataset>"""


def read(tmp_path: Path, *datasets: str) -> Reading:
    path = tmp_path / "Sample 1.xml"
    text = f'<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01">{"".join(datasets)}</ecoSpold>'
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>{text}', encoding="utf-8")
    return ecospold1.read(path)


def exchange(number: int, name: str, amount: str, group: str, *, unit: str = "kg", more: str = "") -> str:
    element = "inputGroup" if group[0] == "i" else "outputGroup"
    return (f'<exchange number="{number}" name="{name}" unit="{unit}" meanValue="{amount}" {more}>'
            f"<{element}>{group[1]}</{element}></exchange>")


def kinds(reading: Reading) -> list[str]:
    return reading.defects["kind"].to_list()


def test_process_fields_would_be_lost(tmp_path: Path) -> None:
    more = """<modellingAndValidation><source number="7" firstAuthor="Li, M. " year="2018" title="Steel in China"/>
      </modellingAndValidation><administrativeInformation>
      <dataGeneratorAndPublication referenceToPublishedSource="7"/></administrativeInformation>"""
    reading = read(tmp_path, dataset(function='localName="炼钢" generalComment="BOF"', more=more))
    row = reading.inventory.processes.row(0, named=True)
    assert reading.inventory.name == "sample-1"
    assert row | {"source": None, "where": None} == {
        "id": "1", "name_zh": "炼钢", "name_en": "Steel making", "place": "CN", "category": "metals/ferro",
        "kind": "unit", "start": 2015, "end": 2020, "volume": None, "allocation": None, "review": None,
        "quality": None, "source": None, "comment": "BOF", "where": None,
    }
    assert row["where"] == "Sample 1.xml, dataset 1"
    source = reading.inventory.sources.row(0, named=True)
    assert (source["id"], source["citation"], source["year"]) == (row["source"], "Li, M. Steel in China", 2018)
    assert kinds(reading) == []


def test_groups_would_give_another_direction_or_kind(tmp_path: Path) -> None:
    groups = ["i1", "i2", "i3", "i4", "i5", "o0", "o1", "o2", "o3", "o4"]
    rows = "".join(exchange(n, f"flow {group}", "2", group) for n, group in enumerate(groups))
    inventory = read(tmp_path, dataset(rows)).inventory
    joined = inventory.exchanges.join(inventory.flows, left_on="flow", right_on="id").sort("row")
    found = {
        row["name_en"].removeprefix("flow "): (row["kind"], row["direction"], row["reference"], row["avoided"])
        for row in joined.iter_rows(named=True)
    }
    product = ("product", "input", False, False)
    assert found == {
        "i1": product, "i2": product, "i3": product, "i5": product, "i4": ("elementary", "input", False, False),
        "o0": ("product", "output", True, False), "o1": ("product", "output", False, True),
        "o2": ("product", "output", False, False), "o3": ("waste", "output", False, False),
        "o4": ("elementary", "output", False, False),
    }


@pytest.mark.parametrize(
    ("path", "group", "expected"),
    [
        (("air", "low. pop."), "o4", "air/low population density"),
        (("emission", "air"), "o4", "air"),
        (("troposphere", "rural"), "o4", "air/troposphere/rural"),
        (("fresh water body", "river"), "o4", "water/fresh water body/river"),
        (("water", "ground-, long-term"), "o4", "water/ground, long-term"),
        (("human-dominated", "agricultural"), "o4", "soil/human-dominated/agricultural"),
        (("Emissions to soil", "unspecified"), "o4", "soil"),
        (("resource", "in ground"), "i4", "resource/ground"),
        (("water", "subterranean"), "i4", "resource/water/subterranean"),
        (("ground", "subterranean"), "i4", "resource/ground/subterranean"),
        (("something", "else"), "i4", "resource"),
        (("something", "else"), "o4", None),
    ],
)
def test_compartments_would_not_match_those_of_methods(
    tmp_path: Path, path: tuple[str, str], group: str, expected: str | None
) -> None:
    more = f'category="{path[0]}" subCategory="{path[1]}" CASNumber="000124-38-9" formula="CO2"'
    flows = read(tmp_path, dataset(STEEL + exchange(2, "CO2", "1", group, more=more))).inventory.flows
    flow = flows.row(1, named=True)
    assert (flow["compartment"], flow["cas"], flow["formula"]) == (expected, "124-38-9", "CO2")


def test_what_files_write_for_nothing_would_be_taken_for_text(tmp_path: Path) -> None:
    more = 'CASNumber="NaN" formula="-" generalComment=" " location="unknown"'
    inventory = read(tmp_path, dataset(STEEL + exchange(2, "X", "1", "i5", more=more), place="unspecified")).inventory
    assert inventory.flows.row(1, named=True)["cas"] is None
    assert inventory.flows.row(1, named=True)["formula"] is None
    assert inventory.exchanges["comment"].to_list() == [None, None]
    assert inventory.processes["place"].to_list() == [None]


def test_amounts_would_not_be_in_the_unit_of_the_flow(tmp_path: Path) -> None:
    spread = 'uncertaintyType="1" standardDeviation95="1.44"'
    uses = exchange(2, "Power", "7.2", "i5", unit="MJ", more=spread) + exchange(3, "Water", "5", "i4", unit="l")
    uses += exchange(4, "Water", "3", "i4", unit="m3") + exchange(5, "Water", "4", "i4")
    makes = exchange(2, "Power", "1", "o0", unit="kilowatt hour")
    inventory = read(tmp_path, dataset(STEEL + uses), dataset(makes, number="2", name="Power plant")).inventory
    rows = inventory.exchanges.join(inventory.flows.select(flow="id", name="name_en", flow_unit="unit"), on="flow")
    power = rows.filter((pl.col("name") == "Power") & (pl.col("process") == "1")).row(0, named=True)
    assert (power["amount"], power["unit"], power["flow_unit"]) == (2.0, "MJ", "kWh")
    assert power["loc"] == pytest.approx(math.log(2))
    assert power["scale"] == pytest.approx(math.log(1.2))
    water = rows.filter(pl.col("name") == "Water")
    assert water.select("flow_unit", "amount").rows() == [("l", 5.0), ("l", 3000.0), ("kg", 4.0)]
    assert water["flow"].n_unique() == 2  # kilograms and cubic metres of water do not convert


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ('uncertaintyType="0" standardDeviation95="3"', (None,) * 5),
        ('uncertaintyType="1" standardDeviation95="1"', (None,) * 5),
        ('uncertaintyType="2" standardDeviation95="0.5"', ("normal", 2.0, 0.25, None, None)),
        ('uncertaintyType="3" minValue="1" maxValue="4"', ("triangular", 1.0, None, 1.0, 4.0)),
        ('uncertaintyType="3" minValue="1" mostLikelyValue="3" maxValue="4"', ("triangular", 3.0, None, 1.0, 4.0)),
        ('uncertaintyType="4" minValue="1" maxValue="4"', ("uniform", None, None, 1.0, 4.0)),
        ('uncertaintyType="4" minValue="2" maxValue="2"', (None,) * 5),
    ],
)
def test_distribution_would_be_another(tmp_path: Path, fields: str, expected: tuple[object, ...]) -> None:
    reading = read(tmp_path, dataset(STEEL + exchange(2, "Ore", "2", "i5", more=fields)))
    assert reading.inventory.exchanges.select(ecospold1.SPREAD).row(1) == expected
    assert kinds(reading) == []


def test_lognormal_of_a_credit_would_lose_its_size(tmp_path: Path) -> None:
    fields = 'uncertaintyType="1" standardDeviation95="1.21" generalComment="(2,3,1,2,4,na) measured"'
    inventory = read(tmp_path, dataset(STEEL + exchange(2, "Slag", "-2", "i5", more=fields))).inventory
    row = inventory.exchanges.row(1, named=True)
    assert (row["distribution"], row["loc"], row["pedigree"]) == ("lognormal", math.log(2), "(2;3;1;2;4)")
    assert row["scale"] == pytest.approx(math.log(1.1))


@pytest.mark.parametrize(
    "fields",
    [
        'uncertaintyType="1"', 'uncertaintyType="1" standardDeviation95="0.0"', 'uncertaintyType="2"',
        'uncertaintyType="2" standardDeviation95="-1"', 'uncertaintyType="3" minValue="3" maxValue="1"',
        'uncertaintyType="3" minValue="1" mostLikelyValue="9" maxValue="4"', 'uncertaintyType="4" minValue="1"',
        'uncertaintyType="9" minValue="1" maxValue="4"',
    ],
)
def test_impossible_distribution_would_be_sampled(tmp_path: Path, fields: str) -> None:
    reading = read(tmp_path, dataset(STEEL + exchange(2, "Ore", "2", "i5", more=fields)))
    assert reading.inventory.exchanges.row(1, named=True)["distribution"] is None
    assert reading.defects.select("kind", "process", "row", "value").rows() == [("uncertainty_bad", "1", 2, 2.0)]


def test_missing_amount_would_become_zero(tmp_path: Path) -> None:
    rows = exchange(2, "Ore", "", "i5") + exchange(3, "Coke", "NaN", "i5") + exchange(4, "Lime", "1,5", "i5")
    reading = read(tmp_path, dataset(STEEL + rows))
    assert reading.inventory.exchanges["amount"].to_list() == [1.0, None, None, None]
    assert reading.defects.select("kind", "row", "detail").rows() == [
        ("amount_missing", 2, ""), ("amount_not_number", 3, "NaN"), ("amount_not_number", 4, "1,5"),
    ]


def test_unknown_unit_and_nameless_records_would_pass_unseen(tmp_path: Path) -> None:
    reading = read(tmp_path, dataset(exchange(1, "", "1", "o0", unit="pig place"), name=""))
    assert sorted(kinds(reading)) == ["flow_unknown_unit", "name_missing", "name_missing"]
    assert reading.inventory.flows["unit"].to_list() == ["pig place"]


@pytest.mark.parametrize(
    ("period", "years"),
    [
        ("<startDate>2010-01-01</startDate><endDate>2012-12-31</endDate>", (2010, 2012)),
        ("<startYearMonth>2010-06</startYearMonth><endYearMonth>2012-01</endYearMonth>", (2010, 2012)),
        ("<startDate>2009-12-31-07:00</startDate><endDate>2012-12-31-07:00</endDate>", (2010, 2013)),
        ("<startDate>2010-01-01+08:00</startDate><endDate>2012-12-31Z</endDate>", (2010, 2012)),
        ("", (None, None)),
    ],
)
def test_period_would_shift_by_a_year(tmp_path: Path, period: str, years: tuple[int | None, int | None]) -> None:
    reading = read(tmp_path, dataset(period=period))
    assert reading.inventory.processes.select("start", "end").row(0) == years
    assert kinds(reading) == []


@pytest.mark.parametrize("text", ["9999", "soon"])
def test_impossible_year_would_be_a_year(tmp_path: Path, text: str) -> None:
    reading = read(tmp_path, dataset(period=f"<startYear>{text}</startYear><endYear>2020</endYear>"))
    assert reading.inventory.processes.select("start", "end").row(0) == (None, 2020)
    assert reading.defects.select("kind", "process", "detail").rows() == [("period_bad", "1", text)]


CO_PRODUCTS = exchange(1, "Beef", "1", "o2") + exchange(2, "Hide", "0.1", "o2") + exchange(3, "Feed", "20", "i5")


def shares(product: int, percent: float, *targets: int, method: int = 1) -> str:
    inside = "".join(f"<referenceToInputOutput>{target}</referenceToInputOutput>" for target in targets)
    about = f'referenceToCoProduct="{product}" allocationMethod="{method}" fraction="{percent}"'
    return f"<allocation {about}>{inside}</allocation>"


def test_one_share_for_all_exchanges_would_be_repeated_for_each(tmp_path: Path) -> None:
    inventory = read(tmp_path, dataset(CO_PRODUCTS, kind="5", flows=shares(1, 90, 3) + shares(2, 10, 3))).inventory
    stated = inventory.allocation.select("method", "row", "factor").rows()
    assert stated == [("economic", None, 0.9), ("economic", None, 0.1)]
    assert inventory.processes["allocation"].to_list() == ["economic"]


def test_shares_by_exchange_would_be_mixed_up(tmp_path: Path) -> None:
    rows = CO_PRODUCTS + exchange(4, "Salt", "1", "i5")
    flows = shares(1, 90, 3, method=0) + shares(2, 10, 3) + shares(1, 0, 4) + shares(2, 100, 4)
    inventory = read(tmp_path, dataset(rows, flows=flows)).inventory
    named = inventory.allocation.join(inventory.flows, left_on="flow", right_on="id")
    named = named.select("name_en", "method", "row", "factor")
    assert sorted(named.rows()) == [
        ("Beef", "causal", 3, 0.9), ("Beef", "causal", 4, 0.0), ("Hide", "causal", 3, 0.1), ("Hide", "causal", 4, 1.0),
    ]
    assert inventory.processes["allocation"].to_list() == ["causal"]


@pytest.mark.parametrize(
    "bad", [shares(9, 50, 3), '<allocation referenceToCoProduct="1" fraction="half"/>', shares(3, 50, 3)]
)
def test_share_of_no_product_would_be_used(tmp_path: Path, bad: str) -> None:
    reading = read(tmp_path, dataset(CO_PRODUCTS, flows=bad))
    assert reading.inventory.allocation.height == 0
    assert kinds(reading) == ["allocation_missing"]


def test_supplier_would_not_be_the_one_named(tmp_path: Path) -> None:
    plants = [
        dataset(exchange(n, "Power", "1", "o0", unit="kWh"), number=str(n), name="Plant", place=place)
        for n, place in ((11, "CN"), (12, "US"), (13, "US"))
    ]
    uses = [(11, ""), (99, 'location="CN"'), (99, 'location="US"'), (13, 'location="CN"'), (99, "")]
    rows = "".join(exchange(n, "Power", "1", "i5", unit="kWh", more=more) for n, more in uses)
    exchanges = read(tmp_path, *plants, dataset(STEEL + rows)).inventory.exchanges.filter(pl.col("process") == "1")
    assert exchanges["provider"].to_list() == [None, "11", "11", None, "13", None]


def test_two_datasets_of_one_number_would_merge(tmp_path: Path) -> None:
    reading = read(tmp_path, dataset(), dataset(name="Other steel"))
    assert reading.inventory.processes["id"].to_list() == ["1", "1-2"]
    assert reading.inventory.exchanges["process"].to_list() == ["1", "1-2"]
    assert kinds(reading) == ["duplicate_id"]


def test_impact_categories_would_become_processes(tmp_path: Path) -> None:
    assert read(tmp_path, dataset(), dataset(number="2", kind="4")).inventory.processes.height == 1


def test_exchange_without_group_would_stop_the_import(tmp_path: Path) -> None:
    row = '<exchange number="2" name="Ore" unit="kg" meanValue="1"/>'
    assert read(tmp_path, dataset(STEEL + row)).inventory.exchanges["direction"].to_list() == ["output", None]


def test_damaged_file_would_hide_the_datasets_before_it(tmp_path: Path) -> None:
    whole = f'<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01">{dataset()}</ecoSpold>'
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("EcoSpold01/a.xml", whole)
        cut = whole.replace('number="1"><m', 'number="2"><m', 1).replace("</ecoSpold>", "<cut")
        archive.writestr("EcoSpold01/b.xml", cut)
        archive.writestr("EcoSpold01/categories.xml", '<categories xmlns="http://www.EcoInvent.org/Categories"/>')
        archive.writestr("__MACOSX/._a.xml", "junk")
    told: list[tuple[int, int]] = []
    reading = ecospold1.read(tmp_path / "a.zip", name="mine", progress=lambda done, total: told.append((done, total)))
    assert (reading.inventory.name, reading.inventory.processes["id"].to_list()) == ("mine", ["1", "2"])
    assert reading.defects.select("kind", "where").rows() == [
        ("file_unreadable", "EcoSpold01/b.xml"), ("not_inventory", "EcoSpold01/categories.xml")]
    assert told[-1][0] == told[-1][1]
    assert told == sorted(told)


def test_folder_would_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.XML").write_text(f'<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01">{dataset()}</ecoSpold>')
    assert ecospold1.read(tmp_path / "in").inventory.processes.height == 1


@pytest.mark.parametrize("text", ["<html/>", "no XML", '<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold02"/>'])
def test_file_of_another_format_would_be_read_as_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.xml").write_text(text)
    with pytest.raises(InvalidInputError, match="EcoSpold 1"):
        ecospold1.read(tmp_path / "a.xml")


def test_path_that_leads_nowhere_would_crash(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="no such file"):
        ecospold1.read(tmp_path / "none.xml")
    with pytest.raises(InvalidInputError, match=r"\.xml"):
        ecospold1.read(tmp_path)


def test_file_could_make_us_read_other_files(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    entity = f'<!DOCTYPE ecoSpold [<!ENTITY x SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'
    text = dataset(function='generalComment="c"').replace("<startYear>2015", "<startYear>&x;")
    (tmp_path / "a.xml").write_text(f'{entity}<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01">{text}</ecoSpold>')
    reading = ecospold1.read(tmp_path / "a.xml")
    assert "secret" not in str(reading.inventory.tables()) + str(reading.defects.to_dicts())
