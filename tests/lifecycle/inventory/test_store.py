"""The store: what is live is always whole, whoever reads, writes, dies or damages it meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.database import Database
from seedbed.lifecycle.inventory.compose import Recipe, compose
from seedbed.lifecycle.inventory.store import Store
from seedbed.lifecycle.inventory.tables import TABLES, Inventory
from seedbed.lifecycle.result import footprint, stored


def mill(amount: float) -> Inventory:
    """A database in which every one of 40 processes uses `amount` of power."""
    made: dict[str, Recipe] = {f"p{i}": {"makes": [(f"p{i}", 1.0)], "uses": [("kwh", amount)]} for i in range(40)}
    made["plant"] = {"makes": [("kwh", 1.0)], "emits": [("carbon dioxide", 0.1)]}
    return compose(made, name="mill")


def live(store: Store, amount: float) -> str:
    snapshot = store.put(mill(amount))
    store.make_live("mill", snapshot.hash)
    return snapshot.hash


def amounts(store: Store) -> set[float]:
    return set(store.open("mill").exchanges.filter(pl.col("flow") == "kwh", ~pl.col("reference"))["amount"])


def test_what_is_put_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    store, inventory = Store(tmp_path), mill(0.1)
    snapshot = store.put(inventory, report={"decision": "live"}, extra={"quarantine": pl.DataFrame({"row": [7]})})
    assert (store.names(), store.live("mill")) == ([], None)
    store.make_live("mill", snapshot.hash)
    back = store.open("mill")
    for name in TABLES:
        ours, theirs = getattr(inventory, name), getattr(back, name)
        assert theirs.sort(theirs.columns).equals(ours.sort(ours.columns))
    assert amounts(store) == {0.1}  # 0.10000000149 where amounts are kept in 32 bits
    assert store.extra("mill", "quarantine")["row"].to_list() == [7]
    assert store.snapshot("mill").report() == {"decision": "live", "hash": snapshot.hash}
    assert store.names() == ["mill"]


def test_a_snapshot_is_named_by_its_content(tmp_path: Path) -> None:
    """The hash below may change only with the layout: a stored name must find the same content for ever."""
    store, inventory = Store(tmp_path), compose({"p": {"makes": [("p", 0.1)], "emits": [("carbon dioxide", -0.0)]}})
    first = store.put(inventory)
    assert first.hash == "cc6ac151303dd3ce"
    turned = replace(inventory, exchanges=inventory.exchanges.reverse())
    plus = replace(inventory, exchanges=inventory.exchanges.with_columns(pl.col("amount") + 0.0))
    assert {store.put(same).hash for same in (turned, plus)} == {first.hash}
    assert store.put(inventory).created == first.created  # kept once
    nearly = inventory.exchanges.with_columns(amount=pl.Series([np.nextafter(0.1, 1.0), 0.0]))
    others = (replace(inventory, exchanges=nearly), replace(inventory, version="2"), replace(inventory, licence="CC0"))
    assert len({store.put(other).hash for other in others} - {first.hash}) == 3
    assert len(store.versions("small")) == 4


def test_a_version_is_named_by_the_head_of_its_hash(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old, new = live(store, 1.0), live(store, 2.0)
    assert amounts(store) == {2.0}
    assert store.snapshot("mill", old[:6]).hash == old
    assert [snapshot.hash for snapshot in store.versions("mill")] == [new, old]
    store.make_live("mill", old)
    assert amounts(store) == {1.0}
    with pytest.raises(UnknownNameError, match="version of mill"):
        store.snapshot("mill", "zz")
    with pytest.raises(UnknownNameError, match="Did you mean mill"):
        store.open("mil")
    with pytest.raises(InvalidInputError, match="cannot name a database"):
        store.live("../mill")


@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_a_damaged_file_is_named_and_putting_again_mends_it(damage: str, tmp_path: Path) -> None:
    store = Store(tmp_path)
    hash = live(store, 1.0)
    path = store.snapshot("mill").folder / "exchanges.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content if damage == "changed" else content[:-9])
    with pytest.raises(InvalidInputError, match=r"exchanges\.parquet: .* Fix: import the database again"):
        store.open("mill")
    assert store.put(mill(1.0)).hash == hash
    assert amounts(store) == {1.0}


def test_a_damaged_manifest_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    live(store, 1.0)
    path = store.snapshot("mill").folder / "manifest.json"
    path.write_text(path.read_text()[:-5])
    with pytest.raises(InvalidInputError, match=r"manifest\.json"):
        store.open("mill")
    path.write_text('{"format": 99}')
    with pytest.raises(InvalidInputError, match="layout 99"):
        store.open("mill")


WRITER = """
import sys
from pathlib import Path
from seedbed.lifecycle.inventory import store as module
from seedbed.lifecycle.inventory.compose import compose

left, save = int(sys.argv[2]), module._save

def slow(path, data):  # stands still in the middle of a file, after so many whole ones
    global left
    if left == 0:
        path.write_bytes(data[: len(data) // 2])
        print(path.name, flush=True)
        sys.stdin.read()
    left -= 1
    save(path, data)

module._save = slow
store = module.Store(Path(sys.argv[1]))
mill = compose({"p": {"makes": [("p", 1.0)], "uses": [("kwh", 2.0)]}, "plant": {"makes": [("kwh", 1.0)]}}, name="mill")
store.make_live("mill", store.put(mill).hash)
"""


@pytest.mark.parametrize(("files", "name"), [(2, "exchanges.parquet"), (8, "manifest.json"), (9, "live")])
def test_a_writer_killed_midway_leaves_the_old_version_live(files: int, name: str, tmp_path: Path) -> None:
    store = Store(tmp_path)
    old = live(store, 1.0)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(files)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stdout.readline().strip() == name
    assert amounts(store) == {1.0}  # while it writes
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    assert writer.returncode == -signal.SIGKILL
    assert (store.live("mill"), amounts(store)) == (old, {1.0})
    assert list((tmp_path / "mill").glob(".new-*"))
    live(store, 2.0)  # the lock fell with the process, and what it left is removed
    assert amounts(store) == {2.0}
    assert not list((tmp_path / "mill").glob(".new-*"))
    assert len(store.versions("mill")) == 2 + (name == "live")  # what was whole but never live is kept


def test_readers_and_a_writer_do_not_disturb_each_other(tmp_path: Path) -> None:
    store = Store(tmp_path)
    live(store, 0.0)
    done = False

    def write() -> None:
        nonlocal done
        for turn in range(1, 13):
            live(store, float(turn % 3))
        done = True

    def read() -> list[set[float]]:
        seen = []
        while not done:
            seen.append(amounts(store))
        return seen

    with ThreadPoolExecutor(5) as threads:
        readers = [threads.submit(read) for _ in range(4)]
        threads.submit(write).result()
        seen = [found for reader in readers for found in reader.result()]
    assert {len(found) for found in seen} == {1}  # never half of one version and half of another
    assert set().union(*seen) == {0.0, 1.0, 2.0}
    assert len(store.versions("mill")) == 3


def test_writers_of_one_database_queue(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        hashes = list(threads.map(lambda turn: live(Store(tmp_path), float(turn % 2)), range(12)))
    store = Store(tmp_path)
    assert len(store.versions("mill")) == len(set(hashes)) == 2
    assert store.live("mill") in hashes
    assert amounts(store) in ({0.0}, {1.0})


def test_matrices_and_scores_are_kept_and_read_back_as_they_were(tmp_path: Path) -> None:
    store = Store(tmp_path)
    live(store, 0.3)
    first, fresh = stored(store, "mill"), Database(store.open("mill"))
    assert footprint("p3", 7.0, database=first).value == footprint("p3", 7.0, database=fresh).value
    kept = stored(store, "mill")
    assert footprint("p3", 7.0, database=kept).value == pytest.approx(7 * 0.3 * 0.1)
    assert footprint("p3", 0.1, database=kept).value == 0.1 * footprint("p3", 1.0, database=kept).value
    assert "inventory" not in kept.__dict__  # a look-up reads no inventory
    assert np.array_equal(kept.scores, fresh.scores)
    assert np.array_equal(kept.system.A.toarray(), fresh.system.A.toarray())
    assert np.array_equal(kept.system.B.toarray(), fresh.system.B.toarray())
    assert footprint("p3", database=kept).uncertainty(5).samples.tolist() == [
        footprint("p3", database=kept).value] * 5  # nothing is uncertain


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    live(store, 0.3)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert footprint("p3", 7.0, database=stored(store, "mill")).value == pytest.approx(7 * 0.3 * 0.1)
    assert not store.snapshot("mill").derived.exists()


def test_the_home_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEEDBED_HOME", str(tmp_path))
    assert Store().home == tmp_path / "databases"
