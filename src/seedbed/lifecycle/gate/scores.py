"""Checks of results: loops without a solution, and carbon footprints that cannot be or are unlike those of peers.

Footprints are GWP100 of AR6 by our own factors (`methods.climate`), so that every database is judged by the
same measure, whatever methods come with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from seedbed.lifecycle.gate import loops
from seedbed.lifecycle.gate.limits import bounds
from seedbed.lifecycle.gate.view import View, found
from seedbed.lifecycle.inventory.tables import DEFECTS, table
from seedbed.lifecycle.methods import climate
from seedbed.lifecycle.solve.factor import Factor, SingularError
from seedbed.lifecycle.solve.system import System

Array = np.ndarray[Any, Any]

PEERS = 5
"""Suppliers of a flow before one of them can be called unusual."""
TIMES, SPREADS = 2.0, 5.0
"""Orders of magnitude, and median deviations, from the peers' median that are unusual."""
SUSPECT = 3.0
"""Orders of magnitude above what is typical from which a supplier is taken to spoil those it supplies."""
UNDIVIDED = 100.0
"""Times the bounds for a process that bears its co-products too."""
FEW = 3
"""Suppliers of a flow that suffice to say what is typical of it."""


def check_results(view: View, system: System) -> pl.DataFrame:
    """Defects that show only when the system is solved.

    Columns that carry bad loops are left out of the footprints, so that all else can be judged at once.
    """
    made = system.columns["amount"].to_numpy()
    taken = loops.inputs_per_product(system.A, made)
    bad = loops.bad_loops(taken)
    defects = [_of_loop(number, loop, system.columns["process"]) for number, loop in enumerate(bad, start=1)]
    while bad:
        taken = loops.without(taken, np.concatenate([loop.carriers for loop in bad]))
        bad = loops.bad_loops(taken)
    return pl.concat([table(DEFECTS), *defects, _of_footprints(view, system, taken, made)])


def _of_loop(number: int, loop: loops.Loop, processes: pl.Series) -> pl.DataFrame:
    rows = pl.DataFrame({"process": processes.gather(loop.carriers).unique(maintain_order=True)})
    return found(rows, "loop_singular" if loop.singular else "loop_unproductive", value=pl.lit(loop.radius),
                 detail=pl.lit(f"#{number}, {len(loop.carriers)}/{len(loop.members)}"))


def _of_footprints(view: View, system: System, taken: sparse.csc_matrix, made: Array) -> pl.DataFrame:
    direct = np.divide(_warming(system), made, out=np.zeros(system.size), where=made != 0)
    try:
        score = Factor(sparse.csc_matrix(sparse.identity(system.size) - taken.T)).solve(direct)
    except SingularError:  # too near to singular for the arithmetic, without a loop to name
        return table(DEFECTS, [{"kind": "loop_singular", "detail": view.inventory.name}])
    about = _about(view, system).with_columns(score=pl.Series(score, dtype=pl.Float64))
    return pl.concat([_impossible(about, taken), _unusual(about)])


def _about(view: View, system: System) -> pl.DataFrame:
    """Each column's process, flow, bounds of its footprint, and whether it bears co-products too."""
    about = system.columns.select("process", "flow").join(view.flows, on="flow", how="left", maintain_order="left")
    about = about.join(view.processes.select("process", "name"), on="process", how="left", maintain_order="left")
    limits = about.select("flow_unit", "flow_name").unique()
    rows = [bounds(unit, name or "") for unit, name in limits.iter_rows()]
    schema = {"low": pl.Float64, "high": pl.Float64, "said_in": pl.String, "size": pl.Float64}
    limits = limits.hstack(pl.DataFrame(rows, schema=schema, orient="row"))
    undivided = pl.col("process").is_in(view.undivided["process"].implode())
    return about.with_columns(undivided=undivided).join(
        limits, on=["flow_unit", "flow_name"], how="left", nulls_equal=True, maintain_order="left")


def _warming(system: System) -> Array:
    """kg CO2e that each column emits itself."""
    flows = system.flows.drop("location").unique("id", keep="first")
    factors = climate.factors(flows).filter(pl.col("method") == climate.method_id("ar6"))
    weights = system.flows.select(flow="id").join(factors, on="flow", how="left", maintain_order="left")["factor"]
    return np.asarray(weights.fill_null(0.0).to_numpy() @ system.B)


def _impossible(about: pl.DataFrame, taken: sparse.csc_matrix) -> pl.DataFrame:
    """Footprints beyond their bounds: the processes where they come from, and those that are spoilt by these."""
    times = pl.when("undivided").then(UNDIVIDED).otherwise(1.0)
    within = pl.col("score").is_between(pl.col("low") * times, pl.col("high") * times)
    beyond = np.flatnonzero(about.select(~within).to_series().to_numpy())
    score, excess = about["score"].to_numpy(), _excess(about)
    source = {int(column): _source(int(column), taken, score, excess) for column in beyond}
    at = pl.Series(sorted(set(source.values())), dtype=pl.UInt32)
    spoilt = pl.Series([column for column, origin in source.items() if column != origin], dtype=pl.UInt32)
    origins = pl.Series([source[column] for column in spoilt], dtype=pl.UInt32)
    return pl.concat([
        found(about[at], "footprint_impossible", value="score", detail=_written("score")),
        found(about[spoilt].with_columns(about[origins].select(origin="process", origin_name="name")),
              "footprint_spoilt", value="score",
              detail=pl.format("{} ← {} ({})", _written("score"), "origin_name", "origin")),
    ])


def _written(column: str) -> pl.Expr:
    """A footprint with its product, in the unit it is usually said in."""
    return pl.format("{}: {} kg CO2e/{}", "flow_name", _number(column), "said_in")


def _number(column: str) -> pl.Expr:
    """Three figures, without exponent."""
    return (pl.col(column) / pl.col("size")).map_elements(
        lambda value: f"{float(f'{value:.3g}'):.15g}", return_dtype=pl.String)


def _excess(about: pl.DataFrame) -> Array:
    """Orders of magnitude of each footprint above the median of its flow, or of its unit where that has few."""
    size = pl.col("score").abs()
    counted = pl.when(size > 0).then(size)
    of_flow = pl.when(counted.count().over("flow") >= FEW).then(counted.median().over("flow"))
    typical = pl.coalesce(of_flow, counted.median().over("flow_unit"))
    return about.select((counted / typical).log10().fill_null(0.0)).to_series().to_numpy()


def _source(column: int, taken: sparse.csc_matrix, score: Array, excess: Array) -> int:
    """The column a wrong footprint comes from: on to the supplier of over half of it, while that is suspect."""
    chain = [column]
    for supplier in _mainly_from(column, taken, score):
        if supplier in chain or excess[supplier] < SUSPECT:
            break
        chain.append(supplier)
    return chain[-1]


def _mainly_from(column: int, taken: sparse.csc_matrix, score: Array) -> Iterator[int]:
    """Up the chain: each time the supplier that brings more than half of the footprint."""
    while True:
        entries = slice(taken.indptr[column], taken.indptr[column + 1])
        suppliers = taken.indices[entries]
        parts = np.abs(taken.data[entries] * score[suppliers])
        if not parts.size or parts.max() < abs(score[column]) / 2:
            return
        column = int(suppliers[parts.argmax()])
        yield column


def _unusual(about: pl.DataFrame) -> pl.DataFrame:
    """Footprints far from the median of the suppliers of the same flow."""
    order = pl.col("score").log10()
    rows = about.filter(pl.col("score") > 0).filter(pl.col("process").n_unique().over("flow") >= PEERS)
    rows = rows.with_columns(off=(order - order.median().over("flow")).abs(),
                             median=pl.col("score").median().over("flow"))
    far = pl.col("off") >= pl.max_horizontal(pl.lit(TIMES), SPREADS * pl.col("off").median().over("flow"))
    return found(rows.filter(far), "footprint_outlier", value="score",
                 detail=pl.format("{} (~ {})", _written("score"), _number("median")))
