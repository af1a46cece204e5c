"""The places of China: names, codes, neighbours, regions and the cell of each on a tile map.

The 31 provincial units of the mainland are the planning units. Hong Kong, Macao and Taiwan are places
of China that have no data here. Codes follow ISO 3166-2:CN and GB/T 2260; neighbours are those that
share a land border, and Hainan–Guangdong, which face each other over a strait.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from seedbed.base.datafile import load
from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.base.text import Model, Text

TABLES = Path(__file__).parent / "tables"

class Regions(Model):
    """The file regions.yaml: regions of the grid and of the statistics office, and names; spellings and cities."""

    grid: dict[str, Text]
    macro: dict[str, Text]
    nation: Text
    nation_full: str
    nation_names: tuple[str, ...]
    traditional: dict[str, str]
    city: str
    cities: dict[str, tuple[str, ...]]


_REGIONS = load(Path(__file__).with_name("regions.yaml"), Regions)
GRID_REGIONS, MACRO_REGIONS = _REGIONS.grid, _REGIONS.macro
NATION = "CN"
_ALIASES = {"tibet": "CN-XZ", "macau": "CN-MO", "inner mongolia": "CN-NM", "neimenggu": "CN-NM", "nei mongol": "CN-NM"}


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
    yield Place(NATION, "china", _REGIONS.nation, _REGIONS.nation_full, "100000", "", "", (), None, False)
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
    """Every accepted name, as `plain` writes it, to its id."""
    names = dict.fromkeys(_REGIONS.nation_names, NATION) | _ALIASES
    for place in _catalogue().values():
        old = () if place.id == NATION else (place.gb2260[:2], f"CN-{place.gb2260[:2]}")  # ISO 3166-2 until 2017
        for name in (place.id, place.slug, place.name.en, place.name.zh, place.full_name, place.gb2260, *old):
            names[name] = place.id
    return {plain(name): place for name, place in names.items()}


_SIMPLE = str.maketrans(_REGIONS.traditional)


def plain(name: str) -> str:
    """A name without what people write differently: full-width letters, capitals, blanks, hyphens, old forms."""
    return re.sub(r"[\s\-_'’]+", "", unicodedata.normalize("NFKC", name)).lower().translate(_SIMPLE)


@cache
def _countries() -> dict[str, Country]:
    with (TABLES / "countries.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["id"]: Country(row["id"], Text(zh=row["name_zh"], en=row["name_en"])) for row in rows}


def names() -> list[str]:
    """Every name that a place is known by, in lower case."""
    return list(_names())


def known(name: str) -> bool:
    """Whether a place is called `name`."""
    return plain(name) in _names()


def located(name: str) -> str:
    """What `name` says of where something lies: a place, a city of one, a country, or a code of ISO 3166 as it is.

    Raises UnknownNameError with the nearest names.
    """
    if known(name) or _city(name) or re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", name.strip()):
        return name
    if name.strip().lower() in {part for one in _countries().values()
                                for part in (one.id.lower(), one.name.en.lower(), one.name.zh)}:
        return name
    raise UnknownNameError("place", name, [n for p in _catalogue().values() for n in (p.slug, p.name.zh)])


def resolve(name: str) -> Place:
    """The place called `name`: ISO id, slug, English or Chinese name (short or full) or GB/T 2260 code.

    `china`, `cn`, `nation` and their Chinese are the nation. Raises `UnknownNameError` with the nearest names.
    """
    found = _names().get(plain(name))
    if found is None and (owner := _city(name)):
        raise InvalidInputError(f"{name} is a city of {owner.name.en} ({owner.name.zh}); there are no data of cities.",
                                where=Parameter("place"), fix=f"name the province: {owner.slug}.")
    if found is None:
        raise UnknownNameError("place", name, [n for p in _catalogue().values() for n in (p.slug, p.name.zh)])
    return _catalogue()[found]


def _city(name: str) -> Place | None:
    """The province of a prefecture-level city, by its Chinese name or that of the largest in pinyin."""
    wanted = plain(name).removesuffix(_REGIONS.city)
    return next((_catalogue()[place] for place, cities in _REGIONS.cities.items() if wanted in cities), None)


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
