"""Inventories written in a few lines of Python: for trying things out, for examples and for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import polars as pl

from seedbed.lifecycle.inventory.tables import (
    ALLOCATION,
    EXCHANGES,
    FACTORS,
    FLOWS,
    METHODS,
    PROCESSES,
    Inventory,
    table,
)

Exchange = tuple[str, float] | tuple[str, float, str]
"""(flow, amount in kg) or (flow, amount, provider)."""


class Recipe(TypedDict, total=False):
    """A process. The first product it `makes` (or waste it `treats`) is its reference."""

    makes: Sequence[Exchange]
    treats: Sequence[Exchange]
    uses: Sequence[Exchange]
    credits: Sequence[Exchange]
    leaves: Sequence[Exchange]
    emits: Sequence[Exchange]
    place: str
    kind: str
    volume: float
    start: int
    end: int
    allocation: str
    shares: Mapping[str, float]


_INPUTS = ("treats", "uses")
_KINDS = {"makes": "product", "uses": "product", "credits": "product", "treats": "waste", "leaves": "waste",
          "emits": "elementary"}
_ATTRIBUTES = ("place", "kind", "volume", "start", "end", "allocation")


def compose(
    processes: Mapping[str, Recipe], *, name: str = "small", methods: pl.DataFrame | None = None,
    factors: pl.DataFrame | None = None,
) -> Inventory:
    """The inventory of `processes`; every flow is counted in kg and named by its id, emissions go to air."""
    kinds: dict[str, str] = {}
    rows: list[dict[str, object]] = []
    about: list[dict[str, object]] = []
    shares: list[dict[str, object]] = []
    for process, recipe in processes.items():
        rows += _exchanges(process, recipe, kinds)
        given: dict[str, object] = {key: value for key, value in recipe.items() if key in _ATTRIBUTES}
        about.append({"id": process, "name_en": process, "place": "CN"} | given)
        for flow, share in recipe.get("shares", {}).items():
            shares.append({"process": process, "flow": flow, "method": recipe.get("allocation"), "factor": share})
    flows = [
        {"id": flow, "name_en": flow, "kind": kind, "unit": "kg",
         "compartment": "air" if kind == "elementary" else None}
        for flow, kind in kinds.items()
    ]
    return Inventory(
        name, "1", processes=table(PROCESSES, about), flows=table(FLOWS, flows), exchanges=table(EXCHANGES, rows),
        allocation=table(ALLOCATION, shares), methods=table(METHODS) if methods is None else methods,
        factors=table(FACTORS) if factors is None else factors,
    )


def _exchanges(process: str, recipe: Recipe, kinds: dict[str, str]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    parts: dict[str, Any] = dict(recipe)
    for key, kind in _KINDS.items():
        for position, (flow, amount, *provider) in enumerate(parts.get(key, ())):
            kinds.setdefault(flow, kind)
            rows.append({
                "process": process, "row": len(rows) + 1, "flow": flow, "amount": amount,
                "direction": "input" if key in _INPUTS else "output", "avoided": key == "credits",
                "reference": key in ("makes", "treats") and position == 0,
                "provider": provider[0] if provider else None,
            })
    return rows
