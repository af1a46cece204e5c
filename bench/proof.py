"""Proof of the record under load: hot accounts, writers that are killed, uses that exclude one another.

`python -m bench proof` takes half an hour on two cores; `--quick` a tenth of it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random

from bench import postgres
from bench.measure import Result
from seedbed.base.text import Text
from seedbed.operate.record.journal import Journal
from seedbed.operate.record.ledger import Move, OverdraftError
from seedbed.operate.record.nouns import Account, Asset, Party, Use
from seedbed.operate.record.uses import ExcludedError, UndecidedError, between, exclusions

WRITERS = 8
DAY = date(2026, 6, 1)
HOT = ("a", "b", "c", "d")
INSTRUMENTS = ("green_certificate", "ccer", "scope2_market", "product_electricity", "carbon_points",
               "energy_dual_control")
WRITER = """
import sys
from seedbed.operate.record.journal import Journal
journal = Journal.open(sys.argv[1], by="writer")
n = 0
while True:
    n += 1
    journal.transfer("pool", "a", 1, key=f"{sys.argv[2]}-{n}")
    print(n, flush=True)
"""


def proof(quick: bool) -> list[Result]:
    """All proofs on both databases."""
    rows = []
    for kind in ("SQLite", "PostgreSQL"):
        with _database(kind) as at:
            if at is None:
                rows.append(Result(f"{kind} is not installed", None, 0, ""))
                continue
            rows += [_hot(kind, at, 1_000 if quick else 10_000), _killed(kind, at, 10 if quick else 100),
                     _uses(kind, at, 10_000 if quick else 100_000)]
    return rows


@contextmanager
def _database(kind: str) -> Iterator[str | None]:
    if kind == "PostgreSQL":
        if postgres.binaries() is None:
            yield None
            return
        with postgres.server() as at:
            yield at
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'j.sqlite'}"


def _together(work: Callable[[str, int, int], list[str]], at: str, count: int) -> list[list[str]]:
    with get_context("spawn").Pool(WRITERS) as pool:
        return pool.starmap(work, [(at, seed, count) for seed in range(WRITERS)])


def _broken(journal: Journal) -> int:
    verdict = journal.verify()
    return int(verdict.broken is not None) + sum(map(abs, journal.trial().values()))


def _write(at: str, seed: int, count: int) -> list[str]:
    journal, draw, done = Journal.open(at), Random(seed), []
    for n in range(count):
        source, target = draw.sample((*HOT, "pool"), 2)
        try:
            journal.post([Move(source, target, draw.randrange(1, 30), DAY, f"{seed}-{n}")])
            done.append(f"{seed}-{n}")
        except OverdraftError:
            pass
    return done


def _hot(kind: str, at: str, count: int) -> Result:
    journal = Journal.open(at)
    journal.add(Party(id="x", kind="public", name=Text(zh="甲", en="X")))
    journal.asset(Asset(id="p", unit="point"))
    journal.account(Account(id="pool", owner="x", asset="p", negative=True),
                    *(Account(id=name, owner="x", asset="p") for name in HOT))
    begin = time.perf_counter()
    done = sum(map(len, _together(_write, at, count)))
    took = time.perf_counter() - begin
    wrong = _broken(journal) + sum(journal.balance(name).amount < 0 for name in HOT)
    wrong += abs(sum(event.kind == "transfer.posted@1" for event in journal.events()) - done)
    return Result(f"{kind}: {WRITERS} writers × {count:,} transfers on {len(HOT)} hot accounts", 0, wrong, "wrong",
                  f"{done:,} done, {WRITERS * count - done:,} overdrafts refused, {took:.0f} s")


def _killed(kind: str, at: str, rounds: int) -> Result:
    journal, draw, answered = Journal.open(at), Random(1), 0
    before = journal.balance("a").amount
    for turn in range(rounds):
        process = subprocess.Popen([sys.executable, "-c", WRITER, at, f"kill-{turn}"], stdout=subprocess.PIPE,
                                   text=True)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(draw.uniform(0, 0.3))
        os.kill(process.pid, signal.SIGKILL)
        lines = [int(line) for line in process.stdout.read().splitlines() if line.strip().isdigit()]
        process.wait()
        answered += max([1, *lines])
    kept = int(journal.balance("a").amount - before)
    lost = max(0, answered - kept) + max(0, kept - answered - rounds) + _broken(journal)
    return Result(f"{kind}: killed {rounds} times while writing", 0, lost, "lost or half-written",
                  f"{answered:,} answered, {kept:,} kept")


def _take(at: str, seed: int, count: int) -> list[str]:
    journal, draw, said = Journal.open(at), Random(seed), []
    for n in range(count // WRITERS):
        start = DAY + timedelta(days=draw.randrange(60))
        low = draw.randrange(1, 900)
        use = Use(id=f"u{seed}-{n}", source=f"plant-{draw.randrange(400)}", unit="MWh", start=start,
                  end=start + timedelta(days=draw.randrange(1, 20)), low=low, high=low + draw.randrange(60),
                  instrument=draw.choice(INSTRUMENTS), by=draw.choice(("cgn", "alu", "gd", "sz")))
        try:
            journal.take(use, on=DAY)
        except UndecidedError:
            pass
        except ExcludedError as error:
            said.append(str(error))
    return said


def _uses(kind: str, at: str, count: int) -> Result:
    begin = time.perf_counter()
    refused = [one for found in _together(_take, at, count) for one in found]
    took = time.perf_counter() - begin
    journal, by_source = Journal.open(at), defaultdict(list)
    for use in journal.uses():
        by_source[use.source].append(use)
    wrong = 0
    for several in by_source.values():
        for n, one in enumerate(several):
            for other in several[n + 1:]:
                if one.low <= other.high and other.low <= one.high and one.start < other.end and other.start < one.end:
                    rule = between(one.instrument, other.instrument, DAY)
                    wrong += rule is not None and not (rule.kind == "owner" and one.by == other.by)
    named = [rule.named for rule in exclusions().rules]
    unnamed = sum(not any(one in said for one in named) for said in refused)
    return Result(f"{kind}: {count:,} uses from {WRITERS} writers", 0, wrong + unnamed + _broken(journal),
                  "excluded pairs, or refusals without rule",
                  f"{sum(map(len, by_source.values())):,} taken, {len(refused):,} refused, {took:.0f} s")
