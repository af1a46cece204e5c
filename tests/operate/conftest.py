"""Stores for tests: SQLite in a temporary folder, and PostgreSQL in a private server where it is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from bench import postgres as server

from seedbed.base.text import Text
from seedbed.operate.record.journal import Journal
from seedbed.operate.record.nouns import Account, Asset, Party
from seedbed.operate.record.store import Store

HOLDER = Party(id="x", kind="public", name=Text(zh="甲", en="X"))
"""A party that may own accounts."""


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 30, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a private PostgreSQL server."""
    if server.binaries() is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    with server.server() as at:
        yield at


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'journal.sqlite'}"
    at = request.getfixturevalue("postgres")
    name = f"t{uuid4().hex}"
    driver = at.replace("postgresql://", "postgresql+psycopg://")
    with sa.create_engine(driver, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    return at.replace("/seedbed?", f"/{name}?")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(address: str, clock: Clock) -> Iterator[Journal]:
    """An empty journal on each kind of database, with a clock that stands."""
    store = Store(address, clock)
    yield Journal(store, "tester")
    store.dispose()


@pytest.fixture
def funded(journal: Journal) -> Journal:
    """A pool that may be negative, and accounts a, b, c."""
    journal.add(HOLDER)
    journal.asset(Asset(id="p", unit="point"))
    journal.account(Account(id="pool", owner="x", asset="p", negative=True),
                    *(Account(id=name, owner="x", asset="p") for name in "abc"))
    return journal


@pytest.fixture
def whole() -> Callable[[Journal], None]:
    """Assert that a journal verifies and adds up."""
    def check(journal: Journal) -> None:
        assert journal.verify().broken is None
        assert not any(journal.trial().values())

    return check
