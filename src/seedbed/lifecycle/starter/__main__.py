"""Solve the starter set again: writes footprints.csv and the tables of docs/starter.md, and prints what is off."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from seedbed import facts
from seedbed.base.years import LATEST
from seedbed.facts import places
from seedbed.lifecycle import footprint
from seedbed.lifecycle.starter import footprints
from seedbed.lifecycle.starter.build import sectors
from seedbed.lifecycle.starter.published import Check, checks

PAGE = Path(footprints.FOLDER).parents[3] / "docs" / "starter.md"


def main() -> int:
    """Write; the exit status is 1 if a footprint lies outside what others publish."""
    footprints.TABLE.write_text(footprints.written(), encoding="utf-8")
    footprints.known.cache_clear()
    found = checks()
    if PAGE.is_file():
        PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    outside = [check for check in found if not check.holds]
    for check in outside:
        print(f"{check.ours.product}: {check.ours.value:.4g} is outside {_range(check)} ({check.source.reference})")
    print(f"{len(footprints.known())} products, {len(found)} checked, {len(outside)} outside what others publish")
    return 1 if outside else 0


def filled(page: str) -> str:
    """`page` with the tables between its markers made again."""
    for name, table in (("contents", contents()), ("checks", checked()), ("provinces", provinces())):
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        head, rest = page.split(start)
        page = head + start + table + end + rest.split(end, 1)[1]
    return page


def contents() -> str:
    """What is in the set, a row per file."""
    rows = ["| sector | processes | numbers | unverified | mean mark |", "|---|---|---|---|---|"]
    for sector in sectors():
        amounts = [a for p in sector.processes for a in (*p.inputs, *p.wastes, *p.emissions, *p.resources)]
        mark = np.mean([p.quality for p in sector.processes])
        doubted = sum(a.unverified for a in amounts) / len(amounts)
        rows.append(f"| {sector.name.en} | {len(sector.processes)} | {len(amounts)} | {doubted:.0%} | {mark:.1f} |")
    return "\n".join(rows) + "\n"


def checked() -> str:
    """Our footprints beside what others publish, a row per product; official figures first."""
    rows = ["| product | ours | published | unit | by |", "|---|---|---|---|---|"]
    for check in sorted(checks(), key=lambda c: (not c.source.official, c.source.unverified)):
        by = check.source.reference.split(":")[0] + (" (unverified)" if check.source.unverified else "")
        ours = _shown(check.ours.value) if check.holds else f"**{_shown(check.ours.value)}**"
        rows.append(f"| {check.ours.name.en} | {ours} | {_range(check)} | kgCO2e/{check.ours.unit} | {by} |")
    return "\n".join(rows) + "\n"


def provinces() -> str:
    """Electricity by province beside the official CO2 factor of its grid, kg per kWh."""
    table = facts.read("grid_factors", variable="factor", year=LATEST).data
    official = dict(table.select("place", "value").iter_rows())
    rows = [f"| place | footprint as delivered | official CO2 factor {LATEST} |", "|---|---|---|"]
    pairs = []
    for place in (p for p in places.all_places() if p.planning_unit):
        ours, theirs = footprint("electricity", place=place.id).value, official.get(place.id)
        if theirs is not None:
            pairs.append((ours, theirs))
        rows.append(f"| {place.name.en} | {ours:.3f} | {'–' if theirs is None else f'{theirs:.4f}'} |")
    rows.append(f"| correlation of {len(pairs)} places | {np.corrcoef(np.array(pairs).T)[0, 1]:.3f} | |")
    return "\n".join(rows) + "\n"


def _range(check: Check) -> str:
    low, high = check.published.low, check.published.high
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"


def _shown(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
