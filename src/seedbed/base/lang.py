"""The two languages; apart from `labels`, so that the command line can name them without loading schemas."""

import os
from typing import Literal

Lang = Literal["zh", "en"]


def spoken() -> Lang:
    """The language that is asked for: SEEDBED_LANG, else that of the environment's locale, else English."""
    named = os.environ.get("SEEDBED_LANG") or next(
        filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if named.lower().startswith("zh") else "en"
