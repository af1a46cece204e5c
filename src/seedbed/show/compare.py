"""Two plans side by side: stage, focus, and medians of every scenario."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.base.text import Lang
from seedbed.market.definition import definitions
from seedbed.planning.compare import Comparison, StoredPlan
from seedbed.planning.scenarios import SCENARIOS
from seedbed.show.document import Column, Document, TableBlock
from seedbed.show.numbers import number
from seedbed.show.speaker import Speaker
from seedbed.show.stage import stage_name
from seedbed.show.write import Row, Written

COMPARED = (("public_money", "CNY"), ("green_market", "CNY"), ("jobs", "job"))


def document(found: Comparison | StoredPlan, lang: Lang) -> Document:
    """One table: stage, focus, and medians in the last year of both; of one stored plan, its own."""
    if isinstance(found, StoredPlan):
        found = Comparison((found,))
    c = Speaker(lang)
    columns = [Column("", weight=1.6), *(Column(c.place(side.place)) for side in found.sides)]
    rows = [[c.t("plan.trace.stage"), *(stage_name(c, *side.stage) for side in found.sides)]]
    rows += [[c.t(f"tier.{tier}"), *(c.join([_market(c, m) for m in side.tier(tier)]) for side in found.sides)]
             for tier in ("now", "next")]
    rows += [[c.t(f"compare.{key}"), *(_said(side, key) for side in found.sides)] for key in DIFFER
             if len({_said(side, key) for side in found.sides}) > 1]
    rows += [[f"{c.t(f'scenario.{scenario}')} · {c.t(f'indicator.{name}')} {found.year}",
              *(number(side.median(name, scenario, found.year), unit, lang) for side in found.sides)]
             for scenario in SCENARIOS for name, unit in COMPARED]
    title = c.join([c.place(side.place) for side in found.sides])
    return Document.of(title, lang, [TableBlock(columns, rows, c.t("compare.caption", year=found.year))])


DIFFER = ("until", "markets", "members", "seed", "version")
"""What is said of the plans where it is not the same: then their numbers differ for other reasons than the place."""


def _said(side: StoredPlan, key: str) -> str:
    made = side.data.get("provenance", {})
    if key == "markets":
        return ", ".join(sorted(str(r["market"]) for r in side.data["focus"]["ranked"]))
    return str(side.until if key == "until" else made.get("seedbed" if key == "version" else key, "—"))


def written(found: Comparison | StoredPlan, lang: Lang) -> Written:
    """The table; medians as rows; the plans as data."""
    if isinstance(found, StoredPlan):
        found = Comparison((found,))
    return Written(lambda: document(found, lang), lambda: rows(found), lambda: [side.data for side in found.sides])


def rows(found: Comparison) -> Iterator[Row]:
    """One row a plan, scenario and indicator."""
    for side in found.sides:
        for scenario in SCENARIOS:
            for name, unit in COMPARED:
                yield {"place": side.place.id, "scenario": scenario, "indicator": name, "year": found.year,
                       "median": side.median(name, scenario, found.year), "unit": unit}


def _market(c: Speaker, name: str) -> str:
    """The name of a market; a plan may hold one that is not here."""
    return c.market(name) if name in definitions() else name
