"""Climate change: GWP100 of AR5 and AR6 for the flows of any database, split as ISO 14067 asks.

Greenhouse gases are recognised by CAS number, else by name, in air (and carbon dioxide taken from air).
Carbon dioxide and methane are fossil unless the flow says biogenic or land-use change; emissions of
aircraft are those at high altitude. The headline leaves biogenic carbon dioxide out, in and out alike,
whatever burns it (an aircraft on biofuel too); both are reported beside it, and `net` is the sum of all
(−1 removed, +1 emitted: ISO 14067, 6.4.9). Land-use change counts with what it takes up.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

from seedbed.base.datafile import load
from seedbed.base.text import Model, Text
from seedbed.lifecycle.inventory.tables import FACTORS, METHODS, table
from seedbed.lifecycle.labels import filled, name_columns

REPORTS = {"ar6": "IPCC AR6", "ar5": "IPCC AR5"}
"""Assessment reports the potentials are taken from; the first is the default."""


class _Source(Model):
    citation: str
    year: int


class _Part(Model):
    name: Text
    headline: bool


class _Names(Model):
    """Names of methods: `whole` of a `{report}`, `part` of a `{whole}` and its `{part}`, and the part `net`."""

    whole: Text
    part: Text
    net: Text


class _Words(Model):
    """Regular expressions by which names and compartments tell where a gas comes from."""

    biogenic: tuple[str, ...]
    land_use: tuple[str, ...]
    aircraft: tuple[str, ...]
    origin: tuple[str, ...]


class _Gas(Model):
    cas: str
    ar5: float
    ar6: float
    also: tuple[str, ...] = ()


class _CarbonDioxide(Model):
    cas: str
    names: tuple[str, ...]


class _Methane(_CarbonDioxide):
    ar5: dict[str, float]
    ar6: dict[str, float]


class _Equivalent(Model):
    names: tuple[str, ...]


class Climate(Model):
    """The file climate.yaml: potentials, the parts that ISO 14067 wants reported, and what tells them apart."""

    sources: dict[str, _Source]
    parts: dict[str, _Part]
    names: _Names
    words: _Words
    co2: _CarbonDioxide
    methane: _Methane
    equivalent: _Equivalent
    gases: dict[str, _Gas]


@cache
def climate() -> Climate:
    """The shipped potentials."""
    return load(Path(__file__).parent / "climate.yaml", Climate)


def part_names() -> dict[str, Text]:
    """The parts of a climate footprint, and the net sum of all, by id."""
    names = {part: entry.name for part, entry in climate().parts.items()}
    return names | {"net": climate().names.net}


def method_id(report: str, part: str = "") -> str:
    """Name of a method: `gwp100-ar6`, its part `gwp100-ar6/fossil`, or `gwp100-ar6/net`."""
    return f"gwp100-{report}" + (f"/{part}" if part else "")


def methods() -> pl.DataFrame:
    """The climate methods, in the METHODS schema: for each report the headline, its parts and the net sum."""
    rows: list[dict[str, object]] = []
    patterns = climate().names
    for report, label in REPORTS.items():
        whole = filled(patterns.whole, report=label)
        named = {"": whole} | {
            part: filled(patterns.part, whole=whole, part=name) for part, name in part_names().items()
        }
        rows.extend(
            {"id": method_id(report, part), **name_columns(name), "unit": "kgCO2e",
             "source": climate().sources[report].citation}
            for part, name in named.items()
        )
    return table(METHODS, rows)


def factors(flows: pl.DataFrame) -> pl.DataFrame:
    """Characterisation factors of `flows` (FLOWS schema; masses in any mass unit) in the FACTORS schema."""
    gases = _gases(flows)
    rows = []
    for report in REPORTS:
        parts = gases.filter(pl.col("part").is_not_null()).select(
            "flow", "part", factor=pl.col(report) * pl.col("kilograms")
        )
        headline = [part for part, entry in climate().parts.items() if entry.headline]
        rows += [
            parts.select("flow", "factor", method=pl.lit(method_id(report) + "/") + pl.col("part")),
            parts.filter(pl.col("part").is_in(headline)).select("flow", "factor", method=pl.lit(method_id(report))),
            parts.select("flow", "factor", method=pl.lit(method_id(report, "net"))),
        ]
    return table(FACTORS, pl.concat(rows))


def _gases(flows: pl.DataFrame) -> pl.DataFrame:
    """Flows that are greenhouse gases: `flow`, `part`, potential by report, kilograms in a unit of the flow."""
    elementary = flows.filter(pl.col("kind") == "elementary")
    text = pl.concat_str("name_en", "name_zh", "compartment", separator=" ", ignore_nulls=True)
    known, words = _potentials(), climate().words
    stem = pl.col("name_en").fill_null(pl.col("name_zh")).str.to_lowercase()
    origin = rf"[,(].*({'|'.join(words.origin)}).*$"
    plain = stem.str.replace(origin, "").str.strip_chars()
    by_cas = known.select("gas", cas="cas").drop_nulls("cas")
    by_name = known.explode("names").select(stem="names", named="gas")
    by_plain = by_name.rename({"stem": "plain", "named": "plain_named"})
    matched = (
        elementary.with_columns(text=text.str.to_lowercase(), stem=stem, plain=plain)
        .join(by_cas, on="cas", how="left", maintain_order="left")
        .join(by_name, on="stem", how="left", maintain_order="left")
        .join(by_plain, on="plain", how="left", maintain_order="left")
        .with_columns(gas=pl.coalesce("gas", "named", "plain_named"))
        .filter(pl.col("gas").is_not_null())
    )
    compartment = pl.col("compartment").fill_null("")
    air, resource = compartment.str.starts_with("air"), compartment.str.starts_with("resource")
    co2, methane = pl.col("gas") == "co2", pl.col("gas") == "methane"
    carbon = co2 | methane
    aircraft = air & pl.col("text").str.contains("|".join(words.aircraft))
    land_use = carbon & pl.col("text").str.contains("|".join(words.land_use))
    biogenic = carbon & pl.col("text").str.contains("|".join(words.biogenic))
    uptake = co2 & resource
    part = (
        pl.when(uptake & land_use).then(pl.lit("land_use"))
        .when(uptake).then(pl.lit("removal"))
        .when(~air).then(None)
        .when(co2 & biogenic & ~land_use).then(pl.lit("biogenic_co2"))
        .when(aircraft).then(pl.lit("aircraft"))
        .when(land_use).then(pl.lit("land_use"))
        .when(biogenic).then(pl.lit("biogenic"))
        .otherwise(pl.lit("fossil"))
    )
    kind = pl.when(methane & biogenic & ~land_use).then(pl.lit("methane/biogenic")).otherwise(pl.col("gas"))
    sign = pl.when(uptake).then(-1.0).otherwise(1.0)
    mass = pl.DataFrame({"unit": ["kg", "g", "mg", "t"], "kilograms": [1.0, 1e-3, 1e-6, 1e3]})
    return (
        matched.with_columns(part=part, key=kind)
        .join(known.select(key="gas", **{report: report for report in REPORTS}), on="key", maintain_order="left")
        .join(mass, on="unit", maintain_order="left")
        .select("part", "kilograms", *(pl.col(report) * sign for report in REPORTS), flow="id")
    )


@cache
def _potentials() -> pl.DataFrame:
    """Gas → names, CAS and potentials; methane has two rows, `methane` (fossil) and `methane/biogenic`."""
    data = climate()
    rows: list[dict[str, object]] = [
        {"gas": "co2", "cas": data.co2.cas, "names": list(data.co2.names), "ar5": 1.0, "ar6": 1.0},
        {"gas": "equivalent", "cas": None, "names": list(data.equivalent.names), "ar5": 1.0, "ar6": 1.0},
        {"gas": "methane", "cas": data.methane.cas, "names": list(data.methane.names),
         "ar5": data.methane.ar5["fossil"], "ar6": data.methane.ar6["fossil"]},
        {"gas": "methane/biogenic", "cas": None, "names": [],
         "ar5": data.methane.ar5["biogenic"], "ar6": data.methane.ar6["biogenic"]},
    ]
    rows += [
        {"gas": name, "cas": gas.cas, "names": [name.lower(), *gas.also], "ar5": gas.ar5, "ar6": gas.ar6}
        for name, gas in data.gases.items()
    ]
    schema = {"gas": pl.String, "cas": pl.String, "names": pl.List(pl.String), "ar5": pl.Float64, "ar6": pl.Float64}
    return pl.DataFrame(rows, schema=schema)
