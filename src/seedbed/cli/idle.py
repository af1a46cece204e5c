"""Options that change nothing without another, or beside another: said, rather than passed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typer.core import TyperCommand

from seedbed.base.errors import InvalidInputError, Parameter

NEEDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "simulate": {"seed": ("members",), "uncertain": ("members",)},
    "optimise": {"seed": ("draws",)},
    "learn": {"warmup": ("nuts",)},
    "explain": {"rows": ("sensitivity",), "year": ("trace",)},
    "footprint": {"draws": ("uncertainty",), "seed": ("uncertainty",), "depth": ("tree", "to"),
                  "cutoff": ("tree", "to")},
    "assess": {"decision": ("post",), "by": ("post",)},
}
"""By command: an option, and those of which one makes it act."""
BESIDE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "explain": {"trace": ("seed", "members", "samples", "outcome", "sensitivity", "rows")},
    "optimise": {"regions": ("adopt", "floor", "ramp", "variables", "risk", "weights", "yearly", "draws", "seed",
                             "price")},
    "plan": {"compare": ("place", "mix", "target", "price", "floor", "uncertain", "out", "keep")},
    "footprint": dict.fromkeys(("listed", "search"), ("product", "amount", "unit", "place", "method", "compare", "why",
                                                      "to", "tree", "uncertainty")),
    "facts show": {"csv": ("to",)},
    "learn": {"forget": ("save", "to", "nuts", "draws", "warmup", "seed")},
}
"""By command: an option, and those that do nothing beside it."""
WRITTEN = ("csv", "netcdf", "to", "layout", "report")
"""Options that name a file to be written."""


def check(command: Any, path: str, context: Any) -> None:
    """Raise InvalidInputError for an option that was written and changes nothing, or two that write one file."""
    given = {name for name in context.params if _source(context, name)}
    for option, others in NEEDS.get(path, {}).items():
        if option in given and not given & set(others):
            raise InvalidInputError(f"changes nothing without {_shown(command, others[0])}.",
                                    where=_where(command, option), fix="add that, or leave this out.")
    for option, others in BESIDE.get(path, {}).items():
        for other in others if option in given else ():
            if other in given:
                raise InvalidInputError(f"changes nothing beside {_shown(command, option)}.",
                                        where=_where(command, other), fix="leave one of them out.")
    files: dict[str, str] = {}
    for name in WRITTEN:
        target = str(context.params.get(name) or "-")
        if target != "-" and (first := files.setdefault(target, name)) != name:
            raise InvalidInputError(f"is written by {_shown(command, first)} too.", where=Parameter(name),
                                    fix="give each its own name.")


def _source(context: Any, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _where(command: Any, name: str) -> str:
    """A parameter as errors name it: an argument in capitals, an option as it is written."""
    option = _shown(command, name)
    return option if option.startswith("-") else option.upper()


def _shown(command: Any, name: str) -> str:
    return next((part.opts[0] for part in command.params if part.name == name and part.opts), name)


def watch(command: Any, path: str = "") -> None:
    """Have every command below `command` checked before it runs."""
    for name, inner in getattr(command, "commands", {}).items():
        watch(inner, f"{path} {name}".strip())
    if isinstance(command, TyperCommand):
        asked = command.invoke

        def invoke(context: Any) -> Any:
            check(command, path, context)
            return asked(context)

        command.invoke = invoke  # type: ignore[method-assign]
