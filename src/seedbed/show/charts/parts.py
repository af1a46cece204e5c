"""What every chart is put together from: series of numbers, rounding, axes of rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from seedbed.base.errors import InvalidInputError
from seedbed.show import theme
from seedbed.show.theme import Option

Values = Sequence[float | None] | np.ndarray


@dataclass(frozen=True)
class Line:
    """One named series over the years or categories; `id` picks its fixed colour where it has one."""

    id: str
    label: str
    values: Values


def on_top(name: str) -> Option:
    """A horizontal axis above the rows, its unit centred above the numbers."""
    return {
        "position": "top",
        "name": name,
        "nameLocation": "middle",
        "nameGap": 26,
        "nameTextStyle": {"color": theme.MUTED, "fontSize": 12},
    }


def top(name: str, legend: bool) -> int:
    """Room above a chart of rows: for the legend and for the unit of its axis."""
    return 12 + (28 if legend else 0) + (20 if name else 0)


def floats(values: Iterable[float | None] | np.ndarray) -> list[float]:
    """`values` with NaN where missing."""
    return [math.nan if v is None else float(v) for v in values]


def scaled(values: Iterable[float | None] | np.ndarray, scale: float) -> list[float | None]:
    """`values` divided by `scale`, with `None` where missing, as JSON wants it."""
    return [rounded(v / scale) for v in floats(values)]


def rounded(value: float) -> float | None:
    """Five significant figures: enough for a drawing, and the text of a chart stays small."""
    return float(f"{value:.5g}") if math.isfinite(value) else None


def on_years(
    axis: Sequence[int], years: Sequence[int], values: list[float | None], label: str
) -> list[float | None]:
    """`values` of `years` placed on the years of `axis`."""
    if len(values) != len(years):
        raise InvalidInputError(
            f"has {len(values)} values for {len(years)} years.",
            where=f"series {label!r}",
            fix="give one per year.",
        )
    known = dict(zip(years, values, strict=True))
    return [known.get(year) for year in axis]
