"""`seedbed accounts`: the shipped table and files, tables and data, in both languages."""

import csv
import json
import re
from pathlib import Path

import openpyxl
import polars as pl
import pytest

pytestmark = pytest.mark.xdist_group("cli")
LABELS = ("kind", "region", "code", "name_zh", "name_en", "unit", "A:1", "B:1", "A:f", "B:f")
TWO_REGIONS = [
    ("sector", "A", "1", "甲业", "Trade one", None, 0, 10, 40, 0),
    ("sector", "B", "1", "乙业", "Trade two", None, 20, 0, 0, 30),
    ("final", "A", "f", "最终需求", "Final demand", None, None, None, None, None),
    ("final", "B", "f", "最终需求", "Final demand", None, None, None, None, None),
    ("stressor", None, "co2", "二氧化碳", "Carbon dioxide", "kg", 100, 30, 5, 0),
]
"""A sells 10 to the sector of B, B sells 20 to that of A; each region's final demand buys at home."""


@pytest.fixture(scope="module")
def printed(seedbed, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("accounts")
    done = seedbed("accounts", "--top", "4", "--lang", "zh", "--to", "china.json", "--layout", "china.parquet",
                   cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_the_shipped_table_speaks_chinese(printed):
    text = printed[1].replace("china.json", "").replace("china.parquet", "")
    assert not re.search(r"[A-Za-z]{2}", text)
    for words in ("出口贸易隐含碳强度", "0.216", "68.2", "亿吨", "电力、热力的生产和供应业", "建筑业"):
        assert words in text


def test_its_data_agree_with_themselves(printed):
    made = json.loads((printed[0] / "china.json").read_text(encoding="utf-8"))
    (china,) = made["regions"]
    assert china["production"] - china["consumption"] == pytest.approx(china["exports"] - china["imports"])
    assert china["production"] - china["final_use"] == pytest.approx(sum(s["production"] for s in made["sectors"]))
    assert china["consumption"] - china["final_use"] == pytest.approx(sum(p["consumption"] for p in made["products"]))
    assert china["exports"] / china["export_value"] == pytest.approx(china["export_intensity"])


def test_the_layout_it_writes_is_the_layout_it_reads(printed, command, capsys):
    command("accounts", str(printed[0] / "china.parquet"), "--top", "2")
    text = capsys.readouterr().out
    assert "Embodied intensity of exports" in text
    assert "0.216 kg/CNY" in text.replace("\u00a0", " ")
    assert not re.search(r"[\u4e00-\u9fff]", text)


def test_multipliers_with_linkages(printed, command, tmp_path, capsys):
    command("accounts", "--of", "VA001", "--lang", "zh", "--to", "pay.csv")
    assert "劳动者报酬的乘数与产业关联" in capsys.readouterr().out
    rows = list(csv.DictReader((tmp_path / "pay.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 42
    assert all(float(row["total"]) >= float(row["direct"]) for row in rows)


def test_the_page_holds_what_the_screen_shows(command, tmp_path):
    command("accounts", "--top", "3", "--to", "china.html")
    page = (tmp_path / "china.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert "Embodied intensity of exports" in page
    assert "Production and supply of electricity and heat" in page


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_table_of_several_regions_from_a_file(command, tmp_path, capsys, suffix):
    path = tmp_path / f"two{suffix}"
    if suffix == ".csv":
        pl.DataFrame(TWO_REGIONS, schema=list(LABELS), orient="row").write_csv(path)
    else:
        book = openpyxl.Workbook()
        for row in (LABELS, *TWO_REGIONS):
            book.active.append(row)  # type: ignore[union-attr]
        book.save(path)
    command("accounts", str(path), "--region", "B", "--unit", "EUR", "--to", "two.csv")
    assert "kg/EUR" in capsys.readouterr().out
    rows = list(csv.DictReader((tmp_path / "two.csv").read_text(encoding="utf-8-sig").splitlines()))
    found = {(row["region"], row["variable"]): float(row["value"]) for row in rows if row["part"] == "region"}
    assert found["A", "production"] == 105  # 100 by its sector, 5 by its final users
    assert found["A", "production"] + found["B", "production"] == pytest.approx(
        found["A", "consumption"] + found["B", "consumption"])
    assert found["A", "exports"] == pytest.approx(found["B", "imports"])
    assert found["A", "export_value"] == 10


@pytest.mark.parametrize(("words", "hint"), [
    (("accounts", "nowhere.csv"), "china-2007"),
    (("accounts", "--of", "VA01"), "VA001"),
    (("accounts", "--stressor", "ch4"), "co2"),
    (("accounts", "--region", "US"), "CN"),
    (("accounts", "--to", "x.doc"), ".json"),
    (("accounts", "--layout", "x.doc"), "--layout"),
])
def test_bad_input_exits_with_2_offers_the_fix_and_leaves_nothing(command, capsys, tmp_path, words, hint):
    with pytest.raises(SystemExit) as stopped:
        command(*words)
    assert stopped.value.code == 2
    assert hint in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
