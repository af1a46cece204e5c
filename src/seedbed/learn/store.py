"""Where stored results of learning lie, and the hash of the code that made them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import seedbed

PACKAGE = Path(seedbed.__path__[0])


def code_sha256(names: Iterable[str]) -> str:
    """Hash of files of the package, named from its folder on; the first 16 digits."""
    digest = hashlib.sha256()
    for name in names:
        digest.update((PACKAGE / name).read_bytes())
    return digest.hexdigest()[:16]
