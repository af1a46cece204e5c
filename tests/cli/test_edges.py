"""Every impossible value ends in one line that names parameter and fix, before anything runs; none in a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from seedbed.base.errors import InvalidInputError, SeedbedError, UnknownNameError
from seedbed.facts import places
from seedbed.market.definition import DEFINITIONS, Definition
from seedbed.market.simulate import simulate
from seedbed.policy.instrument import get
from seedbed.policy.mix import Mix, parse_assignments


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "seedbed", *words], capture_output=True, text=True, timeout=240,
                          check=False, env={**os.environ, **environment})


BAD = [
    (["simulate", "vehicles", "--members", "0"], "--members"),
    (["simulate", "vehicles", "--members", "-1"], "--members"),
    (["simulate", "vehicles", "--members", "100000000"], "GB"),
    (["simulate", "vehicles", "--place", "香港"], "no data"),
    (["simulate", "vehicles", "--start", "2030", "--until", "2033"], "last observed year, 2024"),
    (["simulate", "vehicles", "--set", "charging_network=1.2.3@2026:2030"], "1.2.3"),
    (["simulate", "vehicles", "--set", "charging_network=0.5@1800:1801"], "no year"),
    (["simulate", "steel", "--set", "charging_network=0.5@2026:2027"], "does not reach"),
    (["simulate", "heating", "--place", "guangdong"], "no market"),
    (["plan", "guangdong", "--seed", "-1"], "--seed"),
    (["plan", "guangdong", "--members", "100000000"], "--members"),
    (["plan", "guangdong", "--markets", "steel,steel"], "named twice"),
    (["plan", "广州"], "city of Guangdong"),
    (["optimise", "gansu", "--budget", "nan"], "--budget"),
    (["facts", "show", "province_power_capacity", "--year", "\u00b2"], "not a year"),
    (["footprint", "steel", "--year", "1800"], "1800"),
    (["footprint", "steel", "--draws", "50"], "--draws"),
    (["footprint", "--search", ""], "--search"),
    (["accounts", "--unit", "USD"], "--unit"),
    (["simulate", ""], "given empty"),
    (["facts", "show", "grid_factors", "--to="], "--to"),
    (["stage", "place", "长三角"], "Known: anhui"),
    (["simulate", "steel", "--seed", "7"], "nothing without --members"),
    (["explain", "gansu", "--market", "vehicles", "--trace", "bev", "--samples", "3"], "nothing beside --trace"),
    (["explain", "gansu", "--samples", "1"], "2 to 1,000"),
    (["explain", "gansu", "--sensitivity", "--rows", "100000000"], "--rows"),
    (["explain", "gansu", "--scenario", "as_is", "--budget", "5"], "--budget"),
    (["optimise", "china", "--regions", "--adopt", "steel=0.5"], "nothing beside --regions"),
    (["optimise", "gansu", "--weights", "emissions=-500"], "no weight"),
    (["optimise", "gansu", "--weights", "emissions=nan"], "no weight"),
    (["optimise", "gansu", "--floor", "charging_network=0.5", "--markets", "steel"], "does not reach"),
    (["optimise", "gansu", "--adopt", "steel=0.1", "--adopt", "steel=0.9"], "given twice"),
    (["plan", "--compare", "a", "b", "--set", "x=1"], "nothing beside --compare"),
    (["plan", "gansu", "--keep", "gansu"], "name of a place"),
    (["plan", "gansu", "--keep", "../x"], "cannot name a plan"),
    (["plan", "gansu", "--markets", ","], "names nothing"),
    (["plan", "gansu", "--floor", "charging_network=2"], "no part of a ceiling"),
    (["plan", "guangdong", "--markets", "heating"], "--markets"),
    (["footprint", "--list", "--to", "list.csv"], "nothing beside --list"),
    (["facts", "show", "grid_factors", "--csv", "a.csv", "--to", "b.csv"], "nothing beside --csv"),
    (["accounts", "--layout", "lay.csv", "--to", "lay.csv"], "is written by --to too"),
    (["accounts", "lay.csv", "--unit", "bananas"], "no currency"),
    (["learn", "vehicles", "--forget", "--save"], "nothing beside --forget"),
    (["learn", "vehicles", "--nuts", "--draws", "2"], "from 4"),
    (["assess", "electricity", "--set", "purpose=product", "--set", "kwh=1e400"], "beyond all that is counted"),
    (["assess", "electricity", "--set", "purpose=product", "--set", "kwh=1_0"], "no number"),
    (["inventory", "export", "starter", "x.zip", "--format", "csv"], "written as a folder"),
    (["inventory", "template", "x.xls"], "no kind of file"),
]


@pytest.mark.parametrize(("words", "said"), BAD, ids=[" ".join(words) for words, _ in BAD])
def test_an_impossible_value_would_end_in_a_traceback(words: list[str], said: str) -> None:
    done = run(*words)
    assert done.returncode == 2, done.stderr[-400:]
    assert "Traceback" not in done.stderr
    assert said in done.stderr


def test_the_usual_questions_are_answered() -> None:
    assert "Seedbed" in run("--version").stdout
    assert "simulate" in run("-h").stdout
    assert "--members" in run("simulate", "-h").stdout


def test_a_screen_that_lacks_characters_shows_marks() -> None:
    done = run("policy", "show", "charging_network", "--lang", "zh", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr[-400:]


def test_a_reader_that_goes_away_is_no_error() -> None:
    with subprocess.Popen([sys.executable, "-m", "seedbed", "facts", "show", "province_power_capacity", "--csv", "-"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as asked:
        assert asked.stdout is not None
        asked.stdout.close()
        assert asked.stderr is not None
        assert "Traceback" not in asked.stderr.read()


@pytest.mark.parametrize("name", ["廣東", "Guang Dong", "guang-dong", "CN-44", "44", "ＧＵＡＮＧＤＯＮＧ", "广东省"])
def test_a_place_is_known_however_it_is_written(name: str) -> None:
    assert places.resolve(name).id == "CN-GD"


@pytest.mark.parametrize(("name", "id_"), [("全國", "CN"), ("臺灣", "CN-TW"), ("nei-mongol", "CN-NM")])
def test_old_forms_and_spellings_name_places(name: str, id_: str) -> None:
    assert places.resolve(name).id == id_


@pytest.mark.parametrize(("city", "province"), [("深圳", "guangdong"), ("shenzhen", "guangdong"), ("酒泉市", "gansu")])
def test_a_city_is_known_as_one_of_its_province(city: str, province: str) -> None:
    with pytest.raises(InvalidInputError, match=province):
        places.resolve(city)


def test_names_and_not_codes_are_offered() -> None:
    with pytest.raises(UnknownNameError) as error:
        places.resolve("长三角")
    assert "100000" not in str(error.value)


@pytest.mark.parametrize("made", [
    lambda: Mix("x", {"nope": {2026: 0.5}}), lambda: Mix("x", {"charging_network": {2026: float("nan")}}),
    lambda: Mix("x", {"charging_network": {2026: 1.5}}), lambda: Mix.from_dict({"instrumnts": {}}),
    lambda: Mix.from_dict([]), lambda: Mix.from_dict({"rule": "report"}),  # type: ignore[arg-type]
    lambda: Mix.from_dict({"instruments": {"charging_network": {"2026:2027": True}}})])
def test_a_mix_that_cannot_be_meant_is_refused(made) -> None:
    with pytest.raises(SeedbedError):
        made()


def test_instruments_have_their_names_and_numbers_all_their_forms() -> None:
    mix = parse_assignments(["充电网络建设=1e-1@2026"])
    assert mix.schedules == {"charging_network": {2026: 0.1}}
    assert get("Charging network").id == "charging_network"
    assert Mix.from_dict({"instruments": {"charging_network": {"2026:2026": np.float32(0.5)}}}).schedules


@pytest.mark.parametrize("where", [["china", "guangdong"], ["guangdong", "guangdong"]])
def test_places_that_would_count_twice_are_refused(where: list[str]) -> None:
    with pytest.raises(InvalidInputError, match="twice"):
        simulate("vehicles", where)


def test_a_year_does_not_depend_on_how_far_the_run_goes() -> None:
    near, far = (simulate("steel", ["guangdong"], base="as_is", until=until).dataset.sel(year=slice(2024, 2030))
                 for until in (2030, 2036))
    for name in ("public_money", "share", "stage_probability", "burden"):
        np.testing.assert_allclose(near[name], far[name], rtol=1e-9, atol=1e-9, err_msg=name)


STEEL = (DEFINITIONS / "steel.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("key", "field", "value"), [
    ("price", "unit", "USD/(t/a)"), ("price", "unit", "万元/(t/a)"), ("price", "unit", "bananas"),
    ("lifetime", "value", -3), ("service", "value", -1), ("jobs_build", "value", -1), ("learning_rate", "value", -0.2),
    ("lifetime", "unit", "d")])
def test_an_own_market_of_another_unit_or_an_impossible_number_is_refused(key: str, field: str, value: object) -> None:
    import yaml

    raw = yaml.safe_load(STEEL)
    raw["technologies"][0][key][field] = value
    with pytest.raises(ValueError, match=key):
        Definition.model_validate(raw)


@pytest.mark.parametrize("name", ["電力", "Electricity", "ELECTRICITY", "electricity"])
def test_a_market_is_known_however_it_is_written(name: str) -> None:
    from seedbed.market.definition import get as market

    assert market(name).id == "electricity"
    assert get("充電網絡建設").id == get("Charging-Network").id == "charging_network"


def test_markets_without_emissions_where_they_are_have_a_report_too(tmp_path: Path) -> None:
    done = run("plan", "gansu", "--markets", "storage", "--until", "2027", "--members", "8", "--out",
               str(tmp_path / "p"))
    assert done.returncode == 0, done.stderr[-600:]


def test_a_mix_that_acts_in_no_year_of_the_run_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="nothing of it acts on vehicles"):
        simulate("vehicles", mix={"name": "late", "instruments": {"charging_network": {"2040:2050": 0.5}}}, until=2026)


def test_the_nation_pays_a_person_what_its_provinces_pay() -> None:
    """Also where only some provinces have the market: the nation's programmes count the residents of those."""
    each = [p.id for p in places.provinces()]
    whole, parts = (simulate("heating", where, until=2027).dataset.public_money.sel(year=2026)
                    for where in (["china"], each))
    assert float(whole.sum()) == pytest.approx(float(parts.sum()), rel=0.1)


def test_the_last_of_two_equal_years_in_a_file_is_not_simply_taken(tmp_path: Path) -> None:
    from seedbed.base.datafile import load_yaml

    (tmp_path / "a.yaml").write_text("values: {2024: 0.72, 2024: 0.9}\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="stands twice"):
        load_yaml(tmp_path / "a.yaml")


@pytest.mark.parametrize(("column", "said"), [("unti", "not known"), ("source", "comes twice")])
def test_a_column_of_ones_own_numbers_that_is_not_read_is_refused(tmp_path, column, said) -> None:
    from seedbed import facts

    head = f"table,place,variable,year,value,source,{column}"
    (tmp_path / "own.csv").write_text(f"{head}\nprovince_vehicles,gansu,nev_stock,2024,1,me,x\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match=said):
        facts.add(tmp_path / "own.csv")


def test_a_number_of_ones_own_beyond_all_that_is_known_is_refused(tmp_path: Path) -> None:
    from seedbed import facts

    (tmp_path / "own.csv").write_text("table,place,variable,year,value,source\n"
                                      "province_vehicles,gansu,nev_stock,2024,1e300,me\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="times anything that is known"):
        facts.add(tmp_path / "own.csv")


def test_a_broken_own_market_stops_only_what_asks_for_it(tmp_path: Path) -> None:
    (tmp_path / "markets").mkdir()
    (tmp_path / "markets" / "trams.yaml").write_text("id: [", encoding="utf-8")
    assert run("stage", "market", "cement", SEEDBED_HOME=str(tmp_path)).returncode == 0
    for words in (["simulate", "trams"], ["plan", "guangdong", "--out", str(tmp_path / "out")]):
        done = run(*words, SEEDBED_HOME=str(tmp_path))
        assert (done.returncode, "trams.yaml line" in done.stderr) == (2, True), done.stderr


def test_a_damaged_ensemble_and_an_old_summary_do_not_stay(tmp_path: Path) -> None:
    from seedbed.market.shard_files import load
    from seedbed.planning.ensemble import sharded

    ask = {"members": 16, "markets": ["steel"], "until": 2028}
    sharded("gansu", tmp_path, **ask)  # type: ignore[arg-type]
    (tmp_path / "summary.nc").write_bytes(b"old")
    sharded("qinghai", tmp_path, **ask)  # type: ignore[arg-type]
    assert not (tmp_path / "summary.nc").exists()
    (tmp_path / "inputs.npz").write_bytes((tmp_path / "inputs.npz").read_bytes()[:1000])
    with pytest.raises(InvalidInputError, match="cannot be read"):
        load(tmp_path)


def test_a_rare_character_does_not_hang_a_chart() -> None:
    from seedbed.show import charts
    from seedbed.show.render import svg

    names = ["四羟甲基氯化\U0002cb38阻燃剂阻燃剂阻燃剂"]
    assert "<svg" in svg(charts.heatmap(names, ["a"], np.ones((1, 1)), unit="pp", lang="zh"))


def test_a_file_would_take_the_place_of_a_folder(tmp_path: Path) -> None:
    from seedbed.base.kept import whole_file

    (tmp_path / "made.csv").mkdir()
    (tmp_path / "made.csv" / "dear").write_text("kept")
    with pytest.raises(InvalidInputError, match="is a folder"):
        whole_file(tmp_path / "made.csv", lambda work: work.write_text("new"))
    assert (tmp_path / "made.csv" / "dear").read_text() == "kept"
    whole_file(tmp_path / "made.csv", lambda work: work.mkdir())
    assert list((tmp_path / "made.csv").iterdir()) == []
