"""Footprints beside bw2calc on the same matrices, in the same run: the ratio is the figure.

Cases: TianGong (3,953 processes; its solvable matrices lie in `../shared/lca`, skipped where absent) and a
made-up database of 23,500 processes. bw2calc uses the fastest solver it finds (named in the notes): without
PARDISO or UMFPACK it falls back on SuperLU, which is slow for the large one.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bw2calc
import bw_processing as bwp
import numpy as np
import polars as pl
from fsspec.implementations.zip import ZipFileSystem
from scipy import sparse

from bench.footprint import synthetic
from bench.measure import ROOT, Result
from seedbed.lifecycle.database import Database
from seedbed.lifecycle.inventory.store import Store
from seedbed.lifecycle.inventory.tables import Inventory
from seedbed.lifecycle.result import footprint, stored
from seedbed.lifecycle.solve import montecarlo
from seedbed.lifecycle.solve.scenario import Replacement, changed

Array = np.ndarray[Any, Any]
TIANGONG = ROOT.parent / "shared" / "lca" / "tiangong_matrices.npz"
TARGETS = {"fresh": 10, "demand": 20, "draws": {"TianGong": 8, "23.5k": 6}}


def lca(quick: bool) -> Iterator[Result]:
    """Fresh footprint, new demand, all products and methods, Monte Carlo."""
    if TIANGONG.exists():
        yield from _case("TianGong", _tiangong(), quick)
    yield from _case("23.5k", synthetic.inventory(), quick)


def _tiangong() -> Inventory:
    kept = np.load(TIANGONG, allow_pickle=True)
    size, flows = int(kept["n"]), int(kept["nb"])
    T, B = kept["T"], kept["B"]
    row, column = T[:, 0].astype(int), T[:, 1].astype(int)
    A = sparse.coo_matrix((T[:, 2], (row, column)), shape=(size, size)).tocsc()
    made = A.diagonal()
    inputs = (sparse.diags(made) - A).tocsc()
    inputs.eliminate_zeros()
    places = (B[:, 0].astype(int), B[:, 1].astype(int))
    nature = sparse.coo_matrix((B[:, 2], places), shape=(flows, size)).tocsc().tocoo()
    emitted = pl.DataFrame({"process": nature.col, "flow": nature.row, "amount": nature.data})
    spread = lambda count: np.full(count, np.log(1.1))  # noqa: E731
    return synthetic.from_matrices("tiangong", made, inputs.tocoo(), emitted, kept["C"], spread)


def _case(name: str, inventory: Inventory, quick: bool) -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store")
        snapshot = store.put(inventory)
        store.make_live(snapshot.name, snapshot.hash)
        database = stored(store, inventory.name)
        _ = database.scores  # kept beside the snapshot, as the import does
        factors = database.characterisation[:, [database.method_number("m4")]].toarray().ravel()
        package = _package(database.system, factors, Path(folder) / "bw.zip")
        columns = np.random.default_rng(0).integers(0, database.system.size, 5)
        columns[0] = _longest_chain(database)
        yield from _fresh(name, store, inventory.name, database.columns["flow"].to_list(), package, columns)
        yield from _demand(name, database, package, columns)
        if name != "TianGong":
            yield _everything(name, database)
            yield _scenario(name, inventory, database)
        yield from _draws(name, database, package, columns, 64 if quick else 400)


def _longest_chain(database: Database) -> int:
    """Of 200 products that with the longest supply chain: the hardest to draw."""
    some = np.random.default_rng(1).integers(0, database.system.size, 200)
    chains = [montecarlo.reached(database.system.A, np.array([column])).size for column in some]
    return int(some[int(np.argmax(chains))])


def _mean(function: Callable[[int], object], columns: Array, rounds: int = 3) -> float:
    """Mean seconds over `columns`, of the best round."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for column in columns:
            function(int(column))
        times.append((time.perf_counter() - begin) / len(columns))
    return min(times)


def _peer(package: Path, column: int, **options: Any) -> bw2calc.LCA:
    objects = [bwp.load_datapackage(ZipFileSystem(str(package)))]
    return bw2calc.LCA({column: 1.0}, data_objs=objects, **options)


def _solver() -> str:
    from bw2calc import PYPARDISO, UMFPACK

    return f"bw2calc {bw2calc.__version__}, {'PARDISO' if PYPARDISO else 'UMFPACK' if UMFPACK else 'SuperLU'}"


def _fresh(
    name: str, store: Store, database: str, products: list[str], package: Path, columns: Array
) -> Iterator[Result]:
    def look_up(column: int) -> float:
        return footprint(products[column], place="GLO", method="m4", database=stored(store, database)).value

    def solve(column: int) -> float:
        loaded = stored(store, database)
        scaling = loaded.solve([column], [1.0])
        return float(scaling @ loaded.direct[:, loaded.method_number("m4")])

    def theirs(column: int) -> float:
        lca = _peer(package, column)
        lca.lci()
        lca.lcia()
        return float(lca.score)

    peer = _mean(theirs, columns[:2], rounds=1)
    for way, ours in (("solved", solve), ("looked up", look_up)):
        assert np.isclose(ours(int(columns[0])), theirs(int(columns[0])), rtol=1e-6)
        seconds = _mean(ours, columns)
        target = TARGETS["fresh"] if way == "looked up" else None
        note = f"{seconds * 1e3:.1f} ms; {peer * 1e3:.0f} ms ({_solver()})"
        yield Result(f"fresh LCA with load, {name}, {way}", target, peer / seconds, "×", note, at_least=True)


def _demand(name: str, database: Database, package: Path, columns: Array) -> Iterator[Result]:
    lca = _peer(package, int(columns[0]))
    lca.lci(factorize=True)
    lca.lcia()

    def theirs(column: int) -> float:
        lca.redo_lcia({column: 1.0}) if hasattr(lca, "redo_lcia") else lca.lcia({column: 1.0})
        return float(lca.score)

    direct = np.asarray(database.direct[:, database.method_number("m4")])
    _ = database.factor

    def solve(column: int) -> float:
        return float(database.solve([column], [1.0]) @ direct)

    def look_up(column: int) -> float:
        return float(database.scores[column, database.method_number("m4")])

    peer = _mean(theirs, columns)
    for way, ours in (("solved", solve), ("looked up", look_up)):
        seconds = _mean(ours, columns, rounds=20)
        note = f"{seconds * 1e6:.0f} µs; {peer * 1e3:.1f} ms"
        target = TARGETS["demand"] if way == "looked up" else None
        yield Result(f"new demand, {name}, {way}", target, peer / seconds, "×", note, at_least=True)


def _everything(name: str, database: Database) -> Result:
    direct = np.asfortranarray(database.direct[:, -20:])
    factor = database.adjoint
    seconds = min(_timed(lambda: factor.solve(direct)) for _ in range(5))
    return Result(f"all products × 20 methods, {name}", 50, seconds * 1e3, "ms", "after factoring")


def _scenario(name: str, inventory: Inventory, database: Database) -> Result:
    old, new = database.columns["process"].gather([3, 9000])
    _ = database.adjoint, database.inventory, database.scores
    again = _timed(lambda: Database(inventory).scores)
    seconds = min(_timed(lambda: changed(database, [Replacement(old, new)]).scores) for _ in range(5))
    note = f"{seconds * 1e3:.0f} ms; {again * 1e3:.0f} ms to build and solve again"
    return Result(f"scenario, a supplier replaced for all, {name}", None, again / seconds, "×", note)


def _draws(name: str, database: Database, package: Path, columns: Array, draws: int) -> Iterator[Result]:
    method = database.method_number("m4")
    begin = time.perf_counter()
    for column in columns:
        chain = montecarlo.chain(database, [([int(column)], [1.0])], method)
        montecarlo.sample(chain, draws, 0)
    ours = draws * len(columns) / (time.perf_counter() - begin)
    lca = _peer(package, int(columns[0]), use_distributions=True, seed_override=0)
    lca.lci()
    lca.lcia()
    seconds = [_timed(lambda: next(lca)) for _ in range(8)]
    theirs = 1 / float(np.mean(seconds[1:]))
    note = f"{ours:.0f} draws/s, 5 products, chain building included; {theirs:.1f} draws/s"
    target = TARGETS["draws"][name]  # type: ignore[index]
    yield Result(f"Monte Carlo, {name}", target, ours / theirs, "×", note, at_least=True)


def _timed(function: Callable[[], object]) -> float:
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def _package(system: Any, factors: Array, path: Path) -> Path:
    """The matrices as a Brightway package with the same distributions."""
    package = bwp.create_datapackage(fs=ZipFileSystem(str(path), mode="w"))
    for matrix, pattern in (("technosphere_matrix", system.technosphere), ("biosphere_matrix", system.biosphere)):
        column = np.repeat(np.arange(pattern.shape[1]), np.diff(pattern.indptr))[pattern.position]
        row = pattern.indices[pattern.position]
        amounts = system.amounts.base()[pattern.exchange]
        value = pattern.coefficient * amounts
        offset = system.size if matrix == "biosphere_matrix" else 0
        indices = np.array(list(zip(row + offset, column, strict=True)), dtype=bwp.INDICES_DTYPE)
        package.add_persistent_vector(
            matrix=matrix, indices_array=indices, data_array=np.abs(value), flip_array=(value < 0),
            distributions_array=_distributions(system, pattern.exchange, np.abs(value)), name=matrix,
        )
    kept = np.flatnonzero(factors)
    indices = np.array([(i + system.size, i + system.size) for i in kept], dtype=bwp.INDICES_DTYPE)
    package.add_persistent_vector(
        matrix="characterization_matrix", indices_array=indices, data_array=factors[kept], name="c"
    )
    package.finalize_serialization()
    return path


def _distributions(system: Any, exchange: Array, size: Array) -> Array:
    spread = np.zeros(system.amounts.stated.size)
    spread[system.amounts.uncertain.target] = system.amounts.uncertain.scale
    scale = spread[exchange]
    rows = np.zeros(size.size, dtype=bwp.UNCERTAINTY_DTYPE)
    rows["uncertainty_type"] = np.where(scale > 0, 2, 0)
    rows["loc"] = np.where(scale > 0, np.log(np.maximum(size, 1e-300)), size)
    rows["scale"] = np.where(scale > 0, scale, np.nan)
    rows["shape"] = rows["minimum"] = rows["maximum"] = np.nan
    return rows
