"""What the verbs of planning are asked."""

from __future__ import annotations

from typing import Any, ClassVar

from seedbed.base.request import Money, Names, Request, Share, Shares, Year
from seedbed.base.years import LATEST, MIDWAY, UNTIL

UNCERTAIN = ("parameters", "effects", "process", "world")


class PlanRequest(Request):
    """`plan`."""

    verb: ClassVar[str] = "plan"
    positional: ClassVar[Names] = ("place",)
    place: str
    until: Year = UNTIL
    markets: Names | None = None
    budget: Money | None = None
    members: int = 200
    seed: int = 1
    uncertain: Names = UNCERTAIN
    mix: Names | dict[str, Any] | None = None
    price: Names | None = None
    target: Names | None = None
    floor: Shares | None = None


class ExplainRequest(Request):
    """`explain`."""

    verb: ClassVar[str] = "explain"
    positional: ClassVar[Names] = ("place",)
    place: str
    scenario: str = "improved_rule"
    markets: Names | None = None
    until: Year = UNTIL
    budget: Money | None = None
    members: int = 16
    samples: int = 4
    rows: int = 0
    seed: int = 1
    price: Names | None = None


class TraceRequest(Request):
    """`trace`."""

    verb: ClassVar[str] = "trace"
    positional: ClassVar[Names] = ("place", "market", "technology")
    place: str
    market: str
    technology: str
    year: Year = MIDWAY
    scenario: str = "improved_rule"
    until: Year = UNTIL
    budget: Money | None = None
    price: Names | None = None


class OptimiseRequest(Request):
    """`optimise`."""

    verb: ClassVar[str] = "optimise"
    positional: ClassVar[Names] = ("place",)
    place: str
    variables: str = "every"
    weights: dict[str, float] | None = None
    budget: Money | None = None
    yearly: Money | None = None
    adopt: Shares | None = None
    floor: Shares | None = None
    ramp: Share = 0.25
    risk: str = "mean"
    draws: int = 0
    until: Year = UNTIL
    markets: Names | None = None
    seed: int = 1
    price: Names | None = None


class OrderRequest(Request):
    """`order`."""

    verb: ClassVar[str] = "order"
    positional: ClassVar[Names] = ("place",)
    place: str = "china"
    markets: Names | None = None
    until: Year = UNTIL
    budget: Money | None = None
    package: str = "report_rule"


class EnsembleRequest(Request):
    """`ensemble`."""

    verb: ClassVar[str] = "ensemble"
    positional: ClassVar[Names] = ("place",)
    place: str
    members: int = 1000
    until: Year = UNTIL
    markets: Names | None = None
    seed: int = 1
    uncertain: Names = UNCERTAIN
    price: Names | None = None


class CompareRequest(Request):
    """`compare`."""

    verb: ClassVar[str] = "compare"
    positional: ClassVar[Names] = ("a", "b")
    a: str
    b: str
    until: Year = UNTIL
    markets: Names | None = None
    budget: Money | None = None
    members: int = 200
    seed: int = 1


class StageRequest(Request):
    """`stage`."""

    verb: ClassVar[str] = "stage"
    positional: ClassVar[Names] = ("name",)
    name: str
    year: Year = LATEST
