"""Declarations: chains, free allocation along them, and the Commission's template filled without loss."""

from __future__ import annotations

import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from openpyxl import Workbook, load_workbook

import seedbed.operate.demo
from seedbed.base.datafile import parse
from seedbed.base.errors import InvalidInputError
from seedbed.operate.cells import EPOCH, MAIN, fill
from seedbed.operate.declare import Declaration, cells, declare, fill_template, read

DEMO = Path(seedbed.operate.demo.__file__).parent / "declaration.yaml"
SHEETS = {"A_InstData": "sheet5", "D_Processes": "sheet8", "E_PurchPrec": "sheet9", "Summary_Products": "sheet13"}
TEMPLATE = Path(__file__).parents[3] / "shared/cbam/CBAM_Communication_template_en_20241213.xlsx"


@pytest.fixture(scope="module")
def demo() -> Declaration:
    return read(DEMO)


def test_emissions_follow_the_chain_of_own_processes(demo):
    pig, steel, coil = declare(demo).goods["see"]
    assert pig == Decimal("1.5")
    assert float(steel) == pytest.approx(0.18 + 0.9 * 1.5 + 0.009 * 1.7)
    assert float(coil) == pytest.approx(60 / 860 + 880 / 860 * float(steel))


def test_free_allocation_of_what_goes_in_counts_and_a_chain_without_codes_is_told(demo):
    whole = declare(demo)
    (key, made), = whole.certificates.items()
    assert key == ("DE-Import", 2026)
    assert whole.lacking == ()
    bare = demo.model_copy(update={"processes": tuple(one.model_copy(update={"cn": ""}) for one in demo.processes)})
    without = declare(bare)
    assert without.lacking == ("crude_steel",)
    assert without.certificates[key]["certificates"] > 3 * made["certificates"]
    sefa = Decimal("0.975") * (Decimal("0.044") + Decimal(880) / 860 * (
        Decimal("0.188") + Decimal("0.9") * Decimal("1.089") + Decimal("0.009") * Decimal("1.361")))
    assert float(made["adjustment"][0]) == pytest.approx(float(sefa), abs=1e-9)


def test_two_lots_of_one_good_and_quarter_count_like_one(demo):
    (export,) = demo.exports
    first, second = export.lots
    same = export.model_copy(update={"lots": (first, second.model_copy(update={"quarter": first.quarter}))})
    made, = declare(demo.model_copy(update={"exports": (same,)})).certificates.values()
    once, = declare(demo).certificates.values()
    assert made["certificates"] == once["certificates"]


def _changed(demo: Declaration, **change: Any) -> dict[str, Any]:
    return demo.model_dump() | change


@pytest.mark.parametrize(("change", "said"), [
    ({"end": date(2025, 12, 31)}, "ends before it starts"),
    ({"exports": [{"process": "wire", "cn": "72083900"}]}, "made by wire, which is no process"),
    ({"exports": [{"process": "coil", "cn": "7208"}]}, "cn"),
    ({"processes": []}, "processes"),
])
def test_what_is_declared_wrongly_is_named(demo, change, said):
    with pytest.raises(InvalidInputError, match=said):
        parse(_changed(demo, **change), Declaration, where="d")


def test_no_more_is_sold_or_used_than_is_made(demo):
    raw = demo.model_dump()
    raw["processes"][0]["market_t"] = 1
    with pytest.raises(InvalidInputError, match="900001 t of pig_iron are sold or used; there are 900000 t"):
        parse(raw, Declaration, where="d")


def _book(path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "S"
    sheet["A1"], sheet["B1"], sheet["C1"] = "old", 1, "=B1*2"
    sheet["D1"] = date(2020, 1, 1)
    book.create_sheet("Other")["A1"] = "kept"
    book.save(path)
    return path


def test_cells_are_filled_and_every_other_part_stays_byte_by_byte(tmp_path):
    template = _book(tmp_path / "t.xlsx")
    fill(template, tmp_path / "f.xlsx", {("S", "A1"): "新 & <new>", ("S", "B1"): Decimal("2.5"),
                                         ("S", "D1"): date(2026, 1, 1)})
    sheet = load_workbook(tmp_path / "f.xlsx")["S"]
    assert [sheet[name].value for name in ("A1", "B1", "C1")] == ["新 & <new>", 2.5, "=B1*2"]
    assert sheet["D1"].value.date() == date(2026, 1, 1)
    with zipfile.ZipFile(template) as old, zipfile.ZipFile(tmp_path / "f.xlsx") as new:
        assert old.namelist() == new.namelist()
        changed = [name for name in old.namelist() if old.read(name) != new.read(name)]
    assert set(changed) <= {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}


@pytest.mark.parametrize(("where", "said"), [
    (("S", "C1"), "cell C1 holds a formula"), (("S", "Z99"), "no cell Z99"), (("T", "A1"), "no sheet T")])
def test_a_template_of_another_version_is_refused_and_nothing_is_written(tmp_path, where, said):
    with pytest.raises(InvalidInputError, match=said):
        fill(_book(tmp_path / "t.xlsx"), tmp_path / "f.xlsx", {where: 1})
    assert not (tmp_path / "f.xlsx").exists()
    with pytest.raises(InvalidInputError, match="no Excel file"):
        fill(DEMO, tmp_path / "f.xlsx", {where: 1})


@pytest.mark.skipif(not TEMPLATE.is_file(), reason="the Commission's template is not beside this checkout")
def test_the_commissions_template_is_filled_in_cells_that_are_open_for_entries(demo, tmp_path):
    assert fill_template(demo, TEMPLATE, tmp_path / "f.xlsx") == len(cells(demo))
    with zipfile.ZipFile(TEMPLATE) as old, zipfile.ZipFile(tmp_path / "f.xlsx") as new:
        changed = {name for name in old.namelist() if old.read(name) != new.read(name)}
        assert changed == {"xl/workbook.xml", *(f"xl/worksheets/{name}.xml" for name in SHEETS.values())}
        styles = etree.fromstring(new.read("xl/styles.xml")).find(f"{{{MAIN}}}cellXfs")
        assert styles is not None
        there = {(sheet, cell.get("r")): cell for sheet, part in SHEETS.items()
                 for cell in etree.fromstring(new.read(f"xl/worksheets/{part}.xml")).iterfind(f".//{{{MAIN}}}c")}
    for (sheet, name), value in cells(demo).items():
        cell = there[sheet, name]
        locked = styles[int(cell.get("s", "0"))].find(f"{{{MAIN}}}protection")
        assert locked is not None, (sheet, name)
        assert locked.get("locked") == "0", (sheet, name)
        said = "".join(str(part) for part in cell.itertext())
        expected = (value - EPOCH).days if isinstance(value, date) else value
        assert said == value if isinstance(value, str) else Decimal(said) == expected, (sheet, name)
