"""`seedbed plan --compare A B`: two places, or two stored plans, side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from seedbed.base.errors import InvalidInputError
from seedbed.base.lang import Lang

Side = dict[str, Any]


def comparison(names: tuple[str, str], *, until: int, markets: list[str] | None, budget: float | None, members: int,
               seed: int) -> tuple[Side, Side]:
    """The plain data of both sides: a plan.json is read, a place is planned. Names are checked before anything runs."""
    from seedbed.facts import places

    for name in names:
        if not name.endswith(".json"):
            places.resolve(name)
        elif not Path(name).is_file():
            raise InvalidInputError(f"{name} does not exist.", where="--compare", fix="name a plan.json or a place.")
    sides = [_side(name, until, markets, budget, members, seed) for name in names]
    return sides[0], sides[1]


def _side(name: str, until: int, markets: list[str] | None, budget: float | None, members: int, seed: int) -> Side:
    from seedbed.planning.plan import plan

    if not name.endswith(".json"):
        return plan(name, until=until, markets=markets, budget=None if budget is None else budget * 1e9,
                    members=members, seed=seed).to_dict()
    try:
        side = json.loads(Path(name).read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInputError(f"is not JSON ({error}).", where=name, fix="write it with seedbed plan.") from error
    if not isinstance(side, dict) or not {"provenance", "results", "focus", "place", "years"} <= set(side):
        raise InvalidInputError("is not a plan.", where=name, fix="write it with seedbed plan.")
    return side


def print_comparison(sides: tuple[Side, Side], lang: Lang) -> None:
    """One table: stage, focus, and the improved rule's medians."""
    from rich.console import Console
    from rich.table import Table

    from seedbed.facts import places
    from seedbed.market.definition import definitions
    from seedbed.planning.scenarios import SCENARIOS
    from seedbed.show.numbers import number
    from seedbed.show.words import t

    grid = Table("", *(places.resolve(s["provenance"]["place"]).name[lang] for s in sides))
    stages = [s["place"]["industrialisation"]["stage_name"][lang] for s in sides]
    grid.add_row(t("plan.trace.stage", lang), *stages)
    labels: dict[str, str] = {k: d.label[lang] for k, d in definitions().items()}
    for tier in ("now", "next"):
        ranked = [[str(r["market"]) for r in s["focus"]["ranked"] if r["tier"] == tier] for s in sides]
        names = [", ".join(labels.get(name, name) for name in side) for side in ranked]
        grid.add_row(t(f"tier.{tier}", lang), *names)
    for scenario in SCENARIOS:
        for name, unit in (("public_money", "CNY"), ("green_market", "CNY"), ("jobs", "job")):
            last = [s["results"][name][scenario][2][-1] for s in sides]
            title = f"{t(f'scenario.{scenario}', lang)} · {t(f'indicator.{name}', lang)} {sides[0]['years'][-1]}"
            grid.add_row(title, *(number(v, unit, lang) for v in last))
    Console().print(grid)
