"""Results in the format of the integrated-assessment community, read by its own library."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from seedbed.market.iamc import INDEX
from seedbed.market.simulate import simulate

PYAM = Path(__file__).parents[2] / ".venv-pyam" / "bin" / "python"
READ = """
import json, sys, pyam
found = pyam.IamDataFrame(sys.argv[1])
share = found.filter(variable="Green Share|Purchases|vehicles", region="Guangdong", year=2030)
print(json.dumps({"variables": found.variable, "regions": found.region, "years": found.year,
                  "units": found.unit, "share": float(share.data.value.iloc[0])}))
"""


@pytest.mark.skipif(not PYAM.exists(), reason="pyam has a room of its own: make .venv-pyam/ready")
def test_pyam_reads_a_simulation_with_its_regions_units_and_numbers(tmp_path: Path) -> None:
    found = simulate("vehicles", ["guangdong", "gansu"], until=2030)
    found.to_iamc().to_csv(tmp_path / "found.csv", index=False)
    own = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}  # its libraries cache what they read
    done = subprocess.run([str(PYAM), "-c", READ, str(tmp_path / "found.csv")], text=True, capture_output=True,
                          check=False, env=own)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout.splitlines()[-1])
    assert read["regions"] == ["Gansu", "Guangdong"]
    assert read["years"] == list(range(2024, 2031))
    assert {"Emissions|CO2|Operation|vehicles", "Share|Purchases|vehicles|bev"} <= set(read["variables"])
    assert {"%", "Mt CO2/yr"} <= set(read["units"])
    assert read["share"] == pytest.approx(100 * float(found.dataset.green_share.sel(place="CN-GD", year=2030)))


def test_the_table_has_the_columns_of_the_format_and_shares_of_technologies_sum_to_a_hundred() -> None:
    table = simulate("vehicles", until=2030).to_iamc()
    assert list(table.columns) == [*INDEX, *range(2024, 2031)]
    rows = json.loads(table.to_json(orient="records") or "")
    shares = [row["2030"] for row in rows if row["variable"].startswith("Share|Purchases|vehicles|")]
    assert sum(shares) == pytest.approx(100.0)
