"""Limits, and the evidence behind every cited number."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

from seedbed import facts
from seedbed.base.evidence import Rated, ours
from seedbed.lifecycle.starter import footprints
from seedbed.market.definition import Definition, Embodied, Technology, YearValues
from seedbed.planning.explain.cost import RATE
from seedbed.planning.focus import criteria
from seedbed.planning.improve import CARBON_VALUE, PUBLIC_MONEY
from seedbed.policy.rule import report_rule
from seedbed.show.document import Bullets, Fact, Paragraph, Section, Trace, Traces
from seedbed.show.report.speaker import PlanSpeaker


def limits_section(c: PlanSpeaker) -> Section:
    """What is uncertain and what the model cannot know."""
    thin = c.plan.thin
    errors = {(s["target"], s["cut"]): s["errors"]["seedbed"] for s in _backtests()}
    items = [
        c.t("plan.limits.policy"), *([c.t("plan.limits.data", markets=c.markets(thin))] if thin else []),
        c.t("plan.limits.place"), c.t("plan.limits.unverified"),
        c.t("plan.limits.backtest", nev=f"{errors['nev_share', 2018]:.1f}",
            wind=c.n(errors["wind_capacity", 2018] / 100, "share"),
            solar=c.n(errors["solar_capacity", 2018] / 100, "share")),
        c.t("plan.limits.money"), c.t("plan.limits.burden"),
        c.t("plan.limits.objective", value=c.n(CARBON_VALUE, "CNY/tCO2e"), shadow=f"{PUBLIC_MONEY:g}"),
    ]
    return Section("limits", c.t("section.limits"), [Paragraph(c.t("plan.limits.intro")), Bullets(items)])


@lru_cache(maxsize=1)
def _backtests() -> list[dict]:  # type: ignore[type-arg]
    text = files("seedbed.learning").joinpath("backtests.json").read_text(encoding="utf-8")
    return json.loads(text)["scores"]


def evidence_section(c: PlanSpeaker) -> Section:
    """Value → formula → facts → source, for everything that is cited."""
    plan, reading = c.plan, c.plan.place.industrialisation
    traces = [Trace(f"n.{n.id}", n.label[c.lang], c.n(n.value, n.unit), n.formula[c.lang],
                    [_table(c, name) for name in n.tables]) for n in plan.place.numbers]
    tables = sorted({t for part in reading.components for t in part.tables}
                    | set(plan.place.type.tables if plan.place.type else ()))
    traces.append(Trace("stage", c.t("plan.trace.stage"), f"{reading.index:.1f}", c.t("plan.trace.stage_formula"),
                        [_table(c, name) for name in [*tables, "industrialisation_thresholds"]]))
    detail = c.clauses([x.meaning[c.lang] for x in criteria().criteria.values()])
    traces.append(Trace("focus", c.t("plan.trace.focus"), str(len(plan.focus.ranked)),
                        c.t("plan.trace.focus_formula", detail=detail), [_table(c, "province_industry_output")]))
    traces.append(Trace("rule", c.t("plan.trace.rule"), c.n(plan.improvement.budget, "CNY"),
                        c.t("plan.trace.rule_formula"),
                        [c.fact("report_rule", _rule_source())]))
    solved = 2 * len(plan.mixes.front) + len(plan.mixes.alternatives)
    traces.append(Trace("mixes", c.t("optimise.trace.label"), c.n(plan.mixes.best.gain, "CNY"),
                        c.t("optimise.trace.formula", count=solved)))
    traces.append(Trace("ensemble", c.t("plan.trace.ensemble"), c.t("phrase.members", count=plan.members),
                        c.t("plan.trace.ensemble_formula", members=plan.members, seed=plan.seed)))
    traces.append(Trace("why", c.t("explain.trace"), c.t("phrase.members", count=len(plan.why.members)),
                        c.t("explain.trace_formula", samples=plan.why.samples, rate=c.n(RATE, "share"))))
    traces += [_market(c, c.definition(m.id)) for m in plan.markets]
    return Section("evidence", c.t("section.evidence"), [Traces(traces)])


def _rule_source() -> Rated:
    return Rated.model_validate({"publisher": "CAICT", "reference": report_rule().reference, "quality": 2})


def _market(c: PlanSpeaker, definition: Definition) -> Trace:
    """A market's numbers: the facts tables it links to, the starter footprints, then every source of its definition."""
    sources = [c.fact(f"{definition.id}.yaml · {key}", s)
               for key, s in definition.sources.items()]
    linked = [_table(c, name) for name in sorted(_links(definition))]
    made = [_embodied(c, definition, t, t.embodied) for t in definition.technologies
            if isinstance(t.embodied, Embodied)]
    return Trace(f"m.{definition.id}", definition.label[c.lang], c.t("plan.trace.simulated"),
                 c.t("plan.trace.market_formula", note=definition.data_note[c.lang]), [*linked, *made, *sources])


def _embodied(c: PlanSpeaker, definition: Definition, technology: Technology, embodied: Embodied) -> Fact:
    """What making one capacity unit gives off, and the starter footprint it is taken from."""
    known = footprints.of(embodied.product)
    amount = "" if embodied.amount == 1 else f"{embodied.amount:,g} {embodied.unit} × "
    reference = c.t("plan.trace.embodied", technology=technology.label[c.lang], unit=definition.capacity_unit[c.lang],
                    value=c.n(embodied.value, "kgCO2e"), amount=amount, product=known.name[c.lang], id=known.product)
    mark = c.mark(ours(reference, known.quality).model_copy(update={"unverified": known.unverified}))
    return Fact(f"{definition.id}.yaml · {technology.id}.embodied", c.t("plan.trace.starter"), reference, mark)


def _links(definition: Definition) -> set[str]:
    """Facts tables that a definition reads."""
    links = [definition.supply_key, definition.demand.place_key, definition.stage_series]
    if not isinstance(definition.demand.history, YearValues):
        links.append(definition.demand.history)
    for technology in definition.technologies:
        links += [technology.observed, technology.capacity_by_place, technology.output_by_place,
                  *(technology.service_by_place or ())]
    return {link.table for link in links if link is not None}


def _table(c: PlanSpeaker, name: str) -> Fact:
    source = facts.source(name)
    return c.fact(f"{source.title[c.lang]} ({name})", source)
