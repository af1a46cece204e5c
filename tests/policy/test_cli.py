"""`seedbed policy` shows what the library holds, in either language."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from seedbed.base.errors import UnknownNameError
from seedbed.cli.policy import app
from seedbed.policy.instrument import LEVERS, library
from seedbed.show.words import catalogue

RUN = CliRunner(env={"COLUMNS": "400", "SEEDBED_LANG": ""})


def output(*words: str) -> str:
    result = RUN.invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize(
    ("lang", "word"), [("zh", "新能源汽车购置补贴"), ("en", "New-energy vehicle purchase subsidy")]
)
def test_list_names_every_instrument_in_the_language_asked_for(lang: str, word: str) -> None:
    text = output("list", "--lang", lang)
    assert word in text
    for name in library():
        assert name in text


def test_ids_are_whole_on_a_terminal_of_120_columns() -> None:
    text = RUN.invoke(app, ["list"], env={"COLUMNS": "120"}).output
    assert not [name for name in library() if name not in text]


def test_list_filters_by_kind_market_and_channel() -> None:
    filters = ["--kind", "mandatory", "--market", "vehicles", "--channel", "government"]
    text = output("list", *filters, "--lang", "en")
    wanted = {
        one.id
        for one in library().values()
        if one.kind == "mandatory" and one.reaches("vehicles") and "government" in one.channels
    }
    assert {name for name in library() if re.search(rf"^\s*{name}\s", text, re.MULTILINE)} == wanted


@pytest.mark.parametrize(
    ("option", "word"), [("--kind", "forced"), ("--market", "vehicle"), ("--channel", "family")]
)
def test_a_filter_nobody_knows_is_an_error_not_an_empty_list(option: str, word: str) -> None:
    with pytest.raises(UnknownNameError, match=word):
        RUN.invoke(app, ["list", option, word], catch_exceptions=False)


@pytest.mark.parametrize("name", list(library()))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_show_gives_every_document_and_reference(name: str, lang: str) -> None:
    squeezed = "".join(output("show", name, "--lang", lang).split())
    one = library()[name]
    assert "".join(one.reason[lang].split())[:40] in squeezed
    for past in one.history:
        assert "".join(past.document[lang].split())[:12] in squeezed
        assert past.source.reference.split()[0] in squeezed


def test_show_writes_large_numbers_in_full() -> None:
    assert "250,000" in output("show", "hydrogen_demonstration_award", "--lang", "en")


def test_timeline_draws_a_bar_in_the_years_of_the_history() -> None:
    """Two characters a year from the first mark: the vehicle subsidy starts in 2010 and ends with 2022."""
    lines = output("timeline", "--market", "vehicles", "--lang", "en").splitlines()
    line = next(row for row in lines if "New-energy vehicle purchase subsidy" in row)
    header = next(row for row in lines if " 09  11" in row)
    marks = list(re.finditer(r"\b\d\d\b", header))
    first, start = 2000 + int(marks[0][0]), marks[0].start()
    bars = line[start : header.index("Kind")]
    assert header[start:].startswith("  ".join(f"{year % 100:02d}" for year in range(first, 2023, 2)))
    assert [first + place // 2 for place, mark in enumerate(bars) if mark != " "][::2] == list(range(2010, 2023))


def test_every_unit_of_a_ceiling_has_a_chinese_name() -> None:
    named = {key.removeprefix("policy.unit."): word["zh"] for key, word in catalogue().items()
             if key.startswith("policy.unit.")}
    assert set(named) == {unit for rule in LEVERS.values() for unit in rule.units}
    assert not [unit for unit, word in named.items() if not re.search(r"[\u4e00-\u9fff]", word)]


def test_help_loads_no_numerical_library() -> None:
    code = "import sys, seedbed.cli.policy; print(sorted({'jax', 'numpy', 'polars'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
