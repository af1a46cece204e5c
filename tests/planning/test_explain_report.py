"""An explanation for readers: the section of the report, pages and files, in both languages."""

from __future__ import annotations

import csv
import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed.base.text import Lang
from seedbed.market.world import default_world
from seedbed.planning.explain import Explanation
from seedbed.planning.explain.game import OUTCOMES
from seedbed.planning.explain.trace import Trace, trace
from seedbed.planning.plan import Plan
from seedbed.show.document import Figure, TableBlock
from seedbed.show.explain import page, tables
from seedbed.show.explain.trace import Traced
from seedbed.show.explain.why import Told, blocks
from seedbed.show.html import to_html
from seedbed.show.pdf import to_pdf
from seedbed.show.render import svg
from seedbed.show.report import document as report
from seedbed.show.write import write

LANGS: tuple[Lang, ...] = ("zh", "en")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _found(plan: Plan) -> Trace:
    scenario = plan.case.scenario("as_is", plan.improvement.rule)
    return trace(plan.case, scenario, "as_is", "vehicles", "bev", 2030, default_world())


def _traced(plan: Plan, lang: Lang) -> Traced:
    return Traced(lang, _found(plan))


def _numbers(cell: str) -> float:
    """The first number of a cell."""
    found = re.search(r"-?[\d,.]+", cell)
    assert found, cell
    return float(found[0].replace(",", ""))


@pytest.mark.parametrize("lang", LANGS)
def test_the_report_has_the_section_with_its_charts_and_cites_how_it_was_made(gansu, lang):
    document = report(gansu, lang)
    section = next(s for s in document.sections if s.id == "why")
    assert sum(isinstance(b, Figure) for b in section.blocks) == 4
    assert sum(isinstance(b, TableBlock) for b in section.blocks) == 4
    assert "why" in document.evidence()


@pytest.mark.parametrize("lang", LANGS)
def test_written_parts_add_up_to_the_written_total(gansu, lang):
    told = Told(lang, gansu.why)
    for block in blocks(told):
        if isinstance(block, TableBlock) and len(block.columns) == 6 and block.columns[0].label == "":
            for row in block.rows:
                *parts, total = (_numbers(cell) for cell in row[1:])
                assert sum(parts) == pytest.approx(total, abs=0.02 * max(map(abs, parts)))
            break
    else:
        pytest.fail("the table of kinds is missing")


@pytest.mark.parametrize("lang", LANGS)
def test_every_outcome_can_be_told_in_detail_without_a_word_of_the_other_language(gansu, lang):
    told = Told(lang, gansu.why)
    for outcome in OUTCOMES:
        for block in tables.detail(told, outcome):
            if isinstance(block, Figure):
                written = html.unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg(block.option))))
            else:
                assert isinstance(block, TableBlock)
                heads = [block.caption, *(column.label for column in block.columns)]
                written = " ".join([*heads, *(cell for row in block.rows for cell in row)])
            assert bool(CHINESE.search(written)) == (lang == "zh"), outcome


def test_instruments_of_an_outcome_add_up_to_its_kinds(gansu):
    told = Told("en", gansu.why)
    for outcome in OUTCOMES:
        total = sum(value for _, _, value, _ in tables.ranked(told, outcome))
        assert total == pytest.approx(float(gansu.why.of_kinds(outcome).sum()), rel=1e-9, abs=1e-6)


def test_the_page_of_an_explanation_renders_in_both_forms(gansu):
    assert "<script" not in to_html(page.document(gansu.why, "en", outcome="jobs"))
    assert to_pdf(page.document(gansu.why, "zh")).startswith(b"%PDF")


def _files(folder: Path, found: Explanation | Trace) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """What is written as rows and as data."""
    for name in ("found.csv", "found.json"):
        write(folder / name, page.written(found, "en"))
    with (folder / "found.csv").open(encoding="utf-8-sig") as table:
        return list(csv.DictReader(table)), json.loads((folder / "found.json").read_text(encoding="utf-8"))


def test_files_of_an_explanation_hold_every_kind_market_outcome_and_year(gansu, tmp_path):
    rows, body = _files(tmp_path, gansu.why)
    kinds = [r for r in rows if r["part"] == "kind"]
    assert len(kinds) == 3 * 5 * np.prod(gansu.why.main.base.shape)
    assert {r["part"] for r in rows} == {"kind", "measure", "swing"}
    assert body["place"] == "CN-GS"


def test_files_of_a_trace_hold_terms_that_add_up_and_parameters_with_sources(gansu, tmp_path):
    told = _traced(gansu, "en")
    rows, body = _files(tmp_path, told.trace)
    household = body["costs"]["household"]
    assert household["purchase"] > 0 >= household["subsidy"]
    assert {"price", "alpha", "carrier_price.electricity"} <= {p["name"] for p in body["parameters"]}
    utility = [float(r["value"]) for r in rows if r["part"] == "term of utility" and r["outcome"] == "household"]
    assert sum(utility) == pytest.approx(float(told.trace.terms[2, told.row].sum()))
    assert all(r["source"] for r in rows if r["part"] == "parameter")


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_of_a_trace_names_terms_of_the_equation_and_sources(gansu, lang):
    written = to_html(page.document(_found(gansu), lang))
    assert "[3]" in written
    assert "bev.price" in written
    assert ("燃油车" in written) == (lang == "zh")
