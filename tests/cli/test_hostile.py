"""Every command in every hostile situation ends in 0, or in 2 with one line; nothing is left half-written.

The table is made from the commands themselves: a new command, or a new option, is in it.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest

from seedbed.cli import COMMANDS, load

pytestmark = pytest.mark.xdist_group("hostile")
SMALL = "gansu --markets steel --until 2027"
GIVEN = {
    "plan": f"{SMALL} --members 8", "explain": f"{SMALL} --members 8", "optimise": SMALL,
    "ensemble plan": f"{SMALL} --members 8 --out made",
    "compare": "gansu qinghai --markets steel --until 2027 --members 8",
    "simulate": "cement --until 2027", "footprint": "cement", "stage market": "vehicles", "stage place": "gansu",
    "learn": "cement", "backtest": "ev_share", "facts show": "grid_factors", "facts source": "grid_factors",
    "assess": "environment_tax", "inventory show": "starter", "inventory export": "starter made.zip",
    "policy show": "charging_network", "scheme show": "environment_tax", "scheme template": "environment_tax made.xlsx",
}
"""What a command is given beside the bad value, so that nothing else is wrong."""
LONG = ("plan", "explain", "optimise", "ensemble plan", "compare", "learn", "backtest", "demo")
"""Commands whose good end takes long: they get only values that nothing can be made of."""
MAY = ("--keep", "--by", "--outcome", "--rule", "--address", "--uncertain")
"""Options of long commands that may have any name, or an empty one."""
BAD = {int: ["x", "-1", "9" * 23], float: ["x", "nan", "-1", "1e300"],
       str: ["zzz-nope", "", "\x1b[31m", "\U0001f680"], Path: ["/proc/nope/x", "", "a" * 300, "x\0y"]}


def leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(path), command
        return
    for name, one in inner.items():
        yield from leaves(one, (*path, name))


ALL = dict(pair for name in COMMANDS for pair in leaves(load(name), (name,)))


def kind(parameter: Any) -> Any:
    hint = parameter.type_descriptor.annotation
    return get_args(hint)[0] if get_origin(hint) in (list, tuple) else hint


def attempts(name: str) -> Iterator[list[str]]:
    """Command lines with one bad value each."""
    path, given = name.split(), GIVEN.get(name, "").split()
    for parameter in ALL[name].params:
        option = parameter.opts[0]
        if name in LONG and option in MAY:
            continue
        for value in BAD.get(kind(parameter), []):
            if name in LONG and value == "":
                continue
            if parameter.param_type_name != "argument":
                twice = 2 if get_origin(parameter.type_descriptor.annotation) is tuple else 1
                yield [*path, *given, option, *[value] * twice]
            elif value and not value.startswith("-"):
                yield [*path, value, *given[1:]]


@pytest.mark.parametrize("name", ALL)
def test_a_bad_value_would_end_in_a_traceback_or_in_more_than_a_line(command, capfd, tmp_path, name) -> None:
    for words in attempts(name):
        code = 0
        try:
            command(*words)
        except SystemExit as stopped:
            code = stopped.code
        said = capfd.readouterr().err
        assert code in (0, 2), (words, said)
        if code == 2:
            assert len(said.strip().splitlines()) == 1, (words, said)
        assert not list(tmp_path.glob(".part-*")), words


WRITERS = {
    "facts show province_power_capacity --csv": ".csv", "simulate cement --until 2026 --csv": ".csv",
    "simulate cement --until 2026 --netcdf": ".nc", "footprint steel --to": ".json", "accounts --layout": ".csv",
    "inventory template": ".xlsx", "inventory export starter": ".zip", "scheme template environment_tax": ".xlsx",
    "tender template": ".xlsx", "stage market vehicles --to": ".html",
}


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file of this process grows beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("situation", ["a folder", "below a file", "full at once", "full later"])
def test_a_place_that_cannot_be_written_would_lose_a_file(command, capfd, tmp_path, writer, situation) -> None:
    target = tmp_path / f"old{WRITERS[writer]}"
    if situation == "a folder":
        target.mkdir()
    elif situation == "below a file":
        (tmp_path / "file").write_text("old")
        target = tmp_path / "file" / target.name
    else:
        target.write_text("old")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SystemExit) as stopped, full_disk(
            {"full at once": 100, "full later": 4500}.get(situation, resource.RLIM_INFINITY)):
        command(*writer.split(), str(target), home=Path("/proc/nope"))
    said = capfd.readouterr().err
    assert stopped.value.code == 2, said
    assert len(said.strip().splitlines()) == 1, said
    assert sorted(tmp_path.rglob("*")) == before
    assert not target.is_file() or target.read_text() == "old"


ENDED = {"inventory export starter": ".zip", "simulate cement --until 2026 --netcdf": ".nc",
         "facts show province_power_capacity --csv": ".csv"}


FOLDERS = ("plan gansu --until 2027 --members 8 --markets steel --out",
           "ensemble plan gansu --until 2027 --members 8 --markets steel --out")


@pytest.mark.parametrize("writer", FOLDERS)
def test_a_command_that_makes_a_folder_leaves_it_whole_or_not_at_all_whenever_it_is_ended(tmp_path, writer) -> None:
    """Ended at the start, in the midst of its work, and as soon as it writes; by a request and by force."""
    words = [sys.executable, "-m", "seedbed", *writer.split()]
    environment = {**os.environ, "SEEDBED_HOME": str(tmp_path / "home")}

    def run(name: str) -> None:
        subprocess.run([*words, name], cwd=tmp_path, check=True, capture_output=True, env=environment)

    run("whole")
    begun = time.monotonic()
    run("again")
    took, whole = time.monotonic() - begun, sorted(path.name for path in (tmp_path / "whole").iterdir())
    for ending in (signal.SIGTERM, signal.SIGKILL):
        for part in (0.1, 0.6, None):
            with subprocess.Popen([*words, "made"], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE) as running:
                until = time.monotonic() + (60 if part is None else part * took)
                while running.poll() is None and time.monotonic() < until:
                    if part is None and list(tmp_path.glob(".part-*")):
                        break
                    time.sleep(0.005)
                running.send_signal(ending)
                assert b"Traceback" not in (running.stderr.read() if running.stderr else b"")
                assert running.wait() in (0, 143, -ending)
            if ending == signal.SIGTERM:
                assert not list(tmp_path.glob(".part-*"))
            if (tmp_path / "made").exists():
                assert sorted(path.name for path in (tmp_path / "made").iterdir()) == whole
                shutil.rmtree(tmp_path / "made")
    run("made")
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == whole
    assert not list(tmp_path.glob(".part-*"))


@pytest.mark.parametrize("writer", ENDED)
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
@pytest.mark.parametrize("moment", ["at the start", "while writing", "late"])
def test_a_command_that_is_ended_would_leave_something_half_written(tmp_path, writer, ending, moment) -> None:
    words = [sys.executable, "-m", "seedbed", *writer.split()]
    first, second = (f"{name}{ENDED[writer]}" for name in ("whole", "made"))
    environment = {**os.environ, "SEEDBED_HOME": str(tmp_path / "home")}
    subprocess.run([*words, first], cwd=tmp_path, check=True, capture_output=True, env=environment)
    whole = (tmp_path / first).stat().st_size
    with subprocess.Popen([*words, second], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE) as running:
        until = time.monotonic() + {"at the start": 0.3, "while writing": 60, "late": 1.2}[moment]
        while running.poll() is None and time.monotonic() < until:
            if moment == "while writing" and list(tmp_path.glob(".part-*")):
                break
            time.sleep(0.005)
        running.send_signal(ending)
        assert b"Traceback" not in (running.stderr.read() if running.stderr else b"")
        assert running.wait() in (0, 143, -ending)
    if (made := tmp_path / second).exists():
        assert abs(made.stat().st_size - whole) < 100
    if ending is signal.SIGTERM:
        assert not list(tmp_path.glob(".part-*"))
    subprocess.run([*words, second], cwd=tmp_path, check=True, capture_output=True, env=environment)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == [second, first]


def test_a_width_of_nothing_is_no_width(tmp_path) -> None:
    done = subprocess.run([sys.executable, "-m", "seedbed", "policy", "list"], cwd=tmp_path, capture_output=True,
                          env={**os.environ, "COLUMNS": "0"}, check=True)
    assert len(done.stdout) > 1000


def test_years_without_a_row_are_told_with_those_that_there_are(tmp_path) -> None:
    words = ["facts", "show", "province_power_capacity", "--year", "1900"]
    done = subprocess.run([sys.executable, "-m", "seedbed", *words], cwd=tmp_path,
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "2000 to 2024" in done.stderr
