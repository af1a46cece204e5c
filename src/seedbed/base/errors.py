"""Errors a user can act on: each names the thing, the place and the fix.

What is wrong is known where it is found; how its place is called depends on who asked. So an error names the
*parameter* of a request (`Parameter("until")`) and holds sums of money as numbers, and each face (Python, the command
line, a service) writes both as its users do: `until`, `--until`, CNY, billion CNY.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import NamedTuple


class Face(NamedTuple):
    """How one way of asking names parameters, counts money and says sentences."""

    parameter: Callable[[str], str] = str
    money: float = 1.0
    unit: str = "CNY"
    say: Callable[[str], str] = str
    form: str = "{where}: {what} Fix: {fix}"


PYTHON = Face()


class Parameter(str):
    """The name of a parameter of a request, as the place of an error."""


class SeedbedError(Exception):
    """Base of every error caused by input; the command line prints it and exits with code 2."""

    def told(self, face: Face = PYTHON) -> str:
        """The message as the users of `face` know things."""
        return face.say(str(self))


class UnknownNameError(SeedbedError):
    """A name that is not in its catalogue; offers the nearest ones."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        names = sorted(set(known))
        lowered = {n.lower(): n for n in names}
        near = [lowered[n] for n in get_close_matches(name.lower(), lowered, n=3, cutoff=0.5)]
        near += [n for n in names if name and name.lower() in n.lower() and n not in near][:3]
        self.what, self.name, self.near, self.shown = what, name, near, near or names[:12]
        self.form = ("Unknown {1} {2}. Did you mean {3}?" if near else "Unknown {1} {2}. Known: {3} …" if names else
                     "Unknown {1} {2}. There is none yet.")
        super().__init__(self.told())

    def told(self, face: Face = PYTHON) -> str:
        return face.say(self.form).format("", face.say(self.what), repr(self.name), ", ".join(self.shown))


class InvalidInputError(SeedbedError):
    """A value that cannot be used: `where` is file, row, key or Parameter; `fix` says what to write.

    With `money` (CNY by name), `what` and `fix` are formats: `{budget}` stands for that sum, `{unit}` for its unit.
    """

    def __init__(self, what: str, *, where: str, fix: str, **money: float) -> None:
        self.what, self.where, self.fix, self.money = what, where, fix, money
        super().__init__(self.told())

    def told(self, face: Face = PYTHON) -> str:
        where = face.parameter(self.where) if isinstance(self.where, Parameter) else self.where
        what, fix = face.say(self.what), face.say(self.fix)
        if self.money:
            sums = {name: f"{value / face.money:.6g} {face.unit}" for name, value in self.money.items()}
            what, fix = (text.format(where=where, unit=face.unit, **sums) for text in (what, fix))
        return face.form.format(where=where, what=what, fix=fix)
