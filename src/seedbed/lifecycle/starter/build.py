"""The starter database as an inventory: the YAML files of this folder, and the electricity mixes of the provinces."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from seedbed.base import units
from seedbed.base.datafile import load, load_yaml, parse
from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.inventory.tables import ALLOCATION, EXCHANGES, FLOWS, PROCESSES, SOURCES, Inventory, table
from seedbed.lifecycle.starter import electricity
from seedbed.lifecycle.starter.schema import CoProduct, Elementary, Exchange, Process, Product, Sector

FOLDER = Path(__file__).parent
NAME, VERSION = "starter", "2026.1"
_NOT_SECTORS = ("elementary", "grid", "published")
UNVERIFIED = "[unverified]"
"""Mark at the head of an exchange's comment: no second source has confirmed the number."""


@cache
def starter() -> Inventory:
    """The starter database. Raises InvalidInputError naming file and process where the files disagree."""
    return build(list(sectors()), elementary())


def sectors() -> Iterator[Sector]:
    """Every sector of the starter set, those of the YAML files first."""
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.stem not in _NOT_SECTORS:
            yield load(path, Sector)
    yield electricity.mixes()


def elementary() -> dict[str, Elementary]:
    """Exchanges with nature, by id."""
    raw = load_yaml(FOLDER / "elementary.yaml")
    assert isinstance(raw, dict)
    return {key: parse(entry, Elementary, where=f"elementary.yaml, {key}") for key, entry in raw.items()}


def build(sectors: Iterable[Sector], nature: dict[str, Elementary]) -> Inventory:
    """The sectors as one inventory; amounts converted to the unit of their flow."""
    sectors = list(sectors)
    flows = _flows(sectors, nature)
    unit = {str(row["id"]): str(row["unit"]) for row in flows}
    processes: list[dict[str, object]] = []
    exchanges: list[dict[str, object]] = []
    allocation: list[dict[str, object]] = []
    sources: list[dict[str, object]] = []
    for sector in sectors:
        sources += [
            {"id": f"{sector.id}/{key}", "citation": f"{s.reference}; also {s.second}" if s.second else s.reference,
             "url": s.url, "year": s.year, "licence": s.licence}
            for key, s in sector.sources.items()
        ]
        for process in sector.processes:
            processes.append(_process(process, sector))
            exchanges += _exchanges(process, sector, unit)
            allocation += _allocation(process)
    return Inventory(
        NAME, VERSION, processes=table(PROCESSES, processes), flows=table(FLOWS, flows),
        exchanges=table(EXCHANGES, exchanges), allocation=table(ALLOCATION, allocation),
        sources=table(SOURCES, sources), licence="Apache-2.0",
    )


def _flows(sectors: Iterable[Sector], nature: dict[str, Elementary]) -> list[dict[str, object]]:
    rows: dict[str, dict[str, object]] = {
        key: {"id": key, "name_zh": e.name.zh, "name_en": e.name.en, "kind": "elementary", "unit": e.unit,
              "compartment": e.compartment, "cas": e.cas, "formula": e.formula, "where": "elementary.yaml"}
        for key, e in nature.items()
    }
    for sector in sectors:
        for process in sector.processes:
            for product in (process.product, *process.coproducts):
                rows.setdefault(product.flow, {
                    "id": product.flow, "name_zh": product.name.zh, "name_en": product.name.en, "kind": product.kind,
                    "unit": product.unit, "category": process.category, "where": f"{sector.id}.yaml",
                })
    return list(rows.values())


def _process(process: Process, sector: Sector) -> dict[str, object]:
    return {
        "id": process.id, "name_zh": process.name.zh, "name_en": process.name.en, "place": process.place,
        "category": process.category, "kind": process.kind, "start": process.years[0], "end": process.years[1],
        "volume": process.volume, "allocation": process.allocation, "review": "none", "quality": process.quality,
        "comment": process.note.en, "where": f"{sector.id}.yaml",
    }


def _exchanges(process: Process, sector: Sector, unit: dict[str, str]) -> Iterator[dict[str, object]]:
    product, treats = process.product, process.product.kind == "waste"
    rows = [_made(product, "input" if treats else "output", unit, reference=True)]
    rows += [_made(other, "output", unit, reference=False) for other in process.coproducts]
    for direction, amounts in (
        ("input", process.inputs), ("output", process.wastes), ("output", process.emissions),
        ("input", process.resources),
    ):
        rows += [_taken(amount, direction, process, sector, unit) for amount in amounts]
    for number, row in enumerate(rows, 1):
        yield {"process": process.id, "row": number} | row


def _made(product: Product, direction: str, unit: dict[str, str], *, reference: bool) -> dict[str, object]:
    amount = product.amount * units.factor(product.unit, unit[product.flow])
    return {"flow": product.flow, "direction": direction, "amount": amount, "unit": product.unit,
            "reference": reference}


def _taken(
    item: Exchange, direction: str, process: Process, sector: Sector, unit: dict[str, str]
) -> dict[str, object]:
    where = f"{sector.id}.yaml, process {process.id}, flow {item.flow}"
    if item.flow not in unit:
        raise InvalidInputError("no process makes this flow and elementary.yaml does not list it.", where=where,
                                fix="correct the flow, or add the process that makes it.")
    if item.source not in sector.sources:
        raise InvalidInputError(f"source {item.source!r} is not among the file's sources.", where=where,
                                fix="add it under `sources`.")
    scale = units.factor(item.unit, unit[item.flow])
    note = " ".join(part for part in (UNVERIFIED if item.unverified else "", item.note or "") if part)
    return {
        "flow": item.flow, "direction": direction, "amount": item.amount * scale, "unit": item.unit,
        "reference": False, "avoided": item.avoided, "provider": item.provider, "group": item.group,
        "year": item.year or sector.sources[item.source].year, "source": f"{sector.id}/{item.source}",
        "comment": note or None,
    } | _spread(item, scale)


def _spread(item: Exchange, scale: float) -> dict[str, object]:
    if item.gsd is not None and item.gsd > 1 and item.amount:
        spread = math.log(item.gsd)  # the amount is the mean: a footprint then lies in the middle of its draws
        return {"distribution": "lognormal", "loc": math.log(abs(item.amount * scale)) - spread**2 / 2, "scale": spread}
    if item.low is not None and item.high is not None:
        low, high = item.low * scale, item.high * scale
        return {"distribution": "triangular", "loc": item.amount * scale, "low": low, "high": high}
    return {}


def _allocation(process: Process) -> Iterator[dict[str, object]]:
    if process.allocation not in ("physical", "economic"):
        return
    products: list[tuple[Product, float | None]] = [(process.product, process.factor)]
    products += [(other, other.factor) for other in process.coproducts if isinstance(other, CoProduct)]
    for product, factor in products:
        if factor is not None:
            yield {"process": process.id, "flow": product.flow, "method": process.allocation,
                   "factor": factor * product.amount}
