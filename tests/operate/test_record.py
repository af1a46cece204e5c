"""The record: nothing is edited, every change is found, persons can be erased, few are never told."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal

import pytest
import rfc8785
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.text import Text
from seedbed.operate.record.chain import canonical, recorded
from seedbed.operate.record.ledger import ConflictError
from seedbed.operate.record.nouns import Claim, Evidence, Measure, Party, Product
from seedbed.operate.record.persons import LEAST, aggregated
from seedbed.operate.record.tables import FIXED, META, RECORDED

PARTY = Party(id="cgn", kind="organisation", name=Text(zh="中广核", en="CGN"), place="guangdong")
OTHER = Party(id="tuv", kind="organisation", name=Text(zh="TÜV", en="TÜV"))
PRODUCT = Product(id="p1", maker="cgn", name=Text(zh="Ingot", en="Ingot"), unit="t")
CLAIM = Claim(id="c1", about="p1", says="footprint", quantity=Measure(value=Decimal("8.30"), unit="tCO2e"),
              start=date(2026, 1, 1), end=date(2026, 12, 31), by="cgn")


@pytest.fixture
def filled(journal):
    journal.add(PARTY, OTHER, PRODUCT, CLAIM)
    return journal


def test_a_noun_comes_back_exactly_and_the_same_again_is_no_new_version(filled):
    assert filled.get(Claim, "c1") == CLAIM
    assert filled.add(CLAIM) == []
    filled.add(PARTY.model_copy(update={"place": "gansu"}))
    assert filled.get(Party, "cgn").place == "gansu"
    assert filled.get(Party, "cgn", version=1).place == "guangdong"
    with pytest.raises(InvalidInputError, match="cgn has no version 9"):
        filled.get(Party, "cgn", version=9)
    assert [one.id for one in filled.all(Party)] == ["cgn", "tuv"]
    assert [one.id for one in filled.all(Claim, about="p1")] == ["c1"]


def test_a_claim_goes_forward_only_and_never_changes_its_number(filled):
    verified = CLAIM.model_copy(update={"status": "verified", "verified_by": "tuv"})
    filled.add(verified)
    with pytest.raises(InvalidInputError, match="is verified and cannot become stated"):
        filled.add(CLAIM)
    with pytest.raises(InvalidInputError, match="another quantity"):
        filled.add(verified.model_copy(update={"quantity": Measure(value=Decimal(7), unit="tCO2e")}))


def test_nobody_verifies_what_is_their_own_and_a_person_has_no_name():
    with pytest.raises(ValidationError, match="nobody verifies"):
        Claim.model_validate(CLAIM.model_dump() | {"status": "verified", "verified_by": "cgn"})
    with pytest.raises(ValidationError, match="a person has an id only"):
        Party(id="p", kind="person", name=Text(zh="Wang", en="Wang"))


def test_what_a_noun_names_must_be_known_and_nothing_is_half_recorded(journal):
    with pytest.raises(UnknownNameError, match="maker of p1"):
        journal.add(OTHER, PRODUCT)
    assert list(journal.all(Party)) == []
    with pytest.raises(UnknownNameError, match="evidence of c1"):
        journal.add(PARTY, OTHER, PRODUCT, CLAIM.model_copy(update={"evidence": ("e1",)}))
    journal.add(PARTY, PRODUCT, Evidence(id="e1", kind="document", title=Text(zh="Report", en="Report")),
                CLAIM.model_copy(update={"evidence": ("e1",)}))


@pytest.mark.parametrize(("noun", "said"), [
    (PARTY.model_copy(update={"place": "guandong"}), "place 'guandong'"),
    (PRODUCT.model_copy(update={"unit": "kgg"}), "unit 'kgg'"),
    (PRODUCT.model_copy(update={"mass": Measure(value=Decimal(1), unit="stone5")}), "unit 'stone5'"),
], ids=["place", "unit", "unit of mass"])
def test_what_nobody_knows_is_not_recorded(filled, noun, said):
    with pytest.raises(UnknownNameError, match=said):
        filled.add(noun)


@pytest.mark.parametrize("place", ["深圳", "CN-GD", "NL", "Germany", "guangdong"])
def test_a_party_may_be_in_a_city_or_abroad(journal, place):
    journal.add(PARTY.model_copy(update={"place": place}))


def test_an_account_belongs_to_a_party(filled):
    from seedbed.operate.record.nouns import Account, Asset

    filled.asset(Asset(id="p", unit="point"))
    with pytest.raises(UnknownNameError, match="owner of a"):
        filled.account(Account(id="a", owner="nobody", asset="p"))


def test_an_event_under_a_used_key_must_be_the_same(filled):
    one = filled.record("weighed@1", "bin:7", {"kg": "2.5"}, key="w1")
    assert filled.record("weighed@1", "bin:7", {"kg": "2.5"}, key="w1") == one
    with pytest.raises(ConflictError, match="another kg"):
        filled.record("weighed@1", "bin:7", {"kg": "2.6"}, key="w1")


@pytest.mark.parametrize("table", [*RECORDED, *FIXED])
def test_the_database_refuses_to_change_or_delete_what_is_recorded(filled, table):
    from seedbed.operate.record.nouns import Account, Asset

    filled.asset(Asset(id="gec", unit="MWh", serial=True))
    filled.account(Account(id="a", owner="cgn", asset="gec", negative=True), Account(id="b", owner="cgn", asset="gec"))
    filled.lot("gec", "l")
    filled.transfer("a", "b", 5, lot="l")
    filled.take(_use())
    column = FIXED.get(table, (META.tables[table].columns.keys()[0],))[0]
    for statement in (f'DELETE FROM "{table}"', f'UPDATE "{table}" SET {column} = {column}'):
        with pytest.raises(DBAPIError, match="never changed"), filled.store.engine.begin() as connection:
            connection.execute(sa.text(statement))


def _use():
    from seedbed.operate.record.nouns import Use

    return Use(id="u", source="plant", unit="MWh", start=date(2026, 1, 1), end=date(2026, 2, 1), low=1, high=9,
               instrument="green_certificate", by="cgn")


TAMPER = {
    "event": "UPDATE event SET body = replace(body, 'CGN', 'XYZ') WHERE stream = 'party:cgn'",
    "a deleted event": "DELETE FROM event WHERE stream = 'account:a' AND number = 2",
    "a deleted stream": "DELETE FROM event WHERE stream = 'account:b'",
    "a head": "UPDATE head SET number = number + 1 WHERE stream = 'party:cgn'",
    "a noun": "UPDATE noun SET body = replace(body, '8.3', '7.3') WHERE id = 'c1'",
    "a transfer": "UPDATE transfer SET amount = amount + 1",
    "an entry": "UPDATE entry SET amount = amount + 1 WHERE account = 'b'",
    "a balance": "UPDATE account SET balance = balance + 1 WHERE id = 'b'",
    "a use": "UPDATE \"use\" SET high = 8",
    "a block": "UPDATE block SET last = last + 1",
    "a use that is gone": "DELETE FROM \"use\"",
    "a noun that is gone": "DELETE FROM noun WHERE id = 'c1'",
    "an owner": "UPDATE account SET owner = 'thief' WHERE id = 'b'",
    "a bound": "UPDATE account SET negative = TRUE WHERE id = 'b'",
    "digits": "UPDATE asset SET digits = 2",
    "a version": "UPDATE noun SET version = 9 WHERE id = 'c1'",
}


@pytest.mark.parametrize("what", sorted(TAMPER))
def test_verification_finds_the_first_place_that_was_tampered_with(filled, what):
    from seedbed.operate.record.nouns import Account, Asset

    filled.asset(Asset(id="gec", unit="MWh", serial=True))
    filled.account(Account(id="a", owner="cgn", asset="gec", negative=True), Account(id="b", owner="cgn", asset="gec"),
                   Account(id="c", owner="cgn", asset="gec"))
    for count in (5, 6, 7):
        filled.transfer("a", "b", count)
    filled.transfer("b", "c", 1)
    filled.take(_use())
    assert filled.verify().broken is None
    with filled.store.engine.begin() as connection:  # as one who owns the server could
        if filled.store.sqlite:
            for (name,) in connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
            connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        else:
            connection.execute(sa.text("SET session_replication_role = replica"))
        if filled.store.sqlite and what.startswith("a deleted"):
            connection.execute(sa.text("DELETE FROM entry"))
            connection.execute(sa.text("DELETE FROM transfer"))
        connection.execute(sa.text(TAMPER[what]))
    assert filled.verify().broken


def test_a_seal_changes_with_every_event_and_only_then(filled):
    before = filled.verify().seal
    assert filled.verify().seal == before
    filled.record("weighed@1", "bin:7", {"kg": "2.5"})
    assert filled.verify().seal != before


def test_a_person_is_erased_and_the_record_stays_whole(filled):
    filled.add(Party(id="p-9f3", kind="person"))
    filled.keep_contact("p-9f3", {"name": "王", "phone": "138"})
    assert filled.contact("p-9f3") == {"name": "王", "phone": "138"}
    filled.erase_contact("p-9f3")
    assert filled.contact("p-9f3") is None
    assert filled.verify().broken is None
    with filled.store.reading() as connection:
        every = "".join(str(row) for table in META.sorted_tables for row in connection.execute(sa.select(table)))
    assert "138" not in every
    with pytest.raises(UnknownNameError):
        filled.erase_contact("p-9f3")


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 60), st.integers(1, 9)), min_size=1, max_size=300))
def test_no_group_of_fewer_than_twenty_persons_can_be_told_or_found_by_subtraction(rows):
    people = {name: {p for g, p, _ in rows if g == name} for name in "abcd"}
    try:
        shown, withheld = aggregated(rows, lambda r: r[0], lambda r: str(r[1]), lambda r: r[2])
    except InvalidInputError:
        assert min(len(who) for who in people.values() if who) < LEAST
        return
    assert all(len(people[name]) >= LEAST for name in shown)
    assert all(shown[name] == sum(v for g, _, v in rows if g == name) for name in shown)
    hidden = set().union(*(who for name, who in people.items() if name not in shown))
    assert withheld == len(hidden)


def test_the_migrations_make_the_tables_of_the_code(journal):
    with journal.store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), META) == []


JSON = st.recursive(st.none() | st.booleans() | st.integers(-2**53 + 1, 2**53 - 1) | st.text() |
                    st.floats(allow_nan=False, allow_infinity=False),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))


@given(JSON)
def test_canonical_json_is_that_of_rfc_8785(body):
    assert canonical(body) == rfc8785.dumps(body).decode()


def test_canonical_json_and_its_hash_of_the_published_example():
    text = canonical({"b": 2, "a": 1.0, "c": "é"})
    assert text == '{"a":1,"b":2,"c":"é"}'
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "91ffa9662f214b23a8140cd2e6aed5cd268275aec84a584a160ae878ddb49a4a")


@pytest.mark.parametrize("body", [float("nan"), {"a": object()}, {1: 2}, "\ud800"])
def test_what_json_cannot_hold_is_refused(body):
    with pytest.raises(InvalidInputError, match="cannot be written as JSON"):
        canonical(body)


def test_events_hold_no_approximate_number():
    assert recorded({"a": 0.1, "b": Decimal("1.500"), "c": date(2026, 1, 2)}) == {
        "a": "0.1", "b": "1.5", "c": "2026-01-02"}
