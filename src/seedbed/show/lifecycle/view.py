"""A footprint in one language: what tables, charts, pages and the terminal are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from typing import ClassVar

import polars as pl

from seedbed.base.text import Lang, Text
from seedbed.lifecycle.result import Footprint, text
from seedbed.lifecycle.solve.contribution import Node
from seedbed.lifecycle.uncertainty import Uncertainty
from seedbed.show.lifecycle import quantities
from seedbed.show.lifecycle.quantities import Scale
from seedbed.show.numbers import MISSING
from seedbed.show.speaker import Speaker
from seedbed.show.words import t


@dataclass(frozen=True)
class Branch:
    """A part of a footprint as a tree: `kind` is `supply`, or `own` and `rest` for what a supply gives off
    itself and for its inputs below the cut-off. Values are in the method's unit; children add up to `value`."""

    name: str
    value: float
    kind: str = "supply"
    amount: str = ""
    children: tuple[Branch, ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Branch]]:
        """(depth, branch), from the top."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


@dataclass(frozen=True)
class View(Speaker):
    """A footprint as asked for: its language, how deep its tree goes, and what it is compared with.

    `why` names the process whose exchanges are listed; where it is empty, those of the largest supplier are.
    `draws` is the uncertainty of the footprint, then that of each of `others`, on the same draws; empty if not asked.
    """

    under: ClassVar[str] = "footprint"
    footprint: Footprint
    depth: int = 4
    cutoff: float = 0.02
    draws: tuple[Uncertainty, ...] = ()
    others: tuple[Footprint, ...] = ()
    why: str = ""

    @property
    def uncertainty(self) -> Uncertainty | None:
        """The draws of the footprint itself."""
        return self.draws[0] if self.draws else None

    @property
    def several(self) -> tuple[Footprint, ...]:
        """The footprint and those it is compared with."""
        return (self.footprint, *self.others)

    def spread_of(self, draws: Uncertainty) -> str:
        """The 95 % interval of draws, without unit."""
        low, high = draws.interval()
        return f"{self.scale.short(low)}–{self.scale.short(high)}"

    @cached_property
    def scale(self) -> Scale:
        """The unit of every impact shown."""
        made = self.footprint
        shown = [made.value, *made.parts.values(), *(other.value for other in self.others)]
        return quantities.scale(shown, made.per, self.lang)

    def amount(self, value: float | None, unit: str) -> str:
        """An amount with its unit."""
        return quantities.amount(value, unit, self.lang)

    def at(self, code: str | None) -> str:
        """The name of a place."""
        return quantities.place_name(code, self.lang)

    @cached_property
    def demand(self) -> str:
        """What was asked for: `1 kg crude steel`."""
        return demand(self.footprint, self.lang)

    @cached_property
    def title(self) -> str:
        """`Carbon footprint of 1 kg of crude steel`."""
        return self.t("title.carbon" if self.footprint.parts else "title.other", demand=self.demand)

    @cached_property
    def method(self) -> str:
        """The method's name."""
        row = self.footprint.database.methods.row(by_predicate=pl.col("id") == self.footprint.method, named=True)
        return text(row["name_zh"], row["name_en"], row["id"])[self.lang]

    @cached_property
    def year(self) -> str:
        """The year suppliers were chosen for."""
        return str(self.footprint.year) if self.footprint.year else self.t("latest")

    @cached_property
    def flow_kinds(self) -> dict[str, str]:
        """Kind of every flow by id: product, waste or elementary."""
        return dict(self.footprint.database.inventory.flows.select("id", "kind").iter_rows())

    @cached_property
    def _columns(self) -> pl.DataFrame:
        """Names of every column's process and product."""
        database = self.footprint.database
        flows = database.products.select("unit", flow="id", flow_zh="name_zh", flow_en="name_en")
        names = database.columns.select("process", "flow", "place", "name_zh", "name_en")
        return names.join(flows, on="flow", how="left", maintain_order="left")

    def process(self, column: int) -> Text:
        """The name of a column's process."""
        row = self._columns.row(column, named=True)
        return text(row["name_zh"], row["name_en"], row["process"])

    @cached_property
    def _spread(self) -> set[str]:
        """Flows that are made in more than one place."""
        places = self._columns.group_by("flow").agg(pl.col("place").n_unique())
        return set(places.filter(pl.col("place") > 1)["flow"])

    def _located(self, column: int, name: str) -> str:
        """`name` with the place of the column, where that tells it apart and the name does not say it."""
        row = self._columns.row(column, named=True)
        where = self.at(row["place"])
        return f"{name} · {where}" if row["flow"] in self._spread and where not in name else name

    def maker(self, column: int) -> str:
        """A column's process, with its place where others make the same elsewhere."""
        return self._located(column, self.process(column)[self.lang])

    @cached_property
    def _processes(self) -> dict[str, str]:
        table = self.footprint.database.inventory.processes.select("id", "name_zh", "name_en")
        return {id: text(zh, en, id)[self.lang] for id, zh, en in table.iter_rows()}

    def process_name(self, process: str) -> str:
        """The name of a process by its id."""
        return self._processes.get(process, process)

    def supply(self, column: int) -> str:
        """A column's product, with its place where it is made elsewhere too: `Electricity · Guangdong`."""
        row = self._columns.row(column, named=True)
        return self._located(column, text(row["flow_zh"], row["flow_en"], row["flow"])[self.lang])

    def unit(self, column: int) -> str:
        """The unit of a column's product."""
        return str(self._columns["unit"][column] or "")

    @cached_property
    def tree(self) -> Branch:
        """The supply tree; the demand on top where several suppliers share it."""
        trees = self.footprint.trees(depth=self.depth, cutoff=self.cutoff)
        if len(trees) == 1:
            return self._branch(trees[0])
        parts = [replace(self._branch(node), name=self.maker(node.column)) for node in trees]
        return Branch(self.demand, self.footprint.value, children=tuple(sorted(parts, key=lambda b: -abs(b.value))))

    def _branch(self, node: Node) -> Branch:
        children = [self._branch(child) for child in node.children]
        if children:
            parts = (("own", node.direct), ("rest", node.rest))
            children += [Branch(self.t(kind), value, kind) for kind, value in parts if value]
        return Branch(self.supply(node.column), node.value, amount=self.amount(node.amount, self.unit(node.column)),
                      children=tuple(children))

    @cached_property
    def made_by(self) -> dict[str, str]:
        """What made the result: label to value."""
        database = self.footprint.database
        known = {
            "database": database.name, "version": database.version or MISSING, "digest": database.digest,
            "licence": database.inventory.licence, "seedbed": version("seedbed"),
        }
        return {key: value for key, value in known.items() if value}


def demand(footprint: Footprint, lang: Lang) -> str:
    """`1 kg crude steel`, in Chinese `1 千克粗钢`."""
    written = quantities.amount(footprint.amount, footprint.unit, lang)
    return t("footprint.demand", lang, amount=written, product=footprint.name[lang])
