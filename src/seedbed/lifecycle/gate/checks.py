"""Checks of the tables themselves, each a function from a `View` to the defects it finds.

They need no solution and are independent of one another: a check that is left out of `CHECKS` finds
nothing and disturbs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from seedbed.base import units
from seedbed.facts import places as facts_places
from seedbed.lifecycle import places
from seedbed.lifecycle.gate.view import DIVIDED, REAL, View, found
from seedbed.lifecycle.methods import climate

Check = Callable[[View], pl.DataFrame]
FAR = 3.0
"""Standard deviations from the middle of a distribution beyond which it is not about its amount."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
NEEDED = {
    "normal": ("loc", "scale"), "lognormal": ("loc", "scale"), "triangular": ("loc", "low", "high"),
    "uniform": ("low", "high"), "pert": ("loc", "low", "high"),
}
"""Distributions and the parameters each needs."""
_ISO = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_REGIONS = ("RAF", "RAS", "RER", "RLA", "RNA", "RME", "OCE", "UCTE", "ENTSO-E", "NORDEL", "CENTREL")


def amounts(view: View) -> pl.DataFrame:
    """Exchanges with neither amount nor formula, or with one that is not finite."""
    rows = view.exchanges.filter(pl.col("formula").is_null())
    return pl.concat([
        found(rows.filter(pl.col("amount").is_null()), "amount_missing", detail="flow_name"),
        found(rows.filter(~pl.col("amount").is_finite()), "amount_not_number", value="amount", detail="flow_name"),
    ])


def flows_there(view: View) -> pl.DataFrame:
    """Exchanges whose flow is not there, or that name none."""
    return found(view.exchanges.filter(pl.col("kind").is_null()), "flow_missing", detail="flow")


def belonging(view: View) -> pl.DataFrame:
    """Exchanges of a process that is not there, and those that go neither in nor out."""
    rows = view.exchanges
    orphans = rows.join(view.processes.select("process"), on="process", how="anti", maintain_order="left")
    directed = pl.col("direction").is_in(["input", "output"]).fill_null(False)
    return pl.concat([
        found(orphans, "process_missing", detail="process"),
        found(rows.filter(~directed), "direction_missing", value="amount", detail="flow_name"),
    ])


def units_known(view: View) -> pl.DataFrame:
    """Flows without a unit or with one the table of units lacks."""
    flows = view.inventory.flows.select("unit", flow="id", written="unit")
    known = [unit for unit in flows["unit"].unique().drop_nulls() if units.canonical(unit)]
    return found(flows.filter(pl.col("unit").is_null() | ~pl.col("unit").is_in(known)), "flow_unknown_unit",
                 detail="written")


def greenhouse(view: View) -> pl.DataFrame:
    """Elementary flows that look like greenhouse gases, are given off to air, and count nothing in climate methods."""
    used = view.exchanges.filter(REAL & (pl.col("kind") == "elementary")).select(id="flow").unique()
    flows = view.inventory.flows.join(used, on="id", how="semi", maintain_order="left")
    lost = climate.unmatched(flows).select(flow="id", written=pl.coalesce("name_en", "name_zh", "id"))
    return found(lost, "elementary_unmatched", detail="written")


def references(view: View) -> pl.DataFrame:
    """Processes without a reference product, with several, with one of amount zero or in the wrong direction."""
    rows = view.references
    product, output = pl.col("kind") == "product", pl.col("direction") == "output"
    proper = rows.filter(pl.col("kind").is_in(["product", "waste"]))
    zero = proper.filter(pl.col("amount").is_null() & pl.col("formula").is_null() | (pl.col("amount") == 0))
    real = proper.filter(REAL).join(view.processes.select("process", "allocation"), on="process", how="left",
                                    maintain_order="left").filter(~pl.col("allocation").is_in(DIVIDED).fill_null(False))
    further = real.filter(pl.col("process").cum_count().over("process") > 1)
    without = view.processes.join(proper, on="process", how="anti", maintain_order="left")
    without = without.join(rows.select("process", "flow_name").unique("process"), on="process", how="left",
                           maintain_order="left")
    return pl.concat([
        found(without, "reference_missing", detail="flow_name"),
        found(further, "reference_several", value="amount", detail="flow_name"),
        found(zero, "reference_zero", value="amount", detail="flow_name"),
        found(proper.filter(product != output), "reference_direction", value="amount", detail="flow_name"),
    ])


def providers(view: View) -> pl.DataFrame:
    """Providers that are named but do not supply the flow, inputs nobody supplies, flows of several suppliers."""
    supply = pl.concat([view.made, view.made_elsewhere])
    product, output = pl.col("kind") == "product", pl.col("direction") == "output"
    uses = view.exchanges.filter(
        ~pl.col("reference") & pl.col("kind").is_in(["product", "waste"]) & ((product != output) | pl.col("avoided"))
        & REAL)
    named = uses.filter(pl.col("provider").is_not_null())
    lost = named.join(supply, left_on=["provider", "flow"], right_on=["process", "flow"], how="anti",
                      maintain_order="left")
    unlinked = uses.join(supply.select("flow").unique(), on="flow", how="anti", maintain_order="left")
    several = (view.references.group_by("flow", maintain_order=True)
               .agg(pl.col("process").n_unique().alias("count"), pl.col("flow_name").first())
               .filter((pl.col("count") > 1) & pl.col("flow").is_not_null()))
    return pl.concat([
        found(lost, "provider_missing", detail="provider"),
        found(unlinked, "unlinked", value="amount", detail="flow_name"),
        found(several, "many_providers", value=pl.col("count").cast(pl.Float64), detail="flow_name"),
    ])


def duplicates(view: View) -> pl.DataFrame:
    """Ids used twice, and processes that differ in nothing but their id."""
    inventory = view.inventory
    same = ["flow", "place", "start", "end", "name_zh", "name_en"]
    products = (view.references.select("process", "flow")
                .join(inventory.processes.unique("id").rename({"id": "process"}), on="process", maintain_order="left")
                .filter(pl.len().over(same) > 1))
    twin = pl.col("process").min().over(same)
    return pl.concat([
        found(_twice(inventory.processes.select(process="id"), ["process"]), "duplicate_id"),
        found(_twice(inventory.flows.select(flow="id"), ["flow"]), "duplicate_id"),
        found(_twice(inventory.exchanges.select("process", "row"), ["process", "row"]), "duplicate_id"),
        found(products.filter(pl.col("process") != twin), "duplicate_product",
              detail=pl.coalesce("name_en", "name_zh", "process")),
    ])


def _twice(rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    return rows.filter(pl.len().over(key) > 1).unique(key, maintain_order=True)


def names(view: View) -> pl.DataFrame:
    """Processes and flows without a name."""
    nameless = pl.all_horizontal(pl.col(f"name_{lang}").fill_null("").str.strip_chars() == "" for lang in ("zh", "en"))
    return pl.concat([
        found(view.inventory.processes.filter(nameless).select(process="id"), "name_missing"),
        found(view.inventory.flows.filter(nameless).select(flow="id"), "name_missing"),
    ])


def periods(view: View) -> pl.DataFrame:
    """Periods that end before they begin, and years that cannot be meant."""
    years = [pl.col("start"), pl.col("end")]
    beyond = pl.any_horizontal(~year.is_between(FIRST_YEAR, LAST_YEAR) for year in years)
    wrong = view.processes.filter((pl.col("start") > pl.col("end")) | beyond)
    return found(wrong, "period_bad", value=pl.col("start").cast(pl.Float64),
                 detail=pl.format("{}–{}", *(year.cast(pl.String).fill_null("?") for year in years)))


def places_known(view: View) -> pl.DataFrame:
    """Processes in a place that nobody knows; a place that is not stated is the world."""
    unknown = [code for code in view.processes["place"].unique().drop_nulls() if not _known(code)]
    return found(view.processes.filter(pl.col("place").is_in(unknown)), "place_unknown", detail="place")


def _known(code: str) -> bool:
    if code in places.WORLD or code in _REGIONS or code in facts_places.GRID_REGIONS:
        return True
    if code.startswith("CN") or code.endswith("-CN"):  # "SD-CN" is Shandong written backwards, not in Sudan
        return code in {place.id for place in facts_places.all_places()}
    return bool(_ISO.fullmatch(code))


def uncertainty(view: View) -> pl.DataFrame:
    """Distributions that are unknown, incomplete or impossible."""
    rows = view.exchanges.filter(pl.col("distribution").is_not_null())
    kind = pl.col("distribution")
    absent = pl.any_horizontal(
        (kind == name) & pl.any_horizontal(pl.col(part).is_null() | ~pl.col(part).is_finite() for part in parts)
        for name, parts in NEEDED.items())
    bounded = kind.is_in(["triangular", "uniform", "pert"])
    mode_outside = kind.is_in(["triangular", "pert"]) & ~pl.col("loc").is_between(pl.col("low"), pl.col("high"))
    zero_lognormal = (kind == "lognormal") & (pl.col("amount") == 0)
    amount, low, high = pl.col("amount"), pl.col("low"), pl.col("high")
    slack = 1e-6 * amount.abs()
    apart = (
        (bounded & ((amount < low - slack) | (amount > high + slack)))
        | ((kind == "normal") & ((amount - pl.col("loc")).abs() > FAR * pl.col("scale") + slack))
        | ((kind == "lognormal") & ((amount.abs().log() - pl.col("loc")).abs() > FAR * pl.col("scale") + 1e-6))
    ) & pl.col("formula").is_null()
    wrong = (~kind.is_in(list(NEEDED)) | absent | (~bounded & (pl.col("scale") < 0))
             | (pl.col("low") > pl.col("high")) | mode_outside | zero_lognormal)
    wrong, apart = wrong.fill_null(False), apart.fill_null(False)
    return pl.concat([
        found(rows.filter(wrong), "uncertainty_bad", value=pl.coalesce("scale", "low"), detail="distribution"),
        found(rows.filter(apart & ~wrong), "uncertainty_apart", value="amount", detail="distribution"),
    ])


def factors(view: View) -> pl.DataFrame:
    """Impact factors that are no numbers, and those that a method states twice for one flow and place."""
    rows = view.inventory.factors.select("flow", "method", "place", "factor")
    bad = rows.filter(pl.col("factor").is_null() | ~pl.col("factor").is_finite())
    key = ["method", "flow", "place"]
    again = rows.filter((pl.len().over(key) > 1) & (pl.col("factor").n_unique().over(key) > 1)).unique(
        key, maintain_order=True)
    return pl.concat([found(bad, "factor_bad", detail="method"),
                      found(again, "factor_twice", value="factor", detail="method")])


def allocation(view: View) -> pl.DataFrame:
    """Processes of several products that are not divided, or by factors that are absent or give no shares."""
    table = view.inventory.allocation
    general = table.filter(pl.col("row").is_null()).select("process", "flow", "method", "factor")
    given = view.products.filter(pl.col("allocation").is_in(DIVIDED)).join(
        general, left_on=["process", "flow", "allocation"], right_on=["process", "flow", "method"], how="left",
        maintain_order="left")
    by_amount = ((pl.col("allocation") == "physical") & (pl.col("flow_unit").n_unique().over("process") == 1)
                 & pl.col("factor").is_null().all().over("process"))
    caused = ((pl.col("allocation") == "causal")
              & pl.col("process").is_in(table.filter(pl.col("row").is_not_null())["process"].unique().implode()))
    lacking = given.filter(pl.col("factor").is_null() & ~by_amount & ~caused)
    bearing = view.exchanges.filter(
        (pl.col("allocation") == "causal") & ~pl.col("reference") & REAL & ~pl.col("avoided")
        & ~((pl.col("kind") == "product") & (pl.col("direction") == "output")))
    stated = table.filter((pl.col("method") == "causal") & pl.col("row").is_not_null())
    uncaused = bearing.join(stated.select("process").unique(), on="process", how="semi", maintain_order="left").join(
        stated, on=["process", "row"], how="anti", maintain_order="left")
    return pl.concat([
        found(uncaused, "allocation_uncaused", value="amount", detail="flow_name"),
        found(view.undivided, "allocation_none", value=pl.col("count").cast(pl.Float64)),
        found(lacking, "allocation_missing", detail="flow_name"),
        found(_no_shares(table, view), "allocation_sum", value="sum", detail="method"),
    ])


def _no_shares(table: pl.DataFrame, view: View) -> pl.DataFrame:
    """Factors of the method that their process uses, where they cannot be made shares of one."""
    used = table.join(view.processes.select("process", method="allocation"), on=["process", "method"], how="semi",
                      maintain_order="left")
    sums = used.group_by("process", "method", "row", maintain_order=True).agg(
        pl.col("factor").sum().alias("sum"), pl.col("factor").min().alias("least"))
    return sums.filter((pl.col("least") < 0) | (pl.col("sum") <= 0) | ~pl.col("sum").is_finite())


CHECKS: tuple[Check, ...] = (
    amounts, flows_there, belonging, units_known, greenhouse, references, providers, duplicates, names, periods,
    places_known, uncertainty, allocation, factors,
)
