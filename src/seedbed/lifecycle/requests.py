"""What the verbs of life-cycle inventories are asked."""

from __future__ import annotations

from typing import ClassVar

from seedbed.base.request import Names, Request, Year


class FootprintRequest(Request):
    """`footprint`."""

    verb: ClassVar[str] = "footprint"
    positional: ClassVar[Names] = ("product", "amount", "unit")
    product: str
    amount: float = 1.0
    unit: str | None = None
    place: str = "CN"
    year: Year | None = None
    method: str = "gwp100-ar6"
    database: str = "starter"
