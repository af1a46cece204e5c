"""Cells of an Excel file filled in place: every other byte of every part stays as it was.

Libraries that read a workbook and write it again lose what they do not know (conditional formats, validations). Here
the sheet's XML is edited where cells are, and the workbook is told to calculate when it is opened.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from lxml import etree

from seedbed.base.errors import InvalidInputError
from seedbed.base.kept import whole_file

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
EPOCH = date(1899, 12, 30)
Value = str | Decimal | int | date | bool


def fill(template: Path, target: Path, values: Mapping[tuple[str, str], Value]) -> None:
    """Write `template` with `values` by sheet and cell (("D_Processes", "L16")) to `target`, whole or not at all.

    Raises InvalidInputError where the template lacks a sheet or a cell, or where a cell holds a formula.
    """
    try:
        book = zipfile.ZipFile(template)
    except (OSError, zipfile.BadZipFile) as error:
        raise InvalidInputError("is no Excel file that can be read.", where=str(template),
                                fix="give the .xlsx that the Commission publishes.") from error
    with book:
        parts = _sheets(book, template)
        if missing := sorted({sheet for sheet, _ in values} - parts.keys()):
            raise InvalidInputError(f"has no sheet {missing[0]}.", where=str(template), fix="give the right template.")
        changed = {parts[sheet]: _filled(book.read(parts[sheet]), sheet, {
            cell: value for (of, cell), value in values.items() if of == sheet}) for sheet in {s for s, _ in values}}
        changed["xl/workbook.xml"] = _calculated(book.read("xl/workbook.xml"))
        whole_file(target, lambda work: _written(book, work, changed))


def _sheets(book: zipfile.ZipFile, template: Path) -> dict[str, str]:
    """Sheet names and the parts that hold them."""
    try:
        sheets = etree.fromstring(book.read("xl/workbook.xml")).findall(f".//{{{MAIN}}}sheet")
        targets = {one.get("Id"): one.get("Target", "") for one in
                   etree.fromstring(book.read("xl/_rels/workbook.xml.rels")).findall(f"{{{PACKAGE}}}Relationship")}
    except (KeyError, etree.XMLSyntaxError) as error:
        raise InvalidInputError("is no Excel workbook.", where=str(template), fix="give an .xlsx file.") from error
    return {str(one.get("name")): "xl/" + targets[one.get(f"{{{RELATED}}}id")].removeprefix("/xl/") for one in sheets}


def _filled(raw: bytes, sheet: str, values: Mapping[str, Value]) -> bytes:
    root = etree.fromstring(raw)
    left = dict(values)
    for cell in root.iterfind(f".//{{{MAIN}}}c"):
        name = cell.get("r", "")
        if name not in left:
            continue
        if cell.find(f"{{{MAIN}}}f") is not None:
            raise InvalidInputError(f"cell {name} holds a formula.", where=f"sheet {sheet}",
                                    fix="the template is another version than this was made for.")
        _set(cell, left.pop(name))
    if left:
        raise InvalidInputError(f"has no cell {sorted(left)[0]}.", where=f"sheet {sheet}",
                                fix="the template is another version than this was made for.")
    head = re.match(rb"\s*<\?xml[^>]*\?>\s*", raw)
    return (head[0] if head else b"") + etree.tostring(root, encoding="UTF-8")


def _set(cell: etree._Element, value: Value) -> None:
    for child in list(cell):
        cell.remove(child)
    if cell.get("t") is not None:
        del cell.attrib["t"]
    if isinstance(value, bool):
        cell.set("t", "b")
        etree.SubElement(cell, f"{{{MAIN}}}v").text = str(int(value))
    elif isinstance(value, date):
        etree.SubElement(cell, f"{{{MAIN}}}v").text = str((value - EPOCH).days)
    elif isinstance(value, str):
        cell.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(cell, f"{{{MAIN}}}is"), f"{{{MAIN}}}t")
        text.text = value
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    else:
        etree.SubElement(cell, f"{{{MAIN}}}v").text = f"{value:f}" if isinstance(value, Decimal) else str(value)


def _calculated(raw: bytes) -> bytes:
    """The workbook, told to calculate all when it is opened."""
    if b"fullCalcOnLoad" in raw:
        return raw
    return re.sub(rb"<calcPr\b", b'<calcPr fullCalcOnLoad="1"', raw, count=1)


def _written(book: zipfile.ZipFile, work: Path, changed: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(work, "w", zipfile.ZIP_DEFLATED) as out:
        for part in book.infolist():
            out.writestr(part, changed.get(part.filename, book.read(part.filename)), zipfile.ZIP_DEFLATED)
