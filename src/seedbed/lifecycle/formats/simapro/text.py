"""The text of a SimaPro CSV file: header, blocks, sections, fields and numbers.

Lines are split one by one, as SimaPro breaks lines inside a text with the character DEL: a stray quotation
mark can then spoil one line, never the rest of the file.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seedbed.base import formulas
from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.formats.encodings import decode

Row = tuple[int, list[str]]
"""Line number in the file, counted from 1, and the fields of the line."""

_SEPARATORS = {"semicolon": ";", "comma": ",", "tab": "\t"}
_WITH_SECTIONS = ("Process", "Product stage", "Method")
_TITLES = {title.lower(): title for title in (*_WITH_SECTIONS, "End")}
_WIDEST = 12  # fields that a line of any section may have


@dataclass(frozen=True, slots=True)
class Block:
    """The lines `first` to `last` (indices, end excluded) below a title."""

    title: str
    first: int
    last: int


class File:
    """The lines of a file, and the separators its header states.

    Raises InvalidInputError if the file has no such header.
    """

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.lines = decode(content).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        header: dict[str, str] = {}
        self.start = 0
        while self.start < len(self.lines) and (text := self.lines[self.start].strip(' "\r')).startswith("{"):
            key, _, value = text[1 : text.rfind("}")].partition(":")
            header[key.strip().lower()] = value.strip()
            self.start += 1
        if not any(key.startswith(("simapro", "csv ")) for key in header):
            raise InvalidInputError("this is not a SimaPro CSV file: its header of {…} lines is missing.",
                                    where=name, fix="export from SimaPro with file type SimaPro CSV.")
        separator = header.get("csv separator") or "Semicolon"
        self.separator = _SEPARATORS.get(separator.lower(), separator)
        self.decimal = header.get("decimal separator") or "."
        self.date = header.get("date", "")
        self.project = header.get("project", "")
        self._blank = self.separator + '\r\t "'

    def blocks(self) -> Iterator[Block]:
        """Every titled block. Old files leave out the `End` before the next process."""
        index, lines, last = self.start, self.lines, len(self.lines)
        while index < last:
            title = self._title(lines[index])
            index += 1
            if title in ("", "End"):
                continue
            first = index
            while index < last:
                text = self._title(lines[index])
                if text == "End" or (text in _WITH_SECTIONS and not lines[index - 1].strip(self._blank)):
                    break
                index += 1
            yield Block(title, first, index)

    def _title(self, line: str) -> str:
        """A line as a title, those of blocks in the capitals that SimaPro gives them."""
        text = line.strip(self._blank)
        return _TITLES.get(text.lower(), text)

    def rows(self, block: Block) -> list[Row]:
        """The lines of a block without sections, empty ones left out."""
        rows = [(index + 1, self.fields(self.lines[index])) for index in range(block.first, block.last)]
        return [row for row in rows if any(row[1])]

    def sections(self, block: Block, *wanted: str) -> Iterator[tuple[str, list[Row]]]:
        """Titled sections of a block; `wanted` saves splitting the lines of others."""
        index, lines, blank = block.first, self.lines, self._blank
        while index < block.last:
            title = lines[index].strip(blank)
            index += 1
            if not title:
                continue
            start = index
            while index < block.last and lines[index].strip(blank):
                index += 1
            if not wanted or title in wanted:
                yield title, [(number + 1, self.fields(lines[number])) for number in range(start, index)]

    def fields(self, line: str) -> list[str]:
        """The fields of a line, padded with empty ones (files leave out trailing separators)."""
        parts = next(csv.reader([line], delimiter=self.separator)) if '"' in line else line.split(self.separator)
        return [part.strip() for part in parts] + [""] * (_WIDEST - len(parts))

    def number(self, text: str) -> float | None:
        """A number written with the file's decimal separator; None if it is not one."""
        try:
            value = float(text.replace(self.decimal, "."))
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def formula(self, text: str) -> str | None:
        """An expression with decimal points; None if it is not one."""
        if self.decimal == ",":
            text = re.sub(r"(?<=\d),(?=\d)", ".", text)
        try:
            formulas.names(text)
        except (InvalidInputError, ValueError):
            return None
        return text
