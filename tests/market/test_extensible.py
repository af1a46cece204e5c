"""Adding a market is adding one data file; a wrong file says what is wrong, where, and what to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from seedbed.base.errors import InvalidInputError
from seedbed.market.definition import shipped


def amount(value: float, unit: str, **more: Any) -> dict[str, Any]:
    return {"value": value, "unit": unit, "source": "made_up", **more}


def path(values: dict[int, float], unit: str) -> dict[str, Any]:
    return {"values": values, "unit": unit, "source": "made_up", "assumption": True}


def technology(name: str, green: bool, price: float, power: float) -> dict[str, Any]:
    return {
        "id": name, "label": {"zh": "灯", "en": name}, "green": green, "price": amount(price, "CNY/lamp", year=2023),
        "learning_share": 0, "learning_rate": amount(0, "share per doubling"),
        "service": amount(1, "lamps/lamp"), "lifetime": amount(8, "a"), "om": amount(0, "CNY/lamp/a"),
        "energy": {"electricity": amount(power, "kWh/lamp/a")}, "embodied": amount(2, "kgCO2e/lamp"),
        "jobs_build": amount(1e-5, "job-years/lamp"), "jobs_operate": amount(0, "jobs/lamp"),
    }


def lamps() -> dict[str, Any]:
    """Two technologies, nothing more than the schema asks for."""
    old = technology("bulb", False, 5, 60) | {"remainder": True}
    new = technology("led", True, 12, 9) | {"shares": path({2015: 0.1, 2024: 0.6}, "share of sales")}
    return {
        "id": "lamps", "label": {"zh": "照明灯具", "en": "Lamps"}, "category": "carbon_saving",
        "form": "manufacturing", "key_task": 7, "service_unit": {"zh": "只", "en": "lamp"},
        "capacity_unit": {"zh": "只", "en": "lamp"}, "data": "thin", "data_note": {"zh": "试验", "en": "A trial."},
        "channels": {"government": 0.1, "enterprise": 0.4, "household": 0.5, "source": "made_up"},
        "demand": {"kind": "purchases", "history": path({2010: 1e9, 2024: 1e9}, "lamps a year"),
                   "outlook": path({2060: 1e9}, "lamps a year")},
        "potential": amount(1.0, "share of purchases"), "technologies": [old, new],
        "sources": {"made_up": {"publisher": "Nobody", "reference": "Made up for a test", "quality": 4,
                                "unverified": True}},
    }


def written(folder: Path, market: dict[str, Any]) -> Path:
    (folder / f"{market['id']}.yaml").write_text(yaml.safe_dump(market, allow_unicode=True), encoding="utf-8")
    return folder


def test_a_new_market_simulates_from_its_file_alone(lab, tmp_path):
    definition = shipped(written(tmp_path, lamps()))["lamps"]
    compiled = lab.compile(definition)
    assert "green_procurement_law" in compiled.slots.names  # instruments for every market reach it at once
    path = lab.run(compiled.inputs)
    np.testing.assert_allclose(path.share[..., :2].sum(-1), 1.0, rtol=1e-9)
    np.testing.assert_allclose(path.bought.sum((1, 2, 3)), 1e9, rtol=1e-9)


def test_a_policy_for_every_market_moves_the_new_one(lab, tmp_path):
    definition = shipped(written(tmp_path, lamps()))["lamps"]
    inputs = lab.compile(definition).inputs
    none, some = (lab.run(lab.under(inputs, x)).account.green_share for x in (0.0, 0.8))
    assert (some > none).all()


def test_a_cheaper_green_lamp_sells_more(lab, tmp_path):
    market = lamps()
    dear = lab.compile(shipped(written(tmp_path, market))["lamps"])
    market["technologies"][1]["price"]["value"] = 6
    (tmp_path / "cheap").mkdir()
    cheap = lab.compile(shipped(written(tmp_path / "cheap", market))["lamps"])
    shares = [lab.run(c.inputs).account.green_share[0, 0] for c in (dear, cheap)]
    assert shares[1] > shares[0]


def broken(change: str) -> dict[str, Any]:
    market = lamps()
    if change == "source":
        market["potential"]["source"] = "nowhere"
    elif change == "channels":
        market["channels"]["household"] = 0.9
    elif change == "carrier":
        market["technologies"][0]["energy"] = {"moonlight": amount(1, "kWh/lamp/a")}
    elif change == "carrier_unit":
        market["technologies"][0]["energy"]["electricity"]["unit"] = "MJ/lamp/a"
    elif change == "missing":
        del market["potential"]
    elif change == "extra":
        market["colour"] = "warm"
    elif change == "two_ways":
        market["technologies"][1]["remainder"] = True
    elif change == "all_green":
        market["technologies"][0]["green"] = True
    elif change == "range":
        market["technologies"][0]["price"] |= {"low": 8, "high": 9}
    return market


@pytest.mark.parametrize(("change", "said"), [
    ("source", r"source keys without an entry in sources: nowhere"),
    ("channels", r"key channels: .*channel shares sum to 1.4, not 1"),
    ("carrier", r"key technologies\.0: .*carrier 'moonlight' is unknown; one of electricity"),
    ("carrier_unit", r"key technologies\.0: .*must be stated in kWh/<service unit>, not MJ/lamp/a"),
    ("missing", r"key potential: .*add the key 'potential'"),
    ("extra", r"key colour: .*remove or rename 'colour'"),
    ("two_ways", r"key technologies\.1: .*exactly one of observed, shares, remainder"),
    ("all_green", r"a market needs green technologies and others"),
    ("range", r"key technologies\.0\.price: .*5.0 lies outside its range 8.0–9.0"),
])
def test_a_wrong_file_says_what_where_and_how_to_mend_it(tmp_path, change, said):
    with pytest.raises(InvalidInputError, match=said) as caught:
        shipped(written(tmp_path, broken(change)))
    assert str(caught.value).startswith("lamps.yaml")
    assert "Fix:" in str(caught.value)


def test_a_file_named_otherwise_than_its_market_is_refused(tmp_path):
    written(tmp_path, lamps())
    (tmp_path / "lamps.yaml").rename(tmp_path / "lights.yaml")
    with pytest.raises(InvalidInputError, match=r"lights\.yaml.*name the file lamps\.yaml"):
        shipped(tmp_path)


def test_broken_yaml_names_the_line(tmp_path):
    (tmp_path / "lamps.yaml").write_text("id: lamps\nlabel: {zh: 灯\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match=r"lamps\.yaml line \d+"):
        shipped(tmp_path)
