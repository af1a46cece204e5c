"""The first page: what the service offers, in both languages, without a script."""

from __future__ import annotations

from typing import Any

from seedbed.base.lang import Lang
from seedbed.show.document import Column, Document, Paragraph, TableBlock
from seedbed.show.html import to_html
from seedbed.show.words import t


def start(app: Any, lang: Lang) -> str:
    """Every route with what it does; verbs in the reader's language."""
    rows = []
    for path, methods in app.openapi()["paths"].items():
        for method, route in methods.items():
            name = path.removeprefix("/v1/")
            verb = route["operationId"] == name
            key = f"request.verb.{name}" if verb and method == "post" else f"service.about.{route['operationId']}"
            rows.append([f"{method.upper()} {path}", t(key, lang)])
    columns = [Column(t("service.route", lang)), Column(t("service.does", lang), weight=2)]
    return to_html(Document.of(t("service.title", lang), lang, [
        Paragraph(t("service.intro", lang)), TableBlock(columns, rows, "")]))
