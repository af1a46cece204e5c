"""Words of the ILCD data format 1.1 (European Commission, Joint Research Centre) and what they are here.

What ILCD has no field for, or cannot hold to the last digit, travels as attributes of the namespace
`EXTENSION`, which ILCD's schemas allow on data sets, exchanges, parameters and references.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from seedbed.base.text import Model
from seedbed.lifecycle.formats.fields import medium_of
from seedbed.lifecycle.formats.spellings import any_of, spellings

EXTENSION = "urn:seedbed:ilcd"
NAMESPACES = {
    "c": "http://lca.jrc.it/ILCD/Common",
    "p": "http://lca.jrc.it/ILCD/Process",
    "f": "http://lca.jrc.it/ILCD/Flow",
    "fp": "http://lca.jrc.it/ILCD/FlowProperty",
    "u": "http://lca.jrc.it/ILCD/UnitGroup",
    "s": "http://lca.jrc.it/ILCD/Source",
    "m": "http://lca.jrc.it/ILCD/LCIAMethod",
    "e": EXTENSION,
}
DATABASE_FILE = "external_docs/seedbed.json"
"""In our packages: what belongs to no data set (`About`)."""


class Parameter(Model):
    """A parameter of the whole database; the fields are columns of PARAMETERS."""

    process: None = None
    name: str
    value: float | None = None
    formula: str | None = None
    unit: str | None = None
    distribution: str | None = None
    loc: float | None = None
    scale: float | None = None
    low: float | None = None
    high: float | None = None
    comment: str | None = None


class About(Model):
    """What DATABASE_FILE says of the database as a whole."""

    name: str = ""
    version: str = ""
    licence: str = ""
    depends: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()


EXTRA: dict[str, tuple[str, ...]] = {
    "processes": ("id", "place", "category", "kind", "volume", "allocation", "review", "quality"),
    "flows": ("id", "unit", "compartment", "cas", "category"),
    "exchanges": (
        "unit", "reference", "avoided", "provider", "formula", "distribution", "loc", "scale", "low", "high", "group",
        "pedigree", "year",
    ),
    "parameters": ("unit", "distribution", "loc", "scale", "low", "high"),
    "sources": ("id", "citation", "url", "year", "licence"),
    "methods": ("id", "unit"),
}
"""Columns of each table that our packages carry as extension attributes."""

PROCESS_KINDS = {
    "Unit process, single operation": "unit",
    "Unit process, black box": "unit",
    "LCI result": "system",
    "Partly terminated system": "system",
    "Avoided product system": "system",
    "EPD": "system",
}
FLOW_KINDS = {
    "Elementary flow": "elementary",
    "Product flow": "product",
    "Waste flow": "waste",
    "Other flow": "product",
}
REVIEWS = {  # from the weakest to the strongest
    "Not reviewed": "none",
    "Dependent internal review": "internal",
    "Independent internal review": "internal",
    "Independent external review": "external",
    "Accredited third party review": "external",
    "Independent review panel": "panel",
}
QUALITIES = {"Very good": 1.0, "Good": 2.0, "Fair": 3.0, "Poor": 4.0, "Very poor": 5.0}
ALLOCATIONS = {
    "Allocation - market value": "economic",
    "Allocation - mass": "physical",
    "Allocation - volume": "physical",
    "Allocation - gross calorific value": "physical",
    "Allocation - net calorific value": "physical",
    "Allocation - exergetic content": "physical",
    "Allocation - element content": "physical",
    "Allocation - physical causality": "causal",
    "Allocation - marginal causality": "causal",
    "Allocation - recycled content": "cut-off",
    "Allocation - 100% to main function": "none",
    "Not applicable": "none",
    "Substitution": "substitution",
    "Substitution - specific": "substitution",
    "Substitution - BAT": "substitution",
    "Substitution - average, no correction": "substitution",
    "Substitution - average, market price correction": "substitution",
    "Substitution - average, technical properties correction": "substitution",
    "Substitution - recycling potential": "substitution",
}
_PROVINCES = {  # letters of provinces in TianGong's location codes ("NMG-CN") that differ from ISO 3166-2
    "HAIN": "HI", "HEB": "HE", "HEN": "HA", "HLJ": "HL", "HUB": "HB", "HUN": "HN", "NMG": "NM", "SAX": "SN",
}


@cache
def supply_mix() -> re.Pattern[str]:
    """What the names of supply mixes hold."""
    return re.compile(any_of(spellings().supply_mix), re.IGNORECASE)


@cache
def clark(path: str) -> str:
    """`p:time/c:referenceYear` in ElementTree's notation."""
    return re.sub(r"(\w+):", lambda match: f"{{{NAMESPACES[match[1]]}}}", path)


def place_code(location: str | None) -> str | None:
    """The place of an ILCD location code; TianGong's `SZ-JS-CN` (a city) and `JS-CN` are the province `CN-JS`."""
    if not location or not location.endswith("-CN"):
        return location or None
    province = location.split("-")[-2]
    return f"CN-{_PROVINCES.get(province, province)}"


def compartment(category: Sequence[str]) -> str | None:
    """Compartment of an elementary flow's category.

    `Emissions, Emissions to water, Emissions to sea water` → `water/sea water`;
    `Resources, Resources from ground, …` → `resource/ground`; None if neither medium nor resource is named.
    """
    levels = [level.lower() for level in category]
    head = " ".join(levels[:2])
    if "resource" in head or head.startswith("land"):
        return "/".join(["resource", *(re.sub(r"^(resources from|in) ", "", level) for level in levels[1:2])])
    medium = next((medium for medium in ("air", "water", "soil") if medium in head), None) or medium_of(head)
    if medium is None:
        return None
    part = levels[-1].removeprefix("emissions to ")
    part = part.removeprefix(medium).lstrip(", ").removeprefix("unspecified").strip(" ()")
    return f"{medium}/{part}" if part else medium


def natural_direction(compartment: str | None) -> str:
    """Direction in which a flow crosses to or from nature: resources as inputs, the rest as outputs."""
    return "input" if (compartment or "").startswith("resource") else "output"
