"""A trace for readers: the share, the terms of utility and of cost that made it, every parameter with its source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from seedbed.base.text import Text
from seedbed.market.slots import DOMESTIC
from seedbed.market.world import default_world
from seedbed.planning.explain.parameters import Parameter
from seedbed.planning.explain.parameters import parameters as every_parameter
from seedbed.planning.explain.trace import COSTS, Terms, Trace
from seedbed.show.document import Block, Column, Paragraph, TableBlock
from seedbed.show.numbers import digits, number
from seedbed.show.speaker import Speaker
from seedbed.show.words import t

FAINT = 0.0005  # of the cost: terms of cost below it in every column are not listed


@dataclass(frozen=True)
class Traced(Speaker):
    """A trace of one technology, in one language."""

    under: ClassVar[str] = "explain"
    trace: Trace

    @cached_property
    def known(self) -> list[Parameter]:
        """Every parameter behind it."""
        return every_parameter(self.trace)

    @property
    def row(self) -> int:
        """The index of the technology."""
        return self.trace.row

    @property
    def label(self) -> str:
        """The technology's name."""
        return self.trace.compiled.definition.technologies[self.row].label[self.lang]

    @property
    def title(self) -> str:
        """Market, technology and year."""
        return self.t("traced.section", market=self.trace.compiled.definition.label[self.lang], technology=self.label,
                      year=self.trace.number)


def blocks(told: Traced) -> list[Block]:
    """A sentence and three tables."""
    return [Paragraph(sentence(told)), utilities(told), costs(told), parameters(told)]


def sentence(told: Traced) -> str:
    """The share of the technology, with all buyers and by buyer."""
    trace, shares = told.trace, told.trace.share[:, told.row]
    by_buyer = [f"{t(f'channel.{b.value}', told.lang)} {told.n(float(s), 'share')}"
                for b, s in zip(DOMESTIC, shares, strict=True)]
    return told.t("traced.sentence", place=trace.compiled.places[0].name[told.lang], year=trace.number,
                  scenario=t(f"scenario.{trace.scenario}", told.lang), technology=told.label,
                  share=told.n(float(shares @ trace.buyers), "share"), buyers=told.join(by_buyer))


def utilities(told: Traced) -> TableBlock:
    """Terms of utility of every technology for the main buyer; below them their sum and the share it makes."""
    trace = told.trace
    values, shares = trace.terms[trace.main], trace.share[trace.main]
    labels = [technology.label[told.lang] for technology in trace.compiled.definition.technologies]
    columns = [Column(told.t("traced.term"), weight=1.7), *(Column(label, "right") for label in labels)]
    rows = [[told.t(f"term.{name}"), *(f"{v:+.2f}" for v in values[:, k])] for k, name in enumerate(Terms._fields)
            if np.abs(values[:, k]).max() >= 0.005]
    rows.append([told.t("traced.sum"), *(f"{v:+.2f}" for v in values.sum(1))])
    rows.append([told.t("traced.share"), *(told.n(float(v), "share") for v in shares)])
    buyer = t(f"channel.{DOMESTIC[trace.main].value}", told.lang)
    return TableBlock(columns, rows, told.t("traced.utilities", buyer=buyer), told.t("traced.utilities_note"))


def costs(told: Traced) -> TableBlock:
    """Terms of the cost of the technology for the three buyers."""
    values = told.trace.costs[:, told.row]
    columns = [Column(told.t("traced.term"), weight=1.7),
               *(Column(t(f"channel.{b.value}", told.lang), "right") for b in DOMESTIC)]
    seen = np.abs(values).max(0) >= FAINT * np.abs(values.sum(1)).max()
    rows = [[_cost(told, name), *(digits(float(v)) for v in values[:, k])] for k, name in enumerate(COSTS) if seen[k]]
    rows.append([told.t("traced.sum"), *(digits(float(v)) for v in values.sum(1))])
    unit = told.trace.compiled.definition.service_unit[told.lang]
    caption = told.t("traced.costs", technology=told.label, unit=unit)
    return TableBlock(columns, rows, caption, told.t("traced.costs_note"))


def _cost(told: Traced, name: str) -> str:
    group, _, carrier = name.partition(".")
    if not carrier:
        return told.t(f"cost.{name}")
    return told.t(f"cost.{group}", carrier=default_world().carrier_label[carrier][told.lang])


def parameters(told: Traced, *, short: bool = False) -> TableBlock:
    """Every parameter: place in the equation, value with the unit of its file, where it is written, source.

    `short`, for narrow screens, leaves out where it is written and what exactly the publisher said.
    """
    columns = [Column(told.t("traced.place"), weight=0.4), Column(told.t("traced.parameter"), weight=1.7),
               Column(told.t("traced.value"), "right", 1.5), Column(told.t("traced.source"), weight=3)]
    rows = [[f"[{p.term}]", _parameter(told, p), f"{_value(p)} {'' if p.unit in ('1', 'year') else p.unit}".strip(),
             _source(told, p, short)] for p in told.known]
    return TableBlock(columns, rows, told.t("traced.parameters"), told.t("traced.parameters_note"))


def _source(told: Traced, p: Parameter, short: bool) -> str:
    """Publisher, reference, quality mark, and where the number is written."""
    if p.origin == "simulated":
        return told.t("traced.simulated")
    if p.source is None:
        return p.origin
    mark = told.mark(p.source)
    parts = [p.source.publisher[told.lang], mark] if short else [
        p.source.publisher[told.lang], p.source.reference, mark, p.origin]
    return " · ".join(parts)


def _parameter(told: Traced, p: Parameter) -> str:
    """The name of a parameter."""
    if isinstance(p.name, Text):
        return p.name[told.lang]
    group, _, which = p.name.partition(".")
    if not which:
        return told.t(f"parameter.{p.name}")
    of = t(f"channel.{which}", told.lang) if group == "discount" else default_world().carrier_label[which][told.lang]
    return told.t(f"parameter.{group}", of=of)


def _value(p: Parameter) -> str:
    if p.unit == "year":
        return str(round(p.value))
    return number(p.value, "index", "en")
