"""Verification: every event hashes to what is written and follows the one before; tables say what events say."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from seedbed.operate.record import tables
from seedbed.operate.record.chain import START, canonical, linked, sha256
from seedbed.operate.record.ledger import trial
from seedbed.operate.record.nouns import NOUNS
from seedbed.operate.record.store import Store


class Verdict(NamedTuple):
    """What verification found. `broken` names the first broken place, if any; `seal` stands for the whole record."""

    events: int
    streams: int
    transfers: int
    broken: str | None
    seal: str


def verify(store: Store) -> Verdict:
    """Check the whole record in one consistent view. Event by event; memory does not grow with the record."""
    with store.reading() as connection:
        counts: dict[str, int] = {"events": 0, "streams": 0, "transfers": 0}
        broken = next(_problems(connection, counts), None)
        heads = connection.execute(sa.select(tables.head).order_by(tables.head.c.stream))
        seal = sha256(canonical([[row.stream, row.number, row.hash] for row in heads]))
    return Verdict(counts["events"], counts["streams"], counts["transfers"], broken, seal)


def _problems(connection: sa.Connection, counts: dict[str, int]) -> Iterator[str]:
    yield from _chains(connection, counts)
    yield from _transfers(connection, counts)
    yield from _rows(connection)
    yield from _balances(connection)
    yield from _blocks(connection)
    for name, total in trial(connection).items():
        if total:
            yield f"asset {name}: its accounts add up to {total}, not zero"


def _chains(connection: sa.Connection, counts: dict[str, int]) -> Iterator[str]:
    heads = {row.stream: row for row in connection.execute(sa.select(tables.head))}
    events = tables.event
    stream, number, before = None, 0, START
    asked = sa.select(events).order_by(events.c.stream, events.c.number).execution_options(yield_per=2000)
    for row in connection.execute(asked):
        if row.stream != stream:
            if stream is not None:
                yield from _ends(stream, number, before, heads)
            stream, number, before = row.stream, 0, START
            counts["streams"] += 1
        here = f"{row.stream}#{row.number}"
        if row.number != number + 1:
            yield f"{row.stream}#{number + 1} is missing"
        body = json.loads(row.body)
        if row.before != before:
            yield f"{here} does not follow the event before it"
        said = {"stream": row.stream, "number": row.number, "kind": row.kind, "on": row.on_day.isoformat(),
                "at": row.at, "by": row.by, "about": row.about, "body": body, "key": row.key}
        if linked(before, said) != row.hash:
            yield f"{here} was changed: its hash is another"
        number, before = row.number, row.hash
        counts["events"] += 1
    if stream is not None:
        yield from _ends(stream, number, before, heads)
    for name in heads:
        yield f"{name}#1 is missing"


def _ends(stream: str, number: int, before: str, heads: dict[str, Any]) -> Iterator[str]:
    head = heads.pop(stream, None)
    if head is None:
        yield f"{stream} has no head"
    elif (head.number, head.hash) != (number, before):
        yield f"{stream}#{head.number} is missing"


def _transfers(connection: sa.Connection, counts: dict[str, int]) -> Iterator[str]:
    """Transfers as their events tell them, and entries as transfers make them."""
    t, e = tables.transfer, tables.event
    entries: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in connection.execute(sa.select(tables.entry.c.transfer, tables.entry.c.account, tables.entry.c.amount)):
        entries[row.transfer].append((row.account, row.amount))
    asked = sa.select(t, e.c.body).join(e, sa.and_(e.c.stream == t.c.stream, e.c.number == t.c.number))
    for row in connection.execute(asked.execution_options(yield_per=2000)):
        counts["transfers"] += 1
        body, here = json.loads(row.body), f"transfer {row.id} ({row.stream}#{row.number})"
        said = (body["id"], body["asset"], body["source"], body["target"], int(body["amount"]), body["phase"],
                body.get("closes"), body.get("voids"), body.get("expires"), body.get("lot"), body["on"],
                body.get("serials"))
        is_ = (row.id, row.asset, row.source, row.target, row.amount, row.phase, row.closes, row.voids, row.expires,
               row.lot, row.on_day.isoformat(), json.loads(row.serials) if row.serials else None)
        if said != is_:
            yield f"{here} is not what its event says"
        made = sorted(entries.pop(row.id, []))
        due = [(row.source, -row.amount), (row.target, row.amount)] if row.phase == "posted" else []
        if made != sorted(due):
            yield f"{here} has other entries than it makes"
    for name in entries:
        yield f"transfer {name} has entries and no event"
    said_events = connection.execute(sa.select(sa.func.count()).select_from(e).where(
        e.c.kind == "transfer.posted@1")).scalar_one()
    if said_events != counts["transfers"]:
        yield f"{said_events} events tell of transfers, {counts['transfers']} transfers are there"


def _rows(connection: sa.Connection) -> Iterator[str]:
    """Nouns, uses, assets and accounts as their events tell them, and none that is told of is gone."""
    e = tables.event
    for table, kinds in TOLD.items():
        told, there = (connection.execute(sa.select(sa.func.count()).select_from(what)).scalar_one() for what in (
            sa.select(e).where(e.c.kind.in_(kinds)).subquery(), table))
        if told != there:
            yield f"{told} events tell of {table.name}s, {there} are there"
    for table, fields in ((tables.asset, ("unit", "digits", "serial")),
                          (tables.account, ("owner", "asset", "negative"))):
        asked = sa.select(table, e.c.body.label("told")).join(e, sa.and_(
            e.c.kind == f"{table.name}.opened@1", e.c.about == table.c.id))
        for row in connection.execute(asked.execution_options(yield_per=2000)):
            body = json.loads(row.told)
            if any(body[name] != row._mapping[name] for name in fields):
                yield f"{table.name} {row.id} is not what its event says"
    for table, told in ((tables.noun, _noun), (tables.use, _use)):
        asked = sa.select(table, e.c.body.label("told")).join(
            e, sa.and_(e.c.stream == table.c.stream, e.c.number == table.c.number))
        for row in connection.execute(asked.execution_options(yield_per=2000)):
            if not told(row, json.loads(row.told)):
                yield f"{table.name} {row.id} ({row.stream}#{row.number}) is not what its event says"


TOLD = {tables.noun: tuple(f"{kind}.{verb}@1" for kind in NOUNS for verb in ("recorded", "superseded")),
        tables.use: ("use.taken@1",), tables.asset: ("asset.opened@1",), tables.account: ("account.opened@1",)}
"""Tables and the events that each of their rows comes from."""


def _noun(row: Any, body: dict[str, Any]) -> bool:
    return row.version == row.number and json.loads(row.body) == body


def _use(row: Any, body: dict[str, Any]) -> bool:
    return all(body[name] == (value.isoformat() if name in ("start", "end") else value)
               for name in ("id", "source", "unit", "start", "end", "low", "high", "instrument", "by")
               for value in (row._mapping[name],))


def _balances(connection: sa.Connection) -> Iterator[str]:
    """Entries numbered without a gap, each balance the sum so far, and the account at the last."""
    found: dict[str, tuple[int, int]] = {}
    asked = sa.select(tables.entry).order_by(tables.entry.c.account, tables.entry.c.version)
    for row in connection.execute(asked.execution_options(yield_per=2000)):
        version, total = found.get(row.account, (0, 0))
        if row.version != version + 1 or row.after != total + row.amount:
            yield f"account {row.account}, entry {row.version}: it does not follow the one before"
        found[row.account] = row.version, row.after
    for row in connection.execute(sa.select(tables.account)):
        if (row.version, row.balance) != found.get(row.id, (0, 0)):
            yield f"account {row.id} holds {row.balance}, its entries add up to {found.get(row.id, (0, 0))[1]}"
        if row.balance < 0 and not row.negative:
            yield f"account {row.id} is below zero"


def _blocks(connection: sa.Connection) -> Iterator[str]:
    """Blocks of an asset follow one another without gap or overlap, and add up to what accounts hold."""
    last: dict[str, int] = defaultdict(int)
    held: dict[str, int] = defaultdict(int)
    for row in connection.execute(sa.select(tables.block).order_by(tables.block.c.asset, tables.block.c.first)):
        if row.first != last[row.asset] + 1:
            yield f"block {row.asset} {row.first}–{row.last} does not follow {last[row.asset]}"
        last[row.asset] = row.last
        held[row.account] += row.last - row.first + 1
    a = tables.account
    asked = sa.select(a).join(tables.asset, tables.asset.c.id == a.c.asset).where(tables.asset.c.serial, ~a.c.negative)
    for row in connection.execute(asked):
        if held[row.id] != row.balance:
            yield f"account {row.id} holds {row.balance} units and {held[row.id]} numbers"
