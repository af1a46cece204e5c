"""Which process supplies each input: by name where given, else by flow and place.

A product input without a named provider is supplied by the processes that make its flow, nearest place
first (`places.distance`), then nearest in time, market mixes before single plants; several that are
equally near share the supply by their yearly volume, or equally where a volume is unknown.
"""

from __future__ import annotations

import polars as pl

from seedbed.lifecycle import places

ITSELF = places.ELSEWHERE + 1
"""Distance of a process to itself: it supplies its own input only when nobody else can."""

LINKS = {
    "process": pl.String, "row": pl.Int32, "flow": pl.String, "column": pl.Int32, "weight": pl.Float64,
    "distance": pl.Int32, "named": pl.Boolean,
}
"""A link: the exchange (`process`, `row`), the supplying `column`, its share (`weight`) and how far it is."""


def link(wanted: pl.DataFrame, columns: pl.DataFrame, *, year: int | None) -> pl.DataFrame:
    """Links of the exchanges `wanted` (columns process, row, flow, provider, place) to `columns`.

    `place` is the consumer's. Exchanges for which nothing is found have no link; the gate names them.
    """
    named = wanted.filter(pl.col("provider").is_not_null())
    by_name = _by_name(named, columns)
    left = wanted.join(by_name.select("process", "row"), on=["process", "row"], how="anti", maintain_order="left")
    found = pl.concat([by_name, _by_place(left, columns, year)])
    return found.sort("process", "row", "column").select(pl.col(name).cast(kind) for name, kind in LINKS.items())


def _by_name(named: pl.DataFrame, columns: pl.DataFrame) -> pl.DataFrame:
    """Links to the provider's column for the flow."""
    makers = columns.select("column", "flow", provider="process")
    return named.join(makers, on=["provider", "flow"]).select(
        "process", "row", "flow", "column", weight=pl.lit(1.0), distance=pl.lit(0, pl.Int32), named=pl.lit(True)
    )


def _by_place(wanted: pl.DataFrame, columns: pl.DataFrame, year: int | None) -> pl.DataFrame:
    makers = columns.select("column", "flow", "volume", "market", "start", "end", maker="process", maker_place="place")
    buyers = wanted.select("process", "row", "flow", buyer_place=pl.col("place").fill_null("GLO"))
    supplied = buyers.select("flow", "buyer_place", "process").unique()
    pairs = supplied.join(makers, on="flow")
    pairs = pairs.join(_distances(pairs), on=["buyer_place", "maker_place"], nulls_equal=True).with_columns(
        distance=pl.when(pl.col("maker") == pl.col("process")).then(ITSELF).otherwise(pl.col("distance"))
    )
    group = ["flow", "buyer_place", "process"]
    for key in ("distance", _years_off(year), ~pl.col("market")):
        rank = pl.col(key) if isinstance(key, str) else key
        pairs = pairs.filter(rank == rank.min().over(group))
    known = pl.col("volume").is_not_null().all().over(group) & (pl.col("volume").sum().over(group) > 0)
    by_volume = pl.col("volume") / pl.col("volume").sum().over(group)
    weight = pl.when(known).then(by_volume).otherwise(1 / pl.len().over(group))
    shares = pairs.with_columns(weight=weight).filter(pl.col("weight") > 0)
    return buyers.join(shares, on=group, maintain_order="left").select(
        "process", "row", "flow", "column", "weight", "distance", named=pl.lit(False)
    )


def _distances(pairs: pl.DataFrame) -> pl.DataFrame:
    met = pairs.select("buyer_place", "maker_place").unique()
    ranks = [places.distance(buyer, maker or "GLO") for buyer, maker in met.iter_rows()]
    return met.with_columns(distance=pl.Series(ranks, dtype=pl.Int32))


def _years_off(year: int | None) -> pl.Expr:
    """Years between the period of validity and `year` (latest period where no year is asked)."""
    if year is None:
        return -pl.col("end").fill_null(0)
    early = (pl.col("start").fill_null(year) - year).clip(lower_bound=0)
    late = (year - pl.col("end").fill_null(year)).clip(lower_bound=0)
    return pl.max_horizontal(early, late)
