"""Tenders: footprints come from the record, ranking from schemes, and every flip that is told does flip."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.base.datafile import parse
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.text import Text
from seedbed.operate import ocds, tender_form
from seedbed.operate.record.journal import Journal
from seedbed.operate.record.nouns import Claim, Measure, Party, Product
from seedbed.operate.record.store import Store
from seedbed.operate.tender import Bid, Evaluation, Tender, evaluate, post
from seedbed.show.operate.tender import form

DAY = date(2026, 11, 2)
LOT: dict[str, Any] = {
    "id": "1", "title": "Steel", "positions": [{"id": "bar", "title": "Bar", "quantity": 100, "unit": "t"}],
    "criteria": [{"id": "price", "kind": "price", "weight": 60}, {"id": "carbon", "kind": "footprint", "weight": 40}]}


def footprint(maker: str, kilograms: str, **changed: Any) -> Claim:
    return Claim(**{"id": f"{maker}.c", "about": f"{maker}.bar", "says": "footprint", "by": maker,
                    "quantity": Measure(value=Decimal(kilograms), unit="kgCO2e"), "start": date(2026, 1, 1),
                    "end": date(2027, 12, 31)} | changed)


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('j') / 'j.sqlite'}")
    found = Journal(store)
    found.add(*(Party(id=name, kind="organisation", name=Text(zh=name, en=name)) for name in "abcvw"))
    found.add(*(Product(id=f"{name}.bar", maker=name, name=Text(zh="x", en="x"), unit="kg") for name in "abc"))
    found.add(footprint("a", "2.0", status="verified", verified_by="v"), footprint("b", "1.2"))
    yield found
    store.dispose()


def bid(bidder: str, price: float, **more: Any) -> dict[str, Any]:
    return {"id": f"bid-{bidder}", "bidder": bidder, "lot": "1", "price": price,
            "offers": [{"position": "bar", "product": f"{bidder}.bar"}], **more}


def tender(*bids: dict[str, Any], **lot: Any) -> Tender:
    return parse({"id": "t", "title": "T", "buyer": "w", "published": "2026-10-01", "lots": [LOT | lot],
                  "bids": list(bids)}, Tender, where="t")


def winner(found: Evaluation) -> str | None:
    first = found.lots[0].winner
    return first and first.sized.bid.bidder


def test_the_footprint_of_a_bid_is_the_quantity_times_the_claim_in_its_unit(journal):
    found = evaluate(tender(bid("a", 300000), bid("b", 360000)), journal, DAY)
    first, second = found.lots[0].bids
    assert (first.sized.bid.bidder, first.sized.carbon, first.total) == ("b", 120000, Decimal("90.00"))
    assert (second.sized.carbon, dict(second.points)) == (200000, {"price": 60, "carbon": Decimal("24.00")})


def test_a_bid_without_a_footprint_that_holds_is_not_scored_and_says_why(journal):
    found = evaluate(tender(bid("a", 300000), bid("c", 100000)), journal, DAY).lots[0]
    assert [(one.bid.bidder, one.why.key) for one in found.refused] == [("c", "tender.no_footprint")]
    late = evaluate(tender(bid("a", 300000)), journal, date(2028, 1, 1)).lots[0]
    assert [one.why.key for one in late.refused] == ["tender.no_footprint"]
    assert late.winner is None


def test_under_life_cycle_cost_a_bid_without_a_footprint_is_not_cheaper(journal):
    criteria = [{"id": "lcc", "kind": "life_cycle_cost", "weight": 100}]
    life = {"years": 10, "energy_price": 1}
    bare = bid("b", 100000) | {"offers": []}
    found = evaluate(tender(bid("a", 300000), bare, criteria=criteria, life=life), journal, DAY).lots[0]
    assert [one.why.key for one in found.refused] == ["tender.no_footprint"]


def test_a_changed_evaluation_of_the_same_day_is_recorded_too(journal):
    one, other = (evaluate(tender(bid("a", price)), journal, DAY) for price in (1000, 1001))
    assert post(one, journal) == post(one, journal)
    assert post(other, journal) == post(one, journal)  # the ranking is the same
    both = evaluate(tender(bid("a", 1000), bid("b", 900)), journal, DAY)
    assert post(both, journal) != post(one, journal)


def test_a_lot_that_asks_for_verified_footprints_refuses_stated_ones(journal):
    found = evaluate(tender(bid("a", 300000), bid("b", 100000), verified=True), journal, DAY)
    assert winner(found) == "a"
    assert [one.why.key for one in found.lots[0].refused] == ["tender.not_verified"]


def test_a_price_that_is_not_the_sum_of_its_positions_is_not_scored(journal):
    wrong = bid("a", 300001) | {"offers": [{"position": "bar", "product": "a.bar", "price": 3000}]}
    found = evaluate(tender(wrong), journal, DAY).lots[0]
    assert [one.why.key for one in found.refused] == ["tender.prices_differ"]


def test_of_equal_bids_the_cheaper_is_first(journal):
    criteria = [{"id": "service", "kind": "points", "weight": 100}]
    found = evaluate(tender(bid("a", 2, points={"service": 5}), bid("b", 1, points={"service": 5}),
                            criteria=criteria), journal, DAY)
    assert [one.sized.bid.bidder for one in found.lots[0].bids] == ["b", "a"]


@pytest.mark.parametrize(("change", "said"), [
    ({"criteria": [{"id": "p", "kind": "price", "weight": 90}]}, "add to 90"),
    ({"positions": []}, "positions"),
    ({"positions": [{"id": "x", "title": "x", "quantity": -1, "unit": "t"}]}, "quantity"),
])
def test_a_lot_that_is_not_whole_is_refused_with_its_place(change, said):
    with pytest.raises(InvalidInputError, match=said):
        tender(**change)


@pytest.mark.parametrize(("change", "said"), [
    ({"lot": "9"}, "lot '9'"), ({"offers": [{"position": "beam"}]}, "position 'beam'"),
    ({"points": {"service": 3}}, "points for 'service'")])
def test_a_bid_for_what_there_is_not_is_refused(change, said):
    with pytest.raises(InvalidInputError, match=said):
        tender(bid("a", 1) | change)


def test_a_product_that_the_record_lacks_is_named(journal):
    with pytest.raises(UnknownNameError, match=r"a\.beam"):
        evaluate(tender(bid("a", 1) | {"offers": [{"position": "bar", "product": "a.beam"}]}), journal, DAY)


def test_units_that_do_not_fit_are_named(journal):
    with pytest.raises(InvalidInputError, match=r"product a\.bar"):
        evaluate(tender(bid("a", 1), positions=[{"id": "bar", "title": "Bar", "quantity": 1, "unit": "kWh"}]),
                 journal, DAY)


@settings(max_examples=25, deadline=None)
@given(prices=st.tuples(*[st.integers(200_000, 600_000)] * 2), weight=st.integers(10, 90), kwh=st.integers(0, 500_000))
def test_every_change_that_is_told_makes_the_bid_that_is_named_win(journal, prices, weight, kwh):
    criteria = [{"id": "lcc", "kind": "life_cycle_cost", "weight": weight},
                {"id": "carbon", "kind": "footprint", "weight": 100 - weight}]
    life = {"years": 10, "energy_price": "0.6", "carbon_price": 90}
    bids = [bid("a", prices[0], kwh=kwh), bid("b", prices[1])]
    found = evaluate(tender(*bids, criteria=criteria, life=life), journal, DAY)
    for flip in found.lots[0].flips:
        assert flip.rival != winner(found)
        if flip.kind == "price":
            changed = [one | {"price": flip.then} if one["bidder"] == flip.rival else one for one in bids]
            again = evaluate(tender(*changed, criteria=criteria, life=life), journal, DAY)
        elif flip.kind == "carbon_price":
            again = evaluate(tender(*bids, criteria=criteria, life=life | {"carbon_price": flip.then}), journal, DAY)
        elif flip.kind == "weights":
            left = {flip.of: flip.then, flip.to: 100 - flip.then}
            moved = [one | {"weight": left[one["id"]] - (1 if one["id"] == flip.of else -1) * Decimal("0.05")}
                     for one in criteria]
            if min(one["weight"] for one in moved) <= 0:
                continue
            again = evaluate(tender(*bids, criteria=moved, life=life), journal, DAY)
        else:
            continue
        assert winner(again) == flip.rival, flip


def test_an_evaluation_is_recorded_once(journal):
    made = evaluate(tender(bid("a", 300000), bid("b", 360000)), journal, DAY)
    assert post(made, journal) == post(made, journal)
    *_, event = journal.events(kind="tender.evaluated@1")
    assert event.body["lots"][0]["ranking"] == [["b", "90"], ["a", "84"]]


def test_a_release_read_again_is_the_same_tender(journal):
    found = tender(bid("a", 300000), bid("b", 360000))
    made = evaluate(found, journal, DAY)
    body = json.loads(json.dumps(ocds.release(found, made)))
    assert ocds.read(ocds.package([body], uri="urn:x", publisher="w", on=DAY), "x") == found
    assert body["tag"] == ["award"]
    assert [one["suppliers"][0]["id"] for one in body["awards"]] == ["b"]
    assert {one["id"]: one["status"] for one in body["bids"]["details"]} == {"bid-a": "valid", "bid-b": "valid"}


def test_a_release_has_what_the_standard_requires(journal):
    body = ocds.release(tender(bid("a", 300000)), None)
    assert {"ocid", "id", "date", "tag", "initiationType"} <= body.keys()  # required by release-schema 1.1.5
    ids = {one["id"] for one in body["parties"]}
    assert {body["buyer"]["id"], *(one["id"] for one in body["tender"]["tenderers"])} <= ids
    assert all(item["relatedLot"] in {lot["id"] for lot in body["tender"]["lots"]} for item in body["tender"]["items"])


def test_a_release_of_another_system_is_read_and_scored_by_price(journal):
    foreign = {"ocid": "ocds-x-1", "id": "1", "date": "2026-10-01T00:00:00Z", "tag": ["tender"],
               "initiationType": "tender", "buyer": {"id": "w", "name": "W"},
               "tender": {"id": "1", "title": "Bars", "items": [{"id": "1", "description": "Bar", "quantity": 5,
                                                               "unit": {"name": "t"}}]},
               "bids": {"details": [{"id": name, "tenderers": [{"id": name}], "value": {"amount": 5 - n}}
                                    for n, name in enumerate("ab")]}}
    assert winner(evaluate(ocds.read(foreign, "x"), journal, DAY)) == "b"


@pytest.mark.parametrize("raw", [[], {}, {"ocid": "x", "tender": {}}, {"releases": []}, 3])
def test_what_is_no_release_is_refused(raw):
    with pytest.raises(InvalidInputError, match=r"no OCDS release|no tender with items"):
        ocds.read(raw, "x")


def test_the_excel_form_filled_is_the_same_tender(tmp_path: Path):
    from openpyxl import load_workbook

    form(tmp_path / "f.xlsx")
    book = load_workbook(tmp_path / "f.xlsx")
    rows: dict[str, list[list[Any]]] = {
        "tender": [["t", "T", "w", date(2026, 10, 1), None]], "lots": [[1, "Steel", None, *[None] * 7]],
        "criteria": [[1, "price", "price", 60], [1, "carbon", "footprint", 40]],
        "positions": [[1, "bar", "Bar", 100, "t"]],
        "bids": [["bid-a", "a", 1, 300000, None, None, None, None, None]],
        "offers": [["bid-a", "bar", "a.bar", None]]}
    for sheet, several in rows.items():
        for row in several:
            book[sheet].append(row)
    book.save(tmp_path / "f.xlsx")
    assert tender_form.read(tmp_path / "f.xlsx") == tender(bid("a", 300000))
    book["offers"].append(["bid-z", "bar", "a.bar", None])
    book.save(tmp_path / "f.xlsx")
    with pytest.raises(InvalidInputError, match="sheet offers: names 'bid-z'"):
        tender_form.read(tmp_path / "f.xlsx")


def test_a_bid_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Bid(id="x", bidder="a", lot="1").price = Decimal(1)  # pyright: ignore[reportAttributeAccessIssue]
