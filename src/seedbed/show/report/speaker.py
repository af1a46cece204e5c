"""A plan and the language it is told in: what every section of the report needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seedbed.base.years import MIDWAY, START
from seedbed.market.definition import Definition, definitions
from seedbed.planning.plan import Plan
from seedbed.planning.scenarios import SCENARIOS
from seedbed.policy.instrument import get as instrument
from seedbed.show.charts import Fan
from seedbed.show.document import Column
from seedbed.show.numbers import digits
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

    @property
    def milestones(self) -> list[int]:
        """The years that targets are for."""
        return list(dict.fromkeys(y for y in (MIDWAY, self.plan.until) if y <= self.plan.until))

    def by_milestone(self, label: str, weight: float) -> list[Column]:
        """Columns of a table: the start, and at every milestone policy as it is beside the improved rule."""
        columns = [Column(label, weight=weight), Column(str(START), "right", 0.7)]
        for year in self.milestones:
            columns += [Column(f"{year} {self.t('scenario.as_is')}", "right"),
                        Column(f"{year} {self.t('scenario.improved_rule')}", "right", 1.5)]
        return columns

    def signed(self, value: float, unit: str) -> str:
        """A written change, its sign before everything else; nothing has none."""
        return self.n(value, unit) if value == 0 else ("+" if value > 0 else "-") + self.n(abs(value), unit)

    def strengths(self, name: str, intensities: Sequence[float]) -> str:
        """Strengths of an instrument (0–1 of its ceiling) in its natural unit, one after another."""
        ceiling = instrument(name).ceiling
        relative = ceiling.unit.startswith(("share", "relative"))
        written = [digits(x * ceiling.value * (100 if relative else 1), 2) + ("%" if relative else "")
                   for x in intensities]
        shown = written[0] if len(set(written)) == 1 else " → ".join(written)
        unit = self._unit_of(name)
        return f"{shown}{unit}" if self.lang == "zh" else f"{shown} {unit}"

    def _unit_of(self, name: str) -> str:
        """The unit of an instrument's strength; money per unit of the one market that it names, where it names one."""
        one = instrument(name)
        markets = {target.market for target in one.targets}
        if one.ceiling.unit in ("CNY/unit", "CNY/service unit") and len(markets) == 1 and markets < set(definitions()):
            market = self.definition(markets.pop())
            per = market.service_unit if "service" in one.ceiling.unit else market.capacity_unit
            return self.t("policy.per_unit", unit=per[self.lang])
        return self.t(f"policy.unit.{one.ceiling.unit}")

    def fans(self, indicator: str, market: str | None, scale: float = 1.0) -> list[Fan]:
        """The four scenarios of an indicator as fans; bands for the improved rule and policy as it is only."""
        out = []
        for name, q in zip(SCENARIOS, self.plan.bands(indicator, market) * scale, strict=True):
            shown = {0.5: (q[Q1].tolist(), q[Q3].tolist()), 0.9: (q[LOW].tolist(), q[HIGH].tolist())}
            wide = name in ("as_is", "improved_rule")
            out.append(Fan(name, self.t(f"scenario.{name}"), q[MEDIAN].tolist(), shown if wide else {}))
        return out
