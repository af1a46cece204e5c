"""Life-cycle inventories in, footprints out.

`footprint(product, …)` gives a `Footprint`; `Database` is an inventory ready to be asked, `changed(database, …)` the
same after a `Change`, `Replacement` or `Setting`; `Inventory` the tables that every format is read into. Names are
loaded when first used, so that importing is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seedbed.lifecycle.database import Database as Database
    from seedbed.lifecycle.inventory.tables import Inventory as Inventory
    from seedbed.lifecycle.result import Footprint as Footprint
    from seedbed.lifecycle.result import footprint as footprint
    from seedbed.lifecycle.solve.scenario import Change as Change
    from seedbed.lifecycle.solve.scenario import Replacement as Replacement
    from seedbed.lifecycle.solve.scenario import Setting as Setting
    from seedbed.lifecycle.solve.scenario import changed as changed

_HOMES = {
    "Database": "seedbed.lifecycle.database",
    "Footprint": "seedbed.lifecycle.result",
    "footprint": "seedbed.lifecycle.result",
    "Inventory": "seedbed.lifecycle.inventory.tables",
    **dict.fromkeys(("Change", "Replacement", "Setting", "changed"), "seedbed.lifecycle.solve.scenario"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
