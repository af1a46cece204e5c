"""Writing an ILCD package: a zip of data sets that any reader of the format understands."""

from __future__ import annotations

from pathlib import Path

from seedbed.footprint.inventory.tables import Inventory


def write(inventory: Inventory, path: Path) -> None: ...
