"""The catalogue of words: complete in both languages, strict about keys and fields."""

import ast
import re
from pathlib import Path

import pytest

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.text import Lang
from seedbed.planning.optimise.objective import Totals
from seedbed.policy.instrument import Channel, Kind, Payer
from seedbed.policy.rule import Stage
from seedbed.show import words
from seedbed.show.numbers import units
from seedbed.show.words import catalogue, placeholders, t

SHOW = Path(words.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_entry_is_chinese_in_chinese_and_english_in_english() -> None:
    for key, entry in catalogue().items():
        if not re.search(r"\w", entry["zh"] + entry["en"]):
            continue  # punctuation only
        said = re.sub(r"\{\w+\}", "", entry["zh"])  # what is left when its fields are taken out
        assert CHINESE.search(said) or not re.search(r"\w", said), key
        assert not CHINESE.search(entry["en"]), key
        assert entry["zh"] != entry["en"], key


def test_both_languages_want_the_same_fields() -> None:
    for key, entry in catalogue().items():
        assert placeholders(entry["zh"]) == placeholders(entry["en"]), key


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_term_of_the_model_has_a_word(lang: Lang) -> None:
    for name, members in (("kind", Kind), ("stage", Stage), ("channel", Channel), ("payer", Payer)):
        assert len({t(f"{name}.{m.value}", lang) for m in members}) == len(members)
    assert len({t(f"optimise.total.{name}", lang) for name in Totals._fields}) == len(Totals._fields)


def test_every_unit_has_chinese_and_english_scales() -> None:
    for symbol, unit in units().items():
        assert unit.zh.scale in ("wan", "plain", "percent"), symbol
        assert unit.en.scale in ("short", "si", "plain", "percent"), symbol
        assert not CHINESE.search(unit.en.label), symbol


def test_a_missing_key_raises_and_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        t("kind.mandatry", "zh")
    assert "kind.mandatory" in str(caught.value)


def test_a_field_too_many_or_too_few_raises() -> None:
    with pytest.raises(InvalidInputError, match=r"kind\.mandatory"):
        t("kind.mandatory", "zh", year=2030)


def test_an_entry_without_english_names_file_and_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half.yaml").write_text("kind: {a: {zh: 甲}}", encoding="utf-8")
    monkeypatch.setattr(words, "WORDS", tmp_path)
    with pytest.raises(InvalidInputError, match=r"half\.yaml.*kind\.a"):
        words.catalogue.__wrapped__()


def test_no_chinese_stands_in_code_or_templates() -> None:
    for path in [*SHOW.rglob("*.j2"), *SHOW.rglob("*.css"), *SHOW.rglob("*.typ")]:
        assert not CHINESE.search(path.read_text(encoding="utf-8")), path.name
    for path in SHOW.rglob("*.py"):
        if path.name == "numbers.py":  # 万 and 亿 are its scale
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                assert not CHINESE.search(node.value), f"{path.name}:{node.lineno}"
