"""The command line as a process on every other Python that `make test` found: it works, and it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
OTHERS = {p.parts[-3].removeprefix(".venv-"): str(p) for p in sorted(PROJECT.glob(".venv-3.*/bin/python"))}
pytestmark = [pytest.mark.xdist_group("plan"),  # whose programs it uses
              pytest.mark.skipif(not OTHERS, reason="this machine has no other Python that is supported")]
WORDS = [("policy", "timeline", "--lang", "zh"), ("footprint", "steel", "--to", "steel.pdf"),
         ("simulate", "vehicles", "--place", "gansu", "--netcdf", "out.nc")]


@pytest.fixture(params=OTHERS.values(), ids=list(OTHERS))
def python(request: pytest.FixtureRequest) -> str:
    return request.param


def test_a_plan_writes_its_reports_and_ends(seedbed_on, python: str, tmp_path: Path) -> None:
    done = seedbed_on(python, "plan", "gansu", "--members", "16", "--markets", "vehicles", "--until", "2030",
                      cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "gansu" / "report.zh.pdf").read_bytes().startswith(b"%PDF")


def test_other_commands_work_and_end(seedbed_on, python: str, tmp_path: Path) -> None:
    for words in WORDS:
        done = seedbed_on(python, *words, cwd=tmp_path)
        assert done.returncode == 0, (words, done.stderr)
        assert done.stdout.strip(), words
    assert (tmp_path / "steel.pdf").stat().st_size > 10_000


def test_an_error_is_one_line_and_code_2(seedbed_on, python: str, tmp_path: Path) -> None:
    done = seedbed_on(python, "plan", "gansoo", cwd=tmp_path)
    assert done.returncode == 2
    assert "gansu" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
