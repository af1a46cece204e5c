"""The databases that a database links to: the starter set that ships with Seedbed, and those of a store."""

from __future__ import annotations

from collections.abc import Iterable

from seedbed.lifecycle.inventory.store import Store
from seedbed.lifecycle.inventory.tables import Inventory

STARTER = "starter"


def linked(store: Store, names: Iterable[str]) -> dict[str, Inventory]:
    """The databases of `names` that are there, by name: the starter set, and those that are live in `store`."""
    found: dict[str, Inventory] = {}
    for name in names:
        if name == STARTER:
            from seedbed.lifecycle.starter.build import starter

            found[name] = starter()
        elif store.live(name):
            found[name] = store.open(name)
    return found


def opened(name: str) -> Inventory:
    """The inventory of the starter set, or of a database of the user's home. Raises UnknownNameError."""
    if name == STARTER:
        from seedbed.lifecycle.starter.build import starter

        return starter()
    return Store().open(name)
