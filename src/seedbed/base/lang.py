"""The two languages; apart from `labels`, so that the command line can name them without loading schemas."""

from typing import Literal

Lang = Literal["zh", "en"]
