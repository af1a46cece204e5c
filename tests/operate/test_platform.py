"""A second calculation of the same instruments, made apart from ours, agrees (`platform_expected.json`)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from seedbed.operate.assess import assess

FILE = Path(__file__).parents[3] / "shared" / "reference" / "platform_expected.json"
if not FILE.is_file():
    pytest.skip("the second calculation is not beside this checkout", allow_module_level=True)
KNOWN: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
NOW = date(2026, 11, 30)


def results(scheme: str, on: date = NOW, **asked: Any) -> dict[str, float]:
    """Lines of an assessment: numbers, or those of the first row."""
    found: dict[str, float] = {}
    for line in assess(scheme, asked, on=on).lines:
        value = line.value[0] if isinstance(line.value, tuple | list) and line.value else line.value
        if isinstance(value, int | float | Decimal):
            found[line.name] = float(value)
    return found


@pytest.mark.parametrize("year", KNOWN["B_HRC_7208_China_default_per_t"])
def test_default_and_free_allocation_of_hot_rolled_coil_follow_the_law_year_by_year(year: str) -> None:
    expected = KNOWN["B_HRC_7208_China_default_per_t"][year]
    found = results("border_certificates", date(int(year), 6, 30),
                    goods=[{"code": "7208", "total_default": "3.186893", "benchmark_b": "1.370"}])
    assert found["default_value"] == pytest.approx(expected["DV"], abs=2e-6)
    assert found["adjustment_default"] == pytest.approx(expected["FAA"], abs=2e-6)
    assert found["per_tonne"] == pytest.approx(expected["certs"], abs=2e-6)
    assert found["per_tonne"] * 75.36 == pytest.approx(expected["eur"], abs=0.01)


def test_unwrought_aluminium_has_the_default_of_the_tables() -> None:
    found = results("border_certificates", date(2026, 3, 31), goods=[{"code": "76012080", "route": "K"}])
    assert found["default_value"] == pytest.approx(KNOWN["B2_AlUnwrought_7601_China_2026_default"]["DV"])


def test_sulphur_and_oxygen_demand_are_taxed_by_equivalents() -> None:
    expected = KNOWN["G_envtax"]
    sulphur = [{"pollutant": "so2", "kg": 0.95 * expected["so2_equiv"]}]
    air = results("environment_tax", pollutants=sulphur, air_rate=1.2)
    water = results("environment_tax", pollutants=[{"pollutant": "cod", "kg": expected["cod_equiv"]}], water_rate=1.4)
    assert air["tax"] == pytest.approx(expected["tax_1_2"])
    assert water["tax"] == pytest.approx(expected["tax_1_4"])


def test_electricity_of_an_organisation_by_place_and_by_market() -> None:
    expected = KNOWN["I_gec"]
    found = results("electricity", purpose="organisation", kwh=1000, certified_kwh=300)
    assert found["emissions"] == pytest.approx(expected["avg"])
    assert found["market"] == pytest.approx(expected["market_based"])
    without = results("electricity", purpose="organisation", kwh=1000)
    assert without["market"] == pytest.approx(expected["residual_no_gec"])
    assert results("electricity", purpose="organisation", kwh=1000, factor=0.8273,
                   factor_unit="kgCO2/kWh")["emissions"] == pytest.approx(expected["fossil"])
