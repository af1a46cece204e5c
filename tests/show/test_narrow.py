"""Tables on narrow screens: whatever the width, no number and no word is cut."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seedbed.show import terminal
from seedbed.show.document import Column, Document, TableBlock

WORD = st.one_of(st.from_regex(r"[a-z]{1,14}", fullmatch=True),
                 st.from_regex(r"-?[1-9][0-9,]{0,11}\.[0-9]{2}", fullmatch=True))
CELL = st.lists(WORD, max_size=4).map(" ".join)
TABLE = st.integers(1, 9).flatmap(lambda n: st.tuples(
    st.lists(WORD, min_size=n, max_size=n), st.lists(st.lists(CELL, min_size=n, max_size=n), min_size=1, max_size=4)))


NEARLY = (["a", "aaaaaaaaa", "a", "a", "a", "a", "a", "a"],
          [["", "", "", "", "", "-100000000000.00", "aaaaaaaaaaaaaa", ""],
           ["aaaaaaaaaaaaaa", "", "aaaaaaaaaaaa", "aaaaaaaaaaaaa", "aaaaaaaaaaaaa", "", "", "aaaa 1.00"]])
"""A table that fits by two columns, and whose last cell would rather have nine than four."""


@settings(max_examples=60, deadline=None)
@example(NEARLY, 122)
@given(TABLE, st.integers(30, 160))
def test_a_word_or_a_number_would_be_cut(table: tuple[list[str], list[list[str]]], width: int) -> None:
    labels, rows = table
    block = TableBlock([Column(label) for label in labels], rows, "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        console = terminal.Console()
        with console.capture() as printed:
            for part in terminal.render(block):
                console.print(part)
    found = set(printed.get().split())
    for word in (word for row in rows for cell in row for word in cell.split()):
        assert word in found


def test_a_document_has_no_escape_codes_where_it_is_no_screen(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show(Document.of("title", "en", [TableBlock([Column("a")], [["1"]], "")]))
    assert "\x1b" not in capsys.readouterr().out
