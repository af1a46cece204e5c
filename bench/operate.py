"""Operate: the ledger on both databases beside a peer, a tender of 1,000 bids, embedded emissions of 1,000 goods.

`PGLEDGER=FOLDER` (a checkout of pgr0ss/pgledger) puts its functions beside ours on the same server in the same run;
without it the peer is the plain double entry that it describes: lock, check, two entries, in one SQL function.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from bench import postgres
from bench.measure import Result
from seedbed.base.text import Text
from seedbed.operate.assess import assess
from seedbed.operate.record.journal import Journal
from seedbed.operate.record.ledger import Move
from seedbed.operate.record.nouns import Account, Asset, Claim, Measure, Party, Product
from seedbed.operate.tender import Bid, Criterion, Lot, Offer, Position, Tender, evaluate

WRITERS, HOT, MANY, BATCH = 8, 4, 10_000, 500
DAY = date(2026, 11, 30)
PLAIN = """
CREATE TABLE plain_account (id text PRIMARY KEY, balance bigint NOT NULL DEFAULT 0, version bigint NOT NULL DEFAULT 0,
                            negative boolean NOT NULL);
CREATE TABLE plain_transfer (id bigserial PRIMARY KEY, source text NOT NULL, target text NOT NULL,
                             amount bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE plain_entry (id bigserial PRIMARY KEY, transfer bigint NOT NULL REFERENCES plain_transfer,
                          account text NOT NULL REFERENCES plain_account, amount bigint NOT NULL,
                          before bigint NOT NULL, after bigint NOT NULL, version bigint NOT NULL);
CREATE FUNCTION plain_move(s text, t text, n bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE id_ bigint; a plain_account; b plain_account;
BEGIN
  PERFORM 1 FROM plain_account WHERE id IN (s, t) ORDER BY id FOR UPDATE;
  UPDATE plain_account SET balance = balance - n, version = version + 1 WHERE id = s RETURNING * INTO a;
  IF a.balance < 0 AND NOT a.negative THEN RAISE EXCEPTION 'overdraft'; END IF;
  UPDATE plain_account SET balance = balance + n, version = version + 1 WHERE id = t RETURNING * INTO b;
  INSERT INTO plain_transfer (source, target, amount) VALUES (s, t, n) RETURNING id INTO id_;
  INSERT INTO plain_entry (transfer, account, amount, before, after, version) VALUES
    (id_, s, -n, a.balance + n, a.balance, a.version), (id_, t, n, b.balance - n, b.balance, b.version);
  RETURN id_;
END $$;
"""


def operate(quick: bool) -> list[Result]:
    """All rows."""
    return [*_sqlite(quick), *_postgresql(quick), *_tender(quick), *_goods(quick)]


def _opened(journal: Journal, accounts: int) -> list[str]:
    journal.add(Party(id="x", kind="public", name=Text(zh="甲", en="X")))
    journal.asset(Asset(id="p", unit="point"))
    names = [f"a{n:05}" for n in range(accounts)]
    journal.account(Account(id="pool", owner="x", asset="p", negative=True),
                    *(Account(id=name, owner="x", asset="p", negative=True) for name in names))
    return names


def _pairs(names: list[str], count: int, seed: int) -> list[tuple[str, str]]:
    random = Random(seed)
    return [(pair[0], pair[1]) for pair in (random.sample(names, 2) for _ in range(count))]


def _sqlite(quick: bool) -> list[Result]:
    count = 5_000 if quick else 50_000
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.open(f"sqlite:///{Path(folder) / 'j.sqlite'}")
        pairs = _pairs(_opened(journal, MANY if not quick else 200), count, 1)
        begin = time.perf_counter()
        for start in range(0, count, BATCH):
            journal.post([Move(s, t, 1, DAY, f"k{start + n}") for n, (s, t) in enumerate(pairs[start:start + BATCH])])
        speed = count / (time.perf_counter() - begin)
        begin = time.perf_counter()
        whole = journal.verify().broken is None and not any(journal.trial().values())
        checked = time.perf_counter() - begin
        journal.store.dispose()
    return [Result(f"ledger, SQLite, batches of {BATCH}", 5_000, speed, "transfers/s",
                   "adds up, chain intact" if whole else "BROKEN", at_least=True),
            Result(f"verify a record of {count:,} transfers", None, checked, "s")]


def _ours(at: str, pairs: list[tuple[str, str]], batch: int, ready: Any) -> None:
    journal = Journal.open(at)
    journal.accounts(owner="nobody")
    ready.wait()
    for start in range(0, len(pairs), batch):
        journal.post([Move(s, t, 1, DAY) for s, t in pairs[start:start + batch]])


def _theirs(at: str, pairs: list[tuple[str, str]], statement: str, ready: Any) -> None:
    import psycopg

    with psycopg.connect(at, autocommit=True) as connection:
        ready.wait()
        for source, target in pairs:
            connection.execute(statement.encode(), (source, target, 1))


def _raced(work: Callable[..., None], at: str, lists: list[list[tuple[str, str]]], last: Any) -> float:
    """Transfers a second of several processes, from the moment that all are connected."""
    context = get_context("spawn")
    ready = context.Barrier(len(lists) + 1)
    runs = [context.Process(target=work, args=(at, one, last, ready)) for one in lists]
    for run in runs:
        run.start()
    ready.wait()
    begin = time.perf_counter()
    for run in runs:
        run.join()
    if any(run.exitcode for run in runs):
        raise RuntimeError("a writer failed")
    return sum(map(len, lists)) / (time.perf_counter() - begin)


def _peer(at: str, names: list[str]) -> tuple[str, str, dict[str, str]]:
    """The peer's name, its statement for a transfer, and its ids of accounts."""
    import psycopg

    folder = os.environ.get("PGLEDGER")
    with psycopg.connect(at, autocommit=True) as connection:
        if not folder:
            connection.execute(PLAIN.encode())
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO plain_account (id, negative) VALUES (%s, true)", [(n,) for n in names])
            return "plain double entry in SQL", "SELECT plain_move(%s, %s, %s)", {name: name for name in names}
        for part in ("vendor/scoville-pgsql-ulid/ulid-to-uuid.sql", "vendor/scoville-pgsql-ulid/uuid-to-ulid.sql",
                     "pgledger.sql"):
            connection.execute((Path(folder) / part).read_bytes())
        ids = {}
        for name in names:
            row = connection.execute("SELECT id FROM pgledger_create_account(%s, 'USD')", (name,)).fetchone()
            assert row is not None
            ids[name] = str(row[0])
    return "pgledger", "SELECT id FROM pgledger_create_transfer(%s, %s, %s)", ids


def _postgresql(quick: bool) -> list[Result]:
    each = 100 if quick else 1_000
    rows: list[Result] = []
    if postgres.binaries() is None:
        return [Result("ledger, PostgreSQL", None, 0, "", "PostgreSQL is not installed")]
    with postgres.server() as at:
        journal = Journal.open(at)
        names = _opened(journal, 300 if quick else MANY)
        peer, statement, ids = _peer(at, names)
        for label, known in (("4 hot accounts", names[:HOT]), (f"{len(names):,} accounts", names)):
            lists = [_pairs(known, each, seed) for seed in range(WRITERS)]
            theirs = _raced(_theirs, at, [[(ids[s], ids[t]) for s, t in one] for one in lists], statement)
            ours = _raced(_ours, at, lists, 1)
            batched = _raced(_ours, at, lists, 100)
            rows += [Result(f"ledger, PostgreSQL, {WRITERS} writers, {label}", theirs, ours, "transfers/s",
                            f"one by one; target: {peer}", at_least=True),
                     Result(f"ledger, PostgreSQL, {WRITERS} writers, {label}", theirs, batched, "transfers/s",
                            f"batches of 100; target: {peer} one by one", at_least=True)]
        whole = journal.verify().broken is None and not any(journal.trial().values())
        journal.store.dispose()
    rows.append(Result("trial balance and chain after all writers", None, 0, "", "whole" if whole else "BROKEN"))
    return rows


def _text(name: str) -> Text:
    return Text(zh=name, en=name)


def _tender(quick: bool) -> list[Result]:
    bids, positions = (100, 20) if quick else (1_000, 20)
    random = Random(3)
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.open(f"sqlite:///{Path(folder) / 'j.sqlite'}")
        nouns: list[Any] = [Party(id="w", kind="public", name=_text("w"))]
        for n in range(bids):
            nouns.append(Party(id=f"s{n}", kind="organisation", name=_text(f"s{n}")))
            for k in range(positions):
                value = Measure(value=Decimal(random.randint(100, 400)) / 100, unit="kgCO2e")
                nouns += [Product(id=f"p{n}-{k}", maker=f"s{n}", name=_text("x"), unit="kg"),
                          Claim(id=f"c{n}-{k}", about=f"p{n}-{k}", says="footprint", quantity=value,
                                start=date(2026, 1, 1), end=date(2028, 1, 1), by=f"s{n}")]
        journal.add(*nouns)
        criteria = (Criterion(id="price", kind="price", weight=Decimal(40)),
                    Criterion(id="cost", kind="life_cycle_cost", weight=Decimal(40)),
                    Criterion(id="carbon", kind="footprint", weight=Decimal(20)))
        lot = Lot(id="1", title=_text("l"), criteria=criteria, life={"years": 8, "energy_price": "0.65"},
                  positions=tuple(Position(id=str(k), title=_text("x"), quantity=Decimal(10), unit="t")
                                  for k in range(positions)))
        tender = Tender(id="t", title=_text("t"), buyer="w", published=DAY, lots=(lot,), bids=tuple(
            Bid(id=f"b{n}", bidder=f"s{n}", lot="1", kwh=Decimal(random.randint(90_000, 150_000)), offers=tuple(
                Offer(position=str(k), product=f"p{n}-{k}", price=Decimal(random.randint(4_000, 6_000)))
                for k in range(positions))) for n in range(bids)))
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            evaluate(tender, journal, DAY)
            times.append(time.perf_counter() - begin)
        journal.store.dispose()
    return [Result(f"tender: {bids:,} bids of {positions} positions, with flips", 1.0, min(times), "s",
                   f"{bids * positions:,} footprints read from the record")]


def _goods(quick: bool) -> list[Result]:
    count, random = (100 if quick else 1_000), Random(5)
    asked = {"processes": [{"id": f"g{n}", "attributed_t": random.randint(1, 2_000), "activity_t": 1_000}
                           for n in range(count)],
             "precursors": [{"into": f"g{n}", "of": f"g{random.randrange(count)}", "m": "0.2"}
                            for n in range(count) for _ in range(3)]}
    asked["precursors"] = [row for row in asked["precursors"] if row["into"] != row["of"]]
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        assess("border_goods", asked, DAY)
        times.append(time.perf_counter() - begin)
    return [Result(f"embedded emissions of {count:,} goods with precursors and loops", 0.5, min(times), "s")]
