"""Fields of JSON objects: of the type they should have, or nothing."""

from __future__ import annotations

import math
from typing import Any

Json = dict[str, Any]
OWN = "seedbed"
"""Key in `otherProperties`, and name of the file of what the package says of the database as a whole."""


def _text(obj: Any, key: str) -> str | None:
    value = obj.get(key) if isinstance(obj, dict) else None
    return (value.strip() or None) if isinstance(value, str) else None


def _ref(obj: Json, key: str) -> str | None:
    """Id of the object that a reference leads to."""
    return _text(obj.get(key), "@id")


def _list(obj: Json, key: str) -> list[Json]:
    value = obj.get(key)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _length(obj: Json, key: str) -> int:
    """Entries of a list, whatever they are."""
    value = obj.get(key)
    return len(value) if isinstance(value, list) else 0


def _flag(obj: Json, key: str, former: str) -> bool:
    """A yes or no by its name since version 2, or its former one; absent is no, as openLCA reads it."""
    return obj.get(key, obj.get(former)) is True


def _number(value: Any) -> float | None:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        return float(value) if plain and math.isfinite(value) else None
    except OverflowError:
        return None


def _own(obj: Json) -> Json:
    """What `otherProperties` says of the object's columns."""
    found = obj.get("otherProperties")
    found = found.get(OWN) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _part(own: Json, key: str, position: int) -> Json:
    """What it says of the columns of one entry of a list."""
    for step in ("rows", key, str(position)):
        own = own.get(step, {})
        if not isinstance(own, dict):
            return {}
    return own
