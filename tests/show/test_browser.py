"""The page in a real browser: no error, no request, no sideways scrolling."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seedbed.base.text import Lang
from seedbed.show.document import Document
from seedbed.show.html import to_html


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_quiet_and_fits(
    browser: Any, report: Callable[[Lang], Document], tmp_path: Path, lang: Lang, width: int
) -> None:
    file = tmp_path / "report.html"
    file.write_text(to_html(report(lang)), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert wide <= width
