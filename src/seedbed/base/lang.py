"""The two languages; apart from `labels`, so that the command line can name them without loading schemas."""

import os
from typing import Literal

Lang = Literal["zh", "en"]


def spoken() -> Lang:
    """The language that the environment asks for (SEEDBED_LANG), else English."""
    return "zh" if os.environ.get("SEEDBED_LANG") == "zh" else "en"
