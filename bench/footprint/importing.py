"""The import of a database to live with its report, and of the package itself, each in a process of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import ROOT, Result, fresh, memory

TIANGONG = ROOT.parent / "shared" / "lca" / "tiangong-ilcd-2024-04.tar.xz"


def loading(quick: bool) -> Iterator[Result]:
    """`import seedbed.lifecycle` in a new process, with all that `footprint()` needs."""
    statement = (
        "import time; a = time.perf_counter(); import seedbed.lifecycle as f; f.footprint; "
        "print(time.perf_counter() - a)"
    )
    seconds = min(float(fresh(["-c", statement])[1]) for _ in range(2 if quick else 5))
    yield Result("import seedbed.lifecycle", 1.0, seconds, "s", "the function looked up, not only the package")


def importing(quick: bool) -> Iterator[Result]:
    """TianGong from its archive to live, judged and with what is wrong in quarantine."""
    if not TIANGONG.exists():
        return
    with TemporaryDirectory() as folder:
        code = f"from bench.footprint.importing import alone; alone({folder!r})"
        seconds, peak, decision, processes = json.loads(fresh(["-c", code])[1].splitlines()[-1])
    yield Result("import of TianGong to live, with report", 60, seconds, "s", f"{decision}, {processes:,} processes")
    yield Result("its high-water mark of memory", 2048, peak, "MB", "of a process of its own")


def alone(folder: str) -> None:
    """Import in this process; print seconds, high-water mark (MB), decision and processes that went live."""
    from seedbed.lifecycle.gate.importing import import_database
    from seedbed.lifecycle.inventory.store import Store

    begin = time.perf_counter()
    report = import_database(TIANGONG, Store(Path(folder)), quarantine=True)
    seconds = time.perf_counter() - begin
    print(json.dumps([seconds, memory()[1], report.decision, report.live.get("processes", 0)]))
