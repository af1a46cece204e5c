"""Errors a user can act on: each names the thing, the place and the fix."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class SeedbedError(Exception):
    """Base of every error caused by input; the CLI prints it and exits with code 2."""


class UnknownNameError(SeedbedError):
    """A name that is not in its catalogue; offers the nearest ones."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        names = sorted(set(known))
        lowered = {n.lower(): n for n in names}
        near = [lowered[n] for n in get_close_matches(name.lower(), lowered, n=3, cutoff=0.5)]
        near += [n for n in names if name and name.lower() in n.lower() and n not in near][:3]
        hint = f"Did you mean {', '.join(near)}?" if near else f"Known: {', '.join(names[:12])} …"
        super().__init__(f"Unknown {what} {name!r}. {hint}")
        self.near = near


class InvalidInputError(SeedbedError):
    """A value that cannot be used: `where` is file, row, key or option; `fix` says what to write."""

    def __init__(self, what: str, *, where: str, fix: str) -> None:
        super().__init__(f"{where}: {what} Fix: {fix}")
