"""Options that several commands share."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.lang import Lang

Language = Annotated[Lang, typer.Option("--lang", envvar="SEEDBED_LANG", help="Language: zh or en.")]
To = Annotated[Path | None, typer.Option(help="Write a .csv, .parquet, .json, .html or .pdf file.")]
By = Annotated[str, typer.Option("--by", help="The party that acts.")]


def day(text: str | None, parameter: str) -> date | None:
    """A day as written; None where none is. Raises InvalidInputError."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(f"{text!r} is no day.", where=Parameter(parameter), fix="write 2026-07-01.") from None
