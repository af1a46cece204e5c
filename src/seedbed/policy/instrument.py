"""An instrument: one policy measure, read from one YAML file of the library.

Each kind of policy has its own place in the market equation (DESIGN: "each kind has its own place"):
incentive moves cost, mandatory moves availability and mandates, guidance moves familiarity and labels,
supporting moves infrastructure. `LEVERS` is that statement as data.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeFloat, model_validator

from seedbed.base.datafile import load_folder
from seedbed.base.dated import Dated, disjoint
from seedbed.base.errors import UnknownNameError
from seedbed.base.evidence import Amount, Rated
from seedbed.base.text import Model, Text

LIBRARY = Path(__file__).parent / "library"


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


class LeverRule(Model):
    """Which kinds may pull a lever and in which units its ceiling may be stated."""

    kinds: frozenset[Kind]
    units: frozenset[str]


def _lever(kinds: str, *units: str) -> LeverRule:
    return LeverRule(kinds=frozenset(Kind(k) for k in kinds.split()), units=frozenset(units))


LEVERS: dict[str, LeverRule] = {
    # incentive: generalised cost g
    "subsidy": _lever("incentive", "CNY/unit", "share of price"),
    "tax_relief": _lever("incentive", "share of purchase tax"),
    "output_premium": _lever("incentive", "CNY/service unit"),
    "carbon_price": _lever("incentive", "CNY/tCO2"),
    "finance": _lever("incentive", "percentage points"),
    # mandatory: mandates mu and availability a
    "quota": _lever("mandatory", "share of purchases"),
    "standard": _lever("mandatory", "share of availability removed"),
    # guidance: familiarity f and label weight lambda
    "awareness": _lever("guidance", "familiarity"),
    "label": _lever("guidance", "share of purchases labelled"),
    # supporting: infrastructure and the grid
    "infrastructure": _lever("supporting", "share of gap closed per year"),
    # export: landed cost abroad (recognition, certification, promotion)
    "market_access": _lever("guidance supporting", "share of border barrier removed"),
}


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

    `basis`: per person and year, per unit purchased of the targets, per unit of stock of the targets, or per
    place and year. `public_share` is the part paid from public money; the rest is private investment.
    """

    value: float = Field(ge=0)
    basis: Literal["person", "purchase", "stock", "place"]
    public_share: float = Field(default=1.0, ge=0, le=1)
    source: Rated


class Instrument(Model):
    """One policy measure; belongs to exactly one kind and pulls exactly one lever.

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
    needs: tuple[str, ...] = ()
    status: Literal["active", "proposed", "ended"]
    standing: bool = False
    actor: Literal["government", "enterprise", "finance", "consumer"]
    payer: Payer
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

    def reaches(self, market: str) -> bool:
        """Whether any target names `market`, directly or by "*"."""
        return any(t.market in (market, "*") for t in self.targets)


@lru_cache(maxsize=4)
def library(folder: Path = LIBRARY) -> dict[str, Instrument]:
    """All instruments by id, in id order. A file's name is its id; `needs` must exist."""
    found = load_folder(folder, Instrument)
    for instrument in found.values():
        for need in instrument.needs:
            if need not in found:
                raise UnknownNameError(f"instrument (needs of {instrument.id}.yaml)", need, found)
    return found


def get(name: str) -> Instrument:
    """One instrument by id; raises UnknownNameError with the nearest ids."""
    instruments = library()
    if name not in instruments:
        raise UnknownNameError("instrument", name, instruments)
    return instruments[name]
