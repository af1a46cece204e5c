"""The rule is a 4×4 matrix that goes to plain data and back and reads as the report says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.base.errors import InvalidInputError
from seedbed.policy.rule import Rule, Stage, as_rule, report_rule

matrices = st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=4, max_size=4)


@given(matrices)
def test_a_matrix_comes_back_unchanged(matrix: list[list[float]]) -> None:
    rule = Rule.from_matrix("trial", "test", matrix)
    assert rule.matrix() == matrix
    assert as_rule(rule.model_dump()) == rule


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_an_intensity_outside_0_to_1_is_refused_with_its_cell(value: float) -> None:
    matrix = [[0.5] * 4 for _ in range(4)]
    matrix[1][2] = value
    with pytest.raises(InvalidInputError, match=r"trial, key incentive\.maturity"):
        Rule.from_matrix("trial", "test", matrix)


def test_a_matrix_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Rule.from_matrix("trial", "test", [[0.5] * 4] * 3)


def test_the_reports_rule_moves_as_its_words_say() -> None:
    """CAICT 2024, section 1.2: each kind's course over emergence, growth, maturity, decline."""
    rule = report_rule()
    course = {
        kind: [getattr(rule, kind)[stage] for stage in Stage]
        for kind in ("mandatory", "incentive", "guidance", "supporting")
    }
    weak, _, strong, after = course["mandatory"]
    assert course["mandatory"][:3] == sorted(course["mandatory"][:3])
    assert weak < 0.3 < 0.8 < strong
    assert after <= strong
    assert course["incentive"] == sorted(course["incentive"], reverse=True)
    assert course["incentive"][3] == 0
    assert max(course["guidance"]) == course["guidance"][0]
    assert min(course["guidance"]) >= 0.8 * course["guidance"][0]
    early, growth, maturity, late = course["supporting"]
    assert min(growth, maturity) > max(early, late)
