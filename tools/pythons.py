"""The other Pythons of this machine that Seedbed supports: `pythons.py` lists their versions, `pythons.py 3.13` a path.

Those are looked for that run as `python3.N`, and those that pyenv holds; the version that runs this is left out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST, NEWEST = 11, 20


def found() -> dict[str, str]:
    """A path for each version but this one."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    paths = [path for n in range(OLDEST, NEWEST) if (path := shutil.which(f"python3.{n}"))]
    paths += [str(path) for path in sorted(pyenv.glob("3.*/bin/python"))]
    versions = {version: path for path in paths if (version := _version(path))}
    return {version: versions[version] for version in sorted(versions, key=lambda v: int(v.split(".")[1]))}


def _version(path: str) -> str | None:
    """The version of a Python that runs and is wanted."""
    done = subprocess.run([path, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"], text=True,
                          capture_output=True, check=False)
    known = re.fullmatch(r"3\.(\d+)", done.stdout.strip())
    return known[0] if known and int(known[1]) >= OLDEST and int(known[1]) != sys.version_info.minor else None


if __name__ == "__main__":
    print(found()[sys.argv[1]] if len(sys.argv) > 1 else " ".join(found()))
