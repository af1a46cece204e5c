"""Text of files that do not say their encoding: UTF-8, UTF-16, or the code page of the Windows that wrote them."""

from __future__ import annotations

import re
from contextlib import suppress

_USUAL = re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]")
"""Pairs of GB 2312: marks, and the 3,755 characters of daily use. Letters with accents seldom make such pairs."""
MOSTLY = 0.7


def decode(data: bytes) -> str:
    """The text of a file; what no encoding reads becomes a replacement character.

    Windows writes code page 936 in China, where letters come in pairs of bytes, and 1252 in the West.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    with suppress(UnicodeDecodeError):
        return data.decode("utf-8-sig")
    runs = re.findall(rb"[\x80-\xff]+", data)
    pairs = [run[at:at + 2] for run in runs for at in range(0, len(run) - 1, 2)]
    usual = sum(_USUAL.fullmatch(pair) is not None for pair in pairs)
    if pairs and usual >= MOSTLY * len(pairs) and sum(len(run) % 2 for run in runs) < 0.1 * len(runs):
        with suppress(UnicodeDecodeError):
            return data.decode("gb18030")
    return data.decode("cp1252", errors="replace")
