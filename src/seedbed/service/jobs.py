"""Long verbs as jobs: each in a process of its own, which tells how far it is, can be ended, and keeps its result.

A job's id is the hash of what is asked and of the code and data that answer it: the same question is one job, and its
result, once there, is read back.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock, Semaphore, Thread
from typing import Any, Literal

from seedbed.base import kept, memory
from seedbed.base.request import Request
from seedbed.market.provenance import made_with
from seedbed.verbs import VERBS

State = Literal["waiting", "running", "done", "failed", "cancelled"]
OWN = ("facts", "markets", "instruments", "databases", "schemes")
"""Folders of the home in which a user's own data lie."""
_known: list[tuple[str, int, int]] = []
AT_ONCE = 2
"""Jobs that run side by side; others wait."""


@dataclass
class Job:
    """One question, and where its answer is in the making."""

    id: str
    verb: str
    request: dict[str, Any]
    state: State = "waiting"
    step: str = ""
    done: int = 0
    of: int = 0
    error: dict[str, Any] | None = None
    began: float = field(default_factory=time.time)
    ended: float | None = None
    changes: int = 0
    process: subprocess.Popen[str] | None = None

    def told(self) -> dict[str, Any]:
        """What anybody may know of it."""
        return {"id": self.id, "verb": self.verb, "request": self.request, "state": self.state,
                "progress": {"step": self.step, "done": self.done, "of": self.of},
                "seconds": round((self.ended or time.time()) - self.began, 1), "error": self.error,
                "results": sorted(path.name for path in folder(self.id).glob("result*"))
                if self.state == "done" else []}


def folder(id_: str) -> Path:
    """Where the results of a job are kept."""
    return kept.cache() / "results" / id_


def identity(verb: str, request: Request) -> str:
    """The hash of what a verb is asked (see `question`)."""
    return question(verb, request.model_dump(mode="json"), VERBS[verb].home.partition(":")[0], "seedbed.service.worker")


def question(name: str, asked: dict[str, Any], *modules: str) -> str:
    """The hash of a question, of the code and data that answer it, and of what is the user's own."""
    said = json.dumps({"verb": name, "request": asked, "made_with": made_with(), "code": kept.code_sha256(*modules),
                       "data": _shipped(), "own": current()}, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def current() -> list[tuple[str, int, int]]:
    """The stamps of what is the user's own; where it has changed, what was made from it is forgotten."""
    home = kept.home()
    stamps = _stamps(home, [home / "fits.json", *(home / name for name in OWN)])
    if _known != stamps:
        memory.forget()
        _known[:] = stamps
    return stamps


@cache
def _shipped() -> list[tuple[str, int, int]]:
    """The stamps of all data that ship."""
    return [one for one in _stamps(kept.PACKAGE, [kept.PACKAGE]) if not one[0].endswith((".py", ".pyc"))]


def _stamps(root: Path, places: Sequence[Path]) -> list[tuple[str, int, int]]:
    """Name, size and last change of every file at or below some places."""
    files = [path for place in places for path in (place, *sorted(place.rglob("*"))) if path.is_file()]
    return [(str(path.relative_to(root)), (found := path.stat()).st_size, found.st_mtime_ns) for path in files]


class Jobs:
    """The jobs of one service."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = Lock()
        self._places = Semaphore(AT_ONCE)

    def ask(self, verb: str, request: Request) -> Job:
        """The job of this question: the one that is there, or a new one."""
        id_ = identity(verb, request)
        with self._lock:
            job = self._jobs.get(id_)
            if job is not None and job.state not in ("failed", "cancelled"):
                return job
            job = self._jobs[id_] = Job(id_, verb, request.model_dump(mode="json"))
            if (folder(id_) / "result.json").is_file():
                job.state, job.ended = "done", time.time()
                return job
        Thread(target=self._run, args=(job,), daemon=True).start()
        return job

    def get(self, id_: str) -> Job | None:
        """A job by its id; one of an earlier run of the service is known by its result."""
        with self._lock:
            job = self._jobs.get(id_)
        path = folder(id_) / "asked.json"
        if job is None and id_.isalnum() and path.is_file():
            asked = json.loads(path.read_text(encoding="utf-8"))
            job = Job(id_, asked["verb"], asked["request"], "done", ended=time.time())
        return job

    def all(self) -> list[Job]:
        """Every job of this run, the latest first."""
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: -job.began)

    def cancel(self, job: Job) -> None:
        """End a job that waits or runs."""
        with self._lock:
            if job.state in ("waiting", "running"):
                job.state, job.ended, job.changes = "cancelled", time.time(), job.changes + 1
            process = job.process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """End what runs."""
        for job in self.all():
            self.cancel(job)

    def _run(self, job: Job) -> None:
        with self._places:
            with self._lock:
                if job.state != "waiting":
                    return
                job.state, job.changes = "running", job.changes + 1
                job.process = subprocess.Popen(
                    [sys.executable, "-m", "seedbed.service.worker", job.id], text=True, encoding="utf-8",
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    env={**os.environ, "PYTHONIOENCODING": "utf-8"})
            assert job.process.stdin is not None
            assert job.process.stdout is not None
            with job.process:
                job.process.stdin.write(json.dumps({"verb": job.verb, "request": job.request}))
                job.process.stdin.close()
                for line in job.process.stdout:
                    self._hear(job, json.loads(line))
            with self._lock:
                if job.state == "running":
                    whole = job.process.returncode == 0 and (folder(job.id) / "result.json").is_file()
                    job.state, job.ended = ("done" if whole else "failed"), time.time()
                job.changes += 1

    def _hear(self, job: Job, said: dict[str, Any]) -> None:
        with self._lock:
            if "error" in said:
                job.error = said["error"]
            else:
                job.step, job.done, job.of = said["step"], said["done"], said["of"]
            job.changes += 1
