"""`seedbed plan`, `compare` and `simulate` as processes: outputs whole or not at all, errors with exit code 2."""

import csv
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import xarray as xr

from seedbed.base.errors import InvalidInputError
from seedbed.base.kept import whole_folder
from seedbed.cli import COMMANDS, main
from seedbed.market.definition import definitions

pytestmark = pytest.mark.xdist_group("plan")  # whose programs it uses
OUTPUTS = ["outcome.nc", "plan.json", "report.en.html", "report.en.pdf", "report.zh.html", "report.zh.pdf"]
SMALL = ("--members", "16")


@pytest.fixture(scope="module")
def planned(seedbed, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("plan")
    done = seedbed("plan", "青海", *SMALL, "--keep", "harbour", "--lang", "zh", cwd=folder, home=folder / "home")
    assert done.returncode == 0, done.stderr
    return folder / "out" / "qinghai", done.stdout


def test_plan_writes_every_output_and_nothing_else(planned):
    assert sorted(p.name for p in planned[0].iterdir()) == OUTPUTS
    assert [p.name for p in planned[0].parent.iterdir()] == ["qinghai"]


def test_plan_speaks_the_language_that_was_asked_for(planned):
    assert "优先培育" in planned[1]
    assert "Cultivate now" not in planned[1]


def test_plan_json_carries_versions_hashes_and_ordered_quantiles(planned):
    plan = json.loads((planned[0] / "plan.json").read_text(encoding="utf-8"))
    assert plan["provenance"]["place"] == "CN-QH"
    assert len(plan["provenance"]["inputs_sha256"]) == 64
    for rows in plan["results"]["public_money"].values():
        for lower, higher in pairwise(rows):
            assert all(a <= b for a, b in zip(lower, higher, strict=True))


def test_outcome_file_holds_every_member_of_every_scenario(planned):
    with xr.open_dataset(planned[0] / "outcome.nc", engine="h5netcdf") as data:
        markets = len(definitions())
        assert dict(data.sizes) == {"scenario": 4, "member": 16, "market": markets, "year": 12}
        assert float(data.green_share.min()) >= 0
        assert float(data.green_share.max()) <= 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reports_are_self_contained_and_name_their_sources(planned, lang):
    html = (planned[0] / f"report.{lang}.html").read_text(encoding="utf-8")
    assert 'src="http' not in html
    assert "<script" not in html
    assert "CAAM" in html
    assert "seedbed footprint car_bev --tree" in html
    assert (planned[0] / f"report.{lang}.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(("words", "hint"), [
    (("plan", "gaungdong"), "guangdong"),
    (("plan", "gansu", "--markets", "vehicels"), "vehicles"),
    (("plan", "taiwan"), "no data"),
    (("plan", "gansu", "--budget", "-3"), "--budget: the budget of -3 billion CNY"),
    (("plan", "gansu", "--until", "2026"), "--until"),
    (("plan",), "seedbed plan guangdong"),
    (("plan",), "PLACE: "),
    (("plan", "--compare", "gansu", "nowhere.json"), "does not exist"),
    (("simulate", "steal"), "steel"),
    (("simulate", "steel", "--set", "carbon_taxx=0.5@2026:2030"), "carbon_tax"),
    (("plan", "--until", "2026", "--compare", "nowhere.json", "gansu"), "nowhere.json"),
    (("plan", "gansu", "--compare", "gansu", "qinghai"), "PLACE: changes nothing beside --compare"),
    (("compare", "gansu", "nowhere.json"), "does not exist"),
    (("compare", "gansu", "gaungdong"), "guangdong"),
    (("simulate", "steel", "--set", "national_ets_industry=0.5@soon"), "FIRST:LAST"),
    (("simulate", "steel", "--set", "carbon_tax=high"), "--set"),
    (("simulate", "steel", "--to", "steel.doc"), "--to"),
    (("simulate", "steel", "--csv", "steel.txt"), "--csv"),
    (("simulate", "steel", "--netcdf", "steel.csv"), "--netcdf"),
    (("simulate", "steel", "--set", "carbon_tax=1.5@2026:2030"), "0–1"),
    (("simulate", "steel", "--place", "Gansuu"), "gansu"),
    (("simulate", "steel", "--until", "2090"), "2060"),
])
def test_bad_input_exits_with_2_offers_the_fix_and_leaves_nothing(monkeypatch, capsys, tmp_path, words, hint):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["seedbed", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert hint in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_place_is_one_line_and_code_2_as_a_process_too(seedbed, tmp_path):
    done = seedbed("plan", "gaungdong", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip() == "Unknown place 'gaungdong'. Did you mean guangdong, shandong, guangxi?"
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_fails_late_leaves_neither_outputs_nor_part_of_them(tmp_path):
    def late() -> None:
        with whole_folder(tmp_path / "out" / "gansu") as folder:
            (folder / "plan.json").write_text("{}")
            raise InvalidInputError("the budget cannot be met", where="--budget", fix="give more.")

    with pytest.raises(InvalidInputError):
        late()
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


def test_simulate_writes_csv_and_netcdf_and_the_setting_changes_the_result(seedbed, tmp_path):
    shares = []
    for name, extra in (("a", ()), ("b", ("--set", "charging_network=1.0@2026:2035"))):
        done = seedbed("simulate", "vehicles", "--place", "gansu", *extra, "--csv", f"{name}.csv",
                       "--netcdf", f"{name}.nc", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "2035" in done.stdout
        assert "To 2029 policy as it is follows the forecast" in done.stdout
        with xr.open_dataset(tmp_path / f"{name}.nc", engine="h5netcdf") as data:
            shares.append(float(data.green_share.isel(place=0, year=-1)))
            assert set(data.share.dims) == {"year", "place", "channel", "technology"}
    assert shares[1] > shares[0]
    with (tmp_path / "a.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {"stock", "public_money", "jobs"} <= {r["variable"] for r in rows}
    assert all(r["unit"] for r in rows)


def test_two_stored_plans_are_compared_side_by_side(seedbed, planned, tmp_path):
    stored = str(planned[0] / "plan.json")
    done = seedbed("plan", "--compare", stored, stored, "--lang", "en", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert ["Qinghai", "Qinghai"] in [line.split() for line in done.stdout.splitlines()]
    assert "Improved rule" in done.stdout


def test_a_plan_that_was_kept_is_compared_by_its_name(seedbed, planned, tmp_path):
    """The medians that are written are those of the plan's own file."""
    stored, home = planned[0] / "plan.json", planned[0].parents[1] / "home"
    done = seedbed("compare", "harbour", str(stored), "--lang", "zh", "--to", "both.csv", cwd=tmp_path, home=home)
    assert done.returncode == 0, done.stderr
    assert ["青海", "青海"] in [line.split() for line in done.stdout.splitlines()]
    assert "改进规则" in done.stdout
    plan = json.loads(stored.read_text(encoding="utf-8"))
    with (tmp_path / "both.csv").open(encoding="utf-8-sig") as file:
        rows = [r for r in csv.DictReader(file) if (r["indicator"], r["scenario"]) == ("jobs", "improved_rule")]
    assert [float(r["median"]) for r in rows] == [plan["results"]["jobs"]["improved_rule"][2][-1]] * 2
    assert {(r["place"], r["year"], r["unit"]) for r in rows} == {("CN-QH", str(plan["years"][-1]), "job")}


@pytest.mark.parametrize("words", [
    *((name,) for name in COMMANDS), ("stage", "market"), ("policy", "show"), ("facts", "show"), ("ensemble", "plan"),
    ("inventory", "import"),
], ids=" ".join)
def test_every_command_has_help_that_says_what_it_does(command, capsys, words):
    command(*words, "--help")
    assert len(capsys.readouterr().out) > 200


@pytest.mark.parametrize(("lang", "about"), [("en", "plans, tests and runs"), ("zh", "规划、检验、运行")])
def test_the_help_names_every_command_in_the_language_of_the_environment(lang, about):
    environment = {**os.environ, "SEEDBED_LANG": lang, "COLUMNS": "160", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-m", "seedbed.cli", "--help"], text=True, capture_output=True,
                          env=environment, check=True)
    assert about in done.stdout
    assert [name for name in COMMANDS if name not in done.stdout] == []


@pytest.mark.parametrize(("lang", "said"), [("zh", "所问的目标"), ("en", "Targets asked for")])
def test_a_plan_says_how_probably_its_targets_are_met(command, capsys, tmp_path, lang, said) -> None:
    (tmp_path / "mine.yaml").write_text('instruments: {steel_capacity_swap: {"2026:2027": 0.7}}', encoding="utf-8")
    command("plan", "gansu", "--markets", "steel", "--until", "2027", "--members", "8", "--target", "steel=20%@2027",
            "--price", "coke=x1.5@2026:2027", "--lang", lang, "--out", "made",
            "--set", "mine.yaml" if lang == "zh" else "steel_capacity_swap=0.7@2026:2027")
    assert said in capsys.readouterr().out
    plan = json.loads((tmp_path / "made" / "plan.json").read_text(encoding="utf-8"))
    assert plan["targets"][0]["market"] == "steel"
    assert set(plan["targets"][0]["chance"]) == set(plan["results"]["jobs"])
    assert plan["provenance"]["own_prices"] == "coke=x1.5@2026:2027"
    assert plan["provenance"]["own_decisions"] == "steel_capacity_swap=0.7@2026:2027"
    assert plan["scenarios"]["improved_rule"]["instruments"]["steel_capacity_swap"]["2026:2027"] == 0.7
