"""Reading a YAML data file into its schema, with errors that name file, key and fix."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from seedbed.base.errors import InvalidInputError

M = TypeVar("M", bound=BaseModel)
N = TypeVar("N", bound=Any)  # a schema with an `id`
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(path: Path) -> object:
    """Parse one YAML file; syntax errors name the line."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
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
    found: dict[str, N] = {}
    for path in sorted(folder.glob("*.yaml")):
        thing = load(path, schema)
        if thing.id != path.stem:
            raise InvalidInputError(f"id {thing.id!r} differs from the file name.", where=path.name,
                                    fix=f"name the file {thing.id}.yaml.")
        found[thing.id] = thing
    return found


def parse(raw: object, schema: type[M], *, where: str) -> M:
    """Validate `raw` against `schema`; `where` names the file or option in errors."""
    try:
        return schema.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "(top level)"
        count = error.error_count()
        more = f" ({count - 1} more problems in this file)" if count > 1 else ""
        raise InvalidInputError(
            f"{first['msg']}{more}.", where=f"{where}, key {key}", fix=_fix(first["type"], key)
        ) from error


def _fix(kind: str, key: str) -> str:
    if kind == "missing":
        return f"add the key {key.rsplit('.', 1)[-1]!r}."
    if kind == "extra_forbidden":
        return f"remove or rename {key.rsplit('.', 1)[-1]!r}; it is not part of the schema."
    return f"write a value of the stated form at {key!r}."
