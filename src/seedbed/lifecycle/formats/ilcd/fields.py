"""Fields of ILCD data sets: texts in several languages, numbers, references, and what our packages add."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import polars as pl

from seedbed.lifecycle.formats.ilcd.terms import EXTENSION, EXTRA, clark
from seedbed.lifecycle.inventory.tables import Schema

Element = ElementTree.Element
Row = tuple[Any, ...]
Found = tuple[dict[str, Any], dict[str, list[Row]]]
"""A row of the data set's own table, and rows of other tables."""
Report = Callable[..., None]
"""Takes the kind of a defect and columns of DEFECTS as keywords."""

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class File:
    """What the reader of a data set gets: the root, its data set information and a list for defects."""

    root: Element
    info: Element
    id: str
    where: str
    defects: list[dict[str, Any]]

    def report(self, kind: str, **columns: Any) -> None:
        """Note a defect; `columns` are those of DEFECTS."""
        self.defects.append({"kind": kind, "where": self.where, **columns})


def as_row(schema: Schema, values: Mapping[str, Any]) -> Row:
    """Values in the order of a schema; absent ones are None."""
    return tuple(values.get(name) for name in schema)


def content(node: Element | None) -> str | None:
    """Text of a node without the space around it; None if it is empty or absent."""
    text = None if node is None else node.text
    return (text and text.strip()) or None


def contents(nodes: Iterable[Element]) -> list[str]:
    """Texts of nodes, without the empty ones."""
    return [text for node in nodes if (text := content(node))]


def children(node: Element | None) -> dict[str, Element]:
    """The children of a node by their name without namespace, the first of each."""
    found: dict[str, Element] = {}
    for child in () if node is None else node:
        found.setdefault(child.tag.rpartition("}")[2], child)
    return found


def text_at(node: Element, path: str) -> str | None:
    """Text of the first node at a path (prefixes of `terms`)."""
    return content(node.find(clark(path)))


def texts_at(node: Element, path: str) -> list[str]:
    """Texts of all nodes at a path."""
    return contents(node.iterfind(clark(path)))


def names(nodes: Iterable[Element]) -> dict[str, Any]:
    """Names in Chinese and English; one in another language stands in for English if there is neither."""
    found = _by_language(nodes)
    zh = found.get("zh")
    return {"name_zh": zh, "name_en": found.get("en") or (None if zh else next(iter(found.values()), None))}


def comment(node: Element, path: str) -> str | None:
    """Text of a field in several languages: Chinese, else English, else any."""
    found = _by_language(node.iterfind(clark(path)))
    text = found.get("zh") or found.get("en") or next(iter(found.values()), None)
    return None if text == "nan" else text  # a missing value, as spreadsheets exported by pandas write it


def _by_language(nodes: Iterable[Element]) -> dict[str, str]:
    """Text by language (two letters, English if none is stated); several of one language in sequence."""
    parts: dict[str, list[str]] = {}
    for node in nodes:
        if text := content(node):
            parts.setdefault(node.get(_LANGUAGE, "en")[:2], []).append(text)
    return {language: "; ".join(found) for language, found in parts.items()}


def number(text: str | None) -> float | None:
    """The finite number that `text` writes, else None."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in (text or "") else None


def integer(text: str | None) -> int | None:
    """The integer (32 bits) that `text` writes, else None."""
    return int(text) if text and re.fullmatch(r"-?\d{1,10}", text) and abs(int(text)) < 2**31 else None


def year(text: str | None) -> int | None:
    """The year a date begins with, else None."""
    match = re.match(r"\d{4}", text or "")
    return int(match[0]) if match else None


def revised(root: Element, prefix: str) -> str | None:
    """Day of the last revision of a data set, else of its entry (ISO 8601)."""
    administrative = f"{prefix}:administrativeInformation/{prefix}:"
    found = text_at(root, f"{administrative}publicationAndOwnership/c:dateOfLastRevision")
    return (found or text_at(root, f"{administrative}dataEntryBy/c:timeStamp") or "")[:10] or None


def reference(node: Element | None) -> str | None:
    """Id of the data set that a reference names."""
    return None if node is None else node.get(clark("e:id")) or node.get("refObjectId") or None


def own(node: Element, schema: Schema) -> dict[str, Any]:
    """Columns of `schema` that a package of ours put on `node`."""
    prefix = f"{{{EXTENSION}}}"
    attributes = {key.removeprefix(prefix): text for key, text in node.items() if key.startswith(prefix)}
    return {name: _typed(text, schema[name]) for name, text in attributes.items() if name in schema}


def extra(node: Element, table: str, schema: Schema) -> dict[str, Any]:
    """The columns `EXTRA[table]` of a row that we wrote; nothing if others did."""
    found = own(node, schema)
    if not found:
        return {}
    columns = [name for name in EXTRA.get(table, ()) if name != "id"]
    return {name: False if schema[name] == pl.Boolean else None for name in columns} | found


def _typed(text: str, kind: Any) -> Any:
    if kind == pl.Boolean:
        return text == "true"
    return {pl.Float64: number, pl.Int32: integer}.get(kind, str)(text)
