"""The kinds of defect: what each is called, what it means, how to mend it, and what the gate does about it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import RootModel, model_validator

from seedbed.base.datafile import load
from seedbed.base.errors import UnknownNameError
from seedbed.base.text import Model, Text

Severity = Literal["error", "warning", "note"]
"""An error makes results wrong or impossible; a warning makes them doubtful; a note is good to know."""
Quarantine = Literal["process", "exchange", "uncertainty", "none"]
"""What is taken out of the live tables: the process, the exchange, only its distribution, or nothing."""
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


class Kind(Model):
    """One kind of defect. `lost`: what a reader says of it was left out, not mended, and so it stands."""

    label: Text
    meaning: Text
    fix: Text
    severity: Severity
    quarantine: Quarantine
    lost: bool = False

    @model_validator(mode="after")
    def _only_errors_are_taken_out(self) -> Kind:
        if self.severity != "error" and self.quarantine != "none":
            raise ValueError("only an error is quarantined")
        return self


class _Kinds(RootModel[dict[str, Kind]]):
    """The file of kinds."""


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its name, the gravest first."""
    found = load(Path(__file__).parent / "kinds.yaml", _Kinds).root
    return dict(sorted(found.items(), key=lambda item: SEVERITIES.index(item[1].severity)))


def kind(name: str) -> Kind:
    """One kind. Raises UnknownNameError."""
    if name not in kinds():
        raise UnknownNameError("kind of defect", name, kinds())
    return kinds()[name]


def of_severity(severity: Severity) -> list[str]:
    """Names of the kinds of one severity."""
    return [name for name, entry in kinds().items() if entry.severity == severity]
