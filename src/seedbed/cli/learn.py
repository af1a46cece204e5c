"""`seedbed learn`: calibrate a market to its history again, with its posterior and how well it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.cli.options import Language, progress_bar

if TYPE_CHECKING:
    from seedbed.base.lang import Lang
    from seedbed.learning.posterior import MarketPosterior


def learn(
    market: Annotated[str, typer.Argument(help="Market id, e.g. vehicles.")],
    nuts: Annotated[bool, typer.Option(
        "--nuts", help="Sample the posterior (minutes) instead of a normal around its mode.")] = False,
    draws: Annotated[int, typer.Option(min=64, help="Draws of the posterior.")] = 400,
    warmup: Annotated[int, typer.Option(min=50, help="Steps of a chain before it counts, with --nuts.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 0,
    save: Annotated[bool, typer.Option(
        "--save", help="Keep the result: later runs of simulate and plan use it.")] = False,
    lang: Language = "en",
) -> None:
    """Calibrate MARKET to its history and show its posterior beside the prior."""
    from seedbed.base.years import START
    from seedbed.learning import posterior
    from seedbed.learning.calibrate import calibrate
    from seedbed.learning.fit import keep, stored
    from seedbed.market import definition as definitions
    from seedbed.show.words import t

    definition = definitions.get(market)
    with progress_bar() as bar:
        task = bar.add_task(t("learn.mode", lang), total=2)
        fit = calibrate(definition, train_until=START)
        bar.update(task, completed=1, description=t("learn.sample" if nuts else "learn.normal", lang))
        found = (posterior.nuts(definition, fit.vector, draws=draws, warmup=warmup, seed=seed) if nuts
                 else posterior.laplace(fit, draws=draws, seed=seed))
        bar.update(task, completed=2)
    _print(found, lang)
    if save:
        keep(definition.id, stored(definition, fit, found))
        typer.echo(t("learn.kept", lang, market=definition.id))


def _print(found: MarketPosterior, lang: Lang) -> None:
    import numpy as np
    from rich.console import Console
    from rich.table import Table

    from seedbed.learning.calibrate import LEARNT, centre
    from seedbed.learning.posterior import NAMES
    from seedbed.market.beliefs import Prior
    from seedbed.show.words import t

    mean, spread = centre(Prior())
    grid = Table(title=t(f"learn.title.{found.method}", lang, market=found.market, draws=len(found.vectors)))
    columns = ("belief", "prior", "posterior", "interval", "learnt", *(("r_hat", "n_eff") if found.diagnostics else ()))
    for name in columns:
        grid.add_column(t(f"learn.column.{name}", lang), justify="left" if name == "belief" else "right")
    for i, name in enumerate(NAMES[:LEARNT]):
        values = found.vectors[:, i]
        low, high = np.quantile(values, (0.05, 0.95))
        row = [t(f"learn.belief.{name}", lang), f"{mean[i]:.2f} ± {spread[i]:.2f}",
               f"{values.mean():.2f} ± {values.std():.2f}", f"{low:.2f} … {high:.2f}",
               f"{max(1 - values.var() / spread[i] ** 2, 0):.0%}"]
        if found.diagnostics:
            about = found.diagnostics["sites"][name]
            row += [f"{about['r_hat']:.3f}", f"{about['n_eff']:.0f}"]
        grid.add_row(*row)
    Console().print(grid)
    if found.diagnostics:
        typer.echo(t("learn.divergences", lang, count=found.diagnostics["divergences"]))
