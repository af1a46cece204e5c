"""Where a supply comes from: a place, then the regions around it, the nation, the world.

A link looks outward from the consumer: its own place, the power-grid region and macro-region around it,
the nation, the continent, the world. At each step a process of that very place comes first, then the
processes of places inside it together (a regional supply mix); what is left is any other place.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from seedbed.base.datafile import load
from seedbed.base.text import Model
from seedbed.facts import places

WORLD = ("GLO", "WLD", "RoW", "OO", "")
"""Codes that mean the world, and no code at all."""
ELSEWHERE = 99
"""Rank of a provider that lies neither around nor inside any region around the consumer."""


class _Continents(Model):
    """What continents.yaml holds: the countries of each continent, by its code."""

    continents: dict[str, tuple[str, ...]]


@cache
def _continents() -> dict[str, str]:
    """The continent of each country."""
    held = load(Path(__file__).parent / "continents.yaml", _Continents).continents
    return {country: continent for continent, countries in held.items() for country in countries}


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
    if continent := _continents().get(head):
        chain.append(continent)
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
