"""The command line: the same verbs as Python, one module a group of commands.

A command is loaded when it is called: `seedbed --help` imports typer and nothing of the model.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
import yaml
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from seedbed.base.errors import SeedbedError
from seedbed.base.kept import programs
from seedbed.base.lang import spoken

WORDS = Path(__file__).parent.parent / "show" / "words" / "requests.yaml"
COMMANDS = ("plan", "explain", "optimise", "simulate", "footprint", "stage", "ensemble", "compare", "learn", "backtest",
            "accounts", "inventory", "policy", "facts")
"""Commands in the order of the help; each is made by the `app` of a module of this folder."""


@cache
def _summaries() -> dict[str, str]:
    """What each command does, read without loading anything heavy."""
    raw = yaml.load(WORDS.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["request"]
    return {name: entry[spoken()] for name, entry in (raw["verb"] | raw["command"]).items()}


class Commands(TyperGroup):
    """The commands by name; what is only listed is not loaded."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return TyperCommand(cmd_name, help=_summaries()[cmd_name]) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, found, rest = super().resolve_command(ctx, args)
        return name, load(name) if name in COMMANDS else found, rest


@cache
def load(name: str) -> Any:
    """One command, or group of commands, ready to run."""
    made = get_command(import_module(f"seedbed.cli.{name}").app)
    made.name = name
    return made


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help=_summaries()["about"])


@app.callback()
def _root() -> None:
    """The commands are found by their names."""


def main() -> None:
    """Run the command line; input errors print one line and exit with code 2."""
    _quiet()
    try:
        app()
    except SeedbedError as error:
        from seedbed.cli.verb import FACE

        typer.secho(error.told(FACE), fg=typer.colors.RED, err=True)
        sys.exit(2)


def _quiet() -> None:
    """Keep compiled programs between runs (SEEDBED_CACHE, "" switches it off) and silence JAX's start-up notes."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("JAX_PLATFORMS", "")
    if kept := programs():
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(kept))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.5")


if __name__ == "__main__":
    main()
