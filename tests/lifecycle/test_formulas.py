"""Formulas of databases: arithmetic, and nothing that runs code."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.base.errors import InvalidInputError
from seedbed.base.formulas import evaluate, names, resolve

NUMBER = st.floats(0.1, 100)


@given(NUMBER, NUMBER)
def test_arithmetic_is_that_of_the_language(a: float, b: float) -> None:
    assert evaluate("a*b^2 - (A/B)", {"a": a, "b": b}) == a * b**2 - a / b
    assert evaluate("if(a > b, a, b)", {"a": a, "b": b}) == max(a, b)
    assert evaluate("ln(a) + sqrt(b) + 2*pi", {"a": a, "b": b}) == math.log(a) + math.sqrt(b) + 2 * math.pi


def test_a_parameter_may_bear_a_word_of_python() -> None:
    assert names("1 / yield + in ^ 2") == {"yield", "in"}
    assert evaluate("1 / yield", {"yield": 0.5}) == 2.0


def test_draws_are_evaluated_together() -> None:
    draws = np.array([1.0, 2.0, 3.0])
    assert evaluate("max(x, 2)*y", {"x": draws, "y": 10.0}) == pytest.approx([20, 20, 30])


@pytest.mark.parametrize(
    "text", ["__import__('os')", "x.real", "[1,2][0]", "lambda: 1", "'a'", "x if y else z", "f(x)"]
)
def test_anything_but_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        evaluate(text, {"x": 1.0, "y": 1.0, "z": 1.0})


def test_an_unknown_parameter_and_a_circle_are_named() -> None:
    with pytest.raises(InvalidInputError, match="'heat'"):
        evaluate("heat*2", {}, where="process p, exchange 3")
    with pytest.raises(InvalidInputError, match="circle"):
        resolve({}, {"a": "b+1", "b": "a+1"})


def test_parameters_are_resolved_in_the_order_they_need() -> None:
    assert resolve({"a": 2.0}, {"c": "b*2", "b": "a+1"}) == {"a": 2.0, "b": 3.0, "c": 6.0}
    assert names("a*Sin(b) + pi") == {"a", "b"}
