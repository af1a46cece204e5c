"""Files of a package: a file, a folder or a zip file, whatever the format."""

from __future__ import annotations

import bz2
import hashlib
import lzma
import re
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from seedbed.base.errors import InvalidInputError

Progress = Callable[[int, int], None]
XML: dict[str, Any] = {"huge_tree": True, "resolve_entities": False, "no_network": True, "remove_comments": True}
"""Options of every XML parser: files may be huge, and must not make it fetch or expand anything."""
UNREADABLE = (
    OSError, EOFError, RuntimeError, KeyError, MemoryError, zlib.error, lzma.LZMAError, zipfile.BadZipFile,
    tarfile.TarError,
)
"""What files and archives raise that are damaged, encrypted or not of the form they should have."""


LONGEST = 60
"""Letters of a database's name that are taken from a text."""
LARGE, RATIO = 64 * 2**20, 100
"""Bytes from which on a package is looked at, and how many times its size what it holds may unpack to."""


def slashed(name: str) -> str:
    """The name of a file of an archive; some Windows programs write backslashes."""
    return name.replace("\\", "/")


def check_size(path: Path, sizes: Iterable[tuple[int, int]]) -> None:
    """Raise InvalidInputError for an archive of (unpacked, packed) files that would unpack to absurd amounts."""
    unpacked = packed = 0
    for full, small in sizes:
        unpacked, packed = unpacked + full, packed + small
    if unpacked > LARGE and unpacked > RATIO * max(packed, 1):
        raise _bomb(path, unpacked)


def _bomb(path: Path, size: int) -> InvalidInputError:
    return InvalidInputError(f"unpacks to {size / 2**20:,.0f} MiB or more, over {RATIO} times its own size: this is no "
                             "database.", where=path.name, fix="get or export the file again.")


def unpacked_bz2(path: Path) -> bytes:
    """The content of a bz2 file. Raises InvalidInputError where it unpacks to absurd amounts, before it does."""
    packed = path.read_bytes()
    parts, size, stream = [], 0, bz2.BZ2Decompressor()
    rest = packed
    while not (stream.eof and not stream.unused_data):
        if stream.eof:  # another stream follows
            rest, stream = stream.unused_data, bz2.BZ2Decompressor()
        part = stream.decompress(rest, LARGE)
        rest = b""
        if not part and stream.needs_input and not stream.eof:
            raise EOFError("the file ends too early")
        parts.append(part)
        size += len(part)
        if size > LARGE and size > RATIO * len(packed):
            raise _bomb(path, size)
    return b"".join(parts)


class Unpacked:
    """What has been unpacked of an archive so far; it is stopped where that becomes absurd."""

    def __init__(self, path: Path) -> None:
        self.path, self.size = path, 0

    def add(self, size: int) -> None:
        """Count `size` bytes more. Raises InvalidInputError where they are too many for the size of the archive."""
        self.size += size
        if self.size > LARGE and self.size > RATIO * self.path.stat().st_size:
            raise _bomb(self.path, self.size)


def damaged(path: Path, error: Exception) -> InvalidInputError:
    """The error of a package that cannot be read, because of another."""
    if "password required" in str(error) or "encrypted" in str(error):
        return InvalidInputError("is encrypted.", where=path.name, fix="unpack it with its password, and give that.")
    if "compression type" in str(error) or "compression method" in str(error):
        return InvalidInputError(f"is packed in a way that is not read ({error}).", where=path.name,
                                 fix="pack it again as a usual zip file.")
    said = str(error) if isinstance(error, UNREADABLE) else f"{type(error).__name__}: {error}"
    return InvalidInputError(f"cannot be read ({said:.300}).", where=path.name, fix="get or export the file again.")


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
            check_size(path, ((e.file_size, e.compress_size) for e in archive.infolist()))
            inside = [Member(slashed(e.filename), e.file_size, lambda e=e: archive.open(e)) for e in archive.infolist()]
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
    endings = tuple(suffix.lower() for suffix in suffixes)
    wanted = [
        file for file in found if file.name.lower().endswith(endings)
        and "__MACOSX" not in file.name and not file.name.rpartition("/")[2].startswith(".")
    ]
    if not wanted:
        raise InvalidInputError(f"there is no {' or '.join(suffixes)} file here.", where=path.name,
                                fix="give the file, folder or zip file that was exported.")
    return wanted


def database_name(given: str | None, said: str | None, path: Path) -> str:
    """The name of a database: as asked for, else as the source calls itself, else as its file is called, as a word of
    lower-case letters, digits, - and _ that begins with a letter.

    What has letters of another script gets a mark of its own, so that two such names never become one.
    """
    if given:
        return given
    bare = path.name if path.is_dir() else re.sub(r"(?i)(\.(tar|zip))?\.[a-z]\w*$", "", path.name)
    text = (said or bare or path.name).strip()
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    word = re.sub(r"[^a-z0-9_]+", "-", letters.lower()).strip("-")
    word = word[:LONGEST].strip("-")
    if not text.isascii():
        word = f"{word}-{hashlib.blake2b(text.encode(), digest_size=3).hexdigest()}".strip("-")
    return word if word[:1].isalpha() else f"database-{word}".strip("-")
