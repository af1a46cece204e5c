"""What an import found and did, as data: for the terminal, as JSON, and for a page (`show.import_page`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import polars as pl
from pydantic import Field

from seedbed.base.text import Lang, Model
from seedbed.lifecycle.gate.kinds import SEVERITIES, Kind, Severity, kind, kinds
from seedbed.lifecycle.inventory.tables import Inventory

Decision = Literal["live", "quarantined", "refused"]
"""Live as it is; live without what is wrong in it; not live, and nothing kept."""
_FILE = re.compile(r"#|!|, | line |:\d+$")
"""What follows the name of a file where a place in it is named."""
EXAMPLES = 20
"""Defects of a kind that the report shows; the snapshot keeps all (table `defects`)."""


class Name(Model):
    """A name in the languages that have it."""

    id: str
    zh: str | None = None
    en: str | None = None

    def __getitem__(self, lang: str) -> str:
        first, second = (self.zh, self.en) if lang == "zh" else (self.en, self.zh)
        return first or second or self.id


class Example(Model):
    """One defect. `round` counts the judgements: 0 as it came, 1 after the first things were taken out …"""

    process: Name | None
    row: int | None
    flow: Name | None
    where: str | None
    value: float | None
    detail: str | None
    stands: bool
    round: int

    def at(self, lang: Lang) -> str:
        """What it concerns: the names of process and flow, or else the detail or the place in the source."""
        names = [name[lang] for name in (self.process, self.flow) if name]
        return " · ".join(names) or self.detail or self.where or ""


class Found(Model):
    """All defects of one kind: how many, how many of them the reader had already mended, and the first ones."""

    kind: str
    count: int
    mended: int
    examples: tuple[Example, ...]

    @property
    def about(self) -> Kind:
        """What the kind means."""
        return kind(self.kind)

    @property
    def severity(self) -> Severity:
        """That of the kind; of what its reader got round, an error is a warning and a warning good to know."""
        if self.mended < self.count:
            return self.about.severity
        return "warning" if self.about.severity == "error" else "note"


class Files(Model):
    """Files of the source: those that were seen are those taken and those left out, which could not be read."""

    taken: int
    left_out: int

    @property
    def seen(self) -> int:
        return self.taken + self.left_out


class Line(Model):
    """What became of the processes, exchanges or factors of a file (None: of all files).

    It balances: seen + changed = taken + refused + left_out. `changed` are rows that the format implies (or, below
    zero, that it merges), `refused` those taken out for an error.
    """

    file: str | None
    what: Literal["processes", "exchanges", "factors"]
    seen: int
    changed: int
    taken: int
    refused: int
    left_out: int


class ImportReport(Model):
    """An import. `read` and `live` count rows by table as they came and as they went live (empty if refused)."""

    name: str
    version: str
    format: str
    source: str
    decision: Decision
    hash: str | None
    previous: str | None
    rounds: int
    files: Files
    lines: tuple[Line, ...] = Field((), description="the account: the whole source, then the files that lost something")
    read: dict[str, int]
    live: dict[str, int]
    removed: dict[str, int] = Field(description="rows taken out, by table")
    missing_databases: tuple[str, ...]
    found: tuple[Found, ...]

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values; `ImportReport.model_validate` reads them back."""
        return self.model_dump(mode="json")

    def of(self, kind: str) -> Found | None:
        """The defects of one kind; None if there are none."""
        return next((found for found in self.found if found.kind == kind), None)

    def count(self, severity: Severity) -> int:
        """Number of defects of a severity."""
        return sum(found.count for found in self.found if found.severity == severity)

    def rows(self, lang: Lang) -> Iterator[tuple[Severity, str, int, str]]:
        """For the terminal, the gravest first: severity, label of the kind, number, and where the first one is."""
        for found in self.found:
            yield found.severity, found.about.label[lang], found.count, found.examples[0].at(lang)


def balance(seen: pl.DataFrame, inventory: Inventory, removed: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The account by file: what was `seen` (SEEN), and what of it the `inventory` as read and what was `removed` hold.

    Columns of Line; `taken` counts what is left after `removed`.
    """
    there, gone = _counted(inventory.tables()), _counted(removed).rename({"rows": "refused"})
    known = (
        seen.with_columns(key=pl.col("of").fill_null(""), real=pl.col("of").is_not_null())
        .join(there, left_on=["what", "key"], right_on=["what", "of"], how="left", maintain_order="left")
        .join(gone, left_on=["what", "key"], right_on=["what", "of"], how="left", maintain_order="left")
    )
    held = pl.when("real").then(pl.col("rows").fill_null(0)).otherwise(0)
    lost = pl.when("real").then(pl.col("refused").fill_null(0)).otherwise(0)
    return known.with_columns(refused=lost, taken=held - lost).group_by("file", "what", maintain_order=True).agg(
        pl.col("seen", "changed", "taken", "refused").sum()
    ).with_columns(left_out=pl.col("seen") + pl.col("changed") - pl.col("taken") - pl.col("refused"))


def _counted(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Rows of processes, exchanges and factors by what they belong to: `what`, `of`, `rows`."""
    key = {"processes": "id", "exchanges": "process", "factors": "method"}
    parts = [
        tables[what].group_by(of=pl.col(column).fill_null("")).agg(rows=pl.len().cast(pl.Int64))
        .select(pl.lit(what).alias("what"), "of", "rows")
        for what, column in key.items() if what in tables
    ]
    return pl.concat(parts) if parts else pl.DataFrame(
        schema={"what": pl.String, "of": pl.String, "rows": pl.Int64})


def lines(balanced: pl.DataFrame) -> tuple[Line, ...]:
    """The account of the whole source, then of the files that lost something, those that lost most first."""
    sums = pl.col("seen", "changed", "taken", "refused", "left_out").sum()
    whole = balanced.group_by("what", maintain_order=True).agg(sums).with_columns(file=pl.lit(None, pl.String))
    lost = balanced.filter((pl.col("refused") > 0) | (pl.col("left_out") != 0))
    worst = lost.sort(-(pl.col("refused") + pl.col("left_out")), maintain_order=True).head(EXAMPLES)
    return tuple(Line(**row) for part in (whole, worst) for row in part.iter_rows(named=True))


def unexplained(balanced: pl.DataFrame, defects: pl.DataFrame) -> list[dict[str, Any]]:
    """Defects for the files that left rows out, but for those that count in others (`counted_elsewhere`)."""
    elsewhere = Counter(defects.filter(pl.col("kind") == "counted_elsewhere")["where"].to_list())
    lost = balanced.filter(pl.col("left_out") != 0).select("file", "what", "left_out")
    return [
        {"kind": "rows_left_out", "where": file, "value": float(count), "detail": what}
        for file, what, left in lost.iter_rows() if (count := left - elsewhere[file] * (what == "exchanges"))
    ]


ASIDE = frozenset({"flows", "sources", "contacts", "flowproperties", "unitgroups", "flow_properties", "unit_groups",
                   "actors", "categories", "locations", "currencies", "dq_systems"})
"""Folders of packages whose files hold no process and no factor."""


def outweighed(seen: pl.DataFrame, defects: pl.DataFrame) -> bool:
    """Whether more files of processes or factors were lost than were taken."""
    taken = seen.filter(pl.col("of").is_not_null())["file"].unique()
    lost = {_FILE.split(where, maxsplit=1)[0]
            for where in defects.filter(pl.col("kind") == "file_unreadable")["where"].drop_nulls()}
    lost = {file for file in lost if file.rpartition("/")[0].rpartition("/")[2].lower() not in ASIDE}
    return len(lost - set(taken)) > len(taken)


def account(inventory: Inventory, seen: pl.DataFrame, defects: pl.DataFrame) -> Files:
    """The files that processes, flows and methods came from, and those that could not be read."""
    said = pl.concat([seen.filter(pl.col("of").is_not_null())["file"], inventory.processes["where"],
                      inventory.flows["where"]]).drop_nulls().unique()
    taken = {_FILE.split(where, maxsplit=1)[0] for where in said}
    lost = defects.filter(pl.col("kind") == "file_unreadable")["where"].drop_nulls().unique()
    return Files(taken=len(taken), left_out=len({_FILE.split(where, maxsplit=1)[0] for where in lost} - taken))


def summarise(defects: pl.DataFrame, inventory: Inventory) -> tuple[Found, ...]:
    """`defects` (judging.FOUND and `round`) by kind, the gravest and most frequent first, with names."""
    processes, flows = _names(inventory.processes), _names(inventory.flows)
    parts = [(name, part) for (name,), part in defects.group_by("kind", maintain_order=True)]
    order = {name: number for number, name in enumerate(kinds())}
    summary = []
    for name, part in parts:
        worst = part.sort(~pl.col("stands"), -pl.col("value").abs().fill_null(0.0), maintain_order=True).head(EXAMPLES)
        examples = tuple(
            Example(process=processes.get(row["process"]), flow=flows.get(row["flow"]),
                    **{key: row[key] for key in ("row", "where", "value", "detail", "stands", "round")})
            for row in worst.iter_rows(named=True))
        summary.append(Found(kind=str(name), count=part.height, mended=int((~part["stands"]).sum()), examples=examples))
    return tuple(sorted(summary, key=lambda f: (SEVERITIES.index(f.severity), -f.count, order[f.kind])))


def _names(things: pl.DataFrame) -> dict[str | None, Name]:
    rows = things.select("id", "name_zh", "name_en").filter(pl.col("id").is_not_null())
    return {id: Name(id=id, zh=zh, en=en) for id, zh, en in rows.iter_rows()}
