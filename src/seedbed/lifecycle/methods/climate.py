"""Climate change: GWP100 of AR5 and AR6 for the flows of any database, split as ISO 14067 asks.

Greenhouse gases are recognised by CAS number, else by name, else by the refrigerant number a name ends with, in air or
where no medium is said (and carbon dioxide taken from air, or stored in soil). `unmatched` are flows that look like one
and are none.
Carbon dioxide and methane are fossil unless the flow says biogenic or land-use change; emissions of
aircraft are those at high altitude. The headline leaves biogenic carbon dioxide out, in and out alike,
whatever burns it (an aircraft on biofuel too); both are reported beside it, and `net` is the sum of all
(−1 removed, +1 emitted: ISO 14067, 6.4.9). Land-use change counts with what it takes up.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

from seedbed.base import units
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
    """Regular expressions by which names and compartments tell where a gas comes from, and what may be one.

    `suspects` look like greenhouse gases, but for those that are `innocent`; both are of normalised names.
    """

    biogenic: tuple[str, ...]
    land_use: tuple[str, ...]
    aircraft: tuple[str, ...]
    stored: tuple[str, ...]
    suspects: tuple[str, ...]
    innocent: tuple[str, ...]
    origin: tuple[str, ...]
    after: tuple[str, ...]


class _Gas(Model):
    """`codes`: refrigerant numbers besides the one that its name ends with."""

    cas: str
    codes: tuple[str, ...] = ()
    ar5: float | None = None
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


def unmatched(flows: pl.DataFrame) -> pl.DataFrame:
    """Elementary flows (FLOWS schema) that are or look like greenhouse gases, in air or nowhere, and have no factor.

    What is in another medium by its name alone (`other`) is among them.
    """
    words = climate().words
    counted = _gases(flows).filter(pl.col("part").is_not_null() & pl.col("kilograms").is_not_null())
    suspect = _named(flows).select("id", "medium", text="text").filter(
        pl.col("text").str.contains("|".join(words.suspects)) & ~pl.col("text").str.contains("|".join(words.innocent)))
    recognised = _recognised(flows).select("id", "medium", text="text")
    seen = pl.concat([suspect, recognised]).filter(pl.col("medium").is_in(["air", "other"])).select("id").unique()
    return flows.join(seen, on="id", how="semi", maintain_order="left").join(
        counted.select(id="flow"), on="id", how="anti", maintain_order="left")


_MEDIA = ("air", "water", "soil", "resource", "other")
_CODE = r"(?:^|[\s,(])(?:r|f|c?fc|hfc|hcfc|pfc|hcc|freon|(halon))[\s-]?(\d{2,4}(?:-\d{2})?[a-z]{0,3})\)?$"
"""A refrigerant's number at the end of a name; halons have numbers of their own."""


_ASIDE = r"\s*\[[^\]]*\]$"
"""What GaBi adds to names: `Carbon dioxide [Inorganic emissions to air]`."""


def _named(flows: pl.DataFrame) -> pl.DataFrame:
    """Elementary flows with `text` (names and compartment) and `medium`.

    Full-width letters and brackets are plain ones, subscripts digits. What no medium is said of counts as air.
    """
    text = pl.concat_str("name_en", "name_zh", "compartment", separator=" ", ignore_nulls=True)
    top = pl.col("compartment").fill_null("").str.extract(r"^([a-z]+)")
    return flows.filter(pl.col("kind") == "elementary").with_columns(
        text=_normal(text), medium=pl.when(top.is_in(_MEDIA)).then(top).otherwise(pl.lit("air")))


def _normal(text: pl.Expr) -> pl.Expr:
    return text.str.normalize("NFKC").str.to_lowercase().str.strip_chars()


def _recognised(flows: pl.DataFrame) -> pl.DataFrame:
    """The elementary flows that are greenhouse gases, with `gas`; see `_named`."""
    known, words = _potentials(), climate().words
    after = f"({'|'.join(words.after)})+$"
    origin = rf"\s*(?:[,(;:/]|\s-\s).*({'|'.join(words.origin)}).*$"
    found = _named(flows).with_columns(
        zh=_normal(pl.col("name_zh")).str.replace(_ASIDE, ""),
        stem=_normal(pl.coalesce("name_en", "name_zh")).str.replace(_ASIDE, ""),
    ).with_columns(
        plain=pl.col("stem").str.replace(origin, "").str.replace(after, "").str.strip_chars(),
        plain_zh=pl.col("zh").str.replace(origin, "").str.replace(after, "").str.strip_chars(),
        code=pl.col("stem").str.extract(_CODE, 1).fill_null("") + pl.col("stem").str.extract(_CODE, 2),
    )
    by_cas = known.select("gas", cas="cas").drop_nulls("cas")
    by_name = known.explode("names").select(name="names", named="gas").drop_nulls().unique("name", keep="first")
    by_code = known.explode("codes").select(code="codes", coded="gas").drop_nulls().unique("code", keep="first")
    found = found.join(by_cas, on="cas", how="left", maintain_order="left")
    for column in ("stem", "plain", "zh", "plain_zh"):
        named = by_name.select(pl.col("name").alias(column), pl.col("named").alias(f"by_{column}"))
        found = found.join(named, on=column, how="left", maintain_order="left")
    return found.join(by_code, on="code", how="left", maintain_order="left").with_columns(
        gas=pl.coalesce("gas", "by_stem", "by_plain", "by_zh", "by_plain_zh", "coded")
    ).filter(pl.col("gas").is_not_null())


def _gases(flows: pl.DataFrame) -> pl.DataFrame:
    """Flows that are greenhouse gases: `flow`, `part`, potential by report, kilograms in a unit of the flow."""
    known, words = _potentials(), climate().words
    matched = _recognised(flows)
    air, resource = pl.col("medium") == "air", pl.col("medium") == "resource"
    co2, methane = pl.col("gas") == "co2", pl.col("gas") == "methane"
    carbon = co2 | methane
    aircraft = air & pl.col("text").str.contains("|".join(words.aircraft))
    land_use = carbon & pl.col("text").str.contains("|".join(words.land_use))
    biogenic = carbon & pl.col("text").str.contains("|".join(words.biogenic))
    stored = co2 & ~pl.col("medium").is_in(["water", "resource"]) & pl.col("text").str.contains("|".join(words.stored))
    uptake = (co2 & resource) | stored
    part = (
        pl.when(uptake & (land_use | stored)).then(pl.lit("land_use"))
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
    masses = {unit: units.factor(unit, "kg") for unit in flows["unit"].unique().drop_nulls()
              if units.canonical(unit) and units.dimension(unit) == "mass"}
    mass = pl.DataFrame({"unit": list(masses), "kilograms": list(masses.values())},
                        schema={"unit": pl.String, "kilograms": pl.Float64})
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
        {"gas": "co2", "cas": data.co2.cas, "names": list(data.co2.names), "codes": [], "ar5": 1.0, "ar6": 1.0},
        {"gas": "equivalent", "cas": None, "names": list(data.equivalent.names), "codes": [], "ar5": 1.0, "ar6": 1.0},
        {"gas": "methane", "cas": data.methane.cas, "names": list(data.methane.names), "codes": [],
         "ar5": data.methane.ar5["fossil"], "ar6": data.methane.ar6["fossil"]},
        {"gas": "methane/biogenic", "cas": None, "names": [], "codes": [],
         "ar5": data.methane.ar5["biogenic"], "ar6": data.methane.ar6["biogenic"]},
    ]
    rows += [
        {"gas": name, "cas": gas.cas, "names": [name.lower(), *gas.also], "codes": _codes(name, gas), "ar5": gas.ar5,
         "ar6": gas.ar6}
        for name, gas in data.gases.items()
    ]
    schema = {"gas": pl.String, "cas": pl.String, "names": pl.List(pl.String), "codes": pl.List(pl.String),
              "ar5": pl.Float64, "ar6": pl.Float64}
    return pl.DataFrame(rows, schema=schema)


def _codes(name: str, gas: _Gas) -> list[str]:
    """The refrigerant numbers of a gas: of its own name (`HFC-134a`, `Halon-1301`), and others."""
    family, _, number = name.lower().partition("-")
    return [*gas.codes, *([("halon" if family == "halon" else "") + number] if number[:1].isdigit() else [])]
