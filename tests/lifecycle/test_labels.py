"""Labels and spellings are data: code holds no Chinese, and readers know the words of both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from seedbed import lifecycle
from seedbed.base.text import Text
from seedbed.lifecycle.formats import spreads
from seedbed.lifecycle.formats.ilcd.terms import supply_mix
from seedbed.lifecycle.formats.spellings import any_of, spellings
from seedbed.lifecycle.labels import filled, name_columns

FLOOR = Path(lifecycle.__file__).parent
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Line and value of the string literals of a file, without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.lineno, node.value


def test_chinese_would_stand_in_code() -> None:
    assert not [f"{path.name}:{line}" for path in FLOOR.rglob("*.py") for line, text in strings(path)
                if CHINESE.search(text)]


def test_a_field_would_be_filled_with_the_other_language() -> None:
    made = filled(Text(zh="{place}电力，{year} 年", en="Electricity, {place}, {year}"), year="2023",
                  place=Text(zh="广东", en="Guangdong"))
    assert made == Text(zh="广东电力，2023 年", en="Electricity, Guangdong, 2023")
    assert name_columns(made) == {"name_zh": "广东电力，2023 年", "name_en": "Electricity, Guangdong, 2023"}


@pytest.mark.parametrize("text", ["gsd 1.2", "GSD = 1.2", "几何标准差 1.2", "几何标准差：1.2"])
def test_a_geometric_standard_deviation_would_not_be_read(text: str) -> None:
    assert spreads.parse(text, 1.0)["distribution"] == "lognormal"


@pytest.mark.parametrize("text", ["0.8–1.3", "0.8 ~ 1.3", "0.8 to 1.3", "0.8至1.3", "0.8 到 1.3", "0.8..1.3"])
def test_a_range_would_not_be_read(text: str) -> None:
    assert spreads.parse(text, 1.0) | {"loc": None} == {
        "distribution": "triangular", "loc": None, "scale": None, "low": 0.8, "high": 1.3}


def test_a_supply_mix_or_a_price_would_not_be_known_in_chinese() -> None:
    assert supply_mix().search("混合电力（1kV）")
    assert supply_mix().search("Consumption Mix, at grid")
    assert not supply_mix().search("concrete mixer")
    assert re.search(any_of(spellings().by_value), "按经济价值")
