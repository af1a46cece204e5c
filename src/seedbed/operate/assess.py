"""Assessment: a scheme applied to what is asked, by the rules of a day; every line says how it came about.

Arithmetic is decimal (`base.exact`). Anything can be assessed again under another day's rules, the two side by side,
and posted to the journal, once, under a key made of all that was asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, overload

from seedbed.base.datafile import load_yaml
from seedbed.base.errors import InvalidInputError, SeedbedError, UnknownNameError
from seedbed.base.exact import decimal, exact
from seedbed.base.formulas import names
from seedbed.base.shown import Shown
from seedbed.base.text import Message, Text
from seedbed.operate.record.chain import canonical, recorded, sha256
from seedbed.operate.scheme import Ask, Rule, Ruling, Scheme, Step, several
from seedbed.operate.scheme import scheme as named

made_with = cache(lambda: version("seedbed"))
"""The version of Seedbed; read once."""
CHINA = timezone(timedelta(hours=8))
Row = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One line of an assessment. `value`: a number, a text, or one for each row of `rows`; `origin`: what went in."""

    name: str
    label: Text
    formula: str
    value: Any
    unit: str
    origin: tuple[str, ...] = ()
    rows: str | None = None


@dataclass(frozen=True)
class Used:
    """A rule that went in, as it held on the day asked for."""

    name: str
    label: Text
    unit: str
    day: date
    ruling: Ruling


@dataclass(frozen=True)
class Assessment(Shown):
    """What a scheme says of what was asked."""

    scheme: str
    label: Text
    on: date
    asked: Mapping[str, Any]
    lines: tuple[Line, ...]
    tables: Mapping[str, tuple[Row, ...]]
    rules: tuple[Used, ...]
    warnings: tuple[Text | Message, ...]
    results: tuple[str, ...]
    words: Mapping[str, Text]
    seedbed: str = field(default_factory=made_with)

    def __getitem__(self, name: str) -> Any:
        """The value of a line; of a line of rows, its values."""
        for line in reversed(self.lines):
            if line.name == name:
                return line.value
        if name in self.tables:
            return self.tables[name]
        raise UnknownNameError("line", name, [line.name for line in self.lines])

    @cached_property
    def digest(self) -> str:
        """Hash of what was asked, under which rules, and what came out."""
        rules = [[used.name, used.ruling.start, used.ruling.value] for used in self.rules]
        lines = [[line.name, line.value] for line in self.lines]
        return sha256(canonical(recorded([self.scheme, self.on, self.asked, rules, lines])))

    def about(self) -> Mapping[str, object]:
        return {"scheme": self.scheme, "on": self.on.isoformat(),
                **{name: self[name] for name in self.results if not isinstance(self[name], tuple | list)},
                "warnings": len(self.warnings) or None}


@dataclass(frozen=True)
class Compared(Shown):
    """The same asked under the rules of two days."""

    one: Assessment
    other: Assessment

    def about(self) -> Mapping[str, object]:
        return {"scheme": self.one.scheme, "on": f"{self.one.on} | {self.other.on}",
                **{name: f"{self.one[name]} | {self.other[name]}" for name in self.one.results}}


class Book:
    """What is known while a scheme is assessed: fields, rules of the day, lines. `steps.py` writes its lines here."""

    def __init__(self, of: Scheme, asked: Mapping[str, Any], on: date) -> None:
        self.scheme, self.on = of, on
        self.values: dict[str, Any] = {}
        self.tables: dict[str, list[Row]] = {}
        self.lines: list[Line] = []
        self.used: dict[tuple[str, date], Used] = {}
        self.warnings: list[Text | Message] = []
        if not isinstance(asked, Mapping):
            raise InvalidInputError(f"{asked!r} names no fields.", where=of.id, fix=f"give {', '.join(of.asks)}.")
        for name in map(str, asked):
            if name not in of.asks:
                raise UnknownNameError(f"field of {of.id}", name, of.asks)
        for name, ask in of.asks.items():
            value = _read(ask, asked.get(name), name)
            (self.tables if ask.kind == "rows" else self.values)[name] = value
            if ask.optional and ask.kind != "rows":
                self.values[f"{name}_given"] = Decimal(int(value is not None))

    def rule(self, name: str, day: date | None = None, *, needed: bool = True) -> Any:
        """What rule `name` says on `day` (default: the day asked for). Raises InvalidInputError where none holds."""
        rule, day = self.scheme.rules[name], day or self.on
        found = rule.on(day)
        if found is None:
            if not needed:
                return None
            raise InvalidInputError(f"no rule is in force on {day} for {rule.label.zh} ({rule.label.en}); "
                                    f"{_nearest(rule, day)}.", where=f"{self.scheme.id}, rule {name}",
                                    fix="ask for a day on which one holds, or add the rule that does.")
        self.used.setdefault((name, found.start), Used(name, rule.label, rule.unit, day, found))
        return found.value

    def warn(self, word: str, **fields: object) -> None:
        """Say something that whoever decides should mind: a word of the scheme, with its fields filled."""
        said = self.scheme.words[word]
        self.warnings.append(Text(zh=said.zh.format(**fields), en=said.en.format(**fields)))

    def line(self, name: str, value: Any, rows: str | None = None) -> Any:
        """Write a line that the scheme names under `lines`; what it says is then known under its name."""
        made = self.scheme.lines[name]
        return self._line(Line(name, made.label, made.formula, value, made.unit, made.origin, rows))

    def column(self, rows: str, name: str, values: Sequence[Any]) -> None:
        """Write a line of one value a row, and make it a column of the table."""
        made = self.scheme.lines[name]
        self._column(Line(name, made.label, made.formula, tuple(values), made.unit, made.origin, rows))

    def _line(self, line: Line) -> Any:
        self.lines.append(line)
        if line.rows is None:
            self.values[line.name] = line.value
        return line.value

    def _column(self, line: Line) -> None:
        assert line.rows is not None
        for row, value in zip(self.tables[line.rows], line.value, strict=True):
            row[line.name] = value
        self._line(line)

    # steps of data -----------------------------------------------------------------------------------------------

    def step(self, step: Step) -> None:
        """Do one step."""
        if step.group:
            return self._group(step)
        if step.each:
            values = tuple(self._one(step, row, f"{step.each} {n}")
                           for n, row in enumerate(self.tables[step.each], start=1))
            return self._column(_stepped(step, values, step.each))
        value = self._taken(step) if step.take else self._one(step, {}, step.name)
        self._line(_stepped(step, value))
        return None

    def _one(self, step: Step, row: Row, where: str) -> Decimal:
        here = f"{self.scheme.id}, {where}, {step.name}"
        day = self._day(step, row)
        if step.pick:
            return self._picked(step, row, day, here)
        assert step.formula is not None
        return exact(step.formula, self._known(step.formula, row, day), where=here)

    def _day(self, step: Step, row: Row) -> date:
        if step.at is None:
            return self.on
        found = row.get(step.at, self.values.get(step.at))
        assert isinstance(found, date)
        return found

    def _known(self, formula: str, row: Row, day: date) -> dict[str, Any]:
        known = {}
        for name in names(formula):
            if name in row:
                known[name] = row[name]
            elif name in self.values:
                known[name] = self.values[name]
            elif name in self.scheme.rules:
                known[name] = self.rule(name, day)
        return known

    def _picked(self, step: Step, row: Row, day: date, where: str) -> Decimal:
        assert step.pick is not None
        table = self.rule(step.pick, day)
        keys = [str(row.get(name, self.values.get(name))) for name in several(step.by)]
        for key in keys:
            if not isinstance(table, dict) or key not in table:
                if step.otherwise is not None:
                    return step.otherwise
                known = table if isinstance(table, dict) else ()
                raise UnknownNameError(f"{step.label.en} ({where})", key, known)
            table = table[key]
        assert isinstance(table, Decimal)
        return table

    def _taken(self, step: Step) -> Decimal:
        assert step.over is not None
        rows = [row for n, row in enumerate(self.tables[step.over], start=1) if not step.where or exact(
            step.where, self._known(step.where, row, self.on), where=f"{self.scheme.id}, {step.over} {n}, {step.name}")]
        if step.take == "count":
            return Decimal(len(rows))
        values = [row[str(step.of)] for row in rows]
        if step.take == "sum":
            return sum(values, Decimal(0))
        if not values:
            raise InvalidInputError(f"there is nothing in {step.over} to take the {step.take} of.",
                                    where=f"{self.scheme.id}, {step.name}", fix=f"give rows of {step.over}.")
        return {"min": min, "max": max, "first": lambda v: v[0],
                "mean": lambda v: sum(v, Decimal(0)) / len(v)}[str(step.take)](values)

    def _group(self, step: Step) -> None:
        assert step.group is not None
        made: dict[tuple[Any, ...], Row] = {}
        for row in self.tables[step.group]:
            key = tuple(row[name] for name in several(step.by))
            into = made.setdefault(key, dict(zip(several(step.by), key, strict=True))
                                   | dict.fromkeys(several(step.of), Decimal(0)))
            for name in several(step.of):
                into[name] += row[name]
        self.tables[step.name] = [made[key] for key in sorted(made)]
        self._line(_stepped(step, Decimal(len(made)), step.name))

    def check(self) -> None:
        """What must hold holds; what is doubtful is said."""
        for check in self.scheme.checks:
            rows = list(enumerate(self.tables[check.each], start=1)) if check.each else [(0, {})]
            for n, row in rows:
                where = f"{self.scheme.id}" + (f", {check.each} {n}" if n else "")
                if exact(check.formula, self._known(check.formula, row, self.on), where=where):
                    continue
                if check.refuse:
                    raise InvalidInputError(f"{check.say.zh} {check.say.en}", where=where, fix="correct what is asked.")
                at = f" [{n}]" if n else ""
                self.warnings.append(Text(zh=check.say.zh + at, en=check.say.en + at))

    def ended(self) -> Assessment:
        """The assessment, with a warning for every rule that is no settled law."""
        for used in self.used.values():
            document = used.ruling.document
            if used.ruling.status == "draft":
                self.warnings.append(Message("assess.draft", {"rule": used.label, "document": document}))
            elif used.ruling.source.unverified:
                self.warnings.append(Message("assess.unverified", {"rule": used.label, "document": document}))
        asked = {name: self.values.get(name, self.tables.get(name)) for name in self.scheme.asks}
        tables = {name: tuple(rows) for name, rows in self.tables.items()}
        return Assessment(self.scheme.id, self.scheme.label, self.on, asked, tuple(self.lines), tables,
                          tuple(self.used.values()), once(self.warnings), self.scheme.gives.results, self._words())

    def _words(self) -> dict[str, Text]:
        """What text values mean: words of the scheme, and the options of its choices."""
        found = dict(self.scheme.words)
        for ask in self.scheme.asks.values():
            for one in (ask, *ask.columns.values()):
                found |= one.options
        return found


def _nearest(rule: Rule, day: date) -> str:
    before = [value for value in rule.values if value.end and value.end < day]
    if before:
        last = max(before, key=lambda value: value.start)
        said = f"{last.document.zh} ({last.document.en}) ended on {last.end}"
        return f"{said}: {last.note.zh} {last.note.en}" if last.note else said
    first = min(rule.values, key=lambda value: value.start)
    return f"the first is of {first.start} ({first.document.zh})"


def once(said: Sequence[Text | Message]) -> tuple[Text | Message, ...]:
    """Each only once, in order."""
    found: list[Text | Message] = []
    for one in said:
        if one not in found:
            found.append(one)
    return tuple(found)


def _stepped(step: Step, value: Any, rows: str | None = None) -> Line:
    """A step as a line."""
    if step.pick:
        origin = (step.pick, *several(step.by))
    elif step.group:
        origin = (step.group,)
    else:
        over = (f"{step.over}.{step.of}" if step.of else step.over,) if step.over else ()
        origin = (*sorted(names(step.formula or "0")), *over)
    return Line(step.name, step.label, spelled(step), value, step.unit, origin, rows)


def spelled(step: Step) -> str:
    if step.formula:
        return step.formula
    if step.pick:
        return f"{step.pick}[{', '.join(several(step.by))}]"
    if step.group:
        return f"sum of {', '.join(several(step.of))} by {', '.join(several(step.by))}"
    return f"{step.take}({step.over}{f'.{step.of}' if step.of else ''}{f' where {step.where}' if step.where else ''})"


def _read(ask: Ask, raw: Any, where: str) -> Any:
    """What was given for a field, as its kind; the default where nothing was. Raises InvalidInputError naming it."""
    if raw is None or raw == "":
        raw = ask.default
    if raw is None:
        if ask.optional:
            return [] if ask.kind == "rows" else None
        raise InvalidInputError(f"{ask.label.zh} ({ask.label.en}) is not given.", where=where,
                                fix=f"give {where}{f' in {ask.unit}' if ask.unit else ''}.")
    if ask.kind == "rows":
        return _rows(ask, raw, where)
    if ask.kind == "flag":
        return _flag(raw, where)
    if ask.kind == "day":
        return _day(raw, where)
    if ask.kind in ("text", "choice"):
        said = str(raw).strip()
        if ask.kind == "choice" and said not in ask.options:
            by_label = {label: key for key, text in ask.options.items() for label in (text.zh, text.en)}
            if said not in by_label:
                raise UnknownNameError(f"{ask.label.en} ({where})", said, ask.options)
            said = by_label[said]
        return said
    found = decimal(raw, where=where)
    if ask.kind == "whole" and found != found.to_integral_value():
        raise InvalidInputError(f"{raw} is no whole number.", where=where, fix="give a whole number.")
    for bad, limit, said in ((ask.least is not None and found < ask.least, ask.least, "at least"),
                             (ask.most is not None and found > ask.most, ask.most, "at most")):
        if bad:
            raise InvalidInputError(f"{raw} {ask.unit} is out of range.", where=where,
                                    fix=f"give {said} {limit} {ask.unit}.".replace("  ", " "))
    return found


def _rows(ask: Ask, raw: Any, where: str) -> list[Row]:
    if isinstance(raw, Mapping):
        raw = [{**row, "id": key} if "id" in ask.columns and isinstance(row, Mapping) else row
               for key, row in raw.items()]
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise InvalidInputError("is no list of rows.", where=where, fix=f"give rows of {', '.join(ask.columns)}.")
    made = []
    for n, row in enumerate(raw, start=1):
        here = f"{where} {n}"
        if not isinstance(row, Mapping):
            if isinstance(row, Sequence) and not isinstance(row, str) and len(row) <= len(ask.columns):
                row = dict(zip(ask.columns, row, strict=False))
            else:
                raise InvalidInputError(f"{row!r} is no row.", where=here, fix=f"give {', '.join(ask.columns)}.")
        for name in row:
            if name not in ask.columns:
                raise UnknownNameError(f"column of {where}", str(name), ask.columns)
        read = {name: _read(column, row.get(name), f"{here}, {name}") for name, column in ask.columns.items()}
        made.append(read | {f"{name}_given": Decimal(int(read[name] is not None))
                            for name, column in ask.columns.items() if column.optional})
    if not made and not ask.optional:
        raise InvalidInputError("has no rows.", where=where, fix="give at least one.")
    return made


def _flag(raw: Any, where: str) -> Decimal:
    said = str(raw).strip().lower()
    for written, value in zip(("affirmed", "denied"), (1, 0), strict=True):
        if said in _flags()[written]:
            return Decimal(value)
    raise InvalidInputError(f"{raw!r} is neither yes nor no.", where=where, fix="write true or false.")


@cache
def _flags() -> dict[str, list[str]]:
    raw = load_yaml(Path(__file__).with_name("flags.yaml"))
    assert isinstance(raw, dict)
    return raw


def _day(raw: Any, where: str) -> date:
    """A day; a moment counts for the day that it is in China."""
    if isinstance(raw, datetime):
        try:
            return raw.astimezone(CHINA).date() if raw.tzinfo else raw.date()
        except OverflowError:
            raise InvalidInputError(f"{raw} lies beyond the calendar.", where=where, fix="write 2026-07-01.") from None
    if isinstance(raw, date):
        return raw
    try:
        text = str(raw).strip()
        return date.fromisoformat(text) if len(text) <= 10 else _day(datetime.fromisoformat(text), where)
    except ValueError:
        raise InvalidInputError(f"{raw!r} is no day.", where=where, fix="write 2026-07-01.") from None


@overload
def assess(scheme: str, asked: Mapping[str, Any], on: date | str | None = None,
           compare: None = None) -> Assessment: ...


@overload
def assess(scheme: str, asked: Mapping[str, Any], on: date | str | None = None, *,
           compare: date | str) -> Compared: ...


@overload
def assess(scheme: str, asked: Mapping[str, Any], on: date | str | None = None,
           compare: date | str | None = None) -> Assessment | Compared: ...


def assess(scheme: str, asked: Mapping[str, Any], on: date | str | None = None,
           compare: date | str | None = None) -> Assessment | Compared:
    """Assess what is asked by a scheme (its id or name) under the rules of the day `on` (default: today).

    With `compare`, under those of another day as well. Raises UnknownNameError, InvalidInputError.
    """
    found = named(str(scheme))
    day = _day(on, "on") if on is not None else datetime.now(CHINA).date()
    one = _assessed(found, asked, day)
    return one if compare is None else Compared(one, _assessed(found, asked, _day(compare, "compare")))


def _assessed(of: Scheme, asked: Mapping[str, Any], on: date) -> Assessment:
    try:
        book = Book(of, asked, on)
        for step in of.steps:
            book.step(step)
        code = of.code()
        if code is not None:
            code.steps(book)
        book.check()
        return book.ended()
    except SeedbedError:
        raise
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        why = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise InvalidInputError(f"cannot be assessed ({why}).", where=of.id,
                                fix="correct what is asked, or the scheme if it is your own.") from error
