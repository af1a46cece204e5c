"""What is said of a stage."""

from __future__ import annotations

from seedbed.market.stage_of import stage_of
from seedbed.show.speaker import Speaker
from seedbed.show.stage import explanation


def test_the_explanation_names_stage_year_and_direction_of_growth_in_both_languages() -> None:
    zh, en = (explanation(Speaker(lang), stage_of("cement").reading) for lang in ("zh", "en"))
    assert "衰退" in zh
    assert "2014" in zh
    assert "Decline" in en
    assert "−" in en
