"""The places of China: names, codes, neighbours, regions and the cell of each on a tile map.

The 31 provincial units of the mainland are the planning units. Hong Kong, Macao and Taiwan are places
of China that have no data here. Codes follow ISO 3166-2:CN and GB/T 2260; neighbours are those that
share a land border, and Hainan–Guangdong, which face each other over a strait.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from seedbed.base.errors import UnknownNameError
from seedbed.base.text import Text

TABLES = Path(__file__).parent / "tables"

GRID_REGIONS = {
    "grid-north": Text(zh="华北", en="North China"),
    "grid-northeast": Text(zh="东北", en="Northeast China"),
    "grid-east": Text(zh="华东", en="East China"),
    "grid-central": Text(zh="华中", en="Central China"),
    "grid-northwest": Text(zh="西北", en="Northwest China"),
    "grid-south": Text(zh="南方", en="South China"),
    "grid-southwest": Text(zh="西南", en="Southwest China"),
}
"""The regions of the Ministry of Ecology and Environment's grid emission factors."""

MACRO_REGIONS = {
    "east": Text(zh="东部", en="East"),
    "central": Text(zh="中部", en="Central"),
    "west": Text(zh="西部", en="West"),
    "northeast": Text(zh="东北", en="Northeast"),
}
"""The four regions of the National Bureau of Statistics."""

NATION = "CN"
_NATION_NAMES = ("cn", "china", "nation", "national", "全国", "中国")
_ALIASES = {"tibet": "CN-XZ", "macau": "CN-MO", "inner mongolia": "CN-NM", "neimenggu": "CN-NM"}


@dataclass(frozen=True, slots=True)
class Place:
    """A place of China.

    `id` is ISO 3166-2 (`CN-GD`), `gb2260` the six-digit GB/T 2260 code, `grid_region` a key of
    `GRID_REGIONS`, `macro_region` of `MACRO_REGIONS` (both empty where there are no data), `tile` the
    (column, row) of its cell on the tile map, counted from the top left, `None` for the nation.
    """

    id: str
    slug: str
    name: Text
    full_name: str
    gb2260: str
    grid_region: str
    macro_region: str
    neighbours: tuple[str, ...]
    tile: tuple[int, int] | None
    planning_unit: bool


@dataclass(frozen=True, slots=True)
class Country:
    """A country (ISO 3166-1 alpha-3) or a group of them (`WLD`, `EU27`) met in the country tables."""

    id: str
    name: Text


@cache
def _catalogue() -> dict[str, Place]:
    return {place.id: place for place in _rows()}


def _rows() -> Iterator[Place]:
    nation = Text(zh="全国", en="China")
    yield Place(NATION, "china", nation, "中华人民共和国", "100000", "", "", (), None, False)
    with (TABLES / "places.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Place(
                id=row["id"],
                slug=row["slug"],
                name=Text(zh=row["name_zh"], en=row["name_en"]),
                full_name=row["full_name_zh"],
                gb2260=row["gb2260"],
                grid_region=row["grid_region"],
                macro_region=row["macro_region"],
                neighbours=tuple(row["neighbours"].split()),
                tile=(int(row["tile_col"]), int(row["tile_row"])),
                planning_unit=row["planning_unit"] == "true",
            )


@cache
def _names() -> dict[str, str]:
    """Every accepted name, in lower case, to its id."""
    names = dict.fromkeys(_NATION_NAMES, NATION) | _ALIASES
    for place in _catalogue().values():
        for name in (place.id, place.slug, place.name.en, place.name.zh, place.full_name, place.gb2260):
            names[name.lower()] = place.id
    return names


@cache
def _countries() -> dict[str, Country]:
    with (TABLES / "countries.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["id"]: Country(row["id"], Text(zh=row["name_zh"], en=row["name_en"])) for row in rows}


def resolve(name: str) -> Place:
    """The place called `name`: ISO id, slug, English or Chinese name (short or full) or GB/T 2260 code.

    `china`, `cn`, `nation` and `全国` are the nation. Raises `UnknownNameError` with the nearest names.
    """
    found = _names().get(name.strip().lower())
    if found is None:
        raise UnknownNameError("place", name, _names())
    return _catalogue()[found]


def country(name: str) -> Country:
    """The country called `name` (alpha-3 code, English or Chinese name, any case).

    Raises `UnknownNameError` with the nearest names. China is `CN`, as everywhere in Seedbed.
    """
    wanted = name.strip().lower()
    for entry in _countries().values():
        if wanted in (entry.id.lower(), entry.name.en.lower(), entry.name.zh):
            return entry
    known = [n for c in _countries().values() for n in (c.id, c.name.en, c.name.zh)]
    raise UnknownNameError("country", name, known)


def name_of(place: str) -> Text:
    """The name of any value met in the `place` column of a table: place, grid region or country."""
    if place in _catalogue():
        return _catalogue()[place].name
    if place in GRID_REGIONS:
        return GRID_REGIONS[place]
    return country(place).name


def provinces() -> tuple[Place, ...]:
    """The 31 planning units, in the order of GB/T 2260."""
    return tuple(place for place in _catalogue().values() if place.planning_unit)


def all_places() -> tuple[Place, ...]:
    """The nation and its 34 provincial units."""
    return tuple(_catalogue().values())
