"""Schemes: an instrument in operation is one folder of data, `schemes/ID/scheme.yaml` with `known.yaml`.

A scheme says what it asks, which rules hold from which day by which document, in which steps it counts, and what it
gives. Python (`steps.py`, one function `steps(book)`) only where something ranks, loops or keeps balances. Schemes of
one's own lie in the home, in `schemes/`, and have everything that the shipped ones have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from seedbed.base.datafile import load, load_yaml
from seedbed.base.datafile import parse as parse_data
from seedbed.base.dated import Dated, disjoint
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.evidence import Rated, cited
from seedbed.base.formulas import names, parse
from seedbed.base.kept import home
from seedbed.base.text import Model, Text

FOLDER = Path(__file__).parent / "schemes"
Name = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
Exact = Annotated[Decimal, BeforeValidator(lambda raw: Decimal(str(raw)) if isinstance(raw, float) else raw)]
Table = dict[str, "Exact | dict[str, Exact]"]
Area = Literal["procurement", "enterprise", "persons", "rights", "export", "platform"]
AREAS: tuple[str, ...] = get_args(Area)
"""In the order in which they are shown."""
NAMED = re.compile("[a-z][a-z0-9_]*$")


class Ask(Model):
    """A field that is asked: `rows` a table with `columns`, `choice` one of `options`; `evidence` must show it."""

    label: Text
    kind: Literal["number", "whole", "flag", "text", "choice", "day", "rows"] = "number"
    unit: str = ""
    about: Text | None = None
    options: dict[str, Text] = Field(default_factory=dict)
    columns: dict[Name, Ask] = Field(default_factory=dict)
    least: Exact | None = None
    most: Exact | None = None
    default: Any = None
    optional: bool = False
    evidence: Text | None = None

    @model_validator(mode="after")
    def _sound(self) -> Ask:
        if (self.kind == "rows") != bool(self.columns) or (self.kind == "choice") != bool(self.options):
            raise ValueError("rows have columns, a choice has options, and nothing else has")
        return self


class Ruling(Dated[Exact | Table]):
    """A value that holds from a day to a day, by a document; `status` tells law from draft and convention."""

    status: Literal["law", "standard", "draft", "convention"] = "law"


class Rule(Model):
    """A number, or a table of numbers by key, that a document sets."""

    label: Text
    unit: str = ""
    values: tuple[Ruling, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Rule:
        if not disjoint(self.values):
            raise ValueError("two values hold on the same day")
        return self

    def on(self, day: date) -> Ruling | None:
        """What holds on `day`."""
        return next((value for value in self.values if value.holds(day)), None)


class Step(Model):
    """One step: a `formula`; or `pick` a number of a rule's table `by` a field; or `take` something `over` rows.

    With `each` it is done for every row of a table and makes a column of it; with `group` it makes a table, one row for
    each value of the column `by`, with the sums of the columns `of`. `at`: a field or column with the day whose rule
    counts. `otherwise`: where the table has no such key.
    """

    name: Name
    label: Text
    unit: str = ""
    each: Name | None = None
    formula: str | None = None
    pick: Name | None = None
    by: Name | tuple[Name, ...] | None = None
    otherwise: Exact | None = None
    over: Name | None = None
    take: Literal["sum", "min", "max", "mean", "count", "first"] | None = None
    of: Name | tuple[Name, ...] | None = None
    where: str | None = None
    group: Name | None = None
    at: Name | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Step:
        kinds = [bool(self.formula), bool(self.pick), bool(self.take), bool(self.group)]
        if sum(kinds) != 1:
            raise ValueError(f"step {self.name} has to have one of formula, pick, take, group")
        if self.take and (not self.over or (self.take != "count" and not isinstance(self.of, str))):
            raise ValueError(f"step {self.name} takes {self.take} over which rows, of which column?")
        for formula in (self.formula, self.where):
            if formula:
                parse(formula)
        return self


class Made(Model):
    """A line that `steps.py` writes: what it is called, its unit, how it is made, and from what."""

    label: Text
    unit: str = ""
    formula: str = ""
    origin: tuple[str, ...] = ()


class Check(Model):
    """What must hold (`refuse`) or is warned of; a formula of fields and steps; over rows with `each`."""

    formula: str
    say: Text
    refuse: bool = False
    each: Name | None = None


class Post(Model):
    """A transfer that an assessment makes, or one for `each` row of a table; fields in braces: `{person}:points`.

    `most`: the line with what the account may get on one day, with what was posted before.
    """

    each: Name | None = None
    asset: str
    unit: str
    digits: int = 0
    serial: bool = False
    debit: str
    credit: str
    amount: Name
    lot: str | None = None
    most: Name | None = None


class Claims(Model):
    """A claim that an assessment makes about what a field names; `start`, `end`: lines with its days."""

    says: str
    about: Name
    quantity: Name
    unit: str
    start: Name | None = None
    end: Name | None = None


class Takes(Model):
    """A use that an assessment takes from the world (`record.uses`): units 1 … `amount` of the source `of`, on `day`.

    With `each` one for each row of a table.
    """

    each: Name | None = None
    day: Name | None = None
    instrument: str
    of: str
    unit: str
    amount: Name


class Gives(Model):
    """What comes of it: the lines that matter, and what is recorded when it is posted."""

    results: tuple[Name, ...] = Field(min_length=1)
    posts: tuple[Post, ...] = ()
    claims: tuple[Claims, ...] = ()
    uses: tuple[Takes, ...] = ()


class Scheme(Model):
    """scheme.yaml."""

    id: Name
    label: Text
    about: Text
    area: Area
    instrument: str | None = None
    asks: dict[Name, Ask]
    rules: dict[Name, Rule] = Field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    checks: tuple[Check, ...] = ()
    gives: Gives
    lines: dict[Name, Made] = Field(default_factory=dict)
    words: dict[Name, Text] = Field(default_factory=dict)
    sources: dict[str, Rated] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _cited(cls, raw: Any) -> Any:
        return cited(raw)

    @model_validator(mode="after")
    def _closed(self) -> Scheme:
        """Every name in a step is a field, a rule, a column or an earlier step; nothing is called twice."""
        known = {*self.asks, *self.rules} | {f"{name}_given" for name, ask in self.asks.items() if ask.optional}
        columns = {name: {*ask.columns} | {f"{one}_given" for one, column in ask.columns.items() if column.optional}
                   for name, ask in self.asks.items() if ask.columns}
        if self.asks.keys() & self.rules.keys():
            raise ValueError("a field and a rule have the same name")
        for step in self.steps:
            table = step.each or step.over or step.group
            if table and table not in columns:
                raise ValueError(f"step {step.name} names rows {table}, which nobody gives")
            here = known | (columns[table] if table else set())
            wanted = names(step.formula or "0") | names(step.where or "0")
            wanted |= {step.at} if step.at else set()
            wanted |= {step.pick} if step.pick else set()
            wanted |= {*several(step.by)} | {*several(step.of)}
            if missing := sorted(wanted - here):
                raise ValueError(f"step {step.name} uses {', '.join(missing)}, which nobody gives")
            if step.each:
                columns[step.each].add(step.name)
            elif step.group:
                columns[step.name] = {*several(step.by), *several(step.of)}
                known.add(step.name)
            else:
                if step.name in known:
                    raise ValueError(f"two things are called {step.name}")
                known.add(step.name)
        known |= {*self.lines}
        posted = {post.amount for post in self.gives.posts} | {claim.quantity for claim in self.gives.claims}
        named = {*self.gives.results} | posted | {use.amount for use in self.gives.uses}
        every = known.union(*columns.values()) if columns else known
        if missing := sorted(named - every):
            raise ValueError(f"it gives {', '.join(missing)}, which no step makes")
        return self

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        own = home() / "schemes" / self.id
        return own if (own / "scheme.yaml").is_file() else FOLDER / self.id

    def code(self) -> ModuleType | None:
        """Its `steps.py`, if it has one."""
        path = self.folder / "steps.py"
        if not path.is_file():
            return None
        if path.is_relative_to(FOLDER):
            return import_module(f"seedbed.operate.schemes.{self.id}.steps")
        spec = spec_from_file_location(f"seedbed_own_{self.id}", path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def several(named: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return () if named is None else (named,) if isinstance(named, str) else named



class Known(Model):
    """A worked case: what is asked, on which day, and what must come out."""

    id: str
    title: Text
    asked: dict[str, Any]
    day: date
    expected: dict[str, Any]
    tolerance: float = 0.0
    source: str
    rule_status: str


class KnownCases(Model):
    """known.yaml."""

    cases: tuple[Known, ...]


def _folders() -> Iterator[tuple[str, Path]]:
    for root in (FOLDER, home() / "schemes"):
        if root.is_dir():
            yield from ((path.parent.name, path) for path in sorted(root.glob("*/scheme.yaml")))


def ids() -> tuple[str, ...]:
    """The ids of all schemes, shipped and one's own."""
    return tuple(sorted(dict(_folders())))


def scheme(name: str) -> Scheme:
    """A scheme by its id or by its name in either language. Raises UnknownNameError, InvalidInputError."""
    for path in (home() / "schemes" / name / "scheme.yaml", FOLDER / name / "scheme.yaml"):
        if NAMED.match(name) and path.is_file():
            return read(path)
    paths = dict(_folders())
    if name not in paths:
        every = {one: read(path).label for one, path in paths.items()}
        labels = {label: one for one, text in every.items() for label in (text.zh, text.en.lower())}
        found = labels.get(name.strip()) or labels.get(name.strip().lower())
        if found is None:
            raise UnknownNameError("scheme", name, paths)
        name = found
    return read(paths[name])


def schemes() -> dict[str, Scheme]:
    """All schemes by id."""
    return {name: read(path) for name, path in sorted(dict(_folders()).items())}


@cache
def _read(path: Path, _: float) -> Scheme:
    found = parse_data(load_yaml(path), Scheme, where=f"{path.parent.name}/{path.name}")
    if found.id != path.parent.name:
        raise InvalidInputError(f"id {found.id!r} differs from the folder's name.", where=str(path),
                                fix=f"name the folder {found.id}.")
    return found


def read(path: Path) -> Scheme:
    """scheme.yaml at `path`; read again when the file changes."""
    return _read(path, path.stat().st_mtime)


def known(of: Scheme) -> tuple[Known, ...]:
    """The worked cases of a scheme."""
    path = of.folder / "known.yaml"
    return load(path, KnownCases).cases if path.is_file() else ()
