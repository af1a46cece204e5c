"""Options that several commands share, and ways to write files whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.errors import InvalidInputError
from seedbed.base.lang import Lang

if TYPE_CHECKING:
    from rich.progress import Progress

Language = Annotated[Lang, typer.Option("--lang", envvar="SEEDBED_LANG", help="Language: zh or en.")]

Uncertain = Annotated[str, typer.Option(
    help="What bands contain, by commas: parameters, process (taste shocks, forecasts), world (prices, demand).")]


def split(text: str) -> tuple[str, ...]:
    """The parts of a list written with commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def check_suffix(file: Path | None, kinds: Sequence[str], where: str = "--to") -> None:
    """Raise InvalidInputError, before anything runs, for a file whose suffix names no kind that can be written."""
    if file is not None and file.suffix.lower() not in kinds:
        raise InvalidInputError(f"{file.name} is no kind of file this writes.", where=where,
                                fix=f"end its name in {', '.join(kinds)}.")


def progress_bar() -> Progress:
    """A progress bar on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                    console=Console(stderr=True))
