"""Multi-regional accounts beside pymrio: the same table, the same accounts, each in a process of its own.

The table of 1,435 sectors is WIOD 2007 (release 2013) from the folder of raw material beside
the repository; it has no emissions, so both programs get the same made-up ones. The table of 9,800 sectors
(49 regions × 200, the size of EXIOBASE) is synthetic: its flows are random, most of them at home.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.measure import ROOT, Result, fresh, memory

WIOD = ROOT.parent / "shared" / "lca" / "wiod" / "wiot_2007.npz"
REGIONS, SECTORS, DEMANDS, STRESSORS = 49, 200, 7, 3
TARGETS = {"wiod": 1.2, "large": 6.0}
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Data:
    """A multi-regional table as bare arrays and labels."""

    regions: list[str]
    sectors: list[str]
    demands: list[str]
    Z: Array
    Y: Array
    F: Array


def wiod() -> Data:
    """WIOD 2007 with made-up emissions: the k-th stressor of sector j is (1 + (7·k + j) mod 11) times its output."""
    with np.load(WIOD) as file:
        Z, Y = file["Z"], file["Y"]
        regions, sectors = file["countries"].tolist(), file["industries"].tolist()
    x = Z.sum(axis=1) + Y.sum(axis=1)
    k, j = np.ogrid[:STRESSORS, : len(x)]
    demands = [f"f{i}" for i in range(Y.shape[1] // len(regions))]
    return Data(regions, sectors, demands, Z, Y, (1.0 + (7 * k + j) % 11) * x)


def synthetic(regions: int = REGIONS, sectors: int = SECTORS) -> Data:
    """A table in which imported inputs are a hundredth of those at home, and 40 % of sales final."""
    rng = np.random.default_rng(2007)
    n = regions * sectors
    Z = rng.random((n, n))
    for r in range(regions):
        own = slice(r * sectors, (r + 1) * sectors)
        Z[own, own] *= 100
    final = rng.random((n, regions * DEMANDS))
    Y = final / final.sum(axis=1)[:, None] * (Z.sum(axis=1) / 0.6 * 0.4)[:, None]
    return Data([f"r{i:02d}" for i in range(regions)], [f"s{i:03d}" for i in range(sectors)],
                [f"f{i}" for i in range(DEMANDS)], Z, Y, rng.random((STRESSORS, n)))


def ours(data: Data) -> Callable[[], dict[str, Array]]:
    """Our accounts, from arrays and labels to the regional accounts."""
    import polars as pl

    from seedbed.lifecycle.accounts.regions import accounts
    from seedbed.lifecycle.accounts.table import input_output

    def labels(codes: list[str]) -> pl.DataFrame:
        return pl.DataFrame([(r, c, c) for r in data.regions for c in codes],
                            schema=["region", "code", "name_en"], orient="row")

    stressors = [{"code": f"e{k}", "name_en": f"e{k}", "unit": "kg"} for k in range(STRESSORS)]
    sectors, demands = labels(data.sectors), labels(data.demands)

    def work() -> dict[str, Array]:
        found = accounts(input_output(sectors, data.Z, demands, data.Y, stressors=stressors, F=data.F)).regions
        return {name: found[name].to_numpy() for name in ("production", "consumption", "imports", "exports")}

    return work


def theirs(data: Data) -> Callable[[], dict[str, Array]]:
    """pymrio's accounts, from data frames over the same arrays to the regional accounts."""
    import pandas as pd
    import pymrio

    rows = pd.MultiIndex.from_product([data.regions, data.sectors], names=["region", "sector"])
    columns = pd.MultiIndex.from_product([data.regions, data.demands], names=["region", "category"])
    Z, Y = pd.DataFrame(data.Z, rows, rows, copy=False), pd.DataFrame(data.Y, rows, columns, copy=False)
    F = pd.DataFrame(data.F, [f"e{k}" for k in range(STRESSORS)], rows)

    def work() -> dict[str, Array]:
        system: Any = pymrio.IOSystem(Z=Z, Y=Y, e={"name": "e", "F": F})
        system.calc_all()
        names = {"production": "pba", "consumption": "cba", "imports": "imp", "exports": "exp"}
        return {ours: getattr(system.e, f"D_{name}_reg").to_numpy() for ours, name in names.items()}

    return work


def alone(which: str, case: str, path: str) -> None:
    """Run one program on one case in this process; print seconds, the high-water mark and what it held before (MB).

    A tiny table goes first, so that what is loaded with the first use counts neither as time nor as memory.
    """
    program = {"ours": ours, "theirs": theirs}[which]
    program(synthetic(2, 3))()
    work = program({"wiod": wiod, "large": synthetic}[case]())
    before = memory()[0]
    times: list[float] = []
    found: dict[str, Array] = {}
    while len(times) < (5 if case == "wiod" else 1):
        begin = time.perf_counter()
        found = work()
        times.append(time.perf_counter() - begin)
    np.savez(path, allow_pickle=False, **found)
    print(json.dumps([min(times), memory()[1], before]))


def accounts(quick: bool) -> Iterator[Result]:
    """Both programs on every case; WIOD is left out where it is absent, the large table in a quick run."""
    cases = (["wiod"] if WIOD.exists() else []) + ([] if quick else ["large"])
    for case in cases:
        measured, found = {}, {}
        with tempfile.TemporaryDirectory() as folder:
            for which in ("ours", "theirs"):
                path = f"{folder}/{which}.npz"
                code = f"from bench.footprint.accounts import alone; alone({which!r}, {case!r}, {path!r})"
                measured[which] = json.loads(fresh(["-c", code])[1].splitlines()[-1])
                with np.load(path) as file:
                    found[which] = dict(file)
        (mine, peak, base), (other, other_peak, other_base) = measured["ours"], measured["theirs"]
        apart = max(float(np.abs(found["ours"][k] - v).max() / np.abs(v).max()) for k, v in found["theirs"].items())
        size = "1,435², WIOD 2007" if case == "wiod" else "9,800², synthetic"
        yield Result(f"accounts of {size}", TARGETS[case], other / mine, "×",
                     f"{mine:.3g} s; {other:.3g} s (pymrio {version('pymrio')}); {apart:.0e} apart", at_least=True)
        yield Result(f"memory the work adds, {size}", 0.5, (peak - base) / (other_peak - other_base), "×",
                     f"{peak - base:,.0f} MB; {other_peak - other_base:,.0f}; "
                     f"high-water marks {peak:,.0f} and {other_peak:,.0f}")
