"""An explanation for readers: the section of the report, pages and files, in both languages."""

from __future__ import annotations

import csv
import html
import io
import json
import re

import numpy as np
import pytest

from seedbed.base.text import Lang
from seedbed.market.arrays import Scenario
from seedbed.market.world import default_world
from seedbed.planning.explain.game import OUTCOMES
from seedbed.planning.explain.parameters import parameters
from seedbed.planning.explain.trace import trace
from seedbed.planning.scenarios import SCENARIOS
from seedbed.show.document import Figure, TableBlock
from seedbed.show.explain import files, tables
from seedbed.show.explain.page import page, traced_page
from seedbed.show.explain.trace import Traced
from seedbed.show.html import to_html
from seedbed.show.pdf import to_pdf
from seedbed.show.render import svg
from seedbed.show.report import report
from seedbed.show.report.why import Told, blocks

LANGS: tuple[Lang, ...] = ("zh", "en")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _traced(plan, lang: Lang) -> Traced:
    row = SCENARIOS.index("as_is")
    scenario = Scenario(*(part[row] for part in plan.case.scenarios(plan.improvement.rule)))
    found = trace(plan.case, scenario, "as_is", "vehicles", 2030)
    return Traced(lang, found, "bev", parameters(found, "bev", default_world()))


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
    assert "<script" not in to_html(page(Told("en", gansu.why), "jobs"))
    assert to_pdf(page(Told("zh", gansu.why), "emissions")).startswith(b"%PDF")


def test_files_of_an_explanation_hold_every_kind_market_outcome_and_year(gansu):
    rows = list(csv.DictReader(io.StringIO(files.to_csv(gansu.why))))
    kinds = [r for r in rows if r["part"] == "kind"]
    assert len(kinds) == 3 * 5 * np.prod(gansu.why.main.base.shape)
    assert {r["part"] for r in rows} == {"kind", "measure", "swing"}
    assert json.loads(files.to_json(gansu.why))["place"] == "CN-GS"


def test_files_of_a_trace_hold_terms_that_add_up_and_parameters_with_sources(gansu):
    told = _traced(gansu, "en")
    body = json.loads(files.to_json(told))
    household = body["costs"]["household"]
    assert household["purchase"] > 0 >= household["subsidy"]
    assert {"price", "alpha", "carrier_price.electricity"} <= {p["name"] for p in body["parameters"]}
    rows = list(csv.DictReader(io.StringIO(files.to_csv(told))))
    utility = [float(r["value"]) for r in rows if r["part"] == "term of utility" and r["outcome"] == "household"]
    assert sum(utility) == pytest.approx(float(told.trace.terms[2, told.row].sum()))
    assert all(r["source"] for r in rows if r["part"] == "parameter")


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_of_a_trace_names_terms_of_the_equation_and_sources(gansu, lang):
    written = to_html(traced_page(_traced(gansu, lang)))
    assert "[3]" in written
    assert "bev.price" in written
    assert ("燃油车" in written) == (lang == "zh")
