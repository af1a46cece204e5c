"""The library of instruments: listed, one in full, and their years."""

from __future__ import annotations

from collections.abc import Sequence

from seedbed.base.evidence import Amount
from seedbed.base.text import Lang
from seedbed.policy.instrument import Cost, Instrument, Kind, Target
from seedbed.show.document import Callout, Column, Document, TableBlock
from seedbed.show.speaker import Speaker

BLOCKS = "▁▂▃▄▅▆▇█"


def listed(found: Sequence[Instrument], lang: Lang) -> Document:
    """Kind, lever, channels, status and years of history."""
    c = Speaker(lang)
    if not found:
        return Document.of("", lang, [Callout(c.t("policy.none"))])
    columns = [Column(c.t(f"policy.{key}"), whole=key in ("id", "lever"))
               for key in ("id", "label", "kind", "lever", "channels", "status", "years")]
    cells = [[one.id, one.label[lang], c.t(f"kind.{one.kind}"), one.lever, _channels(c, one),
              c.t(f"policy.{one.status}"), _years(one)] for one in found]
    return Document.of("", lang, [TableBlock(columns, cells, "")])


def about(one: Instrument, lang: Lang) -> Document:
    """Every field, the history, and the document and reference of every value."""
    c = Speaker(lang)
    cells = [[c.t(f"policy.{key}"), text] for key, text in _fields(c, one).items() if text]
    blocks = [TableBlock([Column(""), Column("", weight=4)], cells, "")]
    if one.history:
        heads = [Column(c.t(f"policy.{key}"), "right" if key == "value" else "left")
                 for key in ("years", "value", "document", "reference", "note")]
        rows = [["–".join(dict.fromkeys(str(day.year) for day in (past.start, past.end) if day)), f"{past.value:,.10g}",
                 past.document[lang] + (f" ({past.number})" if past.number else ""), c.cite(past.source),
                 past.note[lang] if past.note else ""] for past in sorted(one.history, key=lambda past: past.start)]
        blocks.append(TableBlock(heads, rows, ""))
    return Document.of(one.label[lang], lang, blocks)


def timeline(found: Sequence[Instrument], lang: Lang) -> Document:
    """Which instruments were in force in which year; the height of a bar is the intensity."""
    c = Speaker(lang)
    dated = sorted((one for one in found if one.history), key=lambda one: one.history[0].start)
    if not dated:
        return Document.of("", lang, [Callout(c.t("policy.none"))])
    past = [past for one in dated for past in one.history]
    years = range(min(one.start.year for one in past), max((one.end or one.start).year for one in past) + 1)
    head = "".join(f"{year % 100:02d}  " for year in years[::2]).rstrip()
    columns = [Column(c.t("policy.label"), weight=2), Column(head, weight=2, whole=True), Column(c.t("policy.kind")),
               Column(c.t("policy.ceiling"))]
    cells = [[one.label[lang], _bars(one, years), c.t(f"kind.{one.kind}"), _ceiling(c, one)] for one in dated]
    return Document.of("", lang, [TableBlock(columns, cells, "")])


def _fields(c: Speaker, one: Instrument) -> dict[str, str]:
    return {
        "id": one.id, "label": one.label[c.lang], "kind": c.t(f"kind.{one.kind}"), "lever": one.lever,
        "channels": _channels(c, one), "targets": "; ".join(_target(c, target) for target in one.targets),
        "ceiling": f"{_ceiling(c, one)} — {c.cite(one.ceiling.source)}",
        "bounds": f"{one.bounds[0]:g}–{one.bounds[1]:g}",
        "counts": c.t(f"policy.{one.counts}") if one.lever == "carbon_price" else "",
        "compliance": f"{one.compliance:g}" if one.kind == Kind.mandatory else "",
        "term_years": str(one.term_years) if one.lever == "output_premium" else "",
        "cost": _cost(c, one), "needs": ", ".join(one.needs), "status": c.t(f"policy.{one.status}"),
        "actor": c.t(f"policy.{one.actor}"), "authority": c.t(f"policy.{one.authority}"),
        "only_in": c.join([f"{c.place(p)} {part:.0%}" for p, part in one.only_in.items()]),
        "indicator": one.indicator[c.lang], "reason": one.reason[c.lang],
        "report_section": one.report_section or "",
    }


def _years(one: Instrument) -> str:
    first, last = (one.history[0].start, one.history[-1].end) if one.history else (None, None)
    return f"{first.year}–{last.year}" if first and last else ""


def _channels(c: Speaker, one: Instrument) -> str:
    return c.join([c.t(f"channel.{channel}") for channel in one.channels])


def _ceiling(c: Speaker, one: Instrument) -> str:
    return f"{one.ceiling.value:,.10g}{_range(one.ceiling)} {c.t(f'policy.unit.{one.ceiling.unit}')}"


def _range(number: Amount | Cost) -> str:
    """The 90 % range of a number, where it is known."""
    return f" ({number.low:,.10g}–{number.high:,.10g})" if number.low and number.high else ""


def _target(c: Speaker, target: Target) -> str:
    chosen = target.technologies
    what = c.t(f"policy.{chosen}") if isinstance(chosen, str) else ", ".join(chosen)
    market = c.t("policy.every_market") if target.market == "*" else target.market
    return f"{market}: {what}" + (f" ×{target.weight:g}" if target.weight != 1 else "")


def _cost(c: Speaker, one: Instrument) -> str:
    if one.cost is None:
        return ""
    share = f"{c.t('policy.public')} {one.cost.public_share:.0%}"
    amount = f"{one.cost.value:,.10g}{_range(one.cost)} {c.t(f'policy.{one.cost.basis}')}"
    return f"{amount}, {share} — {c.cite(one.cost.source)}"


def _bars(one: Instrument, years: Sequence[int]) -> str:
    """Two characters a year: blank, or a bar as high as the intensity."""
    found = ""
    for year in years:
        intensity = one.intensity_in(year)
        found += 2 * (BLOCKS[min(int(intensity * len(BLOCKS)), len(BLOCKS) - 1)] if intensity else " ")
    return found
