"""A back-test by protocol: forecasts from several origins, each trained only on what was dated up to it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl

from seedbed.base.errors import InvalidInputError
from seedbed.base.progress import Progress
from seedbed.base.shown import Shown
from seedbed.learning import panel as panels
from seedbed.learning.forecast.quantiles import LEVELS, forecast
from seedbed.learning.measures import NONE, Measures
from seedbed.learning.scores import score

ORIGINS = (2016, 2018, 2019, 2020, 2021)


@dataclass(frozen=True, repr=False)
class Backtest(Shown):
    """Quantile forecasts of one target: `rows` has target, region, origin, year, quantile, value.

    `scores` has one row a task (see `scored`) where the truth was at hand.
    """

    target: str
    rows: pl.DataFrame
    origins: tuple[int, ...]
    made_by: dict[str, str]
    scores: pl.DataFrame | None = None

    def about(self) -> dict[str, object]:
        crps = None if self.scores is None else f"{self.scores['crps'].mean():.4g}"
        return {"target": self.target, "origins": ", ".join(map(str, self.origins)), "quantiles": self.rows.height,
                "CRPS": crps, **self.made_by}

    def to_polars(self) -> pl.DataFrame:
        """Every quantile."""
        return self.rows

    def quantiles(self) -> tuple[pl.DataFrame, np.ndarray]:
        """Tasks (region, origin, year) and their quantiles at LEVELS, (N, L)."""
        wide = self.rows.pivot("quantile", index=["region", "origin", "year"], values="value")
        return wide.select("region", "origin", "year"), wide.drop("region", "origin", "year").to_numpy()


def backtest(target: str, truth: Path, origins: Sequence[int] = ORIGINS, *, seed: int = 0, measures: bool = True,
             known: Measures | None = None, progress: Progress | None = None) -> Backtest:
    """Forecast the tasks of `target` in the folder `truth` from each origin.

    The folder has the form of `panel.read`; any regions will do. Without `measures` the dated policies of countries
    and provinces are forgotten; `known` are others than those that ship. Raises UnknownNameError and InvalidInputError
    before anything runs.
    """
    known = known if measures else NONE
    panel = panels.read(truth, target)
    tasks = panels.tasks(truth, target, origins)
    _check(panel, tasks)
    used = sorted(tasks["origin"].unique())
    parts = []
    for number, origin in enumerate(used):
        mine = tasks.filter(pl.col("origin") == origin)
        found = forecast(panel, origin, int((mine["year"] - origin).max()), seed=seed, known=known)  # type: ignore[operator]
        for region, _, year in mine.iter_rows():
            values = found[panel.regions.index(region), year - origin - 1]
            parts.append(pl.DataFrame({"target": target, "region": region, "origin": origin, "year": year,
                                       "quantile": LEVELS, "value": values}))
        if progress:
            progress("forecast", number + 1, len(used))
    digest = hashlib.sha256((truth / f"{target}.csv").read_bytes()).hexdigest()
    made = Backtest(target, pl.concat(parts), tuple(used), {
        "seedbed": version("seedbed"), "numpyro": version("numpyro"), "seed": str(seed), "data_sha256": digest})
    return replace(made, scores=scored(made, truth))


def scored(made: Backtest, truth: Path) -> pl.DataFrame:
    """One row a task: region, origin, year, horizon and the columns of `scores.score`."""
    tasks, quantiles = made.quantiles()
    answers = pl.read_csv(truth / "truth.csv").filter(pl.col("target") == made.target)
    known = tasks.join(answers, on=["region", "origin", "year"], how="left", maintain_order="left")["value"]
    if known.null_count():
        raise InvalidInputError("lacks the value of a task.", where="truth.csv", fix="complete the table of tasks.")
    found = score(quantiles, known.to_numpy(), logs=not made.target.endswith("_share"))
    return tasks.with_columns(horizon=pl.col("year") - pl.col("origin")).with_columns(
        pl.Series(name, values) for name, values in found.items()
    )


def _check(panel: panels.Panel, tasks: pl.DataFrame) -> None:
    for region, origin, year in tasks.iter_rows():
        if region not in panel.regions:
            raise InvalidInputError(f"names {region!r}, which {panel.target}.csv does not have.", where="truth.csv",
                                    fix="use the same names in both.")
        if not origin < year <= origin + 10:
            raise InvalidInputError(f"asks for {year} from the origin {origin}.", where=f"truth.csv, {region}",
                                    fix="ask for the ten years after an origin.")
        if not np.isfinite(panel.seen(origin).values[panel.regions.index(region)]).any():
            raise InvalidInputError(f"asks for {region} from {origin}, before its first row.", where="truth.csv",
                                    fix=f"leave the task out, or add earlier rows to {panel.target}.csv.")
