"""The page on databases explains every finding as the reports do."""

from __future__ import annotations

from pathlib import Path

from seedbed.lifecycle.gate.kinds import kinds

PAGE = Path(__file__).parents[3] / "docs" / "inventory.md"
TAKEN_OUT = {"process": "the process", "exchange": "the exchange", "uncertainty": "the distribution", "none": "nothing"}


def test_finding_would_be_explained_otherwise_or_not_at_all() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    wanted = [f"| {kind.label.en} | {kind.severity} | {TAKEN_OUT[kind.quarantine]} | {kind.meaning.en} |"
              for kind in kinds().values()]
    assert [line for line in lines if line in wanted] == wanted
