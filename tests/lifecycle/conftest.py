"""The real databases beside the repository, imported once for all tests of this folder."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from seedbed.lifecycle.database import Database
from seedbed.lifecycle.gate.importing import import_database
from seedbed.lifecycle.gate.report import ImportReport
from seedbed.lifecycle.inventory.store import Store
from seedbed.lifecycle.inventory.tables import Inventory

SHARED = Path(__file__).parents[3] / "shared" / "lca"
TIANGONG = "tiangong-ilcd-2024-04.tar.xz"
USLCI = {
    "fy20": "uslci_fy20_q4_01_olca1_10_3_ecospold.zip", "fy21": "uslci_fy21_q3_01_olca_10_3_ecospold2.zip",
    "json": "uslci_olca_json_ld.zip",
}
"""Releases of the US life-cycle inventory; the second is EcoSpold 1 as well, whatever its name says."""

# The high-water mark of /proc: what getrusage tells holds the parent's memory too.
_IMPORT = """
import json, resource, sys
from pathlib import Path
from seedbed.lifecycle.gate.importing import import_database
from seedbed.lifecycle.inventory.store import Store
import_database(Path(sys.argv[1]), Store(Path(sys.argv[2])), name="tiangong", quarantine=True)
used = resource.getrusage(resource.RUSAGE_SELF)
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(json.dumps([used.ru_utime + used.ru_stime, int(status["VmHWM"].split()[0]) * 1024]))
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one real database run in one worker, so that it is imported once."""
    for item in items:
        for name in ("tiangong", "uslci"):
            if name in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(name))


@dataclass(frozen=True)
class Imported:
    """A database in a store; `seconds` of processor time and `peak` bytes of memory its import took, if measured."""

    store: Store
    name: str
    seconds: float = 0.0
    peak: int = 0

    @cached_property
    def report(self) -> ImportReport:
        return ImportReport.model_validate(self.store.snapshot(self.name).report())

    @cached_property
    def inventory(self) -> Inventory:
        return self.store.open(self.name)

    @cached_property
    def database(self) -> Database:
        return Database(self.inventory)


@pytest.fixture(scope="session")
def tiangong(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """TianGong after the gate, with what is wrong in it taken out; imported by a process of its own."""
    home = tmp_path_factory.mktemp("tiangong")
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, _shared(TIANGONG), str(home)], capture_output=True, text=True, check=True
    )
    seconds, peak = json.loads(done.stdout)
    return Imported(Store(home), "tiangong", seconds, peak)


@pytest.fixture(scope="session")
def uslci(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Imported]:
    """Three releases of the US life-cycle inventory in two formats, after the gate."""
    store = Store(tmp_path_factory.mktemp("uslci"))
    for name, file in USLCI.items():
        import_database(Path(_shared(file)), store, name=name, quarantine=True)
    return {name: Imported(store, name) for name in USLCI}


def _shared(file: str) -> str:
    path = SHARED / file
    if not path.exists():
        pytest.skip(f"{file} is not in the folder of raw material beside the repository")
    return str(path)
