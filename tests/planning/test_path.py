"""The path table: the report's one example, no holes, reasons in both languages."""

from __future__ import annotations

import re
from itertools import product
from typing import get_args

import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.market.definition import definitions
from seedbed.planning.industry_type import rules
from seedbed.planning.path import Step, row_for, step, table

STAGES = [(1, None), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1), (4, 2), (5, None)]
TYPES = sorted(rules().types)


def test_the_example_of_the_report_comes_out():
    row = row_for(4, 2, "urban_services")
    assert row.origin == "report"
    assert row.markets[:2] == ("recycled", "second_hand")
    assert max(row.category, key=lambda c: row.category[c]) == "recycling"
    fits = {m: row.fit(d) for m, d in definitions().items()}
    assert sorted(fits, key=lambda m: -fits[m])[:2] == ["recycled", "second_hand"]


def test_only_the_example_claims_to_be_the_reports():
    assert [r.origin for r in table().rows].count("report") == 1


@pytest.mark.parametrize(("place", "kind"), list(product(STAGES, TYPES)))
def test_every_stage_and_type_has_one_row_with_a_reason_in_both_languages(place, kind):
    stage, half = place
    row = row_for(stage, half, kind)
    found = [r for r in table().rows if step(stage, half) in r.stages and r.type == kind]
    assert found == [row]
    assert re.search(r"[\u4e00-\u9fff]", row.reason.zh)
    assert re.search(r"[A-Za-z]{3}", row.reason.en)
    assert not re.search(r"[\u4e00-\u9fff]", row.reason.en)


def test_every_market_and_category_of_the_table_exists():
    categories = {"carbon_saving", "recycling", "environment", "ecology"}
    for row in table().rows:
        assert set(row.markets) <= set(definitions())
        assert len(set(row.markets)) == len(row.markets)
        assert set(row.category) <= categories
        assert all(0 <= w <= 1 for w in row.category.values())
        assert set(row.stages) <= set(get_args(Step))


def test_an_earlier_choice_fits_better_and_fits_are_shares():
    for row in table().rows:
        fits = [row.fit(d) for d in definitions().values()]
        assert all(0 <= f <= 1 for f in fits)
        own = {d.category for m, d in definitions().items() if m in row.markets}
        for category in own:
            listed = [row.fit(definitions()[m]) for m in row.markets if definitions()[m].category == category]
            assert listed == sorted(listed, reverse=True)


def test_a_type_without_a_row_is_refused_with_the_file_to_mend():
    with pytest.raises(InvalidInputError, match=r"path\.yaml.*late_second × fishing.*add a row"):
        row_for(4, 2, "fishing")
