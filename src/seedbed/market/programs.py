"""Programs: functions compiled once for all arrays of the same shapes, and kept for the next time.

Tracing and compiling the equation takes far longer than running it. So a compiled program is kept in the user's cache
under the hash of all that made it: the code of its module and of what that imports, the shapes, the options, JAX and
the processor. It is read back in a moment and gives the same bits.

XLA's newer way of fusing loops on processors takes a third longer to compile and runs these programs no faster, so they
go without it. What runs a few times only is compiled with the least effort: in a third of the time, to run half as fast
(docs/performance.md).
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import hashlib
import os
import pickle
import platform
from collections.abc import Callable
from functools import cache, update_wrapper
from pathlib import Path
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar, cast

import jax
import jaxlib.version
import numpy as np
from jax._src.config import persistent_cache_min_compile_time_secs
from jax.core import Tracer
from jax.experimental import serialize_executable

from seedbed.base import kept

OPTIONS = (("xla_cpu_use_fusion_emitters", False),)
LEAST = (*OPTIONS, ("xla_backend_optimization_level", 0))
FOREVER = 1e12
"""Seconds below which JAX's own cache keeps nothing: what is read from it cannot be kept here, it lacks functions."""
KEPT = 200  # programs in the cache, the last used; one takes some megabytes
P = ParamSpec("P")
R = TypeVar("R")
Made = Callable[[list[Any]], Any]
_flatten = cast(Callable[[Any], tuple[list[Any], Any]], jax.tree.flatten)  # the structure of a tree has no type
_structure = cast(Callable[[Any], Any], jax.tree.structure)


def program(function: Callable[P, R]) -> Program[P, R]:
    """A function of module level compiled with OPTIONS, as a decorator; what is no array is fixed in the program."""
    return Program(function, OPTIONS)


def seldom(function: Callable[P, R]) -> Program[P, R]:
    """The same for what runs a few times only."""
    return Program(function, LEAST)


class Program(Generic[P, R]):
    """A function with its compiled programs, one for each set of shapes and other arguments."""

    def __init__(self, function: Callable[P, R], options: tuple[tuple[str, bool | int], ...]) -> None:
        self._function, self._options = function, options
        self._made: dict[tuple[object, ...], Made] = {}
        self._lock = Lock()
        update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        leaves, tree = _flatten((args, kwargs))
        if any(isinstance(leaf, Tracer) for leaf in leaves):
            return self._function(*args, **kwargs)  # inside another program
        arrays = [leaf for leaf in leaves if _is_array(leaf)]
        others = tuple(None if _is_array(leaf) else leaf for leaf in leaves)
        key = (tree, others, *((x.shape, x.dtype) for x in arrays))
        with self._lock:  # two threads that want the same program make it once
            if key not in self._made:
                self._made[key] = self._make(tree, others, arrays)
        return self._made[key](arrays)

    def _make(self, tree: Any, others: tuple[object, ...], arrays: list[Any]) -> Made:
        """The program from the cache, else made and kept there."""
        shapes = [jax.ShapeDtypeStruct(x.shape, x.dtype) for x in arrays]
        options = accepted(self._options)
        file = self._file(f"{tree}{others}{shapes}{sorted(options.items())}")
        if file is not None and (found := _read(file, len(shapes))):
            return found
        out: list[Any] = []
        function: Callable[..., R] = self._function

        def flat(given: list[Any]) -> list[jax.Array]:
            rest = iter(given)
            args, kwargs = tree.unflatten([next(rest) if other is None else other for other in others])
            leaves, structure = _flatten(function(*args, **kwargs))
            out[:] = [structure]
            return leaves

        if file is not None:
            flat.__name__ = flat.__qualname__ = file.stem.replace("-", "_")
        with persistent_cache_min_compile_time_secs(FOREVER):
            compiled = jax.jit(flat, compiler_options=options).lower(shapes).compile()
        shape = out[0].unflatten(range(out[0].num_leaves))
        if file is not None:
            _write(file, compiled, shape)
        return _called(compiled, shape)

    def _file(self, called: str) -> Path | None:
        """Where a program is kept; None where nothing is, or where no text says how it was called."""
        folder = kept.programs()
        if folder is None or " at 0x" in called:
            return None
        name = f"{self._function.__module__}.{self._function.__qualname__}"
        code = kept.code_sha256(self._function.__module__)
        said = "\0".join((name, code, called, *_machine()))
        return folder / f"{self._function.__name__.strip('_')}-{hashlib.sha256(said.encode()).hexdigest()}.program"


def _is_array(leaf: object) -> bool:
    return isinstance(leaf, jax.Array | np.ndarray | np.generic)


def _called(compiled: jax.stages.Compiled, shape: Any) -> Made:
    structure = _structure(shape)
    return lambda arrays: structure.unflatten(compiled(arrays))


def _write(file: Path, compiled: jax.stages.Compiled, shape: Any) -> None:
    """Keep a program; a cache that cannot be written keeps nothing and changes nothing."""
    try:
        payload = serialize_executable.serialize(compiled)[0]
        content = pickle.dumps((payload, shape), protocol=5)
        kept.whole_file(file, lambda work: work.write_bytes(content))
        for old in sorted(file.parent.glob("*.program"), key=lambda f: f.stat().st_mtime, reverse=True)[KEPT:]:
            old.unlink(missing_ok=True)
    except (OSError, ValueError, NotImplementedError, pickle.PicklingError):
        return


def _read(file: Path, count: int) -> Made | None:
    """A kept program of so many arrays; None where there is none or it cannot be read."""
    try:
        payload, shape = pickle.loads(file.read_bytes())
        file.touch()
        arguments = _structure((([0] * count,), {}))
        results = _structure([0] * len(jax.tree.leaves(shape)))
        return _called(serialize_executable.deserialize_and_load(payload, arguments, results), shape)
    except Exception:  # whatever is wrong with a file of a cache: make the program again
        return None


@cache
def _machine() -> tuple[str, ...]:
    """What a compiled program depends on besides its code."""
    try:
        info = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        info = []
    flags = next((line for line in info if line.startswith(("flags", "Features"))), platform.processor())
    devices = cast(list[Any], jax.devices())
    return (jax.__version__, jaxlib.version.__version__, platform.platform(), flags, devices[0].platform,
            devices[0].device_kind, str(len(devices)), os.environ.get("XLA_FLAGS", ""))


@cache
def accepted(options: tuple[tuple[str, bool | int], ...]) -> dict[str, bool | int]:
    """The options if this version of XLA knows them all, else none: they save time and change nothing else."""
    def same(x: jax.Array) -> jax.Array:
        return x

    try:
        jax.jit(same, compiler_options=dict(options))(0.0)
    except jax.errors.JaxRuntimeError:
        return {}
    return dict(options)
