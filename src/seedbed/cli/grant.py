"""`seedbed grant`: record, list, show."""

from __future__ import annotations

from seedbed.cli.record import nouns

app = nouns("grant")
