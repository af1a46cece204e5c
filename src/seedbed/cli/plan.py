"""`seedbed plan`: a cultivation plan, as reports, data and a summary on the screen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.kept import whole_folder
from seedbed.cli.options import Language, Uncertain, progress_bar, split

if TYPE_CHECKING:
    from seedbed.base.lang import Lang
    from seedbed.planning.plan import Plan

BILLION = 1e9


def plan(
    place: Annotated[str | None, typer.Argument(help="Province or nation, in Chinese or English.")] = None,
    until: Annotated[int, typer.Option(help="Last year of the plan.")] = 2035,
    markets: Annotated[str | None, typer.Option(help="Markets, separated by commas (default: all).")] = None,
    budget: Annotated[float | None, typer.Option(help="Public money over the plan, billion CNY.")] = None,
    members: Annotated[int, typer.Option(help="Simulations behind the bands.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 1,
    uncertain: Uncertain = "parameters,process,world",
    lang: Language = "en",
    out: Annotated[Path | None, typer.Option(help="Folder for the outputs (default: out/PLACE).")] = None,
    compare: Annotated[tuple[str, str] | None, typer.Option(
        help="Compare two places, or two plan.json files, side by side.")] = None,
) -> None:
    """Plan the cultivation of green markets in a place, and test the plan.

    Writes report.zh.html, report.en.html, report.zh.pdf, report.en.pdf, plan.json and outcome.nc into --out,
    whole or not at all; --lang is the language of the screen.
    """
    from seedbed.base.errors import InvalidInputError
    from seedbed.cli.compare import comparison, print_comparison
    from seedbed.facts import places

    chosen = [m.strip() for m in markets.split(",") if m.strip()] if markets else None
    if compare is not None:
        print_comparison(comparison(compare, until=until, markets=chosen, budget=budget, members=members, seed=seed),
                         lang)
        return
    if place is None:
        raise InvalidInputError("no place is named.", where="seedbed plan", fix="write seedbed plan guangdong.")
    target = out or Path("out") / places.resolve(place).slug
    made = run(place, until, chosen, budget, members, seed, lang, split(uncertain))
    with whole_folder(target) as folder:
        write(made, folder)
    _summary(made, lang)
    typer.echo("")
    for name in sorted(p.name for p in target.iterdir() if not p.name.startswith(".")):
        typer.echo(str(target / name))


def run(place: str, until: int, markets: list[str] | None, budget: float | None, members: int, seed: int,
        lang: Lang, uncertain: Sequence[str]) -> Plan:
    """`seedbed.planning.plan` with a progress bar for each step."""
    from seedbed.planning.plan import plan as make
    from seedbed.show.words import t

    with progress_bar() as bar:
        tasks: dict[str, object] = {}

        def say(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(t(f"step.{step}", lang), total=of)
            bar.update(tasks[step], completed=done)  # type: ignore[arg-type]

        return make(place, until=until, markets=markets, budget=None if budget is None else budget * BILLION,
                    members=members, seed=seed, uncertain=uncertain, progress=say)


def write(made: Plan, folder: Path) -> None:
    """All outputs of a plan into `folder`."""
    from seedbed.show.html import to_html
    from seedbed.show.pdf import to_pdf
    from seedbed.show.report import report

    def told(lang: Lang) -> None:
        document = report(made, lang)
        (folder / f"report.{lang}.html").write_text(to_html(document), encoding="utf-8")
        (folder / f"report.{lang}.pdf").write_bytes(to_pdf(document))

    def data() -> None:
        text = json.dumps(made.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
        (folder / "plan.json").write_text(text + "\n", encoding="utf-8")
        made.dataset().to_netcdf(folder / "outcome.nc", engine="h5netcdf")

    with ThreadPoolExecutor() as pool:  # drawing and typesetting run outside Python
        for part in [pool.submit(told, "zh"), pool.submit(told, "en"), pool.submit(data)]:
            part.result()


def _summary(made: Plan, lang: Lang) -> None:
    """The first page of the report, on the screen."""
    from rich.console import Console
    from rich.table import Table

    from seedbed.show.document import Callout, KeyFigures, Paragraph
    from seedbed.show.report import summary_section
    from seedbed.show.report.context import Context

    console = Console()
    context = Context(made, lang)
    console.rule(context.t("plan.title", place=context.place))
    for block in summary_section(context).blocks:
        if isinstance(block, KeyFigures):
            grid = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
            for figure in block.figures:
                grid.add_row(figure.label, f"[bold]{figure.value}[/bold] {figure.unit}", f"[dim]{figure.note}[/dim]")
            console.print(grid)
        elif isinstance(block, Callout):
            console.print(f"! {block.text}", style="yellow")
        elif isinstance(block, Paragraph):
            console.print(block.text)
