"""`seedbed backtest`: forecasts from past origins, each made only with what was known then, and their scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.kept import whole_file
from seedbed.cli.options import Language, progress_bar

if TYPE_CHECKING:
    from seedbed.base.lang import Lang
    from seedbed.learning.tournament import Backtest


def backtest(
    target: Annotated[str, typer.Argument(
        help="ev_share, solar_gw, wind_gw, prov_solar_gw, prov_wind_gw or cn_nev_share.")],
    truth: Annotated[Path, typer.Option(
        help="Folder with TARGET.csv (region,year,value), world_covariates.csv and truth.csv (the tasks).")],
    origins: Annotated[str, typer.Option(help="Years to forecast from, by commas.")] = "2016,2018,2019,2020,2021",
    out: Annotated[Path | None, typer.Option(help="Write the quantiles as CSV.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 0,
    without_measures: Annotated[bool, typer.Option(
        "--without-measures", help="Forget the dated policies of countries and provinces.")] = False,
    lang: Language = "en",
) -> None:
    """Forecast TARGET from past origins, trained only on rows dated up to each, and score it against what came."""
    from seedbed.learning.measures import NONE
    from seedbed.learning.tournament import backtest as run
    from seedbed.show.words import t

    years = _years(origins)
    with progress_bar() as bar:
        task = bar.add_task(t("backtest.progress", lang, target=target), total=len(years))
        made = run(target, truth, years, seed=seed, known=NONE if without_measures else None,
                   progress=lambda done, of: bar.update(task, completed=done, total=of))
    if out is not None:
        whole_file(out, lambda path: made.rows.write_csv(path))
    _print(made, truth, lang)
    if out is not None:
        from seedbed.show.lifecycle.terminal import written

        written(out, lang)


def _years(text: str) -> list[int]:
    from seedbed.base.errors import InvalidInputError

    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InvalidInputError(f"{text!r} is no list of years.", where="--origins",
                                fix="write years and commas: 2016,2018.") from None


def _print(made: Backtest, truth: Path, lang: Lang) -> None:
    from rich.console import Console
    from rich.table import Table

    from seedbed.learning.scores import table
    from seedbed.learning.tournament import scored
    from seedbed.show.words import t

    scores = scored(made, truth)
    pooled = table(scores.with_columns(horizon=0), ["horizon"])
    grid = Table(title=t(f"backtest.title.{'share' if made.target.endswith('_share') else 'log'}", lang,
                         target=made.target))
    columns = ("horizon", "n", "crps", "mae", "bias", "cover50", "cover90")
    for name in columns:
        grid.add_column(t(f"backtest.column.{name}", lang), justify="right")
    for row in [*pooled.iter_rows(named=True), *table(scores.sort("horizon"), ["horizon"]).iter_rows(named=True)]:
        shown = [t("backtest.all", lang) if row["horizon"] == 0 else str(row["horizon"]), str(row["n"])]
        shown += [f"{row[c]:.3f}" for c in ("crps", "mae", "bias")] + [f"{row[c]:.0%}" for c in ("cover50", "cover90")]
        grid.add_row(*shown)
    Console().print(grid)
