"""Classifications: green industries, industries, CBAM goods, industrialisation; Japan's survey."""

from __future__ import annotations

from collections.abc import Iterator

from common import Raw, Record, catalogue, english, number

VERIFICATION = {
    "verified": ("verified", 2),
    "matches report Fig.8": ("matches_report", 2),
    "matches secondary public copy; count matches 31": ("secondary", 3),
    "secondary": ("secondary", 3),
    "from memory, count matches 31": ("unverified", 4),
}

SECTIONS_EN = {
    "A": "Agriculture, forestry, animal husbandry and fishery",
    "B": "Mining",
    "C": "Manufacturing",
    "D": "Production and supply of electricity, heat, gas and water",
    "E": "Construction",
    "F": "Wholesale and retail trade",
    "G": "Transport, storage and postal services",
    "H": "Accommodation and catering",
    "I": "Information transmission, software and information technology services",
    "J": "Finance",
    "K": "Real estate",
    "L": "Leasing and business services",
    "M": "Scientific research and technical services",
    "N": "Water conservancy, environment and public facilities management",
    "O": "Household services, repair and other services",
    "P": "Education",
    "Q": "Health and social work",
    "R": "Culture, sports and entertainment",
    "S": "Public administration, social security and social organisations",
    "T": "International organisations",
}

CBAM_SECTORS = {
    "cement": ("水泥", "Cement"),
    "electricity": ("电力", "Electricity"),
    "fertilisers": ("化肥", "Fertilisers"),
    "iron_steel": ("钢铁", "Iron and steel"),
    "aluminium": ("铝", "Aluminium"),
    "hydrogen": ("氢", "Hydrogen"),
}

CBAM_MISSING = (
    ("iron_steel", "72", "Iron and steel"),
    ("electricity", "2716 00 00", "Electrical energy"),
    ("fertilisers", "3105 60 00", "Fertilisers containing phosphorus and potassium"),
)
CBAM_EXCEPTIONS = ("7202 ", "7204", "3105 60")

INDICATORS = {
    "gdp_per_capita": ("人均GDP", "GDP per capita"),
    "three_industry_structure": ("三次产业结构", "Structure of the three sectors"),
    "manufacturing_share_of_commodity_va": (
        "制造业增加值占总商品增加值比重",
        "Manufacturing share of value added in goods",
    ),
    "urbanisation": ("城镇化率", "Urbanisation rate"),
    "primary_employment_share": ("第一产业就业占比", "Primary sector share of employment"),
}
THRESHOLD_INDICATORS = {
    "manufacturing_share_of_commodity_va_pct": "manufacturing_share_of_commodity_va",
    "urbanisation_pct": "urbanisation",
    "primary_employment_pct (descending)": "primary_employment_share",
}
STAGES_EN = ("Pre-industrial", "Early industrialisation", "Mid industrialisation", "Late industrialisation")
STAGES_EN += ("Post-industrial",)

JAPAN = {
    "domestic_market_total": ("国内环境产业市场规模", "Domestic environmental market", "trillion JPY"),
    "domestic_market_forecast": (
        "国内环境产业市场规模预测",
        "Domestic environmental market, forecast",
        "trillion JPY",
    ),
    "employment": ("环境产业就业", "Employment", "million persons"),
    "exports": ("环境产业出口", "Exports", "trillion JPY"),
    "imports": ("环境产业进口", "Imports", "trillion JPY"),
    "value_added": ("环境产业增加值", "Value added", "trillion JPY"),
    "global_market_forecast_report": (
        "全球环境产业市场规模预测(报告引用)",
        "World environmental market, forecast as the report cites it",
        "trillion JPY",
    ),
}


@catalogue(
    "industry_catalogue_2024",
    "code",
    "level",
    "parent",
    "name_zh",
    "name_en",
    "verification",
    "quality",
)
def industry_catalogue_2024(raw: Raw) -> Iterator[Record]:
    """The 2024 catalogue of green industries. Level 3 exists here for classes 1–3 only, second-hand."""
    for row in raw.rows("catalogue_green_industry_2024_2019"):
        if not row["edition"].startswith("2024"):
            continue
        verification, quality = VERIFICATION[row["verification"]]
        yield {
            "code": row["code"],
            "level": int(row["level"]),
            "parent": row["parent"],
            "name_zh": row["name_cn"],
            "name_en": "" if row["level"] == "3" else english(row["name_cn"]),
            "verification": verification,
            "quality": quality,
        }


@catalogue("industry_codes", "code", "level", "parent", "name_zh", "name_en")
def industry_codes(raw: Raw) -> Iterator[Record]:
    """GB/T 4754-2017: sections, divisions, groups, classes; the parent is the code one level up."""
    for row in raw.rows("gbt4754_2017_industry_codes"):
        level = int(row["level"])
        above = (None, None, row["section"], row["division"], row["group"])[level]
        name_en = SECTIONS_EN[row["code"]] if level == 1 else ""
        yield {
            "code": row["code"],
            "level": level,
            "parent": above,
            "name_zh": row["name_cn"],
            "name_en": name_en,
        }


@catalogue("cbam_codes", "cn_code", "sector", "sector_zh", "sector_en", "included", "description")
def cbam_codes(raw: Raw) -> Iterator[Record]:
    """Goods of Annex I: codes of the Combined Nomenclature by sector.

    The annex lists chapter 72 *except* some ferro-alloys and scrap. The raw list dropped the chapter and kept
    the exceptions as if they were goods; here they are marked as left out and the missing entries are added.
    """
    rows = [(row["sector"], row["cn_code"], row["description"]) for row in raw.rows("cbam_annex1_cn_codes")]
    for sector, code, description in sorted([*rows, *CBAM_MISSING], key=lambda row: (row[0], row[1])):
        zh, en = CBAM_SECTORS[sector]
        excepted = code.startswith(CBAM_EXCEPTIONS)
        yield {
            "cn_code": code,
            "sector": sector,
            "sector_zh": zh,
            "sector_en": en,
            "included": "false" if excepted else "true",
            "description": description,
        }


@catalogue(
    "industrialisation_thresholds",
    *("indicator", "name_zh", "name_en", "unit", "base_year", "pre", "early", "middle", "late", "post"),
    *("quality", "note"),
)
def industrialisation_thresholds(raw: Raw) -> Iterator[Record]:
    """Where each stage begins, by indicator; income thresholds for several price years."""
    for row in raw.rows("method_industrialisation_thresholds"):
        income = row["indicator"].startswith("gdp_per_capita")
        key = "gdp_per_capita" if income else THRESHOLD_INDICATORS[row["indicator"]]
        zh, en = INDICATORS[key]
        factor = 1.0 if income else 0.01
        year = row["indicator"].rsplit("_", 1)[-1] if income else ""
        yield {
            "indicator": key,
            "name_zh": zh,
            "name_en": en,
            "unit": f"{year} USD" if income else "1",
            "base_year": year,
            "pre": number(row["lower_bound_pre_industrial(1)"], factor),
            "early": number(row["early(2)_starts"], factor),
            "middle": number(row["middle(3)_starts"], factor),
            "late": number(row["late(4)_starts"], factor),
            "post": number(row["post(5)_starts"], factor),
            "quality": 4,
            "note": "unverified",
        }


@catalogue("industrialisation_weights", "indicator", "name_zh", "name_en", "weight", "quality", "note")
def industrialisation_weights(raw: Raw) -> Iterator[Record]:
    """Weight of each indicator in the index."""
    for row in raw.rows("method_industrialisation_weights"):
        zh, en = INDICATORS[row["indicator"]]
        weight = float(row["weight_ahp"])
        yield {"indicator": row["indicator"], "name_zh": zh, "name_en": en, "weight": weight} | {
            "quality": 4,
            "note": "unverified",
        }


@catalogue(
    "industrialisation_stages",
    *("stage", "name_zh", "name_en", "index_from", "index_to", "sector_rule", "quality", "note"),
)
def industrialisation_stages(raw: Raw) -> Iterator[Record]:
    """Stages by the value of the index; A, I, S are the shares of the three sectors."""
    for row in raw.rows("method_industrialisation_stages"):
        stage = int(row["stage"])
        yield {
            "stage": stage,
            "name_zh": row["name_cn"],
            "name_en": STAGES_EN[stage - 1],
            "index_from": number(row["index_from"]),
            "index_to": number(row["index_to"]),
            "sector_rule": row["three_industry_rule"],
            "quality": 4,
            "note": "unverified",
        }


@catalogue(
    "japan_env_market", "indicator", "name_zh", "name_en", "year", "value", "unit", "edition", "quality"
)
def japan_env_market(raw: Raw) -> Iterator[Record]:
    """Japan's environmental industry; each edition revises its scope, so values of editions differ."""
    for row in raw.rows("method_japan_env_industry_market"):
        zh, en, unit = JAPAN[row["indicator"]]
        cited = row["indicator"].endswith("_report")
        yield {
            "indicator": row["indicator"].removesuffix("_report"),
            "name_zh": zh,
            "name_en": en,
            "year": int(row["year"]),
            "value": float(row["value"]),
            "unit": unit,
            "edition": "CAICT 2024" if cited else row["source"].split()[0].rstrip(";"),
            "quality": 3,
        }
