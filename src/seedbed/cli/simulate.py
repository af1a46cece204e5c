"""`seedbed simulate`: one market under a mix, as a table, a terminal chart and files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.kept import whole_file
from seedbed.cli.options import Language, Uncertain, progress_bar, split

if TYPE_CHECKING:
    from seedbed.base.lang import Lang
    from seedbed.market.simulate import Outcome

START = 2024


def simulate(
    market: Annotated[str, typer.Argument(help="Market id or name, e.g. vehicles.")],
    place: Annotated[str, typer.Option(help="Province or nation.")] = "china",
    settings: Annotated[list[str] | None, typer.Option(
        "--set", help="instrument=INTENSITY@FIRST:LAST on top of policy as it is; repeat as needed.")] = None,
    base: Annotated[str, typer.Option(help="Policies below --set: as_is, no_policy or report_rule.")] = "as_is",
    start: Annotated[int, typer.Option(help="First year.")] = START,
    until: Annotated[int, typer.Option(help="Last year.")] = 2035,
    members: Annotated[int | None, typer.Option(help="Draws for bands (default: the central run).")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 1,
    uncertain: Uncertain = "parameters,process,world",
    choice: Annotated[str, typer.Option(help="Choice rule: logit or pairwise.")] = "logit",
    lang: Language = "en",
    csv: Annotated[Path | None, typer.Option(help="Write all variables as long CSV.")] = None,
    netcdf: Annotated[Path | None, typer.Option(help="Write all variables as netCDF.")] = None,
) -> None:
    """Simulate one market in one place and print what happens."""
    from seedbed.base.errors import UnknownNameError
    from seedbed.market import simulate as engine
    from seedbed.policy.mix import as_it_is, by_rule, no_policy, parse_assignments

    years = range(start, until + 1)
    bases = {"as_is": lambda: as_it_is(years), "no_policy": no_policy, "report_rule": lambda: by_rule(years)}
    if base not in bases:
        raise UnknownNameError("base", base, bases)
    mix = bases[base]() + parse_assignments(settings or [])
    with progress_bar() as bar:
        task = bar.add_task(market, total=members or 1)
        outcome = engine.simulate(market, [place], mix, start=start, until=until, seed=seed, members=members,
                                  uncertain=split(uncertain), choice=choice,
                                  progress=lambda done: bar.update(task, completed=done))
        bar.update(task, completed=members or 1)
    if csv is not None:
        whole_file(csv, lambda path: _csv(outcome, path))
    if netcdf is not None:
        whole_file(netcdf, lambda path: outcome.save(str(path)))
    _table(outcome, lang)
    _chart(outcome, lang)


def _csv(outcome: Outcome, path: Path) -> None:
    import csv

    rows = outcome.table()
    keys = ["year", "place", "channel", "technology", "instrument", "stage", "variable", "unit", "value"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, keys, restval="")
        writer.writeheader()
        writer.writerows(rows)


def _table(outcome: Outcome, lang: Lang) -> None:
    """Two tables, years down: shares of purchases by technology; money, emissions and jobs (medians over members)."""
    from rich.console import Console
    from rich.table import Table

    from seedbed.market.forecasts import AHEAD
    from seedbed.show.numbers import number
    from seedbed.show.words import t

    data = outcome.dataset.median("member") if "member" in outcome.dataset.dims else outcome.dataset
    technologies = outcome.compiled.definition.technologies
    years = [str(y) for y in data.year.values]
    bought = data.purchases.sum(("place", "channel"))
    share = (bought / bought.sum("technology")).values
    title = f"{outcome.compiled.definition.label[lang]} · {outcome.compiled.places[0].name[lang]}"
    shares = Table(t("column.year", lang), title=title)
    for technology in technologies:
        shares.add_column(technology.label[lang], justify="right")
    for row, year in enumerate(years):
        shares.add_row(year, *(f"{v:.1%}" for v in share[row]))
    sums = (("market_size", "CNY", "technology"), ("public_money", "CNY", "instrument"),
            ("life_cycle_emissions", "tCO2e", None), ("jobs", "job", None))
    amounts = Table(t("column.year", lang))
    columns = []
    for name, unit, extra in sums:
        amounts.add_column(t(f"indicator.{name}", lang), justify="right")
        values = data[name].sum("place" if extra is None else ("place", extra)).values
        scale = 1e-3 if name == "life_cycle_emissions" else 1.0  # kg to t
        columns.append([number(float(v) * scale, unit, lang) for v in values])
    for year, *cells in zip(years, *columns, strict=True):
        amounts.add_row(year, *cells)
    Console().print(shares, amounts)
    if outcome.compiled.forecast:
        last = min(data.year.values[0] + AHEAD, data.year.values[-1])
        typer.echo(t("chart.follows", lang, year=last))


def _chart(outcome: Outcome, lang: Lang) -> None:
    """Green share of purchases over the years; with members the 90 % interval."""
    import plotext

    from seedbed.show.words import t

    share = outcome.dataset.green_share.isel(place=0)
    years = [int(y) for y in outcome.dataset.year.values]
    plotext.clear_figure()
    plotext.plot_size(80, 18)
    plotext.theme("clear")
    label = t("indicator.green_share", lang)
    if "member" in share.dims:
        for quantile, name in ((0.05, "5 %"), (0.5, label), (0.95, "95 %")):
            plotext.plot(years, (100 * share.quantile(quantile, "member")).values.tolist(), label=name)
    else:
        plotext.plot(years, (100 * share).values.tolist(), label=label)
    plotext.ylim(0, 100)
    plotext.yticks([0, 25, 50, 75, 100])
    marks = years[:: max(1, len(years) // 8)]
    plotext.xticks(marks, [str(y) for y in marks])
    plotext.ylabel("%")
    plotext.show()
