"""`seedbed inventory`: a form filled in, imported, listed, shown, asked for a footprint and exported again."""

import json
import re
from pathlib import Path

import openpyxl
import pytest

from seedbed.lifecycle.formats import reader
from seedbed.lifecycle.formats.form.schema import form
from seedbed.lifecycle.inventory.store import Store

pytestmark = pytest.mark.xdist_group("cli")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def plant(seedbed, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A folder with the form, the report of its import, and the store; what import and show printed."""
    folder = tmp_path_factory.mktemp("plant")
    home = folder / "home"
    form = seedbed("inventory", "template", "form.xlsx", cwd=folder, home=home)
    made = seedbed("inventory", "import", "form.xlsx", "--report", "report.html", "--lang", "zh", cwd=folder, home=home)
    shown = seedbed("inventory", "show", "my_plant", "--lang", "en", cwd=folder, home=home)
    assert (form.returncode, made.returncode, shown.returncode) == (0, 0, 0), form.stderr + made.stderr + shown.stderr
    return folder, made.stdout, shown.stdout


def test_the_form_goes_live_and_says_so_in_chinese(plant):
    printed = plant[1].replace("report.html", "").replace("my_plant", "")
    assert "数据库没有错误，已生效。" in printed
    assert not re.search(r"[A-Za-z]{3}", printed)


def test_the_report_is_written_and_nothing_else(plant):
    assert sorted(path.name for path in plant[0].iterdir()) == ["form.xlsx", "home", "report.html"]
    page = (plant[0] / "report.html").read_text(encoding="utf-8")
    assert "数据库导入报告：my_plant" in page
    assert page.rstrip().endswith("</html>")


def test_show_says_in_english_what_it_holds(plant):
    assert not CHINESE.search(plant[2])
    for words in ("my_plant", "Exchanges", "unit process", "The database has no errors and is live."):
        assert words in plant[2]


def test_it_is_listed_beside_the_starter_set(plant, command, capsys):
    command("inventory", "list", "--lang", "zh", home=plant[0] / "home")
    printed = capsys.readouterr().out
    assert "starter" in printed
    assert str(Store(plant[0] / "home" / "databases").live("my_plant")) in printed
    assert "随软件提供" in printed


def test_its_product_has_a_footprint_that_rests_on_the_starter_set(plant, command, tmp_path):
    command("footprint", "example-wheel", "--database", "my_plant", "--to", "wheel.json", home=plant[0] / "home")
    made = json.loads((tmp_path / "wheel.json").read_text(encoding="utf-8"))
    assert 9.1 < made["value"] < 200  # its own gas, and less than 20 kg/kg of aluminium
    assert made["made_by"]["database"] == "my_plant"
    assert len(made["processes"]) > 50


@pytest.mark.parametrize(("name", "words"), [
    ("plant.xlsx", ()), ("plant.zip", ()), ("csv", ()), ("plant.zip", ("--format", "jsonld")),
    ("packages", ("--format", "brightway")),
])
def test_what_is_exported_can_be_read_again(plant, command, tmp_path, name, words):
    command("inventory", "export", "my_plant", name, *words, home=plant[0] / "home")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    path = tmp_path / name
    format = words[1] if words else {"plant.zip": "ilcd"}.get(name, "template")
    read = reader(format)(path)
    assert read.inventory.processes.height == 1


def test_a_database_with_errors_is_refused_and_reported_and_can_be_quarantined(plant, command, capsys, tmp_path):
    book = openpyxl.load_workbook(plant[0] / "form.xlsx")
    sheet = book[form().sheets["exchanges"].title]
    header = [str(cell.value) for cell in sheet[1]]
    amount, formula = (next(k for k, text in enumerate(header, start=1) if word in text) for word in ("数量", "公式"))
    wrong = next(row for row in range(3, 12) if not sheet.cell(row, formula).value and sheet.cell(row, amount).value)
    sheet.cell(wrong, amount, "很多")
    book.save(tmp_path / "wrong.xlsx")
    with pytest.raises(SystemExit) as stopped:
        command("inventory", "import", "wrong.xlsx", "--report", "report.json")
    assert stopped.value.code == 2
    assert "did not go live" in capsys.readouterr().out
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["decision"] == "refused"
    assert {found["kind"] for found in report["found"]} & {"amount_missing", "amount_not_number"}
    assert Store(tmp_path / "home" / "databases").names() == []
    command("inventory", "import", "wrong.xlsx", "--quarantine", "--report", "report.pdf")
    assert Store(tmp_path / "home" / "databases").names() == ["my_plant"]
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(("words", "hint"), [
    (("inventory", "import", "nowhere.zip"), "is not there"),
    (("inventory", "import", "text.txt"), "no known format"),
    (("inventory", "import", "text.txt", "--format", "ilcdd"), "ilcd"),
    (("inventory", "import", "text.txt", "--report", "report.doc"), ".html"),
    (("inventory", "show", "startr"), "Unknown database"),
    (("inventory", "export", "starter", "out.zip", "--format", "jsonl"), "jsonld"),
    (("inventory", "export", "starter", "text.txt"), "name a folder"),
])
def test_bad_input_exits_with_2_offers_the_fix_and_leaves_nothing(command, capsys, tmp_path, words, hint):
    (tmp_path / "text.txt").write_text("nothing of ours", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        command(*words)
    assert stopped.value.code == 2
    assert hint in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]
