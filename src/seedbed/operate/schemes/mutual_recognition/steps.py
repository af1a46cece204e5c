"""What each rule abroad asks, as fields of the footprint."""

from __future__ import annotations

from decimal import Decimal

from seedbed.operate.assess import Book

RULES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "cbam": ("欧盟碳边境调节（2023/956）", "EU border adjustment (2023/956)", ("installation", "eu_verifier", "no_certificates")),
    "battery": ("欧盟电池条例（2023/1542）第七条", "EU battery regulation (2023/1542), article 7",
                ("product_rule", "by_plant", "eu_verifier", "no_certificates", "verified")),
    "ppe2": ("法国光伏招标碳评价（PPE2）", "French solar tenders (PPE2)", ("by_plant", "verified", "product_rule")),
    "korea": ("韩国光伏碳认证", "Korean certification of solar modules", ("iso14067", "product_rule", "by_plant")),
    "japan": ("日本产品碳足迹指南", "Japanese footprint guideline", ("iso14067", "product_rule", "verified")),
    "epd": ("环境产品声明（EN 15804、ISO 14025）", "Environmental product declaration (EN 15804, ISO 14025)",
            ("product_rule", "verified", "all_indicators")),
    "pact": ("PACT数据交换（3.0）", "PACT exchange (3.0)", ("iso14067", "primary_share", "data_quality", "exchange")),
    "catenax": ("Catena-X产品碳足迹", "Catena-X product footprint", ("iso14067", "primary_share", "exchange", "verified")),
}


def steps(book: Book) -> None:
    """Ready where nothing lacks."""
    asks = book.scheme.asks
    rows = []
    for name, (zh, en, wanted) in RULES.items():
        missing = [one for one in wanted if not book.values[one]]
        rows.append({"rule": name, "rule_zh": zh, "rule_en": en, "missing": missing})
    book.tables["rules"] = [{"rule": row["rule"]} for row in rows]
    book.column("rules", "name", "国外规则", "Rule abroad", [f"{row['rule_zh']} {row['rule_en']}" for row in rows])
    book.column("rules", "ready", "满足", "Satisfied", [Decimal(int(not row["missing"])) for row in rows])
    book.column("rules", "lacking", "尚缺", "Lacking", [
        "；".join(f"{asks[one].label.zh} {asks[one].label.en}" for one in row["missing"]) or "–" for row in rows])
    book.line("count_ready", "满足的规则数", "Rules satisfied", Decimal(sum(not row["missing"] for row in rows)))
    book.warn("碳足迹不能代替边境调节的设施排放数据；没有一份足迹互认通用的协定。",
              "A product footprint never replaces an installation's data for the border; no agreement recognises one footprint everywhere.")
