"""The nouns of the record, frozen: what is recorded is superseded or reversed, never edited.

Sums are Decimals or integers, days are dates; a person is a pseudonymous id and nothing else.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from seedbed.base.text import Model, Text

Id = Annotated[str, Field(pattern=r"^[\w][\w.:/@+-]*$", max_length=120)]


class Measure(Model):
    """An amount with its unit, exact."""

    value: Decimal
    unit: str


class Noun(Model):
    """What has an id and versions; the last version is what holds."""

    id: Id


class Party(Noun):
    """Who acts. A person is an id and no more: name and contact lie apart, and can be erased (`persons`)."""

    kind: Literal["organisation", "person", "site", "public"]
    name: Text | None = None
    place: str | None = None
    parent: Id | None = None
    codes: dict[str, str] = Field(default_factory=dict)
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _nameless(self) -> Party:
        if self.kind == "person" and (self.name or self.codes):
            raise ValueError("a person has an id only; keep name and contact in persons")
        if self.kind != "person" and self.name is None:
            raise ValueError("name is missing")
        return self


class Product(Noun):
    """What is made; `flow` names it in an inventory as `database:flow`."""

    maker: Id
    name: Text
    unit: str
    made_at: Id | None = None
    codes: dict[str, str] = Field(default_factory=dict)
    flow: str | None = None
    mass: Measure | None = None
    supersedes: Id | None = None


class Evidence(Noun):
    """What a claim rests on."""

    kind: Literal["document", "measurement", "certificate", "calculation", "facts"]
    title: Text
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    issued: date | None = None
    valid: date | None = None
    by: Id | None = None
    source: str | None = None


class Claim(Noun):
    """What somebody says about a product, party or period; `status` moves forward only."""

    about: Id
    says: str
    quantity: Measure
    start: date
    end: date
    boundary: str | None = None
    method: str | None = None
    evidence: tuple[Id, ...] = ()
    by: Id
    status: Literal["draft", "stated", "verified", "withdrawn", "expired"] = "stated"
    verified_by: Id | None = None
    supersedes: Id | None = None

    @model_validator(mode="after")
    def _sound(self) -> Claim:
        if self.end < self.start:
            raise ValueError("the period ends before it starts")
        if (self.status == "verified") != (self.verified_by is not None):
            raise ValueError("a verified claim names who verified it, and no other does")
        if self.verified_by == self.by:
            raise ValueError("nobody verifies what is their own")
        return self


class Grant(Noun):
    """Who may do what: `scope` is noun.read, noun.write or scheme.assess; `of` whose records (none: their own)."""

    party: Id
    scope: Annotated[str, Field(pattern=r"^(\*|[a-z_]+)\.(read|write|assess)$")]
    of: Id | None = None
    fields: tuple[str, ...] = ()
    until: date | None = None


NOUNS: dict[str, type[Noun]] = {"party": Party, "product": Product, "evidence": Evidence, "claim": Claim,
                                "grant": Grant}
"""Nouns with versions, by the name of their table and command."""

FORWARD = {"draft": {"stated", "withdrawn"}, "stated": {"verified", "withdrawn", "expired"},
           "verified": {"withdrawn", "expired"}, "withdrawn": set(), "expired": set()}
"""What may become of a claim."""


class Asset(Model):
    """What accounts hold: amounts are whole multiples of 10^−digits `unit`; `serial` ones are numbered one by one."""

    id: Id
    unit: str
    digits: int = Field(default=0, ge=0, le=9)
    serial: bool = False
    label: Text | None = None


class Account(Model):
    """A holding of one asset. Only an account that says so (an issuer's) may be negative."""

    id: Id
    owner: Id
    asset: Id
    negative: bool = False


MOST = 2**63 - 1
"""Greatest whole number that a database keeps."""


class Use(Model):
    """What a claim takes from the world: units `low` … `high` (both included) of a source in a window of days.

    `start` is the first day, `end` the first day no longer in it (half-open), as meters are read.
    """

    id: Id
    source: Id
    unit: str
    start: date
    end: date
    low: int = Field(ge=1, le=MOST)
    high: int = Field(ge=1, le=MOST)
    instrument: str
    by: Id

    @model_validator(mode="after")
    def _sound(self) -> Use:
        if self.end <= self.start:
            raise ValueError("the window ends before it starts")
        if self.high < self.low:
            raise ValueError("the range of units ends before it starts")
        return self

    @property
    def amount(self) -> int:
        """Units taken."""
        return self.high - self.low + 1
