"""A station takes what it accepts, while it is open."""

from __future__ import annotations

import re

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.operate.assess import Book


def steps(book: Book) -> None:
    """Refuse a weigh-in that its station could not have taken."""
    stations = {row["station"]: row for row in book.tables["stations"]}
    for n, event in enumerate(book.tables["events"], start=1):
        if not event["station"]:
            continue
        where = f"events {n}"
        if event["station"] not in stations:
            raise UnknownNameError(f"station ({where})", event["station"], stations)
        station = stations[event["station"]]
        if event["material"] not in re.split(r"\W+", station["accepts"]):
            raise InvalidInputError(f"{event['station']} does not accept {event['material']}.", where=where,
                                    fix=f"it accepts {station['accepts']}.")
        if not station["opens"] <= event["hour"] <= station["closes"]:
            raise InvalidInputError(f"{event['station']} is closed at {event['hour']} h.", where=where,
                                    fix=f"it is open from {station['opens']} to {station['closes']} h.")
