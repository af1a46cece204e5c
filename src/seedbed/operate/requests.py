"""What the verbs of operate are asked."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from seedbed.base.request import Names, Request


class AssessRequest(Request):
    """`assess`."""

    verb: ClassVar[str] = "assess"
    positional: ClassVar[Names] = ("scheme", "asked")
    scheme: str
    asked: dict[str, Any]
    on: date | str | None = None
    compare: date | str | None = None
