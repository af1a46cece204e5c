"""How things are measured: best of several runs, processor time beside wall time, memory of a fresh process."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Result:
    """One line of the table; `target` None: reported without a target, `at_least`: more is better."""

    what: str
    target: float | None
    measured: float
    unit: str
    note: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        return self.measured >= self.target if self.at_least else self.measured <= self.target

    @property
    def ratio(self) -> float | None:
        """Measured over target; None without a target or where the target is zero."""
        return self.measured / self.target if self.target else None


def best(function: Callable[[], Any], runs: int) -> float:
    """Seconds of the fastest of `runs` calls after one that compiles."""
    import jax

    jax.block_until_ready(function())
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        jax.block_until_ready(function())
        times.append(time.perf_counter() - begin)
    return min(times)


def fresh(arguments: list[str], environment: dict[str, str] | None = None) -> tuple[float, str]:
    """(seconds, output) of `python ARGUMENTS` in a new process; raises RuntimeError with its last lines."""
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env={**os.environ, **(environment or {})},
                          capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise RuntimeError(f"python {' '.join(arguments)} failed: {done.stderr.strip()[-500:]}")
    return seconds, done.stdout


def memory() -> tuple[float, float]:
    """(now, high-water mark) of this process, MB, without what a parent process held before (Linux)."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    now, highest = (int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, highest


def machine() -> dict[str, str]:
    """Processor, cores and versions."""
    import jax

    info = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines()
             if line.startswith("model name")] if info.is_file() else []
    return {"cpu": names[0] if names else platform.processor() or platform.machine(),
            "cores": str(os.cpu_count()), "python": platform.python_version(), "jax": version("jax"),
            "device": jax.devices()[0].device_kind, "load": " ".join(f"{x:.1f}" for x in os.getloadavg())}


def write(results: list[Result], path: Path) -> None:
    """Machine and results as JSON."""
    rows = [{**vars(r), "ratio": r.ratio} for r in results]
    path.write_text(json.dumps({"machine": machine(), "results": rows}, indent=1) + "\n", encoding="utf-8")
