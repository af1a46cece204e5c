"""Which format a file or folder is of, told by what is in it rather than by its name."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats import FORMATS, READERS
from seedbed.lifecycle.formats.form.schema import called, form
from seedbed.lifecycle.formats.grids import OLE
from seedbed.lifecycle.formats.packages import LARGE, UNREADABLE, damaged, slashed

Member = tuple[str, Callable[[], bytes]]
"""A file inside: its name and a way to its first bytes."""
HEAD = 4_096
ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".bz2", ".xz", ".tgz", ".zolca")
MARKS = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
OTHER_ARCHIVES = (b"7z\xbc\xaf", b"Rar!")
LOOKED_AT = 400
"""Files of a folder or archive that are looked at before it counts as unknown."""


def detect(path: Path) -> str:
    """The format of a file, folder, zip or tar file: one of `formats.READERS`.

    Raises InvalidInputError if nothing is there or nothing in it is of a known format.
    """
    if not path.exists():
        raise InvalidInputError("is not there.", where=str(path), fix="name a file or folder that exists.")
    names: list[str] = []
    try:
        for name, head in islice(_members(path), LOOKED_AT):
            if path.is_dir() and name.lower().endswith(".zip"):  # a folder of packages
                return detect(path / name)
            if found := _format(name, head):
                return found
            names.append(name)
        if unread := _unread(path):
            raise damaged(path, unread)
        raise _unknown(path, names, b"" if path.is_dir() else _head(path))
    except UNREADABLE as error:
        raise damaged(path, error) from error


def _unread(path: Path) -> Exception | None:
    """Why the first file of an archive cannot be read, where that is so: a password, or a way of packing."""
    if path.is_dir():
        return None
    for _, head in islice(_members(path), LOOKED_AT):
        try:
            head()
        except UNREADABLE as error:
            return error
    return None


def _unknown(path: Path, names: Sequence[str], head: bytes) -> InvalidInputError:
    """The error of what no reader knows, with what it seems to be."""
    inner = next((name for name in names if name.lower().endswith(ARCHIVES)), None)
    where = str(path)
    if not path.is_dir() and not head:
        return InvalidInputError("is empty.", where=where, fix="get or export the file again.")
    if head.startswith(OLE):
        return InvalidInputError("is an old Excel workbook (.xls), or one with a password.", where=where,
                                 fix="save it from Excel as .xlsx without a password.")
    if (packed := _compressed(path, head)) is not None:
        return InvalidInputError(f"is a compressed file ({packed}).", where=where,
                                 fix="unpack it and give what is inside.")
    if head.startswith(MARKS) and not (zipfile.is_zipfile(path) or tarfile.is_tarfile(path)):
        return InvalidInputError("is a damaged or cut archive.", where=where, fix="get or export the file again.")
    if head.startswith(OTHER_ARCHIVES):
        return InvalidInputError("is an archive of a kind that is not read.", where=where,
                                 fix="unpack it and give the folder, or pack it as zip.")
    if re.match(rb"(?i)\s*<(!doctype html|html)", head):
        return InvalidInputError("is a web page, not the download.", where=where,
                                 fix="get the file again, logged in where that is needed.")
    if inner and inner != path.name:
        return InvalidInputError(f"holds another archive ({inner}).", where=where,
                                 fix="unpack it and give the inner zip file.")
    return InvalidInputError("is of no known format.", where=where,
                             fix=f"give a package of one of {', '.join(READERS)}, or name its format.")


def _compressed(path: Path, head: bytes) -> str | None:
    """The way in which a single file is compressed that is whole; None for anything else."""
    ways = {b"\x1f\x8b": ("gzip", gzip.open), b"BZh": ("bzip2", bz2.open), b"\xfd7zXZ": ("xz", lzma.open)}
    for mark, (name, opened) in ways.items():
        if head.startswith(mark):
            try:
                with opened(path) as file:  # to its end, or as far as a look should go
                    while file.tell() < LARGE and file.read(2**20):
                        pass
            except UNREADABLE:
                return None
            return name
    return None


def _format(name: str, head: Callable[[], bytes]) -> str | None:
    """The format that the name of a file, or else its first bytes, speak for."""
    if found := next((format for format, pattern in _names() if pattern.search(name)), None):
        return found
    try:
        start = _plain(head())
    except UNREADABLE:  # another file may still tell
        return None
    return next((format for format, pattern in _contents() if pattern.search(start)), None)


@cache
def _names() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Formats by the names of their files; a sheet may be called in all the ways that the form accepts."""
    sheet = "|".join(map(re.escape, called(form().sheets["exchanges"].label, "exchanges")))
    return tuple((name, re.compile(pattern.replace("{exchanges}", sheet)))
                 for name in READERS for pattern in FORMATS[name].names)


@cache
def _contents() -> tuple[tuple[str, re.Pattern[bytes]], ...]:
    """Formats by the first bytes of their files."""
    return tuple((name, re.compile(pattern)) for name in READERS for pattern in FORMATS[name].contents)


def _members(path: Path) -> Iterator[Member]:
    """The files of a folder or archive, or the file itself."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file():
                yield file.relative_to(path).as_posix(), lambda file=file: _head(file)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if not name.endswith("/"):
                    yield slashed(name), lambda name=name: _head_of_zipped(archive, name)
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile():
                    yield member.name, lambda member=member: _head_of_tarred(archive, member)
    else:
        yield path.name, lambda: _head(path)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _head_of_zipped(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        return file.read(HEAD)


def _head_of_tarred(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read(HEAD) if file else b""


def _plain(head: bytes) -> bytes:
    """Text in UTF-16 (Windows exports) as bytes that the patterns know."""
    return head.decode("utf-16", errors="ignore").encode() if head[:2] in (b"\xff\xfe", b"\xfe\xff") else head
