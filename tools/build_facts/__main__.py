"""Make every table of facts from the folder of raw CSV files: `python tools/build_facts RAW_DIR`.

The raw compilation, and how to add a table, are described in docs/data.md. The result depends on the raw
files alone: running it twice gives the same bytes. `places`, `countries` and
`macro_conversion` are written by hand.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import carbon  # noqa: F401  (a recipe module registers its tables when it is imported)
import catalogues  # noqa: F401
import countries  # noqa: F401
import industry  # noqa: F401
import input_output  # noqa: F401
import power  # noqa: F401
import provinces  # noqa: F401
import report  # noqa: F401
import scenarios  # noqa: F401
import technology  # noqa: F401
import vehicles  # noqa: F401
from common import RECIPES, TABLES, Raw, write


def main() -> None:
    """Write all tables, or those named, and print their sizes."""
    parser = argparse.ArgumentParser(description="Make the tables of facts from the raw CSV files.")
    parser.add_argument("raw", type=Path, help="folder of raw CSV files (see docs/data.md)")
    parser.add_argument("--out", type=Path, default=TABLES, help="folder to write to")
    parser.add_argument("--only", nargs="*", metavar="TABLE", help="make only these tables")
    options = parser.parse_args()
    if not options.raw.is_dir():
        parser.error(f"{options.raw} is not a folder; name the folder of raw CSV files")
    for name in options.only or sorted(RECIPES):
        if name not in RECIPES:
            parser.error(f"no recipe makes {name!r}; there are {', '.join(sorted(RECIPES))}")
        path = write(name, Raw(options.raw), options.out)
        print(f"{name:32} {path.stat().st_size:>9,} bytes")


if __name__ == "__main__":
    main()
