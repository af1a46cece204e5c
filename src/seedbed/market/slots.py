"""Instruments in slots: the library and a mix as arrays for one market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from seedbed.base.errors import UnknownNameError
from seedbed.facts.places import Place
from seedbed.market.arrays import LEVER_ORDER, Levers
from seedbed.market.definition import Definition, definitions, get
from seedbed.policy.instrument import Channel, Instrument, Kind, Target, library
from seedbed.policy.mix import Mix

DOMESTIC = (Channel.government, Channel.enterprise, Channel.household)
KINDS = tuple(Kind)


@dataclass(frozen=True)
class Slots:
    """Which instrument sits in which slot of one market; `None` marks an unused slot."""

    instruments: tuple[Instrument | None, ...]
    segments: tuple[tuple[int, int], ...]

    @property
    def names(self) -> list[str]:
        """Instrument ids by slot, "" where unused."""
        return [i.id if i else "" for i in self.instruments]


@lru_cache(maxsize=4)
def slot_counts() -> dict[str, int]:
    """Slots per lever: the most that any market needs, so that all markets share one shape."""
    return {lever: max(1, *(sum(i.lever == lever and i.reaches(m) for i in library().values())
                            for m in definitions())) for lever in LEVER_ORDER}


def instruments(*, kind: str | None = None, market: str | None = None, channel: str | None = None) -> list[Instrument]:
    """Instruments of the library that fit every filter given. Raises UnknownNameError for a filter nobody knows."""
    for what, word, known in (("kind", kind, Kind), ("channel", channel, Channel)):
        if word is not None and word not in list(known):
            raise UnknownNameError(what, word, list(known))
    wanted = get(market).id if market else None
    return [i for i in library().values() if kind in (None, i.kind) and (channel is None or channel in i.channels)
            and (wanted is None or i.reaches(wanted))]


def assign(market: str) -> Slots:
    """The slots of a market, lever by lever in id order."""
    chosen: list[Instrument | None] = []
    segments: list[tuple[int, int]] = []
    for lever, count in slot_counts().items():
        mine = [i for i in library().values() if i.lever == lever and i.reaches(market)]
        segments.append((len(chosen), len(chosen) + count))
        chosen += [*mine, *[None] * (count - len(mine))]
    return Slots(tuple(chosen), tuple(segments))


def levers(definition: Definition, where: Sequence[Place], slots: Slots, width: int) -> Levers:
    """Coefficients J×B×I (`width` technologies, padded), reach R×J and running costs of every slot."""
    rows = [_coefficient(i, definition, width) if i else np.zeros((3, width)) for i in slots.instruments]

    def each(value: str, default: float = 0.0) -> np.ndarray:
        return np.array([float(getattr(i, value)) if i else default for i in slots.instruments])

    def cost(basis: str) -> np.ndarray:
        return np.array([i.cost.value if i and i.cost and i.cost.basis == basis else 0.0
                         for i in slots.instruments])

    return Levers(
        coefficient=np.array(rows),
        share_of_price=np.array([float(i is not None and i.ceiling.unit == "share of price")
                                 for i in slots.instruments]),
        life_cycle=np.array([float(i is not None and i.counts == "life_cycle") for i in slots.instruments]),
        compliance=each("compliance", 1.0), term=each("term_years", 1.0),
        cost_person=cost("person") / _markets_reached(slots), cost_purchase=cost("purchase"),
        cost_stock=cost("stock"),
        reach=np.array([[i.reach(place.id) if i else 1.0 for i in slots.instruments] for place in where]),
        public_share=np.array([i.cost.public_share if i and i.cost else 1.0 for i in slots.instruments]),
        budget=np.array([float(i is None or i.payer.public) for i in slots.instruments]),
        segments=slots.segments,
    )


def _markets_reached(slots: Slots) -> np.ndarray:
    """A programme that serves many markets is paid once: its cost per person is split evenly."""
    reached = [sum(i.reaches(m) for m in definitions()) if i else 1 for i in slots.instruments]
    return np.array(reached, dtype=float)


def _coefficient(instrument: Instrument, definition: Definition, width: int) -> np.ndarray:
    out = np.zeros((len(DOMESTIC), width))
    buyers = [c in instrument.channels or instrument.lever == "market_access" for c in DOMESTIC]
    for target in instrument.targets:
        if target.market not in (definition.id, "*"):
            continue
        for column, technology in enumerate(definition.technologies):
            if _hits(target, technology.id, technology.green):
                out[buyers, column] = instrument.ceiling.value * target.weight
    return out


def _hits(target: Target, technology: str, green: bool) -> bool:
    if target.technologies == "all":
        return True
    if target.technologies in ("green", "other"):
        return green == (target.technologies == "green")
    return technology in target.technologies


def kinds(slots: Slots) -> np.ndarray:
    """One-hot kind of each slot, J×4."""
    return np.array([[float(i is not None and i.kind == k) for k in KINDS] for i in slots.instruments])


def schedule(mix: Mix, slots: Slots, years: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """(intensity that is set, 1 where the rule decides), each T×J."""
    fixed = np.zeros((len(years), len(slots.instruments)))
    ruled = np.zeros_like(fixed)
    for j, instrument in enumerate(slots.instruments):
        if instrument is None:
            continue
        for t, year in enumerate(years):
            value = mix.intensity(instrument.id, year)
            if value == "rule":
                ruled[t, j] = 1.0
            else:
                fixed[t, j] = value
    return fixed, ruled
