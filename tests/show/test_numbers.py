"""Numbers as written in each language."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.base.errors import UnknownNameError
from seedbed.base.text import Lang
from seedbed.show.numbers import axis_scale, digits, number, split
from seedbed.show.speaker import Speaker


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (1.234e9, "CNY", "12.3 亿元", "CNY 1.23bn"),
        (-5.6e7, "CNY", "-5,600 万元", "CNY -56m"),
        (0, "CNY", "0 元", "CNY 0"),
        (0.456, "share", "45.6%", "45.6%"),
        (1.2e7, "kW", "1,200 万千瓦", "12 GW"),
        (3.4e8, "MWh", "3,400 亿千瓦时", "340 TWh"),
        (4.56e6, "tCO2e", "456 万吨CO₂e", "4.56 Mt CO₂e"),
        (12865872, "vehicle", "1,287 万辆", "12.9m vehicles"),
        (86000, "job", "8.6 万个岗位", "86k jobs"),
        (999_999, "vehicle", "100 万辆", "1m vehicles"),
        (None, "CNY", "—", "—"),
        (math.nan, "share", "—", "—"),
    ],
)
def test_known_numbers_read_as_a_reader_expects(value: float, unit: str, zh: str, en: str) -> None:
    assert number(value, unit, "zh") == zh
    assert number(value, unit, "en") == en


def test_a_units_own_label_is_shortened_as_a_count() -> None:
    heads = {"zh": "头", "en": "head"}
    assert number(25_000, heads, "zh") == "2.5 万头"
    assert number(25_000, heads, "en") == "25k head"


def test_an_unknown_unit_raises_rather_than_prints() -> None:
    with pytest.raises(UnknownNameError, match="furlong"):
        number(1, "furlong", "en")


def test_split_keeps_the_currency_with_the_figure() -> None:
    assert split(4.25e9, "CNY", "en") == ("CNY 4.25bn", "")
    assert split(4.25e9, "CNY", "zh") == ("42.5", "亿元")


def test_an_axis_takes_one_scale_from_its_largest_value() -> None:
    assert axis_scale([1e3, None, math.nan, 2e9], "CNY", "zh") == (1e8, "亿元")
    assert axis_scale([1e3, 2e9], "CNY", "en") == (1e9, "CNY bn")
    assert axis_scale([2e6], "vehicle", "en") == (1e6, "vehicles (m)")
    assert axis_scale([], "share", "en") == (0.01, "%")


@given(st.floats(min_value=1e-3, max_value=1e13), st.sampled_from(["zh", "en"]))
def test_the_written_number_is_within_half_a_percent(value: float, lang: Lang) -> None:
    divisor, _ = axis_scale([value], "CNY", lang)
    assert float(digits(value / divisor).replace(",", "")) * divisor == pytest.approx(value, rel=0.006)


@given(st.floats(min_value=-1e15, max_value=1e15))
def test_digits_never_writes_an_exponent_or_a_negative_zero(value: float) -> None:
    text = digits(value)
    assert "e" not in text
    assert text != "-0"


@pytest.mark.parametrize(("low", "zh", "en"), [
    (-9.58e8, "-2.98（-9.58～-1.44）亿吨CO₂e", "-298 (-958 to -144) Mt CO₂e"),
    (1.15e8, "2.8（1.15—9.29）亿吨CO₂e", "280 (115 to 929) Mt CO₂e"),
])
def test_an_interval_below_zero_has_no_dash_beside_its_minus(low, zh, en):
    values = np.array([low, low, -2.98e8, -2e8, -1.44e8] if low < 0 else [low, 2e8, 2.8e8, 3e8, 9.29e8])
    assert [Speaker(lang).interval(values, "tCO2e").replace("\u00a0", " ").replace("\u2060", "")
            for lang in ("zh", "en")] == [zh, en]
