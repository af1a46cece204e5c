"""The summary of an ensemble: green shares of the last year with their intervals."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.base.text import Lang
from seedbed.market.definition import definitions
from seedbed.planning.ensemble import Ensemble
from seedbed.show.document import Callout, Column, Document, TableBlock
from seedbed.show.speaker import Speaker
from seedbed.show.write import Row, Written

ENDS = (0.05, 0.5, 0.95)


def document(found: Ensemble, lang: Lang) -> Document:
    """Green share of purchases in the last year: median and 90 % interval by market and scenario."""
    c, last = Speaker(lang), found.dataset.isel(year=-1, place=0)
    place, year = c.place(str(last.place.item())), int(last.year)
    columns = [Column(c.t("term.market"), weight=1.6), *(Column(c.t(f"scenario.{s}"), "right")
                                                        for s in last.scenario.values)]
    cells = []
    for market in last.market.values:
        share = last.green_share_quantile.sel(market=market)
        row = [definitions()[str(market)].label[lang]]
        for scenario in last.scenario.values:
            low, middle, high = (f"{float(share.sel(scenario=scenario, quantile=q)):.1%}" for q in ENDS)
            row.append(c.t("ensemble.cell", low=low, middle=middle, high=high))
        cells.append(row)
    error = float(last.green_share_error.sel(quantile=list(ENDS)).max()) * 100
    note = c.t("ensemble.note", members=found.dataset.attrs["members"], error=f"{error:.2g}")
    title = c.t("ensemble.table", place=place, year=year)
    return Document.of(title, lang, [TableBlock(columns, cells, ""), Callout(note)], place=place)


def written(found: Ensemble, lang: Lang) -> Written:
    """The table; quantiles as rows; everything as netCDF."""
    return Written(lambda: document(found, lang), lambda: rows(found), lambda: list(rows(found)), found.to_xarray)


def rows(found: Ensemble) -> Iterator[Row]:
    """One row a scenario, market, year, place and indicator: mean, deviation and quantiles."""
    table = found.dataset
    for name in (str(n).removesuffix("_mean") for n in table.data_vars if str(n).endswith("_mean")):
        mean, deviation = (table[f"{name}_{kept}"] for kept in ("mean", "deviation"))
        quantiles = table[f"{name}_quantile"].transpose(..., "quantile")
        for s, scenario in enumerate(table.scenario.values):
            for m, market in enumerate(table.market.values):
                for y, year in enumerate(table.year.values):
                    for p, place in enumerate(table.place.values):
                        at = (s, m, y, p)
                        yield {"scenario": str(scenario), "market": str(market), "year": int(year), "place": str(place),
                               "indicator": name, "unit": mean.attrs["unit"], "mean": float(mean.values[at]),
                               "deviation": float(deviation.values[at]),
                               **{f"q{int(100 * q)}": float(v) for q, v in
                                  zip(table["quantile"].values, quantiles.values[at], strict=True)}}
