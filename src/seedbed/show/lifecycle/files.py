"""A footprint as data: everything, or one long table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from seedbed.lifecycle.methods import climate
from seedbed.lifecycle.result import Footprint
from seedbed.lifecycle.uncertainty import Uncertainty
from seedbed.show.lifecycle.view import Branch, View
from seedbed.show.write import Row

ALL = 100_000
"""More processes and flows than any footprint has: files leave nothing out."""
HEAD = ("part", "id", "name_zh", "name_en", "place", "value", "unit", "share")


def data(view: View) -> dict[str, Any]:
    """Everything that is known of the footprint."""
    made = view.footprint
    content: dict[str, Any] = made.to_dict() | {
        "processes": made.processes(ALL).to_dicts(), "flows": made.flows(ALL).to_dicts(), "tree": _tree(view.tree),
    }
    if view.why:
        content["why"] = {"process": view.why, "exchanges": made.why(view.why).to_dicts()}
    if view.uncertainty is not None:
        content["uncertainty"] = _draws(view.uncertainty)
    if view.others:
        content["compared"] = [other.to_dict() for other in view.others]
        for entry, draws in zip(content["compared"], view.draws[1:], strict=False):
            entry["uncertainty"] = _draws(draws)
    return content


def rows(view: View) -> Iterator[Row]:
    """One long table: the totals compared, then parts, suppliers, processes and flows of the footprint."""
    made = view.footprint
    for number, other in enumerate(view.several):
        name = other.name
        for part, value in (("total", other.value), *(_spread(view.draws[number]) if view.draws else ())):
            share = value / other.value if other.value else ""
            yield dict(zip(HEAD, (part, other.product, name.zh, name.en, other.place, value, other.per, share),
                           strict=True))
    for part, id, zh, en, place, value in _rows(made):
        share = value / made.value if made.value else ""
        yield dict(zip(HEAD, (part, id, zh, en, place, value, made.per, share), strict=True))


def _spread(draws: Uncertainty) -> Iterator[tuple[str, float]]:
    low, high = draws.interval()
    yield from (("median", draws.median), ("sd", draws.sd), ("low_2.5%", low), ("high_97.5%", high))


def _rows(made: Footprint) -> Iterator[tuple[Any, ...]]:
    """(part, id, names, place, value)."""
    names = climate.part_names()
    for part, value in made.parts.items():
        yield "part", part, names[part].zh, names[part].en, "", value
    scores = made.database.scores[:, made.database.method_number(made.method)]
    for s, asked in zip(made.suppliers, made.demand, strict=True):
        yield "supplier", s.process, s.name.zh, s.name.en, s.place, float(scores[s.column]) * asked
    columns = ("process", "name_zh", "name_en", "place", "value")
    yield from (("process", *row) for row in made.processes(ALL).select(columns).iter_rows())
    flows = made.flows(ALL).select("id", "name_zh", "name_en", pl.lit("").alias("place"), "value")
    yield from (("flow", *row) for row in flows.iter_rows())


def _tree(branch: Branch) -> dict[str, Any]:
    found: dict[str, Any] = {"name": branch.name, "kind": branch.kind, "value": branch.value}
    if branch.amount:
        found["amount"] = branch.amount.replace("\u00a0", " ")
    if branch.children:
        found["children"] = [_tree(child) for child in branch.children]
    return found


def _draws(found: Uncertainty) -> dict[str, Any]:
    low, high = found.interval()
    return {
        "draws": found.samples.size, "seed": found.seed, "mean": found.mean, "median": found.median, "sd": found.sd,
        "interval_95": [low, high], "processes": found.shares.to_dicts(),
    }
