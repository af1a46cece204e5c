"""A database goes live whole or not at all, and its report says what happened."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.formats import writer
from seedbed.lifecycle.gate.detect import detect
from seedbed.lifecycle.gate.importing import import_database
from seedbed.lifecycle.gate.report import ImportReport
from seedbed.lifecycle.inventory.compose import Recipe, compose
from seedbed.lifecycle.inventory.store import Store
from seedbed.lifecycle.inventory.tables import Inventory
from seedbed.lifecycle.result import footprint, stored

WORKS: Mapping[str, Recipe] = {
    "mill": {"makes": [("steel", 1.0)], "uses": [("coal", 0.5)], "emits": [("carbon dioxide", 1.8)]},
    "mine": {"makes": [("coal", 1.0)], "emits": [("carbon dioxide", 0.2)]},
    "well": {"makes": [("crude oil", 1.0)], "emits": [("carbon dioxide", 0.3)]},
}


def works(**amounts: float | None) -> Inventory:
    """The works, with other amounts of carbon dioxide by process; None: no amount."""
    made = compose(WORKS, name="works")
    amount = pl.col("amount")
    for process, value in amounts.items():
        here = (pl.col("process") == process) & (pl.col("flow") == "carbon dioxide")
        amount = pl.when(here).then(pl.lit(value, pl.Float64)).otherwise(amount)
    return replace(made, exchanges=made.exchanges.with_columns(amount=amount))


def package(folder: Path, inventory: Inventory) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "works.zip"
    writer("ilcd")(inventory, path)
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def test_sound_database_would_not_go_live(tmp_path: Path, store: Store) -> None:
    told: list[str] = []
    report = import_database(package(tmp_path, works()), store, progress=lambda stage, done, total: told.append(stage))
    assert (report.decision, report.rounds, report.found, report.previous) == ("live", 1, (), None)
    assert report.hash == store.live("works")
    assert report.read == report.live
    assert list(dict.fromkeys(told)) == ["read", "judge", "store"]
    assert footprint("steel", database=stored(store, "works")).value == pytest.approx(1.9)
    assert ImportReport.model_validate(json.loads(json.dumps(report.to_json()))) == report
    kept = store.snapshot("works").report()
    assert kept is not None
    assert ImportReport.model_validate(kept) == report


def test_errors_would_go_live(tmp_path: Path, store: Store) -> None:
    before = import_database(package(tmp_path, works()), store)
    report = import_database(package(tmp_path, works(mine=None)), store)
    assert (report.decision, report.hash, report.live, report.previous) == ("refused", None, {}, before.hash)
    assert [(found.kind, found.severity) for found in report.found] == [("amount_missing", "error")]
    assert list(report.rows("zh")) == [("error", "缺少数量", 1, "mine · carbon dioxide")]
    assert store.live("works") == before.hash
    assert len(store.versions("works")) == 1


def test_quarantine_would_lose_what_it_takes_out(tmp_path: Path, store: Store) -> None:
    """The exchange without amount goes, and the process whose footprint cannot be; both are kept beside."""
    report = import_database(package(tmp_path, works(mine=None, well=1e5)), store, quarantine=True)
    assert (report.decision, report.rounds) == ("quarantined", 2)
    assert report.removed == {"processes": 1, "exchanges": 3}
    assert (report.count("error"), report.count("warning")) == (2, 0)
    live = store.open("works")
    assert live.processes["id"].to_list() == ["mill", "mine"]
    reasons = store.extra("works", "quarantine").select("kind", "process", "level", "round").rows()
    assert sorted(reasons) == [
        ("amount_missing", "mine", "exchange", 0), ("footprint_impossible", "well", "process", 0)]
    assert store.extra("works", "removed_processes")["id"].to_list() == ["well"]
    assert store.extra("works", "removed_exchanges").height == 3
    assert store.extra("works", "defects").height == 2


def test_error_behind_an_error_would_go_live(tmp_path: Path, store: Store) -> None:
    """With the mill gone, rolling is left with its own iron and uses up all that it makes."""
    others: dict[str, Recipe] = {f"w{n}": {"makes": [(f"wax {n}", 1.0)], "emits": [("carbon dioxide", 1.0)]}
                                 for n in range(8)}
    works: dict[str, Recipe] = {
        "mill": {"makes": [("iron", 1.0)], "emits": [("carbon dioxide", 1e4)]},
        "roll": {"makes": [("iron", 1.0)], "uses": [("iron", 1.0)]},
    }
    report = import_database(package(tmp_path, compose(others | works, name="works")), store, quarantine=True)
    assert (report.decision, report.rounds, report.live["processes"]) == ("quarantined", 3, 8)
    assert {found.kind: found.examples[0].round for found in report.found if found.severity == "error"} == {
        "footprint_impossible": 0, "loop_singular": 1}


def test_empty_database_would_go_live(tmp_path: Path, store: Store) -> None:
    recipes: dict[str, Recipe] = {"roll": {"makes": [("iron", 1.0)], "uses": [("iron", 1.0)]}}
    report = import_database(package(tmp_path, compose(recipes, name="works")), store, quarantine=True)
    assert report.decision == "refused"
    assert store.live("works") is None


def test_same_database_would_be_kept_twice(tmp_path: Path, store: Store) -> None:
    first = import_database(package(tmp_path, works()), store)
    again = import_database(package(tmp_path, works()), store)
    assert (again.hash, again.previous) == (first.hash, first.hash)
    assert len(store.versions("works")) == 1


@pytest.mark.parametrize("part", ["manifest.json", "processes.parquet", "live"])
def test_a_damaged_database_could_not_be_imported_again(tmp_path: Path, store: Store, part: str) -> None:
    first = import_database(package(tmp_path, works()), store)
    home = store.home / "works"
    (home / part if part == "live" else home / str(first.hash) / part).write_bytes(b"\xff{")
    again = import_database(package(tmp_path, works()), store)
    assert again.decision == "live"
    assert store.open("works").processes.height == 3


_KILLED = """
import os, signal, sys
from pathlib import Path
from seedbed.lifecycle.gate.importing import import_database
from seedbed.lifecycle.inventory.store import Store
call, left = sys.argv[3], int(sys.argv[4])
usual = getattr(os, call)
def counted(*arguments):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return usual(*arguments)
setattr(os, call, counted)
import_database(Path(sys.argv[1]), Store(Path(sys.argv[2])))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize(("call", "count"), [("fsync", "4"), ("replace", "2")])
def test_killed_import_would_leave_half_a_database(tmp_path: Path, store: Store, call: str, count: str) -> None:
    """Killed between two tables, and with the snapshot whole but not yet live: the old version stays live."""
    before = import_database(package(tmp_path, works()), store)
    new = package(tmp_path / "new", works(mill=2.0))
    done = subprocess.run([sys.executable, "-c", _KILLED, str(new), str(store.home), call, count], check=False)
    assert done.returncode == -signal.SIGKILL
    assert store.live("works") == before.hash
    assert footprint("steel", database=stored(store, "works")).value == pytest.approx(1.9)
    after = import_database(new, store)
    assert (after.decision, after.previous) == ("live", before.hash)
    assert footprint("steel", database=stored(store, "works")).value == pytest.approx(2.1)
    assert {version.hash for version in store.versions("works")} == {before.hash, after.hash}
    assert not list((store.home / "works").glob(".new-*"))


def test_database_that_is_missing_would_be_passed_over(tmp_path: Path, store: Store) -> None:
    """An input from a database that is not there counts as nothing, and the report says so; with it, it counts."""
    recipes: dict[str, Recipe] = {"shop": {"makes": [("desk", 1.0)], "uses": [("steel", 10.0, "works:mill")]}}
    shop = replace(compose(recipes, name="shop"), depends=("works",))
    path = package(tmp_path / "shop", shop)
    lone = import_database(path, store)
    assert lone.missing_databases == ("works",)
    assert {found.kind for found in lone.found} == {"provider_missing", "unlinked"}
    import_database(package(tmp_path, works()), store)
    linked = import_database(path, store)
    assert (linked.missing_databases, linked.found) == ((), ())
    assert footprint("desk", database=stored(store, "shop")).value == pytest.approx(19.0)


def test_source_would_be_taken_for_another_format(tmp_path: Path) -> None:
    """Told by what is inside, whatever the name."""
    writer("ilcd")(works(), tmp_path / "a.dat")
    writer("jsonld")(works(), tmp_path / "b.dat")
    writer("xlsx")(works(), tmp_path / "c.xlsx")
    writer("csv")(works(), tmp_path / "form")
    writer("brightway")(works(), tmp_path / "bw")
    (tmp_path / "d.txt").write_text("{SimaPro 9.5}\n{CSV separator: Semicolon}\n")
    (tmp_path / "e.txt").write_text('<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold02">')
    (tmp_path / "f.txt").write_bytes('<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01">'.encode("utf-16"))
    with zipfile.ZipFile(tmp_path / "a.dat") as archive:
        archive.extractall(tmp_path / "unpacked")
    found = {name: detect(tmp_path / name) for name in
             ("a.dat", "b.dat", "c.xlsx", "form", "bw", "d.txt", "e.txt", "f.txt", "unpacked")}
    assert found == {
        "a.dat": "ilcd", "b.dat": "jsonld", "c.xlsx": "template", "form": "template", "bw": "brightway",
        "d.txt": "simapro", "e.txt": "ecospold2", "f.txt": "ecospold1", "unpacked": "ilcd",
    }


def test_something_else_would_be_read(tmp_path: Path, store: Store) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(InvalidInputError, match=r"is of no known format\. Fix: give a package"):
        import_database(tmp_path / "a.txt", store)
    with pytest.raises(InvalidInputError, match=r"is not there\. Fix: name a file"):
        import_database(tmp_path / "none", store)
    with pytest.raises(UnknownNameError, match="Did you mean ilcd"):
        import_database(tmp_path / "a.txt", store, format="ildc")
    with pytest.raises(InvalidInputError, match="cannot name a database"):
        import_database(package(tmp_path, works()), store, name="My Works!")


def test_a_package_that_loses_more_files_than_it_brings_is_refused_and_both_are_counted(tmp_path: Path) -> None:
    source = tmp_path / "broken.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("openlca.json", "{}")
        flow = {"@type": "Flow", "@id": "f", "name": "f", "flowType": "PRODUCT_FLOW"}
        archive.writestr("flows/f.json", json.dumps(flow))
        archive.writestr("processes/p.json", json.dumps({"@type": "Process", "@id": "p", "name": "p", "exchanges": [
            {"internalId": 1, "flow": {"@id": "f"}, "amount": 1.0, "quantitativeReference": True}]}))
        for n in range(3):
            archive.writestr(f"processes/cut{n}.json", '{"@type": "Process", "@id')
    report = import_database(source, Store(tmp_path / "home"), name="broken")
    assert (report.files.seen, report.files.taken, report.files.left_out) == (5, 2, 3)
    assert report.decision == "refused"
