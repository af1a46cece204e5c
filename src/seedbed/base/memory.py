"""Remembering what a function found, with its signature kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R", covariant=True)


_known: list[Callable[[], None]] = []


class Remembering(Generic[P, R]):
    """A function that remembers its last results by its arguments, which must be hashable."""

    __call__: Callable[P, R]
    forget: Callable[[], None]


def remembered(size: int) -> Callable[[Callable[P, R]], Remembering[P, R]]:
    """`functools.lru_cache` of `size` results; `forget()` empties it."""

    def made(function: Callable[P, R]) -> Remembering[P, R]:
        kept: Any = lru_cache(maxsize=size)(function)
        kept.forget = kept.cache_clear
        _known.append(kept.cache_clear)
        return cast(Remembering[P, R], kept)

    return made


def forget() -> None:
    """Empty everything that is remembered."""
    for clear in _known:
        clear()
