"""Mixes are values: they compose, go to plain data and back, and are checked whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.policy.instrument import library
from seedbed.policy.mix import Intensity, Mix, as_it_is, by_rule, no_policy, parse_assignments
from seedbed.policy.rule import report_rule

YEARS = range(2020, 2041)
intensities = st.one_of(st.just("rule"), st.floats(0, 1))
schedules = st.dictionaries(st.sampled_from(YEARS), intensities, min_size=1)
names = st.sampled_from(sorted(library()))
mixes = st.builds(
    Mix,
    name=st.sampled_from(["a", "b"]),
    schedules=st.dictionaries(names, schedules, max_size=4),
    rule=st.sampled_from([None, report_rule()]),
)


def flat(mix: Mix) -> dict[tuple[str, int], Intensity]:
    return {(name, year): x for name, schedule in mix.schedules.items() for year, x in schedule.items()}


@given(mixes, mixes)
def test_the_right_side_wins_on_the_years_it_names_and_only_there(a: Mix, b: Mix) -> None:
    assert flat(a + b) == flat(a) | flat(b)


@given(mixes, mixes, mixes)
def test_adding_is_associative_and_leaves_its_parts_alone(a: Mix, b: Mix, c: Mix) -> None:
    before = flat(a)
    assert flat((a + b) + c) == flat(a + (b + c))
    assert flat(a) == before


@given(mixes)
def test_nothing_is_the_neutral_mix(a: Mix) -> None:
    assert flat(a + no_policy()) == flat(a) == flat(no_policy() + a)


@given(mixes)
def test_plain_data_keeps_every_year_zeros_and_the_rule(a: Mix) -> None:
    back = Mix.from_dict(a.to_dict())
    assert (back.name, flat(back), back.rule) == (a.name, flat(a), a.rule)


def test_a_year_that_is_not_named_is_zero_before_and_after() -> None:
    mix = parse_assignments(["charging_network=0.6@2026:2030"])
    assert [mix.intensity("charging_network", year) for year in (2025, 2026, 2030, 2031)] == [0, 0.6, 0.6, 0]


@pytest.mark.parametrize("interval", ["2026", "2026:", ":2026", "2026-2030", "2030:2026", "from 2026"])
def test_a_bare_year_or_broken_interval_is_refused(interval: str) -> None:
    with pytest.raises(InvalidInputError, match=r"mix, instrument carbon_tax.*Fix: write FIRST:LAST"):
        Mix.from_dict({"instruments": {"carbon_tax": {interval: 0.5}}})


def test_a_bare_number_without_years_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"names no years.*Fix: write an explicit interval"):
        Mix.from_dict({"instruments": {"carbon_tax": 0.5}})


def test_overlapping_intervals_are_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"year 2028 is named twice"):
        Mix.from_dict({"instruments": {"carbon_tax": {"2026:2028": 0.5, "2028:2030": 0.6}}})


@pytest.mark.parametrize("value", [-0.1, 1.1, "much", True, None])
def test_an_intensity_outside_the_bounds_is_refused(value: object) -> None:
    with pytest.raises(InvalidInputError, match=r"is outside 0–1.*Fix:"):
        Mix.from_dict({"instruments": {"carbon_tax": {"2026:2028": value}}})


def test_an_unknown_instrument_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Did you mean carbon_tax"):
        parse_assignments(["carbon_taxes=0.5@2026:2030"])


@pytest.mark.parametrize(
    "word", ["carbon_tax", "carbon_tax=0.5", "carbon_tax=0.5@26", "carbon_tax=high@2026:2027"]
)
def test_an_assignment_that_is_not_understood_shows_how_to_write_it(word: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^mix: .*instrument=INTENSITY@FIRST:LAST"):
        parse_assignments([word])


def test_nothing_is_applied_when_one_assignment_is_bad() -> None:
    """The good words stand before the bad one, and still no mix comes out."""
    with pytest.raises(InvalidInputError, match=r"outside 0–1"):
        parse_assignments(["charging_network=0.6@2026:2030", "carbon_tax=7@2026:2030"])


def test_the_word_rule_brings_the_rule_along() -> None:
    mix = parse_assignments(["carbon_tax=rule@2026:2030", "charging_network=0.6@2026:2030"])
    assert mix.rule == report_rule()
    assert mix.intensity("carbon_tax", 2028) == "rule"
    assert parse_assignments(["charging_network=0.6@2026:2030"]).rule is None


def test_only_cuts_the_years_and_keeps_the_rule() -> None:
    mix = by_rule(YEARS).only(range(2030, 2032))
    assert {year for _, year in flat(mix)} == {2030, 2031}
    assert mix.rule == report_rule()


def test_policy_as_it_is_repeats_the_history() -> None:
    mix = as_it_is(range(2010, 2028))
    for one in library().values():
        for year in range(2010, 2028):
            assert mix.intensity(one.id, year) == one.intensity_in(year)


def test_the_rule_leaves_ended_instruments_ended() -> None:
    chosen = set(by_rule(YEARS).instruments())
    assert chosen == {one.id for one in library().values() if one.status != "ended"}
    assert by_rule(YEARS, instruments=["carbon_tax"]).instruments() == ["carbon_tax"]
