"""What is understood of a file of one's own, by the schema that its keys tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from seedbed.base.datafile import load_yaml, parse
from seedbed.base.errors import InvalidInputError
from seedbed.base.evidence import Quantity
from seedbed.base.kept import home
from seedbed.base.text import Lang
from seedbed.market.definition import Definition, Technology
from seedbed.operate.scheme import read as read_scheme
from seedbed.policy.instrument import Instrument, library
from seedbed.policy.mix import Mix
from seedbed.show import policy
from seedbed.show.document import Callout, Column, Document, Section, TableBlock
from seedbed.show.operate import scheme
from seedbed.show.speaker import Speaker

TELLING = {"technologies": "market", "lever": "instrument", "instruments": "mix", "asks": "scheme"}
"""The key that only files of one kind have."""
NUMBERS = ("price", "om", "lifetime", "service", "learning_rate", "embodied", "jobs_build", "jobs_operate")


def document(path: Path, lang: Lang) -> Document:
    """The file as Seedbed reads it. Raises InvalidInputError with the key, and the fix, of what cannot be."""
    if not path.is_file():
        raise InvalidInputError("there is no such file.", where=str(path), fix="correct the path.")
    raw = load_yaml(path)
    kinds = [kind for key, kind in TELLING.items() if isinstance(raw, dict) and key in raw]
    if not kinds:
        raise InvalidInputError("is no market, instrument, mix or scheme.", where=path.name,
                                fix="give one of the keys technologies, lever, instruments, asks.")
    c, kind = Speaker(lang), kinds[0]
    if kind == "market":
        page, id_ = market(parse(raw, Definition, where=path.name), c), path.stem
    elif kind == "instrument":
        one = parse(raw, Instrument, where=path.name)
        page, id_ = policy.about(one, lang), one.id
    elif kind == "mix":
        return _good(c, kind, mix(Mix.from_dict(raw), c))  # type: ignore[arg-type]
    else:
        page, id_ = scheme.document(read_scheme(path), lang), path.parent.name
    folder = home() / f"{kind}s"
    where = folder / id_ / path.name if kind == "scheme" else folder / f"{id_}.yaml"
    return _good(c, kind, page, Callout(c.t("check.keep", path=where)))


def _good(c: Speaker, kind: str, page: Document, *more: Callout) -> Document:
    said = Callout(c.t("check.good", kind=c.t(f"check.{kind}")), "info")
    return replace(page, sections=[*page.sections, Section("check", "", [said, *more])])


def market(one: Definition, c: Speaker) -> Document:
    """Each technology with its numbers in their units; what its demand is; the instruments that reach it."""
    columns = [Column(c.t("check.technology")), *(Column(c.t(f"check.{name}"), "right") for name in NUMBERS),
               Column(c.t("check.energy")), Column(c.t("check.known"))]
    rows = [[f"{'● ' if t.green else '○ '}{t.label[c.lang]}", *(_number(getattr(t, name)) for name in NUMBERS),
             c.join([f"{carrier} {_number(use)}" for carrier, use in t.energy.items()]), _known(t, c)]
            for t in one.technologies]
    reached = [i.label[c.lang] for i in library().values() if i.reaches(one.id)]
    about = [[c.t("check.demand"), f"{c.t(f'check.{one.demand.kind}')}: {one.service_unit[c.lang]}"],
             [c.t("check.capacity"), one.capacity_unit[c.lang]], [c.t("check.potential"), _number(one.potential)],
             [c.t("check.instruments"), c.join(reached)]]
    return Document.of(one.label[c.lang], c.lang, [
        TableBlock(columns, rows, "", c.t("check.green")), TableBlock([Column(""), Column("", weight=4)], about, "")])


def _number(stated: object) -> str:
    return f"{stated.value:,.6g} {stated.unit}" if isinstance(stated, Quantity) else str(stated or "")


def _known(one: Technology, c: Speaker) -> str:
    return c.t("check.observed" if one.observed else "check.shares" if one.shares else "check.remainder")


def mix(one: Mix, c: Speaker) -> Document:
    """Intensity by instrument and year."""
    rows = [[c.instrument(name), str(year), str(strength)] for name, years in one.schedules.items()
            for year, strength in sorted(years.items())]
    columns = [Column(c.t("check.instrument")), Column(c.t("check.year")), Column(c.t("check.intensity"), "right")]
    return Document.of(one.name, c.lang, [TableBlock(columns, rows, "")])
