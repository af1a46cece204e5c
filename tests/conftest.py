"""Compiled programs are kept for the whole run and shared by all its processes, so that nothing is compiled twice."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

KEPT = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """The first process makes the folder, before a worker starts or JAX is imported; the others inherit its name."""
    if hasattr(config, "workerinput"):
        return
    folder = config.stash[KEPT] = tempfile.mkdtemp(prefix="seedbed-programs-")
    os.environ |= {"SEEDBED_CACHE": folder, "JAX_COMPILATION_CACHE_DIR": folder,
                   "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.1"}


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    if KEPT in config.stash:
        shutil.rmtree(config.stash[KEPT], ignore_errors=True)
