"""`compare(a, b) -> Comparison`: two plans side by side, made now or read from where they are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from seedbed.base.datafile import is_dict
from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.kept import home
from seedbed.base.plain import plain
from seedbed.base.progress import Progress
from seedbed.base.shown import Shown
from seedbed.base.years import UNTIL
from seedbed.facts import places
from seedbed.planning.plan import Plan, plan
from seedbed.planning.scenarios import SCENARIOS
from seedbed.policy.rule import Rule, as_rule

_NAME = re.compile(r"[^\W_][\w-]{0,59}")
NEEDED = {"provenance", "results", "focus", "place", "years"}


@dataclass(frozen=True, repr=False)
class StoredPlan(Shown):
    """A plan as `plan.json` keeps it; `data` is everything that is there."""

    data: dict[str, Any]

    def about(self) -> dict[str, object]:
        return {"place": self.place.name.en, "until": self.until, "now": ", ".join(self.tier("now")),
                "next": ", ".join(self.tier("next")), "members": self.data["members"],
                "seedbed": self.data["provenance"]["seedbed"]}

    @property
    def place(self) -> places.Place:
        """The place it is for."""
        return places.resolve(self.data["provenance"]["place"])

    @property
    def stage(self) -> tuple[int, int | None]:
        """Industrialisation stage 1–5 and its half."""
        reading = self.data["place"]["industrialisation"]
        return int(reading["stage"]), reading["half"]

    @property
    def until(self) -> int:
        """Its last year."""
        return int(self.data["years"][-1])

    @property
    def rule(self) -> Rule:
        """Its improved rule. Raises InvalidInputError where there is none."""
        try:
            return as_rule(self.data["improvement"]["rule"])
        except (KeyError, TypeError) as error:
            raise InvalidInputError("it has no improved rule.", where="plan.json",
                                    fix="give a plan.json that seedbed plan wrote.") from error

    def tier(self, name: str) -> list[str]:
        """Markets of one tier of the focus, best first."""
        return [str(r["market"]) for r in self.data["focus"]["ranked"] if r["tier"] == name]

    def median(self, indicator: str, scenario: str, year: int | None = None) -> float:
        """The median of an indicator over all markets in a year, else in the last one."""
        middle = self.data["quantiles"].index(0.5)
        column = self.data["years"].index(self.until if year is None else year)
        return float(self.data["results"][indicator][scenario][middle][column])


@dataclass(frozen=True, repr=False)
class Comparison(Shown):
    """Plans side by side; `year` is the last that all have."""

    sides: tuple[StoredPlan, ...]

    def about(self) -> dict[str, object]:
        return {"of": " and ".join(side.place.name.en for side in self.sides), "year": self.year,
                **{f"{name}, improved rule": " against ".join(
                    f"{side.median(name, 'improved_rule', self.year):.4g}" for side in self.sides)
                   for name in ("public_money", "green_market", "jobs")}}

    @property
    def year(self) -> int:
        """The last year of all."""
        return min(side.until for side in self.sides)


def load(path: str | Path) -> StoredPlan:
    """A plan.json, as `seedbed plan` writes it. Raises InvalidInputError for what is none."""
    path = Path(path)
    if not path.is_file():
        raise InvalidInputError("does not exist.", where=str(path), fix="name a stored plan (plan.json).")
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise InvalidInputError(f"is not JSON ({error}).", where=str(path),
                                fix="write it with seedbed plan.") from error
    if not is_dict(data) or not set(data) >= NEEDED:
        raise InvalidInputError("is not a plan.", where=str(path), fix="write it with seedbed plan.")
    found = StoredPlan(data)
    parts: dict[str, Callable[[], object]] = {
        "provenance.place": lambda: found.place, "place.industrialisation": lambda: found.stage,
        "focus.ranked": lambda: found.tier("now"), "years": lambda: found.until}
    for name in ("public_money", "green_market", "jobs"):
        for scenario in SCENARIOS:
            parts[f"results.{name}.{scenario}"] = partial(found.median, name, scenario)
    for key, part in parts.items():
        try:
            part()
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise InvalidInputError(f"is a damaged plan: its {key} cannot be read.", where=str(path),
                                    fix="write it again with seedbed plan.") from error
    return found


def stored(made: Plan) -> StoredPlan:
    """A plan as it would be read back."""
    return StoredPlan(json.loads(json.dumps(plain(made.to_dict()))))


def kept(name: str) -> Path:
    """Where the plan called `name` is kept in the user's home. Raises InvalidInputError for what cannot be a name."""
    if not _NAME.fullmatch(name) or name.endswith(".json"):
        raise InvalidInputError(f"{name!r:.60} cannot name a plan.", where=Parameter("keep"),
                                fix="use at most 60 letters, digits, - and _.")
    if places.known(name):
        raise InvalidInputError(f"{name} is the name of a place.", where=Parameter("keep"),
                                fix="give the plan a name of its own, such as north.")
    return home() / "plans" / f"{name}.json"


def _is_kept(name: str) -> bool:
    try:
        return kept(name).is_file()
    except InvalidInputError:
        return False


def compare(a: str | Path | Plan, b: str | Path | Plan, *, until: int = UNTIL, markets: Sequence[str] | None = None,
            budget: float | None = None, members: int = 200, seed: int = 1,
            progress: Progress | None = None) -> Comparison:
    """Two plans side by side: plans, files of plans, names of kept plans, or places, which are planned now.

    The options are those of `plan`, for places. Names and files are checked before anything runs.
    """
    def found(what: str | Path | Plan) -> StoredPlan | str:
        if isinstance(what, Plan):
            return stored(what)
        if isinstance(what, Path) or what.endswith(".json"):
            return load(Path(what))
        return load(kept(what)) if _is_kept(what) else places.resolve(what).id

    sides = [found(what) for what in (a, b)]
    asked = {"until": until != UNTIL, "markets": markets is not None, "budget": budget is not None,
             "members": members != 200, "seed": seed != 1}
    for name, given in asked.items():
        if given and not any(isinstance(side, str) for side in sides):
            raise InvalidInputError("changes nothing of plans that are made.", where=Parameter(name),
                                    fix="leave it out, or name places.")
    one, other = (
        stored(plan(side, until=until, markets=markets, budget=budget, members=members, seed=seed, progress=progress))
        if isinstance(side, str) else side for side in sides)
    return Comparison((one, other))
