"""`python -m bench [NAME…] [--quick] [--json FILE]`: measure, print a table, say what is met.

`footprint`, `lab`, `operate`, `optimise`, `pairwise` and `proof` are tables of their own and run only when named.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.cases import CASES
from bench.footprint import footprint
from bench.lab import lab
from bench.measure import Result, machine, write
from bench.operate import operate
from bench.optimise import optimise
from bench.pairwise import pairwise
from bench.proof import proof


def main() -> None:
    """Run the named cases (default: all)."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    known = CASES | {"footprint": footprint, "lab": lab, "operate": operate, "optimise": optimise,
                     "pairwise": pairwise, "proof": proof}
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help=f"of {', '.join(known)} (default: those that are no table of their own)")
    parser.add_argument("--quick", action="store_true", help="fewer runs, small ensembles")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write machine and results here")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(known)
    if unknown:
        parser.error(f"unknown case {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    results = [r for name in asked.names or CASES for r in known[name](asked.quick)]
    Console().print(" · ".join(f"{k} {v}" for k, v in machine().items()))
    Console().print(_table(results))
    if asked.json:
        write(results, asked.json)


def _table(results: list[Result]) -> Table:
    table = Table("what", "target", "measured", "ratio", "met", "note")
    for r in results:
        target = "" if r.target is None else f"{'≥' if r.at_least else '≤'} {r.target:g} {r.unit}"
        ratio = "" if r.ratio is None else f"{r.ratio:.2f}"
        met = {None: "", True: "yes", False: "no"}[r.met]
        table.add_row(r.what, target, f"{r.measured:.3g} {r.unit}", ratio, met, r.note)
    return table


if __name__ == "__main__":
    main()
