"""The national input-output table of 2007, and the CO2 of its sectors by our own concordance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import xlrd
import yaml
from common import Raw, Record, catalogue

WORKBOOK = Path("lca", "cn_io_2007", "nbs_excel", "0101.xls")  # beside the folder of raw CSV files
CODES_ROW, CODES_COLUMN, NAMES_COLUMN = 9, 2, 1
OUTPUT = "GO"
YEAR = "2007"


@cache
def _choices() -> dict[str, Any]:
    return yaml.safe_load(Path(__file__).with_name("io_2007.yaml").read_text(encoding="utf-8"))


@cache
def _sheet(raw: Raw) -> tuple[dict[str, str], dict[tuple[str, str], float]]:
    """Chinese names by row code, and the value of every cell by its row and column codes."""
    path = raw.folder.parent / WORKBOOK
    if not path.is_file():
        raise SystemExit(f"{path} is missing; it holds the basic flow table of 42 sectors (NBS, 2007)")
    sheet = xlrd.open_workbook(str(path)).sheet_by_index(0)
    columns = {j: _code(cell) for j, cell in enumerate(sheet.row_values(CODES_ROW))}
    names, cells = {}, {}
    for i in range(CODES_ROW + 1, sheet.nrows):
        row = _code(sheet.cell_value(i, CODES_COLUMN))
        names[row] = "".join(str(sheet.cell_value(i, NAMES_COLUMN)).split())
        for j, column in columns.items():
            if isinstance(value := sheet.cell_value(i, j), float):
                cells[row, column] = value
    return names, cells


def _code(cell: str | float) -> str:
    return cell.strip() if isinstance(cell, str) else f"{int(cell):02d}"


@catalogue("io_2007_sectors", "code", "kind", "name_zh", "name_en")
def io_2007_sectors(raw: Raw) -> Iterator[Record]:
    """What the rows and columns of the table are."""
    names, _ = _sheet(raw)
    for code, english in _choices()["sectors"].items():
        yield {"code": code, "kind": "sector", "name_zh": names[code], "name_en": english}
    for code, entry in _choices()["demands"].items():
        yield {"code": code, "kind": entry["kind"], "name_zh": entry["zh"], "name_en": entry["en"]}
    for code, entry in _choices()["inputs"].items():
        yield {"code": code, "kind": "input", "name_zh": entry["zh"], "name_en": entry["en"]}


@catalogue("io_2007_transactions", "row", "column", "value")
def io_2007_transactions(raw: Raw) -> Iterator[Record]:
    """Cells that are not zero: sales, final demand, output and value added; subtotals are left out."""
    _, cells = _sheet(raw)
    sectors, demands, inputs = (list(_choices()[name]) for name in ("sectors", "demands", "inputs"))
    wanted = {(i, j) for i in sectors for j in [*sectors, *demands, OUTPUT]} | {(i, j) for i in inputs for j in sectors}
    for row, column in sorted(wanted):
        if value := cells.get((row, column)):
            yield {"row": row, "column": column, "value": value}


@catalogue("io_2007_concordance", "ceads_sector", "code", "share", "reason_zh", "reason_en")
def io_2007_concordance(raw: Raw) -> Iterator[Record]:
    """The share of each inventory sector that goes to each sector of the table, and why."""
    _, cells = _sheet(raw)
    for entry in _choices()["concordance"]:
        paid = {to: sum(cells.get((fuel, to), 0.0) for fuel in _choices()["fuels"]) for to in entry["to"]}
        for name in entry["from"]:
            for to in entry["to"]:
                share = paid[to] / sum(paid.values()) if len(paid) > 1 else 1.0
                yield {"ceads_sector": name, "code": to, "share": share,
                       "reason_zh": entry["reason"]["zh"], "reason_en": entry["reason"]["en"]}


@catalogue("io_2007_co2", "code", "energy", "process")
def io_2007_co2(raw: Raw) -> Iterator[Record]:
    """CO2 of the sectors of the table and of households: the provinces added up, each inventory sector shared out."""
    shares: dict[str, dict[str, float]] = defaultdict(dict)
    for row in io_2007_concordance(raw):
        shares[str(row["ceads_sector"])][str(row["code"])] = float(row["share"] or 0)
    energy, process, total = defaultdict(float), defaultdict(float), 0.0
    for row in raw.rows("cn_prov_co2_ceads_sector_1997_2019"):
        if row["year"] != YEAR:
            continue
        all_of_it, processed = float(row["MtCO2"]), float(row["of_which_process_MtCO2"])
        if row["sector"] == "TotalEmissions":
            total += all_of_it
            continue
        for code, share in shares[row["sector"]].items():
            energy[code] += share * (all_of_it - processed)
            process[code] += share * processed
    found = sum(energy.values()) + sum(process.values())
    if abs(found - total) > 1e-4 * total:
        raise SystemExit(f"io_2007_co2: {found} Mt shared out of {total} Mt; complete the concordance in io_2007.yaml")
    for code in sorted(energy):
        yield {"code": code, "energy": energy[code], "process": process[code]}
