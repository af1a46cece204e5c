"""A tender evaluated: who wins each lot by how much, how everybody scored, and what would make another win."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from seedbed.base.text import Lang
from seedbed.operate.tender import Awarded, Criterion, Evaluation, Flip, Scored
from seedbed.show.document import (
    Block,
    Callout,
    Column,
    Document,
    Heading,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Section,
    TableBlock,
)
from seedbed.show.operate.assess import rules_table
from seedbed.show.operate.scheme import headed
from seedbed.show.operate.words import amount, said
from seedbed.show.words import t
from seedbed.show.write import Row, Written

SHOWN = 40


def document(found: Evaluation, lang: Lang) -> Document:
    """The page of an evaluation, a section a lot."""
    title = t("tender.title", lang, tender=found.tender.title[lang], day=found.on.isoformat())
    sections = [Section(f"lot-{lot.lot.id}", lot.lot.title[lang], _lot(lot, found, lang)) for lot in found.lots]
    return Document(title, "", lang, _named(found, found.tender.buyer, lang), sections)


def written(found: Evaluation, lang: Lang) -> Written:
    """The page; a row a bid; everything as data."""
    return Written(lambda: document(found, lang), lambda: rows(found, lang), lambda: data(found))


def rows(found: Evaluation, lang: Lang) -> Iterator[Row]:
    """One row a bid, the refused too."""
    for lot in found.lots:
        for one in lot.bids:
            yield {"lot": lot.lot.id, "rank": one.rank, "bid": one.sized.bid.id, "bidder": one.sized.bid.bidder,
                   "price": str(one.sized.price), "footprint_kgco2e": "" if one.sized.carbon is None
                   else str(one.sized.carbon), "total": str(one.total), "refused": "",
                   **{f"points_{name}": str(value) for name, value in one.points.items()}}
        for refused in lot.refused:
            yield {"lot": lot.lot.id, "rank": "", "bid": refused.bid.id, "bidder": refused.bid.bidder, "price": "",
                   "footprint_kgco2e": "", "total": "", "refused": said(refused.why, lang),
                   **{f"points_{one.id}": "" for one in lot.lot.criteria}}


def data(found: Evaluation) -> dict[str, object]:
    """Everything, with numbers as texts."""
    return {"tender": found.tender.id, "on": found.on.isoformat(), "seedbed": found.seedbed,
            "lots": [{"lot": lot.lot.id,
                      "bids": [row for row in rows(found, "en") if row["lot"] == lot.lot.id],
                      "flips": [{**flip._asdict(), "now": str(flip.now), "then": str(flip.then)} for flip in lot.flips],
                      "rules": [{"name": one.name, "document": one.ruling.document.model_dump(),
                                 "number": one.ruling.number} for one in lot.rules],
                      "warnings": [{"zh": said(one, "zh"), "en": said(one, "en")} for one in lot.warnings]}
                     for lot in found.lots]}


def _named(found: Evaluation, bidder: str, lang: Lang) -> str:
    return found.names[bidder][lang] if bidder in found.names else bidder


def _lot(lot: Awarded, found: Evaluation, lang: Lang) -> list[Block]:
    blocks: list[Block] = [Heading(t("tender.lot", lang, lot=lot.lot.id, title=lot.lot.title[lang]))]
    if lot.winner:
        blocks.append(_winner(lot, found, lang))
        blocks.append(_ranking(lot, found, lang))
    if lot.refused:
        columns = [Column(t("tender.bidder", lang), weight=1.2), Column(t("tender.why", lang), weight=4)]
        cells = [[_named(found, one.bid.bidder, lang), said(one.why, lang)] for one in lot.refused]
        blocks.append(TableBlock(columns, cells, t("tender.refused", lang)))
    if lot.flips:
        blocks.append(_flips(lot, found, lang))
    elif len(lot.bids) > 1:
        blocks.append(Paragraph(t("tender.no_flip", lang)))
    if lot.rules:
        blocks.append(rules_table(lot.rules, lang))
    return [*blocks, *(Callout(said(one, lang), "warning") for one in lot.warnings)]


def _winner(lot: Awarded, found: Evaluation, lang: Lang) -> KeyFigures:
    first = lot.bids[0]
    figures = [KeyFigure(t("tender.winner", lang), _named(found, first.sized.bid.bidder, lang), ""),
               KeyFigure(t("tender.total", lang), amount(first.total, 2), t("tender.of_100", lang)),
               KeyFigure(t("tender.price", lang), amount(first.sized.price, 2), found.tender.currency)]
    if first.sized.carbon is not None:
        figures.append(KeyFigure(t("tender.carbon", lang), *_mass(first.sized.carbon)))
    if len(lot.bids) > 1:
        figures.append(KeyFigure(t("tender.ahead", lang), amount(first.total - lot.bids[1].total, 2),
                                 t("tender.points", lang)))
    return KeyFigures(figures)


def _mass(kilograms: Decimal) -> tuple[str, str]:
    return (amount(kilograms / 1000, 1), "tCO2e") if abs(kilograms) >= 10_000 else (amount(kilograms, 1), "kgCO2e")


def _ranking(lot: Awarded, found: Evaluation, lang: Lang) -> TableBlock:
    carbon = any(one.sized.carbon is not None for one in lot.bids)
    columns = [Column("", "right", 0.4), Column(t("tender.bidder", lang), weight=2.4),
               Column(f"{t('tender.price', lang)} ({found.tender.currency})", "right", whole=True),
               *([Column(f"{t('tender.carbon', lang)} (tCO2e)", "right", whole=True)] if carbon else []),
               *(Column(f"{criterion(one, lang)} ({one.weight})", "right", whole=True) for one in lot.lot.criteria),
               Column(t("tender.total", lang), "right", whole=True)]
    cells = [_row(one, carbon, lot.lot.criteria, _named(found, one.sized.bid.bidder, lang)) for one in lot.bids[:SHOWN]]
    title = t("tender.ranking", lang, count=len(lot.bids))
    return TableBlock(columns, cells, title + (t("tender.first", lang, shown=SHOWN) if len(lot.bids) > SHOWN else ""))


def _row(one: Scored, carbon: bool, criteria: tuple[Criterion, ...], name: str) -> list[str]:
    mass = [amount(one.sized.carbon / 1000, 1) if one.sized.carbon is not None else "–"] if carbon else []
    return [str(one.rank), name, amount(one.sized.price, 2), *mass,
            *(amount(one.points[criterion.id], 2) for criterion in criteria), amount(one.total, 2)]


def criterion(one: Criterion, lang: Lang) -> str:
    """What a criterion is called: its own label, else that of its kind."""
    return one.label[lang] if one.label else t(f"tender.kinds.{one.kind}", lang) if one.kind != "points" else one.id


def _flips(lot: Awarded, found: Evaluation, lang: Lang) -> TableBlock:
    columns = [Column(t("tender.change", lang), weight=3.4), Column(t("tender.now", lang), "right"),
               Column(t("tender.then", lang), "right"), Column(t("tender.by", lang), "right", 0.8),
               Column(t("tender.new_winner", lang), weight=1.3)]
    names = {one.id: criterion(one, lang) for one in lot.lot.criteria}
    return TableBlock(columns, [_flip(one, names, found, lang) for one in lot.flips], t("tender.flips", lang))


def _flip(one: Flip, names: dict[str, str], found: Evaluation, lang: Lang) -> list[str]:
    rival = _named(found, one.rival, lang)
    said = {"weights": {"of": names.get(one.of, ""), "to": names.get(one.to, "")}, "carbon_price": {}}
    what = t(f"tender.flip.{one.kind}", lang, **said.get(one.kind, {"rival": rival}))
    unit = {"price": found.tender.currency, "footprint": "kgCO2e", "weights": t("tender.points", lang),
            "carbon_price": "CNY/t"}[one.kind]
    digits = 2 if one.kind == "weights" else 0
    change = (one.then / one.now - 1) * 100 if one.now else None
    by = "–" if change is None else f"{'+' if change > 0 else '−'}{abs(change):.1f} %"
    return [what, f"{amount(one.now, digits)} {unit}", f"{amount(one.then, digits)} {unit}", by, rival]


def form(path: Path) -> None:
    """Write the Excel form of a tender: a sheet for each kind of thing, what each column means in both languages."""
    from openpyxl import Workbook

    from seedbed.base.kept import whole_file
    from seedbed.operate.tender_form import SHEETS

    book = Workbook()
    for n, (name, columns) in enumerate(SHEETS.items()):
        sheet = book.active if n == 0 else book.create_sheet()
        assert sheet is not None
        sheet.title = name
        headed(sheet, columns, lambda column, lang, name=name: t(f"tender.form.{name}.{column}", lang))
    whole_file(path, book.save)
