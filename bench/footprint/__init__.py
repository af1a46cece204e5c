"""Footprints and accounts, each beside the released bw2calc or pymrio in the same run: the ratio is the figure."""

from __future__ import annotations

from collections.abc import Iterator

from bench.measure import Result


def footprint(quick: bool) -> Iterator[Result]:
    """Every line of the table; what needs the raw material beside the repository is left out where that is absent."""
    from bench.footprint.accounts import accounts
    from bench.footprint.importing import importing, loading
    from bench.footprint.lca import lca

    for case in (loading, lca, importing, accounts):
        yield from case(quick)
