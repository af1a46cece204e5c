"""The chain: canonical JSON (RFC 8785) and SHA-256 over each event and the one before it in its stream."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import rfc8785
from pydantic import BaseModel

from seedbed.base.errors import InvalidInputError

START = "0" * 64
"""The hash before the first event of a stream."""


def canonical(body: object) -> str:
    """The one way to write `body` as JSON: RFC 8785. Raises InvalidInputError for what JSON cannot hold."""
    if _plain(body):  # the standard encoder writes these just so, many times faster
        return _WRITE(body)
    try:
        return rfc8785.dumps(body).decode()  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, TypeError) as error:
        raise InvalidInputError(f"cannot be written as JSON ({error}).", where="body",
                                fix="use text, whole numbers, lists and mappings.") from error


_WRITE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"),
                          check_circular=False).encode
_SAFE = 2**53  # the largest whole number that RFC 8785 writes


def _plain(body: object) -> bool:
    """Whether code points sort the keys as UTF-16 does, and no number needs ECMAScript's form."""
    kind = type(body)
    if kind is str:
        return body.isascii() or not any("\ud800" <= c <= "\udfff" for c in body)  # type: ignore[union-attr]
    if kind is dict:
        return all(type(key) is str and (key.isascii() or max(key) < "\ud800") and _plain(value)
                   for key, value in body.items())  # type: ignore[union-attr]
    if kind is list:
        return all(map(_plain, body))  # type: ignore[call-overload]
    return body is None or kind is bool or (kind is int and -_SAFE < body < _SAFE)  # type: ignore[operator]


def sha256(text: str) -> str:
    """The SHA-256 of UTF-8 text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def linked(before: str, row: Mapping[str, Any]) -> str:
    """The hash of a row after `before`: sha256(before ‖ canonical row)."""
    return sha256(before + canonical(dict(row)))


def recorded(value: object) -> Any:
    """`value` as an event holds it: exact numbers and days as text, nothing approximate."""
    if isinstance(value, BaseModel):
        return recorded({name: getattr(value, name) for name in type(value).model_fields})
    if isinstance(value, Mapping):
        return {str(key): recorded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [recorded(one) for one in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    return value
