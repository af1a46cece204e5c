"""From Brightway's matrix entries and node descriptions to the tables of an inventory, and back.

In Brightway a node is both a process and its product. Reading, each technosphere column becomes a process;
its reference is the entry flagged so, else the one of its own row, else its only positive one. An entry of
another row is an input if negative, an avoided product if positive. A row made in negative amounts is a
waste, its entries the treatment of it (as in ecoinvent's allocation models).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from seedbed.base import units
from seedbed.lifecycle.formats.fields import cas_number
from seedbed.lifecycle.formats.fields import compartment as compartment_of
from seedbed.lifecycle.formats.tally import Tally
from seedbed.lifecycle.inventory.tables import DEFECTS, TABLES, Inventory, Reading, table

Array = np.ndarray[Any, Any]
Node = dict[str, str | None]
"""What is known of a process, product or flow; the keys of `_FIELDS`."""

ENTRIES = {
    "row": pl.String, "col": pl.String, "value": pl.Float64, "reference": pl.Boolean, "times": pl.Float64,
    "type": pl.UInt8, "loc": pl.Float64, "scale": pl.Float64, "low": pl.Float64, "high": pl.Float64,
}
"""A matrix entry: ids of row and column, its value, whether it is the column's reference, and the
distribution (code of stats_arrays) of a number that the entry is `times`."""

TECHNOSPHERE, BIOSPHERE, CHARACTERISATION = "technosphere_matrix", "biosphere_matrix", "characterization_matrix"
ROLES = ("process", "product", "flow")
ROLE_OF = {
    (TECHNOSPHERE, "col"): "process",
    (TECHNOSPHERE, "row"): "product",
    (BIOSPHERE, "col"): "process",
    (BIOSPHERE, "row"): "flow",
    (CHARACTERISATION, "row"): "flow",
}
ARRAYS = ("indices", "data", "flip", "rescale", "distributions", "reference")
DISTRIBUTIONS = {2: "lognormal", 3: "normal", 4: "uniform", 5: "triangular", 13: "pert"}
_KNOWN = (0, 1, *DISTRIBUTIONS)  # 0 and 1: undefined, and known exactly

_FIELDS = {  # our column: what packages call it, the first that is there
    "id": ("code",), "name_en": ("name_en", "name"), "name_zh": ("name_zh",), "place": ("place", "location"),
    "unit": ("unit",), "kind": ("kind", "type"), "compartment": ("compartment", "categories"),
    "category": ("category",), "cas": ("cas", "CAS number"), "formula": ("formula",),
    "product": ("reference product", "product"), "comment": ("comment",),
}
_PROCESS = ("name_zh", "name_en", "place", "category", "kind", "allocation", "comment")
_PROCESS_KINDS = ("unit", "system", "market")
_FLOW = ["key", "id", "name_zh", "name_en", "kind", "unit", "compartment", "cas", "formula", "category"]
FACTORS = {"method": pl.String, "unit": pl.String, "flow": pl.String, "place": pl.String, "factor": pl.Float64}
"""A characterisation factor; `flow` is an id of the package, `unit` the method's."""


def node(row: Mapping[str, Any]) -> Node:
    """What a row of a package's table, or a dataset, says of a node."""
    found: Node = {}
    for ours, theirs in _FIELDS.items():
        value = next((row[key] for key in theirs if row.get(key)), None)
        found[ours] = "/".join(map(str, value)) if isinstance(value, list | tuple) else value
    found["cas"] = cas_number(found["cas"])
    if compartment := found["compartment"]:
        parts = [part.strip(" '\"") for part in compartment.strip("()[]").replace(",", "/").split("/")]
        parts = [part for part in parts if part]
        known = parts[0] in ("air", "water", "soil", "resource", "other")
        parts[:1] = [parts[0] if known or not (medium := compartment_of([parts[0]])) else medium]
        found["compartment"] = "/".join(parts)
    return found


def entries(
    indices: Array,
    data: Array,
    flip: Array | None = None,
    rescale: Array | None = None,
    distributions: Array | None = None,
    reference: Array | None = None,
) -> pl.DataFrame:
    """ENTRIES of the arrays of a resource group; a number that is NaN is no entry."""
    times = np.ones(data.shape, dtype=float)
    if flip is not None:
        times = np.where(flip, -times, times)
    if rescale is not None:
        times = times * rescale
    columns: dict[str, Any] = {
        "row": indices["row"].astype(str), "col": indices["col"].astype(str), "value": times * data, "times": times,
        "reference": np.zeros(data.shape, dtype=bool) if reference is None else reference,
    }
    if distributions is not None:
        columns |= {
            "type": distributions["uncertainty_type"], "loc": distributions["loc"], "scale": distributions["scale"],
            "low": distributions["minimum"], "high": distributions["maximum"],
        }
    return table(ENTRIES, pl.DataFrame(columns)).fill_nan(None).filter(pl.col("value").is_not_null())


def inventory(
    name: str,
    nodes: Mapping[str, Mapping[str, Node]],
    technosphere: pl.DataFrame,
    biosphere: pl.DataFrame,
    methods: Sequence[pl.DataFrame],
    defects: list[dict[str, Any]],
    tally: Tally,
    outside: Mapping[str, str] | None = None,
    keep: Sequence[str] = (),
) -> Reading:
    """The inventory of matrix entries (ENTRIES) and of factors (FACTORS).

    `nodes`: by role and id, what is known of them. `outside`: rows that are nodes of other databases, with
    the provider ("database:process") they stand for; their flows are not made here. `keep`: elementary flows that
    are kept even if nothing here uses them, as other databases may.
    """
    outside = outside or {}
    keys = pl.concat([technosphere["col"], biosphere["col"]]).unique(maintain_order=True)
    processes = _processes(keys, nodes["process"])
    technosphere = technosphere.with_row_index("entry")
    references = _references(technosphere)
    for key in processes.join(references, left_on="key", right_on="col", how="anti")["id"]:
        defects.append({"kind": "reference_missing", "process": key})
    products = _products(technosphere, nodes["product"], references, processes)
    factors = pl.concat(methods) if methods else pl.DataFrame(schema=FACTORS)
    kept = pl.Series(keep, dtype=pl.String)
    used = pl.concat([biosphere["row"], factors["flow"], kept]).unique(maintain_order=True)
    elementary = _identified(_about(used, nodes["flow"])).with_columns(kind=pl.lit("elementary")).select(_FLOW)
    exchanges = pl.concat([
        _technical(technosphere, references, products, processes, outside), _natural(biosphere, elementary)
    ])
    for code, count in exchanges.filter(~pl.col("type").fill_null(0).is_in(_KNOWN))["type"].value_counts().iter_rows():
        defects.append({"kind": "uncertainty_bad", "value": count, "detail": f"stats_arrays distribution {code}"})
    inside = pl.concat([products, elementary]).filter(~pl.col("key").is_in(list(outside)))
    flows = _in_our_units(inside.drop("key").unique("id", keep="first", maintain_order=True), defects)
    indicators = factors.unique("method", keep="first", maintain_order=True)
    made = Inventory(
        name=name,
        version="",
        processes=table(TABLES["processes"], processes.select("id", *_PROCESS)),
        flows=table(TABLES["flows"], flows),
        exchanges=_exchanges(exchanges, processes),
        methods=table(TABLES["methods"], indicators.select("unit", id="method", name_en="method")),
        factors=table(TABLES["factors"], factors.drop("unit").with_columns(flow=_named("flow", elementary))),
        depends=tuple(sorted({provider.split(":")[0] for provider in outside.values()})),
    )
    ids = pl.when(pl.col("what") == "factors").then("of").otherwise(_named("of", processes))
    seen = tally.frame().with_columns(of=ids)
    file = next(iter(seen["file"]), None)
    located = table(DEFECTS, defects).with_columns(where=pl.coalesce("where", pl.lit(file, pl.String)))
    return Reading(made, located, seen=seen)


def _about(keys: pl.Series, nodes: Mapping[str, Node]) -> pl.DataFrame:
    """The fields of nodes, in the order of `keys`."""
    rows = [nodes.get(key, {}) for key in keys]
    columns = {field: pl.Series([row.get(field) for row in rows], dtype=pl.String) for field in _FIELDS}
    return pl.DataFrame({"key": keys, **columns})


def _identified(about: pl.DataFrame) -> pl.DataFrame:
    """Nodes with an id: their code where no other has it, else the package's id; Chinese names as such."""
    own = pl.col("id").is_not_null() & pl.col("id").is_unique()
    return about.with_columns(id=pl.when(own).then("id").otherwise("key"), **_by_language())


def _by_language() -> dict[str, pl.Expr]:
    """The two names, a Chinese one moved where it belongs."""
    chinese = pl.col("name_en").str.contains(r"[\u3400-\u9fff]").fill_null(False)
    return {
        "name_zh": pl.coalesce("name_zh", pl.when(chinese).then("name_en")),
        "name_en": pl.when(~chinese).then("name_en"),
    }


def _processes(keys: pl.Series, nodes: Mapping[str, Node]) -> pl.DataFrame:
    kind = pl.when(pl.col("kind").is_in(_PROCESS_KINDS)).then("kind")
    return _identified(_about(keys, nodes)).with_columns(kind=kind, allocation=pl.lit("none"))


def _references(technosphere: pl.DataFrame) -> pl.DataFrame:
    """The reference of each column: `entry`, `row`, `col` and `sign` (−1: made in negative amounts, a waste)."""
    candidates = technosphere.filter(pl.col("value") != 0).with_columns(
        rank=pl.when("reference").then(0).when(pl.col("row") == pl.col("col")).then(1)
        .when((pl.col("value") > 0) & ((pl.col("value") > 0).sum().over("col") == 1)).then(2)
    )
    best = candidates.filter(pl.col("rank").is_not_null()).sort(
        "rank", pl.col("value").abs(), descending=[False, True], maintain_order=True
    )
    chosen = best.unique("col", keep="first", maintain_order=True)
    return chosen.select("entry", "row", "col", sign=pl.col("value").sign())


def _products(
    technosphere: pl.DataFrame, nodes: Mapping[str, Node], references: pl.DataFrame, processes: pl.DataFrame
) -> pl.DataFrame:
    """A flow for each technosphere row; what its own table does not say is taken from the process it is made by."""
    keys = technosphere["row"].unique(maintain_order=True)
    about = _about(keys, nodes).join(
        references.unique("row", keep="first").select(key="row", maker="col", sign="sign"), on="key", how="left",
        maintain_order="left",
    ).join(
        processes.select(maker="key", code="id", made="product", zh="name_zh", en="name_en", by="unit"), on="maker",
        how="left", maintain_order="left",
    )
    unnamed = pl.col("name_en").is_null() & pl.col("name_zh").is_null()
    waste = pl.when(pl.col("sign") < 0).then(pl.lit("waste")).otherwise(pl.lit("product"))
    filled = about.with_columns(
        id=pl.coalesce("id", pl.when(pl.col("maker") == pl.col("key")).then("code"), "key"),
        kind=pl.when(pl.col("kind").is_in(["product", "waste"])).then("kind").otherwise(waste),
        name_en=pl.when(unnamed).then(pl.coalesce("product", "made", "en")).otherwise("name_en"),
        name_zh=pl.when(unnamed & pl.coalesce("product", "made").is_null()).then("zh").otherwise("name_zh"),
        unit=pl.coalesce("unit", "by"),
    )
    return filled.with_columns(**_by_language()).select(_FLOW)


def _named(column: str, described: pl.DataFrame) -> pl.Expr:
    """The ids of keys."""
    return pl.col(column).replace_strict(described["key"], described["id"], default=None, return_dtype=pl.String)


def _technical(
    technosphere: pl.DataFrame, references: pl.DataFrame, products: pl.DataFrame, processes: pl.DataFrame,
    outside: Mapping[str, str],
) -> pl.DataFrame:
    """Technosphere entries as exchanges, amounts turned so that they are positive in their direction."""
    makers = references.group_by("row").agg(
        pl.col("sign").first(), maker=pl.when(pl.len() == 1).then(pl.col("col").first())
    )
    waste = pl.Series(products.filter(kind="waste")["key"])
    known = technosphere.join(makers, on="row", how="left", maintain_order="left").with_columns(
        reference=pl.col("entry").is_in(references["entry"].implode()),
        waste=pl.col("row").is_in(waste.implode()),
        sign=pl.col("sign").fill_null(1.0),
        provider=pl.coalesce(
            pl.col("maker").replace_strict(processes["key"], processes["id"], default=None, return_dtype=pl.String),
            pl.col("row").replace_strict(dict(outside), default=None, return_dtype=pl.String),
        ),
    )
    made = pl.col("value") * pl.col("sign") > 0
    leaves = (pl.col("waste") & ~pl.col("reference")) | (~pl.col("waste") & made)
    forward = (pl.col("reference") | (~pl.col("waste") & made)).fill_null(False)
    turn = pl.when(forward).then("sign").otherwise(-pl.col("sign"))
    return known.select(
        process="col", flow=_named("row", products),
        direction=pl.when(leaves).then(pl.lit("output")).otherwise(pl.lit("input")),
        amount=turn * pl.col("value"), reference="reference",
        avoided=made & ~pl.col("reference") & ~pl.col("waste") & pl.col("provider").is_not_null(),
        provider=pl.when(~pl.col("reference")).then("provider"),
        times=turn * pl.col("times"), **{key: pl.col(key) for key in ("type", "loc", "scale", "low", "high")},
    )


def _natural(biosphere: pl.DataFrame, elementary: pl.DataFrame) -> pl.DataFrame:
    """Biosphere entries as exchanges; a resource is taken in."""
    resources = elementary.filter(pl.col("compartment").str.starts_with("resource"))["key"]
    taken = pl.col("row").is_in(resources.implode())
    return biosphere.select(
        process="col", flow=_named("row", elementary),
        direction=pl.when(taken).then(pl.lit("input")).otherwise(pl.lit("output")),
        amount="value", reference=pl.lit(False), avoided=pl.lit(False), provider=pl.lit(None, pl.String),
        **{key: pl.col(key) for key in ("times", "type", "loc", "scale", "low", "high")},
    )


def _exchanges(exchanges: pl.DataFrame, processes: pl.DataFrame) -> pl.DataFrame:
    """Exchanges process by process, references first, distributions scaled from the number to the amount."""
    order = pl.DataFrame({"process": processes["key"], "order": range(processes.height)})
    distribution = pl.col("type").replace_strict(DISTRIBUTIONS, default=None, return_dtype=pl.String)
    kind, times, uncertain = pl.col("distribution"), pl.col("times"), pl.col("distribution").is_not_null()
    low, high = times * pl.col("low"), times * pl.col("high")
    logarithmic, located = kind == "lognormal", kind.is_in(["normal", "triangular", "pert"])
    sorted_ = exchanges.join(order, on="process", maintain_order="left").sort(
        "order", ~pl.col("reference"), maintain_order=True
    )
    scaled = sorted_.with_columns(distribution=distribution).with_columns(
        process=_named("process", processes),
        row=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("process"),
        loc=pl.when(logarithmic).then(pl.col("loc") + times.abs().log()).when(located).then(times * pl.col("loc")),
        scale=pl.when(logarithmic).then("scale").when(kind == "normal").then(times.abs() * pl.col("scale")),
        low=pl.when(uncertain).then(pl.when(times > 0).then(low).otherwise(high)),
        high=pl.when(uncertain).then(pl.when(times > 0).then(high).otherwise(low)),
    )
    return table(TABLES["exchanges"], scaled.drop("order", "times", "type"))


def _in_our_units(flows: pl.DataFrame, defects: list[dict[str, Any]]) -> pl.DataFrame:
    symbols = {unit: units.canonical(unit) for unit in flows["unit"].drop_nulls().unique()}
    unknown = flows.filter(pl.col("unit").is_in([unit for unit, symbol in symbols.items() if symbol is None]))
    for flow, unit in unknown.select("id", "unit").iter_rows():
        defects.append({"kind": "flow_unknown_unit", "flow": flow, "detail": unit})
    return flows.with_columns(unit=pl.col("unit").replace({key: value for key, value in symbols.items() if value}))


# Writing


def columns(system: pl.DataFrame, made: Inventory) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What packages say of the columns of a system, and of their products, in the order of the columns.

    The id of a column is its process's, with the product's where a process has several.
    """
    several = pl.len().over("process") > 1
    flows = made.flows.select(flow="id", flow_zh="name_zh", flow_en="name_en", unit="unit", flow_category="category")
    about = made.processes.select("name_zh", "name_en", "category", process="id", sort="kind")
    known = (
        system.join(about, on="process", how="left", maintain_order="left")
        .join(flows, on="flow", how="left", maintain_order="left")
        .with_columns(id=pl.when(several).then(pl.format("{}|{}", "process", "flow")).otherwise("process"))
    )
    processes = known.select(
        "id", "name_zh", "name_en", "unit", "category", "start", "end", database=pl.lit(made.name), kind="sort",
        name=pl.coalesce("name_en", "name_zh"), location=pl.col("place"),
        **{"reference product": pl.coalesce("flow_en", "flow_zh")},
    )
    products = known.select(
        "unit", "kind", id="flow", name_zh="flow_zh", name_en="flow_en", category="flow_category"
    )
    return processes, products
