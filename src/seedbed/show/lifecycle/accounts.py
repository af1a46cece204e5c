"""Input-output accounts written out: regions, sectors and products of one stressor, and multipliers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import polars as pl

from seedbed.base import units
from seedbed.base.text import Lang
from seedbed.lifecycle.accounts.imports import mirrored
from seedbed.lifecycle.accounts.leontief import linkages, multipliers
from seedbed.lifecycle.accounts.regions import Accounts, accounts
from seedbed.lifecycle.accounts.table import InputOutput, position
from seedbed.lifecycle.result import text
from seedbed.show.document import Column, Document, TableBlock
from seedbed.show.lifecycle import quantities
from seedbed.show.lifecycle.quantities import Scale
from seedbed.show.lifecycle.tables import listing
from seedbed.show.numbers import MISSING, axis_scale
from seedbed.show.numbers import units as known_units
from seedbed.show.speaker import Speaker
from seedbed.show.words import catalogue, t
from seedbed.show.write import Row, Written

FIGURES = 4
"""Figures of the largest number of a column."""
LABELS = ("region", "code", "name_zh", "name_en")


@dataclass(frozen=True)
class AccountsView(Speaker):
    """The accounts of `table` for one stressor, in a language; `top` sectors and products of `region` are shown.

    Imports that stand among the uses (competitive tables) are made abroad with the technology of home.
    """

    under: ClassVar[str] = "accounts"
    table: InputOutput
    stressor: str
    region: str
    top: int

    @cached_property
    def made(self) -> Accounts:
        """The accounts."""
        return accounts(mirrored(self.table) if self.competitive else self.table)

    @property
    def competitive(self) -> bool:
        """Whether imports stand among the uses."""
        return "import" in self.table.demands["kind"].to_list()

    @cached_property
    def producers(self) -> list[str]:
        """Regions that the table has sectors of."""
        return list(dict.fromkeys(self.table.sectors["region"]))

    @cached_property
    def unit(self) -> str:
        """Unit of the stressor."""
        return str(self.table.stressors["unit"][self.table.stressor(self.stressor)] or "")

    @cached_property
    def title(self) -> str:
        """`China 2007 · Carbon dioxide`."""
        row = self.table.stressors.row(by_predicate=pl.col("code") == self.stressor, named=True)
        key = f"accounts.named.{self.table.name}"
        name = t(key, self.lang) if key in catalogue() else self.table.name
        return f"{name} · {text(row['name_zh'], row['name_en'], row['code'])[self.lang]}"

    @cached_property
    def per_money(self) -> str:
        """`kg/CNY`."""
        return f"{_named(self.unit, self.lang)}/{_named(self.table.unit, self.lang) or self.t('money')}"

    @cached_property
    def regions(self) -> pl.DataFrame:
        """One row a region that produces: region, production, consumption, exports, imports, final_use,
        export_value, export_intensity."""
        found = self.made.regions.sel(stressor=self.stressor)
        frame = pl.DataFrame({"region": found.region.values.tolist(),
                              **{str(name): found[name].values for name in found.data_vars}})
        return frame.filter(pl.col("region").is_in(self.producers)).fill_nan(None)

    @cached_property
    def sectors(self) -> pl.DataFrame:
        """One row a sector: region, code, name_zh, name_en, production, exports, direct, total."""
        found = self.made.sectors.sel(stressor=self.stressor)
        names = {name: found[name].values.tolist() for name in ("region", "code", "name_zh", "name_en")}
        values = {str(name): found[name].values for name in found.data_vars}
        return pl.DataFrame(names | values).filter(pl.col("region").is_in(self.producers))

    @cached_property
    def products(self) -> pl.DataFrame:
        """One row a product that `region` buys: code, name_zh, name_en, consumption, imports."""
        found = self.made.products.sel(stressor=self.stressor, region=self.region)
        names = self.table.sectors.unique("code", keep="first", maintain_order=True).drop("region")
        values = pl.DataFrame({"code": found["product"].values.tolist(), "consumption": found.consumption.values,
                               "imports": found.imports.values})
        return names.join(values, on="code", how="left", maintain_order="left")


def document(table: InputOutput, lang: Lang, *, stressor: str | None = None, region: str | None = None,
             top: int = 10) -> Document:
    """Regions, then sectors and products of one of them, for one stressor (default: the first of each)."""
    view = AccountsView(lang, table, *chosen(table, stressor, region), top)
    return Document.of(view.title, lang, [_regions(view), _sectors(view), _products(view)])


def written(table: InputOutput, lang: Lang, *, stressor: str | None = None, region: str | None = None,
            top: int = 10) -> Written:
    """The tables; everything as rows and as data."""
    view = AccountsView(lang, table, *chosen(table, stressor, region), top)
    return Written(lambda: document(table, lang, stressor=stressor, region=region, top=top), lambda: rows(view),
                   lambda: data(view))


def _regions(view: AccountsView) -> TableBlock:
    rows = view.regions.sort("consumption", descending=True).head(view.top)
    amounts = ("production", "consumption", "exports", "imports", "final_use")
    size = _scale([row[name] for row in rows.iter_rows(named=True) for name in amounts], view.unit, view.lang)
    worth = _scale(rows["export_value"], view.table.unit, view.lang)
    note = view.t("mirrored" if view.competitive else "balance")
    if len(view.producers) == 1:  # a list reads better than a row of eight
        own = rows.row(0, named=True)
        listed = [(view.t(f"item.{name}"), size.number(own[name])) for name in amounts]
        listed += [(view.t("item.export_value"), worth.number(own["export_value"])),
                   (view.t("item.export_intensity"), f"{_plain(own['export_intensity'])} {view.per_money}")]
        head = [Column(view.t("item.account")), Column(quantities.place_name(own["region"], view.lang), "right")]
        return listing(view.t("table.regions"), head, listed, note=note)
    cells = [
        (quantities.place_name(row["region"], view.lang), *(size.figure(row[name]) for name in amounts),
         worth.figure(row["export_value"]), _plain(row["export_intensity"]))
        for row in rows.iter_rows(named=True)
    ]
    columns = [Column(view.t("column.region")), *(_column(view, name, size.label) for name in amounts),
               _column(view, "export_value", worth.label),
               _column(view, "export_intensity", view.per_money)]
    return listing(view.t("table.regions"), columns, cells, note=note)


def _sectors(view: AccountsView) -> TableBlock:
    own = view.sectors.filter(pl.col("region") == view.region).sort("production", descending=True)
    total, rows = float(own["production"].sum()), own.head(view.top)
    size = _scale(rows["production"], view.unit, view.lang)
    cells = [
        (_name(row, view.lang), size.figure(row["production"]), _share(row["production"], total),
         size.figure(row["exports"]), _plain(row["direct"]), _plain(row["total"]))
        for row in rows.iter_rows(named=True)
    ]
    columns = [Column(view.t("column.sector")), _column(view, "own", size.label), _column(view, "share"),
               _column(view, "for_exports", size.label), _column(view, "direct", view.per_money),
               _column(view, "total", view.per_money)]
    bars = [value / total if total else 0.0 for value in rows["production"]]
    return listing(view.t("table.sectors", region=quantities.place_name(view.region, view.lang)), columns, cells, bars)


def _products(view: AccountsView) -> TableBlock:
    total = float(view.products["consumption"].sum())
    rows = view.products.sort("consumption", descending=True).head(view.top)
    size = _scale(rows["consumption"], view.unit, view.lang)
    cells = [
        (_name(row, view.lang), size.figure(row["consumption"]), _share(row["consumption"], total),
         size.figure(row["imports"]))
        for row in rows.iter_rows(named=True)
    ]
    columns = [Column(view.t("column.product")), _column(view, "carried", size.label), _column(view, "share"),
               _column(view, "from_imports", size.label)]
    bars = [max(0.0, value / total) if total else 0.0 for value in rows["consumption"]]
    return listing(view.t("table.products", region=quantities.place_name(view.region, view.lang)), columns, cells, bars)


def multiplied(table: InputOutput, of: str) -> pl.DataFrame:
    """Multipliers of `of` with the linkages of every sector, the largest total first."""
    chain = linkages(table).select("region", "code", "backward_index", "forward_index", "key")
    return multipliers(table, of).join(chain, on=["region", "code"]).sort("total", descending=True)


def multiplier_document(table: InputOutput, of: str, lang: Lang, top: int = 10) -> Document:
    """The first of `multiplied`."""
    found = multiplied(table, of)
    several = table.sectors["region"].n_unique() > 1
    rows = []
    for row in found.head(top).iter_rows(named=True):
        where = f"{quantities.place_name(row['region'], lang)} · " if several else ""
        mark = t("accounts.key_sector", lang) if row["key"] else ""
        rows.append((f"{where}{_name(row, lang)}", *(_plain(row[name]) for name in
                     ("direct", "total", "ratio", "backward_index", "forward_index")), mark))
    names = ("sector", "direct_of", "total_of", "ratio", "backward", "forward", "key")
    columns = [Column(t(f"accounts.column.{name}", lang), "left" if name in ("sector", "key") else "right")
               for name in names]
    title = t("accounts.table.multipliers", lang, of=_what(table, of, lang))
    note = t("accounts.linkage_note", lang)
    if "import" in table.demands["kind"].to_list():
        note += t("accounts.with_imports", lang)
    return Document.of(title, lang, [listing("", columns, rows, note=note)])


def multiplier_written(table: InputOutput, of: str, lang: Lang) -> Written:
    """All of `multiplied`."""
    found = multiplied(table, of)
    return Written(lambda: multiplier_document(table, of, lang), lambda: found.iter_rows(named=True), found.to_dicts)


def data(view: AccountsView) -> dict[str, Any]:
    """Everything the accounts say."""
    trade = view.made.trade.sel(stressor=view.stressor)
    return {
        "table": view.table.name, "year": view.table.year, "stressor": view.stressor, "unit": view.unit,
        "money": view.table.unit, "mirrored_imports": view.competitive, "regions": view.regions.to_dicts(),
        "trade": {"origins": trade.origin.values.tolist(), "destinations": trade.destination.values.tolist(),
                  "values": trade.values.tolist()},
        "sectors": view.sectors.to_dicts(), "region": view.region, "products": view.products.to_dicts(),
    }


def rows(view: AccountsView) -> Iterator[Row]:
    """One long table of regions, sectors and products."""
    per_money = f"{view.unit}/{view.table.unit}".rstrip("/")
    of_unit = {"export_value": view.table.unit, "export_intensity": per_money, "direct": per_money, "total": per_money}
    parts = (("region", view.regions), ("sector", view.sectors),
             ("product", view.products.with_columns(region=pl.lit(view.region))))
    for part, frame in parts:
        labels = [name for name in LABELS if name in frame.columns]
        for row in frame.iter_rows(named=True):
            for variable in (name for name in frame.columns if name not in labels):
                yield {"part": part, **{name: row.get(name, "") for name in LABELS}, "variable": variable,
                       "value": row[variable], "unit": of_unit.get(variable, view.unit)}


def chosen(table: InputOutput, stressor: str | None, region: str | None) -> tuple[str, str]:
    """Stressor and region asked for, or the first of the table. Raises UnknownNameError with the nearest."""
    codes, regions = table.stressors["code"], list(dict.fromkeys(table.sectors["region"]))
    return (codes[position(codes, stressor, "stressor")] if stressor else codes[0],
            regions[position(regions, region, "region")] if region else regions[0])


def _scale(values: Iterable[float | None], unit: str, lang: Lang) -> Scale:
    """One unit for many amounts: masses in tonnes, money and others shortened as the language does."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    symbol, size = ("t", units.factor(unit, "t")) if _is_mass(unit) else (unit, 1.0)
    label: Any = symbol if symbol in known_units() else {"zh": symbol, "en": symbol}
    step, name = axis_scale([value * size for value in known], label, lang)
    largest = max((abs(value) for value in known), default=0.0) * size / step
    whole = math.floor(math.log10(largest)) if largest else 0
    return Scale(step / size, name, max(0, FIGURES - 1 - whole))


def _is_mass(unit: str) -> bool:
    return units.canonical(unit) is not None and units.dimension(unit) == "mass"


def _named(unit: str, lang: Lang) -> str:
    return quantities.unit_name(units.canonical(unit) or unit, lang)


def _name(row: dict[str, Any], lang: Lang) -> str:
    return text(row["name_zh"], row["name_en"], row["code"])[lang]


def _what(table: InputOutput, of: str, lang: Lang) -> str:
    """What multipliers are of, in words."""
    for rows in (table.inputs, table.stressors):
        if (found := rows.filter(pl.col("code") == of)).height:
            return _name(found.row(0, named=True), lang)
    return t("accounts.output", lang)


def _column(view: AccountsView, key: str, unit: str = "") -> Column:
    return Column(f"{view.t(f'column.{key}')} ({unit})" if unit else view.t(f"column.{key}"), "right")


def _plain(value: float | None) -> str:
    return MISSING if value is None or not math.isfinite(value) else quantities.plain(value)


def _share(value: float, total: float) -> str:
    return quantities.share(value / total if total else None)
