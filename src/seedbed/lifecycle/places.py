"""Where a supply comes from: a place, then the regions around it, the nation, the world.

A link looks outward from the consumer: its own place, the power-grid region and macro-region around it,
the nation, the continent, the world. At each step a process of that very place comes first, then the
processes of places inside it together (a regional supply mix); what is left is any other place.
"""

from __future__ import annotations

from functools import cache

from seedbed.facts import places

WORLD = ("GLO", "WLD", "RoW", "OO", "")
"""Codes that mean the world, and no code at all."""
ELSEWHERE = 99
"""Rank of a provider that lies neither around nor inside any region around the consumer."""

_ASIA = ("CN", "JP", "KR", "IN", "ID", "MY", "TH", "VN", "PH", "TW", "SG", "RAS")
_EUROPE = ("RER", "AT", "BE", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IT", "NL", "NO", "PL", "PT", "SE")
_NORTH_AMERICA = ("RNA", "US", "CA", "MX")
_CONTINENTS = {"RAS": _ASIA, "RER": _EUROPE, "RNA": _NORTH_AMERICA}


@cache
def _provinces() -> dict[str, places.Place]:
    return {place.id: place for place in places.all_places() if place.id != places.NATION}


@cache
def around(place: str) -> tuple[str, ...]:
    """Places around `place`, innermost first, itself included: `CN-GD` → CN-GD, grid-south, east, CN, RAS, GLO."""
    if place in WORLD:
        return ("GLO",)
    chain = [place]
    if here := _provinces().get(place):
        chain += [region for region in (here.grid_region, here.macro_region) if region]
    head = place.split("-")[0]
    if head != place:
        chain.append(head)
    chain += [continent for continent, members in _CONTINENTS.items() if head in members and continent != place]
    return (*chain, "GLO")


@cache
def distance(consumer: str, provider: str) -> int:
    """Rank of a provider's place for a consumer's: 0 the same, then outward; `ELSEWHERE` outside all.

    Even ranks are a process of the region itself, odd ranks one of a place inside it.
    """
    provider = "GLO" if provider in WORLD else provider
    chain = around(consumer)
    inside = around(provider)
    for step, region in enumerate(chain):
        if region == "GLO" and provider != "GLO":
            break
        if region == provider:
            return 2 * step
        if region in inside:
            return 2 * step + 1
    return ELSEWHERE
