"""A simulation of one market: shares, money, emissions and jobs by year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.base.text import Lang
from seedbed.market.forecasts import AHEAD
from seedbed.market.simulate import Outcome
from seedbed.show import charts
from seedbed.show.document import Block, Callout, Column, Document, Figure, TableBlock
from seedbed.show.numbers import number
from seedbed.show.speaker import Speaker
from seedbed.show.write import Row, Written

if TYPE_CHECKING:
    import xarray

SUMS = (("market_size", "CNY", "technology"), ("public_money", "CNY", "instrument"),
        ("life_cycle_emissions", "tCO2e", None), ("jobs", "job", None))


def document(outcome: Outcome, lang: Lang) -> Document:
    """Shares of purchases by technology, sums over places (medians over members), and the green share as a chart."""
    c = Speaker(lang)
    data = outcome.middle
    place = c.join([c.place(p) for p in outcome.compiled.places[:3]])
    title = f"{outcome.compiled.definition.label[lang]} · {place}"
    blocks: list[Block] = [_shares(c, outcome, data), _sums(c, data), _chart(c, outcome)]
    if outcome.compiled.forecast:
        last = min(int(data.year[0]) + AHEAD, int(data.year[-1]))
        blocks.append(Callout(c.t("chart.follows", year=last)))
    return Document.of(title, lang, blocks, place=place, meta=c.provenance(outcome.dataset.attrs))


def written(outcome: Outcome, lang: Lang) -> Written:
    """Tables and chart; every variable as long rows (medians over members); every member as netCDF."""
    return Written(lambda: document(outcome, lang), lambda: rows(outcome), outcome.table, outcome.to_xarray)


def rows(outcome: Outcome) -> Iterator[Row]:
    """Long rows with all columns, empty where an axis does not apply."""
    columns = ("year", "place", "channel", "technology", "instrument", "stage", "variable", "unit", "value")
    for row in outcome.table():
        yield {name: row.get(name, "") for name in columns}


def _shares(c: Speaker, outcome: Outcome, data: xarray.Dataset) -> TableBlock:
    bought = data.purchases.sum(("place", "channel"))
    share = (bought / bought.sum("technology")).values
    columns = [Column(c.t("column.year")), *(Column(technology.label[c.lang], "right")
                                             for technology in outcome.compiled.definition.technologies)]
    cells = [[str(year), *(f"{v:.1%}" for v in values)] for year, values in zip(data.year.values, share, strict=True)]
    return TableBlock(columns, cells, c.t("outcome.shares"))


def _sums(c: Speaker, data: xarray.Dataset) -> TableBlock:
    columns, values = [Column(c.t("column.year"))], []
    for name, unit, extra in SUMS:
        columns.append(Column(c.t(f"indicator.{name}"), "right"))
        found = data[name].sum("place" if extra is None else ("place", extra)).values
        scale = 1e-3 if unit == "tCO2e" else 1.0  # kg to t
        values.append([number(float(v) * scale, unit, c.lang) for v in found])
    cells = [[str(year), *row] for year, row in zip(data.year.values, zip(*values, strict=True), strict=True)]
    return TableBlock(columns, cells, c.t("outcome.sums"))


def _chart(c: Speaker, outcome: Outcome) -> Figure:
    """Green share of purchases in the first place; with members the 90 % interval."""
    share = outcome.dataset.green_share.isel(place=0)
    label = c.t("indicator.green_share")
    middle, bands = share, {}
    if "member" in share.dims:
        low, middle, high = (share.quantile(q, "member") for q in (0.05, 0.5, 0.95))
        bands = {0.9: (low.values.tolist(), high.values.tolist())}
    fan = charts.Fan("as_is", label, middle.values.tolist(), bands)
    years = [int(y) for y in outcome.dataset.year.values]
    return Figure(charts.fan_chart(years, [fan], unit="share", lang=c.lang), label, label)
