"""`seedbed footprint`: what is printed and written, in both languages, and errors that leave nothing behind."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("cli")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
OWN_NAMES = {"Seedbed", "starter", "GWP100", "IPCC", "CO₂e"}


@pytest.fixture(scope="module")
def written(seedbed, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A page in Chinese and data in English, each with what was printed."""
    folder = tmp_path_factory.mktemp("footprint")
    zh = seedbed("footprint", "电力", "--place", "广东", "--compare", "云南", "--uncertainty", "--draws", "40",
                 "--lang", "zh", "--to", "page.html", cwd=folder)
    en = seedbed("footprint", "steel", "--amount", "2", "--unit", "t", "--tree", "--to", "steel.json", "--lang", "en",
                 cwd=folder)
    assert (zh.returncode, en.returncode) == (0, 0), zh.stderr + en.stderr
    return folder, zh.stdout, en.stdout


def test_the_chinese_terminal_is_chinese(written):
    printed = written[1].replace("page.html", "")
    assert set(re.findall(r"[A-Za-z][\w₂]{3,}", printed)) <= OWN_NAMES
    for words in ("1 千瓦时电力的碳足迹 · 广东", "95%区间", "比较结果", "云南", "不确定性来自哪些过程", "已写入"):
        assert words in printed.replace("\u00a0", " ")


def test_the_english_terminal_is_english_and_shows_the_tree(written):
    printed = written[2].replace("\u00a0", " ")
    assert not CHINESE.search(printed)
    assert "Carbon footprint of 2 t of Steel, hot-rolled · China" in printed
    assert "├── " in printed
    assert "Crude steel, converter" in printed


def test_json_adds_up(written):
    made = json.loads((written[0] / "steel.json").read_text(encoding="utf-8"))
    assert made["amount"] == 2
    assert made["unit"] == "t"
    assert 3000 < made["value"] < 6000  # two tonnes at 1.5 to 3 kg/kg
    headline = sum(made["parts"][part] for part in ("fossil", "biogenic", "land_use", "aircraft"))
    assert headline == pytest.approx(made["value"])
    assert sum(process["value"] for process in made["processes"]) == pytest.approx(made["value"])
    assert sum(branch["value"] for branch in made["tree"]["children"]) == pytest.approx(made["value"])
    assert made["made_by"]["database"] == "starter"


def test_the_page_is_whole_and_nothing_else_is_left(written):
    page = (written[0] / "page.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert "<script" not in page
    assert sorted(path.name for path in written[0].iterdir()) == ["page.html", "steel.json"]


def test_csv_holds_totals_intervals_parts_processes_and_flows(command, tmp_path, capsys):
    rows = _csv(command, tmp_path, "footprint", "cement", "--compare", "clinker", "--uncertainty", "--draws", "20",
                "--to", "cement.csv")
    totals = [row for row in rows if row["part"] == "total"]
    assert [row["id"] for row in totals] == ["cement", "clinker"]
    spread = {"median", "sd", "low_2.5%", "high_97.5%"}
    assert spread | {"part", "supplier", "process", "flow"} <= {row["part"] for row in rows}
    processes = sum(float(row["value"]) for row in rows if row["part"] == "process")
    assert processes == pytest.approx(float(totals[0]["value"]))
    assert "Below first in" in capsys.readouterr().out


def test_another_method_changes_the_number(command, tmp_path):
    values = [
        float(_csv(command, tmp_path, "footprint", "coking_coal", *more, "--to", "x.csv")[0]["value"])
        for more in ((), ("--method", "gwp100-ar5"))
    ]
    assert values[0] != values[1]
    assert values[0] == pytest.approx(values[1], rel=0.05)


def test_products_are_listed_and_searched(command, capsys):
    command("footprint", "--search", "水泥", "--lang", "zh")
    printed = capsys.readouterr().out
    assert "clinker" in printed
    assert "steel" not in printed


def test_the_tree_leaves_the_comparison_in(command, capsys):
    command("footprint", "cement", "--tree", "--compare", "clinker")
    printed = capsys.readouterr().out
    assert "├── " in printed
    assert "The footprints side by side" in printed


def test_why_lists_exchanges_with_their_sources(command, capsys):
    command("footprint", "clinker", "--why", "clinker", "--lang", "zh")
    printed = capsys.readouterr().out
    assert "数字的来源" in printed
    assert "[1]" in printed


@pytest.mark.parametrize(("words", "hint"), [
    (("footprint",), "--list"),
    (("footprint",), "PRODUCT: "),
    (("footprint", "stel"), "steel"),
    (("footprint", "钢铁"), "--search"),
    (("footprint", "cement", "--unit", "kWh"), "kg, g"),
    (("footprint", "cement", "--unit", "klio"), "Unknown unit"),
    (("footprint", "cement", "--amount", "nan"), "give a number"),
    (("footprint", "cement", "--place", "Zhejang"), "zhejiang"),
    (("footprint", "cement", "--method", "gwp100-ar7"), "gwp100-ar6"),
    (("footprint", "cement", "--compare", "clinkr"), "clinker"),
    (("footprint", "cement", "--why", "clinkr"), "clinker"),
    (("footprint", "cement", "--to", "cement.doc"), ".pdf"),
    (("footprint", "cement", "--database", "nowhere"), "Unknown database"),
])
def test_bad_input_exits_with_2_offers_the_fix_and_leaves_nothing(command, capsys, tmp_path, words, hint):
    with pytest.raises(SystemExit) as stopped:
        command(*words)
    assert stopped.value.code == 2
    assert hint in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_fails_half_way_is_not_there_and_the_old_one_stays(command, monkeypatch, tmp_path):
    (tmp_path / "cement.csv").write_text("old", encoding="utf-8")

    def fail(path: Path, suffix: str, rows: object) -> None:
        path.write_text("half", encoding="utf-8")
        raise OSError("disk full")

    monkeypatch.setattr("seedbed.show.write._table", fail)
    with pytest.raises(OSError, match="disk full"):
        command("footprint", "cement", "--to", "cement.csv")
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("cement.csv", "old")]


def _csv(command: Callable[..., None], folder: Path, *words: str) -> list[dict[str, str]]:
    """The rows of the CSV file that the last of `words` names."""
    command(*words)
    with (folder / words[-1]).open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))
