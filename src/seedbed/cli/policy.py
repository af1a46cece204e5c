"""`seedbed policy`: list the instruments, show one in full, draw their years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.lang import Lang
from seedbed.cli.options import Language

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from seedbed.base.evidence import Rated
    from seedbed.policy.instrument import Instrument, Target

app = typer.Typer(no_args_is_help=True, help="The library of policy instruments · 政策工具库")

MarketOption = Annotated[str | None, typer.Option(help="Only instruments that reach this market.")]

FIRST, LAST = 2009, 2030
BLOCKS = "▁▂▃▄▅▆▇█"
COLOURS = {"mandatory": "red", "incentive": "green", "guidance": "blue", "supporting": "yellow"}
WORDS: dict[str, dict[str, str]] = {
    "id": {"zh": "编号", "en": "Id"},
    "label": {"zh": "名称", "en": "Name"},
    "kind": {"zh": "类型", "en": "Kind"},
    "lever": {"zh": "作用杠杆", "en": "Lever"},
    "channels": {"zh": "主体", "en": "Channels"},
    "targets": {"zh": "对象", "en": "Targets"},
    "ceiling": {"zh": "强度上限", "en": "Ceiling"},
    "bounds": {"zh": "允许区间", "en": "Bounds"},
    "counts": {"zh": "计入排放", "en": "Emissions priced"},
    "compliance": {"zh": "执行力度", "en": "Compliance"},
    "term_years": {"zh": "支付年限", "en": "Paid for (years)"},
    "cost": {"zh": "运行成本", "en": "Running cost"},
    "needs": {"zh": "前提工具", "en": "Needs"},
    "status": {"zh": "状态", "en": "Status"},
    "actor": {"zh": "责任方", "en": "Carried out by"},
    "indicator": {"zh": "评估指标", "en": "Indicator"},
    "reason": {"zh": "作用机理", "en": "Why it works"},
    "report_section": {"zh": "报告章节", "en": "Section of the report"},
    "years": {"zh": "年份", "en": "Years"},
    "value": {"zh": "数值", "en": "Value"},
    "document": {"zh": "文件", "en": "Document"},
    "reference": {"zh": "出处", "en": "Reference"},
    "note": {"zh": "算法与说明", "en": "Arithmetic and notes"},
    "quality": {"zh": "质量", "en": "quality"},
    "unverified": {"zh": "未核实", "en": "unverified"},
    "public": {"zh": "公共资金占", "en": "public share"},
    "none": {"zh": "没有符合条件的政策工具。", "en": "No instrument fits."},
    "*": {"zh": "所有市场", "en": "every market"},
    "active": {"zh": "在用", "en": "active"},
    "proposed": {"zh": "建议", "en": "proposed"},
    "ended": {"zh": "已结束", "en": "ended"},
    "government": {"zh": "政府", "en": "government"},
    "enterprise": {"zh": "企业", "en": "enterprise"},
    "finance": {"zh": "金融机构", "en": "finance"},
    "consumer": {"zh": "消费者", "en": "consumer"},
    "operating": {"zh": "运行排放", "en": "operating"},
    "life_cycle": {"zh": "全生命周期", "en": "life cycle"},
    "green": {"zh": "绿色技术", "en": "green"},
    "other": {"zh": "非绿色技术", "en": "other than green"},
    "all": {"zh": "全部技术", "en": "all technologies"},
    "person": {"zh": "元/人·年", "en": "CNY per person and year"},
    "purchase": {"zh": "元/购买单位", "en": "CNY per unit purchased"},
    "stock": {"zh": "元/存量单位·年", "en": "CNY per unit of stock and year"},
    "place": {"zh": "元/地区·年", "en": "CNY per place and year"},
}
UNITS = {
    "CNY/unit": "元/单位",
    "share of price": "（占价格比例）",
    "share of purchase tax": "（占购置税比例）",
    "CNY/service unit": "元/服务单位",
    "CNY/tCO2": "元/吨二氧化碳",
    "percentage points": "个百分点",
    "share of purchases": "（占购买量比例）",
    "share of availability removed": "（减少的可得性）",
    "familiarity": "（每年增加的熟悉度）",
    "share of purchases labelled": "（贴标购买占比）",
    "share of gap closed per year": "（每年补上的缺口）",
    "share of border barrier removed": "（消除的边境壁垒）",
}


@app.command("list")
def list_instruments(
    kind: Annotated[str | None, typer.Option(help="mandatory, incentive, guidance or supporting")] = None,
    market: MarketOption = None,
    channel: Annotated[str | None, typer.Option(help="government, enterprise, household or export")] = None,
    lang: Language = "en",
) -> None:
    """List the instruments: kind, lever, channels, status and years of history."""
    from seedbed.show.words import t

    found = _chosen(kind, market, channel)
    columns = ("id", "label", "kind", "lever", "channels", "status", "years")
    grid = _grid(*(WORDS[key][lang] for key in columns))
    for one in found:
        years = f"{one.history[0].start:%Y}–{one.history[-1].end:%Y}" if one.history else ""
        status = WORDS[one.status][lang]
        kind_name = t(f"kind.{one.kind}", lang)
        grid.add_row(one.id, one.label[lang], kind_name, one.lever, _channels(one, lang), status, years)
    _print(grid if found else WORDS["none"][lang])


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of an instrument, as `list` shows it.")],
    lang: Language = "en",
) -> None:
    """Show one instrument: every field, its history, the document and the reference of every value."""
    from seedbed.policy.instrument import get

    one = get(name)
    history = _grid(*(WORDS[key][lang] for key in ("years", "value", "document", "reference", "note")))
    for past in sorted(one.history, key=lambda past: past.start):
        when = " – ".join(dict.fromkeys(str(day.year) for day in (past.start, past.end) if day))
        document = past.document[lang] + (f" ({past.number})" if past.number else "")
        history.add_row(
            when,
            f"{past.value:,.10g}",
            document,
            _cite(past.source, lang),
            past.note[lang] if past.note else "",
        )
    _print(_about(one, lang), *([history] if one.history else []))


@app.command()
def timeline(market: MarketOption = None, lang: Language = "en") -> None:
    """Draw which instruments were in force in which year; the height of a bar is the intensity."""
    from rich.text import Text

    from seedbed.show.words import t

    found = [one for one in _chosen(None, market, None) if one.history]
    header = "".join(f"{year % 100:02d}  " for year in range(FIRST, LAST + 1, 2))
    grid = _grid(WORDS["label"][lang], header, WORDS["ceiling"][lang])
    for one in sorted(found, key=lambda one: one.history[0].start):
        grid.add_row(one.label[lang], _bars(one), _ceiling(one, lang))
    if not found:
        _print(WORDS["none"][lang])
        return
    key = Text("  ").join(Text(f"█ {t(f'kind.{kind}', lang)}", style=hue) for kind, hue in COLOURS.items())
    _print(grid, key)


def _chosen(kind: str | None, market: str | None, channel: str | None) -> list[Instrument]:
    """Instruments that fit every filter given; a filter nobody knows is an error with the nearest names."""
    from seedbed.base.errors import UnknownNameError
    from seedbed.market.definition import get as market_named
    from seedbed.policy.instrument import Channel, Kind, library

    for what, word, known in (("kind", kind, Kind), ("channel", channel, Channel)):
        if word is not None and word not in list(known):
            raise UnknownNameError(what, word, list(known))
    wanted = market_named(market).id if market else None
    return [
        one
        for one in library().values()
        if kind in (None, one.kind)
        and (channel is None or channel in one.channels)
        and (wanted is None or one.reaches(wanted))
    ]


def _about(one: Instrument, lang: Lang) -> Table:
    from seedbed.show.words import t

    limits = one.bounds
    rows = {
        "id": one.id,
        "label": one.label[lang],
        "kind": t(f"kind.{one.kind}", lang),
        "lever": one.lever,
        "channels": _channels(one, lang),
        "targets": "; ".join(_target(target, lang) for target in one.targets),
        "ceiling": f"{_ceiling(one, lang)} — {_cite(one.ceiling.source, lang)}",
        "bounds": f"{limits[0]:g}–{limits[1]:g}",
        "counts": WORDS[one.counts][lang] if one.lever == "carbon_price" else "",
        "compliance": f"{one.compliance:g}" if one.kind == "mandatory" else "",
        "term_years": str(one.term_years) if one.lever == "output_premium" else "",
        "cost": _cost(one, lang),
        "needs": ", ".join(one.needs),
        "status": WORDS[one.status][lang],
        "actor": WORDS[one.actor][lang],
        "indicator": one.indicator[lang],
        "reason": one.reason[lang],
        "report_section": one.report_section or "",
    }
    grid = _grid("", "")
    for key, text in rows.items():
        if text:
            grid.add_row(WORDS[key][lang], text)
    return grid


def _channels(one: Instrument, lang: Lang) -> str:
    from seedbed.show.words import t

    return ("、" if lang == "zh" else ", ").join(t(f"channel.{c}", lang) for c in one.channels)


def _ceiling(one: Instrument, lang: Lang) -> str:
    unit = UNITS[one.ceiling.unit] if lang == "zh" else one.ceiling.unit
    return f"{one.ceiling.value:,.10g} {unit}"


def _target(target: Target, lang: Lang) -> str:
    chosen = target.technologies
    what = WORDS[chosen][lang] if isinstance(chosen, str) else ", ".join(chosen)
    market = WORDS["*"][lang] if target.market == "*" else target.market
    return f"{market}: {what}" + (f" ×{target.weight:g}" if target.weight != 1 else "")


def _cost(one: Instrument, lang: Lang) -> str:
    if one.cost is None:
        return ""
    share = f"{WORDS['public'][lang]} {one.cost.public_share:.0%}"
    return f"{one.cost.value:,.10g} {WORDS[one.cost.basis][lang]}, {share} — {_cite(one.cost.source, lang)}"


def _cite(source: Rated, lang: Lang) -> str:
    mark = f"{WORDS['quality'][lang]} {source.quality}"
    mark += f", {WORDS['unverified'][lang]}" if source.unverified else ""
    return f"{source.publisher[lang]}: {source.reference}{f', {source.year}' if source.year else ''} ({mark})"


def _bars(one: Instrument) -> Text:
    """Two characters a year: blank, or a bar as high as the intensity, in the colour of the kind."""
    from rich.text import Text

    bars = ""
    for year in range(FIRST, LAST + 1):
        intensity = one.intensity_in(year)
        bars += 2 * (BLOCKS[min(int(intensity * len(BLOCKS)), len(BLOCKS) - 1)] if intensity else " ")
    return Text(bars, style=COLOURS[one.kind])


def _grid(*columns: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    grid = Table(*columns, box=SIMPLE_HEAD, show_header=any(columns), pad_edge=False)
    grid.columns[0].no_wrap = True
    return grid


def _print(*parts: Table | Text | str) -> None:
    from rich.console import Console

    console = Console()
    for part in parts:
        console.print(part)
