"""Footprints of the starter set as a table: looked up without solving, and never stale.

`footprints.csv` is shipped. Its first line holds a digest of everything the numbers are made from; where that
differs from what is there now, the table is made again in memory. `python -m seedbed.lifecycle.starter` writes it.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.base import units
from seedbed.base.errors import UnknownNameError
from seedbed.base.text import Text

if TYPE_CHECKING:
    from seedbed.lifecycle.starter.schema import Process, Product

FOLDER = Path(__file__).parent
TABLE = FOLDER / "footprints.csv"
TABLES = ("national_generation_mix", "national_power", "province_power_output", "province_power_capacity", "places")
"""Tables of facts that the electricity mixes are made from."""
_BESIDE = ("published", "__main__", "__init__")  # files that no footprint depends on
_COLUMNS = ("product", "name_zh", "name_en", "unit", "footprint", "process", "quality", "unverified")


@dataclass(frozen=True, slots=True)
class Known:
    """Footprint of one product: `value` in kgCO2e per `unit` (GWP100 of AR6), as supplied to China.

    `process` makes it; `quality` is that process's mark, 1 good … 4 poor; `unverified` says that a number of the
    process, or of a part that it has by definition, has no second source.
    """

    product: str
    name: Text
    unit: str
    value: float
    process: str
    quality: int
    unverified: bool


def amount(product: str, quantity: float, unit: str) -> float:
    """kgCO2e of `quantity` (`unit`) of a product of the starter set, as supplied to China.

    Raises UnknownNameError with the nearest products, ValueError for a unit of another dimension.
    """
    entry = of(product)
    return entry.value * quantity * units.factor(unit, entry.unit)


def of(product: str) -> Known:
    """The footprint of a product by its id. Raises UnknownNameError with the nearest."""
    try:
        return known()[product]
    except KeyError:
        raise UnknownNameError("product of the starter set", product, known()) from None


@cache
def known() -> dict[str, Known]:
    """Footprints of all products, by id."""
    first, rest = TABLE.read_text(encoding="utf-8").split("\n", 1)
    return _parse(rest) if first == f"# {digest()}" else solved()


def solved() -> dict[str, Known]:
    """Footprints of all products from the inventory, by solving it."""
    from seedbed.lifecycle import footprint
    from seedbed.lifecycle.starter.build import sectors

    makers: dict[str, tuple[Process, Product]] = {}
    for sector in sectors():
        for process in sector.processes:
            for product in (process.product, *process.coproducts):
                makers.setdefault(product.flow, (process, product))

    def unverified(process: Process) -> bool:
        amounts = (*process.inputs, *process.wastes, *process.emissions, *process.resources)
        parts = (makers[a.flow][0] for a in process.inputs if a.gsd is None and a.low is None)
        return any(a.unverified for a in amounts) or any(map(unverified, parts))

    return {
        flow: Known(flow, product.name, product.unit, footprint(flow).value, process.id, process.quality,
                    unverified(process))
        for flow, (process, product) in sorted(makers.items())
    }


def written() -> str:
    """The text of `footprints.csv`."""
    out = io.StringIO()
    out.write(f"# {digest()}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for entry in solved().values():
        writer.writerow((entry.product, entry.name.zh, entry.name.en, entry.unit, repr(entry.value), entry.process,
                         entry.quality, int(entry.unverified)))
    return out.getvalue()


def digest() -> str:
    """SHA-256 over the files that decide the numbers: the starter set, the facts of electricity, the method."""
    own = sorted(path for path in (*FOLDER.glob("*.yaml"), *FOLDER.glob("*.py")) if path.stem not in _BESIDE)
    tables = [Path(str(files("seedbed.facts") / "tables" / f"{name}.csv")) for name in TABLES]
    method = FOLDER.parent / "methods" / "climate.yaml"
    total = hashlib.sha256()
    for path in (*own, *tables, method, units.FILE):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def _parse(text: str) -> dict[str, Known]:
    return {
        row["product"]: Known(
            row["product"], Text(zh=row["name_zh"], en=row["name_en"]), row["unit"], float(row["footprint"]),
            row["process"], int(row["quality"]), row["unverified"] == "1",
        )
        for row in csv.DictReader(io.StringIO(text))
    }
