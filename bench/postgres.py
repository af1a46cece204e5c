"""A private PostgreSQL server on a socket in a temporary folder, for tests and for the bench."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

WHERE = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/pgsql")


def binaries() -> Path | None:
    """The folder with initdb and pg_ctl; None where there is no PostgreSQL."""
    found = [path.parent for root in WHERE for path in sorted(Path(root).glob("*/bin/pg_ctl"))]
    if on_path := shutil.which("pg_ctl"):
        found.append(Path(on_path).resolve().parent)
    return found[-1] if found else None


@contextmanager
def server() -> Iterator[str]:
    """The address of a fresh database; the server ends with the block. It never runs as root."""
    bin_ = binaries()
    assert bin_ is not None
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="seedbed-pg-"))
    if user:
        shutil.chown(folder, user)
    as_ = {"user": user, "check": True, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    data = folder / "data"
    subprocess.run([bin_ / "initdb", "-D", data, "-U", "seedbed", "-A", "trust", "-E", "UTF8", "--no-sync"], **as_)
    options = f"-k {folder} -c listen_addresses='' -c max_connections=100"
    subprocess.run([bin_ / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"], **as_)
    try:
        subprocess.run([bin_ / "createdb", "-h", folder, "-U", "seedbed", "seedbed"], **as_)
        yield f"postgresql://seedbed@/seedbed?host={quote(str(folder))}"
    finally:
        subprocess.run([bin_ / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **{**as_, "check": False})
        shutil.rmtree(folder, ignore_errors=True)
