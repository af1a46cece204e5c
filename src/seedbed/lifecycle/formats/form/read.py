"""Reading the form people fill in: an Excel workbook, or the same sheets as a folder of CSV files.

Cells are forgiving: a flow or process by id or name, a place by name, a unit by any spelling, a choice in
either language, uncertainty as in `spreads`. What cannot be used becomes a defect that names its cell
(`清单 Exchanges!D7`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from seedbed.base import formulas, units
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.text import Text
from seedbed.facts import places
from seedbed.lifecycle.formats import grids, spreads
from seedbed.lifecycle.formats.fields import cas_number, compartment
from seedbed.lifecycle.formats.form.schema import called, form
from seedbed.lifecycle.formats.packages import database_name
from seedbed.lifecycle.formats.tally import Tally
from seedbed.lifecycle.inventory.tables import COLUMNS, DEFECTS, PLACES, TABLES, Inventory, Reading, Schema, table
from seedbed.lifecycle.linked import STARTER

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")  # of thousands by points, or with three decimals
_COMMA = re.compile(r"[+-]?(?:0,\d+|\d+,(?:\d{1,2}|\d{4,}))")  # a decimal comma that cannot be one of thousands
_RAISED = re.compile(r"[\u00b9\u00b2\u00b3\u2070-\u209c]")  # superscripts and subscripts
_POWER = re.compile(r"(^|[×x*]\s*)10([\u207a\u207b]?[\u00b9\u00b2\u00b3\u2070-\u2079]+)$")
_SEPARATOR = re.compile(r"[,\uff0c\u3001;\uff1b\s]+")  # between names of databases, Chinese punctuation included
_SPREAD = tuple(spreads.NONE)
_NUMBERS = {pl.Float64: float, pl.Int32: int}


def read(path: Path, *, name: str | None = None, progress: Callable[[int, int], None] | None = None) -> Reading:
    """Read a filled form: a workbook (.xlsx) or a folder of CSV files.

    Raises InvalidInputError if sheets or headers are not those of the form, naming sheet and cell. Records
    that cannot be used become defects. Sheets of other names are left alone.
    """
    reader = _Reader(path, grids.read(path))
    steps = (reader.sources, reader.flows, reader.processes, reader.exchanges, reader.parameters, reader.rest)
    for number, step in enumerate(steps, start=1):
        step()
        if progress:
            progress(number, len(steps))
    return reader.reading(name)


@cache
def _codes(choice: str) -> dict[str, str]:
    """Every accepted spelling of a list's words, to its code."""
    found: dict[str, str] = {}
    for code, label in form().choices[choice].items():
        found |= dict.fromkeys(_spellings(label, code), code)
    return found


def _spellings(label: Text, name: str) -> list[str]:
    return [grids.key(text) for text in called(label, name)]


@dataclass(slots=True)
class _Index:
    """Ids by id or name; a name of several ids finds none."""

    ids: set[str] = field(default_factory=set)
    names: dict[str, list[str]] = field(default_factory=dict)

    def add(self, id_: str, *names: str | None) -> None:
        self.ids.add(id_)
        for name in filter(None, names):
            found = self.names.setdefault(grids.key(name), [])
            if id_ not in found:
                found.append(id_)

    def find(self, text: str) -> str | None:
        if text in self.ids:
            return text
        found = self.names.get(grids.key(text), [])
        return found[0] if len(found) == 1 else None

    def candidates(self, text: str) -> str:
        """The text, and the ids it might mean."""
        return " ".join([text, *(f"→ {id_}" for id_ in self.names.get(grids.key(text), []))])


@dataclass(slots=True)
class _Cells:
    """A sheet's columns as values, and the cells that could not be read: kind, column, index, text."""

    grid: grids.Grid
    at: Mapping[str, int]
    values: dict[str, list[Any]]
    bad: list[tuple[str, str, int, str]]

    @property
    def count(self) -> int:
        return len(self.grid.rows)

    def __getitem__(self, column: str) -> list[Any]:
        return self.values[column]

    def where(self, index: int, column: str = "") -> str:
        return self.grid.where(self.at.get(column, 0), self.grid.rows[index][0])

    def place(self, index: int) -> dict[str, Any]:
        """Sheet, line and letters of a row (PLACES)."""
        letters = [grids.letter(self.at[column]) if column in self.at else None for column in COLUMNS]
        return {"sheet": self.grid.title, "line": self.grid.rows[index][0], "letters": letters}


_FOREIGN = {  # what the first cells of other tools' workbooks, or their sheets, say
    "Brightway": ({"database", "activity", "exchanges"}, frozenset()),
    "openLCA": (set(), frozenset({"generalinformation", "inputs", "outputs"})),
}


def _other_tool(found: Mapping[str, grids.Grid]) -> str | None:
    """The tool whose workbook this is, if it is one that is known."""
    sheets = {grids.key(name) for name in found}
    cells = {(row[0] or "").strip().lower() for grid in found.values()
             for row in (grid.header, *(row for _, row in grid.rows)) if row}
    return next((tool for tool, (marks, titles) in _FOREIGN.items()
                 if (marks and len(marks & cells) >= 2) or (titles and titles <= sheets)), None)


class _Reader:
    def __init__(self, path: Path, found: Mapping[str, grids.Grid]) -> None:
        self.file = path.name
        self.path = path
        self.defects: list[dict[str, Any]] = []
        by_name = {grids.key(name): grid for name, grid in found.items()}
        titles = {"guide": form().guide_title, **{name: sheet.label for name, sheet in form().sheets.items()}}
        self.sheets: dict[str, grids.Grid] = {}
        for name, label in titles.items():
            here = {id(by_name[spelling]): by_name[spelling] for spelling in _spellings(label, name)
                    if spelling in by_name}
            if len(here) > 1:
                names = ", ".join(grid.title for grid in here.values())
                raise InvalidInputError(f"the sheet {label.en} is there more than once: {names}.", where=self.file,
                                        fix="put the rows into one sheet.")
            if here:
                self.sheets[name] = next(iter(here.values()))
        for name in ("processes", "exchanges"):
            if name not in self.sheets and (tool := _other_tool(found)):
                raise InvalidInputError(f"this is a workbook of {tool}, not the form.", where=self.file,
                                        fix=f"export from {tool} in a format that is read, or fill in the template.")
            if name not in self.sheets:
                raise InvalidInputError(f"there is no sheet {form().sheets[name].title!r}.", where=self.file,
                                        fix="use the template; its sheets keep their names.")
        self.about = self.database()
        self.depends = tuple(filter(None, _SEPARATOR.split(self.about.get("depends", ""))))
        self.tables: dict[str, Any] = {}
        self.places: list[dict[str, Any]] = []
        self.tally = Tally()
        self.flow_index, self.process_index, self.outside = _Index(), _Index(), _Index()
        self.unit_of: dict[str, str | None] = {}

    def database(self) -> dict[str, str]:
        """Name, version, licence and dependencies, from the page of the guide."""
        guide = self.sheets.get("guide")
        spelled = {key: name for name, entry in form().database.items() for key in _spellings(entry.label, name)}
        rows = [] if guide is None else [guide.header, *(row for _, row in guide.rows)]
        known: dict[str, str | None] = {}
        for label, value, *_ in (row for row in rows if len(row) > 1 and row[0]):
            if (name := spelled.get(grids.key(label or ""))) is not None:
                known.setdefault(name, value)  # columns described further down may be called the same
        return {name: value for name, value in known.items() if value}

    def reading(self, name: str | None) -> Reading:
        made = Inventory(
            name=database_name(name, self.about.get("name"), self.path),
            version=self.about.get("version", ""), licence=self.about.get("licence", ""), depends=self.depends,
            **self.tables,
        )
        return Reading(made, table(DEFECTS, self.defects), table(PLACES, self.places), self.tally.frame())

    # Cells

    def cells(self, name: str) -> _Cells:
        """The columns of a sheet (all of its table and of the form), read by type; empty without the sheet."""
        sheet, grid = form().sheets[name], self.sheets.get(name)
        if grid is None:
            grid = grids.Grid(sheet.title, [column.header for column in sheet.columns.values()], [])
        spelled = {key: column for column, about in sheet.columns.items() for key in _spellings(about.label, column)}
        at = grids.columns_of(grid.header, spelled, grid)
        if missing := [about.header for column, about in sheet.columns.items() if about.required and column not in at]:
            raise InvalidInputError(f"the column {missing[0]!r} is missing.", where=f"{grid.title}!1",
                                    fix="put the header back into the first row, as in the template.")
        beyond = [(number, column) for number, row in grid.rows
                  for column, cell in enumerate(row) if cell is not None and column >= len(grid.header)]
        for number, column in beyond:  # a note beside the table, or a number that a comma cut in two
            if grid.cut:
                raise InvalidInputError("lies beyond the last header.", where=grid.where(column, number),
                                        fix="put texts and numbers with commas in quotation marks.")
            self.defect("choice_unknown", grid.where(column, number))
        result = _Cells(grid, at, {}, [])
        for column in {**TABLES[name], **sheet.columns}:
            texts = _column(grid, at[column]) if column in at else [None] * len(grid.rows)
            result.values[column] = list(self.parsed(name, column, texts, grid.comma, result.bad))
        return result

    def parsed(self, sheet: str, column: str, texts: Sequence[str | None], comma: bool | None,
               bad: list[tuple[str, str, int, str]]) -> Iterator[Any]:
        about = form().sheets[sheet].columns.get(column)
        codes = _codes(about.choice) if about and about.choice else None
        number = _NUMBERS.get(TABLES[sheet].get(column, pl.String))
        kind = "choice_unknown" if codes else "period_bad" if column in ("start", "end") else "amount_not_number"
        for index, text in enumerate(texts):
            value: Any = text
            if text is not None and codes is not None:
                value = codes.get(grids.key(text))
            elif text is not None and number is not None:
                value = _number(text, comma)
                value = int(value) if number is int and value is not None and value.is_integer() else value
                value = value if value is None or isinstance(value, number) else None
            if text is not None and value is None:
                bad.append((kind, column, index, text))
            yield value

    def report(self, cells: _Cells, **keys: Sequence[Any]) -> None:
        """Defects of the cells that could not be read; `keys`: process, row, flow of each row."""
        for kind, column, index, text in cells.bad:
            about = {key: values[index] for key, values in keys.items()}
            self.defect(kind, cells.where(index, column), detail=text, **about)

    def defect(self, kind: str, where: str, **fields: Any) -> None:
        self.defects.append({"kind": kind, "where": where, **fields})

    def named(self, cells: _Cells, key: str) -> tuple[list[str | None], list[bool]]:
        """Ids of the rows (the name where there is none), and which rows stay: those with an id not met before."""
        ids = [id_ or zh or en for id_, zh, en in zip(cells["id"], cells["name_zh"], cells["name_en"], strict=True)]
        stays: list[bool] = []
        seen: set[str] = set()
        for index, id_ in enumerate(ids):
            if id_ is None or id_ in seen:
                kind = "name_missing" if id_ is None else "duplicate_id"
                self.defect(kind, cells.where(index, "id"), detail=id_, **{key: id_})
            stays.append(id_ is not None and id_ not in seen)
            seen.add(id_ or "")
        self.report(cells, **{key: ids})
        return ids, stays

    # Tables

    def sources(self) -> None:
        self.put("sources", cells := self.cells("sources"))
        self.report(cells)

    def put(self, name: str, cells: _Cells, stays: Sequence[bool] | None = None, **changed: Sequence[Any]) -> None:
        schema: Schema = TABLES[name]
        columns = {column: changed.get(column, cells[column]) for column in schema}
        frame = pl.DataFrame(columns, schema=schema, strict=False)
        self.tables[name] = frame if stays is None else frame.filter(pl.Series(stays, dtype=pl.Boolean))

    def flows(self) -> None:
        cells = self.cells("flows")
        ids, stays = self.named(cells, "flow")
        symbols = [unit and (units.canonical(unit) or unit) for unit in cells["unit"]]
        compartments = [text and _compartment(text) for text in cells["compartment"]]
        kinds = [kind or ("elementary" if place else "product")
                 for kind, place in zip(cells["kind"], compartments, strict=True)]
        for index, (id_, symbol) in enumerate(zip(ids, symbols, strict=True)):
            if stays[index] and id_:
                self.flow_index.add(id_, cells["name_zh"][index], cells["name_en"][index])
                self.unit_of[id_] = symbol
                if symbol is None or units.canonical(symbol) is None:
                    self.defect("flow_unknown_unit", cells.where(index, "unit"), flow=id_, detail=symbol)
        where = [text or cells.where(index) for index, text in enumerate(cells["where"])]
        cas = [number and (cas_number(number) or number) for number in cells["cas"]]
        for index, number in enumerate(cells["cas"]):
            if number and not cas_number(number):
                self.defect("choice_unknown", cells.where(index, "cas"), flow=ids[index], detail=number)
        self.put("flows", cells, stays, cas=cas, id=ids, unit=symbols, compartment=compartments, kind=kinds,
                 where=where)
        if STARTER in self.depends:
            self.know_starter()

    def know_starter(self) -> None:
        """Flows of our own database, which people may name without listing them."""
        from seedbed.lifecycle.starter.build import starter

        for id_, zh, en, unit in starter().flows.select("id", "name_zh", "name_en", "unit").iter_rows():
            self.outside.add(id_, zh, en)
            self.unit_of.setdefault(id_, unit)

    def processes(self) -> None:
        cells = self.cells("processes")
        ids, stays = self.named(cells, "process")
        for index, id_ in enumerate(ids):
            self.tally.saw(self.file, "processes", id_ if stays[index] else None)
            if stays[index] and id_:
                self.process_index.add(id_, cells["name_zh"][index], cells["name_en"][index])
        where = [text or cells.where(index) for index, text in enumerate(cells["where"])]
        located = [text and _place(text) for text in cells["place"]]
        self.put("processes", cells, stays, id=ids, place=located, where=where)

    def exchanges(self) -> None:
        cells = self.cells("exchanges")
        of = self.owners(cells)
        rows = _numbered(of, cells["row"])
        flows = [self.flow(text, cells, index, of[index], rows[index]) for index, text in enumerate(cells["flow"])]
        self.report(cells, process=of, row=rows, flow=flows)
        for owner in of:
            self.tally.saw(self.file, "exchanges", owner or "")
        self.places += [{"process": of[index], "row": row, **cells.place(index)} for index, row in enumerate(rows)]
        unread = {index for kind, column, index, _ in cells.bad if column == "amount"}
        amounts, written, spread = [], [], {name: [] for name in _SPREAD}
        for index in range(cells.count):
            key = {"process": of[index], "row": rows[index], "flow": flows[index]}
            amount, formula, size = self.amount(cells, index, key, index in unread)
            known = amount is not None or formula is not None  # else that there is none has been said
            drawn = self.spread(cells, index, amount, size, key) if known else spreads.NONE
            amounts.append(amount)
            written.append(formula)
            for name in _SPREAD:
                spread[name].append(drawn[name])
        self.put(
            "exchanges", cells, process=of, row=rows, flow=flows, amount=amounts, formula=written,
            unit=[source or unit for source, unit in zip(cells["source_unit"], cells["unit"], strict=True)],
            reference=[value == "true" for value in cells["reference"]],
            avoided=[value == "true" for value in cells["avoided"]],
            provider=[text and self.provider(text, cells, index, of[index])
                      for index, text in enumerate(cells["provider"])],
            **spread,
        )

    def owners(self, cells: _Cells) -> list[str | None]:
        """The process of each row; a blank cell repeats the one above."""
        owners: list[str | None] = []
        current: str | None = None
        for index, text in enumerate(cells["process"]):
            if text is not None:
                current = self.process_index.find(text)
                if current is None:
                    current = text
                    self.defect("process_missing", cells.where(index, "process"), process=text,
                                detail=self.process_index.candidates(text))
            elif current is None:
                self.defect("process_missing", cells.where(index, "process"))
            owners.append(current)
        return owners

    def flow(self, text: str | None, cells: _Cells, index: int, process: str | None, row: int) -> str | None:
        found = text and (self.flow_index.find(text) or self.outside.find(text))
        if not found and not (text and set(self.depends) - {STARTER}):
            self.defect("flow_missing", cells.where(index, "flow"), process=process, row=row, flow=text,
                        detail=text and self.flow_index.candidates(text))
        return found or text

    def provider(self, text: str, cells: _Cells, index: int, process: str | None) -> str:
        found = self.process_index.find(text)
        if found is None and ":" not in text:
            self.defect("provider_missing", cells.where(index, "provider"), process=process,
                        detail=self.process_index.candidates(text))
        return found or text

    def amount(
        self, cells: _Cells, index: int, key: Mapping[str, Any], unread: bool
    ) -> tuple[float | None, str | None, float]:
        """Amount and formula in the unit of the flow, and how many of these one typed unit is."""
        amount, formula, unit = cells["amount"][index], cells["formula"][index], cells["unit"][index]
        if amount is None and formula is None and not unread:
            self.defect("amount_missing", cells.where(index, "amount"), **key)
        if formula is not None:
            self.check_formula(formula, cells.where(index, "formula"), **key)
        own = self.unit_of.get(key["flow"])
        if unit is None or own is None or unit == own:
            return amount, formula, 1.0
        try:
            size = units.factor(unit, own)
        except (UnknownNameError, ValueError):
            where = cells.where(index, "unit")
            self.defect("unit_not_convertible", where, **key, value=amount, detail=f"{unit} → {own}")
            return None, None, 1.0
        if size == 1:
            return amount, formula, size
        return amount and amount * size, formula and f"({formula})*{size!r}", size

    def spread(
        self, cells: _Cells, index: int, amount: float | None, size: float, key: Mapping[str, Any]
    ) -> spreads.Spread:
        text = cells["uncertainty"][index]
        if text is None:
            return spreads.NONE
        try:
            return spreads.parse(text, amount, size)
        except ValueError:
            self.defect("uncertainty_bad", cells.where(index, "uncertainty"), **key, value=amount, detail=text)
            return spreads.NONE

    def check_formula(self, formula: str, where: str, **key: Any) -> None:
        try:
            formulas.names(formula)
        except InvalidInputError:
            self.defect("formula_bad", where, **{"detail": formula, **key})

    def parameters(self) -> None:
        cells = self.cells("parameters")
        of = [text and (self.process_index.find(text) or text) for text in cells["process"]]
        self.report(cells, process=of)
        spread: dict[str, list[Any]] = {name: [] for name in _SPREAD}
        for index, name in enumerate(cells["name"]):
            if name is None:
                self.defect("name_missing", cells.where(index, "name"), process=of[index])
            self.places.append({"process": of[index], "name": name, **cells.place(index)})
            if (process := of[index]) is not None and process not in self.process_index.ids:
                self.defect("process_missing", cells.where(index, "process"), process=process, detail=process)
            if formula := cells["formula"][index]:
                where = cells.where(index, "formula")
                self.check_formula(formula, where, process=process, detail=f"{name} = {formula}")
            drawn = self.spread(cells, index, cells["value"][index], 1.0, {"process": process})
            for column in _SPREAD:
                spread[column].append(drawn[column])
        self.put("parameters", cells, [name is not None for name in cells["name"]], process=of, **spread)

    def rest(self) -> None:
        """Allocation, methods and factors, which an exported form may have."""
        for name in ("allocation", "methods", "factors"):
            cells = self.cells(name)
            changed: dict[str, list[Any]] = {}
            if name == "allocation":
                changed["process"] = [text and (self.process_index.find(text) or text) for text in cells["process"]]
            if name != "methods":
                changed["flow"] = [
                    text and (self.flow_index.find(text) or self.outside.find(text) or text) for text in cells["flow"]
                ]
            for indicator in cells["method"] if name == "factors" else ():
                self.tally.saw(self.file, "factors", indicator or "")
            if name == "allocation":
                for index, (method, factor) in enumerate(zip(cells["method"], cells["factor"], strict=True)):
                    if method is None and factor is not None:
                        self.defect("allocation_missing", cells.where(index, "method"),
                                    process=changed["process"][index], flow=changed["flow"][index])
            self.report(cells, **{key: changed[key] for key in ("process", "flow") if key in changed})
            self.put(name, cells, **changed)


def _column(grid: grids.Grid, at: int) -> list[str | None]:
    return [row[at] if at < len(row) else None for _, row in grid.rows]


def _number(text: str, comma: bool | None = False) -> float | None:
    """A finite number as people type it: `1,234.5`, `３.５`, `2.1×10^-3`, `5%`; with decimal commas where `comma`.

    A number that a comma makes ambiguous counts its thousands; one with a superscript that is no power of ten is none,
    and so is `12.345` in a sheet that does not tell whether its points are decimal (`comma` None).
    """
    if comma is None and _GROUPED.fullmatch(text.strip()):
        return None
    if comma and re.fullmatch(r"[+-]?([1-9]\d{0,2}(\.\d{3})+|0|[1-9]\d{0,2})(,\d+)?|[+-]?\d+,\d+([eE][+-]?\d+)?",
                              text.strip()):
        text = text.replace(".", "").replace(",", ".")
    text = _POWER.sub(lambda found: f"{found[1]}10^{unicodedata.normalize('NFKC', found[2])}", text.strip())
    if _RAISED.search(text):
        return None
    with suppress(ValueError):
        value = float(text)
        return value if value - value == 0 else None
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").replace("−", "-")
    plain = re.sub(r"^([+-]?)10\^([+-]?\d+)$", r"\g<1>1e\2", plain)
    plain = re.sub(r"[×x*]10\^?([+-]?\d+)$", r"e\1", plain)
    plain = plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain
    plain = plain.replace(",", ".") if _COMMA.fullmatch(plain.removesuffix("%")) else plain
    with suppress(ValueError):
        value = float(plain.removesuffix("%")) / (100 if plain.endswith("%") else 1)
        return value if value - value == 0 else None
    return None


def _numbered(of: Sequence[str | None], given: Sequence[int | None]) -> list[int]:
    """Numbers of the exchanges of each process: as given, else the next."""
    last: dict[str | None, int] = {}
    rows = []
    for process, number in zip(of, given, strict=True):
        row = last.get(process, 0) + 1 if number is None else number
        last[process] = max(row, last.get(process, 0))
        rows.append(row)
    return rows


def _compartment(text: str) -> str:
    """`空气/城市` → `air/城市`; what names a medium in any of the ways of other tools as that."""
    head, slash, part = text.partition("/")
    known = _codes("compartment")
    if found := known.get(grids.key(text)):
        return found
    if first := known.get(grids.key(head)):
        return first + slash + part
    return compartment(text.split("/")) or text


def _place(text: str) -> str:
    with suppress(UnknownNameError):
        return places.resolve(text).id
    return text
