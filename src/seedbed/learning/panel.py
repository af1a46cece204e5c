"""Histories of many regions, and what was known of them at an origin.

A `Panel` is read from a folder with one CSV a target (`region,year,value`), a table of totals (`world_covariates.csv`:
`series,year,value`) and the tasks (`truth.csv`). `seen(origin)` is the only way to a history: it drops every later row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from seedbed import facts
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.facts import places

TARGETS = ("ev_share", "solar_gw", "wind_gw", "prov_solar_gw", "prov_wind_gw", "cn_nev_share")
"""Shares of purchases in per cent, capacities in GW; `prov_` are provinces of China, `cn_` the nation."""
COLUMNS: dict[str, type[pl.DataType]] = {"region": pl.String, "year": pl.Int64, "value": pl.Float64}


@dataclass(frozen=True)
class Panel:
    """One target: `values` (region × year, NaN where unknown; per cent or GW) and yearly totals by series."""

    target: str
    regions: tuple[str, ...]
    years: range
    values: np.ndarray
    totals: dict[str, dict[int, float]]

    def seen(self, origin: int) -> Panel:
        """The panel as known at the end of `origin`."""
        kept = range(self.years[0], min(origin, self.years[-1]) + 1)
        totals = {name: {y: v for y, v in series.items() if y <= origin} for name, series in self.totals.items()}
        return Panel(self.target, self.regions, kept, self.values[:, : len(kept)], totals)

    def last(self, row: int) -> tuple[int, float]:
        """Year and value of the last observation of a region."""
        known = np.flatnonzero(np.isfinite(self.values[row]))
        return self.years[known[-1]], float(self.values[row, known[-1]])

    @property
    def share(self) -> bool:
        """Whether the target is a share of purchases."""
        return self.target.endswith("_share")

    @property
    def technology(self) -> str:
        """`solar`, `wind` or `ev`."""
        return next((t for t in ("solar", "wind") if t in self.target), "ev")

    @property
    def provincial(self) -> bool:
        """Whether the regions are provinces of China."""
        return self.target.startswith("prov_")


def read(folder: Path, target: str) -> Panel:
    """The panel of `target` in `folder`. Raises UnknownNameError, InvalidInputError with file, row and column.

    China's own series (`cn_nev_share`) comes with the other countries of `ev_share.csv` where the folder has them: one
    region alone says little about the pace.
    """
    if target not in TARGETS:
        raise UnknownNameError("target", target, TARGETS)
    rows = _rows(folder / f"{target}.csv", "region")
    if rows.height == 0:
        raise InvalidInputError("has no rows.", where=f"{target}.csv", fix="give region, year, value.")
    if target == "cn_nev_share" and (folder / "ev_share.csv").exists():
        rows = pl.concat([rows, _rows(folder / "ev_share.csv", "region").filter(pl.col("region") != "China")])
    totals: dict[str, dict[int, float]] = {}
    if (folder / "world_covariates.csv").exists():
        for series, year, value in _rows(folder / "world_covariates.csv", "series").iter_rows():
            totals.setdefault(series, {})[year] = value
    return _panel(target, rows, totals)


def _panel(target: str, rows: pl.DataFrame, totals: dict[str, dict[int, float]]) -> Panel:
    first, last = int(rows["year"].min()), int(rows["year"].max())  # type: ignore[arg-type]
    regions = tuple(sorted(rows["region"].unique()))
    values = np.full((len(regions), last - first + 1), np.nan)
    where = {name: i for i, name in enumerate(regions)}
    for region, year, value in rows.iter_rows():
        values[where[region], year - first] = value
    return Panel(target, regions, range(first, last + 1), values, totals)


def shipped(target: str) -> Panel:
    """The panel of `target` in the tables of this product. Raises UnknownNameError."""
    if target not in TARGETS:
        raise UnknownNameError("target", target, TARGETS)
    if target.startswith("prov_"):
        rows = _facts("province_power_capacity", "wind" if "wind" in target else "solar")
    elif target.endswith("_gw"):
        rows = [r for r in _facts("country_power", f"capacity_{target[:-3]}") if not r[0].startswith("GRP-")]
    else:
        rows = [(place, year, 100 * share) for place, year, share in _facts("country_ev", "sales_share")]
    if target == "cn_nev_share":
        own = [(place, year, 100 * share) for place, year, share in _facts("national_vehicles", "nev_share")]
        rows = [r for r in rows if r[0] != places.NATION] + own
    power = facts.read("country_power")
    totals = {f"{scope}_{t}_gw": power.series(f"capacity_{t}", place) for t in ("solar", "wind")
              for scope, place in (("world", "WLD"), ("china", places.NATION))}
    named = pl.DataFrame([(places.name_of(p).en, y, v) for p, y, v in rows if p != "WLD"], schema=COLUMNS, orient="row")
    return _panel(target, named, totals)


def _facts(table: str, variable: str) -> list[tuple[str, int, float]]:
    return facts.read(table, variable=variable).data.select("place", "year", "value").rows()


def tasks(folder: Path, target: str, origins: Sequence[int]) -> pl.DataFrame:
    """What is to be forecast: (region, origin, year) of `truth.csv`, without its values."""
    path = folder / "truth.csv"
    found = _table(path, {"target": pl.String, "region": pl.String, "origin": pl.Int64, "year": pl.Int64})
    found = found.filter(pl.col("target") == target, pl.col("origin").is_in(list(origins)))
    if found.height == 0:
        raise InvalidInputError(f"has no task of {target} at {', '.join(map(str, origins))}.", where=path.name,
                                fix="name other origins, or another folder.")
    return found.select("region", "origin", "year").unique(maintain_order=True)


def _rows(path: Path, key: str) -> pl.DataFrame:
    found = _table(path, {key: pl.String, "year": pl.Int64, "value": pl.Float64})
    broken = found.with_row_index("row", offset=2).filter(
        pl.any_horizontal(pl.all().is_null()) | pl.col("value").is_infinite()
    )
    if broken.height:
        raise InvalidInputError("has an empty or infinite cell.", where=f"{path.name}, row {broken['row'][0]}",
                                fix="write the value, or leave the row out: missing is missing.")
    return found


def _table(path: Path, columns: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    if not path.exists():
        raise InvalidInputError("is not there.", where=str(path), fix="name the folder that holds the tables.")
    try:
        table = pl.read_csv(path, infer_schema=False)
        if missing := [c for c in columns if c not in table.columns]:
            raise InvalidInputError(f"lacks the column {missing[0]!r}.", where=path.name,
                                    fix=f"give the columns {', '.join(columns)}.")
        return table.select(pl.col(name).cast(kind) for name, kind in columns.items())
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(f"cannot be read ({str(error).splitlines()[0]}).", where=path.name,
                                fix="write numbers in year and value.") from error
