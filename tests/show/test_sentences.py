"""Errors, fixes and help are said in both languages: every sentence of the code has its Chinese, and finds it."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.cli.verb import face
from seedbed.show.sentences import chinese, said, sections

TOOL = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "sentences.py"))
IN_CODE = TOOL["sentences"]()


def test_no_sentence_is_said_in_english_only() -> None:
    assert [f"{place}: {text}" for text, place in IN_CODE.items() if text not in chinese()] == []


def test_no_sentence_is_left_over_from_code_that_is_gone() -> None:
    assert [text for text in sections()["own"] if text not in IN_CODE] == []


@pytest.mark.parametrize("text", sections()["own"] | sections()["words"])
def test_a_sentence_would_lose_what_is_filled_in_or_be_taken_for_another(text: str) -> None:
    words = [f"‹{n}›" for n in range(text.count("{}"))]
    filled = text.format(*words) if words else text
    expected = re.sub(r"\{(\d+)\}", lambda hole: words[int(hole[1]) - 1], chinese()[text]) if words else chinese()[text]
    assert said(filled, "zh") == expected
    assert said(filled, "en") == filled
    for word in words:
        assert expected.count(word) == 1
    assert re.search("[一-鿿（；]", chinese()[text])


def test_errors_speak_the_language_that_is_asked_for() -> None:
    unknown = UnknownNameError("market", "steal", ["steel"])
    assert unknown.told(face("en")) == "Unknown market 'steal'. Did you mean steel?"
    assert unknown.told(face("zh")) == "没有名为 'steal' 的市场。是否指 steel？"
    wrong = InvalidInputError("the budget of {budget} is not positive.", where=Parameter("budget"),
                              fix="give public money over the plan, in {unit}.", budget=-2e9)
    assert wrong.told(face("en")) == ("--budget: the budget of -2 billion CNY is not positive. "
                                      "Fix: give public money over the plan, in billion CNY.")
    assert wrong.told(face("zh")) == ("--budget：预算 -2 十亿元 不是正数。"
                                      "解决办法：给出规划期内的公共资金，单位为 十亿元。")
