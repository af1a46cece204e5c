"""Files that are broken in any way are refused in words, or read with what is wrong named: never a traceback."""

from __future__ import annotations

import io
import json
import random
import re
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats import reader, writer
from seedbed.lifecycle.gate.importing import import_database
from seedbed.lifecycle.gate.judging import judge
from seedbed.lifecycle.inventory.store import Store
from seedbed.lifecycle.inventory.tables import Reading

from .test_ecospold1 import STEEL, dataset, exchange
from .test_ecospold2 import NS, activity, nature, product
from .test_roundtrip import everything
from .test_simapro import FOUNDRY, HEADER

Files = dict[str, bytes]
JUNK = (
    "", " ", "x", "0", "-1", "nan", "1e999", "9" * 40, "null", "一", "\ufffe", "1,5", "(1;2", "2 ^ 9999", "&", "<", '"',
)
VALUE = re.compile(rb'(?<=>)[^<>]+(?=<)|(?<=")[^"<>]*(?=")|(?<=;)[^;\n]*(?=;)|(?<=,)[^,\n]*(?=,)|-?\d+(\.\d+)?')
READERS: dict[str, Callable[[Path], Reading]] = {
    "ilcd": reader("ilcd"), "jsonld": reader("jsonld"), "template": reader("template"),
    "brightway": reader("brightway"), "ecospold1": reader("ecospold1"), "ecospold2": reader("ecospold2"),
    "simapro": reader("simapro"),
}


@cache
def sample(format: str, folder: Path) -> Files:
    """The files of a small package that is sound."""
    folder = folder / format
    folder.mkdir()
    if format == "ecospold1":
        text = dataset(STEEL + exchange(2, "Coke", "0.4", "i5") + exchange(3, "Carbon dioxide", "1.8", "o4"))
        return {"a.xml": f'<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01">{text}</ecoSpold>'.encode()}
    if format == "ecospold2":
        rows = product("steel", "1", "o0") + product("coke", "0.4", "i5")
        names = f'<validGeographies {NS}><geography id="geo-1"><shortname>CN</shortname></geography></validGeographies>'
        text = activity(rows + nature("co2", "1.8", "o4", ("air", "unspecified")))
        return {"a.spold": text.encode(), "MasterData/Geographies.xml": names.encode()}
    if format == "simapro":
        head = HEADER.replace("{separator}", "Semicolon").replace("{decimal}", ",")
        return {"a.csv": (head + FOUNDRY).encode()}
    if format == "template":
        writer("csv")(everything(), folder / "form")
    elif format == "brightway":
        writer("brightway")(everything(), folder)
    else:
        writer(format)(everything(), folder / "a.zip")
    for package in folder.glob("*.zip"):
        with zipfile.ZipFile(package) as archive:
            archive.extractall(folder / package.stem)
        package.unlink()
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.*"))
            if path.is_file()}


def damaged(name: str, content: bytes, rng: random.Random) -> bytes:
    """The `content` of a file with something cut, doubled, flipped or written over."""
    start = rng.randrange(len(content) + 1)
    end = min(len(content), start + rng.choice((1, 5, 50, 500)))
    match rng.randrange(6):
        case 0:
            return content[:start]
        case 1:
            return content[:start] + content[end:]
        case 2:
            return content[:end] + content[start:]
        case 3:
            return content[:start] + bytes([rng.randrange(256)]) + content[start + 1 :]
    junk = rng.choice(JUNK).encode()
    if name.endswith(".json"):
        return json.dumps(_replaced(json.loads(content), rng)).encode()
    found = list(VALUE.finditer(content))
    spot = rng.choice(found) if found else None
    return content[: spot.start()] + junk + content[spot.end() :] if spot else junk


def _replaced(value: Any, rng: random.Random) -> Any:
    """A JSON value with one of its parts replaced by something else."""
    if isinstance(value, dict | list) and value and rng.random() < 0.8:
        key = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
        copy: Any = value.copy()
        copy[key] = _replaced(value[key], rng)
        return copy
    return rng.choice((None, [], {}, [None], {"x": []}, "x", "", -1, 2**70, 1.5, float("nan"), True))


def attempt(read: Callable[[Path], Reading], path: Path) -> None:
    """Read and judge; refused in words is fine."""
    with suppress(InvalidInputError):
        judge(read(path))


@cache
def package(name: str, folder: Path) -> bytes:
    """A sound package as one file."""
    path = folder / name
    if name == "brightway.zip":
        writer("brightway")(everything(), folder / "brightway-zip")
        path = folder / "brightway-zip" / "inventory.zip"
    elif name == "ilcd.tar.xz":
        with tarfile.open(path, "w:xz") as archive:
            for inside, content in sample("ilcd", folder).items():
                info = tarfile.TarInfo(inside)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    else:
        writer({"ilcd.zip": "ilcd", "json.zip": "jsonld", "form.xlsx": "xlsx"}[name])(everything(), path)
    return path.read_bytes()


@pytest.mark.parametrize("name", ["ilcd.zip", "ilcd.tar.xz", "json.zip", "form.xlsx", "brightway.zip"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_damaged_archive_would_crash(name: str, tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    rng = random.Random(seed)
    folder = tmp_path_factory.mktemp("damaged")
    content = package(name, tmp_path_factory.getbasetemp())
    start = rng.randrange(len(content))
    cut = content[:start] + bytes(rng.randrange(256) for _ in range(rng.choice((0, 1, 30)))) + content[start + 40 :]
    (folder / name).write_bytes(content[:start] if rng.random() < 0.3 else cut)
    with suppress(InvalidInputError):
        import_database(folder / name, Store(folder / "home"), quarantine=True)


@pytest.mark.parametrize("format", READERS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_broken_file_would_crash(format: str, tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    base = tmp_path_factory.getbasetemp()
    rng = random.Random(seed)
    files = dict(sample(format, base))
    for name in rng.sample(sorted(files), min(len(files), rng.choice((1, 1, 3)))):
        files[name] = damaged(name, files[name], rng)
    folder = tmp_path_factory.mktemp("broken")
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    attempt(READERS[format], folder)
