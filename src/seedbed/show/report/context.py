"""What every section of the report needs: the plan, the language and ways to write things."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seedbed.base.text import Lang
from seedbed.facts import places
from seedbed.market.definition import Definition, definitions
from seedbed.planning.plan import QUANTILES, Plan
from seedbed.planning.scenarios import SCENARIOS
from seedbed.policy.instrument import Instrument
from seedbed.policy.instrument import get as instrument
from seedbed.show.charts import Fan
from seedbed.show.numbers import axis_scale, digits, number
from seedbed.show.words import t

NO_BREAK = "\u00a0"
LOW, Q1, MEDIAN, Q3, HIGH = range(len(QUANTILES))


@dataclass(frozen=True)
class Context:
    """A plan in one language."""

    plan: Plan
    lang: Lang

    @property
    def place(self) -> str:
        """Name of the place."""
        found = self.plan.place.place
        return t("plan.nation", self.lang) if found.id == places.NATION else found.name[self.lang]

    def t(self, key: str, **fields: object) -> str:
        """A text of the catalogue."""
        return t(key, self.lang, **fields)

    def n(self, value: float | None, unit: str) -> str:
        """A written number that does not break before its unit."""
        return number(value, unit, self.lang).replace(" ", NO_BREAK)

    def definition(self, market: str) -> Definition:
        """The market's definition."""
        return definitions()[market]

    def market(self, market: str) -> str:
        """The market's name."""
        return self.definition(market).label[self.lang]

    def markets(self, names: list[str]) -> str:
        """Several names, joined as the language joins them."""
        return self.join([self.market(m) for m in names])

    def join(self, parts: list[str]) -> str:
        """Parts of a list in running text."""
        return ("、" if self.lang == "zh" else ", ").join(parts) if parts else "—"

    def instrument(self, name: str) -> Instrument:
        """An instrument of the library."""
        return instrument(name)

    def interval(self, quantiles: np.ndarray, unit: str) -> str:
        """Median with its 90 % interval."""
        values = [float(quantiles[q]) for q in (LOW, MEDIAN, HIGH)]
        scale, name = axis_scale(values, unit, self.lang)
        low, middle, high = (digits(v / scale) for v in values)
        name = name.replace(" ", NO_BREAK)
        if self.lang == "zh":
            return f"{middle}（{low}—{high}）{name}"
        return f"{middle} ({low} to {high}) {name}"

    def fans(self, indicator: str, market: str | None, scale: float = 1.0) -> list[Fan]:
        """The four scenarios of an indicator as fans; bands for the improved rule and policy as it is only."""
        bands = self.plan.bands(indicator, market) * scale
        out = []
        for row, name in enumerate(SCENARIOS):
            q = bands[row]
            shown = {0.5: (q[Q1].tolist(), q[Q3].tolist()), 0.9: (q[LOW].tolist(), q[HIGH].tolist())}
            wide = name in ("as_is", "improved_rule")
            out.append(Fan(name, self.t(f"scenario.{name}"), q[MEDIAN].tolist(), shown if wide else {}))
        return out
