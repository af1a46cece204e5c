"""The command line run as a process, as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seedbed.cli import main

Run = Callable[..., subprocess.CompletedProcess[str]]
Command = Callable[..., None]


@pytest.fixture(scope="session")
def seedbed_on(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`seedbed_on(python, "plan", "gansu", …)` in a folder; databases are kept in `home`, by default an empty one."""
    empty = tmp_path_factory.mktemp("home")
    environment = {**os.environ, "COLUMNS": "160", "PYTHONIOENCODING": "utf-8"}
    environment.pop("SEEDBED_LANG", None)

    def run(python: str, *words: str, cwd: Path, home: Path = empty) -> subprocess.CompletedProcess[str]:
        return subprocess.run([python, "-m", "seedbed.cli", *words], cwd=cwd, text=True, capture_output=True,
                              env=environment | {"SEEDBED_HOME": str(home)}, timeout=240, check=False)

    return run


@pytest.fixture(scope="session")
def seedbed(seedbed_on: Run) -> Run:
    """The same on this Python: `seedbed("plan", "gansu", …)`."""
    return lambda *words, **where: seedbed_on(sys.executable, *words, **where)


@pytest.fixture(autouse=True)
def unsaid(monkeypatch: pytest.MonkeyPatch) -> None:
    """The language that the command line sets for itself, in this process, is undone with each test."""
    monkeypatch.setenv("SEEDBED_LANG", "")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """`command("footprint", "steel", …)` in this process and in `tmp_path`, as the console script runs it.

    A good end is no exit; databases are kept in `home`, by default an empty one. Quicker than a process.
    """
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)

    def run(*words: str, home: Path = tmp_path / "home") -> None:
        monkeypatch.setenv("SEEDBED_HOME", str(home))
        monkeypatch.setenv("SEEDBED_LANG", "")  # the run before may have been asked in another language
        monkeypatch.setattr("sys.argv", ["seedbed", *words])
        try:
            main()
        except SystemExit as stopped:
            if stopped.code:
                raise

    return run
