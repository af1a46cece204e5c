"""No double claim: what one instrument took from the world, another that the rules exclude cannot take.

A use names the source (a plant's meter, a project, a certificate), a window of days and a range of units; two uses
meet where windows (half-open) and units (both ends included) overlap. Check and record are one transaction, with the
source locked. Rules have dates (uses.yaml): where the rule for a pair has lapsed and no other is known, nothing
is guessed: somebody must decide, and the record says who did.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import model_validator

from seedbed.base.datafile import load
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.evidence import Source, cited
from seedbed.base.text import Model, Text
from seedbed.operate.record.chain import recorded
from seedbed.operate.record.ledger import ConflictError
from seedbed.operate.record.nouns import Use
from seedbed.operate.record.store import Draft, Store, append
from seedbed.operate.record.tables import use as uses

FILE = Path(__file__).with_name("uses.yaml")


class ExcludedError(InvalidInputError):
    """A rule excludes the use."""


class UndecidedError(InvalidInputError):
    """No rule is in force for a pair that had one."""


class Exclusion(Model):
    """A rule between two instruments, from a day to a day by a document."""

    id: str
    between: tuple[str, str]
    kind: Literal["exclude", "owner"]
    start: date
    end: date | None = None
    document: Text
    number: str | None = None
    after: Text | None = None
    source: Source

    def meets(self, one: str, other: str) -> bool:
        """Whether it is about these two instruments."""
        return set(self.between) == {one, other}

    def holds(self, day: date) -> bool:
        """Whether it is in force on `day`."""
        return self.start <= day and (self.end is None or day <= self.end)

    @property
    def named(self) -> str:
        """The rule and its document."""
        return f"{self.id}, {self.document.zh} ({self.number or self.document.en})"


class Exclusions(Model):
    """uses.yaml."""

    instruments: dict[str, Text]
    rules: tuple[Exclusion, ...]
    sources: dict[str, Source]

    @model_validator(mode="before")
    @classmethod
    def _cited(cls, raw: Any) -> Any:
        return cited(raw)

    @model_validator(mode="after")
    def _known(self) -> Exclusions:
        for rule in self.rules:
            if unknown := set(rule.between) - self.instruments.keys():
                raise ValueError(f"rule {rule.id} names {', '.join(sorted(unknown))}, which is no instrument here")
        return self


@cache
def exclusions() -> Exclusions:
    """The shipped rules."""
    return load(FILE, Exclusions)


def between(one: str, other: str, day: date) -> Exclusion | None:
    """The rule for a pair on `day`; None where the pair never had one. UndecidedError where the last has lapsed."""
    rules = [rule for rule in exclusions().rules if rule.meets(one, other)]
    found = next((rule for rule in rules if rule.holds(day)), None)
    lapsed = [rule for rule in rules if rule.end is not None and rule.end < day]
    if found is None and lapsed:
        last = max(lapsed, key=lambda rule: rule.start)
        after = f" {last.after.zh} {last.after.en}" if last.after else ""
        raise UndecidedError(f"no rule is in force on {day} between {one} and {other}: {last.named} ended on "
                             f"{last.end}.{after}", where="use",
                             fix="ask the authority, and name its decision with `decision`.")
    return found


def take(store: Store, connection: sa.Connection, asked: Sequence[Use], *, by: str, on: date,
         decision: str | None = None) -> None:
    """Record uses, all or none. Raises ExcludedError naming rule and document, UndecidedError, ConflictError."""
    known = exclusions().instruments
    for use in asked:
        if use.instrument not in known:
            raise UnknownNameError("instrument of a use", use.instrument, known)
    for source in sorted({use.source for use in asked}):
        if not store.sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(source, 0))))
    _in_one_unit(connection, asked)
    drafts, rows = [], []
    for use in asked:
        repeated = _same(connection, use)
        if repeated:
            continue
        for other in [*_overlapping(connection, use), *(row for row in rows if _meet(row, use))]:
            _check(use, other, on, decision)
        row = use.model_dump() | {"decision": decision}
        rows.append(row)
        body = recorded(use) | ({"decision": decision} if decision else {})
        drafts.append(Draft(f"use:{use.source}", "use.taken@1", on, by, use.source, body))
    if not rows:
        return
    for row, place in zip(rows, append(store, connection, drafts), strict=True):
        row |= {"stream": place.stream, "number": place.number}
    connection.execute(sa.insert(uses), rows)


def _in_one_unit(connection: sa.Connection, asked: Sequence[Use]) -> None:
    """Units of a source are counted in one unit: what is taken in another could not be compared."""
    counted: dict[str, str] = {}
    for use in asked:
        if use.source not in counted:
            before = connection.execute(sa.select(uses.c.unit).where(uses.c.source == use.source).limit(1)).scalar()
            counted[use.source] = before or use.unit
        if use.unit != counted[use.source]:
            raise InvalidInputError(f"{use.source} is counted in {counted[use.source]}, not in {use.unit}.",
                                    where=f"use {use.id}", fix=f"give low and high in {counted[use.source]}.")


def _same(connection: sa.Connection, use: Use) -> bool:
    """Whether just this use is recorded already."""
    row = connection.execute(sa.select(uses).where(uses.c.id == use.id)).mappings().first()
    if row is None:
        return False
    if differs := [name for name, value in use if value != row[name]]:
        raise ConflictError(f"use {use.id} is recorded with another {' and '.join(differs)}.", where="use",
                            fix="use a new id for a new use.")
    return True


def _overlapping(connection: sa.Connection, use: Use) -> list[Any]:
    return list(connection.execute(
        sa.select(uses).where(uses.c.source == use.source, uses.c.start < use.end, uses.c.end > use.start,
                              uses.c.low <= use.high, uses.c.high >= use.low).order_by(uses.c.number)).mappings())


def _meet(row: dict[str, Any], use: Use) -> bool:
    return (row["source"] == use.source and row["start"] < use.end and row["end"] > use.start
            and row["low"] <= use.high and row["high"] >= use.low)


def _check(use: Use, other: Any, on: date, decision: str | None) -> None:
    """Refuse `use` where a rule in force on `on` excludes it from what `other` took."""
    try:
        rule = between(use.instrument, other["instrument"], on)
    except UndecidedError:
        if decision:
            return
        raise
    if rule is None or (rule.kind == "owner" and other["by"] == use.by):
        return
    low, high = max(use.low, other["low"]), min(use.high, other["high"])
    raise ExcludedError(
        f"units {low}–{high} ({use.unit}) of {use.source} from {max(use.start, other['start'])} to "
        f"{min(use.end, other['end'])} were taken by {other['id']} for {other['instrument']}; {use.instrument} cannot "
        f"take them again: rule {rule.named}.", where=f"use {use.id}", fix="claim units that are still free.")
