"""The scores of a back-test, over all horizons and by horizon."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.base.text import Lang
from seedbed.learning.scores import table
from seedbed.learning.tournament import Backtest
from seedbed.show import charts
from seedbed.show.document import Column, Document, Figure, TableBlock
from seedbed.show.speaker import Speaker
from seedbed.show.write import Row, Written

SCORES = ("crps", "mae", "bias", "cover50", "cover90")


def document(found: Backtest, lang: Lang) -> Document:
    """One row a horizon, all of them first."""
    c = Speaker(lang)
    scores = list(scored_rows(found))
    columns = [Column(c.t(f"backtest.column.{name}"), "right") for name in ("horizon", "n", *SCORES)]
    cells = [[c.t("backtest.all") if row["horizon"] == 0 else str(row["horizon"]), str(row["n"]),
              *(f"{row[name]:.3f}" for name in SCORES[:3]), *(f"{row[name]:.0%}" for name in SCORES[3:])]
             for row in scores]
    title = c.t(f"backtest.title.{'share' if found.target.endswith('_share') else 'log'}", target=found.target)
    by_horizon = [row for row in scores if row["horizon"]]
    line = charts.Line("crps", c.t("backtest.column.crps"), [row["crps"] for row in by_horizon])
    chart = charts.bars([str(row["horizon"]) for row in by_horizon], [line], unit="index", lang=lang)
    return Document.of(title, lang, [TableBlock(columns, cells, ""),
                                     Figure(chart, c.t("backtest.column.crps"), title)])


def written(found: Backtest, lang: Lang) -> Written:
    """The table; every quantile as a row; the scores as data."""
    return Written(lambda: document(found, lang), lambda: found.rows.iter_rows(named=True),
                   lambda: {"target": found.target, "made_by": found.made_by, "scores": list(scored_rows(found))})


def scored_rows(found: Backtest) -> Iterator[Row]:
    """Scores over all horizons (horizon 0), then by horizon."""
    scores = found.scores
    assert scores is not None
    yield from table(scores.with_columns(horizon=0), ["horizon"]).iter_rows(named=True)
    yield from table(scores.sort("horizon"), ["horizon"]).iter_rows(named=True)
