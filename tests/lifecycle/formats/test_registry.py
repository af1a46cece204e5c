"""The one list of formats: what it names is there, and its signs tell each format from the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.formats import FORMATS, READERS, WRITERS, reader, writer, written_as
from seedbed.lifecycle.gate.detect import detect


def test_a_name_that_users_know_would_be_lost() -> None:
    assert READERS == ("ilcd", "ecospold1", "ecospold2", "jsonld", "simapro", "brightway", "template")
    assert WRITERS == ("ilcd", "jsonld", "brightway", "xlsx", "csv")
    assert [name for name in WRITERS if FORMATS[name].folder] == ["brightway", "csv"]


def test_a_module_would_not_be_there() -> None:
    assert all(callable(reader(name)) for name in READERS)
    assert all(callable(writer(name)) for name in WRITERS)


def test_a_format_would_be_read_or_written_that_cannot_be() -> None:
    with pytest.raises(UnknownNameError, match="Unknown format 'xlsx'"):
        reader("xlsx")
    with pytest.raises(UnknownNameError, match="Unknown format 'simapro'"):
        writer("simapro")


@pytest.mark.parametrize(("file", "format"), [("a.xlsx", "xlsx"), ("a.XLSX", "xlsx"), ("a.zip", "ilcd"), ("a", "csv")])
def test_an_export_would_be_of_another_format_than_its_suffix_says(file: str, format: str) -> None:
    assert written_as(Path(file)) == format


def test_a_folder_would_be_made_with_the_name_of_a_file() -> None:
    with pytest.raises(InvalidInputError, match=r"a\.csv: \.csv is no kind of file"):
        written_as(Path("a.csv"))


@pytest.mark.parametrize("file", ["exchanges.csv", "清单.csv", "清单 exchanges.csv", "清单 Exchanges.csv"])
def test_a_sheet_of_the_form_would_not_be_known_by_its_name(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text("x")
    assert detect(tmp_path) == "template"


@pytest.mark.parametrize("text", ["EcoSpold02 made from\nEcoSpold01", "ecospold01 made\nto ecospold02"])
def test_a_file_that_names_both_ecospolds_would_not_be_of_the_second(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.xml").write_text(text)
    assert detect(tmp_path / "a.xml") == "ecospold2"
