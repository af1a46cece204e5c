"""What the command line says in sentences (errors, fixes, help), in Chinese.

The code says them in English, where they are needed; `sentences.yaml` holds each in Chinese, `{1}` for the first thing
filled in. A sentence is found by what it says around its holes, the longest first; what fills a hole may be one itself.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from seedbed.base.datafile import load_yaml
from seedbed.base.lang import Lang

SENTENCES = Path(__file__).parent / "sentences.yaml"


@cache
def sections() -> dict[str, dict[str, str]]:
    """English to Chinese: `own` sentences, `words` that fill holes (`{}`), and `foreign` sentences of libraries."""
    return load_yaml(SENTENCES)  # type: ignore[return-value]


@cache
def chinese() -> dict[str, str]:
    """All of them."""
    return {english: text for section in sections().values() for english, text in section.items()}


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Sentences with holes, those that say most first."""
    holed = sorted((text for text in chinese() if "{}" in text), key=lambda text: -len(text.replace("{}", "")))
    return [(re.compile("(.*?)".join(map(re.escape, text.split("{}"))), re.DOTALL), chinese()[text]) for text in holed]


def said(sentence: str, lang: Lang) -> str:
    """`sentence` in `lang`; as it is where its Chinese is not known."""
    if lang == "en" or not sentence:
        return sentence
    if sentence in chinese():
        return chinese()[sentence]
    for pattern, text in _patterns():
        if found := pattern.fullmatch(sentence):
            return re.sub(r"\{(\d+)\}", lambda hole: said(found[int(hole[1])], lang), text)
    return sentence
