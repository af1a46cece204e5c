"""SimaPro CSV: what each section becomes, in any encoding and notation, and what is reported."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedbed.base import formulas
from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats.simapro import read as simapro
from seedbed.lifecycle.inventory.tables import Reading

HEADER = """{{SimaPro 9.5.0.0}}
{{processes}}
{{Date: 2024-05-01}}
{{Project: Foundry}}
{{CSV Format version: 9.0.0}}
{{CSV separator: {separator}}}
{{Decimal separator: {decimal}}}
{{Date separator: -}}
"""

FOUNDRY = """
Process

Category type
material

Process identifier
Foundry01

Type
Unit process

Process name


Time period
2015-2019

Geography
Asia, China

Multiple output allocation
Economic value

Comment
first line\x7fsecond line

Products
Casting {CN}| production | U;kg;2;80;not defined;Metals\\Castings;main
Slag {CN} U;kg;0,5;20;not defined;Metals;

Avoided products
Cement {CN} U;kg;0,1;Undefined;0;0;0;

Resources
Sand;in ground;g;400;Triangle;0;300;600;

Materials/fuels
Pig iron {CN} U;ton;0,0022*recovery;Undefined;0;0;0;
Sand mould, in house;p;3;Lognormal;1,44;0;0;(2,3,1,2,4,BU:1.05); measured

Electricity/heat
Electricity {CN-HE} U;kWh;5;Normal;0,6;0;0;

Emissions to air
Carbon dioxide, fossil;low. pop.;g;1500;Uniform;0;1000;2000;
Heat, waste;(unspecified);MJ;4;Undefined;0;0;0;

Final waste flows
Dust;;kg;0,01;Undefined;0;0;0;

Waste to treatment
Spent sand treatment {CN} U;kg;0,39;Undefined;0;0;0;

Input parameters
recovery;0,9;Triangle;0;0,8;1;No;share of melt

Calculated parameters
melt;2/recovery + scrap^2;comment

End

Process

Category type
waste treatment

Process identifier
Landfill01

Type
System

Geography
Unspecified

Waste treatment
Spent sand treatment {CN} U;kg;1;All waste types;Landfill;

Emissions to water
Iron;river;kg;0,002;Undefined;0;0;0;

End

Units
kg;Mass;1;kg
foot mould;Amount;4;p

End

Airborne emissions
Carbon dioxide, fossil;kg;000124-38-9;Formula: CO2
Heat, waste;MJ;;

End

Database Input parameters
scrap;1;Undefined;0;0;0;No;of the database

End

Project Input parameters
scrap;0,25;Undefined;0;0;0;No;of the project

End
"""


def read(
    folder: Path, text: str = FOUNDRY, *, decimal: str = ",", separator: str = "Semicolon", encoding: str = "cp1252"
) -> Reading:
    path = folder / "foundry.csv"
    path.write_bytes((HEADER.format(separator=separator, decimal=decimal) + text).encode(encoding))
    return simapro.read(path)


def process(*sections: str) -> str:
    """A process of one product, 1 kg of `Casting`, with further sections."""
    return "\n\n".join(
        ["Process", "Process identifier\nP1", "Products\nCasting;kg;1;100;;;", *sections, "End\n"]
    )


def exchange(reading: Reading, name: str, process: str | None = None) -> dict[str, object]:
    """The one exchange (of a process) whose flow has this English name, joined with the flow."""
    rows = reading.inventory.exchanges.join(reading.inventory.flows, left_on="flow", right_on="id", suffix="_flow")
    rows = rows.filter(pl.col("name_en") == name)
    return (rows if process is None else rows.filter(pl.col("process") == process)).row(0, named=True)


def kinds(reading: Reading) -> list[str]:
    return reading.defects["kind"].to_list()


def test_a_process_keeps_its_name_place_period_and_path(tmp_path: Path) -> None:
    row = read(tmp_path).inventory.processes.row(0, named=True)
    assert row | {"where": ""} == {
        "id": "Foundry01", "name_zh": None, "name_en": "Casting {CN}| production | U", "place": "CN",
        "category": "material/Metals/Castings", "kind": "unit", "start": 2015, "end": 2019, "volume": None,
        "allocation": "economic", "review": None, "quality": None, "source": None,
        "comment": "first line\nsecond line", "where": "",
    }
    assert row["where"].startswith("foundry.csv:")


def test_the_file_gives_inventory_name_and_date(tmp_path: Path) -> None:
    inventory = read(tmp_path).inventory
    assert (inventory.name, inventory.version) == ("foundry", "2024-05-01")
    assert not read(tmp_path).defects.height


def test_amounts_are_in_the_unit_of_their_flow(tmp_path: Path) -> None:
    reading = read(tmp_path)
    carbon = exchange(reading, "Carbon dioxide, fossil")
    assert (carbon["amount"], carbon["unit"], carbon["unit_flow"]) == (1.5, "g", "kg")
    assert (carbon["low"], carbon["high"]) == (1.0, 2.0)
    assert (carbon["compartment"], carbon["cas"]) == ("air/low population density", "124-38-9")


def test_a_product_has_the_unit_of_its_maker_wherever_it_is_used(tmp_path: Path) -> None:
    maker = "Process\n\nProcess identifier\nP2\n\nProducts\nPig iron;kg;1;100;;;\n\nEnd\n"
    reading = read(tmp_path, process("Materials/fuels\nPig iron;ton;0,5;Undefined;0;0;0;") + maker)
    assert exchange(reading, "Pig iron", "P1")["amount"] == 500
    assert reading.inventory.flows.filter(name_en="Pig iron").height == 1


def test_directions_references_and_credits(tmp_path: Path) -> None:
    reading = read(tmp_path)
    seen = {
        name: (row["kind"], row["direction"], row["reference"], row["avoided"])
        for name in ("Casting {CN}| production | U", "Slag {CN} U", "Cement {CN} U", "Sand", "Dust", "Iron")
        for row in [exchange(reading, name)]
    }
    assert seen == {
        "Casting {CN}| production | U": ("product", "output", True, False),
        "Slag {CN} U": ("product", "output", False, False),
        "Cement {CN} U": ("product", "output", False, True),
        "Sand": ("elementary", "input", False, False),
        "Dust": ("elementary", "output", False, False),
        "Iron": ("elementary", "output", False, False),
    }
    spent = "Spent sand treatment {CN} U"
    made, treated = exchange(reading, spent, "Foundry01"), exchange(reading, spent, "Landfill01")
    assert (made["kind"], made["direction"], made["reference"], made["amount"]) == ("waste", "output", False, 0.39)
    assert (treated["flow"], treated["direction"], treated["reference"]) == (made["flow"], "input", True)


def test_shares_of_several_products(tmp_path: Path) -> None:
    shares = read(tmp_path).inventory.allocation
    assert shares.select("method", "factor").rows() == [("economic", 0.8), ("economic", 0.2)]


def test_every_spread_is_read_as_simapro_shows_it(tmp_path: Path) -> None:
    reading = read(tmp_path)
    fields = ("distribution", "loc", "scale", "low", "high")
    mould = exchange(reading, "Sand mould, in house")
    assert [mould[key] for key in fields] == ["lognormal", math.log(3), pytest.approx(math.log(1.2)), None, None]
    power = exchange(reading, "Electricity {CN-HE} U")
    assert [power[key] for key in fields] == ["normal", 5, pytest.approx(0.3), None, None]
    sand = exchange(reading, "Sand")
    assert [sand[key] for key in fields] == ["triangular", 400, None, 300, 600]
    carbon = exchange(reading, "Carbon dioxide, fossil")
    assert [carbon[key] for key in fields] == ["uniform", None, None, 1, 2]
    assert mould["pedigree"] == "(2;3;1;2;4)"


def test_formulas_are_written_in_our_syntax_and_unit(tmp_path: Path) -> None:
    reading = read(tmp_path)
    iron = exchange(reading, "Pig iron {CN} U")
    assert iron["amount"] is None
    parameters = {row["name"]: row for row in reading.inventory.parameters.iter_rows(named=True)}
    assert (parameters["recovery"]["process"], parameters["recovery"]["value"]) == ("Foundry01", 0.9)
    values = {"recovery": 0.9, "scrap": parameters["scrap"]["value"]}
    assert formulas.evaluate(str(iron["formula"]), values) == pytest.approx(0.0022 * 0.9)
    assert formulas.evaluate(parameters["melt"]["formula"], values) == pytest.approx(2 / 0.9 + 0.25**2)


def test_formula_in_another_unit_is_converted(tmp_path: Path) -> None:
    maker = "Process\n\nProcess identifier\nP2\n\nProducts\nIron;kg;1;100;;;\n\nEnd\n"
    reading = read(tmp_path, process("Materials/fuels\nIron;ton;max(0,002;0,001)*2;Undefined;0;0;0;") + maker)
    row = exchange(reading, "Iron", "P1")
    # the semicolon inside the function splits the field, as it does in SimaPro: such fields are quoted
    assert row["amount"] is None
    quoted = process('Materials/fuels\nIron;ton;"max(0,002;0,001)*2";Undefined;0;0;0;') + maker
    assert formulas.evaluate(str(exchange(read(tmp_path, quoted), "Iron", "P1")["formula"]), {}) == pytest.approx(4)


def test_comparisons_of_formulas_are_understood(tmp_path: Path) -> None:
    text = process('Materials/fuels\nIron;kg;"iff(mode=1;2;iff(mode<>3;4;5))";Undefined;0;0;0;')
    formula = str(exchange(read(tmp_path, text), "Iron")["formula"])
    assert [float(formulas.evaluate(formula, {"mode": mode})) for mode in (1, 2, 3)] == [2, 4, 5]


def test_a_project_parameter_hides_the_databases(tmp_path: Path) -> None:
    scrap = read(tmp_path).inventory.parameters.filter(name="scrap")
    assert scrap.select("process", "value", "comment").rows() == [(None, 0.25, "of the project")]


def test_units_of_the_file_serve_where_ours_end(tmp_path: Path) -> None:
    units = "Units\nkg;Mass;1;kg\nladle;Mass;250;kg\n\nEnd\n"
    reading = read(tmp_path, process("Materials/fuels\nMelt;ladle;2;Undefined;0;0;0;") + units)
    melt = exchange(reading, "Melt")
    assert (melt["amount"], melt["unit"], melt["unit_flow"]) == (500, "ladle", "kg")


@pytest.mark.parametrize(("name", "place"), [
    ("Steel {CN}| market for | U", "CN"), ("Steel/CN U", "CN"), ("Steel, at plant/kg/RNA", "RNA"),
    ("Power {CN-GD} U", "CN-GD"), ("Power {RoW} U", "RoW"), ("Heat/MJ", "JP"), ("Steel", "JP"),
])
def test_the_place_is_taken_from_the_name_then_the_geography(tmp_path: Path, name: str, place: str) -> None:
    text = f"Process\n\nProcess identifier\nP\n\nGeography\nAsia, Japan\n\nProducts\n{name};kg;1;100;;;\n\nEnd\n"
    assert read(tmp_path, text).inventory.processes["place"][0] == place


def test_a_supply_mix_is_a_market(tmp_path: Path) -> None:
    text = process().replace("Casting;", "Casting {GLO}| market for | U;")
    assert read(tmp_path, text).inventory.processes["kind"][0] == "market"


@pytest.mark.parametrize(("text", "period"), [
    ("2010", (2010, 2010)), ("2010 and after", (2010, None)), ("1985 and before", (None, 1985)),
    ("Unspecified", (None, None)),
])
def test_time_periods(tmp_path: Path, text: str, period: tuple[int | None, int | None]) -> None:
    reading = read(tmp_path, process(f"Time period\n{text}"))
    assert reading.inventory.processes.select("start", "end").row(0) == period
    assert not kinds(reading)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_text_is_read_in_the_encodings_of_chinese_windows(tmp_path: Path, encoding: str) -> None:
    reading = read(tmp_path, process().replace("Casting", "铝合金轮毂，示例工厂"), encoding=encoding)
    assert reading.inventory.flows["name_zh"].to_list() == ["铝合金轮毂，示例工厂"]


def test_western_text_is_read_as_windows_1252(tmp_path: Path) -> None:
    text = process("Materials/fuels\nAcétate à l'éthyle;µg;5;Undefined;0;0;0;")
    row = exchange(read(tmp_path, text), "Acétate à l'éthyle")
    assert (row["amount"], row["unit_flow"]) == (5, "ug")


@pytest.mark.parametrize("separator", ["Comma", "Tab", ";"])
def test_every_separator_gives_the_same_tables(tmp_path: Path, separator: str) -> None:
    mark = {"Comma": ",", "Tab": "\t", ";": ";"}[separator]
    text = FOUNDRY.replace('"', "").replace("(2,3,1,2,4,BU:1.05)", "(2;3;1;2;4)").split("\n")
    parts = [[f'"{field}"' if "," in field and not field.replace(",", "").isdigit() else field.replace(",", ".")
              for field in line.replace("(2;3;1;2;4)", "").split(";")] for line in text]
    points = "\n".join(mark.join(fields) for fields in parts).replace("0,0022", "0.0022")
    ours, same = read(tmp_path).inventory, read(tmp_path, points, decimal=".", separator=separator).inventory
    columns = ["process", "row", "flow", "direction", "amount", "formula", "distribution", "scale"]
    assert same.exchanges.select(columns).equals(ours.exchanges.select(columns))
    assert same.parameters.equals(ours.parameters)


def test_a_stray_quotation_mark_spoils_one_line_only(tmp_path: Path) -> None:
    text = process('Comment\n"a size of 3" and more', "Materials/fuels\nIron;kg;2;Undefined;0;0;0;")
    assert exchange(read(tmp_path, text), "Iron")["amount"] == 2


def test_old_files_without_end_are_split_into_processes(tmp_path: Path) -> None:
    two = process().replace("End\n", "") + "\n" + process().replace("P1", "P2").replace("Casting", "Forging")
    assert read(tmp_path, two).inventory.processes["id"].to_list() == ["P1", "P2"]


def test_an_assembly_adds_up_its_parts_and_end_of_life_stages_are_reported(tmp_path: Path) -> None:
    stage = ("Product stage\n\nCategory type\n{}\n\nProducts\n{};p;1;Others;;\n\n"
             "{}\nCasting;kg;4;Undefined;0;0;0;\n\nEnd\n")
    text = process() + stage.format("assembly", "Wheel", "Materials/assemblies")
    reading = read(tmp_path, text + stage.format("disposal scenario", "Scrapping", "Reference assembly"))
    wheel = reading.inventory.processes.filter(name_en="Wheel").row(0, named=True)
    assert exchange(reading, "Casting", wheel["id"])["amount"] == 4
    assert reading.defects.select("kind", "detail").rows() == [("file_unreadable", "disposal scenario: Scrapping")]


def test_a_waste_scenario_follows_its_fractions_and_leaves_unknown_what_depends_on_the_waste(tmp_path: Path) -> None:
    scenario = ("Process\n\nProcess identifier\nS\n\nWaste scenario\nMixed;kg;2;All waste types;;\n\n"
                "Separated waste\nBurn;{};75;\n\nRemaining waste\nBury;;100;\n\nEnd\n")
    reading = read(tmp_path, scenario.format("All waste types"))
    assert [exchange(reading, name)["amount"] for name in ("Mixed", "Burn", "Bury")] == [2, 1.5, 0.5]
    unknown = read(tmp_path, scenario.format("Plastics"))
    assert [exchange(unknown, name)["amount"] for name in ("Mixed", "Burn", "Bury")] == [2, None, None]
    assert kinds(unknown) == ["amount_missing", "amount_missing"]


def test_methods_become_indicators_and_factors_of_the_same_flows(tmp_path: Path) -> None:
    method = ("Method\n\nName\nCarbon\n\nImpact category\nClimate;kg CO2 eq\n\nSubstances\n"
              "Air;low. pop.;Carbon dioxide, fossil;000124-38-9;2;ton\n"
              "Air;;Methane;000074-82-8;x;kg\n\nEnd\n")
    reading = read(tmp_path, FOUNDRY + method)
    assert reading.inventory.methods.select("id", "unit").rows() == [("Carbon: Climate", "kg CO2 eq")]
    flow = exchange(reading, "Carbon dioxide, fossil")["flow"]
    assert reading.inventory.factors.rows() == [("Carbon: Climate", flow, None, 0.002)]
    assert kinds(reading) == ["amount_not_number"]


def test_literature_becomes_the_source_of_a_process(tmp_path: Path) -> None:
    text = process("Literature references\nStudy A;no") + (
        "Literature reference\n\nName\nStudy A\n\nDocumentation link\nhttps://example.org/a\n\nDescription\nTables\n\nEnd\n"
    )
    inventory = read(tmp_path, text).inventory
    assert inventory.processes["source"][0] == "Study A"
    assert inventory.sources.select("id", "citation", "url").rows() == [
        ("Study A", "Study A. Tables", "https://example.org/a")
    ]


@pytest.mark.parametrize(("text", "kind"), [
    (process("Materials/fuels\nIron;kg;;Undefined;0;0;0;"), "amount_missing"),
    (process("Materials/fuels\nIron;kg;2 + * 3;Undefined;0;0;0;"), "amount_not_number"),
    (process("Materials/fuels\nIron;kg;2;Lognormal;0,5;0;0;"), "uncertainty_bad"),
    (process("Materials/fuels\nIron;kg;2;Triangle;0;3;4;"), "uncertainty_bad"),
    (process("Materials/fuels\nIron;kg;2;Uniform;0;a;4;"), "uncertainty_bad"),
    (process("Materials/fuels\nIron;kg;2;Beta;1;1;4;"), "uncertainty_bad"),
    (process("Materials/fuels\nIron;bucket;2;Undefined;0;0;0;"), "flow_unknown_unit"),
    (process("Materials/fuels\nCasting;MJ;2;Undefined;0;0;0;"), "unit_not_convertible"),
    (process("Time period\nlong ago"), "period_bad"),
    (process("Time period\n2019-2015"), "period_bad"),
    (process() + process(), "duplicate_id"),
    (process().replace(";1;100;", ";1;90;").replace("\n\nEnd", "\nDross;kg;1;5;;;\n\nEnd"), "allocation_sum"),
    (process().replace("\n\nEnd", "\nDross;kg;1;;;;\n\nEnd"), "allocation_missing"),
    (process("Input parameters\nyield;high;Undefined;0;0;0;No;"), "amount_not_number"),
    (process("Input parameters\nyield;1;Normal;-1;0;0;No;"), "uncertainty_bad"),
    (process("Calculated parameters\nmelt;2 +;"), "formula_bad"),
    ("Process\n\nCategory type\nmaterial\n\nEnd\n", "rows_left_out"),
])
def test_a_bad_record_is_reported_with_its_line_and_the_rest_is_read(tmp_path: Path, text: str, kind: str) -> None:
    reading = read(tmp_path, text + process().replace("P1", "P9").replace("Casting", "Forging"))
    assert kinds(reading) == [kind]
    assert reading.defects["where"][0].startswith("foundry.csv:")
    assert "P9" in reading.inventory.processes["id"]


def test_an_amount_in_another_dimension_is_unknown_not_wrong(tmp_path: Path) -> None:
    reading = read(tmp_path, process("Materials/fuels\nCasting;MJ;2;Undefined;0;0;0;"))
    assert reading.inventory.exchanges["amount"].to_list() == [1, None]
    assert reading.defects.select("process", "row", "value", "detail").row(0) == ("P1", 2, 2, "MJ → kg")


def test_a_file_that_is_not_simapro_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("id,name\n1,steel\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match=r"other\.csv: this is not a SimaPro CSV file"):
        simapro.read(path)


def test_progress_counts_every_block(tmp_path: Path) -> None:
    path = tmp_path / "foundry.csv"
    path.write_text(HEADER.format(separator="Semicolon", decimal=",") + FOUNDRY, encoding="utf-8")
    seen: list[tuple[int, int]] = []
    simapro.read(path, name="mine", progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (6, 6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.floats(-1e12, 1e12, allow_subnormal=False), min_size=1, max_size=20),
       decimal=st.sampled_from(".,"))
def test_every_number_is_read_to_the_last_bit(tmp_path: Path, amounts: list[float], decimal: str) -> None:
    rows = "\n".join(f"Part {i};kg;{repr(x).replace('.', decimal)};Undefined;0;0;0;" for i, x in enumerate(amounts))
    reading = read(tmp_path, process(f"Materials/fuels\n{rows}"), decimal=decimal)
    assert reading.inventory.exchanges["amount"].to_list()[1:] == amounts


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="Process\nProductsEnd;kg1,\"{}()=+ \x7f", max_size=300))
def test_no_text_under_a_header_stops_the_reader(tmp_path: Path, text: str) -> None:
    read(tmp_path, text + "\n" + process())
