"""`seedbed explain`: why a scenario brings what it brings in a place, and why a share is what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.kept import whole_file
from seedbed.cli.options import Language, check_suffix, progress_bar

if TYPE_CHECKING:
    from rich.console import RenderableType

    from seedbed.base.lang import Lang
    from seedbed.planning.explain import Explanation
    from seedbed.show.document import Document
    from seedbed.show.explain.trace import Traced

KINDS = (".csv", ".json", ".html", ".pdf")
BILLION = 1e9


def explain(
    place: Annotated[str, typer.Argument(help="Province or nation, in Chinese or English.")],
    market: Annotated[str | None, typer.Option(help="One market (default: all).")] = None,
    outcome: Annotated[str, typer.Option(
        help="emissions (avoided), green_share (of one market), public_money, green_market, exports, jobs or "
             "resource_cost.")] = "emissions",
    scenario: Annotated[str, typer.Option(
        help="improved_rule, report_rule or as_is, against no policy.")] = "improved_rule",
    until: Annotated[int, typer.Option(help="Last year.")] = 2035,
    budget: Annotated[float | None, typer.Option(help="Budget of the improved rule, billion CNY.")] = None,
    members: Annotated[int, typer.Option(help="Simulations behind the intervals.")] = 16,
    samples: Annotated[int, typer.Option(min=2, help="Rounds of orders in which instruments join.")] = 4,
    sensitivity: Annotated[bool, typer.Option("--sensitivity", help="Shares of variance (Sobol indices).")] = False,
    rows: Annotated[int, typer.Option(min=16, help="Rows of --sensitivity; each is 20 simulations.")] = 128,
    trace: Annotated[str | None, typer.Option(
        help="A technology of --market: the terms and parameters behind its share, and nothing else.")] = None,
    year: Annotated[int, typer.Option(help="The year of --trace.")] = 2030,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all draws.")] = 1,
    to: Annotated[Path | None, typer.Option(help="Write a .csv, .json, .html or .pdf file.")] = None,
    lang: Language = "en",
) -> None:
    """Explain what policies bring: by kind, by instrument, per tonne, and what it hangs on."""
    check_suffix(to, KINDS, where="--to")
    money = None if budget is None else budget * BILLION
    if trace is not None:
        _trace(place, market, trace, year, scenario, until, money, to, lang)
        return
    _check(market, outcome)
    from seedbed.planning.explain import explain as make
    from seedbed.show.explain.page import page
    from seedbed.show.explain.terminal import tell
    from seedbed.show.report.why import Told

    with _progress(lang) as say:
        found = make(place, scenario, markets=[market] if market else None, until=until, budget=money,
                     members=members, samples=samples, rows=rows if sensitivity else 0, seed=seed, progress=say)
    told = Told(lang, found)
    _finish(found, lambda: page(told, outcome), tell(told, outcome), to, lang)


def _check(market: str | None, outcome: str) -> None:
    from seedbed.base.errors import InvalidInputError, UnknownNameError
    from seedbed.planning.explain.game import OUTCOMES

    if outcome not in OUTCOMES:
        raise UnknownNameError("outcome", outcome, OUTCOMES)
    if outcome == "green_share" and market is None:
        raise InvalidInputError("shares of several markets have no sum.", where="--outcome", fix="add --market.")


def _trace(place: str, market: str | None, technology: str, year: int, scenario: str, until: int,
           budget: float | None, to: Path | None, lang: Lang) -> None:
    """The terms and parameters behind one share."""
    from seedbed.base.errors import InvalidInputError, UnknownNameError
    from seedbed.market.definition import get
    from seedbed.market.world import default_world
    from seedbed.planning.explain import traced
    from seedbed.planning.explain.parameters import parameters
    from seedbed.show.explain.page import traced_page
    from seedbed.show.explain.terminal import tell_trace
    from seedbed.show.explain.trace import Traced

    if market is None:
        raise InvalidInputError("no market is named.", where="--trace", fix="add --market.")
    known = [t.id for t in get(market).technologies]
    if technology not in known:
        raise UnknownNameError("technology", technology, known)
    with _progress(lang) as say:
        found = traced(place, market, year, scenario, until=until, budget=budget, progress=say)
    told = Traced(lang, found, technology, parameters(found, technology, default_world()))
    _finish(told, lambda: traced_page(told), tell_trace(told), to, lang)


@contextmanager
def _progress(lang: Lang) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar with a line for each step."""
    from rich.progress import TaskID

    from seedbed.show.words import t

    with progress_bar() as bar:
        tasks: dict[str, TaskID] = {}

        def say(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(t(f"step.{step}", lang), total=of)
            bar.update(tasks[step], completed=done)

        yield say


def _finish(found: Explanation | Traced, make_page: Callable[[], Document], tables: Iterator[RenderableType],
            to: Path | None, lang: Lang) -> None:
    """Write the file that was asked for, then print."""
    from seedbed.show.explain import terminal

    if to is not None:
        whole_file(to, lambda path: _write(path, to.suffix.lower(), found, make_page))
    terminal.show(tables)
    if to is not None:
        terminal.written(to, lang)


def _write(path: Path, kind: str, found: Explanation | Traced, make_page: Callable[[], Document]) -> None:
    """`found` as a file of `kind` (a suffix)."""
    from seedbed.show.explain import files
    from seedbed.show.html import to_html
    from seedbed.show.pdf import to_pdf

    if kind in (".csv", ".json"):
        path.write_text(files.to_csv(found) if kind == ".csv" else files.to_json(found), encoding="utf-8")
    elif kind == ".pdf":
        path.write_bytes(to_pdf(make_page()))
    else:
        path.write_text(to_html(make_page()), encoding="utf-8")
