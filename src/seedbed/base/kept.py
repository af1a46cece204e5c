"""What is kept: where, written whole or not at all, and by which code it was made.

One home holds what users make: `databases/`, `plans/` and `fits.json`. It is `SEEDBED_HOME`, else the user's data
folder of the platform; what can be made again at any time lies in the cache. Nothing is ever written into the
installed package.
"""

from __future__ import annotations

import ast
import errno
import hashlib
import io
import json
import os
import platform
import re
import shutil
import signal
import sys
import tokenize
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import count
from pathlib import Path
from threading import Lock

from seedbed.base.errors import InvalidInputError

PACKAGE = Path(__file__).parent.parent
_number = count()
_making: dict[Path, list[Path]] = {}
PARSING = Lock()  # Python 3.11 counts the depth of a syntax tree for all threads together, and fails when two parse


def home() -> Path:
    """The folder of what users keep; it need not exist yet."""
    return _own("SEEDBED_HOME", "XDG_DATA_HOME", ".local/share")


def cache() -> Path:
    """The folder of what can be made again."""
    return home() / "cache" if os.environ.get("SEEDBED_HOME") else _own("", "XDG_CACHE_HOME", ".cache")


def programs() -> Path | None:
    """The folder of compiled programs; None where SEEDBED_CACHE is set to nothing, so that none is kept."""
    named = os.environ.get("SEEDBED_CACHE")
    if named is None:
        return cache() / "programs"
    return Path(named) if named else None


def quiet() -> None:
    """Keep compiled programs between runs (SEEDBED_CACHE, "" switches it off) and silence JAX's start-up notes."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("JAX_PLATFORMS", "")
    if kept := programs():
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(kept))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.5")


def _own(named: str, xdg: str, usual: str) -> Path:
    if given := os.environ.get(named):
        return Path(given)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / ("Caches" if xdg == "XDG_CACHE_HOME" else "Application Support")
    else:
        base = Path(os.environ.get(xdg) or Path.home() / usual)
    return base / "seedbed"


@contextmanager
def whole_folder(target: Path) -> Generator[Path]:
    """A fresh folder beside `target` that takes its name when the block ends well, and vanishes otherwise."""
    if target.exists() and not target.is_dir():
        raise InvalidInputError("is a file.", where=str(target), fix="name a folder.")
    with _beside(target) as work:
        work.mkdir()
        yield work
        target.mkdir(exist_ok=True)
        for made in work.iterdir():
            if (target / made.name).is_dir():
                raise _folder(target / made.name)
        for made in sorted(work.iterdir()):
            os.replace(made, target / made.name)


def whole_file(target: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file (or folder) beside `target`, of the same suffix, that then takes its place.

    A file never takes the place of a folder: InvalidInputError.
    """
    with _beside(target) as work:
        try:
            write(work)
        except Exception as error:  # what libxml2 makes of a full disk, below Excel's files
            if not str(error).startswith("IO_"):
                raise
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from error
        if target.is_dir():
            if not work.is_dir():
                raise _folder(target)
            shutil.rmtree(target)
        os.replace(work, target)


def ready(target: Path) -> None:
    """Make sure, before long work, that a file can be written at `target`. Raises OSError, or InvalidInputError."""
    if target.is_dir():
        raise _folder(target)
    with _beside(target) as work:
        work.write_bytes(bytes(4096))


def _folder(target: Path) -> InvalidInputError:
    return InvalidInputError("is a folder.", where=str(target), fix="name a file in it.")


@contextmanager
def _beside(target: Path) -> Generator[Path]:
    """The name of what is being made beside `target`, which is gone at the end, and so are folders made in vain.

    What dead processes of this machine left there is cleared.
    """
    if not target.name or "\0" in str(target):
        raise InvalidInputError("names no file.", where=repr(str(target)), fix="write a path with a name at its end.")
    fresh = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    ours = f".part-{hashlib.sha256(platform.node().encode()).hexdigest()[:6]}-"
    for left in target.parent.glob(f"{ours}*"):
        owner = left.name.removeprefix(ours).partition("-")[0]
        if owner.isdigit() and not _alive(int(owner)):
            _remove(left)
    work = target.with_name(f"{ours}{os.getpid()}-{next(_number)}-{target.name}")
    _making[work] = fresh
    try:
        yield work
    finally:
        _clear(work)


def _clear(work: Path) -> None:
    _remove(work)
    with suppress(OSError):
        for folder in _making.pop(work, ()):
            folder.rmdir()


def end_when_asked() -> None:
    """From now on a request to end (SIGTERM, Ctrl-C) ends this process at once, with 143 or 130, and what it was making
    is gone.

    Nothing is raised for it: in the midst of native code an exception is lost, or the process dies of it.
    """
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)


def _end(number: int, _: object) -> None:
    for work in list(_making):
        with suppress(OSError):
            _clear(work)
    os._exit(128 + number)


def _remove(made: Path) -> None:
    if made.is_dir():
        shutil.rmtree(made, ignore_errors=True)
    else:
        made.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    if sys.platform == "win32":  # there a signal 0 would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def write_json(path: Path, content: object) -> None:
    """Write `content`, whole or not at all, with rows of numbers on one line each."""
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    text = re.sub(r"\[([-\d.,e\s]|null)+\]", lambda found: re.sub(r"\s+", " ", found[0]), text)
    whole_file(path, lambda work: work.write_text(text + "\n", encoding="utf-8"))


def code_sha256(*modules: str) -> str:
    """Hash of the code of `modules` and of all that they import from Seedbed, to any depth.

    Docstrings and comments do not count: they change no number.
    """
    with PARSING:
        return _code_sha256(modules)


@lru_cache(maxsize=64)
def _code_sha256(modules: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for name in sorted(closure(*modules)):
        digest.update(f"\0{name}\0{_said(name)}".encode())
    return digest.hexdigest()


def closure(*modules: str) -> set[str]:
    """`modules` and all modules of Seedbed that they import, to any depth."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in found and _file(name):
            found.add(name)
            waiting += _imports(name)
    return found


def _file(module: str) -> Path | None:
    """The file of a module or package; None where the name is neither."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()), None)


@lru_cache(maxsize=512)
def _source(module: str) -> str:
    path = _file(module)
    assert path is not None
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _imports(module: str) -> tuple[str, ...]:
    """What a module imports when it runs: `from a import b` may mean the module a.b or a name in a."""
    return tuple(_imported(module))


def _imported(module: str) -> Iterator[str]:
    waiting: list[ast.AST] = [ast.parse(_source(module))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("seedbed."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("seedbed"):
            for alias in node.names:
                yield from (f"{node.module}.{alias.name}", str(node.module))


@lru_cache(maxsize=512)
def _said(module: str) -> str:
    """The lines of a module without docstrings, comments and empty lines."""
    text = _source(module)
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines[node.lineno - 1: node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)  # type: ignore[operator]
    return "\n".join(line.rstrip() for line in lines if line.strip())
