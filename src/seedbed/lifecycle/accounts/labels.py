"""Names of rows that accounts add to the tables of others, from labels.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from seedbed.base.datafile import load
from seedbed.base.text import Model, Text


class Added(Model):
    """What labels.yaml holds: carbon dioxide as a stressor, total output, imported inputs."""

    co2: Text
    output: Text
    imports: Text


@cache
def added() -> Added:
    """The names as shipped."""
    return load(Path(__file__).parent / "labels.yaml", Added)
