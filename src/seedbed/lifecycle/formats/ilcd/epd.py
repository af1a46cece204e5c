"""Environmental product declarations (ILCD+EPD): their warming by module as processes that can be counted.

A declaration holds results by module of EN 15804 (A1–A3 the product, A4 … C4, D beyond), no inventory. The process of
the product carries A1–A3; every other module becomes a process of its own, whose product is that module. What goes out
is carbon dioxide in kg CO2e as the declaration counts it, so that every method of warming gives the declared number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import polars as pl

from seedbed.lifecycle.formats.ilcd import fields as field
from seedbed.lifecycle.formats.ilcd.fields import Element
from seedbed.lifecycle.formats.spellings import any_of, spellings
from seedbed.lifecycle.inventory.tables import FLOWS, Schema

MODULES: Schema = {"process": pl.String, "module": pl.String, "amount": pl.Float64}
"""Warming of a declaration by module, kgCO2e a declared unit."""
PRODUCT = ("A1-A3", "A1", "A2", "A3")
WARMING = "seedbed-epd-warming"
"""Id of the flow that stands for what a declaration says is emitted."""


def _is(name: str, patterns: tuple[str, ...]) -> bool:
    return re.search(any_of(patterns), name, re.IGNORECASE) is not None


def warming(root: Element, process: str) -> list[dict[str, Any]]:
    """Rows of MODULES of a process data set; the total where it is stated, else the one indicator of warming."""
    found: dict[str, dict[str, float | None]] = {}
    for node in root.iter():
        if node.tag.rpartition("}")[2] != "LCIAResult":
            continue
        names = [text for part in node.iter() if part.tag.endswith("shortDescription") if (text := field.content(part))]
        name = " ".join(names)
        words = spellings()
        whole = _is(name, words.warming) and not _is(name, words.warming_part)
        rank = "total" if _is(name, words.warming_total) else "any" if whole else ""
        amounts = {module: _amount(text) for part in node.iter() if part.tag.endswith("}amount")
                   if (module := _module(part)) and (text := field.content(part)) is not None}
        if rank and amounts:
            found.setdefault(rank, amounts)
    chosen = found.get("total") or found.get("any") or {}
    return [{"process": process, "module": module, "amount": amount} for module, amount in _product(chosen).items()]


def _module(node: Element) -> str | None:
    """The module of a result, as EN 15804 writes it, with its scenario where there is one."""
    said = {key.rpartition("}")[2]: text for key, text in node.items()}
    if not (text := said.get("module")):
        return None
    name = re.sub(r"[\u2010-\u2015\u2212]", "-", unicodedata.normalize("NFKC", text)).replace(" ", "").upper()
    name = re.sub(r"^([A-D])(\d)-?(?:\1)?(\d)$", r"\1\2-\1\3", name)  # A1A3, A1-3
    scenario = said.get("scenario")
    return f"{name} ({scenario})" if scenario and name not in PRODUCT else name


def _amount(text: str | None) -> float | None:
    """The number of a result, with a decimal comma as well."""
    return field.number(text.replace(",", ".") if text and re.fullmatch(r"[+-]?\d+,\d+(E[+-]?\d+)?", text) else text)


def _product(amounts: Mapping[str, float | None]) -> dict[str, float]:
    """The modules with those of the product as one; without it where one of its parts cannot be read."""
    parts = [amounts[name] for name in PRODUCT[1:] if name in amounts]
    summed = sum(part for part in parts if part is not None) if parts and None not in parts else None
    whole = amounts.get(PRODUCT[0], summed)
    rest = {name: value for name, value in amounts.items() if name not in PRODUCT and value is not None}
    return ({PRODUCT[0]: whole} if whole is not None else {}) | rest


def counted(modules: pl.DataFrame, processes: pl.DataFrame, flows: pl.DataFrame, exchanges: pl.DataFrame) -> tuple[
        pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Processes, flows and exchanges with what the declarations say is emitted."""
    if not modules.height:
        return processes, flows, exchanges
    reference = exchanges.filter("reference").unique("process", keep="first").select("process", "flow", "amount",
                                                                                     "unit")
    known = modules.join(reference.rename({"amount": "per"}), on="process", how="inner", maintain_order="left")
    own = pl.col("module") == PRODUCT[0]
    named = known.with_columns(
        new=pl.when(own).then("process").otherwise(pl.format("{}:{}", "process", "module")),
        made=pl.when(own).then("flow").otherwise(pl.format("{}:{}", "flow", "module")))
    label = [pl.when(pl.col(name).is_not_null()).then(pl.format("{} [{}]", name, "module")).alias(name)
             for name in ("name_zh", "name_en")]
    others = named.filter(~own)
    more = others.select("process", "module", "new").join(processes, left_on="process", right_on="id")
    more = more.with_columns(*label, id=pl.col("new"))
    products = others.select("flow", "module", "made").unique(maintain_order=True).join(
        flows, left_on="flow", right_on="id")
    products = products.with_columns(*label, id=pl.col("made"))
    emitted = pl.DataFrame([{"id": WARMING, "name_en": "Carbon dioxide (CO2e of a declaration)",
                             "kind": "elementary", "unit": "kg", "compartment": "air", "cas": "124-38-9"}],
                           schema=FLOWS)
    makes = others.select(process="new", row=pl.lit(0, pl.Int32), flow="made", direction=pl.lit("output"), amount="per",
                          unit="unit", reference=pl.lit(True), avoided=pl.lit(False))
    emits = named.select(process="new", row=pl.lit(1_000_000, pl.Int32), flow=pl.lit(WARMING),
                         direction=pl.lit("output"), amount="amount", unit=pl.lit("kg"), reference=pl.lit(False),
                         avoided=pl.lit(False), comment=pl.format("EPD {}", "module"))
    return _more(processes, more), _more(flows, products, emitted), _more(exchanges, makes, emits)


def _more(rows: pl.DataFrame, *new: pl.DataFrame) -> pl.DataFrame:
    """`rows` and `new` ones, in the columns of `rows`; what a new one does not say is null."""
    return pl.concat([rows, *new], how="diagonal_relaxed").select(rows.columns)
