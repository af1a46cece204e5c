"""Every string a reader sees, in Chinese and English, from `words/*.yaml`: `t("kind.mandatory", "zh")`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Formatter
from typing import Protocol

from seedbed.base.datafile import load_yaml
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.text import Lang

WORDS = Path(__file__).parent / "words"
UNITS_FILE = "units.yaml"
LANGUAGES: tuple[Lang, ...] = ("zh", "en")


class Label(Protocol):
    """Text in both languages: a `Text`, or a dict with `zh` and `en`."""

    def __getitem__(self, key: Lang, /) -> str: ...


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every key with its `{zh, en}`; raises `InvalidInputError` for an incomplete entry or a repeated key."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(WORDS.glob("*.yaml")):
        if path.name == UNITS_FILE:
            continue
        for key, entry in _flat(load_yaml(path), "", path.name):
            if key in found:
                raise InvalidInputError(
                    f"key {key!r} stands in two files.", where=path.name, fix="keep one of them."
                )
            found[key] = entry
    return found


def _flat(node: object, prefix: str, file: str) -> list[tuple[str, dict[str, str]]]:
    """The entries below `node` as (dotted key, {zh, en})."""
    if not isinstance(node, dict):
        raise InvalidInputError(f"{prefix!r} is not a text.", where=file, fix="write {zh: …, en: …} there.")
    if "zh" in node or "en" in node:
        if set(node) != {"zh", "en"} or not all(isinstance(v, str) and v for v in node.values()):
            raise InvalidInputError(
                f"{prefix!r} is incomplete.", where=file, fix="give it exactly zh and en."
            )
        return [(prefix, node)]
    return [
        pair for name, child in node.items() for pair in _flat(child, f"{prefix}.{name}".lstrip("."), file)
    ]


def t(key: str, lang: Lang, **fields: object) -> str:
    """The text of `key` in `lang` with `fields` filled in.

    Raises `UnknownNameError` for a key that is not in the catalogue and `InvalidInputError` when the fields
    given are not exactly those the text names.
    """
    entry = catalogue().get(key)
    if entry is None:
        raise UnknownNameError("text key", key, catalogue())
    wanted = placeholders(entry[lang])
    if wanted != set(fields):
        raise InvalidInputError(
            f"needs the fields {sorted(wanted)}, got {sorted(fields)}.",
            where=f"text {key!r}",
            fix="pass exactly those to t(...).",
        )
    return entry[lang].format(**fields)


def about(verb: str, field: str, lang: Lang) -> str:
    """What a field of a verb's request means: the verb's own words for it, else those that all share."""
    own = f"request.{verb}.{field}"
    return t(own if own in catalogue() else f"request.field.{field}", lang)


def placeholders(text: str) -> set[str]:
    """The names of the fields a text wants."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}
