"""Many writers at once, and writers that die: no overdraft, nothing answered is lost, nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from bench.proof import WRITER

from seedbed.operate.record.journal import Journal
from seedbed.operate.record.ledger import OverdraftError
from seedbed.operate.record.store import Store


def test_a_bounded_account_gives_exactly_what_it_has(funded, whole):
    funded.transfer("pool", "a", 100)

    def take(n: int) -> bool:
        try:
            funded.transfer("a", "b", 30, key=f"w{n}")
        except OverdraftError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 3
    assert funded.balance("a").amount == 10
    whole(funded)


def test_eight_writers_on_hot_accounts_leave_balances_that_add_up(funded, whole):
    for name in "abc":
        funded.transfer("pool", name, 50)

    def write(seed: int) -> int:
        draw, done = Random(seed), 0
        for n in range(25):
            source, target = draw.sample(("a", "b", "c", "pool"), 2)
            try:
                funded.transfer(source, target, draw.randrange(1, 30), key=f"{seed}-{n}")
                done += 1
            except OverdraftError:
                pass
        return done

    with ThreadPoolExecutor(8) as pool:
        done = sum(pool.map(write, range(8)))
    assert done > 50
    assert all(funded.balance(name).amount >= 0 for name in "abc")
    assert funded.verify().transfers == done + 3
    whole(funded)


def test_the_same_requests_from_many_writers_in_any_order_are_done_once(funded, whole):
    def write(seed: int) -> None:
        order = list(range(20))
        Random(seed).shuffle(order)
        for n in order:
            funded.transfer("pool", "a", n + 1, key=f"k{n}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    assert funded.balance("a").amount == sum(range(1, 21))
    whole(funded)


def test_a_clock_that_goes_back_breaks_nothing(funded, clock, whole):
    funded.transfer("pool", "a", 5)
    clock.on(hours=-5)
    funded.transfer("a", "b", 5)
    whole(funded)


@pytest.mark.parametrize("rounds", [3])
def test_what_was_answered_survives_a_writer_that_is_killed(funded, address, rounds, whole):
    answered = 0
    for turn in range(rounds):
        process = subprocess.Popen([sys.executable, "-c", WRITER, address, str(turn)], stdout=subprocess.PIPE,
                                   text=True)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.05 + 0.07 * turn)
        os.kill(process.pid, signal.SIGKILL)
        lines = [line for line in process.stdout.read().splitlines() if line.strip().isdigit()]
        process.wait()
        answered += max([1, *map(int, lines)])
    store = Store(address)
    kept = Journal(store).balance("a").amount
    assert answered <= kept <= answered + rounds  # one a round may have been done and not yet answered
    whole(Journal(store))
    store.dispose()
