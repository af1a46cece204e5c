"""`seedbed check`, and markets and instruments of one's own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import xarray

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "seedbed"
BUSES = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "guide.md").read_text(encoding="utf-8"), re.DOTALL)[0]


@pytest.mark.parametrize(("file", "lang", "said"), [
    ("market/definitions/steel.yaml", "en", "Good: read as a market"),
    ("market/definitions/steel.yaml", "zh", "可用：按市场读懂"),
    ("policy/library/charging_network.yaml", "en", "Good: read as an instrument"),
    ("operate/schemes/electricity/scheme.yaml", "zh", "可用：按方案读懂"),
])
def test_a_good_file_is_shown_as_it_is_understood(command, capsys, file, lang, said) -> None:
    command("check", str(PACKAGE / file), "--lang", lang)
    assert said in capsys.readouterr().out


def test_a_mix_is_shown_year_by_year(command, capsys, tmp_path) -> None:
    (tmp_path / "mix.yaml").write_text("name: more\ninstruments: {charging_network: {'2026:2027': 0.5}}\n")
    command("check", "mix.yaml")
    assert "Charging network" in capsys.readouterr().out


@pytest.mark.parametrize(("change", "said"), [
    (("unit: CNY/bus, year: 2023, low", "unit: USD/bus, year: 2023, low"), "write it in CNY/"),
    (("value: 0.18", "value: 18"), "learning_rate is 18"),
    (("technologies:", "things:"), "is no market"),
    (("label: {zh: 城市公交, en: City buses}", "label: {zh: 城市公交}"), "label"),
])
def test_a_file_that_cannot_be_meant_is_refused_with_key_and_fix(command, capsys, tmp_path, change, said) -> None:
    assert change[0] in BUSES
    (tmp_path / "buses.yaml").write_text(BUSES.replace(*change), encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        command("check", "buses.yaml")
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_a_market_and_an_instrument_of_ones_own_are_simulated_and_named(seedbed, tmp_path) -> None:
    home = tmp_path / "home"
    (home / "markets").mkdir(parents=True)
    (home / "instruments").mkdir()
    (home / "markets" / "buses.yaml").write_text(BUSES, encoding="utf-8")
    grant = (PACKAGE / "policy" / "library" / "nev_purchase_subsidy.yaml").read_text(encoding="utf-8")
    grant = re.sub(r"market: \S+?([,}\s])", r"market: buses\1", grant.replace("nev_purchase_subsidy", "bus_grant"))
    (home / "instruments" / "bus_grant.yaml").write_text(
        re.sub(r"technologies: \[[^]]*\]", "technologies: [electric]", grant), encoding="utf-8")
    words = ("simulate", "buses", "--until", "2028", "--set", "bus_grant=0.9@2026:2028", "--to", "buses.nc")
    done = seedbed(*words, cwd=tmp_path, home=home)
    assert done.returncode == 0, done.stderr
    assert "Own markets buses · Own instruments bus_grant" in done.stdout
    with xarray.open_dataset(tmp_path / "buses.nc", engine="h5netcdf") as data:
        assert (data.attrs["own_markets"], data.attrs["own_instruments"]) == ("buses", "bus_grant")
    shutil.copy(PACKAGE / "market" / "definitions" / "steel.yaml", home / "markets" / "steel.yaml")
    refused = seedbed("simulate", "steel", "--until", "2028", cwd=tmp_path, home=home)
    assert refused.returncode == 2
    assert "steel is the id of one that ships" in refused.stderr
