"""Text of files that do not say their encoding: UTF-8, UTF-16, or the code page of the Windows that wrote them."""

from __future__ import annotations

import re
from contextlib import suppress

_DAILY = re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]")
"""Pairs of GB 2312: marks, and the 3,755 characters of daily use. Letters with accents seldom make such pairs."""
_RARER = re.compile(rb"[\xd8-\xf7][\xa1-\xfe]")
"""Its other characters, such as those of rare metals."""
_LETTERS = re.compile(rb"[\xc0-\xd6\xd8-\xf6\xf8-\xff]+")
_SIGNS = re.compile(rb"[\xaa\xb0-\xb7\xb9\xba\xbc-\xbe\xd7\xf7]+")
"""Letters with accents, and signs such as ² · ° ± µ ×, of Western texts; two of a kind may stand side by side there."""
MOSTLY = 0.7


def decode(data: bytes) -> str:
    """The text of a file; what no encoding reads becomes a replacement character.

    Windows writes code page 936 in China, where letters come in pairs of bytes, and 1252 in the West.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    with suppress(UnicodeDecodeError):
        return data.decode("utf-8-sig")
    runs = [run for run in re.findall(rb"[\x80-\xff]+", data) if not _SIGNS.fullmatch(run)]
    pairs = [(run, run[at:at + 2]) for run in runs for at in range(0, len(run) - 1, 2)]
    usual = sum(_chinese(*pair) for pair in pairs)
    if pairs and usual >= MOSTLY * len(pairs) and sum(len(run) % 2 for run in runs) < 0.1 * len(runs):
        with suppress(UnicodeDecodeError):
            return data.decode("gb18030")
    return data.decode("cp1252", errors="replace")


def _chinese(run: bytes, pair: bytes) -> bool:
    """Whether two bytes of a run are rather a Chinese character than two Western ones."""
    return bool(_DAILY.fullmatch(pair) or (_RARER.fullmatch(pair) and not _LETTERS.fullmatch(run)))
