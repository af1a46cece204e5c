"""Hand the words to the web application and build it: `python tools/web.py [--words]`.

The bundle in src/seedbed/service/web is committed, so that a user needs no node; a test builds it anew and compares.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from seedbed.base.years import DECIDE, MIDWAY, START, UNTIL
from seedbed.show.words import catalogue

WEB = Path(__file__).parents[1] / "web"
HANDED = ("web.", "kind.", "document.skip", "step.")


def words() -> str:
    """The words that the application uses, as the file it reads them from."""
    found = {key: entry for key, entry in sorted(catalogue().items()) if key.startswith(HANDED)}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def years() -> str:
    """The years that the application begins with."""
    return json.dumps({"start": START, "decide": DECIDE, "midway": MIDWAY, "until": UNTIL}) + "\n"


def main() -> None:
    """Write words and years; without `--words` install what the lock names, check and build."""
    made = WEB / "src" / "made"
    (made / "words.json").write_text(words(), encoding="utf-8")
    (made / "years.json").write_text(years(), encoding="utf-8")
    if "--words" not in sys.argv:
        for command in (["ci", "--silent"], ["run", "check"], ["run", "build"]):
            subprocess.run(["npm", *command], cwd=WEB, check=True)


if __name__ == "__main__":
    main()
