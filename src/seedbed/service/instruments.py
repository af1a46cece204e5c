"""Instruments of policy as the web application shows them."""

from __future__ import annotations

from typing import Any

from seedbed.base.years import DECIDE, FIRST
from seedbed.market.definition import definitions
from seedbed.policy.instrument import Instrument
from seedbed.show.words import catalogue

SHARES = ("share", "relative")
"""How units begin that are written as per cent."""


def described(one: Instrument) -> dict[str, Any]:
    """What an instrument is, in both languages."""
    words, unit = catalogue(), one.ceiling.unit
    return {"id": one.id, "label": one.label.model_dump(), "kind": one.kind, "lever": one.lever, "status": one.status,
            "unit": words[f"policy.unit.{unit}"], "share": unit.startswith(SHARES), "ceiling": one.ceiling.value,
            "authority": words[f"policy.{one.authority}"], "decided": one.authority,
            "payer": words[f"payer.{one.payer}"], "reason": one.reason.model_dump(),
            "source": one.ceiling.source.reference}


def recorded(one: Instrument) -> dict[str, Any]:
    """The same with its strength over the years, what it reaches, and the documents that say so."""
    years = range(FIRST, DECIDE)
    reached = [market for market in definitions().values() if one.reaches(market.id)]
    history = [{"from": past.start.isoformat(), "to": past.end and past.end.isoformat(), "value": past.value,
                "document": past.document.model_dump(), "number": past.number, "reference": past.source.reference,
                "unverified": past.source.unverified} for past in one.history]
    return {**described(one), "indicator": one.indicator.model_dump(), "years": list(years), "history": history,
            "markets": [{"id": market.id, "label": market.label.model_dump()} for market in reached],
            "strength": [round(one.intensity_in(year), 4) for year in years]}
