"""What the report of 2024 says: its tables, figures, numbers, and our corrections of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import yaml
from common import Raw, Record, catalogue, country_ids, english

CHANNELS = {
    "政府绿色采购": "government",
    "企业绿色投资": "enterprise",
    "个人绿色消费": "household",
    "绿色产品出口": "export",
}
CLASSES = {
    "节能降碳": "energy_carbon",
    "环境保护": "environment",
    "资源循环利用": "circulation",
    "生态保护修复和利用": "ecology",
}
KINDS = {
    "mandatory": "mandatory",
    "incentive": "incentive",
    "guiding": "guidance",
    "supporting": "supporting",
}
STAGES = {"emergence_兴起": "emergence", "growth_成长": "growth", "maturity_成熟": "maturity"}
STAGES |= {"decline_衰退": "decline"}
# Rows of the policy tables that a finding corrects, by year and a word of the title.
CORRECTED = {
    "I08": ("2003", "政府采购法"),
    "I09": ("2014", "实施条例"),
    "I10": ("2021", "绿色数据中心"),
    "I11": ("2022", "绿色建材"),
    "I12": ("2024", "合作创新"),
    "I30": ("2006", "环境标志"),
}
ISSUE_KINDS = {
    "ERROR": "error",
    "ERROR (minor)": "minor_error",
    "METHOD-DEPENDENT": "method",
    "UNIT MISSING": "unit",
    "NOT CHECKED": "not_checked",
}


class Issue(TypedDict, total=False):
    """What `issues.yaml` adds to a finding."""

    zh: str
    en: str
    facts: list[str]
    tables: list[str]


def _issues() -> dict[str, Issue]:
    return yaml.safe_load(Path(__file__).with_name("issues.yaml").read_text(encoding="utf-8"))


@catalogue(
    "report_facts",
    *("fact_id", "topic", "indicator_zh", "indicator_en", "value", "value_high", "unit_zh", "unit_en"),
    *("period", "geography_zh", "geography_en", "source_as_cited", "section", "line", "issue_ids"),
)
def report_facts(raw: Raw) -> Iterator[Record]:
    """The 118 numbers of the report, each with the findings that correct it."""
    issues = _issues()
    for row in raw.rows("report_facts"):
        found = [key for key, issue in issues.items() if row["fact_id"] in issue.get("facts", [])]
        record: Record = {key: row[key] for key in ("fact_id", "topic", "value", "value_high", "period")}
        names = {key: key for key in ("indicator", "unit", "geography")}
        yield (
            record
            | _both(row, names)
            | {
                "source_as_cited": row["source_as_cited"],
                "section": row["report_section"],
                "line": row["report_line"],
                "issue_ids": " ".join(found),
            }
        )


@catalogue(
    "report_issues",
    *(
        "issue_id",
        "section",
        "statement",
        "kind",
        "finding_zh",
        "finding_en",
        "tables",
        "fact_ids",
        "confidence",
    ),
)
def report_issues(raw: Raw) -> Iterator[Record]:
    """The 30 findings about the report: what it says, what holds, how sure we are."""
    issues = _issues()
    for row in raw.rows("report_issues"):
        issue = issues[row["issue_id"]]
        yield {
            "issue_id": row["issue_id"],
            "section": row["report_section"],
            "statement": row["statement"],
            "kind": ISSUE_KINDS.get(row["type"], row["type"].lower()),
            "finding_zh": issue.get("zh"),
            "finding_en": issue.get("en", row["finding"]),
            "tables": " ".join(issue.get("tables", [])),
            "fact_ids": " ".join(issue.get("facts", [])),
            "confidence": row["confidence"].split()[0].split("-")[0].rstrip(";").replace("n/a", "low"),
        }


@catalogue(
    "report_policies",
    *("table", "channel", "stage_no", "stage_zh", "stage_en", "period", "year", "title"),
    *("doc_no_in_report", "doc_no_added", "issuer_added", "issue_ids"),
)
def report_policies(raw: Raw) -> Iterator[Record]:
    """The policies of tables 1–3. Document numbers and issuers that we added are not checked."""
    for row in raw.rows("report_policies"):
        found = [k for k, (year, word) in CORRECTED.items() if row["year"] == year and word in row["title"]]
        found += ["I06"] if row["stage_period"].startswith("2021-(") else []
        yield {
            "table": row["table"].removeprefix("表"),
            "channel": CHANNELS[row["channel"]],
            "stage_no": row["stage_no"],
            "stage_zh": row["stage_name"],
            "stage_en": english(row["stage_name"]),
            "period": row["stage_period"].split("(")[0],
            "year": row["year"],
            "title": row["title"],
            "doc_no_in_report": row["doc_no_in_report"],
            "doc_no_added": row["doc_no_added"],
            "issuer_added": row["issuer_added"],
            "issue_ids": " ".join(found),
        }


@catalogue("report_policies_in_text", "section", "title", "doc_no", "year")
def report_policies_in_text(raw: Raw) -> Iterator[Record]:
    """Policies that the text names outside its tables."""
    for row in raw.rows("report_policies_in_text"):
        year = row["year"].removesuffix(".0")
        yield {"section": row["report_section"], "title": row["title"], "doc_no": row["doc_no"], "year": year}


@catalogue(
    "report_fig3_policy_mix",
    *("technology_zh", "technology_en", "country", "country_zh", "country_en"),
    *("mandatory", "incentive", "supporting", "blank"),
)
def report_fig3_policy_mix(raw: Raw) -> Iterator[Record]:
    """Kinds of policy by technology and country; blank means the source did not cover it."""
    for row in raw.rows("report_fig3_policy_mix"):
        marks: Record = {key: int(row[key]) for key in ("mandatory", "incentive", "supporting", "blank")}
        names = {"technology": "technology", "country": "country_cn"}
        yield {"country": country_ids()[row["iso3"]]} | _both(row, names) | marks


@catalogue(
    "report_fig7_market_focus",
    *("task_no", "task_zh", "task_en", "market_zh", "market_en", "market_class", "class_zh", "class_en"),
    "confidence",
)
def report_fig7_market_focus(raw: Raw) -> Iterator[Record]:
    """Markets by key task; the class was shown by colour and is inferred."""
    for row in raw.rows("report_fig7_market_focus"):
        yield _focus(row, "market")


@catalogue(
    "report_fig8_industry_focus",
    *(
        "task_no",
        "task_zh",
        "task_en",
        "industry_zh",
        "industry_en",
        "industry_class",
        "class_zh",
        "class_en",
    ),
    *("sector_zh", "sector_en", "confidence"),
)
def report_fig8_industry_focus(raw: Raw) -> Iterator[Record]:
    """Industries by key task; class and sector are inferred."""
    for row in raw.rows("report_fig8_industry_focus"):
        sector = row["sector_inferred"]
        yield _focus(row, "industry") | {"sector_zh": sector, "sector_en": english(sector)}


def _focus(row: dict[str, str], subject: str) -> Record:
    group = row[f"{subject}_class_inferred"]
    return {
        "task_no": row["task_no"],
        "task_zh": row["key_task"],
        "task_en": english(row["key_task"]),
        f"{subject}_zh": row[subject],
        f"{subject}_en": english(row[subject]),
        f"{subject}_class": CLASSES[group],
        "class_zh": group,
        "class_en": english(group),
        "confidence": row["confidence"].split()[0].split("/")[0],
    }


@catalogue(
    "report_table4_consumption", *(f"{n}_{x}" for n in ("domain", "lever", "action") for x in ("zh", "en"))
)
def report_table4_consumption(raw: Raw) -> Iterator[Record]:
    """What households can do, by part of life."""
    for row in raw.rows("report_table4_consumption"):
        yield _both(row, {"domain": "domain", "lever": "lever", "action": "action"})


@catalogue(
    "report_rule",
    *(
        "kind",
        "kind_zh",
        "kind_en",
        "stage",
        "intensity_zh",
        "intensity_en",
        "instruments_zh",
        "instruments_en",
    ),
)
def report_rule(raw: Raw) -> Iterator[Record]:
    """Strength of each kind of policy in each stage, in the report's words."""
    for row in raw.rows("report_lifecycle_policy_intensity"):
        for column, stage in STAGES.items():
            kind: Record = {"kind": KINDS[row["policy_type"]], "stage": stage}
            names = {"kind": "policy_type_cn", "intensity": column, "instruments": "instruments"}
            yield kind | _both(row, names)


@catalogue(
    "report_channel_policy_mix",
    *("channel", "name_zh", "name_en", "mix_zh", "mix_en", "reason_zh", "reason_en", "section"),
)
def report_channel_policy_mix(raw: Raw) -> Iterator[Record]:
    """Which kinds of policy suit which channel, and which market abroad."""
    for row in raw.rows("report_channel_policy_mix"):
        channel: Record = {"channel": CHANNELS.get(row["channel_or_market"], "")}
        names = {"name": "channel_or_market", "mix": "policy_mix", "reason": "note"}
        yield channel | _both(row, names) | {"section": row["report_section"]}


@catalogue(
    "report_export_targets",
    *("target_zh", "target_en", "product_class", "class_zh", "class_en", "product_zh", "product_en"),
)
def report_export_targets(raw: Raw) -> Iterator[Record]:
    """Products to export, by group of countries."""
    for row in raw.rows("report_export_targets"):
        names = {"target": "target_market", "class": "market_class", "product": "product"}
        yield {"product_class": CLASSES[row["market_class"]]} | _both(row, names)


@catalogue(
    "report_region_rule_example",
    *(
        "stage_zh",
        "stage_en",
        "industry_zh",
        "industry_en",
        "markets_zh",
        "markets_en",
        "policy_zh",
        "policy_en",
    ),
    "section",
)
def report_region_rule_example(raw: Raw) -> Iterator[Record]:
    """The one example that survives of the lost figure 9."""
    names = {"stage": "industrialisation_stage", "industry": "industry_type"}
    names |= {"markets": "recommended_markets", "policy": "policy"}
    for row in raw.rows("report_fig9_region_rule_example"):
        yield _both(row, names) | {"section": row["report_section"]}


@catalogue("report_missing_figures", "figure", "title_zh", "title_en")
def report_missing_figures(raw: Raw) -> Iterator[Record]:
    """Figures that are images and are lost."""
    for row in raw.rows("report_missing_figures"):
        yield {"figure": row["figure"]} | _both(row, {"title": "title"})


def _both(row: dict[str, str], names: dict[str, str]) -> Record:
    """Chinese of the raw column and our English, under `<name>_zh` and `<name>_en`."""
    record: Record = {}
    for name, column in names.items():
        record |= {f"{name}_zh": row[column], f"{name}_en": english(row[column])}
    return record
