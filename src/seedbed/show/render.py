"""Chart options to SVG without a browser: ECharts' server-side rendering in an embedded V8 (mini-racer).

One JavaScript context is made on first use and kept. The same option and size give the same text.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Lock

from py_mini_racer import DEFAULT_V8_FLAGS, JSEvalException, MiniRacer, init_mini_racer

from seedbed.base.errors import InvalidInputError
from seedbed.show.theme import Option

STATIC = Path(__file__).parent / "static"
_LOCK = Lock()
_DRAW = """
function draw(option, width, height) {
  const chart = echarts.init(null, null, {renderer: 'svg', ssr: true, width, height});
  try { chart.setOption(option); return chart.renderToSVGString(); } finally { chart.dispose(); }
}
"""
# ECharts has no canvas here: rough advance widths of the shipped font, in em, keep labels apart.
_MEASURE = """
const NARROW = "ijl.,:;'|!I()[]{}ft-r/ \\u00b7\\u2013", WIDE = 'mwMW%@\\u2014\\u2026';
const em = c => c > '\\u2e7f' ? 1 : NARROW.includes(c) ? 0.34 : WIDE.includes(c) ? 0.92
  : 'A' <= c && c <= 'Z' ? 0.66 : 0.56;
echarts.setPlatformAPI({ measureText(text, font) {
  const size = parseFloat((/([\\d.]+)px/.exec(font || '') || [0, 12])[1]);
  return {width: [...text].reduce((sum, c) => sum + em(c), 0) * size};
}});
"""


@cache
def _context() -> MiniRacer:
    """The JavaScript context, made in a thread of its own.

    MiniRacer ties itself to the event loop that runs where it is made and dies with it; away from the caller
    (a web server, a test) it has a loop of its own. It is closed before the interpreter shuts down: its own
    clean-up comes too late, when the thread of its loop can no longer be joined. Whatever thread draws first, another
    may close it: memory keys, which only the first thread and those it starts would hold, are off.
    """
    init_mini_racer(flags=(*DEFAULT_V8_FLAGS, "--no-memory-protection-keys"), ignore_duplicate_init=True)
    with ThreadPoolExecutor(1) as aside:
        context = aside.submit(MiniRacer).result()
    atexit.register(context.close)
    for source in ((STATIC / "echarts.min.js").read_text(encoding="utf-8"), _MEASURE, _DRAW):
        context.eval(source)
    return context


_RARE = re.compile("[\U00010000-\U0010ffff\ud800-\udfff]")
"""Characters of two units in JavaScript, which it may cut in half; a chart shows the mark for a missing one instead."""


def svg(option: Option, width: int = 720, height: int | None = None) -> str:
    """`option` drawn as one `<svg>` of `width` × `height` CSS pixels; the default height suits its content.

    Ids inside are derived from the content, so several charts can stand in one page. Raises
    `InvalidInputError` when the option holds something that is not JSON or that ECharts refuses.
    """
    height = natural_height(option) if height is None else height
    try:
        text = _RARE.sub("\u3013", json.dumps(option, ensure_ascii=False, allow_nan=False, sort_keys=True))
    except (TypeError, ValueError) as error:
        raise InvalidInputError(
            f"is not plain JSON ({error}).",
            where="chart option",
            fix="use the functions of seedbed.show.charts.",
        ) from error
    with _LOCK:
        try:
            drawn = str(_context().eval(f"draw({text}, {width}, {height})"))
        except JSEvalException as error:
            raise InvalidInputError(
                f"was refused by ECharts: {error}.", where="chart option", fix="check its series and axes."
            ) from error
    return _own_ids(drawn, hashlib.sha256(f"{text}{width}{height}".encode()).hexdigest()[:8])


def _own_ids(drawn: str, name: str) -> str:
    """ECharts numbers ids and classes through the life of a context; here they are counted per drawing."""
    found: dict[str, str] = {}
    return re.sub(
        r"\bzr\d+-[a-z]+-?\d*", lambda match: found.setdefault(match[0], f"c{name}-{len(found)}"), drawn
    )


def natural_height(option: Option) -> int:
    """Pixels that suit the content: by rows where the vertical axis lists things, 300 otherwise."""
    axis = option.get("yAxis")
    if not isinstance(axis, dict) or axis.get("type") != "category":
        return 300
    rows, plot = len(axis["data"]), option["grid"]
    if axis.get("show") is False:  # a tile map: cells nearly square
        return plot["top"] + plot["bottom"] + rows * 58
    several = max(1, sum(s["type"] == "bar" and "stack" not in s for s in option["series"]))
    return plot["top"] + plot["bottom"] + 36 + rows * max(30, 18 * several)
