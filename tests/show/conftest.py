"""A demonstration report in both languages with every block and chart; its numbers are made up."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pypdf
import pytest

from seedbed.base.text import Lang
from seedbed.show import charts, tilemap
from seedbed.show.document import (
    Bullets,
    Callout,
    Column,
    Document,
    Fact,
    Figure,
    Heading,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Section,
    TableBlock,
    Trace,
    Traces,
)
from seedbed.show.numbers import number, split
from seedbed.show.pdf import to_pdf
from seedbed.show.words import t

KINDS = ("mandatory", "incentive", "guidance", "supporting")
STAGES = ("emergence", "growth", "maturity", "decline")
SCENARIOS = ("no_policy", "as_is", "report_rule", "improved_rule")
ENDS = dict(zip(SCENARIOS, (0.58, 0.75, 0.84, 0.92), strict=True))
RULE = [[0.2, 0.6, 0.9, 0.7], [0.9, 0.5, 0.2, 0.0], [0.9, 0.8, 0.8, None], [0.3, 0.8, 0.8, 0.2]]
YEARS = list(range(2024, 2041))
SHARES = {
    "CN-GD": 0.52,
    "CN-ZJ": 0.55,
    "CN-SH": 0.61,
    "CN-BJ": 0.58,
    "CN-SC": 0.41,
    "CN-HL": 0.22,
    "CN-HN": 0.43,
}


def fans(lang: Lang) -> list[charts.Fan]:
    """Four scenarios from 45 % in 2024."""
    way = np.linspace(0, 1, len(YEARS))
    found = []
    for id, end in ENDS.items():
        middle = 0.45 + (end - 0.45) * way**0.7
        bands = {
            0.5: (middle - 0.03 * way, middle + 0.03 * way),
            0.9: (middle - 0.08 * way, middle + 0.07 * way),
        }
        found.append(charts.Fan(id, t(f"scenario.{id}", lang), middle, bands))
    return found


def draw_all(lang: Lang) -> dict[str, charts.Option]:
    """One chart of every kind."""

    def say(zh: str, en: str) -> str:
        return zh if lang == "zh" else en

    kinds = [t(f"kind.{k}", lang) for k in KINDS]
    stages = [t(f"stage.{s}", lang) for s in STAGES]
    observed = {
        2015 + i: v for i, v in enumerate((0.01, 0.02, 0.03, 0.05, 0.05, 0.06, 0.14, 0.26, 0.34, 0.45))
    }
    way = np.linspace(0, 1, len(YEARS))
    technologies = [
        charts.Line("bev", say("纯电动", "Battery electric"), 0.2 + 0.4 * way),
        charts.Line("phev", say("插电式混合动力", "Plug-in hybrid"), 0.2 + 0.05 * way),
        charts.Line("ice", say("燃油车", "Combustion"), 0.6 - 0.45 * way),
    ]
    money = [
        charts.Line(k, t(f"kind.{k}", lang), (3e8 + 1e8 * i) * (1 - 0.04 * i) ** np.arange(8))
        for i, k in enumerate(KINDS)
    ]
    criteria = [
        say("减排效果", "Emission effect"),
        say("财政成本", "Public cost"),
        say("产业带动与就业", "Industry and jobs"),
        say("实施风险", "Delivery risk"),
    ]
    span = charts.Span
    actions = [
        charts.Action(
            say("新能源汽车积分比例要求", "NEV credit quota"),
            "mandatory",
            [span(2026, 2028, 0.4), span(2029, 2035, 0.9)],
        ),
        charts.Action(
            say("汽车以旧换新补贴", "Vehicle trade-in subsidy"),
            "incentive",
            [span(2026, 2027), span(2028, 2030, 0.4)],
        ),
        charts.Action(
            say("绿色产品标识与碳标签推广行动", "Green product label and carbon label campaign"),
            "guidance",
            [span(2026, 2035, 0.8)],
        ),
        charts.Action(
            say("公共充电桩与配电网扩容", "Public chargers and distribution-grid expansion"),
            "supporting",
            [span(2027, 2032, 0.7)],
        ),
    ]
    as_is, improved = t("scenario.as_is", lang), t("scenario.improved_rule", lang)
    costs = [
        charts.Range(say("陆上风电", "Onshore wind"), 120, 260, {"as_is": 200, "improved_rule": 150}),
        charts.Range(say("分布式光伏", "Rooftop solar"), -90, 200, {"as_is": 110, "improved_rule": 20}),
        charts.Range(say("氢基直接还原铁炼钢", "Hydrogen-based steel"), 400, 1400, {"as_is": 900}),
    ]
    nodes = {k: t(f"kind.{k}", lang) for k in KINDS[1:]}
    nodes |= {"nev": say("新能源汽车", "New energy vehicles"), "solar": say("光伏发电", "Solar power")}
    flows = [("incentive", "nev", 3e9), ("supporting", "nev", 2e9), ("supporting", "solar", 4e9)]
    flows.append(("guidance", "solar", 6e8))
    scores = ((0.5, 0.6, 0.4, 0.7), (0.8, 0.5, 0.7, 0.6))
    pair = (("as_is", as_is), ("improved_rule", improved))
    channels = ("government", "enterprise", "household", "export")
    by_channel = [
        charts.Line(s, t(f"scenario.{s}", lang), np.array([1.2, 6.1, 8.4, 3.3]) * 1e9 * (0.6 + 0.2 * i))
        for i, s in enumerate(SCENARIOS)
    ]
    changes = zip(KINDS, kinds, (1.2e7, 2e7, -5e6, 9e6), strict=True)
    adding = [charts.Step(id, name, v, 0.8 * v, 1.2 * v) for id, name, v in changes]
    adding.append(charts.Step("improved_rule", improved, 3.6e7, 3e7, 4e7, level=True))
    wedges = [charts.Line(x.id, x.label, -1e7 * np.asarray(x.values) * way) for x in technologies]
    widths, heights = (9, 14, 0.2, 22, 5, 3, 1, 8), (-700, -120, -90, 15, 80, 160, 420, 1500)
    blocks = [
        charts.Block(kind, str(n), width * 1e6, height, 60.0 * n)
        for n, (kind, width, height) in enumerate(zip((*KINDS, *KINDS), widths, heights, strict=True), 1)
    ]
    swings = [charts.Swing(c, 3.6e7 - 2e6 * i, 3.6e7 + 3e6 * i) for i, c in enumerate(criteria)]
    return {
        "fan": charts.fan_chart(YEARS, fans(lang), unit="share", lang=lang, observed=observed, divider=2024),
        "lines": charts.lines(
            YEARS,
            [charts.Line(f.id, f.label, np.asarray(f.median) * 3.2e6) for f in fans(lang)],
            unit="vehicle",
            lang=lang,
        ),
        "area": charts.stacked_area(YEARS, technologies, unit="share", lang=lang),
        "bars": charts.bars([t(f"channel.{c}", lang) for c in channels], by_channel, unit="CNY", lang=lang),
        "stacked": charts.bars(
            [str(y) for y in range(2026, 2034)], money, unit="CNY", lang=lang, stacked=True
        ),
        "criteria": charts.bars(
            criteria,
            [charts.Line(id, name, v) for (id, name), v in zip(pair, scores, strict=True)],
            unit="index",
            lang=lang,
            horizontal=True,
        ),
        "rule": charts.heatmap(kinds, stages, RULE, unit="share", lang=lang, limits=(0, 1)),
        "timeline": charts.timeline(actions, lang=lang),
        "ranges": charts.ranges(costs, dict(pair), unit="CNY/tCO2e", lang=lang),
        "sankey": charts.sankey(flows, nodes, unit="CNY", lang=lang),
        "waterfall": charts.waterfall(adding, unit="tCO2e", lang=lang),
        "wedge": charts.wedge(YEARS, wedges, t("explain.wedge.net", lang), unit="tCO2e", lang=lang),
        "curve": charts.cost_curve(
            blocks, (improved, as_is), across="tCO2e", up="CNY/tCO2e", lang=lang, limits=(-400, 900)
        ),
        "tornado": charts.tornado(swings, 3.6e7, (as_is, improved), unit="tCO2e", lang=lang),
        "front": charts.front(
            [charts.Spot(str(v), x * 1e9, y * 1e6) for v, x, y in ((100, -3, 20), (350, 1, 31), (1000, 9, 36))],
            [("report_rule", charts.Spot(t("scenario.report_rule", lang), 7e9, 24e6)),
             ("improved_rule", charts.Spot(t("scenario.improved_rule", lang), 2e9, 27e6))],
            name=say("最优组合", "Best mixes"),
            axes=(say("财政支出", "Public spending"), say("减排量", "Emissions avoided")),
            units=("CNY", "tCO2e"),
            lang=lang,
        ),
        "map": tilemap.tile_map(SHARES, unit="share", lang=lang, chosen="CN-GD"),
    }


def write(lang: Lang) -> Document:
    """The demonstration report."""

    def say(zh: str, en: str) -> str:
        return zh if lang == "zh" else en

    drawn = draw_all(lang)

    def figure(name: str, zh: str, en: str, trace: str = "share") -> Figure:
        note = {"map": tilemap.caption(lang), "fan": t("chart.bands", lang, parts="—")}.get(name, "")
        source = say("演示数据", "Demonstration data") if name == "map" else ""
        return Figure(drawn[name], say(zh, en), alt=say(zh, en), note=note, source=source, traces=(trace,))

    def card(zh: str, en: str, value: tuple[float, str], trace: str, note: str = "") -> KeyFigure:
        figure, unit = split(*value, lang)
        return KeyFigure(say(zh, en), figure, unit, note, trace)

    share, cost = number(0.92, "share", lang), number(4.25e9, "CNY", lang)
    summary = (
        KeyFigures(
            (
                card(
                    "2040 年绿色份额",
                    "Green share in 2040",
                    (0.92, "share"),
                    "share",
                    say("90% 区间 84%–99%", "90% interval 84–99%"),
                ),
                card(
                    "累计财政支出",
                    "Total public cost",
                    (4.25e9, "CNY"),
                    "cost",
                    say("2026—2040 年", "2026–2040"),
                ),
                card("累计减排", "Emissions avoided", (3.6e7, "tCO2e"), "share"),
                card("新增就业", "New jobs", (86000, "job"), "cost"),
            )
        ),
        Paragraph(
            say(
                "在改进规则下，广东新能源汽车市场到 2040 年的绿色份额中位数为 92%，"
                "比现行政策高 17 个百分点；所增财政支出主要用于公共充电设施，2030 年后补贴基本退出。",
                "Under the improved rule the green share of Guangdong's vehicle market reaches a median of "
                "92% in 2040, 17 points above policy as it is. The extra money goes to public charging; "
                "subsidies end soon after 2030.",
            ),
            traces=("share", "cost"),
        ),
        Callout(
            say(
                "本报告为演示，所有数值均为虚构。",
                "This report is a demonstration; all its numbers are made up.",
            ),
            kind="warning",
        ),
        figure(
            "fan",
            "广东新能源汽车销量份额：四种情景",
            "Share of new energy vehicles in sales, Guangdong: four scenarios",
        ),
    )
    rows = [
        (
            t(f"scenario.{s}", lang),
            number(ENDS[s], "share", lang),
            number((i + 1) * 1.06e9, "CNY", lang),
            number((i + 1) * 9e6, "tCO2e", lang),
            say("充电设施投资不足时份额下降", "Share falls when charging lags"),
        )
        for i, s in enumerate(SCENARIOS)
    ]
    table = TableBlock(
        (
            Column(t("term.scenario", lang), weight=1.3),
            Column(t("outcome.green_share", lang), "right", 0.8),
            Column(t("outcome.public_cost", lang), "right"),
            Column(t("outcome.emissions_avoided", lang), "right"),
            Column(say("主要风险", "Main risk"), weight=1.8),
        ),
        rows,
        say("四种情景的主要结果（2040 年）", "Main results of the four scenarios, 2040"),
        note=say("财政支出为 2026—2040 年累计值。", "Public cost is the total of 2026–2040."),
        traces=("cost",),
    )
    facts = (
        Fact(
            "national_vehicles",
            say("中国汽车工业协会", "China Association of Automobile Manufacturers"),
            say("年度产销数据，2024 年", "Annual production and sales, 2024"),
            t("quality.q1", lang),
        ),
    )
    return Document(
        title=say("广东省绿色低碳市场培育方案", "A plan to cultivate green markets in Guangdong"),
        subtitle=say(
            "重点市场、政策组合、成本与风险（演示）",
            "Focus markets, policy mix, cost and risk (demonstration)",
        ),
        lang=lang,
        place=say("广东", "Guangdong"),
        meta=(
            (say("基准年", "Base year"), "2024"),
            (say("展望期", "Horizon"), say("2026—2040 年", "2026–2040")),
        ),
        sections=(
            Section("summary", say("摘要", "Summary"), summary),
            Section(
                "diagnosis",
                say("诊断：市场现状", "Diagnosis: the markets today"),
                (
                    figure(
                        "map", "各地区新能源汽车销量份额", "Share of new energy vehicles in sales by province"
                    ),
                    figure("area", "销量的技术构成", "Sales by technology"),
                    figure("lines", "新能源汽车销量", "Sales of new energy vehicles"),
                ),
            ),
            Section(
                "rule",
                say("政策组合与强度", "Policy mix and intensity"),
                (
                    figure(
                        "rule",
                        "强度规则：政策类型 × 生命周期阶段",
                        "Intensity rule: policy kind by life-cycle stage",
                    ),
                    Heading(say("行动安排", "Actions")),
                    Bullets(
                        (
                            say(
                                "先建充电设施，再收紧积分比例。",
                                "Build chargers first, then tighten the quota.",
                            ),
                            say(
                                "补贴按年退坡，2030 年后停止。",
                                "Taper subsidies year by year; end them after 2030.",
                            ),
                        ),
                        ordered=True,
                    ),
                    figure(
                        "timeline",
                        "行动时间表（数字为强度）",
                        "Timeline of actions (numbers are intensities)",
                    ),
                    figure("stacked", "按政策类型划分的财政支出", "Public cost by policy kind", "cost"),
                    figure("sankey", "财政资金流向", "Where public money goes", "cost"),
                ),
            ),
            Section(
                "test",
                say("检验与比较", "Test and comparison"),
                (
                    table,
                    figure("bars", "各主体购置支出", "Purchases by channel", "cost"),
                    figure("criteria", "准则得分（0–1）", "Criteria scores (0–1)"),
                    figure("ranges", "减排成本区间", "Range of abatement cost", "cost"),
                ),
            ),
            Section(
                "evidence",
                say("依据", "Evidence"),
                (
                    Traces(
                        (
                            Trace(
                                "share",
                                t("outcome.green_share", lang),
                                share,
                                "P_i = a_i f_i^β exp(v_i) / Σ_j a_j f_j^β exp(v_j)",
                                facts,
                            ),
                            Trace(
                                "cost",
                                t("outcome.public_cost", lang),
                                cost,
                                "Σ_t Σ_k intensity_kt × ceiling_k × purchases_t",
                                facts,
                            ),
                        )
                    ),
                ),
            ),
        ),
    )


@pytest.fixture(scope="session")
def gallery() -> Callable[[Lang], dict[str, charts.Option]]:
    """One chart of every kind, in a language."""
    return draw_all


@pytest.fixture(scope="session")
def report() -> Callable[[Lang], Document]:
    """The demonstration report in a language."""
    return write


@pytest.fixture(scope="session")
def pdf_text() -> Callable[[Document], list[str]]:
    """The text of each page of a document's PDF."""

    def read(document: Document) -> list[str]:
        return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(to_pdf(document))).pages]

    return read
