"""What calibration learns of a market, and how forecasts of the past scored."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seedbed.base.text import Lang
from seedbed.learning.calibrate import LEARNT, centre
from seedbed.learning.fit import Learnt
from seedbed.learning.posterior import NAMES
from seedbed.market.beliefs import Prior
from seedbed.show import charts
from seedbed.show.document import Block, Callout, Column, Document, Figure, TableBlock
from seedbed.show.speaker import Speaker
from seedbed.show.write import Row, Written

ENDS = (0.05, 0.95)


def document(found: Learnt, lang: Lang) -> Document:
    """The posterior of what is learnt beside its prior, and the fitted shares beside those observed."""
    c, made = Speaker(lang), found.posterior
    columns = [Column(c.t("learn.column.belief"), weight=2), *(
        Column(c.t(f"learn.column.{name}"), "right") for name in ("prior", "posterior", "interval", "learnt"))]
    if made.diagnostics:
        columns += [Column(c.t(f"learn.column.{name}"), "right") for name in ("r_hat", "n_eff")]
    cells = []
    for row in rows(found):
        line = [c.t(f"learn.belief.{row['belief']}"), f"{row['prior']:.2f} ± {row['prior_sd']:.2f}",
                f"{row['mean']:.2f} ± {row['sd']:.2f}", f"{row['low']:.2f} … {row['high']:.2f}", f"{row['learnt']:.0%}"]
        cells.append([*line, *([f"{row['r_hat']:.3f}", f"{row['n_eff']:.0f}"] if made.diagnostics else [])])
    blocks: list[Block] = [TableBlock(columns, cells, ""), _chart(c, found)]
    if made.diagnostics:
        blocks.append(Callout(c.t("learn.divergences", count=made.diagnostics["divergences"])))
    return Document.of(c.t(f"learn.title.{made.method}", market=c.market(made.market), draws=len(made.vectors)), lang,
                       blocks)


def written(found: Learnt, lang: Lang) -> Written:
    """The table; one row a belief."""
    return Written(lambda: document(found, lang), lambda: rows(found), lambda: list(rows(found)))


def rows(found: Learnt) -> Iterator[Row]:
    """Prior and posterior of each belief that is learnt."""
    mean, spread = centre(Prior())
    for i, name in enumerate(NAMES[:LEARNT]):
        values = found.posterior.vectors[:, i]
        low, high = np.quantile(values, ENDS)
        sites = found.posterior.diagnostics.get("sites", {}).get(name, {})
        yield {"belief": name, "prior": float(mean[i]), "prior_sd": float(spread[i]), "mean": float(values.mean()),
               "sd": float(values.std()), "low": float(low), "high": float(high),
               "learnt": float(max(1 - values.var() / spread[i] ** 2, 0)), **sites}


def _chart(c: Speaker, found: Learnt) -> Figure:
    """Fitted shares over the years."""
    fit = found.fit
    lines = [charts.Line(t.id, t.label[c.lang], fit.fitted[:, i].tolist())
             for i, t in enumerate(found.definition.technologies)]
    title = c.t("learn.fitted")
    return Figure(charts.lines(list(fit.years), lines, unit="share", lang=c.lang), title, title)
