"""One speaker for a language: texts, numbers, names and sources as its readers write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from seedbed.base.evidence import Rated
from seedbed.base.text import Lang, Message, Text
from seedbed.facts import places
from seedbed.facts.places import Place
from seedbed.market.definition import definitions
from seedbed.market.ensemble import QUANTILES
from seedbed.policy.instrument import get as instrument
from seedbed.show.document import Fact
from seedbed.show.numbers import MISSING, axis_scale, digits, number
from seedbed.show.words import catalogue, t

NO_BREAK = "\u00a0"
LOW, Q1, MEDIAN, Q3, HIGH = range(len(QUANTILES))


@dataclass(frozen=True)
class Speaker:
    """A language. Texts are found below the key `under` first, then in the whole catalogue."""

    lang: Lang
    under: ClassVar[str] = ""

    def t(self, key: str, **fields: object) -> str:
        """A text of the catalogue."""
        own = f"{self.under}.{key}" if self.under else key
        return t(own if own in catalogue() else key, self.lang, **fields)

    def say(self, message: Message) -> str:
        """A message of a floor below, in words: texts, and lists of texts or numbers, fill its fields."""
        return self.t(message.key, **{name: self._filled(value) for name, value in message.fields.items()})

    def _filled(self, value: object) -> object:
        if isinstance(value, tuple):
            return self.join([str(self._filled(part)) for part in value])
        return value[self.lang] if isinstance(value, Text) else value

    def n(self, value: float | None, unit: str) -> str:
        """A written number that does not break before its unit."""
        return number(value, unit, self.lang).replace(" ", NO_BREAK)

    def between(self, value: str, low: str, high: str) -> str:
        """A written value with its interval."""
        span = t("phrase.range", self.lang, low=low, high=high)
        return f"{value}（{span}）" if self.lang == "zh" else f"{value} ({span})"

    def interval(self, quantiles: np.ndarray, unit: str) -> str:
        """Median with its 90 % interval, of values at QUANTILES."""
        values = [float(quantiles[q]) for q in (LOW, MEDIAN, HIGH)]
        scale, name = axis_scale(values, unit, self.lang)
        low, middle, high = (digits(v / scale) for v in values)
        name = name.replace(" ", NO_BREAK)
        if self.lang != "zh":
            return f"{middle} ({low} to {high}) {name}"
        return f"{middle}（{low}{'～' if min(values) < 0 else '—'}{high}）{name}"  # a dash beside a minus reads badly

    def with_unit(self, name: str, unit: str) -> str:
        """A heading with the unit of its numbers."""
        return f"{name}，{unit}" if self.lang == "zh" else f"{name}, {unit}"

    def join(self, parts: Sequence[str]) -> str:
        """Parts of a list in running text."""
        return ("、" if self.lang == "zh" else ", ").join(parts) if parts else MISSING

    def clauses(self, parts: Sequence[str]) -> str:
        """Longer parts of a list in running text."""
        return ("；" if self.lang == "zh" else "; ").join(parts)

    def sentences(self, *parts: str) -> str:
        """Sentences one after another."""
        return ("" if self.lang == "zh" else " ").join(part for part in parts if part)

    def market(self, name: str) -> str:
        """The name of a market."""
        return definitions()[name].label[self.lang]

    def markets(self, names: Sequence[str]) -> str:
        """Several markets in running text."""
        return self.join([self.market(name) for name in names])

    def instrument(self, name: str) -> str:
        """The name of an instrument."""
        return instrument(name).label[self.lang]

    def place(self, place: Place | str) -> str:
        """The name of a place; of the nation in running text."""
        found = places.resolve(place) if isinstance(place, str) else place
        return t("plan.nation", self.lang) if found.id == places.NATION else found.name[self.lang]

    def provenance(self, made: Mapping[str, object]) -> list[tuple[str, str]]:
        """What made a result, in a line: version, members, seed, hash of the inputs, and what is the user's own."""
        kinds = ("own_facts", "own_markets", "own_instruments", "own_prices", "own_decisions", "own_floors", "own_fits")
        said = {"version": f"Seedbed {made['seedbed']}", "members": made["members"], "seed": made["seed"],
                "fingerprint": str(made["inputs_sha256"])[:12], **{name: made[name] for name in kinds if name in made}}
        return [(t(f"plan.meta.{name}", self.lang), str(value)) for name, value in said.items()]

    def mark(self, source: Rated) -> str:
        """The mark of quality of a source."""
        key = "plan.trace.quality_unverified" if source.unverified else "plan.trace.quality"
        return t(key, self.lang, mark=source.quality)

    def fact(self, name: str, source: Rated) -> Fact:
        """A source as evidence in a document, called `name`."""
        return Fact(name, source.publisher[self.lang], source.reference, self.mark(source))

    def cite(self, source: Rated) -> str:
        """A source in a line: publisher, reference, year and mark."""
        year = f", {source.year}" if source.year else ""
        mark = f"（{self.mark(source)}）" if self.lang == "zh" else f" ({self.mark(source)})"
        return f"{source.publisher[self.lang]}: {source.reference}{year}{mark}"
