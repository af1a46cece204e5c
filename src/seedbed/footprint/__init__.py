"""Life-cycle inventories in, footprints out.

`footprint(product, …)` gives a `Footprint`; `Database` is an inventory ready to be asked; `Inventory` the
tables that every format is read into. Names are loaded when first used, so that importing is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seedbed.footprint.database import Database as Database
    from seedbed.footprint.inventory.tables import Inventory as Inventory
    from seedbed.footprint.result import Footprint as Footprint
    from seedbed.footprint.result import footprint as footprint

_HOMES = {
    "Database": "seedbed.footprint.database",
    "Footprint": "seedbed.footprint.result",
    "footprint": "seedbed.footprint.result",
    "Inventory": "seedbed.footprint.inventory.tables",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
