"""Schemes: every worked case comes out, every instrument is in the library, every rule names its document."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from seedbed.base.datafile import load_yaml
from seedbed.base.errors import InvalidInputError, SeedbedError, UnknownNameError
from seedbed.operate.assess import assess
from seedbed.operate.post import post
from seedbed.operate.record.ledger import ConflictError
from seedbed.operate.record.uses import ExcludedError
from seedbed.operate.scheme import FOLDER, Scheme, known, scheme, schemes
from seedbed.policy.instrument import library

CASES = [(one.id, case) for one in schemes().values() for case in known(one)]


def close(found: Any, expected: Any, tolerance: float) -> bool:
    if isinstance(expected, list):
        return len(found) == len(expected) and all(close(a, b, tolerance) for a, b in zip(found, expected, strict=True))
    if isinstance(found, tuple):  # one row
        found, = found
    if isinstance(expected, str | date):
        return str(found) == str(expected)
    return abs(Decimal(str(found)) - Decimal(str(expected))) <= Decimal(str(tolerance))


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}-{case.id}" for name, case in CASES])
def test_a_worked_case_comes_out_as_its_source_says(name, case):
    if "refused" in case.expected:
        with pytest.raises(SeedbedError, match=case.expected["refused"]):
            assess(name, case.asked, case.day)
        return
    made = assess(name, case.asked, case.day)
    for line, expected in case.expected.items():
        assert close(made[line], expected, case.tolerance), (line, made[line], expected)


def test_there_are_schemes_for_every_area_of_the_report_and_each_has_cases():
    areas = {area: sum(one.area == area for one in schemes().values())
             for area in ("procurement", "enterprise", "persons", "rights", "export")}
    assert all(count >= least for count, least in zip(areas.values(), (7, 8, 5, 6, 3), strict=True)), areas
    assert {name for name, _ in CASES} == set(schemes())


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        if value.keys() & {"zh", "en"}:
            yield path, value
        else:
            for key, inner in value.items():
                yield from _texts(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{n}]")


@pytest.mark.parametrize("one", schemes().values(), ids=lambda one: one.id)
def test_a_scheme_speaks_both_languages_and_its_rules_name_documents(one: Scheme):
    raw = load_yaml(one.folder / "scheme.yaml")
    for path, text in _texts(raw):
        assert set(text) == {"zh", "en"}, path
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in text["en"].split("〔")[0][:6]), path
    for rule in one.rules.values():
        for value in rule.values:
            assert value.document.zh
            assert value.source.reference
    if one.instrument:
        assert one.instrument in library(), one.instrument


def test_most_schemes_run_an_instrument_of_the_policy_library():
    assert sum(one.instrument is not None for one in schemes().values()) >= 0.7 * len(schemes())


def test_the_same_asked_under_the_rules_of_two_days_is_laid_side_by_side():
    asked = {"weight": 30, "bids": [{"price": 110}, {"price": 100, "domestic": False}]}
    compared = assess("price_score", asked, "2025-12-31", compare="2026-01-01")
    assert [one["evaluation"] for one in (compared.one, compared.other)] == [
        (Decimal(110), Decimal(100)), (Decimal("88.0"), Decimal(100))]
    assert {used.ruling.document.zh for used in compared.other.rules} != {
        used.ruling.document.zh for used in compared.one.rules}


def test_no_rule_in_force_is_said_and_never_guessed():
    with pytest.raises(InvalidInputError, match="no rule is in force on 2020-01-01"):
        assess("carbon_points", {"events": [{"event": "a", "day": "2020-01-01", "grams": 100}]})


@pytest.mark.parametrize(("asked", "said"), [
    ({"wieght": 30, "bids": [{"price": 1}]}, "wieght"), ({"weight": 30}, "bids"),
    ({"weight": 30, "bids": [{"prise": 1}]}, "prise"), ({"weight": "x", "bids": [{"price": 1}]}, "weight"),
    ({"weight": 30, "bids": [{"price": 1}, {"price": -4}]}, "bids 2, price"),
])
def test_what_is_asked_wrongly_is_named_with_its_place(asked, said):
    with pytest.raises((InvalidInputError, UnknownNameError), match=said):
        assess("price_score", asked, "2026-11-30")


def _points(programme: str = "CN-GD", grams: int = 960) -> Any:
    return assess("carbon_points", {"programme": programme, "events": [
        {"event": "trip-1", "person": "p-1", "day": "2026-07-02", "grams": grams}]}, "2026-07-03")


def test_points_are_posted_once_and_no_second_programme_pays_for_the_same_tonne(journal, whole):
    first, = post([_points()], journal)
    again, = post([_points()], journal)
    assert [one.id for one in again.transfers] == [one.id for one in first.transfers]
    assert journal.balance("p-1:points:CN-GD").amount == 120
    assert journal.balance("p-1:gco2e:CN-GD").amount == 960
    with pytest.raises(ExcludedError, match="points_once"):
        post([_points("CN-SZ")], journal)
    assert [one.id for one in journal.accounts(owner="p-1")] == ["p-1:gco2e:CN-GD", "p-1:points:CN-GD"]
    whole(journal)


def test_a_result_is_recorded_with_its_rules_or_not_at_all(journal):
    with pytest.raises((ExcludedError, ConflictError)):
        post([_points(), _points("CN-SZ")], journal)
    assert list(journal.events()) == []
    post([_points()], journal)
    event = next(journal.events(kind="carbon_points.assessed@1"))
    assert event.body["results"] == {"total_points": "120", "total_grams": "960"}
    assert event.body["rules"] == [["grams_per_point", "2026-07-01"]]


def test_a_scheme_of_ones_own_has_all_that_the_shipped_ones_have(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_HOME", str(tmp_path))
    own = tmp_path / "schemes" / "my_points"
    shutil.copytree(FOLDER / "carbon_points", own)
    text = (own / "scheme.yaml").read_text("utf-8").replace("id: carbon_points", "id: my_points", 1)
    (own / "scheme.yaml").write_text(text.replace("value: 8,", "value: 4,"), "utf-8")
    made = assess("my_points", {"events": [{"event": "a", "day": date(2026, 7, 2), "grams": 960}]}, "2026-07-03")
    assert made["total_points"] == 200  # 240, capped
    assert scheme("my_points").folder == own


def test_a_scheme_whose_step_uses_a_name_nobody_gives_is_refused_with_its_place(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_HOME", str(tmp_path))
    own = tmp_path / "schemes" / "broken"
    shutil.copytree(FOLDER / "carbon_points", own)
    text = (own / "scheme.yaml").read_text("utf-8").replace("id: carbon_points", "id: broken", 1)
    (own / "scheme.yaml").write_text(text.replace("floor(grams /", "floor(gramms /"), "utf-8")
    with pytest.raises(InvalidInputError, match="step points uses gramms"):
        assess("broken", {"events": []})


def test_the_cap_of_a_day_holds_over_several_posts(journal):
    def points(event: str) -> Any:
        return assess("carbon_points", {"events": [{"event": event, "person": "p", "day": "2026-07-02",
                                                    "grams": 1200}]}, "2026-07-03")

    post([points("one")], journal)
    with pytest.raises(InvalidInputError, match="has got 150 point on 2026-07-02; 150 more would be over the 200"):
        post([points("two")], journal)
    post([points("one")], journal)
    assert journal.balance("p:points:CN-GD").amount == 150


def test_a_deduction_that_leaves_nothing_cannot_be_scored():
    with pytest.raises(InvalidInputError, match="not above zero"):
        assess("price_score", {"weight": 30, "small_rate": "0.9", "bids": [
            {"price": 1, "small": True}, {"price": 2, "domestic": False}]}, "2026-11-30")


@pytest.mark.parametrize("asked", [None, [1], {1: 2}, {"weight": 30, "bids": 3},
                                   {"weight": 30, "bids": [[1, 2, 3, 4, 5]]}])
def test_what_is_no_mapping_of_fields_is_refused(asked):
    with pytest.raises((InvalidInputError, UnknownNameError)):
        assess("price_score", asked, "2026-11-30")


@pytest.mark.parametrize(("scheme_", "asked"), [
    ("second_hand", {"category": "appliance", "new_kg": 1, "seller": "business", "received": "9999-12-31"}),
    ("product_footprint", {"footprint": 1, "period_end": "9999-12-31"}),
    ("electricity", {"purpose": "product", "kwh": "1e999999999"}),
])
def test_what_cannot_be_counted_is_an_error_that_names_the_scheme(scheme_, asked):
    with pytest.raises(InvalidInputError):
        assess(scheme_, asked, "2026-11-30")


@pytest.mark.parametrize(("old", "new"), [
    ("{name: points, each: events, at: day,", "{name: points, each: events, at: event,"),
    ("checks: []", "checks: [{each: nope, formula: '1', say: {zh: 一, en: one}}]"),
])
def test_a_scheme_of_ones_own_that_is_wrong_is_an_error_and_no_traceback(tmp_path, monkeypatch, old, new):
    monkeypatch.setenv("SEEDBED_HOME", str(tmp_path))
    own = tmp_path / "schemes" / "broken"
    shutil.copytree(FOLDER / "carbon_points", own)
    text = (own / "scheme.yaml").read_text("utf-8").replace("id: carbon_points", "id: broken", 1) + "checks: []\n"
    assert old in text
    (own / "scheme.yaml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(InvalidInputError):
        assess("broken", {"events": [{"event": "a", "day": "2026-07-02", "grams": 960}]}, "2026-07-03")
