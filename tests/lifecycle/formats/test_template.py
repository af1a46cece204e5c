"""The form people fill in: its example counts, every mistake is named by its cell with a way out."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats.form.read import read
from seedbed.lifecycle.formats.form.write import write_template
from seedbed.lifecycle.gate.importing import import_database
from seedbed.lifecycle.gate.kinds import kind
from seedbed.lifecycle.inventory.store import Store
from seedbed.lifecycle.result import footprint, stored


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """The form with its example, as a folder of CSV files."""
    write_template(tmp_path / "form")
    return tmp_path / "form"


def edit(form: Path, sheet: str, old: str, new: str) -> None:
    path = form / f"{sheet}.csv"
    text = path.read_text(encoding="utf-8-sig")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8-sig")


@pytest.mark.parametrize("file", ["form.xlsx", "form"])
def test_example_would_not_count(tmp_path: Path, file: str) -> None:
    """It goes live and gives what its inputs bring, with the suppliers that the province has."""
    write_template(tmp_path / file)
    store = Store(tmp_path / "home")
    report = import_database(tmp_path / file, store)
    assert (report.decision, report.name, report.format, report.found) == ("live", "my_plant", "template", ())
    wheel = footprint("example-wheel", database=stored(store, "my_plant"))
    inputs = {"水电原铝锭": 11.2 * 0.65, "再生铝锭": 11.2 * 0.35, "电力": 21.0, "natural_gas": 4.6, "公路货运": 2.4}
    units = {"电力": "kWh", "natural_gas": "m3", "公路货运": "t*km"}
    brought = sum(
        footprint(flow, amount, units.get(flow, "kg"), place="CN-GD").value for flow, amount in inputs.items()
    )
    assert wheel.value == pytest.approx(brought + 9.1, rel=1e-9)
    rows = store.open("my_plant").exchanges
    assert rows["distribution"].drop_nulls().sort().to_list() == ["lognormal"] * 2 + ["normal", "triangular"]


def test_place_in_a_workbook_would_be_told_as_in_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    write_template(path)
    book = load_workbook(path)
    book["清单 Exchanges"]["D5"] = "about 21"
    book.save(path)
    (defect,) = read(path).defects.to_dicts()
    assert (defect["kind"], defect["where"], defect["detail"]) == (
        "amount_not_number", "清单 Exchanges!D5", "about 21")


@pytest.mark.parametrize(
    ("sheet", "old", "new", "kind_", "where", "detail"),
    [
        ("exchanges", "电力,输入 input,21", "电力,输入 input,二十一", "amount_not_number", "D5", "二十一"),
        ("exchanges", "电力,输入 input,21", "电力,输入 input,", "amount_missing", "D5", None),
        ("exchanges", "21,度", "21,kg", "unit_not_convertible", "E5", "kg → kWh"),
        ("exchanges", "电力,输入", "电能力,输入", "flow_missing", "B5", "电能力"),
        ("exchanges", "电力,输入 input", "电力,进去", "choice_unknown", "C5", "进去"),
        ("exchanges", "11.2*scrap_share", "11.2*(scrap_share", "formula_bad", "J4", "11.2*(scrap_share"),
        ("exchanges", "±10%", "很准", "uncertainty_bad", "H5", "很准"),
        ("exchanges", "1.8–3.5", "2.8–3.5", "uncertainty_bad", "H7", "2.8–3.5"),
        ("exchanges", "21,度,,,±10%,", "21,度,,,±10%,电网", "provider_missing", "I5", "电网"),
        ("exchanges", "example-wheel,example-wheel,输出", "wheel,example-wheel,输出", "process_missing", "A2", "wheel"),
        ("processes", "2024,2024,200000", "二零二四,2024,200000", "period_bad", "G2", "二零二四"),
        ("processes", "单元过程 unit", "工序", "choice_unknown", "F2", "工序"),
        ("flows", "Item(s)", "箱", "flow_unknown_unit", "E2", "箱"),
        ("parameters", "scrap_share,0.35", ",0.35", "name_missing", "B2", None),
    ],
)
def test_mistake_would_not_be_found_by_its_cell(
    form: Path, sheet: str, old: str, new: str, kind_: str, where: str, detail: str | None
) -> None:
    edit(form, sheet, old, new)
    found = read(form).defects.filter(kind=kind_, where=f"{sheet}.csv!{where}")
    assert found["detail"].to_list() == [detail]
    assert kind(kind_).fix.en
    assert kind(kind_).fix.zh


def test_mistakes_would_go_live(form: Path, tmp_path: Path) -> None:
    """An amount that is no number keeps the form out, and the report says where; mended, it goes in."""
    edit(form, "exchanges", "电力,输入 input,21", "电力,输入 input,很多")
    store = Store(tmp_path / "home")
    report = import_database(form, store)
    assert report.decision == "refused"
    assert store.live("my_plant") is None
    (found,) = report.found
    assert (found.kind, found.severity, found.count) == ("amount_not_number", "error", 1)
    assert found.examples[0].where == "exchanges.csv!D5"
    edit(form, "exchanges", "电力,输入 input,很多", "电力,输入 input,21")
    assert import_database(form, store).decision == "live"


@pytest.mark.parametrize(
    ("sheet", "old", "new", "message"),
    [
        ("exchanges", "方向 Direction *", "去向", r"exchanges\.csv!C1: the header '去向' is not a column .* Fix: use"),
        ("exchanges", "单位 Unit", "数量 Amount", r"exchanges\.csv!E1: the header '数量 Amount' comes twice"),
        ("exchanges", "数量 Amount *", "", r"exchanges\.csv!1: the column '数量 Amount \*' is missing. Fix: put"),
    ],
)
def test_headers_that_were_changed_would_shift_columns(
    form: Path, sheet: str, old: str, new: str, message: str
) -> None:
    edit(form, sheet, old, new)
    with pytest.raises(InvalidInputError, match=message):
        read(form)


def test_sheet_that_is_missing_would_be_read_as_empty(form: Path) -> None:
    (form / "processes.csv").unlink()
    with pytest.raises(InvalidInputError, match=r"there is no sheet '过程 Processes'.*Fix: use the template"):
        read(form)


def test_words_and_numbers_as_people_write_them_would_be_refused(form: Path) -> None:
    edit(form, "exchanges", "电力,输入 input,21,度", "Electricity,输入,２１.０,千瓦时")
    edit(form, "exchanges", ",natural_gas,输入 input,4.6,立方米", ',natural_gas,INPUT,"4,600",升')
    edit(form, "exchanges", ",co2_fossil,输出 output,9.1,kg", ",co2_fossil,output,9.1×10^-3,吨")
    edit(form, "processes", "广东", "Guangdong")
    reading = read(form)
    assert not reading.defects.height
    amounts = dict(reading.inventory.exchanges.select("flow", "amount").iter_rows())
    assert amounts["co2_fossil"] == pytest.approx(9.1)
    assert amounts["natural_gas"] == pytest.approx(4.6)
    assert [amounts[flow] for flow in amounts if flow.startswith("electricity")] == [21.0]
    assert reading.inventory.processes["place"].item() == "CN-GD"


def test_files_that_excel_saves_in_china_would_be_garbled(form: Path) -> None:
    for path in form.glob("*.csv"):
        text = path.read_text(encoding="utf-8-sig").replace("–", "-").replace("；", ";")
        path.write_bytes(text.encode("gb18030"))
    reading = read(form)
    assert not reading.defects.height
    assert reading.inventory.flows["name_zh"].item() == "【示例】铝合金轮毂"


def test_same_id_twice_would_mix_two_processes(form: Path) -> None:
    path = form / "processes.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join([*lines, lines[-1]]), encoding="utf-8-sig")
    reading = read(form)
    assert reading.defects.select("kind", "where").rows() == [("duplicate_id", "processes.csv!A3")]
    assert reading.inventory.processes.height == 1


def test_name_of_two_flows_would_be_guessed(form: Path) -> None:
    twice = "a,轮毂,,产品,kg\nb,轮毂,,产品,kg\n"
    edit(form, "flows", "example-wheel,【示例】铝合金轮毂", f"{twice}example-wheel,【示例】铝合金轮毂")
    edit(form, "exchanges", ",再生铝锭,输入 input", ",轮毂,输入 input")
    (defect,) = read(form).defects.filter(pl.col("kind") == "flow_missing").to_dicts()
    assert (defect["where"], defect["detail"]) == ("exchanges.csv!B4", "轮毂 → a → b")
