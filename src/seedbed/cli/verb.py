"""Commands made from requests: every field of a request becomes an argument or an option, described in show's words."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, cast, get_args, get_origin, get_type_hints

import typer

from seedbed.base.errors import Face, InvalidInputError, Parameter
from seedbed.base.kept import programs
from seedbed.base.lang import spoken
from seedbed.base.request import Request
from seedbed.show.sentences import said
from seedbed.show.words import about, catalogue, t
from seedbed.show.write import check, kinds

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from seedbed.base.lang import Lang
    from seedbed.base.progress import Progress

BILLION = 1e9  # CNY are asked for in billions
OPTIONS = {"mix": "set"}
"""Parameters whose option is called otherwise."""
_positional: set[str] = set()  # arguments of the command that runs


def asks(request: type[Request], *, optional: tuple[str, ...] = (), without: tuple[str, ...] = (),
         positional: tuple[str, ...] | None = None,
         runs: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A command that asks what `request` does: the function's parameter `request` is replaced by one for every field.

    Fields that are `optional` may be left out on the command line, and are then empty in the request. Those in
    `without` are not asked; `positional` are arguments (default: those of the request without a default). A file `--to`
    is checked before anything runs; results that are `runs` can be written as netCDF too.
    """
    where = tuple(name for name in request.positional if request.model_fields[name].is_required())
    first = where if positional is None else positional

    def made(function: Callable[..., None]) -> Callable[..., None]:
        own = [p for p in inspect.signature(function, eval_str=True).parameters.values() if p.name != "request"]
        asked = [(name, field, unit) for name, field, unit in request.fields() if name not in without]

        @wraps(function)
        def command(**given: Any) -> None:
            _positional.clear()
            _positional.update(first)
            said = {name: given.pop(name) for name, _, _ in asked}
            check(given.get("to"), kinds(("document", "rows", "data", *(["dataset"] if runs else []))))
            said |= {name: "" for name in optional if said[name] is None}
            function(_request(request, said, asked), **given)

        parameters = [_parameter(request, *one, argument=one[0] in first, optional=one[0] in optional) for one in asked]
        cast(Any, command).__signature__ = inspect.Signature(
            [*parameters, *(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own)])
        command.__annotations__ = {p.name: p.annotation for p in (*parameters, *own)}
        command.__doc__ = _help(function, request)
        return command

    return made


def _help(function: Callable[..., None], request: type[Request]) -> str:
    """What the verb does, in the language of the environment, and what the command adds."""
    return "\n\n".join([t(f"request.verb.{request.verb}", spoken()), *filter(None, [inspect.getdoc(function)])])


def _described(request: type[Request], name: str, unit: str) -> str:
    text = about(request.verb, name, spoken())
    if unit != "CNY":
        return text
    return f"{text[:-1]} ({t('request.unit.billion', spoken())}){text[-1]}"


def _parameter(request: type[Request], name: str, field: FieldInfo, unit: str, *, argument: bool,
               optional: bool) -> inspect.Parameter:
    """A field as a parameter that typer understands."""
    kind, default = _kind(get_type_hints(request)[name]), field.default
    help_ = _described(request, name, unit)
    if argument:
        need = field.is_required() and not optional
        annotation: Any = Annotated[kind if need else kind | None, typer.Argument(help=help_)]
        default = inspect.Parameter.empty if need else None
    elif kind is bool:
        flags = f"--{_option(name)}" + (f"/--without-{_option(name)}" if default else "")
        annotation = Annotated[bool, typer.Option(flags, help=help_)]
    else:
        if field.is_required():
            default = inspect.Parameter.empty
        elif isinstance(default, tuple):
            default = ",".join(map(str, default))
        elif default is not None and unit == "CNY":
            default = default / BILLION
        annotation = Annotated[kind if field.is_required() or default is not None else kind | None,
                               typer.Option(f"--{_option(name)}", help=help_)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _kind(hint: Any) -> Any:
    """The type that the command line takes for a field: lists are written with commas, mappings as NAME=NUMBER."""
    bare = _either(hint)
    if any(get_origin(part) is dict for part in bare):
        return list[str]
    if str in bare or any(get_origin(part) is tuple for part in bare):
        return str
    return bare[0]


def _either(hint: Any) -> list[Any]:
    """The types that a field may have, without None and without what is said of them."""
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return [get_args(part)[0] if get_origin(part) is Annotated else part for part in parts if part is not type(None)]


def _option(name: str) -> str:
    return OPTIONS.get(name, name).replace("_", "-")


def _request(request: type[Request], said: dict[str, Any], asked: list[tuple[str, FieldInfo, str]]) -> Request:
    """What was written, as the request means it."""
    hints = get_type_hints(request)
    values = {}
    for name, field, unit in asked:
        value = said[name]
        if value is None and not field.is_required():
            value = field.default
        elif isinstance(value, list):
            value = _mix(value) if name == "mix" else pairs(value, name)
        elif isinstance(value, str) and str not in _either(hints[name]):
            value = _split(value, name, get_args(_either(hints[name])[0])[0])
        elif unit == "CNY" and isinstance(value, float):
            value = value * BILLION
        values[name] = value
    return request(**values)


def _mix(words: list[str]) -> tuple[str, ...] | dict[str, Any]:
    """Assignments, or what a .yaml or .json file of a mix holds."""
    if len(words) != 1 or not words[0].endswith((".yaml", ".yml", ".json")):
        return tuple(words)
    from seedbed.base.datafile import load_yaml

    if not Path(words[0]).is_file():
        raise InvalidInputError("does not exist.", where=words[0], fix="name a file that is there.")
    found = load_yaml(Path(words[0]))
    if not isinstance(found, dict):
        raise InvalidInputError("is no mix.", where=words[0],
                                fix="write {name: …, instruments: {id: {'2026:2030': 0.6}}}.")
    return found


def _split(text: str, name: str, kind: type) -> tuple[Any, ...]:
    """The parts of a list written with commas."""
    if not text.strip(", "):
        raise InvalidInputError("names nothing.", where=Parameter(name),
                                fix="write values and commas, or leave it out.")
    try:
        return tuple(kind(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise InvalidInputError(f"{text!r} is no list of numbers.", where=Parameter(name),
                                fix="write numbers and commas: 2016,2018.") from None


def pairs(words: list[str], name: str) -> dict[str, float] | None:
    """NAME=NUMBER, repeated or with commas; None where there is none."""
    out = {}
    for word in (part for text in words for part in text.split(",") if part.strip()):
        key, _, value = word.partition("=")
        if key.strip() in out:
            raise InvalidInputError(f"{key.strip()} is given twice.", where=Parameter(name), fix="give it once.")
        try:
            out[key.strip()] = float(value)
        except ValueError:
            raise InvalidInputError(f"{word!r} is not NAME=NUMBER.", where=Parameter(name),
                                    fix="write steel=0.5.") from None
    return out or None


def face(lang: Lang) -> Face:
    """How errors name parameters, money and all else here."""
    return Face(lambda name: name.upper() if name in _positional else f"--{_option(name)}",
                BILLION, t("request.unit.billion", lang),
                lambda sentence: said(sentence, lang), catalogue()["request.error"][lang])


@contextmanager
def progress(lang: Lang) -> Iterator[Progress]:
    """A progress bar with a line for each step, on standard error where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    if console.is_terminal and (kept := programs()) and not (kept.is_dir() and any(kept.iterdir())):
        console.print(t("step.first", lang))
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def say(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(t(f"step.{step}", lang), total=of or None)
            bar.update(tasks[step], completed=done, total=of or None)

        yield say


def ask(request: Request, lang: Lang) -> Any:
    """Do what is asked, with a progress bar where the verb tells how far it is."""
    from seedbed.verbs import VERBS

    verb = VERBS[request.verb]
    if "progress" not in verb.local:
        return verb(request)
    with progress(lang) as say:
        return verb(request, progress=say)


def tell(result: Any, lang: Lang, to: Path | None = None, **asked: Any) -> None:
    """Write the file that was asked for, then print; `asked` as the module that shows the result understands it."""
    from seedbed.show import results, terminal
    from seedbed.show.write import write

    if to is not None:
        write(to, results.written(result, lang, **asked))
    terminal.show(results.brief(result, lang, **asked))
    if to is not None:
        terminal.written(to, lang)
