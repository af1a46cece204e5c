"""What studies found policies to do: Seedbed stands beside them, and the page says so truly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seedbed.learning import evidence
from seedbed.learning.calibrate import STUDY_WEIGHT, compiled
from seedbed.learning.fit import beside_studies
from seedbed.market.definition import definitions
from seedbed.policy.instrument import library

PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"
NEAR = 0.1  # of the width of a study's range: what may lie beside it


@pytest.fixture(scope="module")
def answers() -> list[evidence.Answer]:
    return beside_studies()


def test_every_study_is_met_within_its_range_or_close_to_it(answers):
    for answer in answers:
        study = answer.study
        slack = NEAR * (study.high - study.low)
        assert study.low - slack <= answer.seedbed <= study.high + slack, (study.id, answer.seedbed)


def test_most_studies_are_met_inside_their_range(answers):
    assert sum(answer.agrees for answer in answers) >= len(answers) - 2


def test_the_page_of_studies_is_what_the_fits_say(answers):
    assert PAGE.read_text(encoding="utf-8") == evidence.page(answers, STUDY_WEIGHT)


@pytest.mark.parametrize("study", evidence.studies(), ids=lambda s: s.id)
def test_a_study_asks_for_what_exists(study):
    market = definitions()[study.market]
    assert set(study.of) <= {t.id for t in market.technologies}
    for name in (*study.change, *study.less):
        assert library()[name].reaches(study.market)
    assert study.low <= study.value <= study.high
    assert study.source.publisher.zh
    assert study.label.zh != study.label.en


def test_a_study_of_later_years_is_not_a_target_of_a_fit_on_earlier_ones():
    assert {s.id for s in evidence.targets("vehicles", 2018)} == {"nev_subsidy"}
    assert {s.id for s in evidence.targets("vehicles", 2024)} == {"nev_subsidy", "charging"}
    assert evidence.targets("electricity", 2017) == []


def test_the_change_of_a_study_is_the_only_thing_that_differs():
    market = compiled(definitions()["electricity"], 2024)
    wanted = [s for s in evidence.studies() if s.id == "less_premium"]
    questions = evidence.asked(market, wanted)
    moved = np.asarray(questions.fixed[0] - questions.fixed[1])
    column = market.slots.names.index("pv_feed_in_premium")
    assert np.delete(moved, column, axis=1).any() == np.False_
    ceiling = library()["pv_feed_in_premium"].ceiling.value
    np.testing.assert_allclose(moved[:, column][4:9], 100 / ceiling)
    assert moved[:4].any() == np.False_
