"""What keeps the house in order: one room for what is shown, one request a verb, one door."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import seedbed
from seedbed.show import results
from seedbed.show.words import catalogue
from seedbed.verbs import VERBS

PACKAGE = Path(seedbed.__file__).parent
CJK = re.compile(r"[\u3000-\u303f\u4e00-\u9fff]")
OUTSIDE = [path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] != "show"]


def test_no_table_is_drawn_outside_show() -> None:
    drawing = ("add_row(", "rich.table", "rich.tree", "plotext")
    assert not [path.name for path in OUTSIDE if any(word in path.read_text(encoding="utf-8") for word in drawing)]


def test_no_chinese_is_written_outside_show_and_data() -> None:
    found = []
    for path in OUTSIDE:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = {id(node.body[0].value) for node in ast.walk(tree)
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
                and isinstance(node.body[0], ast.Expr)}
        found += [f"{path.relative_to(PACKAGE)}: {node.value}" for node in ast.walk(tree)
                  if isinstance(node, ast.Constant) and isinstance(node.value, str) and CJK.search(node.value)
                  and id(node) not in said]
    assert not found


@pytest.mark.parametrize("name", sorted(VERBS))
def test_a_request_has_the_parameters_and_defaults_of_its_verb_and_a_word_for_each(name: str) -> None:
    verb = VERBS[name]
    asked = {field: found for field, found, _ in verb.request.fields()}
    known = {p.name: p for p in inspect.signature(verb.function).parameters.values() if p.name not in verb.local}
    assert set(asked) == set(known)
    for field, found in asked.items():
        default = known[field].default
        assert found.is_required() == (default is inspect.Parameter.empty), field
        if not found.is_required() and not isinstance(default, tuple):
            assert found.default == default, field
        assert f"request.{name}.{field}" in catalogue() or f"request.field.{field}" in catalogue(), field
    assert f"request.verb.{name}" in catalogue()


def test_the_door_opens_fast_and_loads_nothing_heavy() -> None:
    code = ("import sys, seedbed; print(seedbed.__version__);"
            "print(sorted({'jax', 'numpy', 'polars', 'xarray', 'pydantic'} & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=True)
    assert done.stdout.splitlines()[1] == "[]"


@pytest.mark.parametrize("name", seedbed.__all__)
def test_every_name_at_the_door_is_there(name: str) -> None:
    assert getattr(seedbed, name) is not None


def test_results_show_themselves_in_few_lines_and_as_a_page_with_a_chart() -> None:
    for found in (seedbed.simulate("vehicles", until=2026), seedbed.footprint("steel"), seedbed.stage("cement")):
        assert len(repr(found).splitlines()) <= 15
        page = found._repr_html_()
        assert "<table" in page
        assert "<svg" in page
        assert type(found).__name__ in results.HOMES
