"""Files of a package: a file, a folder or a zip file, whatever the format."""

from __future__ import annotations

import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from seedbed.base.errors import InvalidInputError

Progress = Callable[[int, int], None]
XML: dict[str, Any] = {"huge_tree": True, "resolve_entities": False, "no_network": True, "remove_comments": True}
"""Options of every XML parser: files may be huge, and must not make it fetch or expand anything."""
UNREADABLE = (
    OSError, EOFError, RuntimeError, KeyError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError,
)
"""What files and archives raise that are damaged, encrypted or not of the form they should have."""


def damaged(path: Path, error: Exception) -> InvalidInputError:
    """The error of a package that cannot be read, because of another."""
    return InvalidInputError(f"cannot be read ({error}).", where=path.name, fix="get or export the file again.")


class Member(NamedTuple):
    """A file of a package: its name inside, its size in bytes, and how to open it."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


@contextmanager
def members(path: Path, *suffixes: str) -> Iterator[list[Member]]:
    """Files with one of `suffixes` in a zip file or folder (in its order, sorted by name), or `path` itself.

    Raises InvalidInputError if there is none, or if the zip file is damaged.
    """
    if not path.exists():
        raise InvalidInputError("there is no such file.", where=str(path), fix="correct the path.")
    if zipfile.is_zipfile(path):
        try:
            archive = zipfile.ZipFile(path)
        except UNREADABLE as error:
            raise damaged(path, error) from error
        with archive:
            inside = [Member(e.filename, e.file_size, lambda e=e: archive.open(e)) for e in archive.infolist()]
            yield _wanted(inside, path, suffixes)
    else:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        root = path if path.is_dir() else path.parent
        found = [
            Member(file.relative_to(root).as_posix(), file.stat().st_size, lambda file=file: file.open("rb"))
            for file in files if file.is_file()
        ]
        yield _wanted(found, path, suffixes)


def _wanted(found: list[Member], path: Path, suffixes: Sequence[str]) -> list[Member]:
    wanted = [
        file for file in found if file.name.lower().endswith(tuple(suffixes))
        and "__MACOSX" not in file.name and not file.name.rpartition("/")[2].startswith(".")
    ]
    if not wanted:
        raise InvalidInputError(f"there is no {' or '.join(suffixes)} file here.", where=path.name,
                                fix="give the file, folder or zip file that was exported.")
    return wanted


def database_name(name: str | None, path: Path) -> str:
    """`name`, or else the file's as a lower-case word."""
    word = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")
    return name or (word if word[:1].isalpha() else f"database-{word}".strip("-"))
