"""The service as a process of its own, for tests and for the bench."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from http.client import HTTPConnection


def started(*words: str, **environment: str) -> tuple[subprocess.Popen[str], int]:
    """A service that answers, on a port of its own: the process, and the port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "seedbed", "serve", "--port", "0", *words], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, **environment})
    assert process.stdout is not None
    said = process.stdout.readline()
    found = re.search(r":(\d+)", said)
    assert found, said + (process.stderr.read() if process.stderr else "")
    for _ in range(200):
        try:
            link = HTTPConnection("127.0.0.1", int(found[1]), timeout=10)
            link.request("GET", "/healthz")
            link.getresponse().read()
            break
        except ConnectionError:
            time.sleep(0.05)
    return process, int(found[1])
