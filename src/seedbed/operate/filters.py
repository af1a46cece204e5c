"""Filters of product footprints: any of the values within a parameter, all of the parameters; no difference of case.

The meaning is that of PACT v3, §8.3: `validOn` lies within the validity, both ends included; `validAfter` and
`validBefore` are strict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from seedbed.base.errors import InvalidInputError, UnknownNameError

Record = Mapping[str, Any]


def _among(*fields: str) -> Callable[[Record, str], bool]:
    def test(record: Record, value: str) -> bool:
        found = [record[field] for field in fields if record.get(field)]
        every = [one for some in found for one in (some if isinstance(some, list | tuple) else (some,))]
        return value.casefold() in {str(one).casefold() for one in every}
    return test


def moment(text: str) -> datetime:
    """A moment as ISO 8601 writes it; a plus sign that a form turned into a space is read as a plus."""
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "+") if text.count(" ") == 1 and "T" in text else text)
    except ValueError:
        raise InvalidInputError(f"{text!r} is no moment.", where="filter", fix="write 2026-01-01T00:00:00Z.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


FILTERS: dict[str, Callable[[Record, str], bool]] = {
    "productId": _among("productIds"), "companyId": _among("companyIds"),
    "geography": _among("country", "region", "subdivision"), "classification": _among("classifications"),
    "status": _among("status"),
    "validOn": lambda record, at: moment(record["start"]) <= moment(at) <= moment(record["end"]),
    "validAfter": lambda record, at: moment(record["start"]) > moment(at),
    "validBefore": lambda record, at: moment(record["end"]) < moment(at),
}
"""Parameters of a query by name, each a test of a record and one value."""


def chosen(records: Sequence[Record], query: str) -> list[Record]:
    """The records that a query string asks for. Raises UnknownNameError for a parameter that is none."""
    asked: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in FILTERS:
            raise UnknownNameError("filter", name, FILTERS)
        asked.setdefault(name, []).append(value)
    return [record for record in records
            if all(any(FILTERS[name](record, value) for value in values) for name, values in asked.items())]
