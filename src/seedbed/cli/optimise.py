"""`seedbed optimise`: the best rule or the best strengths for stated weights and limits, and provinces in order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.errors import InvalidInputError
from seedbed.base.kept import whole_file
from seedbed.cli.options import Language, check_suffix, split

if TYPE_CHECKING:
    from seedbed.base.lang import Lang
    from seedbed.planning.optimise.objective import Totals
    from seedbed.planning.optimise.optimise import Optimum
    from seedbed.planning.optimise.regions import Turns

BILLION = 1e9
LISTED = 12  # instruments on the screen


def optimise(
    place: Annotated[str, typer.Argument(help="Province or nation, in Chinese or English.")],
    variables: Annotated[str, typer.Option(help="every (strength in every year) or rule (sixteen numbers).")] = "every",
    weights: Annotated[str, typer.Option(
        help="CNY per unit, by commas: emissions=500 (t), public_money, buyers_cost, idle, green_market, burden (CNY), "
             "jobs (job-year). Default: emissions=500,public_money=1.2,burden=1.")] = "",
    budget: Annotated[float | None, typer.Option(help="Public money over the plan, billion CNY.")] = None,
    yearly: Annotated[float | None, typer.Option(help="Public money in any one year, billion CNY.")] = None,
    adopt: Annotated[list[str] | None, typer.Option(
        help="MARKET=SHARE: least green share of purchases in the last year; repeat as needed.")] = None,
    floor: Annotated[list[str] | None, typer.Option(
        help="INSTRUMENT=STRENGTH: never below; repeat as needed.")] = None,
    ramp: Annotated[float, typer.Option(help="Most change of a strength a year, against current policy.")] = 0.25,
    risk: Annotated[str, typer.Option(help="mean, cvar (worst quarter of the draws) or worst.")] = "mean",
    draws: Annotated[int, typer.Option(help="Draws to optimise over (0: central values).")] = 0,
    regions: Annotated[bool, typer.Option("--regions", help="Which provinces first under one budget (china).")] = False,
    until: Annotated[int, typer.Option(help="Last year of the plan.")] = 2035,
    markets: Annotated[str | None, typer.Option(help="Markets, separated by commas (default: all).")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 1,
    to: Annotated[Path | None, typer.Option(help="Write a .json file with every strength.")] = None,
    lang: Language = "en",
) -> None:
    """Find the best mix for a place by gradient through the whole simulation."""
    check_suffix(to, (".json",))
    chosen = list(split(markets)) if markets else None
    money = None if budget is None else budget * BILLION
    if regions:
        found = _turns(place, chosen, until, money)
        _print_turns(found, lang)
        body: object = {"budget": found.budget, "apart": found.apart, "together": found.together,
                        "order": [vars(turn) for turn in found.order]}
    else:
        from seedbed.planning.optimise.ground import Limits
        from seedbed.planning.optimise.optimise import LONGER, STEPS
        from seedbed.planning.optimise.optimise import optimise as make

        limits = Limits(budget=money, yearly=None if yearly is None else yearly * BILLION, ramp=ramp,
                        adoption=_shares(adopt, "--adopt"), floors=_shares(floor, "--floor"))
        best = make(place, variables=variables, weights=_weights(weights), limits=limits, risk=risk, draws=draws,
                    until=until, markets=chosen, seed=seed, steps=LONGER * STEPS)
        _print(best, lang)
        body = best.to_dict()
    if to is not None:
        text = json.dumps(body, ensure_ascii=False, indent=1) + "\n"
        whole_file(to, lambda path: path.write_text(text, encoding="utf-8"))
        typer.echo(str(to))


def _pairs(words: list[str], where: str) -> dict[str, float]:
    out = {}
    for word in words:
        name, _, value = word.partition("=")
        try:
            out[name.strip()] = float(value)
        except ValueError:
            raise InvalidInputError(f"{word!r} is not NAME=NUMBER.", where=where, fix="write steel=0.5.") from None
    return out


def _shares(words: list[str] | None, where: str) -> dict[str, float]:
    return _pairs(words or [], where)


def _weights(text: str) -> Totals:
    from seedbed.base.errors import UnknownNameError
    from seedbed.planning.optimise.objective import DEFAULT, Totals

    given = _pairs(list(split(text)), "--weights")
    for name in given:
        if name not in Totals._fields:
            raise UnknownNameError("objective", name, Totals._fields)
    return Totals(**{k: given.get(k, 0.0) for k in Totals._fields}) if given else DEFAULT


def _turns(place: str, markets: list[str] | None, until: int, budget: float | None) -> Turns:
    from seedbed.facts import places
    from seedbed.market.definition import definitions, get
    from seedbed.market.world import default_world
    from seedbed.planning.optimise.regions import turns

    if places.resolve(place).id != places.NATION:
        raise InvalidInputError(f"{place} is one place.", where="--regions",
                                fix="write seedbed optimise china --regions.")
    chosen = [get(m) for m in markets] if markets else list(definitions().values())
    return turns(list(places.provinces()), chosen, default_world(), until, budget=budget)


def _print(best: Optimum, lang: Lang) -> None:
    """Totals of the three mixes, the rule or the strongest instruments, and the limits."""
    from rich.console import Console
    from rich.table import Table

    from seedbed.planning.optimise.descend import TOLERANCE
    from seedbed.planning.optimise.objective import UNITS
    from seedbed.policy.instrument import Kind
    from seedbed.policy.rule import Stage
    from seedbed.show.numbers import number
    from seedbed.show.words import t

    console, place = Console(), best.case.place.name[lang]
    totals = Table("", t("scenario.as_is", lang), t("scenario.report_rule", lang), t("optimise.cli.best", lang),
                   title=t("optimise.cli.title", lang, place=place, gain=number(best.gain, "CNY", lang)))
    for name, unit, *values in zip(best.totals._fields, UNITS, best.base, best.report, best.totals, strict=True):
        totals.add_row(t(f"optimise.total.{name}", lang), *(number(float(v), str(unit), lang) for v in values))
    console.print(totals)
    if best.variables == "rule":
        rule = Table("", *(t(f"stage.{s.value}", lang) for s in Stage))
        for kind, row in zip(Kind, best.rule, strict=True):
            rule.add_row(t(f"kind.{kind.value}", lang), *(f"{x:.0%}" for x in row))
        console.print(rule)
    else:
        console.print(_strongest(best, lang))
    for name, room in best.kept.items():
        kept = room >= -TOLERANCE
        said = t(f"optimise.cli.{'kept' if kept else 'broken'}", lang, share=number(abs(room), "share", lang))
        console.print(f"{name}: {said}", style="" if kept else "yellow")


def _strongest(best: Optimum, lang: Lang) -> object:
    from rich.table import Table

    from seedbed.show.numbers import number
    from seedbed.show.words import t

    table = Table(t("term.market", lang), t("term.instrument", lang), t("optimise.cli.strength", lang),
                  t("optimise.cli.effect", lang), title=t("optimise.cli.strongest", lang))
    cells = [(best.effects[r, j], m, i, best.intensity[r, :, j]) for r, m in enumerate(best.case.markets)
             for j, i in enumerate(m.slots.instruments) if i is not None]
    for effect, market, instrument, strength in sorted(cells, key=lambda c: -c[0])[:LISTED]:
        path = f"{strength[0]:.0%} → {strength[len(strength) // 2]:.0%} → {strength[-1]:.0%}"
        table.add_row(market.definition.label[lang], instrument.label[lang], path, number(float(effect), "CNY", lang))
    return table


def _print_turns(found: Turns, lang: Lang) -> None:
    from rich.console import Console
    from rich.table import Table

    from seedbed.facts import places
    from seedbed.show.numbers import number
    from seedbed.show.words import t

    heads = ("place", "at_home", "elsewhere", "cost", "ratio", "gained", "spent")
    table = Table("", *(t(f"optimise.region.{h}", lang) for h in heads), title=t("optimise.region.title", lang))
    for turn, row in enumerate(found.order, start=1):
        money = (number(v, "CNY", lang) for v in (row.at_home, row.elsewhere, row.cost))
        ratio = "—" if row.cost <= 0 else f"{row.ratio:.2f}"
        table.add_row(str(turn), places.resolve(row.place).name[lang], *money, ratio, number(row.gained, "CNY", lang),
                      number(row.spent, "CNY", lang), style="" if row.within else "dim")
    console = Console()
    console.print(table)
    console.print(t("optimise.region.note", lang, budget=number(found.budget, "CNY", lang),
                    together=number(found.together, "CNY", lang), apart=number(found.apart, "CNY", lang)))
