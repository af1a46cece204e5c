"""The commands of operate as a process: the demonstration, what is recorded by hand, what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

pytestmark = pytest.mark.xdist_group("operate")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory):
    """The demonstration, made once; commands run on it."""
    home = tmp_path_factory.mktemp("world")
    environment = {**os.environ, "COLUMNS": "160", "PYTHONIOENCODING": "utf-8", "SEEDBED_HOME": str(home)}
    environment.pop("SEEDBED_LANG", None)

    def run(*words: str, on: bool = True) -> subprocess.CompletedProcess[str]:
        at = {"SEEDBED_DATABASE": f"sqlite:///{home / 'demo' / 'journal.sqlite'}"} if on else {}
        return subprocess.run([sys.executable, "-m", "seedbed.cli", *words], cwd=home, text=True, capture_output=True,
                              env=environment | at, timeout=240, check=False)

    made = run("demo", "--lang", "zh", on=False)
    assert made.returncode == 0, made.stderr
    return run, made.stdout, home


def test_the_demonstration_is_whole_and_says_what_it_holds(world):
    run, said, _ = world
    assert "演示记录已建立" in said
    assert "500" in said
    done = run("journal", "verify")
    assert done.returncode == 0
    assert "are whole" in done.stdout
    assert run("demo", on=False).returncode == 2  # there is one


def test_a_tender_of_the_demonstration_is_evaluated_in_both_languages_and_released(world):
    run, _, home = world
    from seedbed.operate.demo import make

    source = str(make.HERE / "tender.yaml")
    zh, en = (run("tender", "evaluate", source, "--on", "2026-11-02", "--lang", lang) for lang in ("zh", "en"))
    assert "什么变化会换一个第一名" in zh.stdout
    assert "What would have to change" in en.stdout
    assert "韶关电炉钢" in zh.stdout
    assert "yingde" not in zh.stdout.split("名次")[1].split("未予评分")[0]
    done = run("tender", "release", source, "--award", "--on", "2026-11-02", "--to", "r.json")
    assert done.returncode == 0, done.stderr
    package = json.loads((home / "r.json").read_text("utf-8"))
    assert package["version"] == "1.1"
    assert len(package["releases"][0]["awards"]) == 2
    assert run("tender", "evaluate", "r.json", "--on", "2026-11-02").returncode == 0


def test_a_second_programme_is_refused_what_the_first_has_paid_for(world):
    run, _, home = world
    (home / "again.yaml").write_text("programme: CN-SZ\nevents:\n  - {event: trip-x, person: p-x, day: 2026-10-01, "
                                     "grams: 960}\n", "utf-8")
    (home / "first.yaml").write_text((home / "again.yaml").read_text("utf-8").replace("CN-SZ", "CN-GD"), "utf-8")
    assert run("assess", "carbon_points", "--from", "first.yaml", "--on", "2026-10-02", "--post").returncode == 0
    done = run("assess", "carbon_points", "--from", "again.yaml", "--on", "2026-10-02", "--post")
    assert done.returncode == 2
    assert "points_once" in done.stderr
    assert "no account" not in run("account", "balance", "p-x:points:CN-GD").stdout
    assert run("account", "balance", "p-x:points:CN-SZ").returncode == 2


def test_a_declaration_prints_its_certificates_and_needs_both_files_of_a_template(world):
    run, _, _ = world
    from seedbed.operate.demo import make

    source = str(make.HERE / "declaration.yaml")
    done = run("declare", source, "--to", "d.csv")
    assert done.returncode == 0, done.stderr
    assert "Embedded emissions" in done.stdout
    done = run("declare", source, "--template", "t.xlsx")
    assert done.returncode == 2
    assert "--template: go together" in done.stderr


def test_what_is_recorded_by_hand_is_found_again_and_conflicts_are_named(command, capsys, tmp_path):
    class Done(NamedTuple):
        returncode: int
        stdout: str
        stderr: str

    def run(*words: str) -> Done:
        try:
            command(*words)
            code = 0
        except SystemExit as stopped:
            code = int(str(stopped.code))
        return Done(code, *capsys.readouterr())

    (tmp_path / "p.yaml").write_text("id: x\nkind: organisation\nname: {zh: 甲, en: X}\n", "utf-8")
    assert run("party", "add", "--from", "p.yaml").returncode == 0
    assert "甲" in run("party", "show", "x", "--lang", "zh").stdout
    for words in (("pool", "--asset", "points", "--owner", "x", "--unit", "point", "--negative"),
                  ("w", "--asset", "points", "--owner", "x")):
        done = run("account", "open", *words)
        assert done.returncode == 0, done.stderr
    first = run("transfer", "make", "pool", "w", "100", "--key", "k")
    assert first.returncode == 0, first.stderr
    other = run("transfer", "make", "pool", "w", "101", "--key", "k")
    assert other.returncode == 2
    assert "amount" in other.stderr
    over = run("transfer", "make", "w", "pool", "101")
    assert over.returncode == 2
    assert "100 point" in over.stderr
    assert run("journal", "trial").returncode == 0


HOSTILE = {
    "bad_day.yaml": "a: 2026-02-30\n", "gbk.yaml": "名: 甲\n".encode("gbk"), "twice.yaml": "kwh: 1\nkwh: 2\n",
    "wide.csv": "purpose,kwh\nproduct,1,2\n", "double.csv": "purpose,kwh,kwh\nproduct,1,2\n", "empty.json": "[]",
    "number.yaml": "1: 2\n", "list.yaml": "- 1\n",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_file_that_is_wrong_is_one_line_with_its_name(command, capsys, tmp_path, name):
    content = HOSTILE[name]
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SystemExit) as stopped:
        command("assess", "electricity", "--from", name)
    assert stopped.value.code == 2
    said = capsys.readouterr().err.strip()
    assert "Fix:" in said or "Unknown" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("words", [
    ("account", "open", "a b", "--owner", "x", "--asset", "p", "--unit", "kg"),
    ("account", "open", "a", "--owner", "x", "--asset", "p", "--unit", "kg", "--digits", "12"),
    ("transfer", "reserve", "a", "b", "1", "--hours", "nan"), ("transfer", "reserve", "a", "b", "1", "--hours", "1e9"),
    ("party", "add", "--set", "id=x", "--set", "name=B", "--set", "name.zh=甲"), ("party", "list", "--most", "0"),
    ("use", "take", "--set", "id=u", "--set", "source=s", "--set", "unit=MWh", "--set", "start=2026-01-01", "--set",
     "end=2026-02-01", "--set", "low=1", "--set", "high=99999999999999999999", "--set", "instrument=ccer", "--set",
     "by=x"),
    ("declare", "nowhere.pdf"), ("journal", "nothing"),
])
def test_hostile_values_end_in_2_and_no_traceback(command, capsys, words):
    with pytest.raises(SystemExit) as stopped:
        command(*words)
    assert stopped.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_numbers_too_large_for_a_column_are_written_with_an_exponent(command, capsys):
    command("assess", "electricity", "--set", "purpose=product", "--set", "kwh=1e25")
    assert "e+" in capsys.readouterr().out


def test_what_add_says_it_takes_are_the_fields_of_the_noun():
    from seedbed.cli.record import FIELDS
    from seedbed.operate.record.nouns import NOUNS

    for kind, fields in FIELDS.items():
        assert {field.split(" ")[0].split(".")[0] for field in fields} == set(NOUNS[kind].model_fields)


def test_nothing_is_written_where_recording_is_refused(command, capsys, tmp_path):
    (tmp_path / "a.yaml").write_text("events:\n  - {event: e, person: p, day: 2026-07-02, grams: 960}\n", "utf-8")
    command("assess", "carbon_points", "--from", "a.yaml", "--on", "2026-07-03", "--post")
    with pytest.raises(SystemExit):
        command("assess", "carbon_points", "--from", "a.yaml", "--on", "2026-07-03", "--set", "programme=X", "--post",
                "--to", "half.csv")
    assert not (tmp_path / "half.csv").exists()


def test_rows_of_a_file_are_assessed_one_by_one_or_not_at_all(command, capsys, tmp_path):
    (tmp_path / "a.csv").write_text("base,base_year,rate,year\n100,2020,0.042,2030\n100,2020,x,2030\n", "utf-8")
    with pytest.raises(SystemExit) as stopped:
        command("assess", "carbon_target", "--from", "a.csv", "--post")
    assert stopped.value.code == 2
    said = capsys.readouterr().out
    assert "1 passed, 1 refused" in said
    command("event", "list")
    assert "assessed" not in capsys.readouterr().out


def test_the_demonstration_is_removed_and_nothing_else(world):
    run, _, home = world
    assert run("demo", "--remove", on=False).returncode == 0
    assert list((home / "demo").iterdir()) == []
    done = run("demo", "--remove", on=False)
    assert done.returncode == 2
    own = Path(home / "demo" / "journal.sqlite")
    own_party = ("party", "add", "--set", "id=x", "--set", "kind=public", "--set", "name=X")
    assert run(*own_party).returncode == 0  # a record of one's own, in that place
    assert own.is_file()
    refused = run("demo", "--remove", on=False)
    assert refused.returncode == 2
    assert "is no demonstration" in refused.stderr
    assert own.is_file()
