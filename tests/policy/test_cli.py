"""`seedbed policy` shows what the library holds, in either language."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from seedbed.base.errors import UnknownNameError
from seedbed.cli.policy import UNITS, app
from seedbed.policy.instrument import LEVERS, library

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
    assert "100,000,000" in output("show", "hydrogen_infrastructure", "--lang", "en")


def test_timeline_draws_a_bar_in_the_years_of_the_history() -> None:
    """Two characters a year from 2009: the vehicle subsidy starts in 2010 and ends with 2022."""
    line = next(
        row
        for row in output("timeline", "--market", "vehicles", "--lang", "en").splitlines()
        if "New-energy vehicle purchase subsidy" in row
    )
    header = next(
        row
        for row in output("timeline", "--market", "vehicles", "--lang", "en").splitlines()
        if " 09  11" in row
    )
    start = header.index("09  11")
    bars = line[start : start + 2 * 22]
    assert [year for year in range(2009, 2031) if bars[2 * (year - 2009)] != " "] == list(range(2010, 2023))


def test_every_unit_of_a_ceiling_has_a_chinese_name() -> None:
    assert set(UNITS) == {unit for rule in LEVERS.values() for unit in rule.units}


def test_help_loads_no_numerical_library() -> None:
    code = "import sys, seedbed.cli.policy; print(sorted({'jax', 'numpy', 'polars'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
