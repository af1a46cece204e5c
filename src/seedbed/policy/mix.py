"""A mix: instruments with their intensity over explicit intervals of years.

Mixes are values: they compose with `+` (the right side wins on the years it names), go to and from plain
dicts, and are validated whole before anything is applied. A year never means "from then on".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from numbers import Real
from typing import Literal

from seedbed.base.datafile import is_mapping
from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.policy.instrument import get, library
from seedbed.policy.rule import Rule, as_rule, report_rule

Intensity = float | Literal["rule"]
Schedule = dict[int, Intensity]
_INTERVAL = re.compile(r"^(\d{4}):(\d{4})$")
_ASSIGNMENT = re.compile(r"^([^=@]+)=([0-9.]+(?:[eE][+-]?\d+)?|rule)@(\d{4}(?::\d{4})?)$")
_KEYS = ("name", "rule", "instruments")


@dataclass(frozen=True)
class Mix:
    """Intensity by instrument and year; `"rule"` means "as the rule says for the market's stage"."""

    name: str
    schedules: Mapping[str, Schedule] = field(default_factory=dict[str, Schedule])
    rule: Rule | None = None

    def __post_init__(self) -> None:
        for instrument, schedule in self.schedules.items():
            _checked(instrument, schedule)

    def __add__(self, other: Mix) -> Mix:
        merged = {k: dict(v) for k, v in self.schedules.items()}
        for instrument, schedule in other.schedules.items():
            merged.setdefault(instrument, {}).update(schedule)
        return Mix(other.name or self.name, merged, other.rule or self.rule)

    def intensity(self, instrument: str, year: int) -> Intensity:
        """Intensity of `instrument` in `year`; 0 where nothing is said."""
        return self.schedules.get(instrument, {}).get(year, 0.0)

    def instruments(self) -> list[str]:
        """Ids with any non-zero intensity, sorted."""
        return sorted(k for k, v in self.schedules.items() if any(x == "rule" or x > 0 for x in v.values()))

    def only(self, years: range) -> Mix:
        """The same mix restricted to `years`."""
        kept: dict[str, Schedule] = {
            k: {y: x for y, x in v.items() if y in years} for k, v in self.schedules.items()}
        return Mix(self.name, kept, self.rule)

    def to_dict(self) -> dict[str, object]:
        """Plain data: {name, rule, instruments: {id: {"2026:2030": 0.6}}}."""
        return {
            "name": self.name,
            "rule": self.rule.model_dump() if self.rule else None,
            "instruments": {k: _intervals(v) for k, v in sorted(self.schedules.items()) if v},
        }

    @classmethod
    def from_dict(cls, raw: object) -> Mix:
        """The inverse of `to_dict`; every name, interval and value is checked before a mix exists."""
        if not is_mapping(raw):
            raise InvalidInputError(f"{type(raw).__name__} is no mix.", where=Parameter("mix"),
                                    fix="write {name: …, instruments: {id: {'2026:2030': 0.6}}}.")
        if unknown := [key for key in raw if key not in _KEYS]:
            raise UnknownNameError("key of a mix", str(unknown[0]), _KEYS)
        body = raw.get("instruments", {})
        if not is_mapping(body):
            raise InvalidInputError(
                "must be a mapping of instrument ids.", where="mix, key instruments",
                fix="write instruments: {id: {'2026:2030': 0.6}}.",
            )
        rule = raw.get("rule")
        if rule is not None and not is_mapping(rule):
            raise InvalidInputError(f"{rule!r} is no rule.", where="mix, key rule",
                                    fix="write the numbers of a rule by kind and stage, or leave it out.")
        schedules = {get(str(k)).id: _schedule(str(k), v) for k, v in body.items()}
        name = str(raw.get("name", "mix"))
        return cls(name, schedules, as_rule(rule) if is_mapping(rule) else None)


def _checked(instrument: str, schedule: Schedule) -> None:
    """Raise for an instrument that is not there, a year that is none, or an intensity outside its bounds."""
    low, high = get(instrument).bounds
    for year, value in schedule.items():
        number = None if value == "rule" else _number(value)
        if value != "rule" and (number is None or not low <= number <= high):
            raise InvalidInputError(f"intensity {value!r} in {year} is outside {low:g}–{high:g}.",
                                    where=f"mix, instrument {instrument}",
                                    fix="give a share of the stated ceiling, or the word rule.")


def _schedule(instrument: str, intervals: object) -> Schedule:
    low, high = get(instrument).bounds
    where = f"mix, instrument {instrument}"
    if not is_mapping(intervals):
        raise InvalidInputError(f"{intervals!r} names no years.", where=where,
                                fix="write an explicit interval, for example {'2026:2030': 0.6}.")
    out: Schedule = {}
    for interval, value in intervals.items():
        match = _INTERVAL.match(str(interval))
        if not match or int(match[2]) < int(match[1]):
            raise InvalidInputError(f"{interval!r} is not an interval of years.", where=where,
                                    fix="write FIRST:LAST, for example 2026:2030 (one year is 2026:2026).")
        if value != "rule":
            number = _number(value)
            if number is None or not low <= number <= high:
                raise InvalidInputError(f"intensity {value!r} is outside {low:g}–{high:g}.", where=where,
                                        fix="give a share of the stated ceiling, or the word rule.")
            value = number
        for year in range(int(match[1]), int(match[2]) + 1):
            if year in out:
                raise InvalidInputError(f"year {year} is named twice.", where=where,
                                        fix="make intervals disjoint.")
            out[year] = value
    return out


def _number(value: object) -> float | None:
    return float(value) if not isinstance(value, bool) and isinstance(value, Real) else None


def _intervals(schedule: Schedule) -> dict[str, Intensity]:
    out: dict[str, Intensity] = {}
    start = previous = None
    for year in sorted(schedule):
        if previous is not None and start is not None and (
            year != previous + 1 or schedule[year] != schedule[previous]
        ):
            out[f"{start}:{previous}"] = schedule[previous]
            start = None
        start = year if start is None else start
        previous = year
    if start is not None and previous is not None:
        out[f"{start}:{previous}"] = schedule[previous]
    return out


def no_policy() -> Mix:
    """No instrument at all."""
    return Mix("no_policy")


@lru_cache(maxsize=32)
def as_it_is(years: range) -> Mix:
    """The policies recorded in the library's histories, over `years`."""
    schedules: dict[str, Schedule] = {
        i.id: {y: i.intensity_in(y) for y in years if i.intensity_in(y) > 0}
        for i in library().values() if i.history
    }
    return Mix("as_is", {k: v for k, v in schedules.items() if v})


def by_rule(years: range, *, rule: Rule | None = None, instruments: Iterable[str] | None = None,
            name: str = "report_rule") -> Mix:
    """Instruments at the strength the rule gives for the market's stage, over `years`.

    Without `instruments`: all of the library that are active or proposed; ended ones stay ended.
    """
    standing = (i.id for i in library().values() if i.status != "ended")
    chosen = standing if instruments is None else [get(i).id for i in instruments]
    return Mix(name, {i: dict.fromkeys(years, "rule") for i in chosen}, rule or report_rule())


BASES = ("as_is", "no_policy", "report_rule")


def mix_of(given: Mix | Mapping[str, object] | Sequence[str] | None, base: str, years: range) -> Mix:
    """What a caller means by a mix: a `Mix`; plain data (`Mix.from_dict`); or assignments on top of `base`.

    Raises UnknownNameError and InvalidInputError.
    """
    if isinstance(given, Mix):
        return given
    if isinstance(given, Mapping):
        return Mix.from_dict(given)
    if base not in BASES:
        raise UnknownNameError("base", base, BASES)
    below = {"as_is": lambda: as_it_is(years), "no_policy": no_policy, "report_rule": lambda: by_rule(years)}[base]()
    return below + parse_assignments(given) if given else below


def parse_assignments(assignments: Iterable[str]) -> Mix:
    """A mix from words such as `purchase_subsidy=0.6@2026:2030`; all are checked before any is used."""
    body: dict[str, dict[str, object]] = {}
    for text in assignments:
        match = _ASSIGNMENT.match(text.replace(" ", ""))
        if not match:
            raise InvalidInputError(f"{text!r} is not understood.", where=Parameter("mix"),
                                    fix="write instrument=INTENSITY@FIRST:LAST, "
                                        "e.g. charging_network=0.6@2026:2030.")
        try:
            value: object = "rule" if match[2] == "rule" else float(match[2])
        except ValueError:
            raise InvalidInputError(f"{match[2]!r} is no number.", where=Parameter("mix"),
                                    fix="write a number of 0–1, e.g. charging_network=0.6@2026:2030.") from None
        span = match[3] if ":" in match[3] else f"{match[3]}:{match[3]}"
        body.setdefault(get(match[1]).id, {})[span] = value
    uses_rule = any(v == "rule" for d in body.values() for v in d.values())
    mix = Mix.from_dict({"name": "set", "instruments": body})
    return Mix("set", mix.schedules, report_rule() if uses_rule else None)
