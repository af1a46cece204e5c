"""The verbs: what each is called, what it is asked, and where it is done. Every face is made from this table.

Nothing heavy is imported here: a verb's home is loaded when it is first called.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, NamedTuple

from pydantic import ValidationError

from seedbed.base.errors import InvalidInputError, Parameter
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

    @property
    def door(self) -> Callable[..., Any]:
        """Its function with what it is given checked first: a wrong type is an error that names the parameter."""
        function, fields = self.function, self.request.model_fields
        signature = inspect.signature(function)

        @wraps(function)
        def checked(*args: Any, **given: Any) -> Any:
            bound = signature.bind(*args, **given).arguments
            plain = {name: _plain(value) for name, value in bound.items()
                     if name in fields and (fields[name].is_required() or _is_plain(value))}
            try:
                asked = self.request.model_validate(plain)
            except ValidationError as error:
                first = error.errors()[0]
                raise InvalidInputError(f"{first['msg']} ({first['input']!r:.80}).",
                                        where=Parameter(str(first["loc"][0])), fix="correct it.") from None
            return function(**bound | {name: getattr(asked, name) for name in plain})

        return checked

    def __call__(self, request: Request, **local: Any) -> Any:
        """Do what is asked; `local` are arguments of this process, such as `progress`."""
        return self.function(**request.arguments(), **local)


def _is_plain(value: Any) -> bool:
    """Whether a value is what a request could hold; a `Mix` or a day is left to the verb."""
    return value is None or isinstance(_plain(value), str | int | float | list | tuple | dict)


def _plain(value: Any) -> Any:
    """A number of NumPy as Python's."""
    return value.item() if type(value).__module__ == "numpy" and hasattr(value, "item") and value.size == 1 else value


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
