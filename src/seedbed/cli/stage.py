"""`seedbed stage`: the life-cycle stage of a market, the industrialisation stage of a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.lang import Lang
from seedbed.cli.options import Language

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from seedbed.base.text import Text
    from seedbed.market.stage import StageReading
    from seedbed.planning.industrialisation import IndustrialisationReading
    from seedbed.planning.industry_type import IndustryType

app = typer.Typer(no_args_is_help=True, help="The stage of a market or of a place · 市场与地区所处阶段")

OUTPUT = "national_industry_output"
BLOCKS = "▁▂▃▄▅▆▇█"


@app.command()
def market(
    name: Annotated[str, typer.Argument(help="a market, or a product such as cement or pv_cells")],
    lang: Language = "en",
) -> None:
    """Stage of a market or product, year by year, with probabilities."""
    from rich.console import Console

    from seedbed.market.stage import classify

    title, series, breaks, unit = _series(name)
    reading = classify(series, breaks=breaks)
    console = Console()
    console.print(f"[bold]{title[lang]}[/bold]  {unit}")
    console.print(_stage_table(reading, lang))
    console.print(f"{reading.years[0]} {_spark(reading)} {reading.years[-1]}")
    console.print(" → ".join(f"{year} {_stage_name(stage, lang)}" for year, stage in reading.turns))
    for text in (reading.explanation, *reading.notes):
        console.print(text[lang])


@app.command()
def place(
    name: Annotated[str, typer.Argument(help="a province or the nation, in Chinese or English")],
    year: Annotated[int, typer.Option(help="year of the data")] = 2023,
    lang: Language = "en",
) -> None:
    """Industrialisation stage of a place and, for a province, its industry type."""
    from rich.console import Console

    from seedbed.facts import places
    from seedbed.planning.industrialisation import industrialisation
    from seedbed.planning.industry_type import industry_type

    found = places.resolve(name)
    reading = industrialisation(found.id, year)
    console = Console()
    _print_index(console, found.name, reading, lang)
    if found.planning_unit:
        _print_type(console, industry_type(found.id, year), lang)


def _series(name: str) -> tuple[Text, dict[int, float], list[int], str]:
    """Title, yearly values, years of changed scope and unit of a market or product."""
    from seedbed import facts
    from seedbed.base.errors import InvalidInputError, UnknownNameError
    from seedbed.base.text import Text
    from seedbed.market.definition import definitions

    products = facts.source(OUTPUT).variables
    wanted = name.strip().lower()
    for definition in definitions().values():
        if wanted in (definition.id, definition.label.zh, definition.label.en.lower()):
            link = definition.stage_series
            if link is None:
                raise InvalidInputError(f"market {definition.id} has no stage_series.",
                                        where=f"{definition.id}.yaml",
                                        fix=f"add one, or name a product: {', '.join(products)}.")
            what = facts.source(link.table).variables[link.variable]
            values = facts.read(link.table).series(link.variable)
            title = Text(zh=f"{definition.label.zh}（{what.label.zh}）",
                         en=f"{definition.label.en} ({what.label.en})")
            return title, values, _breaks(link.table, link.variable), what.unit
    for key, variable in products.items():
        if wanted in (key, variable.label.zh, variable.label.en.lower()):
            return variable.label, facts.read(OUTPUT).series(key), _breaks(OUTPUT, key), variable.unit
    raise UnknownNameError("market or product", name, [*definitions(), *products])


def _breaks(table: str, variable: str) -> list[int]:
    """Years of the nation whose row carries the note `scope_break`."""
    from seedbed import facts

    data = facts.read(table, place="CN", variable=variable).data
    rows = data.select("year", "note").iter_rows()
    return [int(year) for year, note in rows if "scope_break" in (note or "").split()]


def _stage_name(stage: object, lang: Lang) -> str:
    from seedbed.market.stage import LABELS
    from seedbed.policy.rule import Stage

    return LABELS[Stage(stage)][lang]


def _stage_table(reading: StageReading, lang: Lang) -> Table:
    from rich.table import Table

    from seedbed.market.stage import STAGES

    heads = ("年份", "份额", "近四年增速") if lang == "zh" else ("year", "share", "growth over 4 years")
    table = Table(*heads, *(_stage_name(s, lang) for s in STAGES), "")
    for i, year in enumerate(reading.years):
        row = reading.probabilities[i]
        growth = f"{100 * reading.growth[i]:+.1f}%" + ("" if reading.observed[i] else " *")
        table.add_row(str(year), f"{reading.share[i]:.0%}", growth, *(f"{p:.0%}" for p in row),
                      "█" * round(10 * row.max()) + " " + _stage_name(reading.stages[i], lang))
    return table


def _spark(reading: StageReading) -> str:
    """The level of each year in eight blocks, the highest being full."""
    top = reading.level.max()
    return "".join(BLOCKS[min(7, int(8 * level / top))] for level in reading.level)


def _print_index(console: Console, name: Text, reading: IndustrialisationReading, lang: Lang) -> None:
    from rich.table import Table

    words = {"zh": "指标覆盖", "en": "coverage"}
    console.print(f"[bold]{name[lang]} {reading.year}[/bold]  {reading.stage_name[lang]}  "
                  f"{reading.index:.1f}  ({reading.name[lang]}, {words[lang]} {reading.coverage:.0%})")
    heads = ("指标", "数值", "单位", "得分", "权重", "来源") if lang == "zh" else (
        "indicator", "value", "unit", "score", "weight", "source")
    table = Table(*heads)
    for part in reading.components:
        value = f"{part.value:,.0f}" if part.value > 10 else f"{part.value:.3f}"
        table.add_row(part.label[lang], value, part.unit, f"{part.score:.1f}", f"{part.weight:.2f}",
                      part.source[lang])
    console.print(table)
    for caution in reading.cautions:
        console.print(caution[lang])


def _print_type(console: Console, found: IndustryType, lang: Lang) -> None:
    from seedbed.planning.industry_type import rules

    console.print(f"[bold]{found.label[lang]}[/bold]  {found.reason[lang]}")
    ranked = sorted(found.scores.items(), key=lambda pair: -pair[1])
    console.print(" · ".join(f"{rules().types[name].label[lang]} {score:.2f}" for name, score in ranked))
