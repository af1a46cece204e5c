"""Programs: functions compiled once for all arrays of the same shapes.

XLA's newer way of fusing loops on processors takes a third longer to compile and runs these programs no faster
(docs/performance.md), so they go without it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import equinox as eqx

OPTIONS: dict[str, bool] = {"xla_cpu_use_fusion_emitters": False}
P = ParamSpec("P")
R = TypeVar("R")


def program(function: Callable[P, R]) -> Callable[P, R]:
    """`equinox.filter_jit` with OPTIONS, as a decorator."""
    return eqx.filter_jit(function, compiler_options=OPTIONS)  # type: ignore[call-overload]
