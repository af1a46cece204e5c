"""The verbs: what each is called, what it is asked, and where it is done. Every face is made from this table.

Nothing heavy is imported here: a verb's home is loaded when it is first called.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from seedbed.base.request import Request
from seedbed.learning.requests import BacktestRequest, LearnRequest
from seedbed.lifecycle.requests import FootprintRequest
from seedbed.market.requests import SimulateRequest
from seedbed.operate.requests import AssessRequest
from seedbed.planning.requests import (
    CompareRequest,
    EnsembleRequest,
    ExplainRequest,
    OptimiseRequest,
    OrderRequest,
    PlanRequest,
    StageRequest,
    TraceRequest,
)


class Verb(NamedTuple):
    """A verb: its request, and its function as `module:name`. `local`: parameters that only Python can give."""

    request: type[Request]
    home: str
    local: tuple[str, ...] = ("world", "progress")

    @property
    def function(self) -> Callable[..., Any]:
        """The function that does it."""
        module, _, name = self.home.partition(":")
        return getattr(import_module(module), name)

    def __call__(self, request: Request, **local: Any) -> Any:
        """Do what is asked; `local` are arguments of this process, such as `progress`."""
        return self.function(**request.arguments(), **local)


VERBS: dict[str, Verb] = {verb.request.verb: verb for verb in (
    Verb(PlanRequest, "seedbed.planning.plan:plan"),
    Verb(SimulateRequest, "seedbed.market.simulate:simulate"),
    Verb(FootprintRequest, "seedbed.lifecycle.result:footprint", ()),
    Verb(ExplainRequest, "seedbed.planning.explain.explain:explain"),
    Verb(TraceRequest, "seedbed.planning.explain.explain:traced"),
    Verb(OptimiseRequest, "seedbed.planning.optimise.optimise:optimise", ("steps", "world", "progress")),
    Verb(OrderRequest, "seedbed.planning.optimise.regions:order", ("world",)),
    Verb(EnsembleRequest, "seedbed.planning.ensemble:ensemble", ("rule", "world", "progress")),
    Verb(CompareRequest, "seedbed.planning.compare:compare", ("progress",)),
    Verb(StageRequest, "seedbed.planning.stage:stage", ()),
    Verb(LearnRequest, "seedbed.learning.fit:learn", ("progress",)),
    Verb(AssessRequest, "seedbed.operate.assess:assess", ()),
    Verb(BacktestRequest, "seedbed.learning.tournament:backtest", ("known", "progress")),
)}
