"""The lab: from a slider's move to the redrawn charts in a real browser, and eight users at once over HTTP."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection

import numpy as np

from bench.measure import Result
from bench.service import started

USERS, PACE = 8, 10.0
"""People who drag at once, and moves a second of each."""
MOVED = """async (moves) => {
  const slider = document.getElementById('charging_network'), found = [];
  const frame = () => new Promise(requestAnimationFrame);
  const drawn = () => performance.getEntriesByName('drawn').at(-1)?.startTime ?? 0;
  for (let n = 0; n < moves; n++) {
    const begun = performance.now();
    slider.value = String(((n * 7) % 20) / 20);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    while (drawn() < begun && performance.now() < begun + 5000) await frame();
    await frame();
    found.push(performance.now() - begun);
    await new Promise((done) => setTimeout(done, 30));
  }
  return found;
}"""
SETTLED = """async (moves) => {
  const slider = document.getElementById('charging_network'), found = [];
  const told = () => document.querySelector('.figures small').innerText, later = (done) => setTimeout(done, 4);
  for (let n = 0; n < moves; n++) {
    slider.value = String((n + 1) / (moves + 1));
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    slider.dispatchEvent(new Event('change', { bubbles: true }));
    const begun = performance.now();
    await new Promise(requestAnimationFrame);
    while (!told().startsWith('90%') && performance.now() < begun + 5000) await new Promise(later);
    found.push(performance.now() - begun);
  }
  return found;
}"""


def lab(quick: bool) -> list[Result]:
    """All rows."""
    with tempfile.TemporaryDirectory() as home, _served(home) as port:
        begun = time.perf_counter()
        _ask(port, "start", {})
        rows = [Result("lab: a place made ready, programs not yet compiled", None, time.perf_counter() - begun, "s")]
        for what in ("run", "fan", "why"):
            _ask(port, what, _body(0.5))
        return [*rows, *_alone(port), *_together(port, 5 if quick else 15), *_browser(port, 20 if quick else 100)]


@contextmanager
def _served(home: str) -> Iterator[int]:
    process, port = started(SEEDBED_HOME=home)
    with process:
        try:
            yield port
        finally:
            process.terminate()


def _body(value: float) -> dict[str, object]:
    return {"points": {"charging_network": {"2030": value}, "national_ets": {"2030": value}}}


def _ask(port: int, what: str, body: dict[str, object]) -> float:
    """Seconds of one question."""
    if what in ("fan", "why"):
        body = body | {"market": "vehicles"}
    link = HTTPConnection("127.0.0.1", port, timeout=120)
    begun = time.perf_counter()
    link.request("POST", f"/v1/lab/guangdong/{what}", json.dumps(body), {"content-type": "application/json"})
    answer = link.getresponse()
    answer.read()
    assert answer.status == 200
    link.close()
    return time.perf_counter() - begun


def _spread(what: str, seconds: list[float], target: float | None, note: str = "") -> Result:
    half, most = np.quantile(seconds, [0.5, 0.9]) * 1000
    return Result(what, target, float(most), "ms p90", f"p50 {half:.0f} ms{note}")


def _alone(port: int) -> list[Result]:
    times = {what: [_ask(port, what, _body(n / 100)) for n in range(60)] for what in ("run", "fan", "why")}
    return [_spread("lab: all markets over HTTP, one user", times["run"], None),
            _spread("lab: 64 members of all markets over HTTP", times["fan"], None),
            _spread("lab: exact parts of two changes over HTTP", times["why"], None)]


def _together(port: int, seconds: float) -> list[Result]:
    def drags(number: int) -> list[float]:
        found, until, n = [], time.perf_counter() + seconds, 0
        while time.perf_counter() < until:
            n += 1
            took = _ask(port, "run", _body((number * 131 + n) % 997 / 997))
            found.append(took)
            time.sleep(max(0.0, 1 / PACE - took))
        return found

    with ThreadPoolExecutor(USERS) as pool:
        times = [one for found in pool.map(drags, range(USERS)) for one in found]
    return [_spread(f"lab: {USERS} users drag at once", times, 120, f", {len(times) / seconds:.0f}/s answered")]


def _browser(port: int, moves: int) -> list[Result]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        return [Result("lab: slider to redraw in the browser", 70, float("nan"), "ms p90", "no chromium here")]
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        begun = time.perf_counter()
        page.goto(f"http://127.0.0.1:{port}/lab/guangdong?m=vehicles&x=charging_network~2030~0.5")
        page.wait_for_selector(".middle > section .chart svg path", state="attached")
        first = time.perf_counter() - begun
        page.wait_for_selector(".part")
        page.evaluate(MOVED, 10)
        moved, settled = page.evaluate(MOVED, moves), page.evaluate(SETTLED, max(5, moves // 4))
        browser.close()
    return [Result("lab: first chart, place ready", 1, first, "s"),
            _spread("lab: slider to redraw of all charts, Chromium", [t / 1000 for t in moved], 70),
            _spread("lab: bands and parts after letting go, Chromium", [t / 1000 for t in settled], 150)]
