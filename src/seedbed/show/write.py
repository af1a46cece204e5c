"""Results as files: the one place where the end of a file's name decides what is written."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.kept import ready, whole_file
from seedbed.base.plain import plain

if TYPE_CHECKING:
    import xarray

    from seedbed.show.document import Document

Row = Mapping[str, Any]


class Written(NamedTuple):
    """What a result can be written as; each part is made when it is asked for."""

    document: Callable[[], Document] | None = None
    rows: Callable[[], Iterable[Row]] | None = None
    data: Callable[[], Any] | None = None
    dataset: Callable[[], xarray.Dataset] | None = None


KINDS = {".html": "document", ".pdf": "document", ".csv": "rows", ".parquet": "rows", ".json": "data", ".nc": "dataset"}
"""What each kind of file is made of."""


def kinds(parts: Sequence[str]) -> tuple[str, ...]:
    """The ends of names that can be written of these `parts` of `Written`."""
    return tuple(kind for kind, part in KINDS.items() if part in parts)


def check(path: Path | None, known: Sequence[str], parameter: str = "to") -> None:
    """Make sure, before anything runs, that a file of this name is of a kind that can be written, and can be there.

    Raises InvalidInputError and OSError.
    """
    if path is not None:
        _check_kind(path, known, parameter)
        ready(path)


def _check_kind(path: Path, known: Sequence[str], parameter: str) -> None:
    if path.suffix.lower() not in known:
        raise InvalidInputError(f"{path.name} is no kind of file this writes.", where=Parameter(parameter),
                                fix=f"end its name in {', '.join(known)}.")


def write(path: Path, found: Written, parameter: str = "to") -> None:
    """Write a result as the end of `path` says, whole or not at all. Raises as `check`."""
    suffix = path.suffix.lower()
    _check_kind(path, kinds([part for part in found._fields if getattr(found, part) is not None]), parameter)
    whole_file(path, lambda work: _write(work, suffix, found))


def _write(path: Path, suffix: str, found: Written) -> None:
    made = getattr(found, KINDS[suffix])()
    if suffix == ".html":
        from seedbed.show.html import to_html

        path.write_text(to_html(made), encoding="utf-8")
    elif suffix == ".pdf":
        from seedbed.show.pdf import to_pdf

        path.write_bytes(to_pdf(made))
    elif suffix == ".json":
        path.write_text(json.dumps(plain(made), ensure_ascii=False, indent=1, allow_nan=False) + "\n",
                        encoding="utf-8")
    elif suffix == ".nc":
        path.write_bytes(made.to_netcdf(engine="h5netcdf"))  # HDF5 itself does not survive a full disk
    else:
        _table(path, suffix, list(made))


def spreadsheet(text: str) -> bytes:
    """CSV as Excel opens it: UTF-8, with the mark that says so where there is more than ASCII."""
    return text.encode("utf-8" if text.isascii() else "utf-8-sig")


def _table(path: Path, suffix: str, rows: list[Row]) -> None:
    """Rows as a table; a column that a row lacks is empty there."""
    path.write_bytes(as_csv(rows) if suffix == ".csv" else as_parquet(rows))


def as_csv(rows: Sequence[Row]) -> bytes:
    """Rows as CSV that Excel opens too."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _columns(rows), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return spreadsheet(text.getvalue())


def as_parquet(rows: Sequence[Row]) -> bytes:
    """Rows as Parquet, in memory first: polars' own errors of the disk have no number."""
    import polars as pl

    content, columns = io.BytesIO(), _columns(rows)
    table = pl.DataFrame([{key: row.get(key) for key in columns} for row in rows], infer_schema_length=None)
    table.write_parquet(content)
    return content.getvalue()


def _columns(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row))
