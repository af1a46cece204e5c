"""The store: immutable snapshots of named databases, and which of them is live.

    <home>/<name>/<hash>/{table}.parquet   the tables, plus tables the import kept (`quarantine`)
                         manifest.json     what they are, with the checksum of every file
                         report.json       the report of the import, if there is one
                         derived/          whatever is computed from them; not part of the snapshot's content
    <home>/<name>/live                     the hash of the snapshot that is live

A snapshot is named by its content, never changes and appears whole (written aside, then renamed), so
readers take no lock. Writers of one database queue for a lock of the operating system, which falls when
its process dies; what a killed writer left behind the next one removes. The Parquet files can be queried
by other engines as well, such as DuckDB: `select * from '<home>/<name>/<hash>/exchanges.parquet'`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.kept import home
from seedbed.lifecycle.inventory.tables import TABLES, Inventory, table

FORMAT = 1
"""Version of the layout above; a snapshot of another layout is refused."""
HASH_LENGTH = 16
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,79}")
_ASIDE = ".new-"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of a database on disk. `hash` names its content, `version` is the publisher's word."""

    name: str
    hash: str
    folder: Path
    version: str
    created: datetime
    rows: Mapping[str, int]
    depends: tuple[str, ...]

    @property
    def derived(self) -> Path:
        """The folder for what is computed from the snapshot (matrices, scores); whoever keeps it makes it."""
        return self.folder / "derived"

    def report(self) -> dict[str, Any] | None:
        """The report of the import that made the snapshot; None if it was put without one."""
        path = self.folder / "report.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


class Store:
    """Databases in the folder `at` (default: in the home of `base.kept`); see the module for its layout."""

    def __init__(self, at: Path | None = None) -> None:
        self.home = at or home() / "databases"

    def names(self) -> list[str]:
        """Databases that are live, in order of name."""
        return sorted(path.parent.name for path in self.home.glob("*/live"))

    def live(self, name: str) -> str | None:
        """Hash of the live snapshot of `name`; None if there is none."""
        try:
            return (self._folder(name) / "live").read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            return None

    def versions(self, name: str) -> list[Snapshot]:
        """Every snapshot of `name`, newest first."""
        manifests = self._folder(name).glob("[!.]*/manifest.json")
        return sorted((_snapshot(path.parent) for path in manifests), key=lambda s: (s.created, s.hash), reverse=True)

    def snapshot(self, name: str, version: str | None = None) -> Snapshot:
        """The live snapshot of `name`, or the one whose hash begins with `version`.

        Raises UnknownNameError when there is none, InvalidInputError when several begin so.
        """
        if version is None:
            version = self.live(name)
            if version is None:
                raise UnknownNameError("database", name, self.names())
            return _snapshot(self._folder(name) / version)
        hashes = [path.parent.name for path in self._folder(name).glob("[!.]*/manifest.json")]
        found = [hash for hash in hashes if version and hash.startswith(version)]
        if not found:
            raise UnknownNameError(f"version of {name}", version, hashes)
        if len(found) > 1:
            raise InvalidInputError(f"{version!r} begins {len(found)} versions of {name}.", where="version",
                                    fix=f"write more of it: {', '.join(sorted(found))}.")
        return _snapshot(self._folder(name) / found[0])

    def open(self, name: str, version: str | None = None) -> Inventory:
        """The tables of a snapshot (see `snapshot`), every file checked against the manifest.

        Raises InvalidInputError for a file that is missing or not as it was written.
        """
        folder = self.snapshot(name, version).folder
        manifest = _manifest(folder)
        tables = {part: table(schema, _read(folder, part, manifest)) for part, schema in TABLES.items()}
        return Inventory(name, manifest["version"], depends=tuple(manifest["depends"]), licence=manifest["licence"],
                         **tables)

    def extra(self, name: str, part: str, version: str | None = None) -> pl.DataFrame:
        """A table that the import kept beside the inventory, such as `quarantine`. Raises UnknownNameError."""
        folder = self.snapshot(name, version).folder
        manifest = _manifest(folder)
        if part not in manifest["files"]:
            raise UnknownNameError(f"table of {name}", part, manifest["files"])
        return _read(folder, part, manifest)

    def put(self, inventory: Inventory, *, report: Mapping[str, Any] | None = None,
            extra: Mapping[str, pl.DataFrame] | None = None) -> Snapshot:
        """Keep `inventory` and the tables `extra`; the same content is the same snapshot and kept once.

        Rows are kept in the order of their keys. `report` (JSON) is kept with the `hash` added and is no part
        of the content. The snapshot is not live before `make_live`. Waits for other writers of the database.
        """
        parts = {name: _sorted(frame) for name, frame in {**inventory.tables(), **(extra or {})}.items()}
        hash = content_hash(inventory, parts)
        home = self._folder(inventory.name)
        with self._writing(inventory.name):
            folder = home / hash
            if not _whole(folder):
                aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=home))
                try:
                    _write(aside, hash, inventory, parts, report)
                    shutil.rmtree(folder, ignore_errors=True)  # a damaged one
                    os.replace(aside, folder)
                finally:
                    shutil.rmtree(aside, ignore_errors=True)
                _sync(home)
            return _snapshot(folder)

    def make_live(self, name: str, hash: str) -> None:
        """Let readers of `name` see the snapshot `hash` from now on, in one step. Raises UnknownNameError."""
        found = self.snapshot(name, hash)
        home = self._folder(name)
        with self._writing(name):
            aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=home))
            _save(aside / "live", f"{found.hash}\n".encode())
            os.replace(aside / "live", home / "live")
            aside.rmdir()
            _sync(home)

    def _folder(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise InvalidInputError(f"{name!r} cannot name a database.", where="database name",
                                    fix="use at most 80 lower-case letters, digits, - and _, a letter first.")
        return self.home / name

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        """The only writer of `name`; what killed ones left is removed."""
        home = self._folder(name)
        home.mkdir(parents=True, exist_ok=True)
        with _locked(home / ".lock"):
            for left in home.glob(f"{_ASIDE}*"):
                shutil.rmtree(left)
            yield


def content_hash(inventory: Inventory, parts: Mapping[str, pl.DataFrame]) -> str:
    """Hash of what tables say: names, types and values, whatever file format or library version holds them."""
    digest = hashlib.sha256(json.dumps([inventory.name, inventory.version, list(inventory.depends),
                                        inventory.licence]).encode())
    for name in sorted(parts):
        digest.update(f"\0{name}\0{parts[name].height}".encode())
        for series in parts[name].get_columns():
            digest.update(f"\0{series.name}\0{series.dtype}\0".encode())
            for data in _canonical(series):
                digest.update(data)
    return digest.hexdigest()[:HASH_LENGTH]


def _canonical(series: pl.Series) -> Iterator[bytes]:
    """The values of a column as bytes: where it is null, then what is there, little-endian."""
    yield np.packbits(series.is_null().to_numpy()).tobytes()
    there = series.drop_nulls()
    if series.dtype == pl.String:
        yield there.str.len_bytes().to_numpy().astype("<u4").tobytes()
        yield (there.str.join("").item() or "").encode()
    elif series.dtype.is_float():
        numbers = there.to_numpy().astype("<f8") + 0.0  # −0.0 is 0.0
        numbers[np.isnan(numbers)] = np.nan
        yield numbers.tobytes()
    else:
        yield there.to_numpy().astype("<i8").tobytes()


def _sorted(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort(frame.columns) if frame.height else frame


def _write(folder: Path, hash: str, inventory: Inventory, parts: Mapping[str, pl.DataFrame],
           report: Mapping[str, Any] | None) -> None:
    """Fill `folder` with a snapshot and see it onto the disk; the manifest comes last."""
    files = {}
    for name, frame in parts.items():
        buffer = io.BytesIO()
        frame.write_parquet(buffer, compression="zstd")
        _save(folder / f"{name}.parquet", buffer.getvalue())
        files[name] = {"rows": frame.height, "sha256": hashlib.sha256(buffer.getvalue()).hexdigest()}
    if report is not None:
        _save(folder / "report.json", json.dumps({**report, "hash": hash}, ensure_ascii=False, indent=1).encode())
    manifest = {
        "format": FORMAT, "name": inventory.name, "version": inventory.version, "hash": hash,
        "depends": list(inventory.depends), "licence": inventory.licence,
        "created": datetime.now(UTC).isoformat(), "files": files,
    }
    _save(folder / "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1).encode())
    _sync(folder)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError) as error:
        raise _damaged(folder / "manifest.json") from error
    if manifest.get("format") != FORMAT:
        raise InvalidInputError(f"has layout {manifest.get('format')}, this version reads {FORMAT}.",
                                where=str(folder), fix="import the database again.")
    return manifest


def _snapshot(folder: Path) -> Snapshot:
    manifest = _manifest(folder)
    rows = {name: entry["rows"] for name, entry in manifest["files"].items()}
    return Snapshot(manifest["name"], manifest["hash"], folder, manifest["version"],
                    datetime.fromisoformat(manifest["created"]), rows, tuple(manifest["depends"]))


def _read(folder: Path, part: str, manifest: Mapping[str, Any]) -> pl.DataFrame:
    path = folder / f"{part}.parquet"
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise _damaged(path) from error
    if hashlib.sha256(data).hexdigest() != manifest["files"][part]["sha256"]:
        raise _damaged(path)
    return pl.read_parquet(io.BytesIO(data))


def _whole(folder: Path) -> bool:
    """Whether a snapshot is there and every file as it was written."""
    try:
        manifest = _manifest(folder)
        for part in manifest["files"]:
            _read(folder, part, manifest)
    except InvalidInputError:
        return False
    return True


def _damaged(path: Path) -> InvalidInputError:
    return InvalidInputError("is missing or not as it was written.", where=str(path),
                             fix="import the database again, or make another version live.")


def _save(path: Path, data: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Wait until the disk has the names in `folder`; Windows keeps them by itself."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock of the operating system on `path`, which ends with the process at the latest."""
    with path.open("ab") as file:
        if sys.platform == "win32":
            import msvcrt

            while True:
                try:
                    file.seek(0)
                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                    break
                except OSError:
                    time.sleep(0.05)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file gives the lock back
