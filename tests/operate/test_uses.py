"""No double claim: what a rule excludes is refused with rule and document, by dates, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from random import Random

import pytest

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.operate.record.ledger import ConflictError
from seedbed.operate.record.nouns import Use
from seedbed.operate.record.uses import ExcludedError, UndecidedError, between, exclusions

IN_FORCE, LAPSED = date(2026, 6, 1), date(2026, 10, 1)


def use(name: str, instrument: str, low: int = 1, high: int = 500, start: date = date(2026, 1, 1),
        end: date = date(2026, 2, 1), by: str = "cgn", source: str = "CSP-1") -> Use:
    return Use(id=name, source=source, unit="MWh", start=start, end=end, low=low, high=high, instrument=instrument,
               by=by)


def test_a_certificate_and_a_ccer_of_the_same_mwh_exclude_one_another(journal):
    journal.take(use("g", "green_certificate"), on=IN_FORCE)
    with pytest.raises(ExcludedError, match=r"units 400–500 \(MWh\) of CSP-1 from 2026-01-15 to 2026-02-01 were taken "
                                            r"by g.*certificate_ccer.*国能综通新能〔2024〕124号"):
        journal.take(use("c", "ccer", 400, 900, date(2026, 1, 15), date(2026, 3, 1)), on=IN_FORCE)
    assert [one.id for one in journal.uses()] == ["g"]


@pytest.mark.parametrize("free", [
    {"low": 501, "high": 900}, {"start": date(2026, 2, 1), "end": date(2026, 3, 1)}, {"source": "CSP-2"}])
def test_what_does_not_overlap_is_free(journal, free):
    journal.take(use("g", "green_certificate"), on=IN_FORCE)
    journal.take(use("c", "ccer", **free), on=IN_FORCE)


def test_a_rule_that_lapsed_is_not_guessed_on_but_asked_about(journal):
    journal.take(use("g", "green_certificate"), on=LAPSED)
    with pytest.raises(UndecidedError, match=r"no rule is in force on 2026-10-01.*ended on 2026-09-30"):
        journal.take(use("c", "ccer"), on=LAPSED)
    journal.take(use("c", "ccer"), on=LAPSED, decision="NEA reply 2026-11-02")
    event = next(e for e in journal.events(kind="use.taken@1") if e.body["id"] == "c")
    assert event.body["decision"] == "NEA reply 2026-11-02"


def test_one_party_may_use_a_mwh_for_its_firm_and_its_product_two_parties_may_not(journal):
    journal.take(use("s", "scope2_market", by="cgn"), use("p", "product_electricity", by="cgn"))
    with pytest.raises(ExcludedError, match="certificate_claimed_once"):
        journal.take(use("q", "product_electricity", by="other"))


def test_the_same_tonne_earns_points_in_one_programme_only(journal):
    journal.take(use("a", "carbon_points", by="guangdong", source="trip-1"))
    with pytest.raises(ExcludedError, match="points_once"):
        journal.take(use("b", "carbon_points", by="shenzhen", source="trip-1"))


def test_uses_are_taken_together_or_not_at_all_and_also_exclude_one_another(journal):
    with pytest.raises(ExcludedError):
        journal.take(use("g", "green_certificate"), use("c", "ccer"), on=IN_FORCE)
    assert journal.uses() == []


def test_the_same_use_again_changes_nothing_and_another_under_its_id_is_refused(journal):
    journal.take(use("g", "green_certificate"))
    journal.take(use("g", "green_certificate"))
    assert len(journal.uses()) == 1
    with pytest.raises(ConflictError, match="another high"):
        journal.take(use("g", "green_certificate", high=400))


def test_a_source_is_counted_in_one_unit(journal):
    journal.take(use("g", "green_certificate"), on=IN_FORCE)
    other = use("c", "ccer", 100, 900).model_copy(update={"unit": "kWh"})
    with pytest.raises(InvalidInputError, match="counted in MWh, not in kWh"):
        journal.take(other, on=IN_FORCE)


def test_an_instrument_nobody_knows_is_named(journal):
    with pytest.raises(UnknownNameError, match="green_certificate"):
        journal.take(use("g", "green_certificat"))


def test_every_rule_names_a_document_in_both_languages_and_a_source():
    for rule in exclusions().rules:
        assert rule.document.zh
        assert rule.document.en
        assert rule.source.reference


def test_rules_hold_from_their_first_to_their_last_day():
    days = (date(2024, 9, 30), date(2024, 10, 1), date(2026, 9, 30))
    found = [between("ccer", "green_certificate", day) for day in days]
    assert [rule and rule.id for rule in found] == [None, "certificate_ccer", "certificate_ccer"]


def test_many_writers_leave_no_pair_that_a_rule_excludes(journal):
    instruments = ("green_certificate", "ccer", "scope2_market", "energy_dual_control")

    def write(seed: int) -> list[str]:
        draw, out = Random(seed), []
        for n in range(12):
            start = date(2026, 1, 1) + timedelta(days=draw.randrange(60))
            low = draw.randrange(1, 200)
            one = use(f"{seed}-{n}", draw.choice(instruments), low, low + draw.randrange(40), start,
                      start + timedelta(days=draw.randrange(1, 20)), f"party{draw.randrange(3)}",
                      f"plant{draw.randrange(2)}")
            try:
                journal.take(one, on=IN_FORCE)
            except ExcludedError as error:
                out.append(str(error))
        return out

    with ThreadPoolExecutor(8) as pool:
        refused = [one for found in pool.map(write, range(8)) for one in found]
    documents = [rule.named for rule in exclusions().rules]
    assert refused
    assert all(any(named in said for named in documents) for said in refused)
    found = defaultdict(list)
    for one in journal.uses():
        found[one.source].append(one)
    for group in found.values():
        for i, one in enumerate(group):
            for other in group[:i]:
                if one.start < other.end and other.start < one.end and one.low <= other.high and other.low <= one.high:
                    rule = between(one.instrument, other.instrument, IN_FORCE)
                    assert rule is None or (rule.kind == "owner" and one.by == other.by), (one, other)
    assert journal.verify().broken is None
