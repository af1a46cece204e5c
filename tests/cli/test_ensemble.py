"""`seedbed ensemble` as processes, and on a real Dask cluster that loses a worker on the way."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import xarray as xr

from seedbed.cli import main
from seedbed.market import shard_files
from seedbed.market.definition import definitions

pytestmark = pytest.mark.xdist_group("plan")  # whose programs it uses
UNTIL, MEMBERS = "2035", "72"


@pytest.fixture(scope="module")
def planned(seedbed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ensemble of nine shards of which the first was run, so that its program is in the cache."""
    folder = tmp_path_factory.mktemp("ensemble")
    done = seedbed("ensemble", "plan", "青海", "--until", UNTIL, "--members", MEMBERS,
                   "--shard-size", "8", "--out", "e", "--lang", "zh", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "72次模拟，分9片" in done.stdout
    done = seedbed("ensemble", "run", "e", "0", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "1 shards run now; 1 of 9 are finished" in done.stdout
    return folder / "e"


@pytest.fixture(scope="module")
def finished(seedbed, planned: Path) -> Path:
    """All shards, run by one process."""
    done = seedbed("ensemble", "run", planned.name, "--all", cwd=planned.parent)
    assert done.returncode == 0, done.stderr
    assert "8 shards run now; 9 of 9 are finished" in done.stdout
    return planned


def test_the_manifest_says_what_is_run_with_hashes_and_versions(planned):
    said = json.loads((planned / "manifest.json").read_text(encoding="utf-8"))
    assert said["place"] == "CN-QH"
    assert said["markets"] == list(definitions())
    assert said["scenarios"] == ["no_policy", "as_is", "report_rule"]
    assert len(said["inputs_sha256"]) == len(said["code_sha256"]) == 64
    assert {"jax", "numpy", "seedbed"} <= set(said["versions"])


def test_collect_before_the_end_names_the_missing_shards(planned, tmp_path, monkeypatch, capsys):
    for name in ("manifest.json", "inputs.npz"):
        (tmp_path / name).write_bytes((planned / name).read_bytes())
    monkeypatch.setattr("sys.argv", ["seedbed", "ensemble", "collect", str(tmp_path)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "9 of 9 shards are missing: 0, 1" in capsys.readouterr().err


def test_collect_prints_shares_and_writes_summary_and_members(seedbed, finished):
    done = seedbed("ensemble", "collect", finished.name, "--netcdf", "--zarr", "--lang", "zh", cwd=finished.parent)
    assert done.returncode == 0, done.stderr
    assert "青海：2035年绿色份额" in done.stdout
    with xr.open_dataset(finished / "summary.nc", engine="h5netcdf") as summary, \
            xr.open_dataset(finished / "members.nc", engine="h5netcdf") as members, \
            xr.open_dataset(finished / "members.zarr", engine="zarr") as same:
        sizes = {"member": 72, "scenario": 3, "market": len(definitions()), "year": 12, "place": 1}
        assert dict(members.sizes) == sizes
        xr.testing.assert_equal(members, same)
        np.testing.assert_allclose(summary.jobs_mean, members.jobs.astype(float).mean("member"), rtol=1e-9)
        median = members.green_share.quantile(0.5, "member")
        np.testing.assert_allclose(summary.green_share_quantile.sel(quantile=0.5), median, rtol=1e-5)


def pids(client) -> set[int]:
    """Process ids of a cluster's workers."""
    return set(cast("dict[str, int]", client.run(os.getpid)).values())


def test_a_cluster_that_loses_a_worker_gives_the_same_bits_and_loses_nothing(finished, tmp_path):
    from distributed import Client

    (tmp_path / "shards").mkdir()
    for name in ("manifest.json", "inputs.npz"):
        (tmp_path / name).write_bytes((finished / name).read_bytes())
    with shard_files.local_cluster(2) as cluster, Client(cluster) as client:
        workers = pids(client)
        victims: list[int] = []

        def kill_one(step: str, done: int, of: int) -> None:
            if not victims:
                victims.append(min(workers))
                os.kill(victims[0], signal.SIGKILL)

        assert shard_files.run(tmp_path, cluster=client, progress=kill_one) == list(range(9))
        assert victims[0] not in pids(client)
    plain, lossy = (sorted((folder / "shards").iterdir()) for folder in (finished, tmp_path))
    assert [p.name for p in lossy] == [p.name for p in plain]  # the name holds the hash of the bits
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(lossy, plain, strict=True))


def test_a_scheduler_that_does_not_answer_is_named_with_its_option(command, planned, capsys):
    before = sorted(planned.rglob("*"))
    with pytest.raises(SystemExit) as stopped:
        command("ensemble", "run", str(planned), "--all", "--scheduler", "nonsense://")
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert "--scheduler: no Dask scheduler answers at nonsense://" in said
    assert sorted(planned.rglob("*")) == before


@pytest.mark.parametrize(("kept", "hint"), [
    ("{}", "is not a plan"),
    ('{"provenance": {}, "results": {}, "focus": {}, "place": {}, "years": []}', "is a damaged plan"),
])
def test_a_file_without_an_improved_rule_is_refused(command, capsys, tmp_path, kept, hint):
    (tmp_path / "kept.json").write_text(kept, encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        command("ensemble", "plan", "gansu", "--out", "x", "--improved", "kept.json")
    assert stopped.value.code == 2
    assert hint in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["kept.json"]


@pytest.mark.parametrize(("words", "hint"), [
    (("plan", "gaungdong", "--out", "x"), "guangdong"),
    (("plan", "taiwan", "--out", "x"), "no data"),
    (("plan", "gansu", "--out", "x", "--markets", "vehicels"), "vehicles"),
    (("plan", "gansu", "--out", "x", "--shard-size", "12"), "multiple of 8"),
    (("plan", "gansu", "--out", "x", "--uncertain", "wrold"), "world"),
    (("plan", "gansu", "--out", "x", "--improved", "nowhere.json"), "nowhere.json: does not exist"),
    (("run", "nowhere", "--all"), "not the folder of an ensemble"),
    (("run", "nowhere"), "--all"),
    (("run", "nowhere", "--all", "--scheduler", "nonsense://"), "not the folder of an ensemble"),
])
def test_bad_input_exits_with_2_offers_the_fix_and_leaves_nothing(monkeypatch, capsys, tmp_path, words, hint):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["seedbed", "ensemble", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert hint in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
