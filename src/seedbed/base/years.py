"""The years that the product stands in, each with its reason in `years.yaml`: next January is one edit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seedbed.base.datafile import load_yaml

FILE = Path(__file__).with_name("years.yaml")
_known: Any = load_yaml(FILE)
FIRST, LATEST, REFERENCE, START, DECIDE, MIDWAY, UNTIL, LAST = (
    int(_known[name]["year"])
    for name in ("first", "latest", "reference", "start", "decide", "midway", "until", "last"))
