"""Programs: functions compiled once for all arrays of the same shapes.

XLA's newer way of fusing loops on processors takes a third longer to compile and runs these programs no faster, so they
go without it. What runs a few times only is compiled with the least effort: in a third of the time, to run half as fast
(docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

import equinox as eqx
import jax

OPTIONS = (("xla_cpu_use_fusion_emitters", False),)
LEAST = (*OPTIONS, ("xla_backend_optimization_level", 0))
P = ParamSpec("P")
R = TypeVar("R")


def program(function: Callable[P, R]) -> Callable[P, R]:
    """`equinox.filter_jit` with OPTIONS, as a decorator."""
    return _compiled(function, OPTIONS)


def seldom(function: Callable[P, R]) -> Callable[P, R]:
    """The same for what runs a few times only."""
    return _compiled(function, LEAST)


def _compiled(function: Callable[P, R], options: tuple[tuple[str, bool | int], ...]) -> Callable[P, R]:
    @cache
    def made() -> Callable[P, R]:  # at the first call: which options there are is known once a device is chosen
        return eqx.filter_jit(function, compiler_options=accepted(options))  # type: ignore[call-overload]

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return made()(*args, **kwargs)

    return call


@cache
def accepted(options: tuple[tuple[str, bool | int], ...]) -> dict[str, bool | int]:
    """The options if this version of XLA knows them all, else none: they save time and change nothing else."""
    try:
        jax.jit(lambda x: x, compiler_options=dict(options))(0.0)
    except jax.errors.JaxRuntimeError:
        return {}
    return dict(options)
