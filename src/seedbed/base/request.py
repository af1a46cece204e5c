"""What a verb is asked: one frozen, described type a verb, from which commands, forms and routes are made.

A request lies beside its verb in a module that imports nothing heavy. Its fields have the names, defaults and meaning
of the verb's parameters; a field's unit is in its type (`Money` is CNY), its description in show's words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, NamedTuple, get_type_hints

from pydantic import ConfigDict
from pydantic.fields import FieldInfo

from seedbed.base.text import Model


class Unit(NamedTuple):
    """The unit of a number that is asked for."""

    symbol: str


Money = Annotated[float, Unit("CNY")]
Share = Annotated[float, Unit("share")]
Year = Annotated[int, Unit("year")]
Shares = Annotated[dict[str, float], Unit("share")]
Names = tuple[str, ...]


class Request(Model):
    """A request. `verb` is its verb's name; the fields of `positional` may be given without their names."""

    model_config = ConfigDict(allow_inf_nan=True)  # verbs say what is wrong with a number, and where

    verb: ClassVar[str]
    positional: ClassVar[tuple[str, ...]] = ()

    def arguments(self) -> dict[str, Any]:
        """The request as arguments of its verb."""
        return {name: getattr(self, name) for name in type(self).model_fields}

    @classmethod
    def fields(cls) -> Iterator[tuple[str, FieldInfo, str]]:
        """(name, field, unit or "") of everything that is asked."""
        hints = get_type_hints(cls, include_extras=True)
        for name, field in cls.model_fields.items():
            units = [part.symbol for part in _parts(hints[name]) if isinstance(part, Unit)]
            yield name, field, units[0] if units else ""


def _parts(hint: Any) -> Iterator[Any]:
    """The metadata of an annotation, also inside `… | None`."""
    yield from getattr(hint, "__metadata__", ())
    for inner in getattr(hint, "__args__", ()):
        yield from _parts(inner)
