"""Persons: a pseudonymous id in the record; name and contact apart, erasable, with only their digest in the chain."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.operate.record.chain import canonical, sha256
from seedbed.operate.record.store import Draft, Store, append
from seedbed.operate.record.tables import contact as contacts

LEAST = 20
"""Persons behind every aggregate that leaves (k-anonymity)."""
R = TypeVar("R")


def keep(store: Store, connection: sa.Connection, person: str, data: Mapping[str, str], *, by: str, on: date) -> str:
    """Keep the contact of a person; the digest that the chain holds (salted, so that it cannot be guessed back)."""
    salt = secrets.token_hex(16)
    text = canonical(dict(data))
    digest = sha256(salt + text)
    erase_row = sa.delete(contacts).where(contacts.c.person == person)
    connection.execute(erase_row)
    connection.execute(sa.insert(contacts), {"person": person, "salt": salt, "data": text})
    append(store, connection, [Draft(f"person:{person}", "person.kept@1", on, by, person, {"digest": digest})])
    return digest


def erase(store: Store, connection: sa.Connection, person: str, *, by: str, on: date) -> None:
    """Erase the contact of a person, salt and all; the chain stays whole."""
    done = connection.execute(sa.delete(contacts).where(contacts.c.person == person))
    if not done.rowcount:
        raise UnknownNameError("person with a contact", person, ())
    append(store, connection, [Draft(f"person:{person}", "person.erased@1", on, by, person, {})])


def contact(connection: sa.Connection, person: str) -> tuple[dict[str, str], str] | None:
    """The contact of a person and its digest; None once erased."""
    row = connection.execute(sa.select(contacts).where(contacts.c.person == person)).first()
    return (json.loads(row.data), sha256(row.salt + row.data)) if row else None


def aggregated(rows: Iterable[R], group: Callable[[R], str], person: Callable[[R], str],
               value: Callable[[R], Any]) -> tuple[dict[str, Any], int]:
    """Sums by group of at least LEAST persons, and how many persons stand in groups too small to be told.

    A single group that is withheld could be found by subtraction from a total, so the next smallest is withheld too.
    """
    sums: dict[str, Any] = defaultdict(int)
    people: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        sums[group(row)] += value(row)
        people[group(row)].add(person(row))
    hidden = {name for name, who in people.items() if len(who) < LEAST}
    shown = sorted((len(people[name]), name) for name in people if name not in hidden)
    if hidden and shown and sum(len(people[name]) for name in hidden) < LEAST:
        hidden.add(shown[0][1])
    if len(people) == 1 and hidden:
        raise InvalidInputError(f"fewer than {LEAST} persons stand behind this.", where="aggregate",
                                fix="ask for a longer time or a larger place.")
    withheld = set().union(*(people[name] for name in hidden)) if hidden else set()
    return {name: sums[name] for name in sorted(sums) if name not in hidden}, len(withheld)
