"""The record: nouns, accounts, transfers, events, uses and what verification found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seedbed.base.text import Lang
from seedbed.operate.record.chain import canonical
from seedbed.operate.record.journal import Event
from seedbed.operate.record.ledger import Balance, Transfer
from seedbed.operate.record.nouns import Account, Noun, Use
from seedbed.operate.record.uses import Exclusions
from seedbed.operate.record.verify import Verdict
from seedbed.show.document import Block, Callout, Column, Document, KeyFigure, KeyFigures, Paragraph, TableBlock
from seedbed.show.operate.assess import span
from seedbed.show.operate.words import amount
from seedbed.show.words import t


def _document(title: str, lang: Lang, *blocks: Block) -> Document:
    return Document.of(title, lang, blocks)


def _cell(value: Any, lang: Lang) -> str:
    if isinstance(value, Mapping):
        if set(value) == {"zh", "en"}:
            return str(value[lang])
        if set(value) == {"value", "unit"}:
            return f"{value['value']} {value['unit']}"
        return ", ".join(f"{key} {_cell(one, lang)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_cell(one, lang) for one in value)
    return "" if value is None else str(value)


def nouns(kind: str, found: Sequence[Noun], more: bool, demo: bool, lang: Lang) -> Document:
    """A list of one kind."""
    if not found:
        return _document(t(f"record.{kind}", lang), lang, Paragraph(t("record.none", lang)))
    rows = [{name: _cell(value, lang) for name, value in one.model_dump(mode="json").items()} for one in found]
    shown = [name for name in rows[0] if any(row[name] for row in rows)]
    columns = [Column(name, whole=name == "id") for name in shown]
    title = t(f"record.{kind}", lang) + (f" · {t('record.demo', lang)}" if demo else "")
    blocks: list[Block] = [TableBlock(columns, [[row[name] for name in shown] for row in rows], title)]
    if more:
        blocks.append(Callout(t("record.more", lang, shown=len(found))))
    return _document("", lang, *blocks)


def noun(kind: str, found: Noun, events: Sequence[Event], lang: Lang) -> Document:
    """One, field by field, and its events."""
    cells = [[name, _cell(value, lang)] for name, value in found.model_dump(mode="json").items()
             if _cell(value, lang)]
    columns = [Column(t("record.field", lang), whole=True), Column(t("record.value", lang), weight=4)]
    return _document(f"{t(f'record.{kind}', lang)}: {found.id}", lang, TableBlock(columns, cells, ""),
                     _events(events, lang))


def added(places: Sequence[object], lang: Lang) -> Document:
    """What was recorded."""
    said = t("record.written", lang, count=len(places)) if places else t("record.same", lang)
    return _document("", lang, Paragraph(" ".join([said, *map(str, places[:10])])))


def balance(account: str, held: Balance, serials: Sequence[tuple[int, int, str | None]], lang: Lang) -> Document:
    """What an account holds."""
    figures = [KeyFigure(t(f"record.{name}", lang), amount(getattr(held, field)), held.unit)
               for name, field in (("balance", "amount"), ("held", "held"), ("available", "available"))]
    blocks: list[Block] = [KeyFigures(figures)]
    if serials:
        columns = [Column(t("record.serials", lang), weight=2), Column(t("record.lot", lang), weight=2)]
        blocks.append(TableBlock(columns, [[f"{first}–{last}", lot or ""] for first, last, lot in serials], ""))
    return _document(account, lang, *blocks)


def accounts(found: Sequence[tuple[Account, Balance]], lang: Lang) -> Document:
    """Accounts with their balances."""
    columns = [Column(t("record.account", lang), weight=2, whole=True), Column(t("record.owner", lang), weight=1.4),
               Column(t("record.asset", lang), weight=1.6), Column(t("record.balance", lang), "right"),
               Column(t("record.available", lang), "right")]
    cells = [[one.id, one.owner, one.asset, f"{amount(held.amount)} {held.unit}", amount(held.available)]
             for one, held in found]
    return _document("", lang, TableBlock(columns, cells, t("record.account", lang)))


def transfer(made: Transfer, lang: Lang) -> Document:
    """A transfer as recorded."""
    numbers = ", ".join(f"{first}–{last}" for first, last in made.serials)
    said = f"{made.id}: {made.source} → {made.target}, {amount(made.amount)} {made.asset}, {made.phase}, {made.on}"
    return _document("", lang, Paragraph(" ".join(filter(None, [said, numbers]))),
                     *([Paragraph(t("record.same", lang))] if made.existing else []))


def _events(found: Sequence[Event], lang: Lang) -> TableBlock:
    columns = [Column(t("record.number", lang), weight=1.6), Column(t("record.day", lang), whole=True),
               Column(t("record.kind", lang), weight=1.4), Column(t("record.by", lang)),
               Column(t("record.value", lang), weight=3)]
    cells = [[f"{one.stream}#{one.number}", one.on.isoformat(), one.kind, one.by, _clipped(canonical(one.body))]
             for one in found]
    return TableBlock(columns, cells, t("record.event", lang))


def _clipped(text: str, most: int = 120) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def events(found: Sequence[Event], lang: Lang) -> Document:
    """Events in the order recorded."""
    return _document("", lang, _events(found, lang) if found else Paragraph(t("record.none", lang)))


def uses(found: Sequence[Use], lang: Lang) -> Document:
    """Uses by source."""
    if not found:
        return _document("", lang, Paragraph(t("record.none", lang)))
    columns = [Column(t("record.id", lang), whole=True), Column(t("record.about", lang)),
               Column(t("record.kind", lang), weight=1.4), Column(t("record.day", lang), weight=1.6),
               Column(t("record.serials", lang), weight=1.4), Column(t("record.by", lang))]
    cells = [[one.id, one.source, one.instrument, span(one.start, one.end, lang), f"{one.low}–{one.high} {one.unit}",
              one.by] for one in found]
    return _document("", lang, TableBlock(columns, cells, t("record.use", lang)))


def exclusions(found: Exclusions, lang: Lang) -> Document:
    """What excludes what, with documents."""
    columns = [Column(t("assess.rule", lang), weight=1.6), Column(t("record.about", lang), weight=2.4),
               Column(t("assess.holds", lang), weight=1.4), Column(t("assess.document", lang), weight=3)]
    cells = [[one.id, " ↔ ".join(found.instruments[name][lang] for name in one.between), span(one.start, one.end, lang),
              " ".join(filter(None, [one.document[lang], one.number, one.after[lang] if one.after else ""]))]
             for one in found.rules]
    return _document("", lang, TableBlock(columns, cells, t("record.use", lang)))


def verdict(found: Verdict, lang: Lang) -> Document:
    """Whether the record is whole."""
    if found.broken:
        return _document("", lang, Callout(t("record.broken", lang, where=found.broken), "warning"))
    said = t("record.verified", lang, events=found.events, streams=found.streams, transfers=found.transfers)
    return _document("", lang, Paragraph(said), Paragraph(f"{t('record.seal', lang)}: {found.seal}"),
                     Paragraph(t("record.seal_note", lang)))


def trial(found: Mapping[str, int], lang: Lang) -> Document:
    """The trial balance."""
    columns = [Column(t("record.asset", lang), weight=2), Column(t("record.sum", lang), "right")]
    return _document("", lang, TableBlock(columns, [[name, str(total)] for name, total in found.items()],
                                          t("record.trial", lang)))
