"""Life-cycle inventories in, footprints out.

`footprint(product, …)` gives a `Footprint`; `Database` is an inventory ready to be asked, `changed(database, …)` the
same after a `Change`, `Replacement` or `Setting`; `Inventory` the tables that every format is read into. Names are
loaded when first used, so that importing is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seedbed.footprint.database import Database as Database
    from seedbed.footprint.inventory.tables import Inventory as Inventory
    from seedbed.footprint.result import Footprint as Footprint
    from seedbed.footprint.result import footprint as footprint
    from seedbed.footprint.solve.scenario import Change as Change
    from seedbed.footprint.solve.scenario import Replacement as Replacement
    from seedbed.footprint.solve.scenario import Setting as Setting
    from seedbed.footprint.solve.scenario import changed as changed

_HOMES = {
    "Database": "seedbed.footprint.database",
    "Footprint": "seedbed.footprint.result",
    "footprint": "seedbed.footprint.result",
    "Inventory": "seedbed.footprint.inventory.tables",
    **dict.fromkeys(("Change", "Replacement", "Setting", "changed"), "seedbed.footprint.solve.scenario"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
