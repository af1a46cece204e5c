"""What a footprint rests on: how much each number of the database moves it, and how good those numbers are.

If an exchange of process j changes by a small part p, the footprint changes by p · influence: the impact the
exchange carries, times the scaling of its process, over the total. It is exact to first order
(Heijungs & Suh 2002, ch. 6) and read from the adjoint score table, so it costs one pass over the exchanges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from seedbed.lifecycle.result import Footprint
from seedbed.lifecycle.solve.factor import Array
from seedbed.lifecycle.solve.system import Pattern, System
from seedbed.show.lifecycle import quantities
from seedbed.show.lifecycle.view import View

UNVERIFIED = "[unverified]"
"""Mark at the head of the comment of a number that no second source confirms."""
MATTERS = 1e-4
"""Numbers that move the result by less than this share of their own change are not counted."""
DOUBTFUL = 0.1
"""Share of unverified numbers from which a reader is warned."""
WEAK = 3.25
"""Mean quality mark from which a reader is warned."""
INSIDE = 1
"""Distance (`places.distance`) up to which a supplier is of the place asked for, or of a place inside it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers behind a footprint.

    `numbers` has one row an exchange that matters, the most influential first: process, flow, direction, amount,
    unit, influence, unverified, distribution, scale, citation, url, year, comment. `unverified` is their share
    by influence that has no second source (None where the database names no source of any), `quality` the mean
    mark of the processes (1 best … 5) by what they give off (None where none has a mark), `unmarked` the share
    given off by processes without a mark.
    """

    numbers: pl.DataFrame
    unverified: float | None
    quality: float | None
    unmarked: float


def evidence(footprint: Footprint) -> Evidence:
    """The numbers behind `footprint`, with what each moves it by."""
    system, inventory = footprint.database.system, footprint.database.inventory
    scaling = footprint.scaling()
    influence = _influence(footprint, scaling)
    made = system.columns.select("process", "row", made=pl.lit(True))
    sources = inventory.sources.select("citation", "url", source="id").unique("source")
    numbers = (
        system.exchanges.with_columns(influence=pl.Series(influence))
        .filter(pl.col("influence").abs() >= MATTERS)
        .join(made, on=["process", "row"], how="left", maintain_order="left")
        .filter(pl.col("made").is_null())
        .join(sources, on="source", how="left", maintain_order="left")
        .join(inventory.flows.select(flow="id", flow_unit="unit").unique("flow"), on="flow", how="left",
              maintain_order="left")
        .with_columns(unverified=pl.col("comment").fill_null("").str.starts_with(UNVERIFIED))
        .sort(pl.col("influence").abs(), descending=True, maintain_order=True)
        .select("process", "flow", "direction", "amount", "influence", "unverified", "distribution", "scale",
                "citation", "url", "year", "comment", unit="flow_unit")
    )
    size = numbers["influence"].abs()
    total = float(size.sum())
    doubtful = float(size.filter(numbers["unverified"]).sum())
    cited = numbers["citation"].null_count() < numbers.height
    quality, unmarked = _quality(footprint, scaling)
    return Evidence(numbers, doubtful / total if total and cited else None, quality, unmarked)


def cautions(view: View, found: Evidence) -> Iterator[str]:
    """What a reader has to know before using the number; empty where there is nothing."""
    if found.unverified is None:
        yield view.t("warn.unsourced")
    elif found.unverified >= DOUBTFUL:
        yield view.t("warn.unverified", share=quantities.share(found.unverified))
    if found.quality is not None and found.quality >= WEAK:
        yield view.t("warn.quality", mark=f"{found.quality:.1f}")
    away = [made for made in view.several if made.suppliers[0].distance > INSIDE]
    yield from dict.fromkeys(_from_elsewhere(view, made) for made in away)


def _from_elsewhere(view: View, made: Footprint) -> str:
    """That the place asked for makes none of it, and who does."""
    places = sorted({view.at(s.place) for s in made.suppliers})
    where = places[0] if len(places) == 1 else view.t("several_places", count=len(places))
    return view.t("warn.place", product=made.name[view.lang], place=view.at(made.place), where=where)


def _influence(footprint: Footprint, scaling: Array) -> Array:
    """Relative change of the footprint for a relative change of each exchange."""
    database = footprint.database
    system, method = database.system, database.method_number(footprint.method)
    factors = np.asarray(database.characterisation[:, [method]].todense()).ravel()
    carried = _by_exchange(system, system.biosphere, factors, scaling)
    carried -= _by_exchange(system, system.technosphere, np.asarray(database.scores[:, method]), scaling)
    return carried / footprint.value if footprint.value else np.zeros_like(carried)


def _by_exchange(system: System, pattern: Pattern, worth: Array, scaling: Array) -> Array:
    """Σ coefficient · amount · worth of the row · scaling of the column, over the terms of each exchange."""
    column = np.repeat(np.arange(pattern.shape[1]), np.diff(pattern.indptr))[pattern.position]
    amounts = system.amounts.base()[pattern.exchange]
    terms = pattern.coefficient * amounts * worth[pattern.indices[pattern.position]] * scaling[column]
    return np.bincount(pattern.exchange, weights=terms, minlength=system.exchanges.height)


def _quality(footprint: Footprint, scaling: Array) -> tuple[float | None, float]:
    """Mean quality mark by what processes give off, and the share that has no mark."""
    database = footprint.database
    given_off = np.abs(scaling * database.direct[:, database.method_number(footprint.method)])
    marks = database.system.columns.join(
        database.inventory.processes.select("quality", process="id").unique("process"), on="process", how="left",
        maintain_order="left",
    )["quality"].fill_null(np.nan).to_numpy()
    known = np.isfinite(marks)
    total, marked = float(given_off.sum()), float(given_off[known].sum())
    mean = float((given_off[known] * marks[known]).sum() / marked) if marked else None
    return mean, 1 - marked / total if total else 0.0
