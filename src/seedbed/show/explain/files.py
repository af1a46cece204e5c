"""An explanation or a trace as data: everything, or one long table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from seedbed.base.years import START
from seedbed.market.slots import DOMESTIC
from seedbed.planning.explain import Explanation
from seedbed.planning.explain.game import OUTCOMES, UNITS
from seedbed.planning.explain.parameters import Parameter, parameters
from seedbed.planning.explain.trace import COSTS, Terms, Trace
from seedbed.policy.instrument import Kind
from seedbed.show.write import Row

HEAD = ["part", "scenario", "market", "year", "outcome", "what", "value", "low", "high", "unit", "source"]


def data(found: Explanation | Trace) -> dict[str, Any]:
    """Everything that was found, as plain data."""
    return _trace(found) if isinstance(found, Trace) else found.to_dict()


def rows(found: Explanation | Trace) -> Iterator[Row]:
    """One long table: kinds by scenario, market, outcome and year, measures, swings, indices; or a trace."""
    for row in _traced(found) if isinstance(found, Trace) else _rows(found):
        yield {name: row.get(name, "") for name in HEAD}


def _rows(found: Explanation) -> Iterator[dict[str, Any]]:
    scenario = found.main.scenario
    for attribution in found.attributions:
        yield from _years(found, attribution.scenario, "no_policy", attribution.base)
        for kind, values in zip(Kind, attribution.kinds, strict=True):
            yield from _years(found, attribution.scenario, kind.value, values)
    for m in found.measures:
        here = {"part": "measure", "scenario": scenario, "what": m.instrument}
        yield here | {"outcome": "tonnes", "value": m.tonnes, "low": m.tonnes - 1.645 * m.error,
                      "high": m.tonnes + 1.645 * m.error, "unit": "tCO2e"}
        for name, unit in (("discounted", "tCO2e"), ("public", "CNY"), ("social", "CNY"),
                           ("public_per_tonne", "CNY/tCO2e"), ("social_per_tonne", "CNY/tCO2e")):
            yield here | {"outcome": name, "value": getattr(m, name), "unit": unit}
    for swing in found.swings:
        for o, outcome in enumerate(OUTCOMES):
            for m, market in enumerate(found.case.names):
                yield {"part": "swing", "scenario": scenario, "market": market, "outcome": outcome,
                       "what": swing.factor, "low": swing.low[m, o], "high": swing.high[m, o], "unit": UNITS[outcome]}
    yield from _indices(found)


def _years(found: Explanation, scenario: str, what: str, values: np.ndarray) -> Iterator[dict[str, Any]]:
    for (m, o, t), value in np.ndenumerate(values):
        yield {"part": "kind", "scenario": scenario, "market": found.case.names[m], "year": START + t,
               "outcome": OUTCOMES[o], "what": what, "value": float(value), "unit": UNITS[OUTCOMES[o]]}


def _indices(found: Explanation) -> Iterator[dict[str, Any]]:
    sensitivity = found.sensitivity
    if sensitivity is None:
        return
    for part in ("first", "total"):
        values, bands = getattr(sensitivity.found, part), getattr(sensitivity.found, f"{part}_band")
        for (f, m, o), value in np.ndenumerate(values):
            if np.isfinite(value):
                yield {"part": f"sobol {part}", "scenario": found.main.scenario,
                       "market": [*found.case.names, "all"][m], "outcome": OUTCOMES[o], "what": sensitivity.factors[f],
                       "value": value, "low": bands[0, f, m, o], "high": bands[1, f, m, o], "unit": "share of variance"}


def _traced(trace: Trace) -> Iterator[dict[str, Any]]:
    row = trace.row
    here = {"scenario": trace.scenario, "market": trace.compiled.definition.id, "year": trace.number}
    for b, buyer in enumerate(DOMESTIC):
        yield here | {"part": "share", "outcome": buyer.value, "what": trace.technology, "value": trace.share[b, row],
                      "unit": "share"}
        for part, names, values, unit in (("term of cost", COSTS, trace.costs, "CNY per service unit and year"),
                                          ("term of utility", Terms._fields, trace.terms, "utility")):
            for k, name in enumerate(names):
                yield here | {"part": part, "outcome": buyer.value, "what": name, "value": values[b, row, k],
                              "unit": unit}
    for p in parameters(trace):
        yield here | {"part": "parameter", "outcome": f"[{p.term}]", "what": _name(p), "value": p.value, "low": p.low,
                      "high": p.high, "unit": p.unit, "source": _source(p)}


def _name(p: Parameter) -> str:
    return p.name if isinstance(p.name, str) else p.name.en


def _source(p: Parameter) -> str:
    return p.origin if p.source is None else f"{p.origin}: {p.source.publisher.en}; {p.source.reference}"


def _trace(trace: Trace) -> dict[str, Any]:
    row = trace.row
    buyers = [b.value for b in DOMESTIC]
    return {
        "market": trace.compiled.definition.id, "technology": trace.technology, "year": trace.number,
        "scenario": trace.scenario, "share": dict(zip(buyers, trace.share[:, row].tolist(), strict=True)),
        "costs": {b: dict(zip(COSTS, trace.costs[i, row].tolist(), strict=True)) for i, b in enumerate(buyers)},
        "utility": {b: dict(zip(Terms._fields, trace.terms[i, row].tolist(), strict=True))
                    for i, b in enumerate(buyers)},
        "parameters": [{"term": p.term, "name": _name(p), "value": p.value, "unit": p.unit, "source": _source(p)}
                       for p in parameters(trace)]}
