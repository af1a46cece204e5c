"""Options that several commands share, and ways to write files whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.errors import InvalidInputError
from seedbed.lang import Lang

if TYPE_CHECKING:
    from rich.progress import Progress

Language = Annotated[Lang, typer.Option("--lang", envvar="SEEDBED_LANG", help="Language: zh or en.")]

Uncertain = Annotated[str, typer.Option(
    help="What bands contain, by commas: parameters, process (taste shocks, forecasts), world (prices, demand).")]


def split(text: str) -> tuple[str, ...]:
    """The parts of a list written with commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A fresh folder beside `target` that takes its name when the block ends well, and vanishes otherwise."""
    if target.exists() and not target.is_dir():
        raise InvalidInputError("is a file.", where=str(target), fix="name a folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield work
        target.mkdir(exist_ok=True)
        for made in sorted(work.iterdir()):
            os.replace(made, target / made.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def whole_file(target: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file of the same suffix that then takes the place of `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    work = target.with_name(f".part-{target.name}")
    try:
        write(work)
        os.replace(work, target)
    finally:
        work.unlink(missing_ok=True)


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
