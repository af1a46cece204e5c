"""A year of an installation that exports to the EU: its processes, precursors and lots, declared.

Embedded emissions are those of the scheme `border_goods`, certificates those of `border_certificates`; the operator's
template of the European Commission is filled from the same declaration, so that one set of numbers is told once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from seedbed.base.datafile import load_yaml, parse
from seedbed.base.errors import InvalidInputError
from seedbed.base.shown import Shown
from seedbed.base.text import Model, Text
from seedbed.operate.assess import Assessment, assess
from seedbed.operate.cells import Value, fill
from seedbed.operate.scheme import Exact

CN = r"^(\d{8})?$"
PROCESSES, BOUGHT, PRODUCTS = 10, 20, 100  # that the template holds


class Site(Model):
    """Where goods are made, as the template asks."""

    name: Text
    street: str = ""
    activity: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "China"
    unlocode: str = ""
    representative: str = ""
    email: str = ""
    telephone: str = ""


class Electricity(Model):
    """Electricity used: MWh, tCO2/MWh, and where the factor comes from (the template's list: D.4(a), D.4.1 … Mix)."""

    mwh: Exact = Field(ge=0)
    factor: Exact = Field(ge=0)
    origin: str = "D.4.1"


class Process(Model):
    """A production process: goods of one category. `consumed`: tonnes of its output that other processes take.

    With its CN code (and the letter of its benchmark's route) its free allocation counts in the goods made of it.
    """

    id: str
    cn: str = Field(default="", pattern=CN)
    benchmark_route: str = ""
    category: str
    route: str = "All production routes"
    produced_t: Exact = Field(gt=0)
    market_t: Exact = Field(ge=0)
    direct_t: Exact = Field(ge=0)
    electricity: Electricity | None = None
    annex2: bool = True
    consumed: dict[str, Exact] = Field(default_factory=dict)


class Bought(Model):
    """A precursor that is bought: its emissions and electricity a tonne, and the tonnes that each process takes.

    `sefa`: its free allocation a tonne as the supplier states it; else benchmark B of its CN code counts.
    """

    id: str
    cn: str = Field(default="", pattern=CN)
    benchmark_route: str = ""
    sefa: Exact | None = Field(default=None, ge=0)
    category: str
    country: str = Field(default="CN", pattern="^[A-Z]{2}$")
    route: str = "All production routes"
    bought_t: Exact = Field(gt=0)
    direct: Exact = Field(ge=0)
    electricity: Electricity | None = None
    measured: bool = True
    annex2: bool = True
    consumed: dict[str, Exact] = Field(default_factory=dict)


class Export(Model):
    """A good sold to the EU: process, code, and the lots that importers bring in by quarter."""

    process: str
    cn: str = Field(pattern=r"^\d{8}$")
    name: str = ""
    route: str = ""
    lots: tuple[Lot, ...] = ()


class Lot(Model):
    """Tonnes of a good that an importer brings in within a quarter."""

    importer: str
    quarter: str = Field(pattern=r"^20\d\d-Q[1-4]$")
    mass_t: Exact = Field(gt=0)


class Declaration(Model):
    """A period of an installation."""

    id: str
    site: Site
    start: date
    end: date
    processes: tuple[Process, ...] = Field(min_length=1, max_length=PROCESSES)
    bought: tuple[Bought, ...] = Field(default=(), max_length=BOUGHT)
    exports: tuple[Export, ...] = Field(default=(), max_length=PRODUCTS)

    @model_validator(mode="after")
    def _closed(self) -> Declaration:
        """Names are known, and no more is taken or sold than is made or bought."""
        known = {one.id for one in self.processes}
        if len(known) < len(self.processes):
            raise ValueError("two processes have one id")
        if self.end <= self.start:
            raise ValueError("the period ends before it starts")
        for one in (*self.processes, *self.bought):
            if unknown := one.consumed.keys() - known:
                raise ValueError(f"{one.id} goes into {sorted(unknown)[0]}, which is no process")
            there = one.produced_t if isinstance(one, Process) else one.bought_t
            gone = sum(one.consumed.values(), one.market_t if isinstance(one, Process) else Decimal(0))
            if gone > there:
                raise ValueError(f"{gone} t of {one.id} are sold or used; there are {there} t")
        for export in self.exports:
            if export.process not in known:
                raise ValueError(f"{export.cn} is made by {export.process}, which is no process")
        return self


@dataclass(frozen=True)
class Declared(Shown):
    """What a declaration comes to: emissions a tonne of each process, and the certificates of each importer's year.

    `lacking`: what goes into goods without a code, so that its free allocation is not counted.
    """

    declaration: Declaration
    goods: Assessment
    certificates: Mapping[tuple[str, int], Assessment]
    lacking: tuple[str, ...] = ()

    def about(self) -> Mapping[str, object]:
        return {"declaration": self.declaration.id, **dict(zip(
            (one.id for one in self.declaration.processes), map(str, self.goods["see"]), strict=True))}


def read(path: Path) -> Declaration:
    """The declaration that a YAML or JSON file holds. Raises InvalidInputError naming its place."""
    if not path.is_file() or path.suffix.lower() not in (".yaml", ".yml", ".json"):
        raise InvalidInputError("is no .yaml file that is there.", where=str(path), fix="name a .yaml file.")
    return parse(load_yaml(path), Declaration, where=path.name)


def declare(of: Declaration, on: date | None = None) -> Declared:
    """Embedded emissions of every process, and the certificates of every importer and calendar year."""
    goods = assess("border_goods", _goods(of), on or of.end)
    see = {one.id: value for one, value in zip(of.processes, goods["see"], strict=True)}
    lots: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for n, export in enumerate(of.exports):
        for m, lot in enumerate(export.lots, start=1):
            lots.setdefault((lot.importer, int(lot.quarter[:4])), []).append(
                {"id": f"{n + 1}.{m}: {export.cn} {lot.quarter}", "code": export.cn, "route": export.route,
                 "mass_t": lot.mass_t, "quarter": lot.quarter, "see": see[export.process]})
    made: dict[tuple[str, int], Assessment] = {}
    lacking: dict[str, None] = {}
    for key, rows in sorted(lots.items()):
        day = date(key[1], 12, 31)
        chain = Chain(of, see, day)
        parts = [{**part, "good": row["id"]} for row in rows
                 for part in chain.parts(of.exports[int(row["id"].split(".")[0]) - 1].process)]
        made[key] = assess("border_certificates", {"goods": rows, "precursors": parts}, day)
        lacking |= chain.lacking
    return Declared(of, goods, made, tuple(lacking))


class Chain:
    """Free allocation along the chain: of each process benchmark A, and of what goes into it its own."""

    def __init__(self, of: Declaration, see: Mapping[str, Decimal], day: date) -> None:
        self.of, self.see, self.day = of, see, day
        self.known: dict[str, Decimal | None] = {}
        self.lacking: dict[str, None] = {}

    def parts(self, process: str) -> list[dict[str, Any]]:
        """What goes into a tonne of a process, with its free allocation; what lacks a code is left out, and told."""
        made = next(one.produced_t for one in self.of.processes if one.id == process)
        found = []
        for one in (*self.of.processes, *self.of.bought):
            if process not in one.consumed:
                continue
            sefa = self.sefa(one) if isinstance(one, Process) else one.sefa
            if sefa is None and (isinstance(one, Process) or not one.cn):
                self.lacking[one.id] = None
                continue
            found.append({"m": one.consumed[process] / made, "code": one.cn, "route": one.benchmark_route,
                          "sefa": sefa})
        return found

    def sefa(self, one: Process) -> Decimal | None:
        """Free allocation a tonne of a process; None without a code or within a loop."""
        if one.id not in self.known:
            self.known[one.id] = None  # within a loop
            if one.cn:
                rows = [{"id": one.id, "code": one.cn, "route": one.benchmark_route, "see": self.see[one.id]}]
                parts = [{**part, "good": one.id} for part in self.parts(one.id)]
                made = assess("border_certificates", {"goods": rows, "precursors": parts}, self.day)
                self.known[one.id] = made["adjustment"][0]
        return self.known[one.id]


def _goods(of: Declaration) -> dict[str, Any]:
    made = {one.id: one.produced_t for one in of.processes}
    own = [{"into": into, "of": one.id, "m": tonnes / made[into], "annex2": one.annex2}
           for one in of.processes for into, tonnes in one.consumed.items()]
    bought = [{"into": into, "m": tonnes / made[into], "see": one.direct, "see_indirect": _indirect(one.electricity),
               "annex2": one.annex2, "origin": one.country}
              for one in of.bought for into, tonnes in one.consumed.items()]
    return {"processes": [{"id": one.id, "plant": of.id, "attributed_t": one.direct_t, "activity_t": one.produced_t,
                           "indirect_t": _indirect(one.electricity), "annex2": one.annex2} for one in of.processes],
            "precursors": own + bought}


def _indirect(used: Electricity | None) -> Decimal:
    return used.mwh * used.factor if used else Decimal(0)


def cells(of: Declaration) -> dict[tuple[str, str], Value]:
    """What goes where in the Commission's communication template (version of 13 December 2024)."""
    out: dict[tuple[str, str], Value] = {("A_InstData", "I9"): of.start, ("A_InstData", "L9"): of.end}
    site = of.site
    for row, text in ((19, site.name.zh), (20, site.name.en), (21, site.street), (22, site.activity),
                      (23, site.postcode), (25, site.city), (26, site.country), (27, site.unlocode),
                      (30, site.representative), (31, site.email), (32, site.telephone)):
        if text:
            out["A_InstData", f"I{row}"] = text
    categories = list(dict.fromkeys(one.category for one in of.processes))
    for n, category in enumerate(categories):
        out["A_InstData", f"E{62 + n}"] = category
        routes = dict.fromkeys(one.route for one in of.processes if one.category == category and one.route != ALL)
        for column, route in zip("IJKLMN", routes, strict=False):
            out["A_InstData", f"{column}{62 + n}"] = route
    for n, one in enumerate(of.processes):
        out |= {("A_InstData", f"E{83 + n}"): one.category, ("A_InstData", f"F{83 + n}"): ONLY,
                ("A_InstData", f"L{83 + n}"): one.id}
        out |= {("D_Processes", cell): value for cell, value in _process(of, n, one).items()}
    for n, one in enumerate(of.bought):
        out |= {("A_InstData", f"E{102 + n}"): one.category, ("A_InstData", f"F{102 + n}"): one.country,
                ("A_InstData", f"L{102 + n}"): one.id}
        if one.route != ALL:
            out["A_InstData", f"G{102 + n}"] = one.route
        out |= {("E_PurchPrec", cell): value for cell, value in _bought(of, n, one).items()}
    for n, export in enumerate(of.exports):
        out |= {("Summary_Products", f"D{10 + n}"): export.process, ("Summary_Products", f"F{10 + n}"): export.cn,
                ("Summary_Products", f"H{10 + n}"): export.name or export.cn}
    return out


ALL, ONLY = "All production routes", "Only direct production"


def _process(of: Declaration, n: int, one: Process) -> dict[str, Value]:
    """The block of a process: 65 rows each; other processes are listed in order, without itself."""
    top = 11 + 65 * n
    out: dict[str, Value] = {f"L{top + 5}": one.produced_t, f"L{top + 16}": one.market_t, f"L{top + 43}": one.direct_t,
                             f"K{top + 39}": False, f"L{top + 39}": False}
    others = [other.id for other in of.processes if other.id != one.id]
    for place, other in enumerate(others):
        if other in one.consumed:
            out[f"L{top + 21 + place}"] = one.consumed[other]
    if one.electricity:
        out |= {f"L{top + 54}": one.electricity.mwh, f"L{top + 55}": one.electricity.factor,
                f"L{top + 56}": one.electricity.origin}
    return out


def _bought(of: Declaration, n: int, one: Bought) -> dict[str, Value]:
    """The block of a bought precursor: 44 rows each; every process is listed in order."""
    top = 14 + 44 * n
    out: dict[str, Value] = {f"L{top + 3}": one.bought_t, f"L{top + 35}": one.direct,
                             f"M{top + 35}": "Measured" if one.measured else "Default"}
    for place, process in enumerate(of.processes):
        if process.id in one.consumed:
            out[f"L{top + 14 + place}"] = one.consumed[process.id]
    rest = one.bought_t - sum(one.consumed.values(), Decimal(0))
    if rest:
        out[f"L{top + 24}"] = rest
    if one.electricity:
        out |= {f"L{top + 36}": one.electricity.mwh, f"M{top + 36}": "Measured" if one.measured else "Default",
                f"L{top + 37}": one.electricity.factor, f"M{top + 37}": one.electricity.origin}
    return out


def fill_template(of: Declaration, template: Path, target: Path) -> int:
    """Fill the Commission's template, which the user gives; the number of cells filled."""
    values = cells(of)
    fill(template, target, values)
    return len(values)
