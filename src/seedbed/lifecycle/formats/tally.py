"""What a source states, counted as it is met and before anything is made of it: the one side of an import's account."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import polars as pl

from seedbed.lifecycle.inventory.tables import SEEN

What = Literal["processes", "exchanges", "factors"]


class Tally:
    """Processes, exchanges and factors of each file, by the process or indicator that they should be found under."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, What, str | None]] = Counter()
        self.changed: Counter[tuple[str, What, str | None]] = Counter()

    def saw(self, file: str, what: What, of: str | None, count: int = 1) -> None:
        """`count` more in `file`. `of`: the process or indicator; None for what is not taken, as a second of one id."""
        self.seen[file, what, of] += count

    def change(self, file: str, what: What, of: str | None, count: int = 1) -> None:
        """Rows that are not in the file: made by its reader where the format implies them, or (below zero) merged."""
        self.changed[file, what, of] += count

    def frame(self) -> pl.DataFrame:
        """All of it as SEEN."""
        keys = dict.fromkeys([*self.seen, *self.changed])
        rows = [(*key, self.seen[key], self.changed[key]) for key in keys]
        return pl.DataFrame(rows, schema=SEEN, orient="row")
