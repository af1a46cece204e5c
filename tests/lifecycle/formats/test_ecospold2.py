"""EcoSpold 2: links, waste, formulas, distributions, allocation, master data; every defect. All samples are made up."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path

import polars as pl
import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats.ecospold import two as ecospold2
from seedbed.lifecycle.formats.ecospold.one import SPREAD
from seedbed.lifecycle.inventory.tables import Reading
from seedbed.lifecycle.solve.system import build

NS = 'xmlns="http://www.EcoInvent.org/EcoSpold02"'
PERIOD = '<timePeriod startDate="2012-01-01" endDate="2024-12-31"/>'


def activity(
    exchanges: str, *, id: str = "act-steel", name: str = "steel production",
    kind: str = 'type="1" specialActivityType="0"',
    geography: str = "<shortname>CN-HE</shortname>", period: str = PERIOD, more: str = "", admin: str = "",
    tag: str = "activityDataset",
) -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?><ecoSpold {NS}><{tag}><activityDescription>
      <activity id="{id}" {kind}><activityName xml:lang="en">{name}</activityName>{more}</activity>
      <classification><classificationSystem>EcoSpold01Categories</classificationSystem>
        <classificationValue>metals/steel</classificationValue></classification>
      <classification><classificationSystem>ISIC rev.4 ecoinvent</classificationSystem>
        <classificationValue>2410:Manufacture of basic iron and steel</classificationValue></classification>
      <geography geographyId="geo-1">{geography}</geography>{period}</activityDescription>
      <flowData>{exchanges}</flowData>
      <administrativeInformation>{admin}</administrativeInformation></{tag}></ecoSpold>"""


def product(
    flow: str, amount: str, group: str, *, unit: str = "kg", more: str = "", inside: str = "", name: str = ""
) -> str:
    element = "inputGroup" if group[0] == "i" else "outputGroup"
    return (f'<intermediateExchange id="x" intermediateExchangeId="{flow}" amount="{amount}" {more}>'
            f'<name xml:lang="en">{name or flow}</name><unitName>{unit}</unitName>{inside}'
            f"<{element}>{group[1]}</{element}></intermediateExchange>")


def nature(
    flow: str, amount: str, group: str, compartment: tuple[str, str], *, unit: str = "kg", more: str = ""
) -> str:
    element = "inputGroup" if group[0] == "i" else "outputGroup"
    return (f'<elementaryExchange id="x" elementaryExchangeId="{flow}" amount="{amount}" {more}>'
            f"<name>{flow}</name><unitName>{unit}</unitName><compartment><compartment>{compartment[0]}</compartment>"
            f"<subcompartment>{compartment[1]}</subcompartment></compartment><{element}>{group[1]}</{element}>"
            "</elementaryExchange>")


STEEL = product("steel", "1", "o0")


def read(tmp_path: Path, *activities: str, **master: str) -> Reading:
    folder = tmp_path / "db"
    folder.mkdir()
    for number, text in enumerate(activities):
        (folder / f"{number}.spold").write_text(text, encoding="utf-8")
    for name, entries in master.items():
        (folder / "MasterData").mkdir(exist_ok=True)
        text = f'<?xml version="1.0" encoding="utf-8"?><valid{name} {NS}>{entries}</valid{name}>'
        (folder / "MasterData" / f"{name}.xml").write_text(text, encoding="utf-8")
    return ecospold2.read(folder)


def kinds(reading: Reading) -> list[str]:
    return reading.defects["kind"].to_list()


def test_process_fields_would_be_lost(tmp_path: Path) -> None:
    texts = '<text index="2">second</text><text index="1">first</text>'
    more = f'<activityName xml:lang="zh">炼钢</activityName><generalComment>{texts}</generalComment>'
    author = 'publishedSourceFirstAuthor="Li, M." publishedSourceYear="2018"'
    admin = f'<dataGeneratorAndPublication publishedSourceId="src" {author}/>'
    exchanges = product("steel", "1", "o0", more='productionVolumeAmount="5000"')
    reading = read(tmp_path, activity(exchanges, more=more, admin=admin))
    assert reading.inventory.processes.row(0, named=True) == {
        "id": "act-steel_steel", "name_zh": "炼钢", "name_en": "steel production", "place": "CN-HE",
        "category": "2410:Manufacture of basic iron and steel", "kind": "unit", "start": 2012, "end": 2024,
        "volume": 5000.0, "allocation": None, "review": None, "quality": None, "source": "src",
        "comment": "first\nsecond", "where": "0.spold",
    }
    assert reading.inventory.sources.row(0, named=True) | {"url": 1, "licence": 1} == {
        "id": "src", "citation": "Li, M", "url": 1, "year": 2018, "licence": 1,
    }
    assert kinds(reading) == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ('type="1" specialActivityType="0"', "unit"), ('type="1" specialActivityType="1"', "market"),
        ('type="1" specialActivityType="10"', "market"), ('type="2" specialActivityType="1"', "system"),
    ],
)
def test_market_would_be_an_ordinary_process(tmp_path: Path, kind: str, expected: str) -> None:
    text = activity(STEEL, kind=kind, tag="childActivityDataset")
    assert read(tmp_path, text).inventory.processes["kind"].to_list() == [expected]


def test_compartment_cas_and_direction_would_be_lost(tmp_path: Path) -> None:
    rows = nature("CO2", "2", "o4", ("air", "urban air close to ground"), more='casNumber="000124-38-9" formula="CO2"')
    rows += nature("ore", "3", "i4", ("natural resource", "in ground")) + nature("water", "4", "i4", ("water", "river"))
    inventory = read(tmp_path, activity(STEEL + rows)).inventory
    flows = inventory.flows.drop("formula", "unit").filter(kind="elementary")
    joined = inventory.exchanges.join(flows, left_on="flow", right_on="id")
    assert joined.select("flow", "direction", "amount", "compartment", "cas").rows() == [
        ("CO2", "output", 2.0, "air/urban air close to ground", "124-38-9"),
        ("ore", "input", 3.0, "resource/ground", None), ("water", "input", 4.0, "resource/water/river", None),
    ]


def test_activity_link_would_lead_to_another_product(tmp_path: Path) -> None:
    twins = [activity(product("power", "1", "o0", unit="kWh") + product("heat", "0", "o0", unit="MJ"), id="chp"),
             activity(product("power", "0", "o0", unit="kWh") + product("heat", "1", "o0", unit="MJ"),
                      id="chp")]
    uses = product("heat", "2", "i5", unit="MJ", more='activityLinkId="chp"')
    uses += product("coal", "2", "i5", more='activityLinkId="mine"') + product("power", "1", "i5", unit="kWh")
    reading = read(tmp_path, *twins, activity(STEEL + uses))
    inputs = reading.inventory.exchanges.filter(pl.col("direction") == "input")
    assert inputs["provider"].to_list() == ["chp_heat", "mine_coal", None]
    assert reading.inventory.processes["id"].to_list() == ["chp_power", "chp_heat", "act-steel_steel"]
    references = reading.inventory.exchanges.filter("reference").select("process", "flow")
    assert references.rows() == [("chp_power", "power"), ("chp_heat", "heat"), ("act-steel_steel", "steel")]


def test_by_product_of_an_activity_would_have_no_provider(tmp_path: Path) -> None:
    rows = STEEL + product("slag", "0.2", "o2")
    use = product("slag", "1", "i5", more='activityLinkId="act-steel"')
    reading = read(tmp_path, activity(rows), activity(product("cement", "1", "o0") + use, id="act-cement"))
    inputs = reading.inventory.exchanges.filter(pl.col("direction") == "input")
    assert inputs["provider"].to_list() == ["act-steel_steel"]


def test_waste_treatment_would_give_negative_footprints(tmp_path: Path) -> None:
    spread = '<uncertainty><triangular minValue="-0.5" mostLikelyValue="-0.3" maxValue="-0.1"/></uncertainty>'
    makes = STEEL + product("dust", "-0.3", "i5", more='activityLinkId="act-dust"', inside=spread)
    treats = product("dust", "-1", "o0") + nature("CO2", "2", "o4", ("air", "unspecified"))
    reading = read(tmp_path, activity(makes), activity(treats, id="act-dust", name="treatment of dust"))
    inventory = reading.inventory
    dust = inventory.exchanges.filter(pl.col("flow") == "dust")
    assert dust.select("direction", "amount", "reference", "provider").rows() == [
        ("output", 0.3, False, "act-dust_dust"), ("input", 1.0, True, None),
    ]
    assert dust.select(SPREAD).row(0) == ("triangular", 0.3, None, 0.1, 0.5)
    assert inventory.flows.filter(pl.col("id") == "dust")["kind"].to_list() == ["waste"]
    system = build(inventory)
    steel = system.columns.filter(pl.col("flow") == "steel")["column"][0]
    demand = [float(number == steel) for number in range(system.size)]
    scaling = pl.Series(demand).to_numpy()
    from scipy.sparse.linalg import spsolve

    assert (system.B @ spsolve(system.A, scaling)).tolist() == pytest.approx([0.6])


def test_waste_nobody_treats_here_would_be_a_product(tmp_path: Path) -> None:
    waste = ("<classification><classificationSystem>By-product classification</classificationSystem>"
             "<classificationValue>Waste</classificationValue></classification>")
    rows = STEEL + product("scale", "0.1", "o2", inside=waste) + product("acid", "0.2", "o3")
    rows += product("dust", "-0.3", "i5", inside=waste)
    inventory = read(tmp_path, activity(rows)).inventory
    joined = inventory.exchanges.join(inventory.flows.select(flow="id", kind="kind"), on="flow")
    assert joined.select("flow", "kind", "direction", "amount").rows() == [
        ("steel", "product", "output", 1.0), ("scale", "waste", "output", 0.1), ("acid", "waste", "output", 0.2),
        ("dust", "waste", "output", 0.3),
    ]
    assert inventory.allocation.height == 0


def spread(inside: str, amount: str = "2") -> str:
    scores = ('<pedigreeMatrix reliability="2" completeness="1" temporalCorrelation="2" geographicalCorrelation="1"'
              ' furtherTechnologyCorrelation="4"/>')
    return STEEL + product("coke", amount, "i5", inside=f"<uncertainty>{inside}{scores}</uncertainty>")


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        # the mu and the mean are those of before allocation: the distribution lies around the amount
        ('<lognormal meanValue="5" mu="1.6" variance="0.04" varianceWithPedigreeUncertainty="0.09"/>',
         ("lognormal", math.log(2), 0.3, None, None)),
        ('<lognormal meanValue="2" mu="0.7" variance="0.04"/>', ("lognormal", math.log(2), 0.2, None, None)),
        ('<normal meanValue="2" variance="0.01" varianceWithPedigreeUncertainty="0.25"/>',
         ("normal", 2.0, 0.5, None, None)),
        ('<normal meanValue="2" variance="0" varianceWithPedigreeUncertainty="0"/>', (None,) * 5),
        ('<triangular minValue="1" mostLikelyValue="2.5" maxValue="3"/>', ("triangular", 2.5, None, 1.0, 3.0)),
        ('<uniform minValue="1" maxValue="3"/>', ("uniform", None, None, 1.0, 3.0)),
        ('<beta minValue="1" mostFrequentValue="1.5" maxValue="3"/>', ("pert", 1.5, None, 1.0, 3.0)),
        ('<undefined minValue="1" maxValue="3" standardDeviation95="1.1"/>', (None,) * 5),
        ("", (None,) * 5),
    ],
)
def test_distribution_would_be_another(tmp_path: Path, inside: str, expected: tuple[object, ...]) -> None:
    reading = read(tmp_path, activity(spread(inside)))
    row = reading.inventory.exchanges.row(1, named=True)
    assert tuple(row[key] for key in SPREAD) == tuple(
        pytest.approx(value) if isinstance(value, float) else value for value in expected
    )
    assert row["pedigree"] == "(2;1;2;1;4)"
    assert kinds(reading) == []


@pytest.mark.parametrize(
    "inside",
    [
        '<lognormal meanValue="2" mu="0.7"/>', '<normal meanValue="2" varianceWithPedigreeUncertainty="-1"/>',
        '<triangular minValue="10" mostLikelyValue="20" maxValue="30"/>', '<uniform minValue="3" maxValue="1"/>',
        '<gamma shape="2" scale="1" minValue="0"/>', '<binomial n="3" p="0.5"/>',
    ],
)
def test_impossible_distribution_would_be_sampled(tmp_path: Path, inside: str) -> None:
    reading = read(tmp_path, activity(spread(inside)))
    assert reading.inventory.exchanges["distribution"].to_list() == [None, None]
    assert reading.defects.select("kind", "process", "row", "flow", "value").rows() == [
        ("uncertainty_bad", "act-steel_steel", 2, "coke", 2.0)
    ]


def calculated(relation: str) -> str:
    return f'isCalculatedAmount="true" mathematicalRelation="{relation}"'


def parameter(name: str, amount: str, more: str = "") -> str:
    about = f'variableName="{name}" amount="{amount}" {more}'
    return f"<parameter {about}><name>{name}</name><unitName>kg</unitName></parameter>"


def test_formula_would_not_be_evaluated_from_its_variables(tmp_path: Path) -> None:
    share = '<property propertyId="p" variableName="carbon" amount="0.8"><name>carbon content</name></property>'
    volume = 'productionVolumeVariableName="apv" productionVolumeAmount="10"'
    rows = product("steel", "1", "o0", more=f'variableName="Steel" {volume}')
    rows += product("coke", "0.5", "i5", more=f'variableName="coke_used" {calculated("Steel*rate^2*2")}', inside=share)
    rows += nature("CO2", "1.5", "o4", ("air", ""), more=calculated("IF(rate&gt;0;coke_used*carbon*apv/10;0)+1.1"))
    rows += parameter("rate", "0.5", calculated("1/divisor")) + parameter("divisor", "2") + parameter("unused", "3")
    reading = read(tmp_path, activity(rows))
    exchanges, parameters = reading.inventory.exchanges, reading.inventory.parameters
    assert kinds(reading) == []
    assert exchanges["formula"].to_list() == [None, "Steel*rate^2*2", "IF(rate>0;coke_used*carbon*apv/10;0)+1.1"]
    assert dict(parameters.select("name", "formula").rows()) == {
        "rate": "1/divisor", "divisor": None, "unused": None, "Steel": None, "coke_used": "Steel*rate^2*2",
        "carbon": None, "apv": None,
    }
    assert dict(parameters.select("name", "value").rows())["apv"] == 10.0


@pytest.mark.parametrize("relation", ["share*3", "unknown*2", "Ref('x', 'ProductionVolume')", "2*(", "1/(share-share)"])
def test_formula_of_before_allocation_would_replace_the_amount(tmp_path: Path, relation: str) -> None:
    rows = STEEL + product("coke", "0.5", "i5", more=calculated(relation)) + parameter("share", "12")
    reading = read(tmp_path, activity(rows))
    coke = reading.inventory.exchanges.row(1, named=True)
    assert (coke["amount"], coke["formula"]) == (0.5, None)
    assert reading.defects.select("kind", "process", "detail").rows() == [("formula_bad", "act-steel_steel", relation)]


def test_formula_that_is_not_in_use_would_be_used(tmp_path: Path) -> None:
    rows = STEEL + product("coke", "0.5", "i5", more='mathematicalRelation="share"') + parameter("share", "12")
    reading = read(tmp_path, activity(rows))
    assert reading.inventory.exchanges["formula"].to_list() == [None, None]
    assert kinds(reading) == []


def test_amount_and_formula_in_another_unit_would_not_be_converted(tmp_path: Path) -> None:
    rows = STEEL + product("coke", "0.5", "i5") + parameter("grams", "400")
    rows += product("coke", "400", "i5", unit="g", more=calculated("grams")) + product("coke", "1", "i5", unit="m3")
    reading = read(tmp_path, activity(rows))
    exchanges = reading.inventory.exchanges
    assert exchanges["amount"].to_list() == [1.0, 0.5, 0.4, None]
    assert exchanges["formula"].to_list() == [None, None, "(grams)*0.001", None]
    assert reading.defects.select("kind", "row", "where", "detail").rows() == [
        ("unit_not_convertible", 4, "0.spold", "m3 → kg")
    ]


def priced(flow: str, amount: str, group: str, price: str, mass: str = "1") -> str:
    inside = (f'<property propertyId="money" amount="{price}"><name>price</name></property>'
              f'<property propertyId="mass" amount="{mass}"><name>dry mass</name></property>')
    return product(flow, amount, group, inside=inside)


@pytest.mark.parametrize(
    ("master", "method", "rows"),
    [
        ("", None, [("economic", "steel", 4.0), ("economic", "slag", 0.02)]),
        ('masterAllocationPropertyId="money"', "economic", [("economic", "steel", 4.0), ("economic", "slag", 0.02)]),
        ('masterAllocationPropertyId="mass"', "physical", [
            ("economic", "steel", 4.0), ("economic", "slag", 0.02), ("physical", "steel", 1.0),
            ("physical", "slag", 0.18)]),
        ('masterAllocationPropertyId="exergy"', "physical", [("economic", "steel", 4.0), ("economic", "slag", 0.02)]),
    ],
)
def test_co_products_would_share_by_price_without_amount(
    tmp_path: Path, master: str, method: str | None, rows: list[tuple[str, str, float]]
) -> None:
    exchanges = priced("steel", "1", "o0", "4") + priced("slag", "0.2", "o2", "0.1", "0.9")
    inventory = read(tmp_path, activity(exchanges, kind=f'type="1" {master}')).inventory
    assert inventory.processes["allocation"].to_list() == [method]
    found = inventory.allocation.select("method", "flow", "factor").rows()
    assert [row[:2] for row in found] == [row[:2] for row in rows]
    assert [row[2] for row in found] == pytest.approx([row[2] for row in rows])


def test_master_data_would_not_complete_the_files(tmp_path: Path) -> None:
    bare = '<intermediateExchange id="x" intermediateExchangeId="coke" amount="1" sourceId="src">'
    bare += "<inputGroup>5</inputGroup></intermediateExchange>"
    bare += '<elementaryExchange id="x" elementaryExchangeId="co2" amount="1">'
    bare += "<outputGroup>4</outputGroup></elementaryExchange>"
    reading = read(
        tmp_path, activity(STEEL + bare, geography=""),
        IntermediateExchanges='<intermediateExchange id="coke"><name xml:lang="zh">焦炭</name>'
                              '<name xml:lang="en">coke</name><unitName>kg</unitName></intermediateExchange>',
        ElementaryExchanges='<elementaryExchange id="co2" casNumber="124-38-9"><name>Carbon dioxide</name>'
                            "<unitName>kg</unitName><compartment><compartment>air</compartment></compartment></elementaryExchange>",
        Geographies='<geography id="geo-1"><name>China</name><shortname>CN</shortname></geography>',
        Sources='<source id="src" firstAuthor="Wang" title="Coking" year="2020"/>',
    )
    inventory = reading.inventory
    assert inventory.flows.select("id", "name_zh", "name_en", "unit", "compartment", "cas").rows() == [
        ("steel", None, "steel", "kg", None, None), ("coke", "焦炭", "coke", "kg", None, None),
        ("co2", None, "Carbon dioxide", "kg", "air", "124-38-9"),
    ]
    assert inventory.processes["place"].to_list() == ["CN"]
    assert inventory.exchanges["source"].to_list() == [None, "src", None]
    assert inventory.sources["citation"].to_list() == ["Wang. Coking"]
    assert kinds(reading) == []


def test_bad_records_would_stop_the_import(tmp_path: Path) -> None:
    rows = product("", "", "o0", unit="heap", name=" ") + product("coke", "much", "i5") + parameter("p", "?")
    rows += '<intermediateExchange intermediateExchangeId="ore" amount="1"><name>ore</name>'
    rows += "<unitName>kg</unitName></intermediateExchange>"
    reading = read(tmp_path, activity(rows, id="", name="", period='<timePeriod startDate="9999-01-01"/>'))
    assert sorted(kinds(reading)) == [
        "amount_missing", "amount_missing", "amount_not_number", "flow_unknown_unit", "name_missing", "name_missing",
        "period_bad",
    ]
    assert reading.inventory.exchanges["amount"].to_list() == [None, None, 1.0]
    assert reading.inventory.exchanges["direction"].to_list() == ["output", "input", None]


def test_two_files_of_one_activity_would_merge(tmp_path: Path) -> None:
    reading = read(tmp_path, activity(STEEL), activity(STEEL, name="copy"))
    assert reading.inventory.processes["id"].n_unique() == 2
    assert reading.defects.select("kind", "where").rows() == [("duplicate_id", "1.spold")]


def test_zip_with_a_damaged_file_would_not_be_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "Eco 3.zip", "w") as archive:
        archive.writestr("datasets/a.spold", activity(STEEL))
        archive.writestr("datasets/b.spold", activity(STEEL)[:-40])
        archive.writestr("FilenameToActivityLookup.xml", "<x/>")
    told: list[tuple[int, int]] = []
    reading = ecospold2.read(tmp_path / "Eco 3.zip", progress=lambda done, total: told.append((done, total)))
    assert (reading.inventory.name, reading.inventory.processes.height) == ("eco-3", 1)
    assert reading.defects.select("kind", "where").rows() == [
        ("not_inventory", "FilenameToActivityLookup.xml"), ("file_unreadable", "datasets/b.spold")]
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_file_of_another_format_would_be_read_as_empty(tmp_path: Path) -> None:
    (tmp_path / "a.spold").write_text('<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01"/>')
    with pytest.raises(InvalidInputError, match="EcoSpold 2"):
        ecospold2.read(tmp_path / "a.spold")
