"""Numbers of one's own: laid over the tables that ship, checked whole, named in every result, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seedbed import facts
from seedbed.base.errors import SeedbedError
from seedbed.facts.read import read_again
from seedbed.market.provenance import made_with
from seedbed.market.simulate import simulate

HEAD = "place,variable,year,value,source"
CARS = f"{HEAD},unit\n广东,nev_stock,2022,2500000,police,\nCN-GD,other_cars,2022,22000000,police,vehicles\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SEEDBED_HOME", str(tmp_path / "home"))
    read_again()
    yield tmp_path / "home"
    monkeypatch.undo()
    read_again()


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_own_cars_change_the_start_of_a_province_and_of_no_other_and_are_named(tmp_path: Path) -> None:
    def start(place: str) -> float:
        return float(simulate("vehicles", place, until=2026).dataset.green_share.sel(year=2024).min())

    before = {place: start(place) for place in ("guangdong", "hunan")}
    shipped = facts.read("province_vehicles", place="guangdong").value("nev_stock", "guangdong", 2022)
    added = facts.add(written(tmp_path, CARS))
    assert added[0].before == shipped
    assert start("guangdong") > before["guangdong"] + 0.01
    assert start("hunan") == pytest.approx(before["hunan"], abs=0.01)  # the nation's cars are shared out anew
    assert made_with()["own_facts"] == "province_vehicles"
    outcome = simulate("vehicles", "guangdong", until=2026)
    assert outcome.dataset.attrs["own_facts"] == "province_vehicles"
    row = facts.read("province_vehicles", place="guangdong", year=2022, variable="nev_stock").data.row(0, named=True)
    assert (row["value"], row["note"], row["quality"]) == (2_500_000, "own", 3)
    assert facts.forget("province_vehicles") == 2
    assert start("guangdong") == before["guangdong"]
    assert "own_facts" not in made_with()


def test_a_year_that_is_new_and_a_unit_of_the_same_kind_are_taken(tmp_path: Path) -> None:
    text = f"{HEAD},unit,quality,table\n甘肃,wind,2025,31500,report,MW,2,province_power_capacity\n"
    unit = facts.source("province_power_capacity").variables["wind"].unit
    assert unit in ("GW", "MW")
    (row,) = facts.add(written(tmp_path, text))
    assert row.value == (31.5 if unit == "GW" else 31500)
    assert row.before is None or row.before > 0
    assert facts.read("province_power_capacity").series("wind", "gansu")[2025] == row.value


def test_a_second_file_adds_to_the_first_and_replaces_only_what_it_names(tmp_path: Path) -> None:
    facts.add(written(tmp_path, CARS))
    facts.add(written(tmp_path, f"{HEAD}\nguangdong,nev_stock,2022,2600000,newer\n"))
    found = facts.read("province_vehicles", place="guangdong", year=2022).data
    values = dict(zip(found["variable"], found["value"], strict=True))
    assert (values["nev_stock"], values["other_cars"]) == (2_600_000, 22_000_000)


@pytest.mark.parametrize(("text", "said"), [
    ("place,year\n广东,2022\n", "variable, value, source"),
    (f"{HEAD}\n", "no rows"),
    (f"{HEAD}\n广东,nev_stock,2022,many,x\n", "row 2.*value 'many'"),
    (f"{HEAD}\n广东,nev_stock,2022,nan,x\n", "row 2.*value"),
    (f"{HEAD}\n广东,nev_stock,22,5,x\n", "row 2.*not a year"),
    (f"{HEAD}\n广东,nev_stock,2022,5,\n", "row 2.*source is empty"),
    (f"{HEAD}\n广东,nev_stock,2022,-5,x\n", "row 2.*never below zero"),
    (f"{HEAD}\n广东,nev_stok,2022,5,x\n", "nev_stok.*nev_stock"),
    (f"{HEAD}\n火星,nev_stock,2022,5,x\n", "row 2.*no place"),
    (f"{HEAD},unit\n广东,nev_stock,2022,5,x,t\n", "row 2.*give the value in vehicles"),
    (f"{HEAD},quality\n广东,nev_stock,2022,5,x,9\n", "row 2.*quality"),
    (f"{HEAD},table\n广东,nev_stock,2022,5,x,nowhere\n", "nowhere"),
    (f"{HEAD}\n广东,nev_stock,2022,5,x\nguangdong,nev_stock,2022,6,x\n", "given twice"),
])
def test_a_file_that_cannot_be_meant_is_refused_whole(tmp_path: Path, home: Path, text: str, said: str) -> None:
    facts.add(written(tmp_path, CARS))
    kept = (home / "facts" / "province_vehicles.csv").read_bytes()
    with pytest.raises(SeedbedError, match=f"(?s){said}"):
        facts.add(written(tmp_path, text))
    assert (home / "facts" / "province_vehicles.csv").read_bytes() == kept


@pytest.mark.parametrize("content", [
    "place,year\nCN-GD,2022\n", "junk\n1\n", "",
    "place,year,variable,value,quality,source\nCN-GD,2022,nev_stock,many,3,me\n"])
def test_a_damaged_store_names_the_file_and_the_fix_which_works(tmp_path: Path, home: Path, content: str) -> None:
    (home / "facts").mkdir(parents=True)
    (home / "facts" / "province_vehicles.csv").write_text(content)
    read_again()
    with pytest.raises(SeedbedError, match="facts forget province_vehicles"):
        facts.read("province_vehicles")
    facts.forget("province_vehicles")
    assert facts.read("province_vehicles").data.height > 0
    facts.add(written(tmp_path, CARS))
    assert (home / "facts" / "province_vehicles.csv").is_file()
