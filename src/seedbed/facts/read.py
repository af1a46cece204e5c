"""Reading facts: numbers always come back with their source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from seedbed.base import memory
from seedbed.base.errors import InvalidInputError, SeedbedError, UnknownNameError
from seedbed.base.shown import Shown
from seedbed.facts import own, places, registry
from seedbed.facts.registry import Table

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True, repr=False)
class Facts(Shown):
    """Numbers and where they come from.

    `data` has the columns `place, year, variable, value, quality, note` (and `month`, where the table
    is monthly) for a long table, and the columns of the registry for a catalogue.
    """

    data: polars.DataFrame
    table: Table

    def series(self, variable: str, place: str = places.NATION) -> dict[int, float]:
        """Year → value of one variable in one place, in the order of the years.

        The unit is `table.variables[variable].unit`. Missing years are absent. Raises
        `UnknownNameError` for a variable or place the table does not have, and `InvalidInputError`
        for a catalogue or a monthly table, which have no series by year.
        """
        if not self.table.is_long or "month" in self.data.columns:
            raise InvalidInputError(
                "this table has no series by year.", where=self.table.id, fix="use `.data`"
            )
        _check_variable(self.table, variable)
        chosen = _where(self.data, place=place_id(self.table, place), variable=variable)
        rows = chosen.sort("year").select("year", "value").iter_rows()
        return {int(year): float(value) for year, value in rows}

    def about(self) -> dict[str, object]:
        years = self.data["year"] if "year" in self.data.columns else None
        return {"table": self.table.id, "title": self.table.title.en, "rows": self.data.height,
                "years": f"{years.min()}–{years.max()}" if years is not None and self.data.height else None,
                "variables": ", ".join(list(self.table.variables)[:8]), "publisher": self.table.publisher.en,
                "quality": self.table.quality, "licence": self.table.licence}

    @property
    def source(self) -> Table:
        """Where the numbers come from: the table itself is a source."""
        return self.table

    def to_polars(self) -> polars.DataFrame:
        """The rows."""
        return self.data

    def value(self, variable: str, place: str, year: int) -> float | None:
        """One number, or `None` where it is missing. Errors as for `series`."""
        return self.series(variable, place).get(year)


def read(
    table: str,
    *,
    place: str | None = None,
    year: int | tuple[int, int] | None = None,
    variable: str | None = None,
) -> Facts:
    """Read a table, or the part of it for a place, a year (or a span, both ends in) and a variable.

    `place` is anything `places.resolve` accepts, a grid region, or a country in the country tables.
    Raises `UnknownNameError` for a table, variable or place that is not there, with the nearest names.
    """
    entry = registry.source(table)
    data = _load(entry.id)
    for column, wanted in (("place", place), ("year", year), ("variable", variable)):
        if wanted is not None and column not in data.columns:
            raise InvalidInputError(f"it has no column {column!r}.", where=table, fix=f"leave out {column}")
    if variable is not None:
        _check_variable(entry, variable)
    found = None if place is None else place_id(entry, place)
    return Facts(_where(data, place=found, year=year, variable=variable), entry)


def goes_below_zero(table: str, variable: str) -> bool:
    """Whether a variable of a table is somewhere negative in what ships."""
    import polars as pl

    values = _load(table).filter(pl.col("variable") == variable)["value"]
    return bool((values < 0).any())


def largest(table: str, variable: str) -> float:
    """The largest value of a variable that a table has."""
    import polars as pl

    values = _load(table).filter(pl.col("variable") == variable)["value"]
    return float(values.abs().max() or 0.0)  # type: ignore[arg-type]


def place_id(table: Table, place: str) -> str:
    """The id in the `place` column of `table` that `place` means."""
    known = _places_in(table.id)
    if place in known:
        return place
    for find in (places.resolve, places.country):
        try:
            found = find(place).id
        except SeedbedError:
            continue
        if found in known:
            return found
    names = [name for code in known for name in (code, places.name_of(code).en, places.name_of(code).zh)]
    raise UnknownNameError(f"place in {table.id}", place, names)


def _check_variable(table: Table, variable: str) -> None:
    if variable not in table.variables:
        raise UnknownNameError(f"variable in {table.id}", variable, table.variables)


def _where(
    data: polars.DataFrame,
    *,
    place: str | None = None,
    year: int | tuple[int, int] | None = None,
    variable: str | None = None,
) -> polars.DataFrame:
    import polars as pl

    if place is not None:
        data = data.filter(pl.col("place") == place)
    if variable is not None:
        data = data.filter(pl.col("variable") == variable)
    if year is not None:
        first, last = (year, year) if isinstance(year, int) else year
        data = data.filter(pl.col("year").is_between(first, last))
    return data


@cache
def _places_in(table: str) -> frozenset[str]:
    data = _load(table)
    return frozenset(data["place"].unique().to_list()) if "place" in data.columns else frozenset()


@cache
def _load(table: str) -> polars.DataFrame:
    """The table that ships, with the user's own rows laid over it."""
    import polars as pl

    data = _shipped(table)
    if not (mine := own.rows(table)):
        return data
    rows = pl.DataFrame([{"place": row.place, "year": row.year, "variable": row.variable, "value": row.value,
                          "quality": row.quality, "note": own.NOTE} for row in mine],
                        schema={name: data.schema[name] for name in data.columns})
    return pl.concat([data.join(rows, on=["place", "year", "variable"], how="anti"), rows])


@cache
def _shipped(table: str) -> polars.DataFrame:
    import polars as pl

    entry = registry.source(table)
    return pl.read_csv(entry.path, infer_schema_length=None, schema_overrides=_types(entry))


def shipped_value(table: str, place: str, year: int, variable: str) -> float | None:
    """The number that ships, whatever the user has laid over it."""
    found = _where(_shipped(table), place=place, year=year, variable=variable)["value"]
    return float(found[0]) if len(found) else None


def read_again() -> None:
    """Read the user's own rows again when next asked; what was made of the old ones is made again."""
    _load.cache_clear()
    _places_in.cache_clear()
    memory.forget()


def _types(table: Table) -> Mapping[str, type[polars.DataType]]:
    """Types that the text of a column does not give away: codes are text, values are real numbers."""
    import polars as pl

    codes = dict.fromkeys(("place", "variable", "note", "code", "parent", "cn_code", "gb2260"), pl.String)
    numbers = {name: pl.Float64 for name, column in table.columns.items() if column.unit}
    long = {"value": pl.Float64, "year": pl.Int32, "month": pl.Int8, "quality": pl.Int8}
    return codes | numbers | (long if table.is_long else {})
