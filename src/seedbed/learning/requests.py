"""What the verbs of learning are asked."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from seedbed.base.request import Names, Request


class LearnRequest(Request):
    """`learn`."""

    verb: ClassVar[str] = "learn"
    positional: ClassVar[Names] = ("market",)
    market: str
    nuts: bool = False
    draws: int = 400
    warmup: int = 300
    seed: int = 0


class BacktestRequest(Request):
    """`backtest`."""

    verb: ClassVar[str] = "backtest"
    positional: ClassVar[Names] = ("target", "truth")
    target: str
    truth: Path
    origins: tuple[int, ...] = (2016, 2018, 2019, 2020, 2021)
    seed: int = 0
    measures: bool = True
