"""One sector of a table made into several, the balance kept.

A table knows "electrical machinery", a plan needs photovoltaic cells. What is known of the parts is their share
of output, and often of exports (customs statistics by HS code). The parts share one technology; sales to buyers
that nothing is known about go by what each part has left to sell. Lindner, Legault & Guan (2012).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.accounts.table import KINDS, SECTORS, Array, InputOutput, Rows, frame
from seedbed.lifecycle.inventory.tables import Schema

VALUES: Schema = {"code": pl.String, "value": pl.Float64}
CONCORDANCE: Schema = {
    "code": pl.String,  # of any number of digits; the longest that fits counts
    "part": pl.String,
    "share": pl.Float64,  # of the code, where it is of several parts; null: all of it
}


def disaggregate(table: InputOutput, sector: str, parts: pl.DataFrame) -> InputOutput:
    """`table` with `sector` ("region:code" or code) replaced by `parts`, in its place.

    `parts` has the columns code, name_zh and name_en (at least one), `output` (share of the sector's output)
    and, where known, `export` and `import` (share of those columns) and any stressor by its code (share of
    emissions); shares that are not given are those of output. Every share adds up to 1. Buyers' purchases and
    the sector's inputs stay in sum what they were, and every part balances. Raises UnknownNameError for another
    sector, InvalidInputError for shares that do not add up or a part that exports more than it makes.
    """
    at = table.sector(sector)
    where = f"parts of {table.keys[at]}"
    weights = _shares(parts, "output", where)
    known = {kind: _shares(parts, kind, where) if kind in parts.columns else weights for kind in KINDS}
    sold = np.stack([known[kind] for kind in table.demands["kind"]], axis=1) * table.Y[at]  # parts × m
    fixed = np.array([kind != "final" for kind in table.demands["kind"]])
    left = weights * table.x[at] - sold[:, fixed].sum(axis=1)
    if left.sum() <= 0 or (left < -1e-9 * table.x[at]).any():
        worst = parts["code"][int(left.argmin())]
        raise InvalidInputError(f"{worst} sells more abroad than it makes.", where=where,
                                fix="raise its share of output or lower its share of exports.")
    rest = left / left.sum()
    sold[:, ~fixed] = rest[:, None] * table.Y[at, ~fixed]

    source = np.r_[:at, np.full(parts.height, at), at + 1:len(table.x)]
    mine = slice(at, at + parts.height)
    selling, making = np.ones(len(source)), np.ones(len(source))
    selling[mine], making[mine] = rest, weights
    Y, F = table.Y[source], table.F[:, source] * making
    Y[mine] = sold
    for s, code in enumerate(table.stressors["code"]):
        if code in parts.columns:
            F[s, mine] = _shares(parts, code, where) * table.F[s, at]
    names = frame(SECTORS, parts.select(name for name in SECTORS if name in parts.columns))
    names = names.with_columns(region=pl.lit(table.sectors["region"][at]))
    return replace(
        table, sectors=pl.concat([table.sectors[:at], names, table.sectors[at + 1:]]),
        Z=table.Z[np.ix_(source, source)] * selling[:, None] * making, Y=Y, F=F, x=table.x[source] * making,
        V=table.V[:, source] * making)


def shares_by_code(values: Rows, concordance: Rows, parts: Sequence[str]) -> Array:
    """Share of each of `parts` in `values` (code, value) by a `concordance` (CONCORDANCE).

    A concordance may name whole chapters: of the entries a code begins with, the longest counts, so that
    "8541" and "85" can stand together. Raises InvalidInputError for codes of `values` that no entry covers, and
    for a code of several parts whose shares do not add up to 1.
    """
    found = frame(VALUES, values)
    entries = frame(CONCORDANCE, concordance).with_columns(pl.col("share").fill_null(1.0))
    torn = entries.group_by("code", maintain_order=True).agg(pl.col("share").sum()).filter(
        (pl.col("share") - 1).abs() > 1e-9)
    if torn.height:
        raise InvalidInputError(f"the shares of {torn['code'][0]!r} add up to {torn['share'][0]:g}.",
                                where="concordance", fix="give one part, or several with shares that add up to 1.")
    lengths = sorted(set(entries["code"].str.len_chars()), reverse=True)
    known = entries["code"].unique().implode()
    head = pl.coalesce(pl.when(pl.col("code").str.head(n).is_in(known)).then(pl.col("code").str.head(n))
                       for n in lengths)
    found = found.with_columns(head=head)
    if (lost := found.filter(pl.col("head").is_null())).height:
        raise InvalidInputError(f"{lost.height} codes have no part, among them {', '.join(lost['code'][:5])}.",
                                where="concordance", fix="add them, or a shorter code that covers them.")
    divided = found.join(entries, left_on="head", right_on="code", maintain_order="left")
    by_part = divided.group_by("part").agg((pl.col("value") * pl.col("share")).sum())
    sums = dict(by_part.iter_rows())
    amounts = np.array([sums.get(part, 0.0) for part in parts])
    return amounts / amounts.sum()


def _shares(parts: pl.DataFrame, column: str, where: str) -> Array:
    shares = parts[column].cast(pl.Float64).to_numpy()
    if not np.isfinite(shares).all() or (shares < 0).any() or abs(shares.sum() - 1) > 1e-9:
        raise InvalidInputError(f"the shares {column!r} are {shares.tolist()}.", where=where,
                                fix="give shares from 0 to 1 that add up to 1.")
    return shares
