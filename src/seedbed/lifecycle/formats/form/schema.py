"""What the form holds: sheets, columns, lists of words, guide and example, from form.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from seedbed.base.datafile import load
from seedbed.base.text import Model, Text


class Column(Model):
    """A column: `width` in characters; its words are those of the list `choice`."""

    label: Text
    help: Text
    width: int
    required: bool = False
    export: bool = False
    choice: str | None = None

    @property
    def header(self) -> str:
        return both(self.label) + " *" * self.required


class FormSheet(Model):
    """A sheet; with `export` it is not in the empty form."""

    label: Text
    help: Text
    columns: dict[str, Column]
    export: bool = False

    @property
    def title(self) -> str:
        return both(self.label)


class Entry(Model):
    """A line of the guide that people fill in: a fact of the database as a whole."""

    label: Text
    help: Text


class Form(Model):
    """What form.yaml holds."""

    guide_title: Text
    guide: tuple[Text, ...]
    database: dict[str, Entry]
    choices: dict[str, dict[str, Text]]
    units: tuple[str, ...]
    sheets: dict[str, FormSheet]
    example: dict[str, Any]

    def word(self, choice: str, code: str) -> str:
        """How a code of a list is written: `输入 input`."""
        label = self.choices[choice].get(code)
        return both(label) if label else code


@cache
def form() -> Form:
    """The form as shipped."""
    return load(Path(__file__).parent / "form.yaml", Form)


def both(label: Text) -> str:
    """A label as the form shows it, in both languages: `清单 Exchanges`."""
    return f"{label.zh} {label.en}"


def called(label: Text, name: str) -> tuple[str, ...]:
    """What a sheet, column or word may be called: its name in code, in either language, in both."""
    return name, label.zh, label.en, both(label)
