"""`seedbed explain`: why a scenario brings what it brings in a place, and why a share is what it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.cli.options import Language, check_suffix, progress_bar, whole_file

if TYPE_CHECKING:
    from seedbed.lang import Lang
    from seedbed.plan.explain import Explanation
    from seedbed.show.explain.view import Traced, View

KINDS = (".csv", ".json", ".html", ".pdf")


def explain(
    place: Annotated[str, typer.Argument(help="Province or nation, in Chinese or English.")],
    market: Annotated[str | None, typer.Option(help="One market (default: all).")] = None,
    outcome: Annotated[str, typer.Option(
        help="green_share (of one market), emissions (avoided), public_money, green_market, exports, jobs or "
             "resource_cost.")] = "emissions",
    scenario: Annotated[str, typer.Option(help="improved_rule, report_rule or as_is, against no policy.")] =
        "improved_rule",
    until: Annotated[int, typer.Option(help="Last year.")] = 2035,
    budget: Annotated[float | None, typer.Option(help="Budget of the improved rule, billion CNY.")] = None,
    members: Annotated[int, typer.Option(help="Simulations behind the intervals.")] = 16,
    samples: Annotated[int, typer.Option(min=2, help="Rounds of orders in which instruments join.")] = 4,
    sensitivity: Annotated[bool, typer.Option("--sensitivity", help="Shares of variance (Sobol indices).")] = False,
    rows: Annotated[int, typer.Option(min=16, help="Rows of --sensitivity; each is 24 simulations.")] = 128,
    trace: Annotated[str | None, typer.Option(help="A technology of --market: its terms and parameters.")] = None,
    year: Annotated[int, typer.Option(help="The year of --trace.")] = 2030,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all draws.")] = 1,
    to: Annotated[Path | None, typer.Option(help="Write a .csv, .json, .html or .pdf file.")] = None,
    lang: Language = "en",
) -> None:
    """Explain what policies bring: by kind, by instrument, per tonne, and what it hangs on."""
    from seedbed.plan.explain import explain as make
    from seedbed.show.explain import terminal
    from seedbed.show.explain.view import View
    from seedbed.show.report.why import Told

    check_suffix(to, KINDS)
    _check(market, outcome, sensitivity, trace, year, until)
    with progress_bar() as bar:
        tasks: dict[str, object] = {}

        def say(step: str, done: int, of: int) -> None:
            from seedbed.show.words import t

            if step not in tasks:
                tasks[step] = bar.add_task(t(f"step.{step}", lang), total=of)
            bar.update(tasks[step], completed=done)  # type: ignore[arg-type]

        found = make(place, scenario, markets=[market] if market else None, until=until,
                     budget=None if budget is None else budget * 1e9, members=members, samples=samples,
                     rows=rows if sensitivity else 0, seed=seed, progress=say)
    view = View(Told(found, lang), outcome, _traced(found, market, trace, year))
    if to is not None:
        whole_file(to, lambda path: _write(view, path, to.suffix.lower()))
    _print(view)
