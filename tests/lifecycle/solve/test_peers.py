"""The released bw2calc on the same matrices: every product, every method, to 1e-9."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from seedbed.lifecycle.database import Database
from seedbed.lifecycle.inventory.compose import Recipe, compose
from seedbed.lifecycle.inventory.tables import FACTORS, METHODS, table
from seedbed.lifecycle.result import footprint
from seedbed.lifecycle.solve.factor import Array, Factor

bw2calc = pytest.importorskip("bw2calc")
bwp = pytest.importorskip("bw_processing")

TIANGONG = Path(__file__).parents[4] / "shared" / "lca" / "tiangong_matrices.npz"


def peer(A: sparse.csc_matrix, B: sparse.csc_matrix) -> Any:
    """bw2calc's system of A and B, factored; products and processes are numbered as here."""
    package = bwp.create_datapackage()
    for name, matrix, offset in (("technosphere_matrix", A, 0), ("biosphere_matrix", B, A.indptr.size)):
        entries = sparse.coo_matrix(matrix)
        indices = np.array([*zip(entries.row + offset, entries.col, strict=True)], dtype=bwp.INDICES_DTYPE)
        package.add_persistent_vector(matrix=name, name=name, indices_array=indices, data_array=np.abs(entries.data),
                                      flip_array=entries.data < 0)
    lca = bw2calc.LCA({0: 1.0}, data_objs=[package])
    lca.lci(factorize=True)
    return lca


def inventory_of(lca: Any, product: int, size: int) -> Array:
    """What nature gives and takes for a unit of `product`, by row of B (0 where B has no entry)."""
    lca.lci({product: 1.0})
    found = np.zeros(size)
    rows = {row - (lca.technosphere_matrix.shape[0] + 1): place for row, place in lca.dicts.biosphere.items()}
    found[list(rows)] = np.asarray(lca.inventory.sum(axis=1)).ravel()[list(rows.values())]
    return found


@st.composite
def systems(draw: st.DrawFn) -> Database:
    """Processes that make, use, credit and emit; every one uses less than half of what it is worth, so all is well."""
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    size, methods = draw(st.integers(1, 12)), draw(st.integers(1, 3))
    recipes: dict[str, Recipe] = {}
    for i in range(size):
        suppliers = [j for j in range(size) if j != i and rng.random() < 0.4]
        shares = rng.dirichlet(np.ones(len(suppliers) + 1)) * 0.5
        amounts = [(f"p{j}", float(share)) for j, share in zip(suppliers, shares, strict=False)]
        scale = 10 ** rng.uniform(-4, 4)
        recipes[f"p{i}"] = {
            "makes": [(f"p{i}", scale)],
            "uses": [(flow, amount * scale) for flow, amount in amounts[::2]],
            "credits": [(flow, amount * scale) for flow, amount in amounts[1::2]],
            "emits": [(f"e{k}", float(rng.normal() * scale)) for k in range(4) if k == 0 or rng.random() < 0.7],
        }
    names = [f"m{k}" for k in range(methods)]
    factors = [{"method": m, "flow": f"e{k}", "factor": float(rng.normal())} for m in names for k in range(4)]
    return Database(compose(
        recipes, methods=table(METHODS, [{"id": m, "name_en": m, "unit": "points"} for m in names]),
        factors=table(FACTORS, factors),
    ))


@settings(max_examples=25, deadline=None)
@given(systems())
def test_any_well_posed_system_has_the_scores_that_bw2calc_finds(database: Database) -> None:
    A, B = database.system.A, database.system.B
    lca = peer(A, B)
    factors = database.characterisation.toarray()
    for column, flow in enumerate(database.columns["flow"]):
        theirs = inventory_of(lca, column, len(factors))
        size = abs(B) @ np.abs(database.solve([column], [1.0]))  # of what is added up
        for method in database.inventory.methods["id"]:
            number = database.method_number(method)
            ours = footprint(flow, database=database, method=method).value
            close = pytest.approx(theirs @ factors[:, number], rel=1e-9, abs=1e-9 * (size @ np.abs(factors[:, number])))
            assert ours == close
            assert footprint(flow, 0.1, database=database, method=method).value == 0.1 * ours


def test_tiangong_has_the_inventories_and_scores_that_bw2calc_finds() -> None:
    if not TIANGONG.exists():
        pytest.skip("tiangong_matrices.npz is not in the folder of raw material beside the repository")
    with np.load(TIANGONG) as kept:
        size, flows, C = int(kept["n"]), int(kept["nb"]), kept["C"]
        A, B = (sparse.csc_matrix((T[:, 2], (T[:, 0].astype(int), T[:, 1].astype(int))), shape=(rows, size))
                for T, rows in ((kept["T"], size), (kept["B"], flows)))
    lca = peer(A, B)
    factor, scores = Factor(A), Factor(sparse.csc_matrix(A.T)).solve(np.asarray(B.T @ C.T))
    for product in np.random.default_rng(0).integers(0, size, 12):
        theirs = inventory_of(lca, int(product), flows)
        ours = B @ factor.solve(np.eye(1, size, product).ravel())
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9 * np.abs(theirs).max())
        impact = C @ theirs
        assert scores[product] == pytest.approx(impact, rel=1e-9, abs=1e-9 * np.abs(impact).max())
