"""A tender from a file: YAML or JSON, an OCDS release, or an Excel form with a sheet for each kind of thing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from seedbed.base.datafile import load_yaml, parse
from seedbed.base.errors import InvalidInputError
from seedbed.operate import ocds
from seedbed.operate.asked import read_json, read_sheets
from seedbed.operate.tender import Tender

SHEETS = {
    "tender": ("id", "title", "buyer", "published", "currency"),
    "lots": ("id", "title", "verified", "years", "rate", "growth", "energy_price", "carbon_price", "small_rate",
             "kind"),
    "criteria": ("lot", "id", "kind", "weight"),
    "positions": ("lot", "id", "title", "quantity", "unit"),
    "bids": ("id", "bidder", "lot", "price", "small", "domestic", "kwh", "maintenance", "residual"),
    "offers": ("bid", "position", "product", "price"),
    "points": ("bid", "criterion", "points"),
}
"""Sheets of the Excel form and their columns."""
LIFE, PRICE = ("years", "rate", "growth", "energy_price", "carbon_price"), ("small_rate", "kind")


def read(path: Path) -> Tender:
    """The tender that a file holds. Raises InvalidInputError naming file, sheet and row."""
    suffix = path.suffix.lower()
    if not path.is_file():
        raise InvalidInputError("does not exist.", where=str(path), fix="name a file.")
    if suffix in (".yaml", ".yml"):
        return parse(load_yaml(path), Tender, where=path.name)
    if suffix == ".json":
        raw = read_json(path)
        if isinstance(raw, Mapping) and {"ocid", "releases"} & raw.keys():
            return ocds.read(raw, path.name)
        return parse(raw, Tender, where=path.name)
    if suffix == ".xlsx":
        return parse(_assembled(_tables(path), path.name), Tender, where=path.name)
    raise InvalidInputError(f"{path.name} is no form that is read.", where=str(path),
                            fix="end its name in .yaml, .json or .xlsx.")


def _tables(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Rows of every sheet by column."""
    sheets = read_sheets(path)
    if missing := {"tender", "lots", "criteria", "positions"} - sheets.keys():
        raise InvalidInputError(f"lacks the sheet {sorted(missing)[0]}.", where=path.name,
                                fix=f"make a form with `seedbed tender template`; sheets: {', '.join(SHEETS)}.")
    out = {}
    for name, columns in SHEETS.items():
        rows = sheets.get(name, [])
        head = [str(cell or "").strip() for cell in rows[0]] if rows else []
        if unknown := [cell for cell in head if cell and cell not in columns]:
            raise InvalidInputError(f"has the column {unknown[0]!r}.", where=f"{path.name}, sheet {name}",
                                    fix=f"use {', '.join(columns)}.")
        out[name] = [{key: cell for key, cell in zip(head, row, strict=False) if key and cell is not None}
                     for row in rows[1:] if any(cell is not None for cell in row)]
    return out


def _assembled(tables: Mapping[str, list[dict[str, Any]]], where: str) -> dict[str, Any]:
    """Rows of sheets as one tender."""
    if len(tables["tender"]) != 1:
        raise InvalidInputError(f"has {len(tables['tender'])} rows.", where=f"{where}, sheet tender",
                                fix="give one row.")
    lots = [{"id": _text(row, "id", where, "lots"), "title": row.get("title", ""),
             "verified": row.get("verified", False),
             "life": {name: row[name] for name in LIFE if name in row},
             "price": {name: row[name] for name in PRICE if name in row}, "criteria": [], "positions": []}
            for row in tables["lots"]]
    bids = [{**row, "id": _text(row, "id", where, "bids"), "lot": str(row.get("lot", "")), "offers": [], "points": {}}
            for row in tables["bids"]]
    for name in ("criteria", "positions"):
        for row in tables[name]:
            into = _one(lots, _text(row, "lot", where, name), where, name)
            into[name].append({key: str(value) if key == "id" else value for key, value in row.items() if key != "lot"})
    for row in tables["offers"]:
        into = _one(bids, _text(row, "bid", where, "offers"), where, "offers")
        into["offers"].append({"position": _text(row, "position", where, "offers"),
                               **{key: row[key] for key in ("product", "price") if key in row}})
    for row in tables["points"]:
        into = _one(bids, _text(row, "bid", where, "points"), where, "points")
        into["points"][_text(row, "criterion", where, "points")] = row.get("points")
    return {**tables["tender"][0], "lots": lots, "bids": bids}


def _text(row: Mapping[str, Any], name: str, where: str, sheet: str) -> str:
    if row.get(name) is None:
        raise InvalidInputError(f"a row lacks {name}.", where=f"{where}, sheet {sheet}", fix=f"fill {name}.")
    value = row[name]
    return str(int(value)) if isinstance(value, Decimal) and value == value.to_integral_value() else str(value)


def _one(rows: list[dict[str, Any]], name: str, where: str, sheet: str) -> dict[str, Any]:
    for row in rows:
        if row["id"] == name:
            return row
    raise InvalidInputError(f"names {name!r}, which there is not.", where=f"{where}, sheet {sheet}",
                            fix=f"name one of {', '.join(str(row['id']) for row in rows)}.")
