"""Where the large published tables are, and small tables that several tests use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from seedbed.lifecycle.accounts.table import InputOutput, input_output

SHARED = Path(__file__).parents[4] / "shared"


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """Path of a file of the raw material beside the repository; skips where it is absent."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"{name} is not in the folder of raw material beside the repository")
        return path

    return find


@pytest.fixture
def random_table() -> Callable[..., InputOutput]:
    """A productive table of `regions` × `sectors` with two stressors; some flows and one output may be 0."""

    def make(seed: int, regions: int = 3, sectors: int = 4, *, idle: bool = False) -> InputOutput:
        rng = np.random.default_rng(seed)
        n = regions * sectors
        Z = rng.random((n, n)) * (rng.random((n, n)) < 0.7) * 10 ** rng.uniform(-3, 3, n)[:, None]
        Y = rng.random((n, 2 * regions)) * 10 ** rng.uniform(-3, 3, n)[:, None]
        if idle:
            Z[0], Z[:, 0], Y[0] = 0.0, 0.0, 0.0
        # Every sector buys less than 9/10 of what it sells, which makes any table productive.
        sold = Z.sum(axis=1) + Y.sum(axis=1)
        Y += Y / np.maximum(Y.sum(axis=1), 1e-300)[:, None] * np.maximum(Z.sum(axis=0) / 0.9 - sold, 0)[:, None]
        names = [(f"r{r}", f"s{s}") for r in range(regions) for s in range(sectors)]
        demands = [(f"r{r}", d) for r in range(regions) for d in ("households", "capital")]
        return input_output(
            [{"region": r, "code": s, "name_en": s} for r, s in names], Z,
            [{"region": r, "code": d, "name_en": d} for r, d in demands], Y,
            stressors=[{"code": c, "name_en": c, "unit": "kg"} for c in ("co2", "water")],
            F=rng.random((2, n)) * (Z.sum(axis=1) + Y.sum(axis=1) > 0), FY=rng.random((2, 2 * regions)),
            name=f"random {seed}")

    return make
