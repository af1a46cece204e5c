"""Compiled programs are kept for the whole run and shared by all its processes, so that nothing is compiled twice.

The home is the run's own: what a user keeps (fits, facts, markets) changes no test.

They are compiled with less effort than users' programs are: most run once, and differ in their last bits only.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

QUICK = "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=1"
KEPT = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """The first process makes the folder, before a worker starts or JAX is imported; the others inherit its name."""
    if hasattr(config, "workerinput"):
        return
    folder = config.stash[KEPT] = tempfile.mkdtemp(prefix="seedbed-programs-")
    os.environ.setdefault("XLA_FLAGS", QUICK)
    os.environ |= {"SEEDBED_HOME": f"{folder}/home", "SEEDBED_CACHE": folder, "JAX_COMPILATION_CACHE_DIR": folder,
                   "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.1"}


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    if KEPT in config.stash:
        shutil.rmtree(config.stash[KEPT], ignore_errors=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser, where the machine has one."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium on this machine (Debian package chromium)")
    with sync_api.sync_playwright() as running:
        started = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()

settings.register_profile("patient", deadline=None)  # machines stall; speed is measured in bench/
settings.load_profile("patient")
