"""The ledger: no overdraft, no transfer twice, nothing lost; the same on SQLite and PostgreSQL."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.operate.record.journal import Journal
from seedbed.operate.record.ledger import ConflictError, Move, OverdraftError
from seedbed.operate.record.nouns import Account, Asset
from seedbed.operate.record.store import Store

from .conftest import HOLDER

DAY = date(2026, 7, 1)


def amount(journal: Journal, account: str) -> Decimal:
    return journal.balance(account).amount


def test_a_transfer_moves_once_and_its_key_answers_the_same_again(funded, whole):
    first = funded.transfer("pool", "a", 100, on=DAY, key="k1")
    again = funded.transfer("pool", "a", 100, on=DAY, key="k1")
    assert (again.id, again.existing) == (first.id, True)
    assert amount(funded, "a") == 100
    whole(funded)


@pytest.mark.parametrize(("changed", "named"), [
    ({"amount": 101}, "amount"), ({"target": "b"}, "target"), ({"on": date(2026, 7, 2)}, "on")])
def test_a_key_used_for_something_else_names_what_differs(funded, changed, named):
    asked = {"source": "pool", "target": "a", "amount": 100, "on": DAY, "key": "k1"}
    funded.transfer(**asked)
    with pytest.raises(ConflictError, match=rf"another {named} \("):
        funded.transfer(**asked | changed)
    assert amount(funded, "a") == 100


def test_the_same_key_twice_in_one_batch_is_one_transfer(funded, whole):
    one, two = funded.post([Move("pool", "a", 5, DAY, "k"), Move("pool", "a", 5, DAY, "k")])
    assert (one.id, two.existing) == (two.id, True)
    with pytest.raises(ConflictError, match="amount"):
        funded.post([Move("pool", "a", 5, DAY, "n"), Move("pool", "a", 6, DAY, "n")])
    assert amount(funded, "a") == 5
    whole(funded)


def test_an_overdraft_is_refused_naming_account_and_what_there_is(funded, whole):
    funded.transfer("pool", "a", 100)
    with pytest.raises(OverdraftError, match="a has 100 point; 101 point is asked"):
        funded.transfer("a", "b", 101)
    assert amount(funded, "b") == 0
    whole(funded)


def test_a_batch_is_whole_or_not_at_all(funded, whole):
    with pytest.raises(OverdraftError, match=r"^transfer 3"):
        funded.post([Move("pool", "a", 10), Move("a", "b", 10), Move("a", "c", 1)])
    assert [amount(funded, name) for name in "abc"] == [0, 0, 0]
    whole(funded)


def test_what_is_reserved_cannot_be_spent_and_is_settled_in_part(funded, clock, whole):
    funded.transfer("pool", "a", 500)
    held = funded.reserve("a", "b", 100, clock.now + timedelta(hours=1))
    assert funded.balance("a") == (500, 100, 400, "point")
    with pytest.raises(OverdraftError, match="of which 100 point is reserved"):
        funded.transfer("a", "c", 401)
    funded.settle(held.id, 60)
    assert funded.balance("a") == (440, 0, 440, "point")
    assert amount(funded, "b") == 60
    with pytest.raises(ConflictError, match="settled or released before"):
        funded.settle(held.id)
    whole(funded)


def test_a_reservation_is_released_or_times_out(funded, clock, whole):
    funded.transfer("pool", "a", 100)
    one = funded.reserve("a", "b", 60, clock.now + timedelta(hours=1))
    funded.release(one.id)
    two = funded.reserve("a", "b", 70, clock.now + timedelta(hours=1))
    assert funded.balance("a").available == 30
    clock.on(hours=2)
    assert funded.balance("a").available == 100
    with pytest.raises(InvalidInputError, match="reserved until"):
        funded.settle(two.id)
    funded.transfer("a", "c", 100)
    whole(funded)


def test_more_than_is_reserved_cannot_be_settled(funded, clock):
    funded.transfer("pool", "a", 500)
    held = funded.reserve("a", "b", 100, clock.now + timedelta(hours=1))
    with pytest.raises(InvalidInputError, match="101 point is more than the 100 point"):
        funded.settle(held.id, 101)


def test_a_transfer_is_reversed_once_and_a_reversal_never(funded, whole):
    made = funded.transfer("pool", "a", 100)
    back = funded.reverse(made.id)
    with pytest.raises(ConflictError, match="reversed before"):
        funded.reverse(made.id)
    with pytest.raises(InvalidInputError, match="a reversal"):
        funded.reverse(back.id)
    assert amount(funded, "a") == 0
    whole(funded)


def test_what_was_spent_cannot_be_reversed(funded):
    made = funded.transfer("pool", "a", 100)
    funded.transfer("a", "b", 40)
    with pytest.raises(OverdraftError, match="a has 60 point"):
        funded.reverse(made.id)


def test_the_balance_at_a_past_day_is_by_the_days_things_happened(funded):
    for on, value in (("2026-01-05", 100), ("2026-02-01", -30), ("2026-02-01", -20), ("2026-03-01", 5)):
        source, target = ("pool", "a") if value > 0 else ("a", "pool")
        funded.transfer(source, target, abs(value), on=date.fromisoformat(on))
    assert funded.balance("a", date(2026, 2, 1)).amount == 50
    assert funded.balance("a").amount == 55


@pytest.mark.parametrize(("wrong", "error", "said"), [
    ({"amount": "0.5"}, InvalidInputError, "finer than this is counted"),
    ({"amount": 0}, InvalidInputError, "more than 0"), ({"amount": -1}, InvalidInputError, "more than 0"),
    ({"amount": "nan"}, InvalidInputError, "no number"), ({"amount": 2**63}, InvalidInputError, "at most"),
    ({"target": "a", "source": "a"}, InvalidInputError, "to itself"),
    ({"on": date(2027, 1, 1)}, InvalidInputError, "lies in the future"),
    ({"target": "nobody"}, UnknownNameError, "account 'nobody'"),
    ({"target": "e"}, InvalidInputError, "holds p, e holds q"),
])
def test_what_cannot_be_transferred_is_named(funded, wrong, error, said):
    funded.asset(Asset(id="q", unit="MWh"))
    funded.account(Account(id="e", owner="x", asset="q"))
    with pytest.raises(error, match=said):
        funded.transfer(**{"source": "pool", "target": "a", "amount": 1} | wrong)


def test_amounts_are_decimal_to_the_digits_of_their_asset(journal, whole):
    journal.add(HOLDER)
    journal.asset(Asset(id="cny", unit="CNY", digits=2))
    journal.account(Account(id="bank", owner="x", asset="cny", negative=True),
                    Account(id="firm", owner="x", asset="cny"))
    for _ in range(10):
        journal.transfer("bank", "firm", "0.10")
    assert journal.balance("firm").amount == Decimal("1.00")
    with pytest.raises(InvalidInputError, match="at most 2 decimals"):
        journal.transfer("bank", "firm", "0.001")
    whole(journal)


def test_an_account_stays_what_it_was_opened_as(funded):
    funded.account(Account(id="a", owner="x", asset="p"))
    with pytest.raises(ConflictError, match="another negative"):
        funded.account(Account(id="a", owner="x", asset="p", negative=True))
    with pytest.raises(ConflictError, match="another unit"):
        funded.asset(Asset(id="p", unit="kg"))


def serial(journal: Journal) -> None:
    journal.add(HOLDER)
    journal.asset(Asset(id="gec", unit="MWh", serial=True))
    journal.account(Account(id="registry", owner="x", asset="gec", negative=True),
                    *(Account(id=name, owner="x", asset="gec") for name in ("seller", "buyer", "retired")))


def test_blocks_split_on_transfer_and_retirement_and_add_up(journal, whole):
    serial(journal)
    journal.transfer("registry", "seller", 1000)
    assert journal.transfer("seller", "buyer", 250).serials == ((1, 250),)
    journal.transfer("buyer", "retired", 100)
    assert journal.serials("retired") == [(1, 100, None)]
    assert journal.serials("buyer") == [(101, 250, None)]
    assert journal.serials("seller") == [(251, 1000, None)]
    whole(journal)


def test_a_reversal_gives_the_same_numbers_back_where_they_still_are(journal, whole):
    serial(journal)
    journal.transfer("registry", "seller", 10)
    sold = journal.transfer("seller", "buyer", 4)
    journal.reverse(sold.id)
    assert journal.serials("seller") == [(1, 10, None)]
    sold = journal.transfer("seller", "buyer", 4)
    journal.transfer("buyer", "retired", 1)
    journal.transfer("registry", "buyer", 5)
    with pytest.raises(InvalidInputError, match="have gone on to retired"):
        journal.reverse(sold.id)
    whole(journal)


def test_units_past_their_last_day_cannot_be_traded_only_expire(journal, whole):
    serial(journal)
    journal.lot("gec", "plant-2024-11", expires=date(2026, 10, 31))
    journal.post([Move("registry", "seller", 5, DAY, lot="plant-2024-11")])
    journal.transfer("seller", "buyer", 2, on=date(2026, 10, 31))
    with pytest.raises(InvalidInputError, match="past their last day"):
        journal.transfer("seller", "buyer", 1, on=date(2026, 11, 1))
    journal.post([Move("seller", "retired", 3, date(2026, 11, 1), expired=True)])
    whole(journal)


class Ledger(RuleBasedStateMachine):
    """Random transfers, reservations, reversals and time against a model that only adds."""

    names = ("a", "b", "c", "d")

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.now = datetime(2026, 8, 1, tzinfo=UTC)
        self.store = Store(f"sqlite:///{Path(self.folder.name) / 'j.sqlite'}", lambda: self.now)
        self.journal = Journal(self.store, "machine")
        self.journal.add(HOLDER)
        self.journal.asset(Asset(id="p", unit="point"))
        self.journal.account(Account(id="pool", owner="x", asset="p", negative=True),
                             *(Account(id=name, owner="x", asset="p") for name in self.names))
        self.model = dict.fromkeys(("pool", *self.names), 0)
        self.pending, self.posted, self.keys = {}, {}, {}

    def teardown(self):
        if hasattr(self, "store"):
            self.store.dispose()
            self.folder.cleanup()

    def free(self, name):
        return self.model[name] - sum(n for s, _, n, until in self.pending.values() if s == name and until > self.now)

    def may(self, source, count):
        return source == "pool" or self.free(source) >= count

    @rule(source=st.sampled_from(("pool", *names)), to=st.sampled_from(names), count=st.integers(1, 50),
          key=st.none() | st.integers(0, 5))
    def move(self, source, to, count, key):
        target = to
        if source == target:
            return
        said = (source, target, count)
        try:
            made = self.journal.transfer(source, target, count, on=DAY, key=None if key is None else f"k{key}")
        except OverdraftError:
            assert not self.may(source, count)
            assert key not in self.keys
        except ConflictError:
            assert self.keys[key] != said
        else:
            if key in self.keys:
                assert made.existing
                assert self.keys[key] == said
                return
            assert self.may(source, count)
            self.model[source] -= count
            self.model[target] += count
            self.posted[made.id] = said
            if key is not None:
                self.keys[key] = said

    @rule(source=st.sampled_from(names), to=st.sampled_from(names), count=st.integers(1, 50),
          hours=st.integers(1, 5))
    def reserve(self, source, to, count, hours):
        target = to
        if source == target:
            return
        until = self.now + timedelta(hours=hours)
        try:
            made = self.journal.reserve(source, target, count, until)
        except OverdraftError:
            assert not self.may(source, count)
        else:
            assert self.may(source, count)
            self.pending[made.id] = (source, target, count, until)

    @rule(data=st.data(), part=st.integers(1, 50), release=st.booleans())
    def close(self, data, part, release):
        if not self.pending:
            return
        name = data.draw(st.sampled_from(sorted(self.pending)))
        source, target, count, until = self.pending[name]
        try:
            made = self.journal.release(name) if release else self.journal.settle(name, part)
        except InvalidInputError:
            assert until <= self.now or (not release and part > count)
            return
        assert until > self.now
        del self.pending[name]
        if not release:
            self.model[source] -= part
            self.model[target] += part
            self.posted[made.id] = (source, target, part)

    @rule(data=st.data())
    def reverse(self, data):
        if not self.posted:
            return
        name = data.draw(st.sampled_from(sorted(self.posted)))
        source, target, count = self.posted[name]
        try:
            self.journal.reverse(name)
        except OverdraftError:
            assert not self.may(target, count)
        else:
            assert self.may(target, count)
            self.model[source] += count
            self.model[target] -= count
            del self.posted[name]

    @rule(hours=st.integers(1, 3))
    def later(self, hours):
        self.now += timedelta(hours=hours)

    @invariant()
    def balances_are_those_of_the_model(self):
        if hasattr(self, "model"):
            for name, value in self.model.items():
                assert self.journal.balance(name).amount == value
                assert self.journal.balance(name).available == self.free(name)

    @invariant()
    def the_record_is_whole(self):
        if hasattr(self, "journal"):
            assert self.journal.verify().broken is None


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=12, stateful_step_count=20, deadline=None,
                               suppress_health_check=[HealthCheck.too_slow])


def test_an_empty_key_is_no_key(funded, whole):
    """A script whose variable is not set: each call is a transfer of its own, and none stops the next."""
    first, second = (funded.transfer("pool", "a", 5, on=DAY, key="") for _ in range(2))
    assert first.id != second.id
    assert amount(funded, "a") == 10
    one, two = (funded.record("note", "about:x", {"n": n}, key="") for n in range(2))
    assert one != two
    whole(funded)
