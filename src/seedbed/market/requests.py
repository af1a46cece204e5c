"""What the verbs of markets are asked."""

from __future__ import annotations

from typing import Any, ClassVar

from seedbed.base.request import Names, Request, Year
from seedbed.base.years import START, UNTIL


class SimulateRequest(Request):
    """`simulate`; `mix` is plain data as `Mix.to_dict` gives it, or assignments on top of `base`."""

    verb: ClassVar[str] = "simulate"
    positional: ClassVar[Names] = ("market", "place")
    market: str
    place: str | Names = "china"
    mix: Names | dict[str, Any] | None = None
    base: str = "as_is"
    start: Year = START
    until: Year = UNTIL
    seed: int = 1
    members: int | None = None
    uncertain: Names = ("parameters", "effects", "process", "world")
    price: Names | None = None
    choice: str = "logit"
