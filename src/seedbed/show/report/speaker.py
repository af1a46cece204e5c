"""A plan and the language it is told in: what every section of the report needs."""

from __future__ import annotations

from dataclasses import dataclass

from seedbed.market.definition import Definition, definitions
from seedbed.planning.plan import Plan
from seedbed.planning.scenarios import SCENARIOS
from seedbed.show.charts import Fan
from seedbed.show.speaker import HIGH, LOW, MEDIAN, Q1, Q3, Speaker


@dataclass(frozen=True)
class PlanSpeaker(Speaker):
    """A plan in one language."""

    plan: Plan

    @property
    def here(self) -> str:
        """Name of the place."""
        return self.place(self.plan.place.place)

    def definition(self, market: str) -> Definition:
        """The market's definition."""
        return definitions()[market]

    def fans(self, indicator: str, market: str | None, scale: float = 1.0) -> list[Fan]:
        """The four scenarios of an indicator as fans; bands for the improved rule and policy as it is only."""
        out = []
        for name, q in zip(SCENARIOS, self.plan.bands(indicator, market) * scale, strict=True):
            shown = {0.5: (q[Q1].tolist(), q[Q3].tolist()), 0.9: (q[LOW].tolist(), q[HIGH].tolist())}
            wide = name in ("as_is", "improved_rule")
            out.append(Fan(name, self.t(f"scenario.{name}"), q[MEDIAN].tolist(), shown if wide else {}))
        return out
