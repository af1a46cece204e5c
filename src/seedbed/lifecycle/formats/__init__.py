"""Formats of life-cycle data: the one list of them, and the way to their readers and writers.

A format is a folder here with a module for each direction, whose `read` is lenient and whose `write` reads back
unchanged. Modules are named and imported only when asked for, so that help stays instant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from seedbed.base.errors import InvalidInputError, UnknownNameError

if TYPE_CHECKING:
    from seedbed.lifecycle.inventory.tables import Inventory, Reading

Write = Callable[["Inventory", Path], object]
"""Writes an inventory to a file, or into a folder."""


class Read(Protocol):
    """Reads a file or folder; `name` is by default the source's own, `progress` is told what is done of how much."""

    def __call__(
        self, path: Path, *, name: str | None = None, progress: Callable[[int, int], None] | None = None
    ) -> Reading: ...


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the modules here that read and write it, and the signs by which it is told.

    `label` is its proper name. `folder`: what is written is a folder; `suffix`: a file of this ending is written
    so if nothing else is asked for. `names` and `contents` are patterns of names of files and of their first
    bytes, for `gate.detect`; `{exchanges}` stands for what the form calls its sheet of exchanges.
    """

    name: str
    label: str
    reads: str | None = None
    writes: str | None = None
    folder: bool = False
    suffix: str | None = None
    names: tuple[str, ...] = ()
    contents: tuple[bytes, ...] = ()


FORMATS = {format.name: format for format in (
    Format("ilcd", "ILCD", reads="ilcd.read", writes="ilcd.write", suffix=".zip",
           contents=(rb"(?i)lca\.jrc\.it/ILCD",)),
    Format("ecospold1", "EcoSpold 1", reads="ecospold.one",
           contents=(rb"(?is)\A(?!.*EcoSpold02).*EcoSpold01",)),  # a file that names both is of the second
    Format("ecospold2", "EcoSpold 2", reads="ecospold.two", contents=(rb"(?i)EcoSpold02",)),
    Format("jsonld", "openLCA JSON-LD", reads="jsonld.read", writes="jsonld.write",
           names=(r"(?i)(^|/)(openlca|olca-schema)\.json$",),
           contents=(rb'"@type"\s*:|openlca\.org/schema|greendelta\.github\.io/olca-schema',)),
    Format("simapro", "SimaPro CSV", reads="simapro.read",
           contents=(rb"(?i)\A\W{0,4}(?=\{)(?:\{[^{}\n]*\}\W*)*?\{(SimaPro|CSV (separator|format)|processes\}|methods\}"
                     rb"|product stages\})",)),
    Format("brightway", "Brightway", reads="brightway.read", writes="brightway.write", folder=True,
           names=(r"(^|/)datapackage\.json$", r"(?i)\.bw2package$")),
    Format("template", "Excel/CSV", reads="form.read",
           names=(r"(^|/)xl/workbook\.xml$", r"(?i)(^|/)({exchanges})\.csv$")),
    Format("xlsx", "Excel", writes="form.write", suffix=".xlsx"),
    Format("csv", "CSV", writes="form.write", folder=True),
)}
"""Every format by its name, in the order in which `gate.detect` looks for them."""
READERS = tuple(name for name, format in FORMATS.items() if format.reads)
WRITERS = tuple(name for name, format in FORMATS.items() if format.writes)


def reader(name: str) -> Read:
    """The function that reads the format `name`. Raises UnknownNameError if it is not among READERS."""
    if name not in READERS:
        raise UnknownNameError("format", name, READERS)
    return import_module(f"{__name__}.{FORMATS[name].reads}").read


def writer(name: str) -> Write:
    """The function that writes the format `name`. Raises UnknownNameError if it is not among WRITERS."""
    if name not in WRITERS:
        raise UnknownNameError("format", name, WRITERS)
    return import_module(f"{__name__}.{FORMATS[name].writes}").write


def written_as(path: Path) -> str:
    """The format in which `path` is written if none is named: by its suffix; without one, a folder of CSV files."""
    suffix = path.suffix.lower()
    found = next((name for name in WRITERS if FORMATS[name].suffix and FORMATS[name].suffix == suffix), None)
    if found is None and suffix:
        raise InvalidInputError(f"{suffix} is no kind of file that is written.", where=str(path),
                                fix="end its name in .xlsx or .zip, name a folder, or add --format.")
    return found or "csv"


def check_name(path: Path, format: str) -> None:
    """Raise InvalidInputError where a name is that of a file and the format a folder, or the other way round."""
    entry = FORMATS[format]
    if entry.folder and path.suffix.lower() in (".zip", ".xlsx", ".csv", ".xls", ".json", ".xml"):
        raise InvalidInputError(f"{format} is written as a folder.", where=str(path), fix="name a folder.")
    if entry.suffix and path.suffix.lower() != entry.suffix:
        raise InvalidInputError(f"{format} is written as a {entry.suffix} file.", where=str(path),
                                fix=f"end its name in {entry.suffix}.")
