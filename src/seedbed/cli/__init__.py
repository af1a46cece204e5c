"""The command line: the same verbs as Python, one module a group of commands.

A command is loaded when it is called: `seedbed --help` imports typer and nothing of the model.
"""

from __future__ import annotations

import errno
import os
import sys
from functools import cache
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import yaml
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

from seedbed.base.errors import SeedbedError
from seedbed.base.kept import end_when_asked, quiet
from seedbed.base.lang import Lang, spoken
from seedbed.cli.idle import watch

WORDS = Path(__file__).parent.parent / "show" / "words" / "requests.yaml"
PLACES = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EPERM, errno.EDQUOT, errno.ENOTDIR, errno.EISDIR,
          errno.ENAMETOOLONG, errno.ELOOP, errno.ENOENT, errno.EEXIST, errno.EMFILE, errno.EFBIG)
"""Faults of the file system that a user can mend."""
COMMANDS = ("plan", "explain", "optimise", "simulate", "footprint", "stage", "ensemble", "compare", "learn", "backtest",
            "accounts", "inventory", "policy", "facts", "check", "assess", "scheme", "tender", "declare", "demo",
            "party", "product", "evidence", "claim", "grant", "account", "transfer", "use", "event", "journal",
            "serve")
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


def load(name: str) -> Any:
    """One command, or group of commands, ready to run and to explain itself."""
    return _load(name, spoken())


@cache
def _load(name: str, lang: Lang) -> Any:
    made = get_command(import_module(f"seedbed.cli.{name}").app)
    made.name = name
    watch(made, name)
    _translate(made, lang)
    return made


PANELS = {"ARGUMENTS_PANEL_TITLE": "Arguments", "OPTIONS_PANEL_TITLE": "Options", "COMMANDS_PANEL_TITLE": "Commands",
          "REQUIRED_LONG_STRING": "[required]", "DEFAULT_STRING": "[default: {}]", "ENVVAR_STRING": "[env var: {}]"}
"""What typer's help says of its own."""


def _translate(command: Any, lang: Lang) -> None:
    """The help of a command, of its parameters and of the commands in it, in `lang`."""
    if lang == "en":
        return
    from seedbed.show.sentences import said

    command.help = "\n\n".join(said(" ".join(part.split()), lang) for part in (command.help or "").split("\n\n"))
    for parameter in command.params:
        parameter.help = said(parameter.help or "", lang)
    asked = command.get_help_option

    def help_option(context: Any) -> Any:
        from typer import rich_utils

        for name, text in PANELS.items():
            setattr(rich_utils, name, said(text, spoken()))
        option = asked(context)
        option.help = said(option.help, lang)
        return option

    command.get_help_option = help_option
    for inner in getattr(command, "commands", {}).values():
        _translate(inner, lang)


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help=_summaries()["about"], context_settings={"help_option_names": ["-h", "--help"]})


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"Seedbed {version('seedbed')} · Python {sys.version.split()[0]}")
        raise typer.Exit


@app.callback()
def _root(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True,
                                                help="Show the version and end.")] = False) -> None:
    """The commands are found by their names."""


def main() -> None:
    """Run the command line; input errors print one line and exit with code 2."""
    quiet()
    _language()
    _machine()
    _said()
    try:
        root = get_command(app)
        _translate(root, spoken())
        sys.exit(root(standalone_mode=False) or 0)
    except typer.Abort:
        sys.exit(130)
    except SeedbedError as error:
        from seedbed.cli.verb import face

        _fail(error.told(face(spoken())))
    except TyperException as error:
        _misused(error)
    except ValueError as error:
        from pydantic import ValidationError

        if not isinstance(error, ValidationError):
            raise
        first = error.errors()[0]
        _tell(".".join(map(str, first["loc"])) or error.title, f"{first['msg']} ({first['input']!r:.80}).",
              "correct it.")
    except BrokenPipeError:  # who read has gone: nothing more to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        if error.errno not in PLACES:
            raise
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        _tell(error.filename or "output", f"{error.strerror}.",
              "free space there, or write to another place." if full else "name another place.")


def _misused(error: Any) -> NoReturn:
    """An option that there is not, an argument that lacks: what, and where the command says what it takes."""
    context = getattr(error, "ctx", None)
    command = (context and context.command_path) or "seedbed"
    message = error.format_message().rstrip(".")
    if not message:  # nothing was asked: its help has been shown
        sys.exit(2)
    _tell(command, f"{message}.", f"`{command} --help` shows what it takes.")


def _tell(where: str, what: str, fix: str) -> NoReturn:
    from seedbed.base.errors import InvalidInputError
    from seedbed.cli.verb import face

    _fail(InvalidInputError(what, where=where, fix=fix).told(face(spoken())))


def _fail(said: str) -> NoReturn:
    typer.secho(said, fg=typer.colors.RED, err=True)
    sys.exit(2)


def _language() -> None:
    """One language for all that is said: `--lang` where it is written, else SEEDBED_LANG, else the locale's."""
    words = [word.removeprefix("--lang=") if word.startswith("--lang=") else after
             for word, after in zip(sys.argv, [*sys.argv[1:], ""], strict=True) if word.startswith("--lang")]
    os.environ["SEEDBED_LANG"] = words[-1] if words and words[-1] in ("zh", "en") else spoken()


def _said() -> None:
    """Nothing that is written is empty: a variable that was not set becomes no choice of its own."""
    for before, word in zip(["", *sys.argv[1:]], sys.argv[1:], strict=False):
        option, sign, value = word.partition("=")
        if not word.strip() or (sign and option.startswith("--") and not value.strip()):
            named = option if sign else before if before.startswith("-") else "command line"
            _tell(named, "is given empty.", "write a value, or leave it out.")


def _unheard(met: Any) -> None:
    """Say what could not be raised, but for a full disk below Excel's files: it was told of where it was met."""
    if not (str(met.exc_value).startswith("IO_") or getattr(met.exc_value, "errno", None) == errno.ENOSPC):
        sys.__unraisablehook__(met)


def _machine() -> None:
    """Take the terminal as it is: characters that it lacks become marks, a request to end is one to stop cleanly."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    end_when_asked()
    if os.environ.get("COLUMNS", "").strip() == "0":  # what some programs say of a width that they do not know
        del os.environ["COLUMNS"]
    sys.unraisablehook = _unheard
    if any("\udc80" <= character <= "\udcff" for word in sys.argv for character in word):
        _tell("terminal", "its encoding cannot write the names given.", "set LC_ALL=C.UTF-8, or use English names.")


if __name__ == "__main__":
    main()
