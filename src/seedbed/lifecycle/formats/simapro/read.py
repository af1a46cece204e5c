"""SimaPro CSV: reads the text exports of processes, product stages and impact methods.

The format has no published specification. What is read here follows the files SimaPro writes: a header of
`{…}` lines that names the separators, then blocks that end with `End`, each made of titled sections that
end with an empty line. Everything is linked by name, so a product or waste is the same flow wherever its
name occurs; its id is a hash of kind, name and unit, the same in every file.

How the tables are filled where SimaPro says it in its own way:

- a waste treatment takes its waste in (reference, input); "waste to treatment" sends waste out;
- avoided products are outputs marked `avoided`; resources are inputs, emissions outputs, both positive;
- final waste, non-material, social and economic issues are elementary, compartment "other/…";
- the spread of a lognormal is GSD², of a normal 2 s.d., as SimaPro shows them;
- waste scenarios follow their fractions where these hold for all waste; a fraction of one waste type
  depends on what the waste is made of, so its amount stays unknown.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import polars as pl

from seedbed.base import formulas, units
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.formats.fields import cas_number
from seedbed.lifecycle.formats.packages import UNREADABLE, damaged, database_name, members
from seedbed.lifecycle.formats.shares import Shares
from seedbed.lifecycle.formats.simapro.text import Block, File, Row
from seedbed.lifecycle.formats.spellings import any_of, spellings
from seedbed.lifecycle.formats.tally import Tally
from seedbed.lifecycle.inventory.tables import DEFECTS, TABLES, Inventory, Reading, table

Spread = tuple[str | None, float | None, float | None, float | None, float | None]

_SPREAD = ("distribution", "loc", "scale", "low", "high")
_NO_SPREAD: Spread = (None, None, None, None, None)
_EXCHANGE = ("process", "row", "flow", "direction", "amount", "unit", "reference", "avoided", "formula", *_SPREAD,
             "pedigree", "comment")
_TECHNOSPHERE = {  # section: kind of flow, direction, avoided
    "Materials/fuels": ("product", "input", False),
    "Electricity/heat": ("product", "input", False),
    "Materials/assemblies": ("product", "input", False),
    "Processes": ("product", "input", False),
    "Assembly": ("product", "input", False),
    "Additional life cycles": ("product", "input", False),
    "Avoided products": ("product", "output", True),
    "Waste to treatment": ("waste", "output", False),
    "Waste/Disposal scenario": ("waste", "output", False),
}
_ELEMENTARY = {  # section: direction, compartment
    "Resources": ("input", "resource"),
    "Emissions to air": ("output", "air"),
    "Emissions to water": ("output", "water"),
    "Emissions to soil": ("output", "soil"),
    "Final waste flows": ("output", "other/final waste"),
    "Non material emissions": ("output", "other/non-material"),
    "Social issues": ("output", "other/social"),
    "Economic issues": ("output", "other/economic"),
}
_MADE = ("Products", "Waste treatment", "Waste scenario")
_FRACTIONS = ("Separated waste", "Remaining waste")
_PARAMETERS = ("Input parameters", "Calculated parameters")
_SUBSTANCES = {  # block of the substance list: compartment
    "Raw materials": "resource",
    "Airborne emissions": "air",
    "Waterborne emissions": "water",
} | {title: compartment for title, (_, compartment) in _ELEMENTARY.items()}
_FACTOR_MEDIA = {
    "raw": "resource", "air": "air", "water": "water", "soil": "soil", "waste": "other/final waste",
    "non mat.": "other/non-material", "social": "other/social", "economic": "other/economic",
}
_SUBCOMPARTMENTS = {
    "(unspecified)": "", "unspecified": "",
    "low. pop.": "low population density", "high. pop.": "high population density",
    "low. pop., long-term": "low population density, long-term", "in ground": "ground", "in water": "water",
    "in air": "air", "fossilwater": "fossil water",
}
_GEOGRAPHIES = {
    "World": "GLO", "Asia, China": "CN", "China": "CN", "Asia, Japan": "JP", "Asia, Korea": "KR",
    "Asia, Indian region": "IN", "Europe, Western": "RER", "Europe": "RER", "North America": "RNA", "Global": "GLO",
}
_UNSAID = ("", "unspecified", "unknown", "mixed data", "not defined")
_STAGES = ("assembly", "life cycle")  # of the product stages, those that are plain sums of inputs
_ALL_WASTE = ("", "all waste types")
_MISSING = "amount_missing"
_PLACE = re.compile(r"\{([A-Za-z][\w-]*)\}|/([A-Z]{2,3}(?:-[A-Z]{2,4})?)(?=/|\s|$)")
_PEDIGREE = re.compile(r"\(\s*([1-5])" + r"\s*[,;]\s*([1-5])" * 4 + r"\s*[,;)]")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def read(path: Path, *, name: str | None = None, progress: Callable[[int, int], None] | None = None) -> Reading:
    """Read a SimaPro CSV file (UTF-8, Windows-1252 or GB 18030; semicolon, comma or tab), also in a zip or folder.

    `name` of the inventory: by default the project's, else the file's. Raises InvalidInputError only if there
    is not one SimaPro CSV file; bad records become defects, located as `file:line`.
    """
    with members(path, path.suffix if path.is_file() and not is_zipfile(path) else ".csv") as files:
        if len(files) > 1:
            raise InvalidInputError(f"{len(files)} CSV files are here.", where=path.name, fix="name one of them.")
        try:
            with files[0].open() as stream:
                content = stream.read()
        except UNREADABLE as error:
            raise damaged(path, error) from error
        file = File(files[0].name, content)
    reader = _Reader(file)
    blocks = list(file.blocks())
    for block in blocks:
        reader.register_reference(block)
    for block in blocks:
        reader.register_products(block)
    for number, block in enumerate(blocks):
        reader.read(block)
        if progress:
            progress(number + 1, len(blocks))
    return reader.reading(database_name(name, file.project, path))


@dataclass(frozen=True, slots=True)
class _Flow:
    id: str
    unit: str


@dataclass(frozen=True, slots=True)
class _Amount:
    """An amount as written: a number or a formula (or neither), in `unit`, and its four uncertainty fields."""

    number: float | None
    unit: str
    formula: str | None = None
    spread: Sequence[str] = ()
    missing: str = ""  # why there is no amount
    text: str | None = None


class _Reader:
    """Fills the tables: first the reference data, then who makes what, then the processes."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.tables: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        self.exchanges: list[tuple[Any, ...]] = []
        self.defects: list[dict[str, Any]] = []
        self.tally = Tally()
        self.parameters: dict[str, dict[str, dict[str, Any]]] = {"Database": {}, "Project": {}}
        self.flows: dict[tuple[str, ...], _Flow] = {}
        self.units: dict[str, tuple[float, str]] = {}
        self.substances: dict[tuple[str, str], Sequence[str]] = {}
        self.processes: set[str] = set()
        self.shares = Shares()
        self.characterised: set[tuple[str, str]] = set()  # indicator and flow
        self.everywhere: list[tuple[str, str, str, float, str]] = []  # factors of a whole medium

    def reading(self, name: str) -> Reading:
        self.tables["parameters"] += self.global_parameters()
        self.spread_factors()
        self.shares.settle(table(TABLES["parameters"], self.tables["parameters"]), self.put_share, self.lost_share)
        frames: dict[str, Any] = {key: table(schema, self.tables[key]) for key, schema in TABLES.items()}
        columns = list(zip(*self.exchanges, strict=True)) or [()] * len(_EXCHANGE)
        types = {key: TABLES["exchanges"][key] for key in _EXCHANGE}
        exchanges = pl.DataFrame(dict(zip(_EXCHANGE, columns, strict=True)), schema=types, strict=False)
        frames["exchanges"] = table(TABLES["exchanges"], exchanges)
        inventory = Inventory(name=name, version=self.file.date, **frames)
        return Reading(inventory, table(DEFECTS, self.defects), seen=self.tally.frame())

    def global_parameters(self) -> list[dict[str, Any]]:
        """Those of database and project: one of the project hides one of the database, but not from the database's own
        formulas, which see what the database says under another name."""
        database, project = self.parameters["Database"], self.parameters["Project"]
        both = database.keys() & project.keys()
        seen = {name for row in database.values() if row.get("formula") for name in formulas.names(row["formula"])}
        hidden = {name: f"{name}_of_the_database" for name in both & seen}
        rows = [row | {"name": hidden.get(name, row["name"])} for name, row in database.items()
                if name not in both or name in hidden]
        for row in rows:
            for name, other in hidden.items() if row.get("formula") else ():
                row["formula"] = re.sub(rf"(?i)\b{re.escape(name)}\b", other, str(row["formula"]))
        return [*rows, *project.values()]

    def put_share(self, row: int, factor: float) -> None:
        self.tables["allocation"][row]["factor"] = factor

    def lost_share(self, process: str, formula: str) -> None:
        self.defects.append({"kind": "formula_bad", "where": self.file.name, "process": process, "detail": formula})

    def where(self, line: int) -> str:
        return f"{self.file.name}:{line}"

    def defect(self, kind: str, line: int, **fields: Any) -> None:
        self.defects.append({"kind": kind, "where": self.where(line), **fields})

    # Reference data and flows

    def register_reference(self, block: Block) -> None:
        if block.title == "Units":
            for _, (unit, _, size, base, *_) in self.file.rows(block):
                if number := self.file.number(size):
                    self.units[unit] = (number, base)
        elif block.title in _SUBSTANCES:
            self.substances |= {(_SUBSTANCES[block.title], fields[0]): fields for _, fields in self.file.rows(block)}
        elif block.title == "Literature reference":
            text = {title: _text(rows) for title, rows in self.file.sections(block)}
            citation = ". ".join(filter(None, (text.get("Name"), text.get("Description"))))
            self.tables["sources"].append(
                {"id": text.get("Name"), "citation": citation, "url": text.get("Documentation link") or None}
            )

    def register_products(self, block: Block) -> None:
        """A product's unit is that of the process which makes it, wherever else it is named."""
        if block.title in ("Process", "Product stage"):
            for title, rows in self.file.sections(block, *_MADE):
                for line, fields in rows:
                    self.flow("product" if title == "Products" else "waste", fields[0], fields[1], line)

    def flow(self, kind: str, name: str, unit: str, line: int, medium: str = "", part: str = "") -> _Flow:
        """The flow of this name, made where it is first met. `medium` and `part`: compartment of an elementary flow."""
        key = (kind, name.casefold() if kind == "elementary" else name, medium, part.casefold())
        if key in self.flows:
            return self.flows[key]
        _, listed, cas, comment, *_ = self.substances.get((medium, name), [""] * 4)
        symbol = self.unit(listed or unit)[0]
        found = self.flows[key] = _Flow(_hash(*key, symbol), symbol)
        formula = re.search(r"Formula:\s*(\w+)", comment)
        self.tables["flows"].append({
            "id": found.id, **_names(name), "kind": kind, "unit": symbol or None, "where": self.where(line),
            "compartment": "/".join(filter(None, (medium, part))) or None,
            "cas": cas_number(cas), "formula": formula[1] if formula else None,
        })
        if not units.canonical(symbol):
            self.defect("flow_unknown_unit", line, flow=found.id, detail=symbol)
        return found

    def elementary(self, name: str, medium: str, part: str, unit: str, line: int) -> _Flow:
        return self.flow("elementary", name, unit, line, medium, _SUBCOMPARTMENTS.get(part.lower(), part))

    def unit(self, text: str) -> tuple[str, float]:
        """Symbol of a unit, and how many of it one `text` is: from our catalogue, else from the file's list.

        Where the file says another size of a unit than we know (a short ton called ton), the file is right.
        """
        size, base = self.units.get(text, (1.0, text))
        theirs = units.canonical(base) or base
        if symbol := units.canonical(text):
            with suppress(UnknownNameError, ValueError):
                if text in self.units and not math.isclose(size * units.factor(theirs, symbol), 1.0, rel_tol=0.001):
                    return theirs, size
            return symbol, 1.0
        return theirs, size

    def factor(self, unit: str, to: str) -> float | None:
        """How many `to` one `unit` is; None if they do not measure the same."""
        symbol, size = self.unit(unit)
        with suppress(UnknownNameError, ValueError):
            return size * units.factor(symbol, to)
        return None

    # Processes

    def read(self, block: Block) -> None:
        match block.title:
            case "Process":
                self.process(block)
            case "Product stage":
                self.stage(block)
            case "Method":
                self.method(block)
            case title if title.endswith(("Input parameters", "Calculated parameters")):
                level = "Project" if title.startswith("Project") else "Database"
                for row in self.parameter_rows(title, self.file.rows(block), None):
                    self.parameters[level][row["name"].lower()] = row

    def process(self, block: Block) -> None:
        sections = self.sections(block)
        text = {title: _text(rows) for title, rows in sections.items()}
        products = sections.get("Products", [])
        treated = sections.get("Waste treatment", []) + sections.get("Waste scenario", [])
        name = text.get("Process name") or next((fields[0] for _, fields in products + treated), "")
        # a product and the treatment of its waste may have one name
        made = _hash("process", text.get("Category type", ""), name) if name else ""
        process = self.begin(block, sections, text.get("Process identifier") or made)
        if process is None:
            return
        kind = {"Unit process": "unit", "System": "system"}.get(text.get("Type", ""))
        category = next((fields[5 if products else 4] for _, fields in products + treated), "")
        start, end = self.period(text.get("Time period", ""), process, block.first)
        self.tables["processes"].append({
            "id": process, **_names(name), "place": _place(text.get("Geography", ""), name), "start": start, "end": end,
            "category": _category(text.get("Category type", ""), category),
            "kind": "market" if re.search(r"\bmarket (group )?for\b", name) else kind,
            "allocation": self.allocate(process, products, text.get("Multiple output allocation", "")),
            "source": text.get("Literature references") or None, "comment": text.get("Comment") or None,
            "where": self.where(block.first),
        })
        for number, (line, fields) in enumerate(products):
            target = self.flow("product", fields[0], fields[1], line)
            self.exchange(process, target, "output", self.amount(*fields[1:3]), line, fields[6], reference=not number)
        for line, fields in treated:
            target = self.flow("waste", fields[0], fields[1], line)
            self.exchange(process, target, "input", self.amount(*fields[1:3]), line, fields[5], reference=True)
            self.fractions(process, self.amount(*fields[1:3]), sections)
        self.inputs_and_outputs(process, sections)

    def stage(self, block: Block) -> None:
        """Assemblies and life cycles, which add inputs up. End-of-life stages act on what an assembly holds."""
        sections = self.sections(block)
        products = sections.get("Products", [])
        category = _text(sections.get("Category type", []))
        name = next((fields[0] for _, fields in products), "")
        if category not in _STAGES:
            self.count(sections, None)
            self.defect("file_unreadable", block.first, detail=f"{category}: {name}")
            return
        process = self.begin(block, sections, _hash("process", name) if name else "")
        if process is None:
            return
        self.tables["processes"].append({
            "id": process, **_names(name), "kind": "unit", "allocation": "none", "where": self.where(block.first),
            "category": _category(category, products[0][1][3]),
        })
        for number, (line, fields) in enumerate(products):
            target = self.flow("product", fields[0], fields[1], line)
            self.exchange(process, target, "output", self.amount(*fields[1:3]), line, fields[4], reference=not number)
        self.inputs_and_outputs(process, sections)

    def sections(self, block: Block) -> dict[str, list[Row]]:
        """The sections of a block by title, those that repeat as one."""
        found: dict[str, list[Row]] = {}
        for title, rows in self.file.sections(block):
            found.setdefault(title, []).extend(rows)
        return found

    def count(self, sections: dict[str, list[Row]], process: str | None) -> None:
        """Tally the lines that state amounts; a section with such lines that nobody knows is a defect."""
        known = {*_TECHNOSPHERE, *_ELEMENTARY, *_MADE, *_FRACTIONS}
        self.tally.saw(self.file.name, "processes", process)
        for title, rows in sections.items():
            lines = rows
            if title not in known:
                lines = [] if title in _PARAMETERS else [row for row in rows if self.states_amount(row[1])]
                if lines and process:
                    self.defect("file_unreadable", lines[0][0], process=process, detail=title)
            self.tally.saw(self.file.name, "exchanges", process if title in known else None, len(lines))
        again = sum(len(sections.get(title, ())) for title in _MADE[1:]) - 1  # each waste treated goes the same ways
        if process and again > 0:
            fractions = sum(len(sections.get(title, ())) for title in _FRACTIONS)
            self.tally.change(self.file.name, "exchanges", process, again * fractions)

    def states_amount(self, fields: Sequence[str]) -> bool:
        """Whether a line has a name and, after it, a number and more."""
        filled = [text for text in fields[1:] if text]
        return bool(fields[0]) and len(filled) >= 2 and any(self.file.number(text) is not None for text in filled)

    def begin(self, block: Block, sections: dict[str, list[Row]], process: str) -> str | None:
        """The id of a new process; None, with a defect, if it has none. A second one of an id gets another."""
        if not process:
            self.count(sections, None)
            self.defect("rows_left_out", block.first, detail="no product")
            return None
        if process in self.processes:  # both are kept: which of them is meant the checks of suppliers ask
            self.defect("duplicate_id", block.first, process=process, detail=process)
            process = next(other for n in count(2) if (other := f"{process}-{n}") not in self.processes)
        self.processes.add(process)
        self.count(sections, process)
        self.row = 0
        return process

    def inputs_and_outputs(self, process: str, sections: dict[str, list[Row]]) -> None:
        for title, rows in sections.items():
            if title in _TECHNOSPHERE:
                kind, direction, avoided = _TECHNOSPHERE[title]
                for line, (name, unit, amount, *rest) in rows:
                    target = self.flow(kind, name, unit, line)
                    self.exchange(process, target, direction, self.amount(unit, amount, rest[:4]), line, rest[4],
                                  avoided=avoided)
            elif title in _ELEMENTARY:
                direction, medium = _ELEMENTARY[title]
                for line, (name, part, unit, amount, *rest) in rows:
                    target = self.elementary(name, medium, part, unit, line)
                    self.exchange(process, target, direction, self.amount(unit, amount, rest[:4]), line, rest[4])
            elif title in _PARAMETERS:
                self.tables["parameters"] += self.parameter_rows(title, rows, process)

    def amount(self, unit: str, text: str, spread: Sequence[str] = ()) -> _Amount:
        if not text:
            return _Amount(None, unit, missing=_MISSING)
        number = self.file.number(text)
        formula = self.file.formula(text) if number is None else None
        bad = "amount_not_number" if number is None and formula is None else ""
        return _Amount(number, unit, formula, spread, missing=bad, text=text)

    def exchange(self, process: str, flow: _Flow, direction: str, amount: _Amount, line: int, comment: str, *,
                 reference: bool = False, avoided: bool = False, detail: str | None = None) -> None:
        """One row, converted to the flow's unit."""
        self.row += 1
        key = {"process": process, "row": self.row, "flow": flow.id}
        number, formula, factor = amount.number, amount.formula, self.factor(amount.unit, flow.unit)
        if amount.missing:
            self.defect(amount.missing, line, **key, detail=detail or amount.text)
        elif factor is None:
            self.defect("unit_not_convertible", line, **key, value=number, detail=f"{amount.unit} → {flow.unit}")
            number = formula = None
        elif factor != 1:
            number = None if number is None else number * factor
            formula = f"({formula})*{factor!r}" if formula else None
        spread = _NO_SPREAD
        if factor is not None and not amount.missing:
            try:
                spread = self.spread(amount.spread, number, factor)
            except ValueError:
                self.defect("uncertainty_bad", line, **key, value=number, detail=" ".join(amount.spread))
        scores = _PEDIGREE.match(comment)
        self.exchanges.append(
            (process, self.row, flow.id, direction, number, amount.unit or None, reference, avoided, formula, *spread,
             f"({';'.join(scores.groups())})" if scores else None, comment.replace("\x7f", "\n") or None)
        )

    def spread(self, fields: Sequence[str], number: float | None, factor: float = 1.0) -> Spread:
        """Distribution, loc, scale, low and high. Raises ValueError if the fields make no distribution.

        `number` in the flow's unit (None: a formula, the distribution then sits around its value); the fields
        are per `factor` of it.
        """
        kind = fields[0].lower() if fields else ""
        if kind in ("", "undefined"):
            return _NO_SPREAD
        width, low, high = (self.file.number(text or "0") for text in fields[1:4])
        if width is None or low is None or high is None:
            raise ValueError
        low, high = low * factor, high * factor
        match kind:
            case "lognormal" if width >= 1:
                loc = math.log(abs(number)) if number else None
                return ("lognormal", loc, math.log(width) / 2, None, None) if width > 1 and number != 0 else _NO_SPREAD
            case "normal" if width >= 0:
                return ("normal", number, width * factor / 2, None, None) if width else _NO_SPREAD
            case "triangle" | "uniform" if low <= (low if number is None else number) <= high:
                if low == high:
                    return _NO_SPREAD
                return ("triangular", number, None, low, high) if kind == "triangle" else (kind, None, None, low, high)
        raise ValueError

    def fractions(self, process: str, whole: _Amount, sections: dict[str, list[Row]]) -> None:
        """Where the waste of a scenario goes: separated fractions, then shares of what remains."""
        whole_amount, left = math.nan if whole.number is None else whole.number, 1.0
        for title in _FRACTIONS:
            taken = 0.0
            for line, (name, waste_type, percent, comment, *_) in sections.get(title, []):
                percentage = self.file.number(percent) if waste_type.lower() in _ALL_WASTE else None
                share = math.nan if percentage is None else percentage / 100
                number, taken = whole_amount * left * share, taken + share
                known = not math.isnan(number)
                amount = _Amount(number if known else None, whole.unit, missing="" if known else _MISSING)
                target = self.flow("waste", name, whole.unit, line)
                self.exchange(process, target, "output", amount, line, comment, detail=waste_type or None)
            left -= taken

    def allocate(self, process: str, products: Sequence[Row], method: str) -> str:
        """Shares of the products of one process, normalised to 1; the allocation method they stand for."""
        if len(products) < 2:
            return "none"
        shares = [self.file.number(fields[3].removesuffix("%").strip()) for _, fields in products]
        by_value = re.search(any_of(spellings().by_value), method, re.IGNORECASE)
        way = "economic" if by_value else "physical"
        for (line, fields), share in zip(products, shares, strict=True):
            target = self.flow("product", fields[0], fields[1], line)
            if share is None and fields[3] and (formula := self.file.formula(fields[3])):
                self.shares.add(len(self.tables["allocation"]), process, formula, per=100)
                row = {"process": process, "flow": target.id, "method": way, "factor": math.nan}
                self.tables["allocation"].append(row)
            elif share is None:
                self.defect("allocation_missing", line, process=process, flow=target.id, detail=fields[3])
            else:
                self.tables["allocation"].append(
                    {"process": process, "flow": target.id, "method": way, "factor": share / 100}
                )
        total = sum(share for share in shares if share is not None)
        if None not in shares and abs(total - 100) > 0.1:
            self.defect("allocation_sum", products[0][0], process=process, value=total / 100)
        return way

    def period(self, text: str, process: str, line: int) -> tuple[int | None, int | None]:
        years = [int(year) for year in re.findall(r"(?<!\d)(?:1[89]|20|21)\d\d(?!\d)", text)]
        if (not years and text.lower() not in _UNSAID) or years != sorted(years):
            self.defect("period_bad", line, process=process, detail=text)
            return None, None
        if not years:
            return None, None
        open_end = re.search("after|onward|later", text, re.IGNORECASE)
        open_start = re.search("before|earlier", text, re.IGNORECASE)
        return None if open_start else years[0], None if open_end else years[-1]

    def parameter_rows(self, title: str, rows: Sequence[Row], process: str | None) -> Iterator[dict[str, Any]]:
        for line, fields in rows:
            row: dict[str, Any] = {"process": process, "name": fields[0]}
            if title.endswith("Calculated parameters"):
                row |= {"formula": self.file.formula(fields[1]), "comment": fields[2] or None}
                if row["formula"] is None:
                    self.defect("formula_bad", line, process=process, detail=f"{fields[0]} = {fields[1]}")
            else:
                row |= {"value": self.file.number(fields[1]), "comment": fields[7] or None}
                if row["value"] is None:
                    self.defect("amount_not_number", line, process=process, detail=f"{fields[0]} = {fields[1]}")
                try:
                    row |= dict(zip(_SPREAD, self.spread(fields[2:6], row["value"]), strict=True))
                except ValueError:
                    self.defect("uncertainty_bad", line, process=process, detail=" ".join(fields[2:6]))
            yield row

    # Impact methods

    def method(self, block: Block) -> None:
        """One indicator an impact category; damage categories, normalisation and weighting are not read."""
        name, indicator = "", ""
        for title, rows in self.file.sections(block):
            if title == "Name":
                name = _text(rows)
            elif title == "Impact category" and rows:
                category, unit = rows[0][1][:2]
                indicator = f"{name}: {category}"
                twins = sum(row["id"] == indicator or row["id"].startswith(f"{indicator} (")
                            for row in self.tables["methods"])
                indicator += f" ({twins + 1})" if twins else ""
                self.tables["methods"].append({"id": indicator, **_names(indicator), "unit": unit, "source": name})
            elif title == "Substances":
                self.tally.saw(self.file.name, "factors", indicator, len(rows))
                for line, (medium, part, flow, _, factor, unit, *_) in rows:
                    self.characterise(indicator, (flow, medium, part, unit), factor, line)

    def characterise(self, indicator: str, flow: tuple[str, str, str, str], text: str, line: int) -> None:
        name, medium, part, unit = flow
        target = self.elementary(name, _FACTOR_MEDIA.get(medium.lower(), f"other/{medium}"), part, unit, line)
        number, size = self.file.number(text), self.factor(unit, target.unit)
        if number is None:
            self.defect("amount_not_number", line, flow=target.id, detail=text)
        elif size is None:
            self.defect("unit_not_convertible", line, flow=target.id, detail=f"{unit} → {target.unit}")
        else:
            self.tables["factors"].append({"method": indicator, "flow": target.id, "factor": number / size})
            self.characterised.add((indicator, target.id))
            known = name.casefold()
            if target is self.flows.get(("elementary", known, whole := _FACTOR_MEDIA.get(medium.lower(), ""), "")):
                self.everywhere.append((indicator, known, whole, number / size, target.unit))

    def spread_factors(self) -> None:
        """A factor of a whole medium holds in those of its parts that have none of their own."""
        parts: dict[tuple[str, str], list[_Flow]] = {}
        for (kind, name, *where), flow in self.flows.items():
            if kind == "elementary" and where[-1]:
                parts.setdefault((name, where[0]), []).append(flow)
        for indicator, name, medium, factor, unit in self.everywhere:
            for flow in parts.get((name, medium), ()):
                if (indicator, flow.id) in self.characterised:
                    continue
                with suppress(UnknownNameError, ValueError):
                    size = units.factor(flow.unit, unit)
                    self.tables["factors"].append({"method": indicator, "flow": flow.id, "factor": factor * size})
                    self.tally.change(self.file.name, "factors", indicator)
                    self.characterised.add((indicator, flow.id))


def _text(rows: Sequence[Row]) -> str:
    """The text of a section that is not a table; what SimaPro calls unspecified is empty."""
    text = "\n".join(fields[0] for _, fields in rows).replace("\x7f", "\n").strip()
    return "" if text.lower() in _UNSAID else text


def _names(name: str) -> dict[str, str]:
    return {"name_zh" if _CHINESE.search(name) else "name_en": name} if name else {}


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).hexdigest()


def _category(*parts: str) -> str | None:
    return "/".join(part.replace("\\", "/") for part in parts if part) or None


def _place(geography: str, name: str) -> str | None:
    """The place code in a product name (`{CN}`, `/CN U`), else the place of the geography field."""
    for match in _PLACE.finditer(name):
        code = match[1] or match[2]
        if not units.canonical(code):
            return code
    return _GEOGRAPHIES.get(geography, geography) or None
