"""Writes docs/schemes.md and docs/schemes.zh.md from the schemes; a test holds them up to date.

    python tools/scheme_pages.py
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from seedbed.base.text import Lang
from seedbed.operate.assess import spelled
from seedbed.operate.scheme import AREAS, FOLDER, Ask, Scheme, known, read
from seedbed.show.operate.assess import ruled
from seedbed.show.operate.scheme import said
from seedbed.show.words import t

DOCS = Path(__file__).parent.parent / "docs"
FILES: dict[Lang, str] = {"en": "schemes.md", "zh": "schemes.zh.md"}


def page(lang: Lang) -> str:
    """The page of all shipped schemes in a language."""
    found = sorted((read(path) for path in FOLDER.glob("*/scheme.yaml")), key=lambda one: one.id)
    lines = [f"# {t('scheme.list', lang)}", "", t("scheme.page", lang, count=len(found)), ""]
    for area in AREAS:
        lines += [f"## {t(f'scheme.area.{area}', lang)}", ""]
        for one in found:
            if one.area == area:
                lines += _scheme(one, lang)
    return "\n".join(lines).rstrip() + "\n"


def _scheme(one: Scheme, lang: Lang) -> Iterator[str]:
    instrument = f" · {t('scheme.instrument', lang)} `{one.instrument}`" if one.instrument else ""
    yield from (f"### {one.label[lang]}", "", one.about[lang], "", f"`{one.id}`{instrument}", "")
    asks = [*((name, ask) for name, ask in one.asks.items()),
            *((f"{name}.{column}", ask) for name, rows in one.asks.items() for column, ask in rows.columns.items())]
    yield from _table([t(f"scheme.{name}", lang) for name in ("field", "meaning", "unit", "default")],
                      [[f"`{name}`", said(ask, lang), ask.unit, _default(ask, lang)] for name, ask in asks])
    steps = [[f"`{step.name}`", step.label[lang], f"`{spelled(step)}`", step.unit] for step in one.steps]
    steps += [[f"`{name}`", made.label[lang], f"`{made.formula}`" if made.formula else "", made.unit]
              for name, made in one.lines.items()]
    yield from _table([t(f"scheme.{name}", lang) for name in ("line", "meaning", "formula", "unit")], steps)
    rules = [[rule.label[lang], _value(ruling.value, rule.unit, lang), *ruled(ruling, rule.unit, lang)[1:]]
             for rule in one.rules.values() for ruling in rule.values]
    yield from _table([t(f"assess.{name}", lang) for name in ("rule", "value", "holds", "document", "status")], rules)
    cases = [[case.id, case.title[lang], ", ".join(f"{name} = {value}" for name, value in case.expected.items()),
              case.source] for case in known(one)]
    yield from _table([t(f"scheme.{name}", lang) for name in ("id", "known", "gives", "source")], cases)


def _default(ask: Ask, lang: Lang) -> str:
    if ask.default not in (None, []):
        return f"`{ask.default}`"
    return t("scheme.optional" if ask.optional or ask.default == [] else "scheme.required", lang)


def _value(value: Any, unit: str, lang: Lang) -> str:
    return t("assess.table_value", lang) if isinstance(value, dict) else f"{value} {unit}".strip()


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
    yield ""


if __name__ == "__main__":
    for each, name in FILES.items():
        (DOCS / name).write_text(page(each), encoding="utf-8")
