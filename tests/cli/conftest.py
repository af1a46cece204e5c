"""The command line run as a process, as a user runs it; compiled programs are kept for the session."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def seedbed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`seedbed("plan", "gansu", …)` in a folder of its own; databases are kept in `home`, by default an empty one."""
    cache, empty = tmp_path_factory.mktemp("cache"), tmp_path_factory.mktemp("home")
    environment = {**os.environ, "SEEDBED_CACHE": str(cache), "COLUMNS": "160", "PYTHONIOENCODING": "utf-8"}
    environment.pop("SEEDBED_LANG", None)

    def run(*words: str, cwd: Path, home: Path = empty) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "seedbed.cli", *words], cwd=cwd, text=True, capture_output=True,
                              env=environment | {"SEEDBED_HOME": str(home)}, timeout=240, check=False)

    return run
