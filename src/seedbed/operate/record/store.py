"""The store: one database, opened, brought up to date, and written in whole transactions.

SQLite (write-ahead log) in the home of what users keep, or PostgreSQL by SEEDBED_DATABASE=postgresql://…. Only this
folder knows SQLAlchemy. A write is one transaction: what it answers is on disk, what it does not answer has not been.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy import event as listen
from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, OperationalError

from seedbed.base.errors import InvalidInputError
from seedbed.base.kept import home
from seedbed.operate.record import tables
from seedbed.operate.record.chain import START, canonical, linked

T = TypeVar("T")
VARIABLE = "SEEDBED_DATABASE"
MIGRATIONS = Path(__file__).parent / "migrations"
TRIES = 60
BUSY = 30.0  # seconds that a writer waits for another
PIECE = 500  # names asked for in one statement


def url() -> str:
    """The database that is meant: SEEDBED_DATABASE, else journal.sqlite in the home."""
    return os.environ.get(VARIABLE) or f"sqlite:///{home() / 'journal.sqlite'}"


def now() -> datetime:
    """The clock of what is recorded (UTC)."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A moment as the record writes it, so that text sorts as time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Draft(NamedTuple):
    """An event to be appended."""

    stream: str
    kind: str
    on: date
    by: str
    about: str
    body: Mapping[str, Any]
    key: str | None = None


class Place(NamedTuple):
    """Where an event stands."""

    stream: str
    number: int
    at: str

    def __str__(self) -> str:
        return f"{self.stream}#{self.number}"


class Store:
    """A database of the record."""

    def __init__(self, at: str | None = None, clock: Callable[[], datetime] = now) -> None:
        self.url = _driver(at or url())
        self.clock = clock
        self.engine = _engine(self.url)
        self.sqlite = self.engine.dialect.name == "sqlite"
        _up_to_date(self)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent view."""
        with self.engine.connect() as connection:
            yield connection

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Do `work` in one transaction; it is done again where another writer came first."""
        for attempt in range(TRIES):
            try:
                with self.engine.connect().execution_options(write=True) as connection, connection.begin():
                    return work(connection)
            except DBAPIError as error:
                if not _again(error) or attempt == TRIES - 1:
                    raise
                time.sleep(random.uniform(0, min(0.001 * 2**attempt, 0.2)))
        raise AssertionError

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _driver(at: str) -> str:
    for scheme in ("postgresql://", "postgres://"):
        if at.startswith(scheme):
            return "postgresql+psycopg://" + at.removeprefix(scheme)
    if at.startswith(("sqlite:///", "postgresql+psycopg://")):
        return at
    raise InvalidInputError(f"{at.split('@')[-1]!r} names no database that is known.", where=VARIABLE,
                            fix="write sqlite:///FILE or postgresql://USER@HOST/NAME.")


@lru_cache(maxsize=16)
def _engine(at: str) -> sa.Engine:
    if not at.startswith("sqlite"):
        try:
            return sa.create_engine(at, pool_size=16, max_overflow=16, pool_pre_ping=False)
        except ModuleNotFoundError:
            raise InvalidInputError("PostgreSQL needs a driver that is not installed.", where=VARIABLE,
                                    fix="install seedbed[postgresql].") from None
    if (file := sa.make_url(at).database) and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(at, connect_args={"timeout": BUSY})

    @listen.listens_for(engine, "connect")
    def _connected(raw: Any, _: Any) -> None:
        raw.isolation_level = None  # transactions begin where `begin` says
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {BUSY * 1e3}"):
            raw.execute(f"PRAGMA {pragma}")

    @listen.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _again(error: DBAPIError) -> bool:
    """Whether another writer is the cause, so that a second try may succeed."""
    if isinstance(error, IntegrityError):
        return "never changed" not in str(error.orig)
    code = getattr(error.orig, "sqlstate", None)
    return code in ("40001", "40P01", "55P03") or (isinstance(error, OperationalError) and "locked" in str(error.orig))


def _up_to_date(store: Store) -> None:
    """Bring the tables to the version of this code."""
    try:
        with store.reading() as connection:
            known = sa.inspect(connection).has_table("alembic_version")
            version = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() if known else None
    except DatabaseError as error:
        raise InvalidInputError(f"the database cannot be opened ({str(error.orig).splitlines()[0]}).", where=VARIABLE,
                                fix="start the server, or correct the address.") from error
    files = {path.stem[:4]: path.stem for path in (MIGRATIONS / "versions").glob("0*.py")}
    if version == max(files):
        return
    if version is not None and version not in files:
        raise InvalidInputError(f"the database is of a newer Seedbed (version {version}).", where=VARIABLE,
                                fix="use that Seedbed, or another database.")
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    def upgrade(connection: sa.Connection) -> None:
        if not store.sqlite:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(20261130)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    store.write(upgrade)


def pieces(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """`values` in lists short enough for one statement."""
    return (values[i:i + PIECE] for i in range(0, len(values), PIECE))


# Statements made once: to make them costs as much as to run them.
HEADS = (sa.select(tables.head).where(tables.head.c.stream.in_(sa.bindparam("ids", expanding=True)))
         .order_by(tables.head.c.stream))
HEADS_LOCKED = HEADS.with_for_update()
APPENDED = sa.insert(tables.event)
MOVED_ON = (sa.update(tables.head).where(tables.head.c.stream == sa.bindparam("of"))
            .values(number=sa.bindparam("n"), hash=sa.bindparam("h")))


def append(store: Store, connection: sa.Connection, drafts: Sequence[Draft]) -> list[Place]:
    """Append events to their streams, each linked to the one before. Rows of `head` are the streams' locks."""
    heads = _heads(store, connection, sorted({draft.stream for draft in drafts}))
    at, rows, places = stamp(store.clock()), [], []
    for draft in drafts:
        number, before = heads[draft.stream]
        row = {"stream": draft.stream, "number": number + 1, "kind": draft.kind, "on": draft.on.isoformat(), "at": at,
               "by": draft.by, "about": draft.about, "body": draft.body, "key": draft.key or None}
        hashed = linked(before, row)
        heads[draft.stream] = number + 1, hashed
        del row["on"]
        rows.append(row | {"on_day": draft.on, "body": canonical(draft.body), "before": before, "hash": hashed})
        places.append(Place(draft.stream, number + 1, at))
    connection.execute(APPENDED, rows)
    connection.execute(MOVED_ON, [{"of": stream, "n": number, "h": hashed}
                                  for stream, (number, hashed) in heads.items()])
    return places


def _heads(store: Store, connection: sa.Connection, streams: Sequence[str]) -> dict[str, tuple[int, str]]:
    """The last number and hash of each stream, locked in order; new streams begin."""
    found: dict[str, tuple[int, str]] = {}
    asked = HEADS if store.sqlite else HEADS_LOCKED
    for piece in pieces(streams):
        rows = connection.execute(asked, {"ids": list(piece)})
        found |= {row.stream: (row.number, row.hash) for row in rows}
    fresh = [stream for stream in streams if stream not in found]
    if fresh:
        connection.execute(sa.insert(tables.head), [{"stream": stream, "number": 0, "hash": START} for stream in fresh])
        found |= dict.fromkeys(fresh, (0, START))
    return found


def keyed(connection: sa.Connection, keys: Sequence[str]) -> dict[str, sa.Row[Any]]:
    """The events that were recorded under `keys`."""
    event, found = tables.event, {}
    for piece in pieces(keys):
        found |= {row.key: row for row in connection.execute(sa.select(event).where(event.c.key.in_(piece)))}
    return found
