"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seedbed.base.lang import Lang

Language = Annotated[Lang, typer.Option("--lang", envvar="SEEDBED_LANG", help="Language: zh or en.")]
To = Annotated[Path | None, typer.Option(help="Write a .csv, .parquet, .json, .html or .pdf file.")]
