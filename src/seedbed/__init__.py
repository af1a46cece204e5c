"""Seedbed plans, tests and runs the cultivation of green, low-carbon markets.

    import seedbed as sb
    sb.plan("guangdong", until=2040)                    a cultivation plan, tested
    sb.simulate("vehicles", "guangdong", members=64)    one market under a mix
    sb.footprint("steel", 2, "t", place="hebei")        kgCO2e over the whole supply chain
    sb.explain("guangdong"), sb.trace, sb.optimise, sb.order, sb.ensemble, sb.compare, sb.stage, sb.learn, sb.backtest
    sb.lab("guangdong").run({"charging_network": {2030: 0.9}})  all markets of a place under a change, at once
    sb.assess("price_score", {"weight": 30, "bids": …})  an instrument run, by the rules of a day
    sb.Journal.open()                                  parties, claims, transfers, uses: the record
    sb.facts.read("national_vehicles"), sb.Mix, sb.load("plan.json")

A folder is a noun, a function is a verb. Everything is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seedbed import facts as facts
    from seedbed.learning.fit import learn as learn
    from seedbed.learning.tournament import backtest as backtest
    from seedbed.lifecycle.result import footprint as footprint
    from seedbed.market.simulate import simulate as simulate
    from seedbed.market.world import World as World
    from seedbed.operate.assess import assess as assess
    from seedbed.operate.record.journal import Journal as Journal
    from seedbed.planning.compare import compare as compare
    from seedbed.planning.compare import load as load
    from seedbed.planning.ensemble import ensemble as ensemble
    from seedbed.planning.explain.explain import explain as explain
    from seedbed.planning.explain.explain import traced as trace
    from seedbed.planning.lab import lab as lab
    from seedbed.planning.optimise.optimise import optimise as optimise
    from seedbed.planning.optimise.regions import order as order
    from seedbed.planning.plan import plan as plan
    from seedbed.planning.stage import stage as stage
    from seedbed.policy.mix import Mix as Mix

_BESIDE = {"Journal": "seedbed.operate.record.journal", "Mix": "seedbed.policy.mix",
           "World": "seedbed.market.world", "lab": "seedbed.planning.lab", "load": "seedbed.planning.compare"}
__all__ = ["Journal", "Mix", "World", "__version__", "assess", "backtest", "compare", "ensemble", "explain",
           "facts", "footprint", "lab", "learn", "load", "optimise", "order", "plan", "simulate", "stage", "trace"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'seedbed' has no attribute {name!r}")
    if name == "__version__":
        return import_module("importlib.metadata").version("seedbed")
    if name == "facts":
        return import_module("seedbed.facts")
    if name in _BESIDE:
        return getattr(import_module(_BESIDE[name]), name)
    return import_module("seedbed.verbs").VERBS[name].door


def __dir__() -> list[str]:
    return sorted(__all__)
