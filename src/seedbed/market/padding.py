"""Every market has the same width: technologies beyond its own are padding that cannot be bought."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seedbed.market.definition import Definition

WIDTH = 7  # technologies per market, padded
NO_LIMIT = 1e18
UNSOLD = 1e9  # CNY, price of padding: a cheap one would draw a trace of every choice to what does not exist


def pad(values: Sequence[float] | np.ndarray, fill: float) -> np.ndarray:
    """`values` with their last axis filled up to WIDTH."""
    array = np.asarray(values, dtype=float)
    return np.concatenate([array, np.full((*array.shape[:-1], WIDTH - array.shape[-1]), fill)], axis=-1)


def each(definition: Definition, value: str, fill: float) -> np.ndarray:
    """One number of every technology, I; 0 where a technology does not state it."""
    numbers: list[float] = []
    for technology in definition.technologies:
        found = getattr(technology, value)
        numbers.append(found if isinstance(found, int | float) else found.value if found else 0.0)
    return pad(numbers, fill)
