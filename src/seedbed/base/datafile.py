"""Reading a YAML data file into its schema, with errors that name file, key and fix."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from seedbed.base.errors import InvalidInputError
from seedbed.base.kept import home

M = TypeVar("M", bound=BaseModel)
N = TypeVar("N", bound=Any)  # a schema with an `id`
if TYPE_CHECKING:
    _BASE = yaml.SafeLoader
else:
    _BASE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):
    """Refuses a key that stands twice, of which plain YAML keeps the last; a day that is none names its line."""

    def flatten_mapping(self, node: Any) -> None:
        if not getattr(node, "seen", False):  # what is merged into it afterwards may stand in it too
            names: set[tuple[str, str]] = set()
            node.seen = True
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and (key.tag, key.value) in names:
                    raise yaml.constructor.ConstructorError(None, None, f"the key {key.value!r} stands twice",
                                                            key.start_mark)
                if isinstance(key, yaml.ScalarNode) and not key.tag.endswith(":merge"):
                    names.add((key.tag, key.value))
        super().flatten_mapping(node)

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        above: Any = super()  # whose types leave this one out
        try:
            return above.construct_object(node, deep)
        except (ValueError, OverflowError) as error:
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error


def is_dict(raw: object) -> TypeGuard[dict[Any, Any]]:
    """Whether what was read is a mapping, whose keys and values then are anything until they are checked."""
    return isinstance(raw, dict)


def is_mapping(raw: object) -> TypeGuard[Mapping[Any, Any]]:
    """The same of what a caller gives, which may be a mapping of another kind."""
    return isinstance(raw, Mapping)


def is_list(raw: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """The same of a list, or what a schema has made a tuple of."""
    return isinstance(raw, list | tuple)


def load_yaml(path: Path) -> object:
    """Parse one YAML file; errors name the line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError("is not UTF-8 text.", where=path.name, fix="save it as YAML in UTF-8.") from error
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise InvalidInputError(
            f"is not valid YAML ({getattr(error, 'problem', error)}).",
            where=f"{path.name}{line}",
            fix="correct the indentation or quoting there.",
        ) from error


def load(path: Path, schema: type[M]) -> M:
    """Read `path` into `schema`; raises InvalidInputError with file, key and fix."""
    return parse(load_yaml(path), schema, where=path.name)


def load_folder(folder: Path, schema: type[N]) -> dict[str, N]:
    """Every YAML file of `folder` by id, in id order; a file's name must be the id of what it holds."""
    return {path.stem: _named(path, schema) for path in sorted(folder.glob("*.yaml"))}


def _named(path: Path, schema: type[N]) -> N:
    thing = load(path, schema)
    if thing.id != path.stem:
        raise InvalidInputError(f"id {thing.id!r} differs from the file name.", where=path.name,
                                fix=f"name the file {thing.id}.yaml.")
    return thing


def with_own(shipped: dict[str, N], kind: str, schema: type[N], *, whole: bool = True,
             named: str = "") -> dict[str, N]:
    """What ships, and what the user has in the folder `kind` of the home, by id; read again when a file changes.

    A file that cannot be read is an error where the `whole` is asked for, or what it is `named`; else what it holds is
    not there.
    """
    folder = home() / kind
    stamp = tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.yaml")))
    if not stamp:
        return shipped
    found, broken = _own(folder, stamp, schema, frozenset(shipped))
    for name, error in broken.items():
        if whole or name == named:
            raise error
    return shipped | found


@lru_cache(maxsize=8)
def _own(folder: Path, stamp: tuple[tuple[str, int], ...], schema: type[N], taken: frozenset[str]) -> tuple[
        dict[str, N], dict[str, InvalidInputError]]:
    """What the files of the user's hold, and why some cannot be read, by their names."""
    found: dict[str, N] = {}
    broken: dict[str, InvalidInputError] = {}
    for name, _ in stamp:
        path = folder / name
        try:
            if path.stem in taken:
                raise InvalidInputError(f"{path.stem} is the id of one that ships.", where=str(path),
                                        fix="give yours another id and file name.")
            found[path.stem] = _named(path, schema)
        except InvalidInputError as error:
            broken[path.stem] = error
    return found, broken


def parse(raw: object, schema: type[M], *, where: str) -> M:
    """Validate `raw` against `schema`; `where` names the file or option in errors."""
    try:
        return schema.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "(top level)"
        count = error.error_count()
        more = f" ({count - 1} more problems in this file)" if count > 1 else ""
        last = key.rsplit(".", 1)[-1]
        fix = (f"add the key {last!r}." if first["type"] == "missing" else
               f"remove or rename {last!r}; it is not part of the schema." if first["type"] == "extra_forbidden" else
               f"write a value of the stated form at {key!r}.")
        raise InvalidInputError(f"{first['msg']}{more}.", where=f"{where}, key {key}", fix=fix) from error

