"""An instrument: one policy measure, read from one YAML file of the library.

Each kind of policy has its own place in the market equation (DESIGN: "each kind has its own place"):
incentive moves cost, mandatory moves availability and mandates, guidance moves familiarity and labels,
supporting moves infrastructure. `LEVERS` is that statement as data.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from math import log
from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeFloat, RootModel, model_validator

from seedbed.base.datafile import load, load_folder, with_own
from seedbed.base.dated import Dated, disjoint
from seedbed.base.errors import UnknownNameError
from seedbed.base.evidence import Amount, Rated
from seedbed.base.text import Model, Text

LIBRARY = Path(__file__).parent / "library"


DEPARTMENTS = Path(__file__).parent / "departments.yaml"


class _Departments(RootModel[dict[str, Text]]):
    """The file of departments."""


@lru_cache(maxsize=1)
def departments() -> dict[str, Text]:
    """Departments of a province by id; the first that an instrument names leads."""
    return load(DEPARTMENTS, _Departments).root


class Kind(StrEnum):
    """The report's four kinds of policy."""

    mandatory = "mandatory"
    incentive = "incentive"
    guidance = "guidance"
    supporting = "supporting"


class Channel(StrEnum):
    """Who buys."""

    government = "government"
    enterprise = "enterprise"
    household = "household"
    export = "export"


class Payer(StrEnum):
    """Who carries what an instrument hands out or waives, and the public part of what running it costs."""

    central = "central"
    province = "province"
    city = "city"
    bank = "bank"
    user = "user"
    firm = "firm"

    @property
    def public(self) -> bool:
        """Whether a government's budget pays."""
        return self in (Payer.central, Payer.province, Payer.city)


class Authority(StrEnum):
    """Who decides on it: a province acts on its own and its cities' instruments, and carries out the nation's."""

    national = "national"
    province = "province"
    city = "city"


class LeverRule(Model):
    """Which kinds may pull a lever, in which units its ceiling may be stated, and how uncertain its effect is.

    `spread` is one standard deviation of the logarithm of the effect where an instrument states no range: none where
    the ceiling is money or a rule, whose effect is as uncertain as the weight of cost is.
    """

    kinds: frozenset[Kind]
    spread: float
    units: frozenset[str]


def _lever(kinds: str, spread: float, *units: str) -> LeverRule:
    return LeverRule(kinds=frozenset(Kind(k) for k in kinds.split()), spread=spread, units=frozenset(units))


LEVERS: dict[str, LeverRule] = {
    # incentive: generalised cost g
    "subsidy": _lever("incentive", 0.0, "CNY/unit", "share of price"),
    "tax_relief": _lever("incentive", 0.0, "share of purchase tax"),
    "output_premium": _lever("incentive", 0.0, "CNY/service unit"),
    "carbon_price": _lever("incentive", 0.4, "CNY/tCO2"),
    "finance": _lever("incentive", 0.5, "percentage points"),
    # mandatory: mandates mu (of a quota the compliance is uncertain) and availability a
    "quota": _lever("mandatory", 0.3, "share of purchases"),
    "standard": _lever("mandatory", 0.25, "share of availability removed"),
    # guidance: familiarity f and label weight lambda
    "awareness": _lever("guidance", 0.6, "relative familiarity"),
    "label": _lever("guidance", 0.4, "share of purchases labelled"),
    # supporting: infrastructure and the grid
    "infrastructure": _lever("supporting", 0.4, "share of gap closed per year"),
    # export: landed cost abroad (recognition, certification, promotion)
    "market_access": _lever("guidance supporting", 0.5, "share of border barrier removed"),
}
COST_SPREAD = {1: 0.1, 2: 0.2, 3: 0.35, 4: 0.6}
"""One standard deviation of the logarithm of a running cost without a range, by the quality of its source."""
RANGE = 2 * 1.645
"""Standard deviations between the ends of a 90 % range."""


class Target(Model):
    """What an instrument reaches: technologies of a market, with a weight on the ceiling.

    `market` is a market id or "*" (every market); `technologies` are ids of that market, or one of
    "green", "other", "all".
    """

    market: str
    technologies: tuple[str, ...] | Literal["green", "other", "all"] = "green"
    weight: float = Field(default=1.0, ge=0, le=1)


class Cost(Model):
    """What running the instrument at full intensity costs, beyond the money it transfers.

    `basis`: per resident and year, per unit purchased of the targets, or per unit of stock of the targets: what the
    nation pays is what its places pay. `low`, `high` are a 90 % range. `public_share` is the part paid from public
    money; the rest is private investment.
    """

    value: float = Field(ge=0)
    low: float | None = Field(default=None, gt=0)
    high: float | None = Field(default=None, gt=0)
    basis: Literal["person", "purchase", "stock"]
    public_share: float = Field(default=1.0, ge=0, le=1)
    source: Rated

    @property
    def spread(self) -> float:
        """One standard deviation of its logarithm."""
        return _spread(self.low, self.high, COST_SPREAD[self.source.quality])


def _spread(low: float | None, high: float | None, usual: float) -> float:
    """One standard deviation of the logarithm of a number with this 90 % range, or the usual one."""
    return log(high / low) / RANGE if low and high else usual


class Instrument(Model):
    """One policy measure; belongs to exactly one kind and pulls exactly one lever.

    `only_in` names the part of each place's market that it can reach, where it is not in force everywhere: other
    provinces have none of it. The nation's part stands under `CN`.

    `standing`: a law, standard or programme without an end date; policy as it is keeps its last recorded
    strength after the last interval. Others end with their history (a tax exemption, a trade-in round).
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]+$")
    kind: Kind
    label: Text
    channels: tuple[Channel, ...] = Field(min_length=1)
    lever: str
    targets: tuple[Target, ...] = Field(min_length=1)
    ceiling: Amount
    bounds: tuple[float, float] = (0.0, 1.0)
    counts: Literal["operating", "life_cycle"] = "operating"
    compliance: float = Field(default=1.0, gt=0, le=1.0)
    term_years: int = Field(default=1, ge=1, le=30)
    cost: Cost | None = None
    history: tuple[Dated[NonNegativeFloat], ...] = ()
    only_in: dict[str, float] = Field(default_factory=dict)
    needs: tuple[str, ...] = ()
    status: Literal["active", "proposed", "ended"]
    standing: bool = False
    actor: Literal["government", "enterprise", "finance", "consumer"]
    authority: Authority
    payer: Payer
    departments: tuple[str, ...] = ()
    indicator: Text
    reason: Text
    report_section: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Instrument:
        rule = LEVERS.get(self.lever)
        if rule is None:
            raise ValueError(f"lever {self.lever!r} is unknown; one of {', '.join(LEVERS)}")
        if self.kind not in rule.kinds:
            owners = "/".join(sorted(rule.kinds))
            raise ValueError(f"lever {self.lever!r} belongs to {owners}, not {self.kind}")
        if self.ceiling.unit not in rule.units:
            raise ValueError(
                f"ceiling unit {self.ceiling.unit!r}; lever {self.lever!r} takes {sorted(rule.units)}")
        if not 0 <= self.bounds[0] <= self.bounds[1] <= 1:
            raise ValueError(f"bounds {self.bounds} must satisfy 0 <= low <= high <= 1")
        if any(past.end is None for past in self.history):
            raise ValueError("a history interval has no end; a law that goes on is `standing`")
        if self.only_in and ("CN" not in self.only_in or not all(0 < part <= 1 for part in self.only_in.values())):
            raise ValueError("only_in gives parts of 0–1 by place, and the nation's under CN")
        if unknown := set(self.departments) - departments().keys():
            raise ValueError(f"department {sorted(unknown)[0]!r} is unknown; one of {', '.join(departments())}")
        if not disjoint(self.history):
            raise ValueError("history intervals overlap")
        top = max((past.value for past in self.history), default=0.0)
        if top > self.ceiling.value * 1.0000001:
            raise ValueError(f"history value {top} exceeds the ceiling {self.ceiling.value}")
        return self

    def intensity_in(self, year: int) -> float:
        """Intensity (0–1 of the ceiling) in `year` by the history; a standing one keeps its last strength."""
        last = max((past.end.year for past in self.history if past.end), default=year)
        asked = min(year, last) if self.standing else year
        value = next((past.value for past in self.history if past.covers(asked)), 0.0)
        return value / self.ceiling.value if self.ceiling.value else 0.0

    @property
    def spread(self) -> float:
        """One standard deviation of the logarithm of its effect (of a quota, of compliance)."""
        return _spread(self.ceiling.low, self.ceiling.high, LEVERS[self.lever].spread)

    def reach(self, place: str) -> float:
        """The part of a place's market that it can reach."""
        return self.only_in.get(place, 0.0) if self.only_in else 1.0

    def reaches(self, market: str) -> bool:
        """Whether any target names `market`, directly or by "*"."""
        return any(t.market in (market, "*") for t in self.targets)


@lru_cache(maxsize=4)
def shipped(folder: Path = LIBRARY) -> dict[str, Instrument]:
    """The instruments of a folder by id, in id order. A file's name is its id; `needs` must exist."""
    return _complete(load_folder(folder, Instrument))


def library() -> dict[str, Instrument]:
    """All instruments by id: those that ship, then those of `instruments/` in the home folder."""
    found = with_own(shipped(), "instruments", Instrument)
    return found if len(found) == len(shipped()) else _complete(found)


def _complete(found: dict[str, Instrument]) -> dict[str, Instrument]:
    for instrument in found.values():
        for need in instrument.needs:
            if need not in found:
                raise UnknownNameError(f"instrument (needs of {instrument.id}.yaml)", need, found)
    return found


def get(name: str) -> Instrument:
    """One instrument by id or by its label in either language; raises UnknownNameError with the nearest ids."""
    instruments = library()
    if name not in instruments:
        wanted = name.strip().lower()
        for one in instruments.values():
            if wanted in (one.label.zh.lower(), one.label.en.lower(), one.label.zh.partition("（")[0]):
                return one
        raise UnknownNameError("instrument", name, [*instruments, *(i.label.zh for i in instruments.values())])
    return instruments[name]
