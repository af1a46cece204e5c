"""Programs: functions compiled once for all arrays of the same shapes.

XLA's newer way of fusing loops on processors takes a third longer to compile and runs these programs no faster, so they
go without it. What runs a few times only is compiled with the least effort: in a third of the time, to run half as fast
(docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import equinox as eqx

OPTIONS: dict[str, bool | int] = {"xla_cpu_use_fusion_emitters": False}
LEAST: dict[str, bool | int] = {"xla_backend_optimization_level": 0}
P = ParamSpec("P")
R = TypeVar("R")


def program(function: Callable[P, R]) -> Callable[P, R]:
    """`equinox.filter_jit` with OPTIONS, as a decorator."""
    return eqx.filter_jit(function, compiler_options=OPTIONS)  # type: ignore[call-overload]


def seldom(function: Callable[P, R]) -> Callable[P, R]:
    """The same for what runs a few times only."""
    return eqx.filter_jit(function, compiler_options=OPTIONS | LEAST)  # type: ignore[call-overload]
